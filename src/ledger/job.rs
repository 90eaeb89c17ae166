//! A job as it is first recorded, and as the ledger stores it.

use serde::Serialize;

use super::{budgets::Budget, memory::NewMemory, suppression::Entry};

/// A job as it is first recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Whose credits are spent: see [`crate::jobs::account`].
    pub account: String,
    pub key: String,
    /// The kind of job: `phone-email`, `enrich.company` and so on.
    pub kind: String,
    /// The parameters of the call other than ids, rows and credits, as JSON with sorted keys.
    pub parameters: String,
    /// Hash of the kind, the parameters, and the ids or rows.
    pub digest: String,
    /// Name and type of the column that held the ids.
    pub id_column: String,
    pub id_type: String,
    pub rows: u64,
    /// The ids of each batch, in the order in which they are sent.
    pub batches: Vec<Vec<String>>,
    /// For each row, which id it has; see [`crate::jobs::plan`].
    pub row_ids: Vec<u8>,
    pub max_credits: u64,
    /// Maximum cost of one record.
    pub price: u64,
    pub base_url: String,
    /// The mapped calls, which take the place of batches.
    pub calls: Option<NewCalls>,
    /// What the job takes from the memory of records, and adds to it; `None` if it does not use the
    /// memory.
    pub memory: Option<NewMemory>,
    /// Entries that are suppressed in this job, in addition to the ledger's list.
    pub suppress: Vec<Entry>,
    /// The budget above the job. Without one, an existing job keeps its budget.
    pub budget: Option<String>,
}

/// Mapped calls as they are first recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCalls {
    pub rows_per_call: u32,
    /// The requests of all rows, in order, in chunks of [`REQUESTS_A_CHUNK`]: compressed JSON.
    pub requests: Vec<Vec<u8>>,
}

/// Number of requests of mapped calls that are stored together.
pub const REQUESTS_A_CHUNK: usize = 1_000;

/// A job as the ledger stores it.
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
    /// The question that the job asks, in the memory of records.
    #[serde(skip)]
    pub question: Option<i64>,
    /// Which known answers the job accepts.
    #[serde(skip)]
    pub reuse: String,
    /// The budget above the job, as of when the job was read.
    #[serde(skip)]
    pub budget: Option<Budget>,
}
