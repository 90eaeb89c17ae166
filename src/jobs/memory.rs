//! Connects a job with the memory of records: which known answers a submission takes, how results
//! of earlier versions are added, and what a job waits for that others are asking for.

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    account::{earlier, known},
    doubt_elsewhere::{Sent, doubt_elsewhere},
    ids::Ids,
    job::{Job, JobOptions, OnInDoubt},
    plan::Submission,
    progress::{JobState, Progress},
};
use crate::{
    client::{Client, ClientConfig},
    error::{Error, ErrorKind, Result},
    ledger::{
        JobRecord, Ledger, NewJob, Reuse, Store, UnitState,
        memory::{Recall, Waiting},
    },
    process::loopback::is_loopback,
};

/// What a submission becomes.
pub(super) enum Draft {
    /// The existing job, which is resumed.
    Known(Box<JobRecord>),
    /// A new job, with what is known about its ids.
    New(Recall),
}

impl Draft {
    /// Finds the job that a submission resumes. If that job has ended, has an automatic key, and
    /// has answers that this submission does not accept, a new job is made under another key.
    pub fn new(
        store: &dyn Store,
        submission: &Submission,
        planned: &mut NewJob,
        ids: &Ids,
        config: &ClientConfig,
    ) -> Result<Self> {
        let digest = planned.digest.clone();
        let mut found = known(store, &planned.account, &planned.key, config, Some(&digest))?;
        if found.is_none()
            && let Some((key, digest)) = submission.earlier(ids)
        {
            found = known(store, &planned.account, &key, config, Some(&digest))?;
            if found.is_some() {
                planned.key = key;
            }
        }
        let wish = submission.request.wish(&planned.account, submission.reuse);
        let recall = || store.recall(&wish, &ids.unique, None);
        Self::after(store, planned, found, submission.key.is_some(), submission.reuse, recall)
    }

    /// Like [`Draft::new`], once the ledger was searched for the job. `keyed` says whether the
    /// caller chose the key.
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

/// Adds what earlier versions loaded to the memory, as far as the results are on this machine or
/// can be fetched.
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
                        "the answers of a batch cannot be found, so its ids count as unknown"
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

/// The state of ids that wait for other jobs.
pub(super) enum Others {
    /// Some were planned again.
    Changed,
    /// They are still in flight.
    UnderWay,
    /// A person has to decide about all batches that are waited for.
    InDoubt(Error),
    /// The results that are waited for cannot be read, so somebody has to act first.
    Failing(Error),
}

impl Job {
    /// Helps to load the ids that other jobs are asking for, and plans them again once they are
    /// settled.
    pub(super) async fn look_after_others(&self) -> Result<Others> {
        let id = self.id();
        let replan = move |store: &dyn Store| store.replan(id);
        let first = self.ledger().run(replan).await?;
        if first.changed {
            return Ok(Others::Changed);
        }
        let failing = match self.options().help_others {
            true => self.help(&first.waits).await?,
            false => Vec::new(),
        };
        let then = self.ledger().run(replan).await?;
        if then.changed {
            return Ok(Others::Changed);
        }
        let waits = then.waits;
        if !waits.is_empty() && waits.iter().all(Waiting::needs_decision) {
            let key = self.key().to_owned();
            let sent = if self.sends_records() { Sent::Records } else { Sent::Ids };
            let error = move |store: &dyn Store| doubt_elsewhere(store, &key, &waits, sent);
            return Ok(Others::InDoubt(self.ledger().run(error).await?));
        }
        let failed = |wait: &Waiting| {
            let failed = failing.iter().find(|(job, _)| *job == wait.job);
            failed.filter(|_| wait.state == UnitState::Completed)
        };
        if let Some((_, error)) = waits.iter().find_map(failed)
            && waits.iter().all(|wait| wait.needs_decision() || failed(wait).is_some())
        {
            let error = error.clone();
            return Ok(Others::Failing(
                error.within(format_args!("job {:?} waits for another job", self.key())),
            ));
        }
        Ok(Others::UnderWay)
    }

    /// Works on what other jobs have sent, because their processes may have ended. Returns those whose
    /// results cannot be fetched or read.
    ///
    /// A helper does not help in turn, so there is only one level of nesting.
    fn help<'a>(&'a self, waits: &'a [Waiting]) -> BoxFuture<'a, Result<Vec<(i64, Error)>>> {
        self.help_each(waits).boxed()
    }

    async fn help_each(&self, waits: &[Waiting]) -> Result<Vec<(i64, Error)>> {
        let mut failing = Vec::new();
        let mut jobs: Vec<i64> = waits.iter().map(|wait| wait.job).collect();
        jobs.sort_unstable();
        jobs.dedup();
        for id in jobs {
            let record = self.ledger().run(move |store| Ok(store.state(id)?.0)).await?;
            // What is in doubt in another job is decided there, not by this job's options.
            let options = JobOptions {
                spend: false,
                help_others: false,
                on_in_doubt: OnInDoubt::Raise,
                ..self.options().clone()
            };
            let other = Self::other(self.client(), self.ledger(), &record, options)?;
            // Other errors of another job are reported when that job is waited for.
            if let Err(error) = other.poll().await {
                tracing::info!(key = %record.key, %error, "another job, which is waited for");
                match error.kind() {
                    ErrorKind::Ledger => return Err(error),
                    ErrorKind::Results | ErrorKind::Config => failing.push((id, error)),
                    _ => {}
                }
            }
        }
        Ok(failing)
    }
}
