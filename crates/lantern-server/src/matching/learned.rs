//! AI matching on this machine, by a model that is learned without labels, as in `lantern.match`
//! without rules.

use serde_json::{Map, Value};

use crate::crm::{
    Object,
    record::Record,
    search::{Hit, table},
};
use lantern::{
    error::Result,
    matching::{
        options::{Options, Unwatched},
        pipeline,
        results::explain::reasons,
        tables::{FieldSpec, Kind, Table},
    },
    process::threads,
};

/// Fields that identify a person or an account.
const PEOPLE: [(&str, Kind); 6] = [
    ("name", Kind::Person),
    ("email", Kind::Email),
    ("company", Kind::Company),
    ("domain", Kind::Domain),
    ("phone", Kind::Phone),
    ("linkedin", Kind::Linkedin),
];
const ACCOUNTS: [(&str, Kind); 4] = [
    ("company", Kind::Company),
    ("domain", Kind::Domain),
    ("phone", Kind::Phone),
    ("linkedin", Kind::Linkedin),
];

fn known_by(object: Object) -> &'static [(&'static str, Kind)] {
    if object == Object::Account { &ACCOUNTS } else { &PEOPLE }
}

/// Finds the records that match each candidate, in order of descending confidence.
pub(super) fn hits(
    object: Object,
    records: &[Record],
    candidates: &[Map<String, Value>],
    least: f64,
    most: usize,
) -> Result<Vec<Vec<Hit>>> {
    let names: Vec<&str> = known_by(object).iter().map(|(name, _)| *name).collect();
    let right = table(object, records, &names, "records")?;
    let left = table(object, candidates, &names, "candidates")?;
    let options = Options {
        fields: given(object, &left),
        threshold: Some(least),
        top: Some(most),
        ..Options::default()
    };
    let mut hits = vec![Vec::new(); candidates.len()];
    if records.is_empty() || options.fields.is_empty() {
        return Ok(hits);
    }
    let matches = threads::run(|| pipeline::link(&left, Some(&right), &options, &Unwatched))?;
    for (at, found) in matches.all.iter().enumerate() {
        let why = matches.explain(at)?;
        let held = why.contributions.iter();
        hits[found.left as usize].push(Hit {
            row: found.right as usize,
            confidence: found.confidence,
            rules: held
                .filter(|part| part.left.is_some() && part.weight > 0.0)
                .map(|part| part.field.clone())
                .collect(),
            explanation: reasons(&why.contributions),
        });
    }
    Ok(hits)
}

/// The fields that any candidate has.
fn given(object: Object, candidates: &Table) -> Vec<FieldSpec> {
    let has = |name: &str| {
        candidates.batches.iter().any(|batch| {
            batch.column_by_name(name).is_some_and(|column| column.null_count() < column.len())
        })
    };
    let fields = known_by(object).iter().filter(|(name, _)| has(name));
    fields.map(|(name, kind)| FieldSpec::new(name, Some(*kind), name, name)).collect()
}
