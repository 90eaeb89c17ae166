//! From a table of ids to a table of answers.

pub mod results;
pub mod storage;
