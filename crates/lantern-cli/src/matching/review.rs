//! `lantern review`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{
    super::{
        Session,
        failure::{Failure, Result},
        files, format, shell,
    },
    arguments::{Choice, Matching, Tables},
    background::{attended, matched},
};
use lantern::{
    error::Error,
    matching::review::{choose, table},
    tabular::review_file::{self, Format},
};

/// Write the pairs from which matching learns most, for a person to decide
///
/// Open a web page in a browser and decide with the keys y, n and u, or fill in an Excel or CSV file with
/// a spreadsheet. Pass the decisions to the other commands with --labels.
#[derive(Debug, Args)]
pub struct Review {
    #[command(flatten)]
    tables: Tables,
    /// Maximum number of pairs
    #[arg(long, value_name = "N", default_value_t = 50)]
    count: usize,
    /// File for the pairs: .html (a web page that works offline), .xlsx, .csv, .parquet, .arrow or
    /// .feather
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    matching: Matching,
}

impl Review {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let format = match Format::of(&self.out) {
            Ok(format @ (Format::Page | Format::Excel)) => Some(format),
            _ => None,
        };
        let target = if format.is_none() { Some(table_target(&self.out)?) } else { None };
        if let Some(target) = &target {
            target.check()?;
        }
        let kept = self.choice.kept(self.tables.is_pair())?;
        let matches = matched(session, &self.tables, &self.matching, kept).await?;
        let (tables, count, out) = (self.tables, self.count, self.out.clone());
        let chosen = attended(session, move |_| {
            let pairs = choose(&matches, count).map_err(Error::from)?;
            let [left_id, right_id] = tables.ids();
            let ids = (left_id, right_id);
            match (target, format) {
                (Some(target), _) => {
                    let batch = table::table(&matches, &pairs, ids)
                        .and_then(|batch| table::harmless(&batch))
                        .map_err(Error::from)?;
                    target.write(&batch.schema(), &[batch])?;
                }
                (None, format) => {
                    let format = format.unwrap_or(Format::Page);
                    let bytes = review_file::bytes(format, &matches, &pairs, ids)?;
                    files::write_bytes(&out, &bytes)?;
                }
            }
            Ok(pairs.len())
        })
        .await?;
        let path = self.out.display().to_string();
        if chosen == 0 {
            return Err(Failure::input(
                "no pair was compared, so there is none to review; `lantern describe` shows what is compared",
            ));
        }
        let next = if format == Some(Format::Page) {
            format!(
                "open {} in a browser, decide, save, and pass the file with --labels",
                shell::word(&path)
            )
        } else {
            format!(
                "write yes or no into the column decision of {}, and pass it with --labels",
                shell::word(&path)
            )
        };
        session.output.print(
            || format::pairs([("pairs", format::count(chosen as u64)), ("next", next)]),
            || json!({"pairs": chosen, "out": path}),
        )
    }
}

/// The file that a table is written to.
fn table_target(out: &Path) -> Result<files::Target> {
    files::Target::parse(out.as_os_str()).map_err(|_| {
        Failure::input(format!(
            "--out {} has no extension of a review; end it in .html for a page, or in .xlsx, .csv, \
             .parquet, .arrow or .feather for a table",
            out.display()
        ))
    })
}
