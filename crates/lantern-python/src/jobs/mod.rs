//! Jobs: batches that were submitted, and mapped calls.

pub mod job;
pub mod map;
