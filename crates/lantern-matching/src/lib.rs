//! Local matching: pure functions over Arrow arrays. No I/O, no API, nothing spent.
//!
//! The modules follow the stages: [`tables`] reads columns, [`rules`] or [`linkage`] finds the pairs
//! that match, and [`results`] makes matches, clusters and golden records of them; [`pipeline`] runs
//! all of it. [`normalize`] and [`similarity`] are used by all stages and on their own.

pub mod catalogue;
pub mod error;
pub mod evaluate;
pub mod found;
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
