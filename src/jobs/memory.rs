//! A job and the memory of records: what a submission takes from there, what earlier versions loaded, and
//! what a job waits for that others ask.

use std::collections::BTreeMap;

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    account::{earlier, known},
    ids::Ids,
    job::{Job, JobOptions, OnInDoubt},
    plan::Submission,
    progress::{JobState, Progress},
};
use crate::{
    client::{Client, ClientConfig},
    error::{Advice, Error, ErrorKind, Result},
    ledger::{
        JobRecord, Ledger, NewJob, Reuse, Store, UnitState,
        memory::{Recall, Waiting},
    },
    process::loopback::is_loopback,
};

/// What a submission is to become.
pub(super) enum Draft {
    /// The job that goes on.
    Known(Box<JobRecord>),
    /// A new job, with what is known of its ids.
    New(Recall),
}

impl Draft {
    /// Finds the job that a submission goes on with. One that has ended, and whose key nobody chose, is
    /// asked anew under another key where the submission does not take all of its answers.
    pub fn new(
        store: &dyn Store,
        submission: &Submission,
        planned: &mut NewJob,
        ids: &Ids,
        config: &ClientConfig,
    ) -> Result<Self> {
        let digest = planned.digest.clone();
        let found = known(store, &planned.account, &planned.key, config, Some(&digest))?;
        let wish = submission.request.wish(&planned.account, submission.reuse);
        let recall = || store.recall(&wish, &ids.unique, None);
        Self::after(store, planned, found, submission.key.is_some(), submission.reuse, recall)
    }

    /// [`Draft::new`], once it is known whether the ledger has the job. `keyed` if somebody chose its key.
    pub fn after(
        store: &dyn Store,
        planned: &mut NewJob,
        found: Option<JobRecord>,
        keyed: bool,
        reuse: Reuse,
        recall: impl Fn() -> Result<Recall>,
    ) -> Result<Self> {
        let Some(mut latest) = found else { return Ok(Self::New(recall()?)) };
        if keyed {
            return Ok(Self::Known(Box::new(latest)));
        }
        let first = planned.key.clone();
        let mut next = 2;
        while let Some(later) = store.find(&latest.account, &format!("{first}-{next}"))? {
            latest = later;
            next += 1;
        }
        let takes_all = reuse == Reuse::ALWAYS;
        let ended = || {
            Ok::<_, Error>(Progress::new(&latest, store.sums(latest.id)?).state == JobState::Done)
        };
        if takes_all || !ended()? {
            planned.key.clone_from(&latest.key);
            return Ok(Self::Known(Box::new(latest)));
        }
        let recall = recall()?;
        if recall.of.iter().all(|recalled| recalled.missing == 0) {
            planned.key.clone_from(&latest.key);
            return Ok(Self::Known(Box::new(latest)));
        }
        planned.key = format!("{first}-{next}");
        Ok(Self::New(recall))
    }
}

/// Gives the memory what earlier versions loaded, as far as its results are here or can be fetched.
pub(super) async fn remember_earlier(
    client: &Client,
    ledger: &Ledger,
    account: &str,
    submission: &Submission,
    options: &JobOptions,
) -> Result<()> {
    let mut accounts = vec![account.to_owned()];
    if !is_loopback(&client.config().base_url) {
        accounts.push(earlier(client.config()));
    }
    for account in accounts {
        let wish = submission.request.wish(&account, submission.reuse);
        if wish.reuse.is_never() {
            continue;
        }
        let units = ledger.run(move |store| store.unremembered(&wish)).await?;
        for (record, unit) in units {
            let job = Job::other(client, ledger, &record, options.clone())?;
            let number = unit.number;
            let answers = match job.answers_of(&unit).await {
                Ok(answers) => answers,
                Err(error) => {
                    tracing::warn!(
                        key = %record.key, batch = number, %error,
                        "the answers of a batch are gone, so its ids are not known"
                    );
                    Vec::new()
                }
            };
            let id = record.id;
            ledger.run(move |store| store.remember_earlier(id, number, &answers)).await?;
        }
    }
    Ok(())
}

/// What became of ids that wait for other jobs.
pub(super) enum Others {
    /// Some were planned again.
    Changed,
    /// They are still under way.
    UnderWay,
    /// A person has to decide about all that is waited for.
    InDoubt(Error),
}

impl Job {
    /// Looks after ids that other jobs ask for: helps to load them, and plans them again once that is
    /// settled.
    pub(super) async fn look_after_others(&self) -> Result<Others> {
        let id = self.id();
        let replan = move |store: &dyn Store| store.replan(id);
        let first = self.ledger().run(replan).await?;
        if first.changed {
            return Ok(Others::Changed);
        }
        if self.options().help_others {
            self.help(&first.waits).await?;
        }
        let then = self.ledger().run(replan).await?;
        if then.changed {
            return Ok(Others::Changed);
        }
        let waits = then.waits;
        if !waits.is_empty() && waits.iter().all(|wait| wait.state == UnitState::InDoubt) {
            return Ok(Others::InDoubt(self.doubt_of_others(&waits).await?));
        }
        Ok(Others::UnderWay)
    }

    /// Works on what other jobs sent: their processes may be gone.
    ///
    /// A helper helps nobody in turn, so this is as deep as it gets.
    fn help<'a>(&'a self, waits: &'a [Waiting]) -> BoxFuture<'a, Result<()>> {
        self.help_each(waits).boxed()
    }

    async fn help_each(&self, waits: &[Waiting]) -> Result<()> {
        let mut jobs: Vec<i64> = waits.iter().map(|wait| wait.job).collect();
        jobs.sort_unstable();
        jobs.dedup();
        for id in jobs {
            let record = self.ledger().run(move |store| Ok(store.state(id)?.0)).await?;
            // What is in doubt there is decided there, and by no policy of this job.
            let options = JobOptions {
                spend: false,
                help_others: false,
                on_in_doubt: OnInDoubt::Raise,
                ..self.options().clone()
            };
            let other = Self::other(self.client(), self.ledger(), &record, options)?;
            // What is wrong with another job is told where that one is waited for.
            if let Err(error) = other.poll().await {
                tracing::info!(key = %record.key, %error, "another job, which is waited for");
                if error.is(ErrorKind::Ledger) {
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    async fn doubt_of_others(&self, waits: &[Waiting]) -> Result<Error> {
        let mut by_job: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for wait in waits {
            by_job.entry(wait.job).or_default().push(wait.number);
        }
        let Some((id, batches)) = by_job.into_iter().next() else {
            return Err(Error::ledger("nothing is waited for"));
        };
        let other = self.ledger().run(move |store| Ok(store.state(id)?.0.key)).await?;
        let key = self.key();
        Ok(Error::new(
            ErrorKind::OutcomeUnknown,
            format!(
                "job {key:?}: ids of it may have been sent and paid in job {other:?}, and their \
                 answers are unknown"
            ),
        )
        .with_job(&other)
        .advise(Advice::DecideBatches { job: other.clone(), batches }))
    }
}
