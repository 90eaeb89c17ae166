//! Records of the CRM, searched by rules.

pub(crate) mod by_rules;
pub(crate) mod fields;

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};

use super::{Object, record::Record};
use crate::refusal::Refusal;
use lantern::{
    error::{Error, ErrorKind},
    matching::tables::Table,
};

/// Maximum number of records that are found for one candidate.
pub(crate) const MAX_HITS: usize = 50;

/// A record that matches a candidate.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub row: usize,
    pub confidence: f64,
    pub rules: Vec<String>,
    pub explanation: String,
}

/// Some fields of records, as a table of texts.
pub(crate) fn table(
    object: Object,
    records: &[Record],
    names: &[&str],
    side: &'static str,
) -> lantern::error::Result<Table> {
    let columns = names.iter().map(|name| -> ArrayRef {
        let texts =
            records.iter().map(|record| fields::field(record, object, &fields::snake(name)));
        Arc::new(texts.collect::<StringArray>())
    });
    let columns = columns.collect();
    let fields: Vec<Field> =
        names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
    Ok(Table::new(batch.schema(), vec![batch], side)?)
}

pub(crate) fn cannot_match(error: Error) -> Refusal {
    match error.kind() {
        ErrorKind::Input => Refusal::field("rules", "value_error", error.to_string()),
        _ => Refusal::Internal(format!("the records cannot be matched: {error}")),
    }
}
