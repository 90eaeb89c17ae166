//! `lantern map`

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, UInt64Array},
    compute::{sum, take},
    datatypes::{Field, Int64Type, Schema},
};
use clap::Args;
use serde_json::{Map, Value, json};

use super::{
    Session,
    failure::{Exit, Failure, Result},
    files::read_table,
    forecast, format,
    report::Out,
    submit::{DOUBT, delimiter, suppressed, words},
};
use lantern::{
    jobs::{
        OnInDoubt,
        map::{Kind, MapRequest, dry_run, run, set_field, with_mode},
    },
    ledger::Reuse,
    matching::tables::Table,
    tabular::column_as_text,
};

/// Make one call of the API for each row of a table, within a budget
///
/// Running the same command again resumes it: nothing is sent or paid for twice. Rows about which an
/// earlier job asked the same are answered from the ledger. Calls that change something are made for
/// every row.
#[derive(Debug, Args)]
pub struct MapCalls {
    /// CSV, Excel, Parquet or Arrow file, recognized by its content; - is standard input
    file: PathBuf,
    /// Name of the call, such as enrich.company
    #[arg(long, value_name = "CALL")]
    call: String,
    /// Field of the call and the column that it is taken from, such as domain=website (repeatable)
    #[arg(long = "field", value_name = "FIELD=COLUMN", required = true, value_parser = pair)]
    fields: Vec<(String, String)>,
    /// Field that is the same for all rows, such as effort=high or rules='["email:eq"]' (repeatable)
    #[arg(long = "argument", value_name = "FIELD=VALUE", value_parser = pair)]
    arguments: Vec<(String, String)>,
    /// Budget in credits for all calls together, never exceeded; 0 uses known answers only
    #[arg(long, value_name = "N")]
    max_credits: u64,
    /// Name of a budget that the calls share with other jobs, as in `lantern budget set`
    #[arg(long, value_name = "NAME")]
    budget: Option<String>,
    /// File of ids, e-mail addresses, domains and LinkedIn pages that are never sent and never returned,
    /// in addition to those of `lantern suppress` (repeatable)
    #[arg(long, value_name = "FILE")]
    suppress: Vec<PathBuf>,
    /// Name of the job; by default a hash of the call and the rows
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    out: Out,
    /// Maximum number of credits that one row can cost; by default the API's usual price
    #[arg(long, value_name = "N")]
    credits_per_call: Option<u64>,
    /// For match: number of rows per call, at most 100
    #[arg(long, value_name = "N")]
    rows_per_call: Option<usize>,
    /// Maximum number of calls in flight
    #[arg(long, value_name = "N", default_value_t = 8)]
    concurrency: usize,
    /// What to do with a row that may have arrived: raise stops with exit code 6, resend sends it
    /// again at the risk of paying twice, skip gives it up
    #[arg(long, value_name = "POLICY", default_value = "raise", value_parser = words::<OnInDoubt>(&DOUBT))]
    on_in_doubt: OnInDoubt,
    /// Which known answers to use: all (true), none (false), or those that are not older than an age
    /// such as 90d
    #[arg(long, value_name = "AGE", default_value = "true")]
    reuse: String,
    /// Age from which on to ask again for rows that were not found, such as 30d; by default never
    #[arg(long, value_name = "AGE")]
    retry_not_found: Option<String>,
    /// Number of rows to ask for, chosen at random; asking again chooses the same rows
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Add the columns answered_at, run_id and answer_credits, which say where each answer comes from
    #[arg(long)]
    provenance: bool,
    /// Print what would be sent and what it may cost, and send nothing
    #[arg(long, conflicts_with = "out")]
    dry_run: bool,
    /// Character that separates the cells of a CSV file; by default the one that makes a table of the
    /// first 64 KiB
    #[arg(
        long, value_name = "CHAR", default_value = ",", hide_default_value = true,
        value_parser = delimiter
    )]
    delimiter: u8,
}

/// Parses `domain=website`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.is_empty() && !value.is_empty() => {
            Ok((field.to_owned(), value.to_owned()))
        }
        _ => Err(format!("{text:?} is not FIELD=VALUE")),
    }
}

