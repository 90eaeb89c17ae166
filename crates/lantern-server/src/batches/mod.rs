//! Batches: they are queued in SQLite and worked on one after the other, and their results are
//! written as files.

pub(crate) mod files;
mod process_batch;
mod queue;
mod table;
mod worker;

use std::{sync::Arc, time::Duration};

use arrow::{array::RecordBatch, error::ArrowError};
use chrono::Utc;
use serde_json::Map;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use self::{files::Files, queue::Queue};
pub(crate) use queue::{Request, Run, RunFault};
pub(crate) use worker::run as work;

use crate::{billing::Billing, directory::Directory, refusal::Refusal};
use lantern::{
    api::agents::BatchAccepted,
    process::sqlite::{Database, DatabaseError},
};

/// The batches of one tenant.
pub(crate) struct Batches {
    billing: Arc<Billing>,
    directory: Arc<Directory>,
    queue: Queue,
    files: Files,
    /// How long a batch waits before it is worked on.
    delay: Duration,
    /// Wakes the worker.
    submitted: Notify,
    /// Number of runs that are waiting or being worked on.
    queued: watch::Sender<usize>,
}

/// The number of runs that an earlier server left in the queue, and the credits reserved for them.
pub(crate) fn left_over(database: &Database) -> Result<(usize, u64), DatabaseError> {
    Queue::new(database).totals()
}

impl Batches {
    pub fn new(
        billing: Arc<Billing>,
        directory: Arc<Directory>,
        database: &Database,
        files: Files,
        delay: Duration,
        queued: usize,
    ) -> Self {
        Self {
            billing,
            directory,
            queue: Queue::new(database),
            files,
            delay,
            submitted: Notify::new(),
            queued: watch::Sender::new(queued),
        }
    }

    /// Queues a batch, if the tenant can pay its maximum cost. Blocks.
    pub fn accept(
        &self,
        request: Request,
        idempotency_key: Option<&str>,
        fault: Option<RunFault>,
    ) -> Result<BatchAccepted, Refusal> {
        if !self.files.exist() {
            return Err(Refusal::Internal(
                "the server's data folder was removed while it runs; nothing was accepted. Start \
                 the server again"
                    .to_owned(),
            ));
        }
        let reserved = process_batch::most(&request, &self.billing.prices);
        self.billing.hold(reserved)?;
        let run_id = Uuid::new_v4();
        let queued = queue::Queued { run_id, request, reserved, fault, received_at: Utc::now() };
        self.queued.send_modify(|queued| *queued += 1);
        if let Err(error) = self.queue.push(&queued, idempotency_key) {
            self.billing.account.settle(reserved, 0);
            self.queued.send_modify(|queued| *queued = queued.saturating_sub(1));
            return Err(error.into());
        }
        self.submitted.notify_one();
        let (result_path, credits_csv_path) = self.files.addresses(&queued.named());
        Ok(BatchAccepted {
            run_id: run_id.to_string(),
            result_path,
            credits_csv_path: Some(credits_csv_path),
            extra: Map::new(),
        })
    }

    /// Status and error of a run, if there is one with this id. Blocks.
    pub fn status(&self, run_id: Uuid) -> Result<Option<(String, Option<String>)>, DatabaseError> {
        self.queue.status(run_id)
    }

    /// All runs, in the order in which they were submitted. Blocks.
    pub fn runs(&self) -> Result<Vec<Run>, DatabaseError> {
        self.queue.runs()
    }

    /// The result of [`Batches::runs`] as a table.
    pub fn table(&self, runs: &[Run]) -> Result<RecordBatch, ArrowError> {
        table::table(runs, &self.files)
    }

    /// The number of runs that are waiting or being worked on, as it changes.
    pub fn queued(&self) -> watch::Receiver<usize> {
        self.queued.subscribe()
    }
}
