//! Decisions of a person about a job's batches.

use super::job::Job;
use crate::{
    api::agents::{RunPhase, RunStatus},
    client::CallOptions,
    error::{Advice, Error, ErrorKind, Result},
    ledger::{Accepted, Decision},
};

impl Job {
    /// Applies a person's decision about a batch: see [`Decision`].
    ///
    /// # Errors
    /// If there is no such batch, or the decision is invalid in its state.
    pub async fn decide(&self, number: u32, decision: Decision) -> Result<()> {
        let id = self.inner.id;
        let key = self.inner.key.clone();
        self.clocks(|clocks| clocks.remove(&number));
        // This process may have received an answer that is not recorded yet.
        self.inner.ledger.deliver().await?;
        let decided = self.inner.ledger.run(move |store| store.decide(id, number, &decision)).await;
        decided.map_err(|error| match error.kind() {
            ErrorKind::Job if error.advice().is_none() => error
                .with_job(key.clone())
                .with_batch(number)
                .advise(Advice::ListBatches { job: key }),
            ErrorKind::Job => error.with_job(key).with_batch(number),
            _ => error,
        })
    }

    /// Attaches a run to a batch in doubt whose request did arrive, or replaces a wrong run.
    ///
    /// With `result_path`, the result is fetched from there, unless the API says that the run is
    /// still in progress. Without it, the API must know the run, and the location of the result is
    /// derived from another batch of this job whose paths contain the id of their run.
    ///
    /// # Errors
    /// As for [`Job::decide`], or if another batch has the same run. With `result_path`, if results
    /// may not be read from there. Without it, if the API does not know the run, or the location of
    /// the result is unknown.
    pub async fn attach(
        &self,
        number: u32,
        run_id: &str,
        result_path: Option<&str>,
        credits_path: Option<&str>,
    ) -> Result<()> {
        self.batch_request().map_err(|error| {
            error.with_batch(number).advise(Advice::GiveAnswer { call: number })
        })?;
        let run_id = run_id.trim();
        if run_id.is_empty() {
            return Err(Error::validation("run_id", "run_id is empty").with_batch(number));
        }
        let ended = match result_path {
            Some(result_path) => {
                self.admit(result_path)?;
                credits_path.map(|path| self.admit(path)).transpose()?;
                !self.still_runs(run_id).await
            }
            None => {
                let call = RunStatus { run_id: run_id.to_owned() };
                self.inner.client.call(&call).await?;
                false
            }
        };
        let batches = self.batches().await?;
        let owner = batches.iter().find(|batch| batch.run_id.as_deref() == Some(run_id));
        if let Some(owner) = owner.filter(|owner| owner.number != number) {
            return Err(Error::job(
                self.key(),
                format!("run {run_id} belongs to batch {}", owner.number),
            )
            .with_batch(number)
            .advise(Advice::text(format!("give batch {number} a run of its own"))));
        }
        let run = match result_path {
            Some(result_path) => Accepted {
                run_id: run_id.to_owned(),
                result_path: result_path.to_owned(),
                credits_path: credits_path.map(str::to_owned),
            },
            None => self.place_like_others(run_id).await?.ok_or_else(|| {
                Error::job(
                    self.key(),
                    format!(
                        "no other batch of the job shows where the result of run {run_id} is stored"
                    ),
                )
                .with_batch(number)
                .advise(Advice::PassResultPath { job: self.key().to_owned(), batch: number })
            })?,
        };
        let decision = if ended { Decision::AttachEnded(run) } else { Decision::Attach(run) };
        self.decide(number, decision).await
    }

    /// Whether the API says that a run is in progress. A person has said where its result is, so
    /// the result does not depend on an API that fails, or does not know the run or its own words.
    async fn still_runs(&self, run_id: &str) -> bool {
        let call = RunStatus { run_id: run_id.to_owned() };
        let options = CallOptions { no_throttle_retry: true, ..CallOptions::default() };
        match self.inner.client.call_with(&call, options).await {
            Ok(answered) => answered.value.known_phase() == Some(RunPhase::Running),
            Err(error) => {
                tracing::warn!(key = self.key(), run_id, %error, "a run cannot be asked about");
                false
            }
        }
    }

    async fn place_like_others(&self, run_id: &str) -> Result<Option<Accepted>> {
        let batches = self.batches().await?;
        Ok(batches.iter().find_map(|batch| {
            let other = batch.run_id.as_deref()?;
            let result_path = batch.result_path.as_deref().filter(|path| path.contains(other))?;
            let credits_path = batch.credits_path.as_deref().filter(|path| path.contains(other));
            Some(Accepted {
                run_id: run_id.to_owned(),
                result_path: result_path.replace(other, run_id),
                credits_path: credits_path.map(|path| path.replace(other, run_id)),
            })
        }))
    }
}
