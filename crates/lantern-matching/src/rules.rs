//! Field rules, as the crate `lantern-rules` reads them.

pub use lantern_rules::{FieldRule, InvalidRule, Operator};
