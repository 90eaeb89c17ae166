//! Which records a candidate is: a plain comparison of every pair.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::fields::{Field, field};
use crate::{
    api::rules::{FieldRule, MatchRules, Operator},
    server::crm::{Object, record::Record},
};

/// Records whose fields are normalized once for all candidates.
pub(in crate::server) struct Records<'r> {
    object: Object,
    records: &'r [Record],
    columns: std::cell::RefCell<HashMap<String, std::rc::Rc<Vec<Option<Field>>>>>,
}

impl<'r> Records<'r> {
    pub fn new(object: Object, records: &'r [Record]) -> Self {
        Self { object, records, columns: Default::default() }
    }

    pub fn record(&self, row: usize) -> &'r Record {
        &self.records[row]
    }

    fn column(&self, name: &str) -> std::rc::Rc<Vec<Option<Field>>> {
        let mut columns = self.columns.borrow_mut();
        let made = columns.entry(name.to_owned()).or_insert_with(|| {
            let fields = self.records.iter().map(|record| field(record, self.object, name));
            std::rc::Rc::new(fields.collect())
        });
        std::rc::Rc::clone(made)
    }
}

/// A record that a candidate may be.
#[derive(Debug, Clone)]
pub(in crate::server) struct Hit {
    pub row: usize,
    pub confidence: f64,
    pub rules: Vec<String>,
    pub explanation: String,
}

/// A rule that holds for a pair.
struct Held {
    /// How much it says, 0 to 1.
    evidence: f64,
    rule: String,
    reason: String,
}

/// The records that a candidate may be, the most confident first.
///
/// Rules that hold are independent pieces of evidence: the confidence is 1 minus the product of
/// what each leaves open, where a rule says as much as its field's weight times its similarity.
pub(in crate::server) fn hits(
    records: &Records<'_>,
    rules: &MatchRules,
    candidate: &Map<String, Value>,
) -> Vec<Hit> {
    let groups: Vec<&[FieldRule]> = match rules {
        MatchRules::Simple { rules, .. } => vec![rules],
        MatchRules::Grouped { groups, .. } => groups.iter().map(|group| &*group.all).collect(),
        MatchRules::Ai { .. } => return by_all_fields(records, candidate),
    };
    let any = matches!(rules, MatchRules::Grouped { any: true, .. });
    let groups: Vec<Vec<Comparison>> = groups
        .into_iter()
        .map(|rules| rules.iter().map(|rule| Comparison::new(records, rule, candidate)).collect())
        .collect();
    let mut hits: Vec<Hit> = (0..records.records.len())
        .filter_map(|row| {
            let held = groups.iter().map(|group| all(group, row));
            if any {
                return held
                    .flatten()
                    .map(|held| hit(row, held))
                    .max_by(|a, b| a.confidence.total_cmp(&b.confidence));
            }
            let held: Vec<Held> = held.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
            Some(hit(row, held))
        })
        .collect();
    sort(&mut hits);
    hits
}

pub(super) fn sort(hits: &mut [Hit]) {
    // Records are in the order of their ids, which breaks ties.
    hits.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.row.cmp(&b.row)));
}

/// One rule with the candidate's value and the records' column.
struct Comparison<'a> {
    rule: &'a FieldRule,
    own: Option<Field>,
    column: std::rc::Rc<Vec<Option<Field>>>,
}

impl<'a> Comparison<'a> {
    fn new(records: &Records<'_>, rule: &'a FieldRule, candidate: &Map<String, Value>) -> Self {
        Self {
            rule,
            own: field(candidate, records.object, &rule.field),
            column: records.column(&rule.field),
        }
    }

    fn at(&self, row: usize) -> Option<Held> {
        let (own, other) = (self.own.as_ref()?, self.column[row].as_ref()?);
        let name = &self.rule.field;
        let (similarity, reason) = match self.rule.op {
            Operator::Exact => {
                (own.raw == other.raw).then_some(())?;
                (1.0, format!("{name} is exactly {:?}", other.raw))
            }
            Operator::Eq => {
                (own.normal == other.normal).then_some(())?;
                (1.0, format!("{name} is the same ({:?})", other.raw))
            }
            Operator::Contains => {
                let (a, b) = (&own.normal, &other.normal);
                (a.contains(b.as_str()) || b.contains(a.as_str())).then_some(())?;
                (0.9, format!("{name} holds the other ({:?} and {:?})", own.raw, other.raw))
            }
            Operator::Fuzzy(least) => {
                let similarity =
                    other.kind.similarity().similarity(&own.normal, &other.normal, None);
                (similarity >= least).then_some(())?;
                let alike =
                    format!("{name} is {similarity:.2} alike ({:?} and {:?})", own.raw, other.raw);
                (similarity, alike)
            }
        };
        Some(Held {
            evidence: similarity * other.kind.weight(),
            rule: self.rule.to_string(),
            reason,
        })
    }
}

fn all(group: &[Comparison<'_>], row: usize) -> Option<Vec<Held>> {
    group.iter().map(|comparison| comparison.at(row)).collect()
}

fn hit(row: usize, held: Vec<Held>) -> Hit {
    let open: f64 = held.iter().map(|held| 1.0 - held.evidence).product();
    let reasons: Vec<&str> = held.iter().map(|held| held.reason.as_str()).collect();
    Hit {
        row,
        confidence: 1.0 - open,
        explanation: reasons.join("; "),
        rules: held.into_iter().map(|held| held.rule).collect(),
    }
}

/// What a person would look at, where no rules are given.
const LOOKED_AT: [&str; 6] =
    ["email:eq", "linkedin:eq", "phone:eq", "name:fuzzy0.8", "company:fuzzy0.8", "domain:eq"];

fn by_all_fields(records: &Records<'_>, candidate: &Map<String, Value>) -> Vec<Hit> {
    let rules: Vec<FieldRule> = LOOKED_AT.iter().filter_map(|rule| rule.parse().ok()).collect();
    let comparisons: Vec<Comparison> =
        rules.iter().map(|rule| Comparison::new(records, rule, candidate)).collect();
    let mut hits: Vec<Hit> = (0..records.records.len())
        .filter_map(|row| {
            let held: Vec<Held> =
                comparisons.iter().filter_map(|comparison| comparison.at(row)).collect();
            if held.is_empty() {
                return None;
            }
            // Another name speaks against it, whatever else is the same.
            let name = &comparisons[3];
            let other = name.own.is_some() && name.column[row].is_some() && name.at(row).is_none();
            let mut hit = hit(row, held);
            if other {
                hit.confidence *= 0.4;
                hit.explanation += "; but the name is another";
            }
            Some(hit)
        })
        .collect();
    sort(&mut hits);
    hits
}
