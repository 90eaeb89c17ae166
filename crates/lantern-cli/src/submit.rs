//! `lantern submit`

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::{Duration, Instant},
};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde_json::json;

use super::{
    Session,
    connection::StorageArgs,
    failure::{Failure, Result},
    files::{read_column, read_columns},
    forecast,
    report::{Out, report, time},
    shell, wait,
};
use lantern::{
    api::agents::{AgentType, BatchKind, Effort, EntityType, MAX_BATCH},
    client::Client,
    error::ErrorKind,
    jobs::{
        Job, Ledger, OnInDoubt,
        ids::Ids,
        plan::{Request, Submission},
        records::{Columns, FieldColumn, Records, check_columns},
        suppression,
    },
    ledger::{Reuse, suppression::Entry},
    process::runtime::run_blocking,
};

/// Submit a table of ids, or of names and companies, and wait for its result
///
/// Submitting the same table again resumes the same job: nothing is sent or paid for twice. Records
/// that an earlier job asked about are answered from the ledger.
#[derive(Debug, Args)]
pub struct Submit {
    /// CSV, Excel, Parquet or Arrow file, recognized by its content; - is standard input
    file: PathBuf,
    /// What to find for each id
    #[arg(long, value_name = "KIND", value_parser = words::<BatchKind>(&KINDS))]
    kind: BatchKind,
    /// Column of the ids
    #[arg(long, value_name = "COLUMN", default_value = "id", conflicts_with = "column")]
    id: String,
    /// Instead of ids, a field of a person and its column, such as first_name=First (repeatable):
    /// first_name, last_name and company_name, or linkedin. The result has row numbers as `row`
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = field_column)]
    column: Vec<(String, String)>,
    /// Budget of the job in credits, never exceeded; 0 uses known answers only
    #[arg(long, value_name = "N")]
    max_credits: u64,
    /// Budget that the job shares with others, by its name; see `lantern budget`
    #[arg(long, value_name = "NAME")]
    budget: Option<String>,
    /// File of ids, e-mail addresses, domains and LinkedIn pages that are never sent and never
    /// returned, in addition to those of `lantern suppress` (repeatable)
    #[arg(long, value_name = "FILE")]
    suppress: Vec<PathBuf>,
    /// Name of the job; by default a hash of the request and the ids
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    out: Out,
    /// Add the columns answered_at, run_id and credits, which say where each answer comes from
    #[arg(long, requires = "out")]
    provenance: bool,
    /// Number of ids per batch, at most 1000
    #[arg(long, value_name = "N", default_value_t = MAX_BATCH)]
    batch_size: usize,
    /// Maximum number of credits that one id can cost; by default the API's usual price
    #[arg(long, value_name = "N")]
    credits_per_id: Option<u64>,
    /// What the ids identify; company is for deep-research only
    #[arg(long, value_name = "TYPE", default_value = "person", value_parser = words::<EntityType>(&["person", "company"]))]
    entity_type: EntityType,
    /// For deep-research: what to look for, in words
    #[arg(long, value_name = "TEXT", default_value = "")]
    query_hint: String,
    /// For deep-research: how much effort to make; more costs more credits
    #[arg(long, default_value = "medium", value_parser = words::<Effort>(&["low", "medium", "high"]))]
    effort: Effort,
    /// For deep-research: agent that researches
    #[arg(long, value_name = "AGENT", default_value = "general", value_parser = words::<AgentType>(&["general", "funding", "legal"]))]
    agent_type: AgentType,
    /// What to do with a batch that may have arrived: raise stops with exit code 6, resend sends it
    /// again at the risk of paying twice, skip gives it up
    #[arg(long, value_name = "POLICY", default_value = "raise", value_parser = words::<OnInDoubt>(&DOUBT))]
    on_in_doubt: OnInDoubt,
    /// Which known answers to use: all (true), none (false), or those that are not older than an age
    /// such as 90d
    #[arg(long, value_name = "AGE", default_value = "true")]
    reuse: String,
    /// Age from which on to ask again for ids that were not found, such as 30d; by default never
    #[arg(long, value_name = "AGE")]
    retry_not_found: Option<String>,
    /// Number of ids to ask for, chosen at random; asking again chooses the same ids
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Print what would be sent and what it may cost, and send nothing
    #[arg(long, conflicts_with_all = ["no_wait", "out"])]
    dry_run: bool,
    /// Send what the rate limits allow now, and do not wait; `lantern results KEY` resumes the job
    #[arg(long, conflicts_with = "out")]
    no_wait: bool,
    /// Maximum time to wait, in seconds or with a unit (90, 10m, 2h); the job can be resumed
    #[arg(long, value_name = "TIME", value_parser = time)]
    timeout: Option<Duration>,
    /// Character that separates the cells of a CSV file; by default the one that makes a table of the
    /// first 64 KiB
    #[arg(
        long, value_name = "CHAR", default_value = ",", hide_default_value = true,
        value_parser = delimiter
    )]
    delimiter: u8,
    #[command(flatten)]
    storage: StorageArgs,
}

const KINDS: [&str; 4] = ["phone", "email", "phone-email", "deep-research"];

/// The names of [`OnInDoubt`].
pub const DOUBT: [&str; 3] = ["raise", "resend", "skip"];

/// Parses one of a few words, which help and completions list.
pub fn words<T>(names: &[&'static str]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names.to_vec()).try_map(|name| name.parse::<T>())
}

/// Parses a field of records and its column.
fn field_column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, column)) if !field.trim().is_empty() && !column.is_empty() => {
            Ok((field.trim().to_owned(), column.to_owned()))
        }
        _ => Err("give a field and its column, such as first_name=First".to_owned()),
    }
}

