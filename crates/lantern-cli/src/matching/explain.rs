//! `lantern explain`

use clap::Args;
use serde_json::json;

use super::{
    super::{
        Session,
        failure::{Failure, Result},
        format::{self, Column},
    },
    arguments::{Choice, Matching, Tables},
    background::matched,
};
use lantern::{
    error::Error,
    matching::{labels::ids::row_of, results::Explanation, tables::Table},
};

/// Explain why two rows match, or why they do not
#[derive(Debug, Args)]
pub struct Explain {
    #[command(flatten)]
    tables: Tables,
    /// Left row: its id if --left-id is given, otherwise its number, from 0
    #[arg(long = "left-row", value_name = "ROW")]
    left_row: String,
    /// Right row, or the other row of the only table
    #[arg(long = "right-row", value_name = "ROW")]
    right_row: String,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    matching: Matching,
}

impl Explain {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let [left_id, right_id] = self.tables.ids().map(|id| id.map(str::to_owned));
        let kept = self.choice.kept(self.tables.is_pair())?;
        let matches = matched(session, &self.tables, &self.matching, kept).await?;
        let right_id = if matches.right.is_some() { right_id } else { left_id.clone() };
        let left = row(&matches.left, left_id.as_deref(), &self.left_row, "--left-row")?;
        let right =
            row(matches.right_table(), right_id.as_deref(), &self.right_row, "--right-row")?;
        let explained = matches.explain_pair(left, right).map_err(Error::from)?;
        session.output.print(|| as_text(&explained), || as_json(&explained))
    }
}

fn row(table: &Table, id: Option<&str>, wanted: &str, option: &str) -> Result<u32> {
    match id {
        Some(id) => Ok(row_of(table, id, wanted).map_err(Error::from)?),
        None => wanted.trim().parse().map_err(|_| {
            Failure::usage(format!(
                "{option} {wanted} is not the number of a row; name the column of ids to use ids"
            ))
        }),
    }
}

fn as_text(explained: &Explanation) -> String {
    let rows = explained.contributions.iter().map(|part| {
        vec![
            part.field.clone(),
            part.left.clone().unwrap_or_default(),
            part.right.clone().unwrap_or_default(),
            part.agreement.clone(),
            format!("{:+.2}", part.weight),
        ]
    });
    let columns = [
        Column::Left("FIELD"),
        Column::Left("LEFT"),
        Column::Left("RIGHT"),
        Column::Left("AGREEMENT"),
        Column::Right("WEIGHT"),
    ];
    format!("{}\n\n{}", explained.sentence, format::table(&columns, rows))
}

fn as_json(explained: &Explanation) -> serde_json::Value {
    let parts: Vec<_> = explained
        .contributions
        .iter()
        .map(|part| {
            json!({
                "field": part.field,
                "left": part.left,
                "right": part.right,
                "agreement": part.agreement,
                "weight": part.weight,
            })
        })
        .collect();
    json!({
        "left": explained.left,
        "right": explained.right,
        "matched": explained.why_not.is_none(),
        "why_not": explained.why_not,
        "confidence": explained.confidence,
        "sentence": explained.sentence,
        "contributions": parts,
    })
}
