//! Progress bars on standard error, for the shell and for Python: of a job that is awaited, and of
//! matching.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::format;
use lantern::jobs::Progress;

const JOB: &str = "{spinner} {bar:16} {human_pos}/{human_len} batches, {wide_msg}";
const ROWS: &str = "matching {wide_bar} {human_pos}/{human_len} rows";
/// How long matching takes before its bar is shown.
const SOON: Duration = Duration::from_secs(1);

fn bar(template: &str, target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template(template);
    // The templates are valid, as the tests show; if one were not, a bar in the default style would
    // do.
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// The progress of a job: its batches, ids and credits, and when it continues.
pub struct JobBar(ProgressBar);

impl JobBar {
    pub fn new(first: &Progress) -> Self {
        let shown = Self(bar(JOB, ProgressDrawTarget::stderr()));
        shown.show(first);
        shown
    }

    /// Keeps the spinner turning between two reports of progress.
    #[must_use]
    pub fn turning(self) -> Self {
        self.0.enable_steady_tick(Duration::from_millis(120));
        self
    }

    pub fn show(&self, progress: &Progress) {
        let sums = &progress.sums;
        self.0.set_length(sums.batches);
        self.0.set_position(sums.loaded + sums.failed + sums.skipped);
        self.0.set_message(message(progress));
    }

    /// Removes the bar.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }

    /// Ends the bar and leaves it on the screen.
    pub fn leave(&self) {
        self.0.abandon();
    }
}

fn message(progress: &Progress) -> String {
    let sums = &progress.sums;
    let mut message = format!(
        "{}/{} ids, {}/{} credits",
        format::count(progress.answered()),
        format::count(progress.ids),
        format::count(sums.spent),
        format::count(progress.max_credits),
    );
    match progress.next.round() {
        ..5.0 => {}
        next @ ..60.0 => message += &format!(", next in {next} s"),
        next => {
            let next = Duration::from_secs_f64(next);
            message += &format!(", next in {}", format::duration(next));
        }
    }
    message
}

/// The number of rows that were matched. Its copies are the same bar.
#[derive(Clone)]
pub struct RowsBar {
    bar: ProgressBar,
    begun: Instant,
}

impl RowsBar {
    /// A bar that is not shown yet, of work that begins now.
    pub fn hidden() -> Self {
        Self { bar: bar(ROWS, ProgressDrawTarget::hidden()), begun: Instant::now() }
    }

    /// Whether the work has taken long enough for its `of` rows to be worth a bar.
    pub fn is_due(&self, of: u64) -> bool {
        of > 1 && self.begun.elapsed() > SOON
    }

    /// Shows that `done` of `of` rows were matched.
    pub fn show(&self, done: u64, of: u64) {
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
        self.bar.set_length(of);
        self.bar.set_position(done);
    }

    /// Removes the bar.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Ends the bar and leaves it on the screen.
    pub fn leave(&self) {
        self.bar.abandon();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lantern::{jobs::JobState, ledger::rules::Sums};

    #[test]
    fn a_bar_tells_batches_ids_credits_and_when_it_goes_on() {
        let mut progress = Progress {
            key: "a".into(),
            kind: "email".into(),
            state: JobState::Running,
            rows: 5_000,
            ids: 5_000,
            max_credits: 12_000,
            budget: None,
            sums: Sums { batches: 5, loaded: 2, returned: 2_000, spent: 5_372, ..Sums::default() },
            next: 24.2,
            unknown: Vec::new(),
        };
        assert_eq!(message(&progress), "2,000/5,000 ids, 5,372/12,000 credits, next in 24 s");
        progress.next = 1.0;
        let bar = JobBar::new(&progress);
        assert_eq!((bar.0.position(), bar.0.length()), (2, Some(5)));
        assert_eq!(bar.0.message(), "2,000/5,000 ids, 5,372/12,000 credits");
        bar.clear();
    }

    #[test]
    fn the_templates_are_valid() {
        for template in [JOB, ROWS] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
