//! Records of the CRM as a table.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    },
    datatypes::{Field, Schema},
    error::ArrowError,
};
use chrono::DateTime;
use serde_json::Value;

use super::{
    Object,
    record::{Record, text},
};

/// One row per record: its id, its fields, and when it was created and changed.
pub(crate) fn table(object: Object, records: &[Record]) -> Result<RecordBatch, ArrowError> {
    let texts = |field: &str| -> ArrayRef {
        Arc::new(records.iter().map(|record| text(record, field)).collect::<StringArray>())
    };
    let times = |field: &str| -> ArrayRef {
        let micros = records.iter().map(|record| {
            let time = DateTime::parse_from_rfc3339(text(record, field)?).ok()?;
            Some(time.timestamp_micros())
        });
        Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
    };
    let mut columns: Vec<(&str, ArrayRef)> = vec![("id", texts("id"))];
    for field in object.fields() {
        let of = |record: &Record| record.get(*field).cloned().unwrap_or(Value::Null);
        let column: ArrayRef = match *field {
            "amount" => {
                Arc::new(records.iter().map(|record| of(record).as_f64()).collect::<Float64Array>())
            }
            "active" => Arc::new(
                records.iter().map(|record| of(record).as_bool()).collect::<BooleanArray>(),
            ),
            _ => texts(field),
        };
        columns.push((field, column));
    }
    columns.push(("created_at", times("created_at")));
    columns.push(("modified_at", times("modified_at")));
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), *name != "id"))
        .collect();
    RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns.into_iter().map(|(_, column)| column).collect(),
    )
}
