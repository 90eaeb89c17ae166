//! `lantern describe`

use std::ffi::OsString;

use clap::Args;
use serde_json::json;

use super::{
    super::{
        Session,
        failure::Result,
        files::Target,
        format::{self, Column},
        shell,
        submit::delimiter,
    },
    arguments::Tables,
    background::attended,
    link::target,
};
use lantern::{
    error::Error,
    matching::tables::{Description, describe, description_table},
};

/// Describe how matching would use each column of two tables, or of one
#[derive(Debug, Args)]
pub struct Describe {
    #[command(flatten)]
    tables: Tables,
    /// File for the descriptions: .csv, .parquet, .arrow or .feather; - is CSV on standard output
    #[arg(long, value_name = "FILE")]
    out: Option<OsString>,
    /// Character that separates the cells of CSV files; by default the one that makes a table of the
    /// first 64 KiB
    #[arg(
        long, value_name = "CHAR", default_value = ",", hide_default_value = true,
        value_parser = delimiter
    )]
    delimiter: u8,
}

impl Describe {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let Self { tables, out, delimiter } = self;
        let target = target(out.as_ref(), session)?;
        let to_stdout = target == Some(Target::Stdout);
        let described = attended(session, move |_| {
            let (left, right) = tables.read(delimiter)?;
            let ids: Vec<&str> = tables.ids().into_iter().flatten().collect();
            let mut described = describe(&left, right.as_ref(), &ids);
            for of in &mut described {
                of.change = change(of, right.is_none());
            }
            if let Some(target) = target {
                let batch = description_table(&described).map_err(Error::from)?;
                target.write(&batch.schema(), &[batch])?;
            }
            Ok(described)
        })
        .await?;
        if to_stdout {
            return Ok(());
        }
        session.output.print(|| as_text(&described), || as_json(&described))
    }
}

/// How to compare a column otherwise, in options.
fn change(of: &Description, alone: bool) -> String {
    let other = match of.compared_with.first() {
        Some(other) => other,
        None if alone => &of.column,
        None => {
            return format!(
                "to compare it, name it with a column of the other table: --field NAME=LEFT:RIGHT:{}",
                of.kind
            );
        }
    };
    let (left, right) = if of.side == "left" { (&of.column, other) } else { (other, &of.column) };
    let [name, left, right] = [&of.column, left, right].map(|name| escaped(name));
    let field = shell::word(&format!("{name}={left}:{right}:{}", of.kind));
    match of.field {
        Some(_) => format!(
            "to compare it as another kind, or not at all, name all fields, as --field {field}"
        ),
        None => format!("to compare it, name it among all fields, as --field {field}"),
    }
}

/// A name as `--field` takes it.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if matches!(letter, '=' | ':' | '+' | '\\') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

fn as_text(described: &[Description]) -> String {
    let rows = described.iter().map(|of| {
        let compared = if of.field.is_some() {
            if of.compared_with.is_empty() { "yes".to_owned() } else { of.compared_with.join(", ") }
        } else {
            format!("no: {}", of.why_not.as_deref().unwrap_or("it is not compared"))
        };
        vec![
            of.side.to_owned(),
            of.column.clone(),
            of.kind.name().to_owned(),
            format!("{:.0} %", of.nulls * 100.0),
            compared,
            of.because.clone(),
        ]
    });
    let columns = [
        Column::Left("SIDE"),
        Column::Left("COLUMN"),
        Column::Left("KIND"),
        Column::Right("MISSING"),
        Column::Left("COMPARED WITH"),
        Column::Left("BECAUSE"),
    ];
    format::table(&columns, rows)
}

fn as_json(described: &[Description]) -> serde_json::Value {
    let rows = described.iter().map(|of| {
        json!({
            "side": of.side,
            "column": of.column,
            "kind": of.kind.name(),
            "because": of.because,
            "nulls": of.nulls,
            "field": of.field,
            "compared_with": of.compared_with,
            "why_not": of.why_not,
            "change": of.change,
        })
    });
    rows.collect()
}
