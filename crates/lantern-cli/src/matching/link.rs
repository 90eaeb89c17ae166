//! `lantern match`

use std::{ffi::OsString, fs, path::PathBuf};

use clap::Args;
use serde_json::json;

use super::{
    super::{
        Session,
        failure::{Failure, Result},
        files::Target,
        format,
    },
    arguments::{Matching, Tables},
    work::{Kept, attended, matched},
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
    /// Maximum number of matches to keep per left row, or all
    #[arg(long, value_name = "N", default_value = "1", value_parser = top)]
    top: Top,
    /// Match each right row to at most one left row
    #[arg(long)]
    one_to_one: bool,
    /// Column of the left table to write beside each match (repeatable); * is all
    #[arg(long = "left-column", value_name = "COLUMN")]
    left_columns: Vec<String>,
    /// Column of the right table to write beside each match (repeatable); * is all
    #[arg(long = "right-column", value_name = "COLUMN")]
    right_columns: Vec<String>,
    /// File for the learned model, which --model reads
    #[arg(long, value_name = "FILE", conflicts_with = "rules")]
    save_model: Option<PathBuf>,
    /// File for the matches: .csv, .parquet, .arrow or .feather; - is CSV on standard output
    #[arg(long, value_name = "FILE")]
    out: Option<OsString>,
    #[command(flatten)]
    matching: Matching,
}

/// Maximum number of matches per row; `None` for all.
#[derive(Debug, Clone, Copy)]
struct Top(Option<usize>);

fn top(text: &str) -> Result<Top, String> {
    match (text, text.parse()) {
        ("all", _) => Ok(Top(None)),
        (_, Ok(count)) if count > 0 => Ok(Top(Some(count))),
        _ => Err("write a number of at least 1, or all".to_owned()),
    }
}

/// The columns that an option names.
fn columns(named: &[String]) -> Columns<'_> {
    if named.iter().any(|name| name == "*") { Columns::All } else { Columns::Named(named) }
}

/// Where the table of a command is written.
pub fn target(out: Option<&OsString>, session: &Session) -> Result<Option<Target>> {
    let Some(text) = out else { return Ok(None) };
    let target = Target::parse(text)?;
    if session.output.json && target == Target::Stdout {
        return Err(Failure::usage(
            "--json and --out - both write to standard output; name a file",
        ));
    }
    target.check()?;
    Ok(Some(target))
}

/// The path to report at the end.
pub fn path_of(target: Option<&Target>) -> Option<String> {
    match target {
        Some(Target::File { path, .. }) => Some(path.display().to_string()),
        _ => None,
    }
}

impl Link {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let target = target(self.out.as_ref(), session)?;
        let tables = Tables::two([self.left, self.right], self.left_id, self.right_id);
        let kept = Kept { top: self.top.0, one_to_one: self.one_to_one, spanning: false };
        let kept = if kept.one_to_one { Kept { top: None, ..kept } } else { kept };
        let matches = matched(session, &tables, &self.matching, kept).await?;
        if let (Some(path), Method::Learned { model, .. }) = (&self.save_model, &matches.method) {
            let text = model.to_json().map_err(Error::from)?;
            fs::write(path, text)
                .map_err(|error| Failure::unwritable(&path.display().to_string(), error))?;
        }
        let path = path_of(target.as_ref());
        let to_stdout = target == Some(Target::Stdout);
        let said = Summary::of(&matches, path);
        if let Some(target) = target {
            let (left, right) = (self.left_columns, self.right_columns);
            attended(session, move |_| {
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
        }
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
    matches: usize,
    compared: u64,
    threshold: f64,
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
            matches: matches.all.len(),
            compared: matches.compared,
            threshold: matches.threshold,
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
            "matches": self.matches,
            "compared": self.compared,
            "threshold": self.threshold,
            "chosen": self.chosen,
            "warnings": self.warnings,
            "out": self.path,
        })
    }
}
