//! The local server: the whole API of the contract on loopback, without a key and for free.
//!
//! It looks up people and companies in a directory, works on batches in the background, stores its
//! state in SQLite, and serves results by the S3 protocol. [`LocalServer`] starts and stops it, and
//! [`ServerConfig`] configures it.
//!
//! Where the contract is silent, the server behaves as follows:
//! - A batch is refused (402) if its maximum cost, `max_credits` or the price of all its records,
//!   exceeds the credits that are left after those reserved for queued batches.
//! - A record is skipped, without a row in the result, if its id is empty, malformed or unknown and
//!   nothing else identifies it. A record with name and company, profile or e-mail address that
//!   matches nobody in the directory has a row in which nothing is found. Neither costs anything.
//! - A duplicate id within a batch has one row and is paid once.
//! - The first record that costs more than the batch has left ends the batch.
//! - Answers survive a killed process, but a power cut may lose those of the last seconds.
//! - An enrichment is cached by its `record_id` and its question. Another question with the same id
//!   is looked up and paid again. Records that are not found are not cached.
//! - Rules of a match that are a plain list must all match. The AI mode asks the configured language
//!   model, which is shown the records that are most similar to a candidate. Without a model it
//!   uses what local matching learns. `decided_by` says which of the two decided.
//! - A language model that does not answer is a 500, and nothing is charged.
//! - `status: failed` of a conversion, trigger, workflow or form is an answer (200) with an
//!   `error`. Nothing was changed, and nothing is charged.
//! - A conversion costs only the turn of its pool. A trigger and a form cost as much as the person
//!   and the company that were found.
//! - The poll ignores changes that the server itself made to a record.
//! - `Idempotency-Key` is recorded and has no other effect, because the API does not define it.

mod batches;
mod billing;
mod blocking;
mod caller;
mod config;
mod crm;
mod database;
mod directory;
mod enrich;
mod faults;
mod http;
mod language_model;
mod maintenance;
mod matching;
mod pages;
mod refusal;
mod secrets;
mod server;
mod startup;
mod tenant;
mod workflows;

pub use billing::Prices;
pub use config::{Limits, ServerConfig};
pub use crm::{CrmSize, CrmSource, CrmSources};
pub use directory::DirectorySource;
pub use faults::{Fault, FaultRule};
pub use language_model::ModelEndpoint;
pub use server::LocalServer;
