//! Local matching: pure functions over Arrow arrays, without I/O and without the API.
//!
//! The modules follow the stages: [`tables`] reads columns, [`rules`] or [`linkage`] finds the
//! pairs that match, and [`results`] turns them into matches, clusters and golden records.
//! [`pipeline`] runs all stages. [`normalize`] and [`similarity`] are used by all stages and by
//! callers directly.

pub mod calibration;
pub mod catalogue;
mod disjoint_sets;
pub mod error;
pub mod evaluate;
pub mod found_pairs;
pub mod interval;
pub mod labels;
pub mod linkage;
pub mod normalize;
pub mod options;
pub mod pipeline;
pub mod results;
pub mod review;
pub mod rules;
pub mod script;
pub mod similarity;
pub mod tables;
pub mod text;

pub use lantern_rules::suggestion;
