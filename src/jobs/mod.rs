//! From a table to batches and back to a table, with every spend written down first.

pub mod ids;
pub mod job;
mod load;
pub mod map;
pub mod plan;
pub mod progress;
mod run;
pub mod table;

pub use crate::ledger::Ledger;
pub use job::{Job, JobOptions, OnInDoubt};
pub use progress::{JobState, Progress};
