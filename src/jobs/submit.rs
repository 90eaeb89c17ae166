//! Makes the job of a table, or says what would become of it.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use super::{
    account::account,
    forecast::{Bounds, DryRun, asked, suppressed_ids},
    ids::Ids,
    job::{Job, TableRows},
    memory::{Draft, remember_earlier},
    options::JobOptions,
    plan::Submission,
    records::{KnownRecords, ROW, Records},
    retention::look_at_retention,
    row_ids::pack_rows,
    suppression::{list, suppress_records},
};
use crate::{
    api::{LimitClass, agents::BatchKind},
    client::{Client, ClientConfig},
    error::{Advice, Error, Result},
    ledger::{Budget, JobRecord, Ledger, NewJob, Reuse, Store, memory::NewMemory},
    results::record_id::canonical,
};

/// The table that a job is made from.
enum Input {
    Ids { column: String, ids: Ids },
    Records(Records),
}

impl Input {
    /// The name of the table's first column, its ids, and what is sent of records.
    fn resolve(self, store: &dyn Store, kind: BatchKind) -> Result<(String, Ids, KnownRecords)> {
        match self {
            Self::Ids { column, ids } => Ok((column, ids, None)),
            Self::Records(records) => {
                let (ids, kept) = records.identify(&store.hash_key()?, kind)?;
                Ok((ROW.to_owned(), ids, Some(Arc::new(kept))))
            }
        }
    }
}

/// The job of a table before it is recorded, or described by a dry run.
struct Outline {
    planned: NewJob,
    ids: Ids,
    records: KnownRecords,
    /// The budget above the job.
    above: Option<Budget>,
    draft: Draft,
}

impl Outline {
    fn new(
        store: &dyn Store,
        submission: &Submission,
        input: Input,
        account: &str,
        config: &ClientConfig,
    ) -> Result<Self> {
        let (column, mut ids, records) = input.resolve(store, submission.request.kind)?;
        submission.take_sample(&column, &mut ids, account)?;
        let mut planned = submission.outline(&column, &ids, account, config.base_url.as_str())?;
        let above = planned.budget.as_deref().map(|name| store.budget(name)).transpose()?;
        if let Some(records) = &records {
            suppress_records(store, &mut planned.suppress, &ids.unique, records)?;
        }
        let draft = Draft::new(store, submission, &mut planned, &ids, config)?;
        Ok(Self { planned, ids, records, above, draft })
    }
}

impl Job {
    /// Records the job of a table, or finds it if it was submitted before. Sends nothing.
    ///
    /// # Errors
    /// If no plan is possible, another table or request has the same key, or there is no ledger.
    pub async fn submit(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        column: &str,
        ids: &Ids,
        options: JobOptions,
    ) -> Result<Self> {
        let input = Input::Ids { column: column.to_owned(), ids: ids.clone() };
        Self::submit_input(client, ledger, submission, input, options).await
    }

    /// Like [`Job::submit`], for records instead of ids.
    ///
    /// # Errors
    /// As for [`Job::submit`], or if the fields of the records are unknown or do not identify
    /// anybody, or the records cannot be stored beside the results.
    pub async fn submit_records(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        records: Records,
        options: JobOptions,
    ) -> Result<Self> {
        let submission = submission.for_records(&records)?;
        let input = Input::Records(records);
        Self::submit_input(client, ledger, &submission, input, options).await
    }

    async fn submit_input(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        input: Input,
        options: JobOptions,
    ) -> Result<Self> {
        let account = account(client, ledger).await?;
        remember_earlier(client, ledger, &account, submission, &options).await?;
        let (submission, config) = (submission.clone(), client.config().clone());
        // Planning millions of ids takes seconds, so it runs on a blocking thread, and the caller
        // can be interrupted.
        let (job, rows, records) = ledger
            .run(move |store| {
                let outline = Outline::new(store, &submission, input, &account, &config)?;
                let Outline { mut planned, mut ids, records, above, draft } = outline;
                let (record, new) = match draft {
                    Draft::Known(record) => (*record, false),
                    Draft::New(recall) => {
                        let bounds = Bounds { above, ..Bounds::default() };
                        let out = suppressed_ids(&list(store, None, &planned)?, &ids.unique);
                        let (most, price) = (planned.max_credits, planned.price);
                        if let Some(error) = bounds.refused(most, price, asked(&recall, &out)) {
                            return Err(error);
                        }
                        submission.plan_known(&mut planned, &mut ids, &recall)?;
                        store.create(&planned)?
                    }
                };
                if !new {
                    check_same(store, &record, &planned, &ids)?;
                    // The plan stays as it was recorded, so the rows are mapped to its order of
                    // ids.
                    ids.reorder(store.all_ids(record.id)?);
                    planned.row_ids = pack_rows(&ids)?;
                    let wish = submission.request.wish(&record.account, submission.reuse);
                    planned.memory = Some(NewMemory::new(wish, 0));
                    store.resubmit(record.id, &planned)?;
                }
                tracing::info!(key = %record.key, new, ids = record.ids, "job");
                let rows = TableRows {
                    count: planned.rows,
                    packed: planned.row_ids.into(),
                    id_column: planned.id_column,
                    id_type: planned.id_type,
                };
                Ok((record, rows, records))
            })
            .await?;
        look_at_retention(ledger).await;
        let job = Self::open(client, ledger, &job, rows, options)?;
        if let Some(records) = records {
            job.keep_records(records).await?;
        }
        Ok(job)
    }

