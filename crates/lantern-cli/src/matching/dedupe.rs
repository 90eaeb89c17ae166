//! `lantern dedupe`

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use clap::Args;
use serde_json::json;

use super::{
    super::{Session, failure::Result, files, format},
    arguments::{KeptMatches, Matching, Tables},
    background::{attended, matched},
    link::{is_stdout, path_of, save_model, targets},
};
use lantern::{
    error::Error,
    matching::results::{
        cluster,
        golden::{self, Strategy},
        stable::ComparedClusters,
        table,
    },
};

/// Group the rows of a table that describe the same entity, on this machine
#[derive(Debug, Args)]
pub struct Dedupe {
    /// CSV, Excel, Parquet or Arrow file, recognized by its content; - is standard input
    table: PathBuf,
    /// Column that identifies the rows; it is not compared
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Write one record per cluster instead of the cluster of each row
    #[arg(long)]
    golden: bool,
    /// With --golden: which value of a cluster to keep (repeatable): most_frequent (default), longest,
    /// first, last, most_complete, min, max or newest:COLUMN; COLUMN=STRATEGY is for one column
    #[arg(long = "strategy", value_name = "STRATEGY", requires = "golden")]
    strategies: Vec<String>,
    /// With --golden: leave out the columns with the row that each value comes from
    #[arg(long, requires = "golden")]
    no_provenance: bool,
    /// Result of an earlier run: adds a column `stable` with the number that each cluster keeps, and
    /// prints what happened to the earlier clusters
    #[arg(long, value_name = "FILE", conflicts_with = "golden")]
    since: Option<PathBuf>,
    /// With --since: file for what happened to each cluster
    #[arg(long, value_name = "FILE", requires = "since")]
    changes: Option<OsString>,
    /// File for the pairs from which the clusters were formed
    #[arg(long, value_name = "FILE")]
    pairs: Option<OsString>,
    /// File for the learned model, which --model reads
    #[arg(long, value_name = "FILE", conflicts_with = "rules")]
    save_model: Option<PathBuf>,
    /// File for the table: .csv, .parquet, .arrow or .feather; - is CSV on standard output
    #[arg(long, value_name = "FILE")]
    out: Option<OsString>,
    #[command(flatten)]
    matching: Matching,
}

impl Dedupe {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let options = [
            ("--pairs", self.pairs.as_ref()),
            ("--changes", self.changes.as_ref()),
            ("--out", self.out.as_ref()),
        ];
        let [pairs_target, changes_target, target] = targets(options, session)?;
        let (default, by_column) = strategies(&self.strategies)?;
        let tables = Tables::one(self.table, self.id);
        let kept = KeptMatches::of_duplicates();
        let matches = matched(session, &tables, &self.matching, kept).await?;
        save_model(self.save_model.as_deref(), &matches)?;
        let path = path_of(target.as_ref());
        let to_stdout = is_stdout(&[&pairs_target, &changes_target, &target]);
        let (golden, since, provenance) = (self.golden, self.since, !self.no_provenance);
        let delimiter = self.matching.delimiter;
        let (matches, clusters, changes) = attended(session, move |_| {
            let clusters = cluster::clusters(&matches);
            let [id, _] = tables.ids();
            let since = match &since {
                Some(path) => {
                    let before = files::read_table(path, delimiter, "")?;
                    let since = ComparedClusters::of(&clusters, &matches.left, id, &before);
                    Some(since.map_err(|error| Error::from(error).within(path.display()))?)
                }
                None => None,
            };
            if let Some(target) = pairs_target {
                let batch = table::matches(&matches, id, id).map_err(Error::from)?;
                target.write(&batch.schema(), &[batch])?;
            }
            if let (Some(target), Some(since)) = (changes_target, &since) {
                let batch = since.table().map_err(Error::from)?;
                target.write(&batch.schema(), &[batch])?;
            }
            if let Some(target) = target {
                let batch = if golden {
                    golden::golden(&matches.left, &clusters, &default, &by_column, provenance)
                } else {
                    let rows = table::clusters(&clusters, id.map(|id| (&matches.left, id)));
                    match &since {
                        Some(since) => rows.and_then(|rows| since.rows(&rows, &clusters)),
                        None => rows,
                    }
                };
                let batch = batch.map_err(Error::from)?;
                target.write(&batch.schema(), &[batch])?;
            }
            Ok((matches, clusters, since.map(|since| since.changes())))
        })
        .await?;
        let count = clusters.iter().max().map_or(0, |most| most + 1);
        let rows = clusters.len() as u64;
        let text = || {
            let mut said = vec![
                ("rows", format::count(rows)),
                ("clusters", format::count(count)),
                (
                    "duplicates",
                    format!(
                        "{}  {}",
                        format::count(rows - count),
                        format::share(rows - count, rows)
                    ),
                ),
                ("pairs", format::count(matches.all.len() as u64)),
                ("threshold", format!("{:.3}", matches.threshold)),
            ];
            if let Some(changes) = &changes {
                let said_of = changes
                    .iter()
                    .map(|(change, count)| format!("{} {change}", format::count(*count)));
                said.push(("since", said_of.collect::<Vec<_>>().join(", ")));
            }
            if let Some(path) = &path {
                said.push(("result", path.clone()));
            }
            format::pairs(said)
        };
        if to_stdout {
            session.output.note(&text());
            return Ok(());
        }
        session.output.print(text, || {
            json!({
                "rows": rows,
                "clusters": count,
                "duplicates": rows - count,
                "pairs": matches.all.len(),
                "compared": matches.compared,
                "threshold": matches.threshold,
                "recall": matches.recall,
                "warnings": matches.warnings,
                "changes": changes,
                "out": path,
            })
        })
    }
}

/// The strategy for all columns, and those for single columns.
fn strategies(given: &[String]) -> Result<(Strategy, BTreeMap<String, Strategy>)> {
    let mut default = Strategy::MostFrequent;
    let mut by_column = BTreeMap::new();
    for text in given {
        match text.rsplit_once('=') {
            Some((column, strategy)) => {
                by_column.insert(column.to_owned(), strategy.parse().map_err(Error::from)?);
            }
            None => default = text.parse().map_err(Error::from)?,
        }
    }
    Ok((default, by_column))
}
