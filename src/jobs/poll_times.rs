//! When the run of a batch is polled next.

use std::time::{Duration, Instant};

use crate::ledger::{BatchRecord, BatchState};

/// First delay before a run is polled, if it is the only one.
const FIRST_LOOK: Duration = Duration::from_millis(100);
/// First delay if many runs are open, since polling all of them at once would only cost calls.
const FIRST_OF_MANY: Duration = Duration::from_secs(1);
/// Maximum delay between two polls of a run.
const LONGEST_LOOK: Duration = Duration::from_secs(60);

/// When a batch is polled next, and how often it was polled without success.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    pub due: Instant,
    pub looks: u32,
}

/// The last known state of a run.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The state as the API spells it.
    pub status: String,
    /// Whether this version knows the state.
    pub known: bool,
    pub at: Instant,
}

/// How long the runs of a job usually take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Habits {
    /// Number of runs in flight.
    pub open: usize,
    /// Duration of the quicker ones of the ended runs, as far as it was observed.
    pub typical: Option<Duration>,
}

impl Habits {
    /// `batches` are those in flight, and `took` are durations of recently ended runs in
    /// microseconds.
    pub fn of(batches: &[BatchRecord], mut took: Vec<i64>) -> Self {
        let open = batches.iter().filter(|batch| batch.state == BatchState::Accepted).count();
        took.extend(
            batches.iter().filter_map(|batch| Some(batch.finished_at? - batch.accepted_at?)),
        );
        took.retain(|took| *took > 0);
        took.sort_unstable();
        // The end of a run is noticed only at the next poll, so durations are overestimated. The
        // first quartile is the best estimate, and a first poll at half of it shows whether even
        // that is too long.
        let typical = took.get(took.len() / 4);
        let typical = typical.and_then(|micros| u64::try_from(*micros).ok());
        Self { open, typical: typical.map(Duration::from_micros) }
    }

    /// The delay before the next poll, after `looks` polls without success. `jitter` is in 0..1.
    pub fn pause(self, looks: u32, jitter: f64) -> Duration {
        let many = u32::try_from(self.open.max(1)).unwrap_or(u32::MAX);
        let first = FIRST_LOOK.saturating_mul(many).min(FIRST_OF_MANY);
        let (first, growth) = match self.typical {
            // Half of the usual duration, then a tenth of it, and growing only after that.
            Some(typical) if looks == 0 => (first.max(typical / 2), 0),
            Some(typical) => (first.max(typical / 10), looks.saturating_sub(5)),
            None => (first, looks),
        };
        let grown = first.saturating_mul(1 << growth.min(16)).min(LONGEST_LOOK);
        grown.mul_f64(0.75 + 0.25 * jitter.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_run_of_a_job_is_looked_at_after_a_tenth_of_a_second() {
        let alone = Habits { open: 1, typical: None };
        assert_eq!(alone.pause(0, 1.0), Duration::from_millis(100));
        assert_eq!(alone.pause(3, 1.0), Duration::from_millis(800));
        assert_eq!(alone.pause(40, 1.0), LONGEST_LOOK);
        assert_eq!(Habits { open: 500, typical: None }.pause(0, 1.0), Duration::from_secs(1));
    }

    #[test]
    fn waits_follow_how_long_runs_have_taken() {
        let slow = Habits { open: 1, typical: Some(Duration::from_secs(100)) };
        assert_eq!(slow.pause(0, 1.0), Duration::from_secs(50));
        assert_eq!(slow.pause(1, 1.0), Duration::from_secs(10));
        assert_eq!(slow.pause(5, 1.0), Duration::from_secs(10));
        assert_eq!(slow.pause(30, 1.0), LONGEST_LOOK);
        let quick = Habits { open: 1, typical: Some(Duration::from_millis(20)) };
        assert_eq!(quick.pause(0, 1.0), Duration::from_millis(100));
    }
}
