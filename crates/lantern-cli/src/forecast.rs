//! Prints what a job would do and cost, for `--dry-run` of batches and of mapped calls.

use std::time::Duration;

use super::format;
use lantern::{
    jobs::{forecast::DryRun, map::MapPlan},
    ledger::Budget,
};

/// A name and a value, which are printed in one line.
type Line = (&'static str, String);

/// The text for the plan of a job of batches.
pub fn of_batches(plan: &DryRun, max_credits: u64) -> String {
    let mut rows = format::count(plan.rows);
    for (number, words) in [
        (plan.duplicates, "that come again"),
        (plan.without_id, "without an id"),
        (plan.incomplete, "that lack a field"),
    ] {
        if number > 0 {
            rows += &format!(", {} {words}", format::count(number));
        }
    }
    let ids = format!(
        "{}: {} known, {} new, {} in flight, {} suppressed",
        format::count(plan.ids),
        format::count(plan.known_ids),
        format::count(plan.new_ids),
        format::count(plan.in_flight_ids),
        format::count(plan.suppressed_ids)
    );
    let asked = [("rows", rows), ("ids", ids), ("batches", format::count(plan.batches))];
    let in_budget = format!("{} ids for sure", format::count(plan.ids_within_budget));
    let time = Duration::try_from_secs_f64(plan.least_seconds).unwrap_or_default();
    let time = ("time", format!("{} at least, by the rate limit", format::duration(time)));
    Job::from(plan).text(max_credits, "record", asked, [("in budget", in_budget), time])
}

/// The text for the plan of a job of mapped calls.
pub fn of_calls(plan: &MapPlan, max_credits: u64) -> String {
    let rows = format!(
        "{}: {} known, {} new, {} in flight, {} suppressed, {} that ask the same as another",
        format::count(plan.rows),
        format::count(plan.known_rows),
        format::count(plan.new_rows),
        format::count(plan.in_flight_rows),
        format::count(plan.suppressed_rows),
        format::count(plan.duplicates)
    );
    let asked = [("rows", rows), ("calls", format::count(plan.calls))];
    let in_budget = format!("{} rows for sure", format::count(plan.rows_within_budget));
    Job::from(plan).text(max_credits, "row", asked, [("in budget", in_budget)])
}

/// What both kinds of plans say about their job.
struct Job<'a> {
    key: &'a str,
    kind: &'a str,
    known: bool,
    refused: Option<&'a str>,
    most_credits: u64,
    /// What it will probably cost, and the bounds of that.
    likely: [Option<u64>; 3],
    seen_records: u64,
    budget: Option<&'a Budget>,
}

macro_rules! job_of {
    ($plan:ty) => {
        impl<'a> From<&'a $plan> for Job<'a> {
            fn from(plan: &'a $plan) -> Self {
                Self {
                    key: &plan.key,
                    kind: &plan.kind,
                    known: plan.known,
                    refused: plan.refused.as_deref(),
                    most_credits: plan.most_credits,
                    likely: [plan.likely_credits, plan.likely_least, plan.likely_most],
                    seen_records: plan.seen_records,
                    budget: plan.budget.as_ref(),
                }
            }
        }
    };
}

job_of!(DryRun);
job_of!(MapPlan);

impl Job<'_> {
    /// All lines: those about the job, and between them what it asks and what its budget reaches.
    /// `one` is what it asks about.
    fn text<const A: usize, const R: usize>(
        &self,
        max_credits: u64,
        one: &str,
        asked: [Line; A],
        reached: [Line; R],
    ) -> String {
        let probably = match self.likely {
            [Some(likely), Some(least), Some(most)] => format!(
                "{} credits ({} to {}), by {} records",
                format::count(likely),
                format::count(least),
                format::count(most),
                format::count(self.seen_records)
            ),
            _ => format!("unknown: no such {one} was answered yet; --sample 100 asks for a few"),
        };
        let credits = format!(
            "{} at most, of a budget of {}",
            format::count(self.most_credits),
            format::count(max_credits)
        );
        let mut lines: Vec<Line> =
            vec![("job", format!("{} ({})", self.key, self.kind)), ("state", self.state())];
        lines.extend(asked);
        lines.extend([("credits", credits), ("probably", probably)]);
        lines.extend(reached);
        lines.extend(self.budget.map(|budget| ("above", budget.to_string())));
        format::pairs(lines)
    }

    /// What would become of the job.
    fn state(&self) -> String {
        match (self.refused, self.known) {
            (Some(why), _) => format!("would be refused: {why}"),
            (None, true) => "in the ledger; it would resume".to_owned(),
            (None, false) => "new; nothing is sent yet".to_owned(),
        }
    }
}
