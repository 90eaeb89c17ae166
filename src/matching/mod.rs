//! Local matching: pure functions over Arrow arrays. No I/O, no API, nothing spent.

pub mod normalize;
pub mod rules;
pub mod similarity;
