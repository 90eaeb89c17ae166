//! `lantern resolve`

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::{Value, json};

use super::{
    Session,
    failure::{Failure, Result},
};
use lantern::{
    jobs::{Job, JobOptions},
    ledger::Decision,
};

/// Decide about a batch or a call in doubt, or send a failed batch again
///
/// A batch is in doubt if it is unknown whether it reached the API. The API's support can find out by
/// the batch's idempotency key, which `lantern status KEY --json` shows. A batch that is sent again may
/// be paid for twice.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("decision").required(true))]
pub struct Resolve {
    /// Key of the job, as `lantern jobs` lists it
    key: String,
    /// Number of the batch or call, as `lantern status KEY` lists it
    batch: u32,
    /// It arrived, and this is the id of its run
    #[arg(long, value_name = "ID", group = "decision")]
    run_id: Option<String>,
    /// Place of that run's result; by default beside the results of the job's other batches
    #[arg(long, value_name = "URL", requires = "run_id")]
    result_path: Option<String>,
    /// Place of that run's credit report
    #[arg(long, value_name = "URL", requires = "result_path")]
    credits_path: Option<String>,
    /// It arrived, and this JSON file has the API's answer (only for a call of `lantern map` or
    /// `client.map`); - is standard input
    #[arg(long, value_name = "FILE", group = "decision")]
    answer: Option<PathBuf>,
    /// Send it again; if it had arrived, it is paid for twice
    #[arg(long, group = "decision")]
    resend: bool,
    /// Give it up; its maximum cost counts as spent
    #[arg(long, group = "decision")]
    skip: bool,
}

impl Resolve {
    pub async fn run(self, session: &Session) -> Result<()> {
        let ledger = session.connection.ledger()?;
        let client = session.connection.client(&ledger)?;
        let job = Job::load(&client, &ledger, &self.key, JobOptions::default()).await?;
        let done = match (&self.run_id, &self.answer) {
            (Some(run_id), _) => {
                let (result, credits) = (self.result_path.as_deref(), self.credits_path.as_deref());
                job.attach(self.batch, run_id, result, credits).await?;
                format!("is run {run_id}")
            }
            (None, Some(path)) => {
                job.answer(self.batch, read(path)?).await?;
                "is answered".to_owned()
            }
            _ if self.resend => {
                job.decide(self.batch, Decision::Resend).await?;
                "will be sent again".to_owned()
            }
            _ => {
                job.decide(self.batch, Decision::Skip).await?;
                "is given up".to_owned()
            }
        };
        let key = super::shell::word(&self.key);
        session.output.print(
            || {
                format!(
                    "batch {} {done}; `lantern results {key} --out FILE` resumes the job",
                    self.batch
                )
            },
            || json!({"key": self.key, "batch": self.batch, "decision": done}),
        )
    }
}

fn read(path: &Path) -> Result<Value> {
    let mut text = String::new();
    let (read, place) = if path == Path::new("-") {
        (std::io::stdin().read_to_string(&mut text), "standard input".to_owned())
    } else {
        let read = std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text));
        (read, path.display().to_string())
    };
    read.map_err(|error| Failure::input(format!("{place} cannot be read: {error}")))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::input(format!("{place} is not an answer of the API: {error}")))
}
