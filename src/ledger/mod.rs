//! The ledger: every spend is written down before it is made.
//!
//! A batch goes `planned → sending → accepted → completed | failed → loaded`. `sending` is on the
//! disk before the request leaves; a batch whose sender died in that state is *in doubt* and is
//! never sent again by itself. The rules that every store of the ledger follows are in
//! [`rules`]; [`sqlite`] is the store that a single machine needs, [`postgres`] that of several.

pub mod handle;
pub mod owner;
pub mod packed;
pub mod place;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod rules;
pub mod sqlite;

use std::{fmt, str::FromStr};

pub use handle::Ledger;
use serde::{Deserialize, Serialize};

use crate::{
    api::LimitClass,
    error::{Error, Result},
};

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Not sent; nothing is committed for it.
    Planned,
    /// About to be sent, or being sent, by a process that lives.
    Sending,
    /// May have been sent; its answer is not known.
    InDoubt,
    /// The API has it and answered a run id.
    Accepted,
    /// The run is done; its result is not here yet.
    Completed,
    /// The run failed.
    Failed,
    /// The result is here.
    Loaded,
    /// It was in doubt and is given up.
    Skipped,
}

impl BatchState {
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Sending,
        Self::InDoubt,
        Self::Accepted,
        Self::Completed,
        Self::Failed,
        Self::Loaded,
        Self::Skipped,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::InDoubt => "in_doubt",
            Self::Accepted => "accepted",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Loaded => "loaded",
            Self::Skipped => "skipped",
        }
    }

    /// Nothing more will happen to it by itself.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Loaded | Self::Failed | Self::Skipped)
    }

    /// The API has it, or may get it, and it is not settled what it costs.
    pub const fn in_flight(self) -> bool {
        matches!(self, Self::Sending | Self::Accepted | Self::Completed)
    }
}

impl fmt::Display for BatchState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for BatchState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| {
            Error::ledger(format!("the ledger holds a batch in state {text:?}, which is unknown"))
        })
    }
}

/// A job as it is first written down.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Whose credits: see [`crate::ClientConfig::account`].
    pub account: String,
    pub key: String,
    /// `phone-email` and the like.
    pub kind: String,
    /// The parameters of the call beside ids and credits, as JSON with sorted keys.
    pub parameters: String,
    /// Hash of kind, parameters and the set of ids.
    pub digest: String,
    /// The name and type of the column that held the ids.
    pub id_column: String,
    pub id_type: String,
    pub rows: u64,
    /// The ids of each batch, in the order in which they are sent.
    pub batches: Vec<Vec<String>>,
    /// Which id each row has; see [`crate::jobs::plan`].
    pub row_ids: Vec<u8>,
    pub max_credits: u64,
    /// The most that one record can cost.
    pub price: u64,
    pub base_url: String,
}

/// A job as the ledger has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobRecord {
    #[serde(skip)]
    pub id: i64,
    pub account: String,
    pub key: String,
    pub kind: String,
    pub parameters: String,
    #[serde(skip)]
    pub digest: String,
    pub id_column: String,
    pub id_type: String,
    pub rows: u64,
    pub ids: u64,
    pub max_credits: u64,
    pub price: u64,
    pub base_url: String,
    /// Microseconds since 1970.
    pub created_at: i64,
}

/// A batch as the ledger has it, without its ids.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchRecord {
    pub number: u32,
    pub count: u32,
    pub state: BatchState,
    /// What this batch may cost; 0 before it is sent.
    pub max_credits: u64,
    /// What it cost, as the credit report says.
    pub credits: Option<u64>,
    pub run_id: Option<String>,
    pub result_path: Option<String>,
    pub credits_path: Option<String>,
    /// The process that sends it.
    #[serde(skip)]
    pub owner: Option<String>,
    /// Microseconds since 1970; a sending that lasts longer is in doubt.
    #[serde(skip)]
    pub sending_until: i64,
    pub idempotency_key: String,
    /// How often it was sent: above 1 only if a person said so.
    pub sends: u32,
    /// Rows that the result holds for ids of this batch.
    pub returned: Option<u32>,
    pub emails: Option<u32>,
    pub phones: Option<u32>,
    /// Ids that the budget did not reach.
    pub cut: u32,
    /// Whether later batches took the ids that the budget did not reach.
    #[serde(skip)]
    pub moved: bool,
    pub error: Option<String>,
    /// Since when the API has not known the run.
    #[serde(skip)]
    pub unknown_since: Option<i64>,
    pub sent_at: Option<i64>,
    pub accepted_at: Option<i64>,
    pub finished_at: Option<i64>,
    pub loaded_at: Option<i64>,
}

