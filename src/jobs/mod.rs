//! From a table to batches and back to a table, with every spend written down first.

pub mod ids;
pub mod job;
pub mod ledger;
mod load;
pub mod plan;
pub mod progress;
pub mod results;
mod run;
pub mod storage;
pub mod table;

pub use job::{Job, JobOptions, OnInDoubt};
pub use ledger::Ledger;
pub use progress::{JobState, Progress};
