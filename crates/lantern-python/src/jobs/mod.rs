//! Jobs: batches that were submitted, and mapped calls.

pub mod budgets;
pub mod erasure;
pub mod helpers;
pub mod job;
pub mod list;
pub mod map;
pub mod progress;
pub mod submit;
pub mod suppression;
pub mod waiting;