impl BatchRecord {
    /// A batch as it was claimed, as far as the claim tells.
    pub fn claimed(claim: &Claimed) -> Self {
        Self {
            number: claim.number,
            count: u32::try_from(claim.ids.len()).unwrap_or(u32::MAX),
            state: BatchState::Sending,
            max_credits: claim.max_credits,
            credits: None,
            run_id: None,
            result_path: None,
            credits_path: None,
            owner: None,
            sending_until: claim.sending_until,
            idempotency_key: claim.idempotency_key.clone(),
            sends: 1,
            returned: None,
            emails: None,
            phones: None,
            cut: 0,
            moved: false,
            error: None,
            unknown_since: None,
            sent_at: None,
            accepted_at: None,
            finished_at: None,
            loaded_at: None,
        }
    }
}

/// A batch that this process may now send: it is in state `sending` on the disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub number: u32,
    pub ids: Vec<String>,
    pub max_credits: u64,
    pub idempotency_key: String,
    /// The end of its time to be sent, as it was claimed with.
    pub sending_until: i64,
}

/// Whether there is something to send.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    Send(Claimed),
    /// Nothing until a batch in flight gives back what it does not use.
    Wait,
    /// All batches are sent.
    AllSent,
    /// Less is left of the budget than one record can cost.
    BudgetSpent {
        left: u64,
    },
}

/// Whether [`Store::claim`] would give a batch now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peek {
    Ready,
    Wait,
    AllSent,
    BudgetSpent { left: u64 },
}

impl From<Peek> for Claim {
    /// Nothing to send, for the same reason. [`Peek::Ready`] says nothing of a batch and waits.
    fn from(peek: Peek) -> Self {
        match peek {
            Peek::Ready | Peek::Wait => Self::Wait,
            Peek::AllSent => Self::AllSent,
            Peek::BudgetSpent { left } => Self::BudgetSpent { left },
        }
    }
}

/// What loading a batch found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    pub credits: Option<u64>,
    pub returned: u32,
    pub emails: Option<u32>,
    pub phones: Option<u32>,
    /// Ids that were asked for, are not in the result, and that the budget did not reach.
    pub cut_ids: Vec<String>,
    /// The dearest record, where the report tells.
    pub dearest: Option<u64>,
}

/// What the ledger says of a run that the API accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub run_id: String,
    pub result_path: String,
    pub credits_path: Option<String>,
}

/// A database that keeps the ledger. Every method is one transaction and blocks.
pub trait Store: Send + Sync {
    /// Writes a job down, or finds the one that has its account and key.
    fn create(&self, job: &NewJob) -> Result<(JobRecord, bool)>;
    fn find(&self, account: &str, key: &str) -> Result<Option<JobRecord>>;
    /// All jobs, the newest first, with their batches' sums.
    fn jobs(&self, account: Option<&str>) -> Result<Vec<(JobRecord, rules::Sums)>>;
    fn batches(&self, job: i64) -> Result<Vec<BatchRecord>>;
    fn batch_ids(&self, job: i64, number: u32) -> Result<Vec<String>>;
    /// The ids of all batches of the first plan, in order.
    fn all_ids(&self, job: i64) -> Result<Vec<String>>;
    fn row_ids(&self, job: i64) -> Result<Vec<u8>>;
    /// The newest submission's budget and order of rows hold.
    fn resubmit(&self, job: i64, submission: &NewJob) -> Result<()>;

