//! Matching on this machine, and normalizers and similarities over columns.

pub mod arguments;
pub mod describe;
pub mod duplicates;
pub mod evaluation;
pub mod explanation;
pub mod functions;
pub mod interruptible;
pub mod labels;
pub mod matches;
pub mod model;
pub mod normalize;
pub mod row_keys;
pub mod rules;
pub mod similarity;
pub mod threshold;
