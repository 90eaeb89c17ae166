//! A job as it is written down first, and as the ledger has it.

use serde::Serialize;

use super::{budgets::Budget, memory::NewMemory, suppression::Entry};

/// A job as it is first written down.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Whose credits: see [`crate::jobs::account`].
    pub account: String,
    pub key: String,
    /// `phone-email`, `enrich.company` and the like.
    pub kind: String,
    /// The parameters of the call beside ids, rows and credits, as JSON with sorted keys.
    pub parameters: String,
    /// Hash of kind, parameters and what is asked about.
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
    /// For mapped calls, which have no batches.
    pub calls: Option<NewCalls>,
    /// What it takes from the memory of records, and puts there; `None` for a job that does neither.
    pub memory: Option<NewMemory>,
    /// Who is not sent and not given back, beside those of the ledger's list.
    pub suppress: Vec<Entry>,
    /// The budget above it; without one, a job that is known keeps the one that it has.
    pub budget: Option<String>,
}

/// Mapped calls as they are first written down.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCalls {
    pub rows_per_call: u32,
    /// The requests of all rows, in order, in chunks of [`REQUESTS_A_CHUNK`]: JSON, compressed.
    pub requests: Vec<Vec<u8>>,
}

/// How many requests of mapped calls are kept together.
pub const REQUESTS_A_CHUNK: usize = 1_000;

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
    /// The question of the memory that it asks.
    #[serde(skip)]
    pub question: Option<i64>,
    /// Which known answers it takes.
    #[serde(skip)]
    pub reuse: String,
    /// The budget above it, as it was when the job was read.
    #[serde(skip)]
    pub budget: Option<Budget>,
}
