//! Results of loaded batches, which are fetched again if they are no longer on this machine.

use std::path::{Path, PathBuf};

use super::{
    job::Job,
    load::Failed,
    plan::Request,
    read_result::{Bought, kept_report, records, settled},
    records::RowAssigner,
    result_files::remove,
};
use crate::{
    api::agents::BatchKind,
    error::{Error, Result},
    ledger::{
        BatchRecord, JobRecord,
        erasure::is_erased,
        memory::{Answer, Source},
    },
    process::runtime::run_blocking,
    results::{Settled, keep_rows_of},
};

impl Job {
    /// The result files of loaded batches. Files that are no longer on this machine are fetched
    /// again.
    ///
    /// # Errors
    /// If a file is no longer on this machine and cannot be fetched.
    pub(super) async fn result_files(&self, batches: &[BatchRecord]) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::with_capacity(batches.len());
        for batch in batches {
            let (path, _) = self.files(batch)?;
            if !path.exists() {
                let own =
                    Fetched { id: self.inner.id, key: self.key(), kind: self.kind_of(batch)? };
                self.fetch_again(own, self.batch_request()?, batch, &path).await?;
            }
            paths.push(path);
        }
        Ok(paths)
    }

    /// The kind that a batch asks for, which may be a part of what the job asks for.
    pub(super) fn kind_of(&self, batch: &BatchRecord) -> Result<BatchKind> {
        Ok(batch.kind.unwrap_or(self.batch_request()?.kind))
    }

    /// The result of a loaded batch of any job, which is fetched again if it is no longer on this
    /// machine.
    pub(super) async fn result_of(
        &self,
        record: &JobRecord,
        batch: &BatchRecord,
    ) -> Result<(PathBuf, BatchKind)> {
        let kind = match batch.kind {
            Some(kind) => kind,
            None => record.kind.parse()?,
        };
        let (path, _) = self.files_of(record.id, &record.key, batch)?;
        if !path.exists() {
            let request = Request::from_ledger(&record.kind, &record.parameters)?;
            let of = Fetched { id: record.id, key: &record.key, kind };
            self.fetch_again(of, &request, batch, &path).await?;
        }
        Ok((path, kind))
    }

    /// The answers to the records of a batch that an earlier version loaded.
    pub(super) async fn answers_of(&self, batch: &BatchRecord) -> Result<Vec<Answer>> {
        let (id, number) = (self.inner.id, batch.number);
        let asked = self.inner.ledger.run(move |store| store.batch_ids(id, number)).await?;
        let kind = self.kind_of(batch)?;
        let (path, credits_path) = self.files(batch)?;
        let request = self.batch_request()?;
        if !path.exists() {
            let own = Fetched { id, key: self.key(), kind };
            self.fetch_again(own, request, batch, &path).await?;
        }
        let assigner = self.assigner((id, self.key()), request).await?;
        let name = batch.result_path.clone().unwrap_or_default();
        let key = self.key().to_owned();
        run_blocking(move || {
            let report = match kept_report(&credits_path) {
                Ok(report) => report,
                Err(error) => {
                    tracing::warn!(
                        %key, batch = number, %error,
                        "the credit report cannot be read, so the cost of its records is unknown"
                    );
                    None
                }
            };
            match settled(&path, &name, kind, (&asked, assigner.as_ref()))? {
                Settled::Answers(answers) => {
                    let bought = report.as_ref().map(|of| Bought::of(of, &answers, &asked));
                    Ok(records(&answers, kind, &asked, bought.as_ref()))
                }
                Settled::Unidentified(_) => Ok(Vec::new()),
            }
        })
        .await
    }

    /// Fetches the result of a loaded batch again.
    async fn fetch_again(
        &self,
        Fetched { id, key, kind }: Fetched<'_>,
        request: &Request,
        batch: &BatchRecord,
        path: &Path,
    ) -> Result<()> {
        let number = batch.number;
        // Whoever deletes a result says so in the ledger first.
        let source = Source { job: u32::try_from(id).unwrap_or(0), number };
        let found = self.inner.ledger.run(move |store| store.sources(&[source])).await?;
        if found.iter().any(|(_, _, unit)| unit.purged_at.is_some()) {
            let gone = format!("the result of batch {number} was deleted in the meantime");
            return Err(Error::results(path.display().to_string(), None, gone).that_passes(true));
        }
        self.download(batch, batch.result_path.as_deref(), path).await.map_err(|failed| {
            match failed {
                Failed::Missing(error) | Failed::Broken(error) => error,
            }
        })?;
        let asked = self.inner.ledger.run(move |store| store.batch_ids(id, number)).await?;
        let name = batch.result_path.clone().unwrap_or_default();
        let path = path.to_owned();
        let assigner = self.assigner((id, key), request).await?;
        let settled =
            run_blocking(move || settled_again(&path, &name, kind, &asked, assigner.as_ref()))
                .await?;
        match settled {
            Settled::Answers(_) => Ok(()),
            Settled::Unidentified(ids) => Err(Error::job(
                self.key(),
                format!("the result of batch {number} differs from the one loaded before: {ids}"),
            )
            .with_batch(number)),
        }
    }
}

/// Normalizes a result that was fetched again. It has the rows of people who were erased since; they
/// are removed, and no original with them is kept.
fn settled_again(
    path: &Path,
    name: &str,
    kind: BatchKind,
    asked: &[String],
    assigner: Option<&RowAssigner>,
) -> Result<Settled> {
    if !asked.iter().any(|id| is_erased(id)) {
        return settled(path, name, kind, (asked, assigner));
    }
    let rest: Vec<String> = asked.iter().filter(|id| !is_erased(id)).cloned().collect();
    if assigner.is_none() || rest.is_empty() {
        keep_rows_of(path, name, kind, &rest)?;
        return settled(path, name, kind, (&rest, assigner));
    }
    // A row of an erased record is left over, and is assigned to it by that or not at all.
    let outcome = settled(path, name, kind, (asked, assigner))?;
    if matches!(outcome, Settled::Answers(_)) {
        keep_rows_of(path, name, kind, &rest)?;
    }
    remove(&path.with_extension("original.csv"))?;
    Ok(outcome)
}

/// The result to fetch again: its job, and what its batch asked for.
struct Fetched<'a> {
    id: i64,
    key: &'a str,
    kind: BatchKind,
}
