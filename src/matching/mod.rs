//! Local matching: pure functions over Arrow arrays. No I/O, no API, nothing spent.

pub mod candidates;
pub mod compare;
pub mod field;
pub mod fields;
pub mod learn;
pub mod normalize;
pub mod rules;
pub mod similarity;
pub mod values;
pub mod vocabulary;