    /// Returns what [`Job::submit`] would do, without sending or recording anything.
    ///
    /// # Errors
    /// As for [`Job::submit`].
    pub async fn dry_run(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        column: &str,
        ids: &Ids,
    ) -> Result<DryRun> {
        let input = Input::Ids { column: column.to_owned(), ids: ids.clone() };
        Self::dry_run_input(client, ledger, submission, input).await
    }

    /// Returns what [`Job::submit_records`] would do, without sending or recording anything.
    ///
    /// # Errors
    /// As for [`Job::submit_records`].
    pub async fn dry_run_records(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        records: Records,
    ) -> Result<DryRun> {
        let submission = submission.for_records(&records)?;
        Self::dry_run_input(client, ledger, &submission, Input::Records(records)).await
    }

    async fn dry_run_input(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        input: Input,
    ) -> Result<DryRun> {
        let account = account(client, ledger).await?;
        let options = JobOptions::default();
        remember_earlier(client, ledger, &account, submission, &options).await?;
        let (submission, config) = (submission.clone(), client.config().clone());
        let per_minute = client.per_minute(LimitClass::Batches)?;
        ledger
            .run(move |store| {
                let outline = Outline::new(store, &submission, input, &account, &config)?;
                let Outline { mut planned, ids, above, draft, .. } = outline;
                let (recall, job) = match draft {
                    Draft::Known(record) => {
                        let wish = submission.request.wish(&account, Reuse::ALWAYS);
                        (store.recall(&wish, &ids.unique, None)?, Some(*record))
                    }
                    Draft::New(recall) => (recall, None),
                };
                let list = list(store, job.as_ref().map(|job| job.id), &planned)?;
                let out = suppressed_ids(&list, &ids.unique);
                let known = job.is_some();
                let above = above.or_else(|| job.and_then(|job| job.budget));
                let mut ordered = ids.clone();
                submission.plan_known(&mut planned, &mut ordered, &recall)?;
                let wish = submission.request.wish(&account, submission.reuse);
                let rates = store.rates(&wish)?;
                let bounds = Bounds { above, per_minute, known };
                Ok(DryRun::new(&planned, &ids, &recall, &out, &rates, bounds))
            })
            .await
    }
}

/// Checks that a submission has the same request and ids as the job that has its key.
fn check_same(store: &dyn Store, known: &JobRecord, planned: &NewJob, ids: &Ids) -> Result<()> {
    if known.digest == planned.digest {
        return Ok(());
    }
    let difference = if known.kind != planned.kind {
        format!("it asks for {} there and for {} here", known.kind, planned.kind)
    } else if known.parameters != planned.parameters {
        format!("its parameters are {} there and {} here", known.parameters, planned.parameters)
    } else {
        let there = store.all_ids(known.id)?;
        let there: HashSet<Cow<'_, str>> = there.iter().map(|id| canonical(id)).collect();
        let here: HashSet<Cow<'_, str>> = ids.unique.iter().map(|id| canonical(id)).collect();
        let new = here.difference(&there).count();
        let gone = there.difference(&here).count();
        // An earlier version hashed the ids as they were spelled.
        if new == 0 && gone == 0 {
            return Ok(());
        }
        format!("this table has {new} ids that the job does not have, and lacks {gone} that it has")
    };
    Err(Error::job(
        &planned.key,
        format!("job {:?} was submitted before and is another one: {difference}", planned.key),
    )
    .advise(Advice::UseAnotherKey))
}
