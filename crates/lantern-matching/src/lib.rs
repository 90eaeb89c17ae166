//! Local matching: pure functions over Arrow arrays. No I/O, no API, nothing spent.

mod approximate;
mod assign;
pub mod by_rules;
pub mod candidates;
pub mod cluster;
pub mod compare;
pub mod error;
pub mod evidence;
pub mod explain;
pub mod field;
pub mod fields;
pub mod golden;
pub mod keys;
pub mod learn;
pub mod linkage;
pub mod matches;
pub mod normalize;
pub mod rules;
mod scan;
pub mod similarity;
pub mod suggestion;
pub mod table;
pub mod text;
pub mod values;
pub mod vocabulary;
