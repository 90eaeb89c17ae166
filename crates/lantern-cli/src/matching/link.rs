//! `lantern match`

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;

use super::{
    super::{
        Session,
        failure::{Failure, Result},
        files::{self, Target},
        format,
    },
    arguments::{Choice, Matching, Tables},
    background::{attended, matched},
};
use lantern::{
    error::Error,
    matching::{
        evaluate::Chosen,
        results::{
            Matches, Method,
            joined::{self, Columns},
            table,
        },
    },
};

/// Match the rows of two tables on this machine, without an API key or credits
///
/// Without --rule, the columns are recognized by their content, and a model of how matches agree is
/// learned from the tables.
#[derive(Debug, Args)]
pub struct Link {
    /// Table whose rows are matched: a CSV, Excel, Parquet or Arrow file, recognized by its
    /// content; - is standard input
    left: PathBuf,
    /// Table to match them against
    right: PathBuf,
    /// Column that identifies the rows of the left table; it is not compared
    #[arg(long, value_name = "COLUMN")]
    left_id: Option<String>,
    /// Column that identifies the rows of the right table; it is not compared
    #[arg(long, value_name = "COLUMN")]
    right_id: Option<String>,
    #[command(flatten)]
    choice: Choice,
    /// Column of the left table to write beside each match (repeatable); * is all
    #[arg(long = "left-column", value_name = "COLUMN")]
    left_columns: Vec<String>,
    /// Column of the right table to write beside each match (repeatable); * is all
    #[arg(long = "right-column", value_name = "COLUMN")]
    right_columns: Vec<String>,
    /// File for the left rows without a match
    #[arg(long, value_name = "FILE")]
    unmatched_left: Option<OsString>,
    /// File for the right rows without a match
    #[arg(long, value_name = "FILE")]
    unmatched_right: Option<OsString>,
    /// File for the learned model, which --model reads
    #[arg(long, value_name = "FILE", conflicts_with = "rules")]
    save_model: Option<PathBuf>,
    /// File for the matches: .csv, .parquet, .arrow or .feather; - is CSV on standard output
    #[arg(long, value_name = "FILE")]
    out: Option<OsString>,
    #[command(flatten)]
    matching: Matching,
}

/// The columns that an option names.
fn columns(named: &[String]) -> Columns<'_> {
    if named.iter().any(|name| name == "*") { Columns::All } else { Columns::Named(named) }
}

/// Where the table of a command is written.
pub fn target(out: Option<&OsString>, session: &Session) -> Result<Option<Target>> {
    let [target] = targets([("--out", out)], session)?;
    Ok(target)
}

/// Where the tables of a command are written, each by its option. Standard output has room for one.
pub fn targets<const N: usize>(
    options: [(&str, Option<&OsString>); N],
    session: &Session,
) -> Result<[Option<Target>; N]> {
    let mut targets = [const { None }; N];
    let mut to_stdout: Option<&str> = None;
    for ((option, text), target) in options.into_iter().zip(&mut targets) {
        let Some(text) = text else { continue };
        let parsed = Target::parse_of(option, text)?;
        if parsed == Target::Stdout {
            let other = if session.output.json { Some("--json") } else { to_stdout };
            if let Some(other) = other {
                return Err(Failure::usage(format!(
                    "{other} and {option} - both write to standard output; name a file"
                )));
            }
            to_stdout = Some(option);
        }
        parsed.check()?;
        *target = Some(parsed);
    }
    Ok(targets)
}

/// Whether one of the tables goes to standard output, which then has no room for a summary.
pub fn is_stdout(targets: &[&Option<Target>]) -> bool {
    targets.iter().any(|target| target.as_ref() == Some(&Target::Stdout))
}

/// The path to report at the end.
pub fn path_of(target: Option<&Target>) -> Option<String> {
    match target {
        Some(Target::File { path, .. }) => Some(path.display().to_string()),
        _ => None,
    }
}

/// Writes the learned model to a file, if one is named.
pub fn save_model(path: Option<&Path>, matches: &Matches) -> Result<()> {
    if let (Some(path), Method::Learned { model, .. }) = (path, &matches.method) {
        let text = model.to_json().map_err(Error::from)?;
        files::write_bytes(path, text.as_bytes())?;
    }
    Ok(())
}

