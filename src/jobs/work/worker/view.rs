//! What a worker knows about a job's batches.

use std::{
    cmp::Reverse,
    time::{Duration, Instant},
};

use super::{
    super::{
        super::poll_times::{Clock, Habits},
        in_doubt::Settled,
    },
    READING, Worker,
    sending::Sending,
};
use crate::{
    error::Result,
    ledger::{BatchState, OpenUnits},
};

/// Maximum time between two reads of the ledger, so that the work of other processes is noticed.
pub(super) const LONGEST_ROUND: Duration = Duration::from_secs(30);
/// How soon the ledger is read again if only other processes have something to do.
const OTHERS: Duration = Duration::from_secs(1);

impl Worker<'_> {
    /// How long what was read from the ledger is used. A worker knows its own changes.
    pub(super) fn reading(&self, took: Duration) -> Duration {
        let dear = took.saturating_mul(READING);
        if self.next_start().is_none() && !self.is_busy() {
            // Other processes may be working on the job, and this worker is waiting for them.
            dear.max(OTHERS)
        } else {
            dear.max(LONGEST_ROUND)
        }
    }

    pub(super) fn is_stale(&self) -> bool {
        self.read.is_none_or(|(at, took)| at.elapsed() >= self.reading(took))
    }

    /// Reads the batches from the ledger, and decides about those in doubt.
    pub(super) async fn read_batches(&mut self) -> Result<()> {
        let id = self.job.inner.id;
        loop {
            let begun = Instant::now();
            let mut open = self.job.inner.ledger.run(move |store| store.open_units(id)).await?;
            open.units.sort_unstable_by_key(|unit| unit.number);
            self.outage.ledger_works();
            self.doubtful = match self.job.settle_doubt(&open.units).await? {
                Settled::AsItWas => None,
                Settled::Raise(error) => Some(error),
                Settled::Changed => continue,
            };
            self.read = Some((begun, begun.elapsed()));
            self.ready = false;
            if matches!(self.sending, Sending::Nothing | Sending::AllSent) {
                self.sending = Sending::Open;
            }
            self.keep(open);
            return Ok(());
        }
    }

    fn keep(&mut self, OpenUnits { units: batches, took }: OpenUnits) {
        let habits = Habits::of(&batches, took);
        self.job.habits(|known| *known = habits);
        self.to_look.clear();
        self.to_load.clear();
        self.accepted.clear();
        let completed = std::mem::take(&mut self.completed);
        let mut unseen = Vec::new();
        for batch in batches {
            let number = batch.number;
            // The end of a run is recorded together with its result.
            let batch = match completed.get(&number) {
                Some(known)
                    if batch.state == BatchState::Accepted && known.run_id == batch.run_id =>
                {
                    known.clone()
                }
                _ => batch,
            };
            let (records, heap) = match batch.state {
                BatchState::Accepted if batch.run_id.is_some() => {
                    (&mut self.accepted, &mut self.to_look)
                }
                BatchState::Completed => (&mut self.completed, &mut self.to_load),
                _ => continue,
            };
            if !self.under_way.contains(&number) {
                match self.job.clocks(|clocks| clocks.get(&number).map(|clock| clock.due)) {
                    Some(due) => heap.push(Reverse((due, number))),
                    None => unseen.push((batch.looked_at, number, batch.state)),
                }
            }
            records.insert(number, batch);
        }
        self.outage.known |= !self.accepted.is_empty();
        // Runs that this process has not seen yet are due at once, beginning with those that no
        // process has polled for the longest time. Otherwise processes that live for a single poll
        // would poll the same runs again and again.
        unseen.sort_unstable_by_key(|(looked_at, number, _)| (*looked_at, *number));
        let count = unseen.len() as u64;
        for (rank, (_, number, state)) in (0..).zip(unseen) {
            let due = self.begun.checked_sub(Duration::from_micros(count - rank));
            let due = due.unwrap_or(self.begun);
            self.job.clocks(|clocks| clocks.insert(number, Clock { due, looks: 0 }));
            match state {
                BatchState::Completed => self.to_load.push(Reverse((due, number))),
                _ => self.to_look.push(Reverse((due, number))),
            }
        }
    }
}