    /// Looks whether there is a batch to claim, without claiming it.
    fn peek(&self, job: i64) -> Result<Peek>;
    fn sums(&self, job: i64) -> Result<rules::Sums>;
    /// Takes the next batch that the budget allows and writes it down as `sending`.
    fn claim(&self, job: i64, sending_until: i64) -> Result<Claim>;
    /// The request did not leave, or was refused: the batch is as if never claimed, also if it was
    /// taken for dead meanwhile.
    ///
    /// Here and below `sending` is the claim's idempotency key. A batch that was claimed anew since
    /// (it was taken for dead, and a person had it sent again) is left alone.
    fn release(&self, job: i64, number: u32, sending: &str, error: &str) -> Result<()>;
    /// Writes down which run the API answered; false if the batch was sent again in the meantime,
    /// so that this run is one too many.
    fn accept(&self, job: i64, number: u32, sending: &str, run: &Accepted) -> Result<bool>;
    /// Nobody knows whether the request arrived. `run_id` is the run that an answer named which could
    /// not be used otherwise.
    fn doubt(
        &self,
        job: i64,
        number: u32,
        sending: &str,
        error: &str,
        run_id: Option<&str>,
    ) -> Result<()>;
    /// Turns the sendings of dead processes, and those that last too long, into `in_doubt`.
    fn find_doubt(&self, job: i64) -> Result<()>;
    /// A person decided about a batch: see [`Decision`].
    fn decide(&self, job: i64, number: u32, decision: &Decision) -> Result<()>;
    /// How runs ended; one that is no longer its batch's run is left out.
    fn finish(&self, job: i64, ended: &[Finished]) -> Result<()>;
    /// The result of `run_id` is here; nothing is noted if that is no longer the batch's run.
    fn load(&self, job: i64, number: u32, run_id: &str, loaded: &Loaded) -> Result<()>;
    /// Notes whether the API knows the run of a batch. Answers since when it does not, in microseconds
    /// since 1970.
    fn unknown(&self, job: i64, number: u32, run_id: &str, unknown: bool) -> Result<Option<i64>>;
    /// Notes why a completed batch could not be loaded this time.
    fn note(&self, job: i64, number: u32, error: &str) -> Result<()>;

    /// The account of a key at a base URL, if it is known.
    fn account(&self, _place: &str, _key: &str) -> Result<Option<String>> {
        Ok(None)
    }
    /// Notes the account of a key at a base URL; answers the one that was noted first.
    fn remember_account(&self, _place: &str, _key: &str, account: &str) -> Result<String> {
        Ok(account.to_owned())
    }

    fn take_slot(
        &self,
        scope: &str,
        class: LimitClass,
        now: i64,
        interval: i64,
    ) -> Result<Option<i64>>;
    fn hold_slot(&self, scope: &str, class: LimitClass, until: i64) -> Result<()>;

    /// Where results are kept beside the ledger.
    fn results_folder(&self) -> std::path::PathBuf;
    /// The file in which this machine keeps the rows of mapped calls.
    fn calls(&self) -> std::path::PathBuf;
    /// The ledger's place, without credentials.
    fn place(&self) -> String;
}

/// The end of a batch's run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    pub number: u32,
    pub run_id: String,
    pub end: Ended,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Completed,
    /// Why, and what it cost all the same, where its credit report tells.
    Failed {
        why: String,
        credits: Option<u64>,
    },
}

impl Ended {
    /// A failure whose cost is not known.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed { why: why.into(), credits: None }
    }
}

/// What is to be done with a batch in doubt; and where a failed one is to be sent again, a run is the
/// wrong one, or its result never comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Send it again, at the risk of paying twice: what the former sending may have cost stays
    /// counted against the budget. For a batch in doubt, failed or skipped.
    Resend,
    /// Give it up; its credits count as spent. For a batch in doubt, accepted or completed.
    Skip,
    /// It did arrive: this is its run. For a batch in doubt, skipped, failed, accepted or completed.
    Attach(Accepted),
}