impl Link {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let options = [
            ("--unmatched-left", self.unmatched_left.as_ref()),
            ("--unmatched-right", self.unmatched_right.as_ref()),
            ("--out", self.out.as_ref()),
        ];
        let [unmatched_left, unmatched_right, target] = targets(options, session)?;
        let tables = Tables::two([self.left, self.right], self.left_id, self.right_id);
        let kept = self.choice.kept(true)?;
        let matches = matched(session, &tables, &self.matching, kept).await?;
        save_model(self.save_model.as_deref(), &matches)?;
        let path = path_of(target.as_ref());
        let to_stdout = is_stdout(&[&unmatched_left, &unmatched_right, &target]);
        let said = Summary::of(&matches, path);
        let (left, right) = (self.left_columns, self.right_columns);
        attended(session, move |_| {
            for (target, table, rows) in [
                (unmatched_left, &matches.left, matches.unmatched_left()),
                (unmatched_right, matches.right_table(), matches.unmatched_right()),
            ] {
                if let Some(target) = target {
                    let batch = table::rows_of(table, &rows).map_err(Error::from)?;
                    target.write(&batch.schema(), &[batch])?;
                }
            }
            let Some(target) = target else { return Ok(()) };
            let [left_id, right_id] = tables.ids();
            let batch = if left.is_empty() && right.is_empty() {
                table::matches(&matches, left_id, right_id)
            } else {
                joined::joined(&matches, columns(&left), columns(&right), (left_id, right_id))
            };
            let batch = batch.map_err(Error::from)?;
            target.write(&batch.schema(), &[batch])
        })
        .await?;
        if to_stdout {
            session.output.note(&said.text());
            return Ok(());
        }
        session.output.print(|| said.text(), || said.json())
    }
}

struct Summary {
    left: usize,
    right: usize,
    matched_left: usize,
    matched_right: usize,
    matches: usize,
    compared: u64,
    threshold: f64,
    recall: Option<f64>,
    labels: usize,
    chosen: Option<Chosen>,
    warnings: Vec<String>,
    path: Option<String>,
}

impl Summary {
    fn of(matches: &Matches, path: Option<String>) -> Self {
        Self {
            left: matches.left.rows,
            right: matches.right_table().rows,
            matched_left: matches.left.rows - matches.unmatched_left().len(),
            matched_right: matches.right_table().rows - matches.unmatched_right().len(),
            matches: matches.all.len(),
            compared: matches.compared,
            threshold: matches.threshold,
            recall: matches.recall,
            labels: matches.selection.labels.len(),
            chosen: matches.chosen,
            warnings: matches.warnings.clone(),
            path,
        }
    }

    fn text(&self) -> String {
        let count = |number: usize| format::count(number as u64);
        let matched = format!(
            "{} of {} left rows  {}",
            count(self.matched_left),
            count(self.left),
            format::share(self.matched_left as u64, self.left as u64)
        );
        let mut rows = vec![
            ("matched", matched),
            ("matches", count(self.matches)),
            ("compared", format!("{} pairs", format::count(self.compared))),
            ("threshold", format!("{:.3}", self.threshold)),
        ];
        if let Some(Chosen { precision, labels, .. }) = &self.chosen {
            rows.push((
                "precision",
                format!(
                    "{:.3} expected ({:.3} to {:.3}), by {} labels",
                    precision.value,
                    precision.low,
                    precision.high,
                    format::count(*labels)
                ),
            ));
        }
        if let Some(path) = &self.path {
            rows.push(("result", path.clone()));
        }
        format::pairs(rows)
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "left_rows": self.left,
            "right_rows": self.right,
            "matched_left": self.matched_left,
            "matched_right": self.matched_right,
            "matches": self.matches,
            "compared": self.compared,
            "threshold": self.threshold,
            "recall": self.recall,
            "labels": self.labels,
            "chosen": self.chosen,
            "warnings": self.warnings,
            "out": self.path,
        })
    }
}
