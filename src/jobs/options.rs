//! Options for working on a job.

use std::time::Duration;

use crate::{
    error::{Advice, Error, Face, Result, RustFace, Setting},
    storage::StorageOptions,
};

/// What to do with a batch that may have been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnInDoubt {
    /// Send nothing more, and return
    /// [`OutcomeUnknown`](crate::error::ErrorKind::OutcomeUnknown) once all else is loaded.
    #[default]
    Raise,
    /// Send it again, at the risk of paying twice.
    Resend,
    /// Give it up. Its credits count as spent.
    Skip,
}

impl std::str::FromStr for OnInDoubt {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "raise" => Ok(Self::Raise),
            "resend" => Ok(Self::Resend),
            "skip" => Ok(Self::Skip),
            _ => Err(Error::setting(Setting::OnInDoubt, format!("is {text:?}"))
                .advise(Advice::text("use raise, resend or skip"))),
        }
    }
}

/// Options for working on a job.
#[derive(Debug, Clone)]
pub struct JobOptions {
    pub on_in_doubt: OnInDoubt,
    /// Credentials and endpoint of the result storage; by default the AWS credential chain.
    pub storage: StorageOptions,
    /// Locations that the API's answers may name for results, such as `s3://bucket/prefix`. By
    /// default `s3://` and `https://` are allowed; http and local files only if the API is on this
    /// machine.
    pub results: Vec<String>,
    /// Maximum number of batches that are sent in parallel, within the rate limit (default 8).
    pub sends_at_once: usize,
    /// Maximum number of status calls and downloads in parallel (default 16).
    pub reads_at_once: usize,
    /// How long a result may be missing after its run has completed (default 10 minutes).
    pub patience: Duration,
    /// How long a run may be in a state that this version does not know (default 1 hour).
    pub patience_unknown: Duration,
    /// How long a wait tolerates that the API or the ledger cannot be reached (default 5 minutes).
    pub outage: Duration,
    /// Whether a wait also works on batches of other jobs that ask for ids of this one.
    pub help_others: bool,
    /// Whether batches may be sent. If false, only what was sent before is polled and loaded.
    pub spend: bool,
    /// The wording of texts in the job's tables.
    pub face: &'static dyn Face,
}

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            on_in_doubt: OnInDoubt::Raise,
            storage: StorageOptions::default(),
            results: Vec::new(),
            sends_at_once: 8,
            reads_at_once: 16,
            patience: Duration::from_secs(600),
            patience_unknown: Duration::from_secs(3600),
            outage: Duration::from_secs(300),
            help_others: true,
            spend: true,
            face: &RustFace,
        }
    }
}
