//! The whole way from tables to matches: by rules, or by a model learned from the tables.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    error::Result,
    found::{Found, keep_top},
    linkage::{self, Linked},
    options::{Options, THRESHOLD, Watch, check},
    results::{
        assign::one_to_one,
        matches::{Matches, Method},
    },
    rules::{self, FieldRule, RuleSet},
    tables::Table,
};

/// Match two tables, or a table with itself, without rules.
///
/// # Errors
/// If a column is missing or cannot be read, a model was learned on other fields, or the watch says
/// stop.
pub fn link(
    left: &Table,
    right: Option<&Table>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Matches> {
    check(options.threshold, options.top)?;
    let Linked { found, fields, model } = linkage::link(left, right, options, watch)?;
    let method = Method::Learned { fields: Arc::new(fields), model: Arc::new(model) };
    Ok(matches(left, right, found, options, THRESHOLD, method))
}

/// Match by rules.
///
/// # Errors
/// What [`RuleSet::bind`] refuses, more matches than can be held, or the watch says stop.
pub fn match_by_rules(
    left: &Table,
    right: Option<&Table>,
    groups: &[Vec<FieldRule>],
    weights: &BTreeMap<String, f64>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Matches> {
    check(options.threshold, options.top)?;
    let rules = RuleSet::bind(left, right, groups, &options.fields, weights)?;
    match_bound(left, right, rules, options, watch)
}

/// Match by rules that are bound to these tables.
///
/// # Errors
/// If the threshold is outside 0 to 1, there are more matches than can be held, or the watch says
/// stop.
pub fn match_bound(
    left: &Table,
    right: Option<&Table>,
    rules: RuleSet,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Matches> {
    check(options.threshold, options.top)?;
    // The assignment needs all that hold; `top` cuts after it.
    let top = if options.one_to_one { None } else { options.top };
    let found = rules::find(left, right, &rules, &Options { top, ..options.clone() }, watch)?;
    Ok(matches(left, right, found, options, 0.0, Method::Rules(Arc::new(rules))))
}

fn matches(
    left: &Table,
    right: Option<&Table>,
    found: Found,
    options: &Options,
    threshold: f64,
    method: Method,
) -> Matches {
    let Found { mut all, compared, recall, warnings } = found;
    if options.one_to_one {
        all = one_to_one(all);
        if let Some(top) = options.top {
            keep_top(&mut all, top);
        }
    }
    Matches {
        all,
        left: left.clone(),
        right: right.cloned(),
        threshold: options.threshold.unwrap_or(threshold),
        compared,
        recall,
        warnings,
        method,
    }
}
