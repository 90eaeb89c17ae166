//! AI matching on this machine: the model that local matching learns without labels, from the CRM's
//! own records.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use serde_json::{Map, Value};

use super::{fields::field, score::Hit};
use crate::{
    error::Result,
    matching::{
        explain::reasons,
        fields::Kind,
        learn::Model,
        linkage::{self, Options, Unwatched},
        table::{FieldSpec, Table},
    },
    server::crm::{Object, record::Record},
    threads,
};

/// What a person or an account is known by.
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

/// Models that were learned, each with the last change of the records that it was learned from.
#[derive(Default)]
pub(in crate::server) struct Learned(Mutex<HashMap<Object, (String, Arc<Model>)>>);

impl Learned {
    /// For each candidate the records that it may be, the most confident first.
    pub fn hits(
        &self,
        object: Object,
        records: &[Record],
        candidates: &[Map<String, Value>],
        least: f64,
        most: usize,
    ) -> Result<Vec<Vec<Hit>>> {
        let right = table(object, records, "records")?;
        let left = table(object, candidates, "candidates")?;
        let mut options = options(object, &left);
        if records.is_empty() || options.fields.is_empty() {
            return Ok(vec![Vec::new(); candidates.len()]);
        }
        options.threshold = Some(least);
        options.top = Some(most);
        let matches = threads::run(|| {
            let model = self.model(object, &right, records, &options)?;
            options.model = Some((*model).clone());
            linkage::link(&left, Some(&right), &options, &Unwatched)
        })?;
        let mut hits = vec![Vec::new(); candidates.len()];
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

    fn model(
        &self,
        object: Object,
        right: &Table,
        records: &[Record],
        options: &Options,
    ) -> Result<Arc<Model>> {
        let names: Vec<&str> = options.fields.iter().map(|field| field.name.as_str()).collect();
        let changed = records.iter().filter_map(|record| record.get("modified_at")?.as_str()).max();
        let stamp = format!("{} {} {names:?}", records.len(), changed.unwrap_or_default());
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&object).cloned();
        if let Some((own, model)) = known
            && own == stamp
        {
            return Ok(model);
        }
        let fields = options.fields.clone();
        let learning = Options { fields, ..Options::default() };
        let model = Arc::new(linkage::learn(right, None, &learning, &Unwatched)?);
        let mut models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        models.insert(object, (stamp, Arc::clone(&model)));
        Ok(model)
    }
}

/// The fields that some candidate has.
fn options(object: Object, candidates: &Table) -> Options {
    let given = |name: &str| {
        candidates.batches.iter().any(|batch| {
            batch.column_by_name(name).is_some_and(|column| column.null_count() < column.len())
        })
    };
    let fields = known_by(object).iter().filter(|(name, _)| given(name));
    let fields = fields.map(|(name, kind)| FieldSpec::new(name, Some(*kind), name, name));
    Options { fields: fields.collect(), ..Options::default() }
}

fn table(object: Object, records: &[Record], side: &'static str) -> Result<Table> {
    let columns: Vec<(&str, ArrayRef)> = known_by(object)
        .iter()
        .map(|(name, _)| {
            let texts = records.iter().map(|record| Some(field(record, object, name)?.raw));
            (*name, Arc::new(texts.collect::<StringArray>()) as ArrayRef)
        })
        .collect();
    let fields: Vec<Field> =
        columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
    Table::new(batch.schema(), vec![batch], side)
}
