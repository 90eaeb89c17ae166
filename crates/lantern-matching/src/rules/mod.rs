//! Matching by rules: rules, rules that are bound to columns, and the pairs that match under them.

mod find;
mod profiles;
pub mod row_keys;
mod rule_set;
mod scan;
mod trigrams;

pub use lantern_rules::{FieldRule, InvalidRule, Operator};

pub use self::{
    find::find,
    row_keys::RowKeys,
    rule_set::{BoundRule, GroupPlan, MANY_COMPARISONS, RuleField, RuleSet, parts},
};

#[cfg(test)]
mod tests;
