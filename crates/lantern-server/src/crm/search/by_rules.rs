//! Matching by rules, as `lantern.match` does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    Hit, MAX_HITS,
    fields::{field, kind_of, snake},
    table,
};
use crate::crm::{Object, record::Record};
use lantern::{
    error::Result,
    matching::{
        options::{Options, Unwatched},
        pipeline::match_by_rules,
        results::explain::reasons,
        rules::{FieldRule, parts},
        tables::FieldSpec,
    },
    process::threads,
};

/// Finds the records that match each candidate, in order of descending confidence. One of the
/// groups of rules must match.
///
/// # Errors
/// If there are no rules, a group is empty, or there are too many groups.
pub(crate) fn hits(
    object: Object,
    records: &[Record],
    candidates: &[Map<String, Value>],
    groups: &[Vec<FieldRule>],
    least: f64,
) -> Result<Vec<Vec<Hit>>> {
    let mut hits = vec![Vec::new(); candidates.len()];
    let named: BTreeSet<&str> = groups.iter().flatten().map(|rule| &*rule.field).collect();
    let mut columns = BTreeSet::new();
    let mut specs = Vec::new();
    for name in named {
        let left = parts_of(object, candidates, name);
        let right = parts_of(object, records, name);
        // A rule on a field that no record has matches nothing.
        let (left, right) = left.zip(right).unwrap_or((vec![name.into()], vec![name.into()]));
        columns.extend(left.iter().chain(&right).cloned());
        // Several fields that form one value are compared as text.
        let composite = left.len() > 1 || right.len() > 1;
        let kind = if composite { None } else { kind_of(&snake(name), object) };
        specs.push(FieldSpec { name: name.to_owned(), kind, left, right });
    }
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let right = table(object, records, &names, "records")?;
    let left = table(object, candidates, &names, "candidates")?;
    let options = Options {
        fields: specs,
        threshold: Some(least),
        top: Some(MAX_HITS),
        ..Options::default()
    };
    let weights = BTreeMap::new();
    let matches = threads::run(|| {
        match_by_rules(&left, Some(&right), groups, &weights, &options, &Unwatched)
    })?;
    for (at, found) in matches.all.iter().enumerate() {
        let held = groups.iter().enumerate().filter(|(group, _)| found.rules & 1 << group != 0);
        let mut rules: Vec<String> = Vec::new();
        for rule in held.flat_map(|(_, group)| group).map(ToString::to_string) {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        hits[found.left as usize].push(Hit {
            row: found.right as usize,
            confidence: found.confidence,
            rules,
            explanation: reasons(&matches.explain(at)?.contributions),
        });
    }
    Ok(hits)
}

/// The record that matches best, by rules that must all match.
pub(crate) fn best(
    object: Object,
    records: &[Record],
    candidate: &Map<String, Value>,
    rules: &[FieldRule],
) -> Result<Option<Record>> {
    let groups = [rules.to_vec()];
    let hits = hits(object, records, std::slice::from_ref(candidate), &groups, 0.0)?;
    Ok(hits[0].first().map(|hit| records[hit.row].clone()))
}

/// The fields that a name stands for in these records.
fn parts_of(object: Object, records: &[Map<String, Value>], name: &str) -> Option<Vec<String>> {
    let has = |part: &str| records.iter().any(|record| field(record, object, part).is_some());
    parts(&snake(name), has)
}