/// Parses the byte that separates cells.
pub fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "\\t" | "tab" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [byte] if !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
            _ => Err("give one character, such as ';', or '\\t' for a tab".to_owned()),
        },
    }
}

impl Submit {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let begun = Instant::now();
        let target = self.out.target(session)?;
        let options = self.storage.job_options(self.on_in_doubt)?;
        let ledger = session.connection.ledger()?;
        let client = session.connection.client(&ledger)?;
        let submission = self.submission()?;
        let input = session.signals.or(self.read()).await?;
        if self.dry_run {
            return self.tell_plan(&client, &ledger, &submission, input, session).await;
        }
        let job = match input {
            Input::Ids(ids) => {
                Job::submit(&client, &ledger, &submission, &self.id, &ids, options).await?
            }
            Input::Records(records) => {
                Job::submit_records(&client, &ledger, &submission, records, options).await?
            }
        };
        if self.no_wait {
            let progress = wait::once(&job, session).await?;
            let key = shell::word(job.key());
            return session.output.print(
                || format!("{progress}\n`lantern results {key} --out FILE` resumes it"),
                || json!(progress),
            );
        }
        let progress = wait::wait(&job, self.timeout, session).await?;
        let took = Some(begun.elapsed());
        report(&job, &progress, target, self.provenance, took, session).await
    }

    fn submission(&self) -> Result<Submission> {
        let request = Request {
            kind: self.kind,
            entity_type: self.entity_type,
            query_hint: self.query_hint.clone(),
            effort: self.effort,
            agent_type: self.agent_type,
            ..Request::new(self.kind)
        };
        Ok(Submission {
            request,
            max_credits: self.max_credits,
            key: self.key.clone(),
            batch_size: self.batch_size,
            price: self.credits_per_id,
            reuse: Reuse::parse(&self.reuse, self.retry_not_found.as_deref())?,
            sample: self.sample,
            budget: self.budget.clone(),
            suppress: suppressed(&self.suppress)?,
        })
    }

    async fn tell_plan(
        &self,
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        input: Input,
        session: &mut Session,
    ) -> Result<()> {
        let plan = match input {
            Input::Ids(ids) => Job::dry_run(client, ledger, submission, &self.id, &ids).await?,
            Input::Records(records) => {
                Job::dry_run_records(client, ledger, submission, records).await?
            }
        };
        session.output.print(|| forecast::of_batches(&plan, self.max_credits), || json!(plan))
    }
}

/// What is submitted.
enum Input {
    Ids(Ids),
    Records(Records),
}

impl Submit {
    async fn read(&self) -> Result<Input> {
        let (path, delimiter) = (self.file.clone(), self.delimiter);
        if self.column.is_empty() {
            let column = self.id.clone();
            return run_blocking(move || Ok(Input::Ids(ids(&path, &column, delimiter)?))).await;
        }
        let mut columns = Columns::new();
        for (field, column) in &self.column {
            if columns.insert(field.clone(), column.clone()).is_some() {
                let twice = format!("--column gives {field} twice; give each field one column");
                return Err(Failure::input(twice));
            }
        }
        check_columns(self.kind, &columns)?;
        run_blocking(move || Ok(Input::Records(records(&path, columns, delimiter)?))).await
    }
}

/// The entries of some lists.
pub fn suppressed(lists: &[PathBuf]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for path in lists {
        entries.extend(suppression::of_file(path)?);
    }
    Ok(entries)
}

fn records(path: &Path, columns: Columns, delimiter: u8) -> Result<Records> {
    let names: Vec<&str> = columns.values().map(String::as_str).collect();
    let read = read_columns(path, &names, delimiter, "--column FIELD=")?;
    let fields = columns.iter().zip(read).map(|((field, column), read)| FieldColumn {
        field: field.clone(),
        column: column.clone(),
        data_type: read.data_type,
        chunks: read.chunks,
    });
    Ok(Records::read(fields.collect())?)
}

fn ids(path: &Path, name: &str, delimiter: u8) -> Result<Ids> {
    let column = read_column(path, name, delimiter)?;
    let ids = Ids::read(name, &column.data_type, &column.chunks);
    ids.map_err(|error| {
        let error = if error.is(ErrorKind::Input) { error.within(path.display()) } else { error };
        error.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_one_character() {
        assert_eq!(
            (delimiter(";"), delimiter("\\t"), delimiter("tab")),
            (Ok(b';'), Ok(b'\t'), Ok(b'\t'))
        );
        for text in ["", ";;", "\"", "ä", "\n"] {
            assert!(delimiter(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_field_and_its_column_are_told_apart() {
        let read = |text| field_column(text).ok();
        let own = |field: &str, column: &str| Some((field.to_owned(), column.to_owned()));
        assert_eq!(read("first_name=First"), own("first_name", "First"));
        assert_eq!(read("company = a=b"), own("company", " a=b"));
        assert!(["first_name", "=First", "first_name="].iter().all(|text| read(text).is_none()));
    }

    #[test]
    fn the_words_of_the_help_are_those_of_the_library() {
        assert_eq!(KINDS.to_vec(), BatchKind::ALL.map(BatchKind::name));
        assert!(DOUBT.iter().all(|word| word.parse::<OnInDoubt>().is_ok()));
    }
}