impl MapCalls {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let target = self.out.target(session)?;
        let ledger = session.connection.ledger()?;
        let client = session.connection.client(&ledger)?;
        let (path, separator) = (self.file.clone(), self.delimiter);
        let read =
            lantern::process::runtime::run_blocking(move || read_table(&path, separator, ""));
        let table = session.signals.or(read).await?;
        let request = self.request(&table, ledger)?;
        if self.dry_run {
            let plan = session.signals.or(dry_run(&client, request)).await?;
            return session
                .output
                .print(|| forecast::of_calls(&plan, self.max_credits), || json!(plan));
        }
        let answers = session.signals.or(run(&client, request)).await?;
        let counts = counts(&answers);
        let credits = column(&answers, "credits")
            .and_then(|credits| sum(credits.as_primitive::<Int64Type>()))
            .unwrap_or(0);
        let reused =
            column(&answers, "reused").map_or(0, |reused| reused.as_boolean().true_count());
        if let Some(target) = &target {
            let whole = beside(&table, &self.fields, answers)?;
            target.write(&whole.schema(), std::slice::from_ref(&whole))?;
        }
        let text = || {
            let mut rows = vec![("call", self.call.clone())];
            rows.extend(counts.iter().map(|(status, number)| (*status, format::count(*number))));
            rows.push(("known", format::count(reused as u64)));
            let budget = format::count(self.max_credits);
            rows.push(("credits", format!("{credits} of {budget}")));
            format::pairs(rows)
        };
        if target == Some(super::files::Target::Stdout) {
            session.output.note(&text());
        } else {
            session.output.print(text, || {
                json!({
                    "call": self.call, "row_counts": counts, "reused": reused,
                    "spent": credits, "max_credits": self.max_credits,
                })
            })?;
        }
        unsuccessful(&counts, self.max_credits)
    }

    fn request(&self, table: &Table, ledger: lantern::jobs::Ledger) -> Result<MapRequest> {
        let kind = Kind::named(&self.call)?;
        let mut arguments = Map::new();
        for (field, value) in &self.arguments {
            // A value that is not valid JSON is a text.
            let value = serde_json::from_str(value).unwrap_or_else(|_| value.as_str().into());
            set_field(&mut arguments, field, value);
        }
        let (constants, shared) = if kind.takes_several() {
            (Map::new(), with_mode(arguments))
        } else {
            (arguments, Map::new())
        };
        let mut rows: Vec<Map<String, Value>> = vec![constants; table.rows];
        for (field, name) in &self.fields {
            kind.check_field(field)?;
            for (row, text) in rows.iter_mut().zip(texts(table, name)?) {
                if let Some(text) = text {
                    set_field(row, field, text.into());
                }
            }
        }
        Ok(MapRequest {
            kind,
            shared,
            extra: Map::new(),
            rows,
            max_credits: self.max_credits,
            credits_per_row: self.credits_per_call,
            rows_per_call: self.rows_per_call,
            concurrency: self.concurrency.max(1),
            key: self.key.clone(),
            on_in_doubt: self.on_in_doubt,
            budget: self.budget.clone(),
            suppress: suppressed(&self.suppress)?,
            ledger,
            reuse: Reuse::parse(&self.reuse, self.retry_not_found.as_deref())?,
            sample: self.sample,
            provenance: self.provenance,
        })
    }
}

fn texts(table: &Table, name: &str) -> Result<Vec<Option<String>>> {
    let chunks = table.column(name).map_err(lantern::Error::from)?;
    let field = table.schema.field_with_name(name).map_err(lantern::Error::from)?;
    Ok(column_as_text(name, field.data_type(), &chunks)?)
}

fn column<'a>(table: &'a RecordBatch, name: &str) -> Option<&'a ArrayRef> {
    table.column_by_name(name)
}

/// Puts the mapped columns before the answers. A column of the answer with the same name gets the
/// suffix `_answer`.
fn beside(table: &Table, fields: &[(String, String)], answers: RecordBatch) -> Result<RecordBatch> {
    // A sample has only some of the rows.
    let rows: Option<&UInt64Array> = column(&answers, "row").map(|rows| rows.as_primitive());
    let (mut schema, mut columns): (Vec<Arc<Field>>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    for (_, name) in fields {
        if schema.iter().any(|known| known.name() == name) {
            continue;
        }
        let all: ArrayRef = Arc::new(StringArray::from(texts(table, name)?));
        let own = match rows {
            Some(rows) => take(&all, rows, None).map_err(lantern::Error::from)?,
            None => all,
        };
        schema.push(Arc::new(Field::new(name, own.data_type().clone(), true)));
        columns.push(own);
    }
    let asked = schema.len();
    for (field, answer) in answers.schema().fields().iter().zip(answers.columns()) {
        let clash = schema[..asked].iter().any(|own| own.name() == field.name());
        schema.push(match clash {
            true => {
                let name = format!("{}_answer", field.name());
                Arc::new(Field::new(name, field.data_type().clone(), field.is_nullable()))
            }
            false => Arc::clone(field),
        });
        columns.push(Arc::clone(answer));
    }
    let whole = RecordBatch::try_new(Arc::new(Schema::new(schema)), columns);
    Ok(whole.map_err(lantern::Error::from)?)
}

/// What became of a row.
const STATUSES: [&str; 8] =
    ["done", "failed", "in_doubt", "over_budget", "sending", "skipped", "suppressed", "erased"];

/// Number of rows with each status, without zeros.
fn counts(answers: &RecordBatch) -> BTreeMap<&'static str, u64> {
    let Some(statuses) = column(answers, "status") else { return BTreeMap::new() };
    let statuses = statuses.as_string::<i32>();
    let count = |status| statuses.iter().filter(|own| *own == Some(status)).count() as u64;
    STATUSES
        .map(|status| (status, count(status)))
        .into_iter()
        .filter(|(_, rows)| *rows > 0)
        .collect()
}

/// Returns a failure if some rows have no answer.
fn unsuccessful(counts: &BTreeMap<&'static str, u64>, max_credits: u64) -> Result<()> {
    let rows = |status: &str| counts.get(status).copied().unwrap_or(0);
    let (failed, over, doubt) = (rows("failed"), rows("over_budget"), rows("in_doubt"));
    Err(if over > 0 {
        Failure::new(
            Exit::Credits,
            "budget",
            format!(
                "the budget of {} credits does not reach {} rows; raise --max-credits and map \
                 again to send them",
                format::count(max_credits),
                format::count(over),
            ),
        )
    } else if failed > 0 {
        let failed = format::count(failed);
        Failure::new(Exit::Other, "failed", format!("{failed} rows failed; see the column error"))
    } else if doubt > 0 {
        let doubt = format::count(doubt);
        let happened = format!("{doubt} rows may have arrived and their answers are unknown");
        Failure::new(Exit::Doubt, "outcome_unknown", happened)
    } else {
        return Ok(());
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_and_its_column_are_told_apart_by_the_first_sign() {
        assert_eq!(pair("domain=a=b"), Ok(("domain".to_owned(), "a=b".to_owned())));
        for text in ["domain", "=website", "domain=", ""] {
            assert!(pair(text).is_err(), "{text:?}");
        }
    }
}
