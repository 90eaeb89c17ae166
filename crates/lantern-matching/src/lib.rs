//! Local matching: pure functions over Arrow arrays. No I/O, no API, nothing spent.
//!
//! By stage: [`tables`] are read, [`rules`] or [`linkage`] find pairs, [`results`] are made of
//! them; [`pipeline`] goes the whole way. [`normalize`] and [`similarity`] stand beside, for all and
//! for themselves.

pub mod catalogue;
pub mod error;
pub mod found;
pub mod linkage;
pub mod normalize;
pub mod options;
pub mod pipeline;
pub mod results;
pub mod rules;
pub mod script;
pub mod similarity;
pub mod tables;
pub mod text;
