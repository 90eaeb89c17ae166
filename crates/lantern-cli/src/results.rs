//! `lantern results`

use std::time::Duration;

use clap::Args;

use super::{
    Session,
    connection::StorageArgs,
    failure::Result,
    report::{Out, report, time},
    submit::{DOUBT, words},
    wait,
};
use lantern::jobs::{Job, OnInDoubt};

/// Resume a job, wait until it has ended, and write its result
///
/// Batches that were not sent yet are sent, within the job's budget.
#[derive(Debug, Args)]
pub struct Results {
    /// Key of the job, as `lantern jobs` lists it
    key: String,
    #[command(flatten)]
    out: Out,
    /// Add the columns answered_at, run_id and credits, which say where each answer comes from
    #[arg(long, requires = "out")]
    provenance: bool,
    /// Write what has been loaded so far, without sending or waiting
    #[arg(long)]
    no_wait: bool,
    /// Maximum time to wait, in seconds or with a unit (90, 10m, 2h); the job can be resumed
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "no_wait")]
    timeout: Option<Duration>,
    /// What to do with a batch that may have arrived: raise stops with exit code 6, resend sends it
    /// again at the risk of paying twice, skip gives it up
    #[arg(long, value_name = "POLICY", default_value = "raise", value_parser = words::<OnInDoubt>(&DOUBT))]
    on_in_doubt: OnInDoubt,
    #[command(flatten)]
    storage: StorageArgs,
}

impl Results {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let target = self.out.target(session)?;
        let options = self.storage.job_options(self.on_in_doubt)?;
        let ledger = session.connection.ledger()?;
        let client = session.connection.client(&ledger)?;
        let job = Job::load(&client, &ledger, &self.key, options).await?;
        let progress = if self.no_wait {
            job.progress().await?
        } else {
            wait::wait(&job, self.timeout, session).await?
        };
        report(&job, &progress, target, self.provenance, None, session).await
    }
}
