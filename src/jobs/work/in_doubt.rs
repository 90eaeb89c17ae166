//! Batches in doubt and failed batches, and what is done about them.

use super::super::job::{Job, OnInDoubt};
use crate::{
    error::{Advice, Error, ErrorKind, Result},
    ledger::{BatchRecord, BatchState, Decision, MOST_SENDS},
};

/// What to do with batches whose runs failed, once all else is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailed {
    /// Return an error of kind [`ErrorKind::Job`] that names them.
    #[default]
    Raise,
    /// Send them again, at most three times in all, and return an error for those that still fail.
    Resend,
    /// Leave them failed; the job counts as ended.
    Keep,
}

impl std::str::FromStr for OnFailed {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "raise" => Ok(Self::Raise),
            "resend" => Ok(Self::Resend),
            "keep" => Ok(Self::Keep),
            _ => Err(Error::validation("on_failed", format!("on_failed is {text:?}"))
                .advise(Advice::text("use raise, resend or keep"))),
        }
    }
}

/// The outcome of settling batches in doubt or failed batches.
pub(super) enum Settled {
    /// There are none, or they are left as they are.
    AsItWas,
    /// Decisions were recorded.
    Changed,
    /// A person has to decide.
    Raise(Error),
}

impl Job {
    /// Applies the caller's decision to batches in doubt.
    pub(super) async fn settle_doubt(&self, batches: &[BatchRecord]) -> Result<Settled> {
        let doubtful: Vec<&BatchRecord> =
            batches.iter().filter(|batch| batch.state == BatchState::InDoubt).collect();
        if doubtful.is_empty() {
            return Ok(Settled::AsItWas);
        }
        let decision = match self.inner.options.on_in_doubt {
            OnInDoubt::Raise => return Ok(Settled::Raise(self.doubt_error(&doubtful))),
            OnInDoubt::Resend => Decision::Resend,
            OnInDoubt::Skip => Decision::Skip,
        };
        if let Some(batch) =
            doubtful.iter().find(|batch| decision == Decision::Resend && batch.sends >= MOST_SENDS)
        {
            return Ok(Settled::Raise(self.doubt_error(&[batch])));
        }
        for batch in doubtful {
            let done = if decision == Decision::Resend { "sent again" } else { "given up" };
            tracing::warn!(
                key = self.key(),
                batch = batch.number,
                "a batch in doubt is {done}, as on_in_doubt says"
            );
            self.decide(batch.number, decision.clone()).await?;
        }
        Ok(Settled::Changed)
    }

    /// Applies the caller's decision to failed batches.
    pub(super) async fn settle_failed(
        &self,
        batches: &[BatchRecord],
        on_failed: OnFailed,
    ) -> Result<Settled> {
        let failed: Vec<&BatchRecord> =
            batches.iter().filter(|batch| batch.state == BatchState::Failed).collect();
        if failed.is_empty() || on_failed == OnFailed::Keep {
            return Ok(Settled::AsItWas);
        }
        if on_failed == OnFailed::Raise || failed.iter().any(|batch| batch.sends >= MOST_SENDS) {
            return Ok(Settled::Raise(self.failed_error(&failed)));
        }
        for batch in failed {
            tracing::warn!(key = self.key(), batch = batch.number, "a failed batch is sent again");
            self.decide(batch.number, Decision::Resend).await?;
        }
        Ok(Settled::Changed)
    }

    fn failed_error(&self, failed: &[&BatchRecord]) -> Error {
        let ids: u64 = failed.iter().map(|batch| u64::from(batch.count)).sum();
        let why = failed.first().and_then(|batch| batch.error.as_deref()).unwrap_or("unknown");
        let (names, verb) = (named(failed), if failed.len() > 1 { "have" } else { "has" });
        let error = Error::job(
            self.key(),
            format!(
                "job {:?}: {names} failed, and {verb} no answer for {ids} ids ({why})",
                self.key()
            ),
        );
        let job = self.key().to_owned();
        let advice = match failed {
            _ if failed.iter().all(|batch| batch.has_foreign_result()) => {
                let batches = failed.iter().map(|batch| batch.number).collect();
                Advice::DecideResults { job, batches }
            }
            [only] => Advice::ResendBatch { job, batch: only.number },
            _ => Advice::ResendBatches { job },
        };
        match failed {
            [only] => error.with_batch(only.number).advise(advice),
            _ => error.advise(advice),
        }
    }

    fn doubt_error(&self, doubtful: &[&BatchRecord]) -> Error {
        let credits: u64 = doubtful.iter().map(|batch| batch.max_credits).sum();
        let why = doubtful.first().and_then(|batch| batch.error.as_deref()).unwrap_or("unknown");
        let (names, path) =
            (named(doubtful), self.request().map_or("", |request| request.kind.path()));
        Error::new(
            ErrorKind::OutcomeUnknown,
            format!(
                "job {:?}: {names} (POST {path}) may have arrived and cost up to {credits} credits \
                 ({why})",
                self.key(),
            ),
        )
        .with_job(self.key())
        .advise(Advice::DecideBatches {
            job: self.key().to_owned(),
            batches: doubtful.iter().map(|batch| batch.number).collect(),
        })
    }
}

/// `batch 3`, or `batches 3, 4 and 12 more`.
fn named(batches: &[&BatchRecord]) -> String {
    const MOST: usize = 8;
    let numbers: Vec<_> = batches.iter().map(|batch| batch.number.to_string()).collect();
    match numbers.len() {
        1 => format!("batch {}", numbers[0]),
        ..=MOST => format!("batches {}", numbers.join(", ")),
        more => format!("batches {} and {} more", numbers[..MOST].join(", "), more - MOST),
    }
}
