//! From a table to batches and back to a table, with every spend written down first.

pub mod ids;
pub mod ledger;
pub mod plan;
