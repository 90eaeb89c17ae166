//! The report at the end of `submit` and `results`, and where the table is written.

use std::{ffi::OsString, time::Duration};

use clap::Args;
use serde_json::{Map, Value, json};

use super::{
    Session,
    failure::{Exit, Failure, Result},
    files::Target,
    format, shell,
};
use lantern::jobs::{Job, JobState, Progress, table::RowStatus};

/// Where the result is written, for `submit` and `results`.
#[derive(Debug, Args)]
pub struct Out {
    /// File for the result, with one row per input row: .csv, .parquet, .arrow or .feather; - is CSV
    /// on standard output
    #[arg(long, value_name = "FILE")]
    out: Option<OsString>,
}

impl Out {
    /// The target, after checking that it can be written.
    pub fn target(&self, session: &Session) -> Result<Option<Target>> {
        let Some(text) = &self.out else { return Ok(None) };
        let target = Target::parse(text)?;
        if session.output.json && target == Target::Stdout {
            return Err(Failure::usage(
                "--json and --out - both write to standard output; name a file",
            ));
        }
        target.check()?;
        Ok(Some(target))
    }
}

/// Parses a duration such as `30`, `2.5s`, `10m` or `1h 30m`.
pub fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "write seconds, as 30, or a time with its unit, as 250ms or 10m".to_owned();
    match text.trim().parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| wrong()),
        Err(_) => humantime::parse_duration(text.trim()).map_err(|_| wrong()),
    }
}

/// Writes the table, with where each answer comes from if `provenance` is set, and prints the
/// summary. A budget that was too small and a failed batch are reported as failures after everything
/// else.
pub async fn report(
    job: &Job,
    progress: &Progress,
    target: Option<Target>,
    provenance: bool,
    took: Option<Duration>,
    session: &mut Session,
) -> Result<()> {
    let rows = session.signals.or(job.row_counts()).await?;
    if let Some(target) = target.clone() {
        let (schema, batches) = session.signals.or(job.table_with(provenance)).await?;
        let write =
            lantern::process::runtime::run_blocking(move || target.write(&schema, &batches));
        session.signals.or(write).await?;
    }
    let path = match &target {
        Some(Target::File { path, .. }) => Some(path.display().to_string()),
        _ => None,
    };
    let text = || summary(progress, &rows, path.as_deref(), took);
    if target == Some(Target::Stdout) {
        session.output.note(&text());
    } else {
        session.output.print(text, || summary_json(progress, &rows, path.as_deref()))?;
    }
    unsuccessful(progress, &rows)
}

fn summary(
    progress: &Progress,
    counts: &[(RowStatus, u64)],
    path: Option<&str>,
    took: Option<Duration>,
) -> String {
    let sums = &progress.sums;
    let mut state = progress.state.name().replace('_', " ");
    if let Some(took) = took {
        state += &format!(" after {}", format::duration(took));
    }
    let mut rows = vec![
        ("job", format!("{} ({})", progress.key, progress.kind)),
        ("state", state),
        ("rows", format::count(progress.rows)),
        ("ids", format::count(progress.ids)),
    ];
    for (status, number) in counts {
        let text = format!("{}  {}", format::count(*number), format::share(*number, progress.rows));
        rows.push((status_name(*status), text));
    }
    for (name, number) in [("e-mails", sums.emails), ("phones", sums.phones)] {
        if number > 0 {
            rows.push((name, format::count(number)));
        }
    }
    rows.push((
        "batches",
        format!("{} of {} loaded", format::count(sums.loaded), format::count(sums.batches)),
    ));
    rows.push((
        "credits",
        format!("{} of {}", format::count(sums.spent), format::count(progress.max_credits)),
    ));
    if let Some(path) = path {
        rows.push(("result", path.to_owned()));
    }
    format::pairs(rows)
}

/// The status of rows, as the report names it.
const fn status_name(status: RowStatus) -> &'static str {
    match status {
        RowStatus::Found => "found",
        RowStatus::NotFound => "not found",
        RowStatus::Done => "done",
        RowStatus::Missing => "missing",
        RowStatus::OverBudget => "over budget",
        RowStatus::Pending => "pending",
        RowStatus::Failed => "failed",
        RowStatus::InDoubt => "in doubt",
        RowStatus::Skipped => "skipped",
        RowStatus::NoId => "no id",
        RowStatus::Incomplete => "incomplete",
        RowStatus::Suppressed => "suppressed",
        RowStatus::Erased => "erased",
    }
}

fn summary_json(progress: &Progress, counts: &[(RowStatus, u64)], path: Option<&str>) -> Value {
    let mut value = json!(progress);
    let counts: Map<String, Value> =
        counts.iter().map(|(status, number)| (status.name().into(), (*number).into())).collect();
    value["row_counts"] = counts.into();
    value["out"] = path.into();
    value
}

/// Returns a failure if a part of the job did not succeed.
fn unsuccessful(progress: &Progress, counts: &[(RowStatus, u64)]) -> Result<()> {
    let sums = &progress.sums;
    let key = shell::word(&progress.key);
    let failure = if progress.state == JobState::InDoubt {
        Failure::new(
            Exit::Doubt,
            "outcome_unknown",
            format!(
                "{} of {} batches may have arrived and their answers are unknown; \
                 `lantern status {key}` lists them, `lantern resolve {key} BATCH` decides",
                format::count(sums.in_doubt),
                format::count(sums.batches),
            ),
        )
    } else if let Some(budget) = progress.short_of() {
        let left = counts.iter().find(|(status, _)| *status == RowStatus::OverBudget);
        let rows = format::count(left.map_or(0, |(_, rows)| *rows));
        Failure::new(
            Exit::Credits,
            "budget",
            format!(
                "{budget}, which does not reach {rows} rows; submit again once it renews or is \
                 raised with `lantern budget set {}`",
                shell::word(&budget.name)
            ),
        )
    } else if progress.state == JobState::BudgetSpent {
        let left = counts.iter().find(|(status, _)| *status == RowStatus::OverBudget);
        Failure::new(
            Exit::Credits,
            "budget",
            format!(
                "the budget of {} credits does not reach {} rows; \
                 raise --max-credits and submit again to send them",
                format::count(progress.max_credits),
                format::count(left.map_or(0, |(_, rows)| *rows)),
            ),
        )
    } else if sums.failed > 0 {
        Failure::new(
            Exit::Other,
            "failed",
            format!(
                "{} of {} batches failed; `lantern status {key}` says why, \
                 `lantern resolve {key} BATCH --resend` sends one again",
                format::count(sums.failed),
                format::count(sums.batches),
            ),
        )
    } else {
        return Ok(());
    };
    Err(failure.with("job", progress.key.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_have_a_unit() {
        assert_eq!(time("30").unwrap(), Duration::from_secs(30));
        assert_eq!(time("2.5").unwrap(), Duration::from_millis(2500));
        assert_eq!(time("10m").unwrap(), Duration::from_secs(600));
        for text in ["", "-1", "nan", "inf", "soon"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
