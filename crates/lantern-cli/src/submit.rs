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
    face::ShellFace,
    failure::Result,
    files::read_column,
    format,
    report::{Out, report, time},
    shell, wait,
};
use lantern::{
    api::agents::{AgentType, BatchKind, Effort, EntityType, MAX_BATCH},
    client::Client,
    error::ErrorKind,
    jobs::{
        Job, JobOptions, Ledger, OnInDoubt,
        ids::Ids,
        plan::{DryRun, Request, Submission},
    },
    ledger::Reuse,
};

/// Submit a table of ids and wait for its result
///
/// Submitting the same ids again resumes the same job: what was sent is not sent again, what
/// was paid is not paid again.
#[derive(Debug, Args)]
pub struct Submit {
    /// A CSV, Parquet or Arrow IPC file, told apart by what it begins with; - is standard input
    file: PathBuf,
    /// What to ask for
    #[arg(long, value_name = "KIND", value_parser = words::<BatchKind>(&KINDS))]
    kind: BatchKind,
    /// The column that holds the ids
    #[arg(long, value_name = "COLUMN", default_value = "id")]
    id: String,
    /// The most credits that the whole job may cost
    #[arg(long, value_name = "N")]
    max_credits: u64,
    /// The job's name; by default made from the request and the ids
    #[arg(long)]
    key: Option<String>,
    #[command(flatten)]
    out: Out,
    /// Ids a batch, at most 1000
    #[arg(long, value_name = "N", default_value_t = MAX_BATCH)]
    batch_size: usize,
    /// The most that one id can cost; by default the usual price
    #[arg(long, value_name = "N")]
    credits_per_id: Option<u64>,
    /// What the ids stand for; companies are for deep-research
    #[arg(long, value_name = "TYPE", default_value = "person", value_parser = words::<EntityType>(&["person", "company"]))]
    entity_type: EntityType,
    /// For deep-research: what to look for
    #[arg(long, value_name = "TEXT", default_value = "")]
    query_hint: String,
    /// For deep-research: how hard to try
    #[arg(long, default_value = "medium", value_parser = words::<Effort>(&["low", "medium", "high"]))]
    effort: Effort,
    /// For deep-research: which agent
    #[arg(long, value_name = "AGENT", default_value = "general", value_parser = words::<AgentType>(&["general", "funding", "legal"]))]
    agent_type: AgentType,
    /// What to do with a batch that may have arrived: stop with exit code 6, send it again at the
    /// risk of paying twice, or give it up
    #[arg(long, value_name = "POLICY", default_value = "raise", value_parser = words::<OnInDoubt>(&DOUBT))]
    on_in_doubt: OnInDoubt,
    /// Whether known answers are taken: true, false (ask for everything), or an age such as 90d,
    /// from which on they are asked for again
    #[arg(long, value_name = "AGE", default_value = "true")]
    reuse: String,
    /// Ask again for what was not found such a time ago, as in 30d; by default never
    #[arg(long, value_name = "AGE")]
    retry_not_found: Option<String>,
    /// Ask only for so many ids, chosen at random; the same ones if it is done again
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
    /// Tell what would be sent and what it may cost, and send nothing
    #[arg(long, conflicts_with_all = ["no_wait", "out"])]
    dry_run: bool,
    /// Send what the limits allow now and return; `lantern results KEY` resumes
    #[arg(long, conflicts_with = "out")]
    no_wait: bool,
    /// Stop waiting after this time (90, 10m, 2h); the job can be picked up
    #[arg(long, value_name = "TIME", value_parser = time)]
    timeout: Option<Duration>,
    /// What separates the cells of a CSV file
    #[arg(long, value_name = "CHAR", default_value = ",", value_parser = delimiter)]
    delimiter: u8,
    #[command(flatten)]
    storage: StorageArgs,
}

const KINDS: [&str; 4] = ["phone", "email", "phone-email", "deep-research"];

/// What [`OnInDoubt`] is called.
pub const DOUBT: [&str; 3] = ["raise", "resend", "skip"];

