//! `lantern results`

use std::time::Duration;

use clap::Args;

use super::{
    Session,
    connection::StorageArgs,
    face::ShellFace,
    failure::Result,
    report::{Out, report, time},
    submit::{DOUBT, words},
    wait,
};
use lantern::jobs::{Job, JobOptions, OnInDoubt};

/// Resume a job until it ends, and write its result
///
/// What is still to be sent is sent, within the job's budget.
#[derive(Debug, Args)]
pub struct Results {
    /// The job's key, as `lantern jobs` lists it
    key: String,
    #[command(flatten)]
    out: Out,
    /// Write what has been loaded so far, and neither send nor wait
    #[arg(long)]
    no_wait: bool,
    /// Stop waiting after this time (90, 10m, 2h); the job can be picked up
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "no_wait")]
    timeout: Option<Duration>,
    /// What to do with a batch that may have arrived: stop with exit code 6, send it again at the
    /// risk of paying twice, or give it up
    #[arg(long, value_name = "POLICY", default_value = "raise", value_parser = words::<OnInDoubt>(&DOUBT))]
    on_in_doubt: OnInDoubt,
    #[command(flatten)]
    storage: StorageArgs,
}

impl Results {
    pub async fn run(self, session: &mut Session) -> Result<()> {
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
        let job = Job::load(&client, &ledger, &self.key, options).await?;
        let progress = if self.no_wait {
            job.progress().await?
        } else {
            wait::wait(&job, self.timeout, session).await?
        };
        report(&job, &progress, target, None, session).await
    }
}
