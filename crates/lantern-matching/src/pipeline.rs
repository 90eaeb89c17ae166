//! Matches tables from beginning to end: by rules, or by a model that is learned from the tables.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::{
    error::Result,
    evaluate::choose_threshold::choose,
    found_pairs::{Found, keep_top},
    labels::{self, bind},
    linkage::{self, Linked},
    options::{Options, THRESHOLD, Watch, check},
    results::{
        assign::one_to_one,
        matches::{Matches, Method, Selection},
    },
    rules::{self, FieldRule, RuleSet},
    tables::Table,
};

/// Match two tables, or a table with itself, without rules.
///
/// # Errors
/// If a column is missing or cannot be read, a model was learned on other fields, or `watch` stops
/// the work.
pub fn link(
    left: &Table,
    right: Option<&Table>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Matches> {
    check(options.threshold, options.top)?;
    let labels = labels::check(&options.labels, left.rows, right.map(|right| right.rows))?;
    let options = &Options { labels, threshold: least(options), ..options.clone() };
    let Linked { found, fields, model, keys } = linkage::link(left, right, options, watch)?;
    let method = Method::Learned { fields: Arc::new(fields), model: Arc::new(model), keys };
    chosen(matches(left, right, found, options, THRESHOLD, method), options)
}

/// Match by rules.
///
/// # Errors
/// If [`RuleSet::bind`] refuses the rules, there are too many matches to hold, or `watch`
/// stops the work.
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
/// If the threshold is outside 0 to 1, there are too many matches to hold, or `watch`
/// stops the work.
pub fn match_bound(
    left: &Table,
    right: Option<&Table>,
    rules: RuleSet,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Matches> {
    check(options.threshold, options.top)?;
    let labels = labels::check(&options.labels, left.rows, right.map(|right| right.rows))?;
    let options = &Options { labels, threshold: least(options), ..options.clone() };
    // The assignment and the labels need all matches, so `top` is applied after them.
    let all = options.one_to_one || !options.labels.is_empty();
    let top = if all { None } else { options.top };
    let found = rules::find(left, right, &rules, &Options { top, ..options.clone() }, watch)?;
    let method = Method::Rules(Arc::new(rules));
    chosen(matches(left, right, found, options, 0.0, method), options)
}

/// The threshold to match with. If it will be chosen to reach a precision, all pairs that may be
/// above it are kept.
fn least(options: &Options) -> Option<f64> {
    if options.at_precision.is_some() { Some(0.0) } else { options.threshold }
}

fn chosen(mut matches: Matches, options: &Options) -> Result<Matches> {
    if let Some(precision) = options.at_precision {
        choose(&mut matches, precision)?;
    }
    Ok(matches)
}

fn matches(
    left: &Table,
    right: Option<&Table>,
    found: Found,
    options: &Options,
    threshold: f64,
    method: Method,
) -> Matches {
    let Found { mut all, compared, recall, warnings, mut unbound } = found;
    let labels = &options.labels;
    if let Method::Rules(_) = method
        && !labels.is_empty()
    {
        let known: HashMap<(u32, u32), f64> =
            all.iter().map(|found| ((found.left, found.right), found.confidence)).collect();
        let of = |&(left, right, _): &labels::Label| known.get(&(left, right)).copied();
        unbound = labels.iter().map(|label| of(label).unwrap_or(0.0)).collect();
    }
    if options.one_to_one {
        bind(&mut all, labels, None, true);
        all = one_to_one(all);
        if let Some(top) = options.top {
            keep_top(&mut all, top);
        }
    }
    bind(&mut all, labels, options.top, options.one_to_one);
    Matches {
        all,
        left: left.clone(),
        right: right.cloned(),
        threshold: options.threshold.unwrap_or(threshold),
        compared,
        recall,
        warnings,
        method,
        selection: Selection {
            top: options.top,
            one_to_one: options.one_to_one,
            labels: Arc::new(labels.clone()),
            unbound: Arc::new(unbound),
        },
        chosen: None,
    }
}
