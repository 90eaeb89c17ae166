//! The local server: the API of the contract on loopback, for real, without a key and for free.
//!
//! It looks people and companies up in a directory, works batches in the background, keeps its
//! state in SQLite and serves results by the S3 protocol. [`LocalServer`] starts and stops it,
//! [`ServerConfig`] says how.
//!
//! Where the contract is silent, the server behaves as follows:
//! - A batch is refused (402) if what it may cost at most, `max_credits` or the price of all its
//!   records, is more than the credits that are left beside those of queued batches.
//! - A record is skipped, without a row in the result, if its id is empty, malformed or unknown and
//!   nothing else identifies it. A record with name and company, profile or e-mail address that is
//!   nobody in the directory has a row in which nothing is found. Either costs nothing.
//! - An id that comes twice in a batch has one row and is paid once.
//! - The first record that costs more than the batch has left ends it.
//! - Answers survive a killed process; a power cut may lose the last seconds.
//! - An enrichment is kept by its `record_id` and its question: another question under the same id
//!   is looked up, and paid, anew. Records that are not found are not kept.
//! - Rules of a match that are a plain list must all hold. The AI mode asks the language model that
//!   is configured, which is shown the records that look most like a candidate; without one it takes
//!   what local matching learns. `decided_by` says which.
//! - A language model that does not answer is a 500, and nothing is charged.
//! - `status: failed` of a conversion, trigger, workflow or form is an answer (200) with an `error`;
//!   nothing was changed and nothing is paid.
//! - A conversion costs nothing but the turn of its pool; a trigger and a form cost what the person
//!   and the company that were found cost.
//! - The poll takes what the server itself did to a record for no change.
//! - `Idempotency-Key` is noted and nothing else: the API does not know it.

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