/// One of a few words, which help and completions list.
pub fn words<T>(names: &[&'static str]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names.to_vec()).try_map(|name| name.parse::<T>())
}

/// One byte that separates cells.
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
        let options = JobOptions {
            on_in_doubt: self.on_in_doubt,
            storage: self.storage.options()?,
            results: self.storage.results.clone(),
            face: &ShellFace,
            ..JobOptions::default()
        };
        let ledger = session.connection.ledger()?;
        let client = session.connection.client(&ledger)?;
        let ids = session
            .signals
            .or(read_ids(self.file.clone(), self.id.clone(), self.delimiter))
            .await?;
        let submission = self.submission()?;
        if self.dry_run {
            return self.tell_plan(&client, &ledger, &submission, &ids, session).await;
        }
        let job = Job::submit(&client, &ledger, &submission, &self.id, &ids, options).await?;
        drop(ids);
        if self.no_wait {
            let progress = wait::once(&job, session).await?;
            let key = shell::word(job.key());
            return session.output.print(
                || format!("{progress}\n`lantern results {key} --out FILE` resumes it"),
                || json!(progress),
            );
        }
        let progress = wait::wait(&job, self.timeout, session).await?;
        report(&job, &progress, target, Some(begun.elapsed()), session).await
    }

    fn submission(&self) -> Result<Submission> {
        let request = Request {
            kind: self.kind,
            entity_type: self.entity_type,
            query_hint: self.query_hint.clone(),
            effort: self.effort,
            agent_type: self.agent_type,
            extra: serde_json::Map::new(),
        };
        Ok(Submission {
            request,
            max_credits: self.max_credits,
            key: self.key.clone(),
            batch_size: self.batch_size,
            price: self.credits_per_id,
            reuse: Reuse::parse(&self.reuse, self.retry_not_found.as_deref())?,
            sample: self.sample,
        })
    }

    async fn tell_plan(
        &self,
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        ids: &Ids,
        session: &mut Session,
    ) -> Result<()> {
        let plan = Job::dry_run(client, ledger, submission, &self.id, ids).await?;
        session.output.print(|| spoken(&plan, self.max_credits), || json!(plan))
    }
}

async fn read_ids(path: PathBuf, column: String, delimiter: u8) -> Result<Ids> {
    lantern::process::runtime::aside(move || ids(&path, &column, delimiter)).await
}

fn ids(path: &Path, name: &str, delimiter: u8) -> Result<Ids> {
    let column = read_column(path, name, delimiter)?;
    let ids = Ids::read(name, &column.data_type, &column.chunks);
    ids.map_err(|error| {
        let error = if error.is(ErrorKind::Input) { error.within(path.display()) } else { error };
        error.into()
    })
}

fn probably(plan: &DryRun) -> String {
    match (plan.likely_credits, plan.likely_least, plan.likely_most) {
        (Some(likely), Some(least), Some(most)) => format!(
            "{} credits ({} to {}), by {} records",
            format::count(likely),
            format::count(least),
            format::count(most),
            format::count(plan.seen_records)
        ),
        _ => "unknown: no such record was answered yet; --sample 100 asks for a few".to_owned(),
    }
}

fn spoken(plan: &DryRun, max_credits: u64) -> String {
    let mut rows = format::count(plan.rows);
    for (number, words) in
        [(plan.duplicates, "that come again"), (plan.without_id, "without an id")]
    {
        if number > 0 {
            rows += &format!(", {} {words}", format::count(number));
        }
    }
    let time = Duration::try_from_secs_f64(plan.least_seconds).unwrap_or_default();
    format::pairs([
        ("job", format!("{} ({})", plan.key, plan.kind)),
        (
            "state",
            if plan.known { "in the ledger; it would resume" } else { "new; nothing is sent yet" }
                .to_owned(),
        ),
        ("rows", rows),
        (
            "ids",
            format!(
                "{}: {} known, {} new, {} in flight",
                format::count(plan.ids),
                format::count(plan.known_ids),
                format::count(plan.new_ids),
                format::count(plan.in_flight_ids)
            ),
        ),
        ("batches", format::count(plan.batches)),
        (
            "credits",
            format!(
                "{} at most, of a budget of {}",
                format::count(plan.most_credits),
                format::count(max_credits)
            ),
        ),
        ("probably", probably(plan)),
        ("in budget", format!("{} ids for sure", format::count(plan.ids_within_budget))),
        ("time", format!("{} at least, by the rate limit", format::duration(time))),
    ])
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
    fn the_words_of_the_help_are_those_of_the_library() {
        assert_eq!(KINDS.to_vec(), BatchKind::ALL.map(BatchKind::name));
        assert!(DOUBT.iter().all(|word| word.parse::<OnInDoubt>().is_ok()));
    }
}
