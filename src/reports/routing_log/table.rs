//! Entries of the routing log as Arrow columns.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{
        ArrayRef, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder, StructBuilder,
        TimestampMicrosecondArray,
    },
    datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit},
};
use serde_json::Value;

use super::time;
use crate::{api::logs::LogEntry, error::Result};

/// The fields of a change: its field, and the value before and after.
fn change() -> Fields {
    Fields::from(vec![
        Field::new("field", DataType::Utf8, true),
        Field::new("from", DataType::Utf8, true),
        Field::new("to", DataType::Utf8, true),
    ])
}

/// The columns, in the order of the API's CSV. `diff` is a list of changes.
pub static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let item = Field::new_list_field(DataType::Struct(change()), true);
    Arc::new(Schema::new(vec![
        Field::new(
            "timestamp",
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            false,
        ),
        text("object"),
        text("object_id"),
        text("action"),
        text("pool"),
        text("assigned_to"),
        text("prev_owner"),
        Field::new("sequence", DataType::Int64, true),
        text("reason"),
        text("request_id"),
        text("idempotency_key"),
        Field::new_list("diff", item, true),
    ]))
});

/// Converts entries into a table. Fields outside the contract are left out.
///
/// # Errors
/// If an entry has no time.
pub fn table(entries: &[LogEntry]) -> Result<RecordBatch> {
    let times = entries
        .iter()
        .map(|entry| Ok(time(entry)?.timestamp_micros()))
        .collect::<Result<Vec<i64>>>()?;
    let text = |get: fn(&LogEntry) -> &Option<String>| -> ArrayRef {
        Arc::new(entries.iter().map(|entry| get(entry).as_deref()).collect::<StringArray>())
    };
    let sequence: Int64Array =
        entries.iter().map(|entry| entry.sequence.map(|number| number as i64)).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
        text(|entry| &entry.object),
        text(|entry| &entry.object_id),
        text(|entry| &entry.action),
        text(|entry| &entry.pool),
        text(|entry| &entry.assigned_to),
        text(|entry| &entry.prev_owner),
        Arc::new(sequence),
        text(|entry| &entry.reason),
        text(|entry| &entry.request_id),
        text(|entry| &entry.idempotency_key),
        diffs(entries),
    ];
    Ok(RecordBatch::try_new(Arc::clone(&SCHEMA), columns)?)
}

/// A text as it is, any other value as JSON.
fn plain(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn diffs(entries: &[LogEntry]) -> ArrayRef {
    let mut lists = ListBuilder::new(StructBuilder::from_fields(change(), entries.len()));
    for entry in entries {
        let mut changes: Vec<[Option<String>; 3]> = Vec::new();
        match &entry.diff {
            None | Some(Value::Null) => {}
            Some(Value::Object(fields)) => {
                for (field, change) in fields {
                    let known = change.get("from").is_some() || change.get("to").is_some();
                    let (from, to) = if known {
                        (plain(change.get("from")), plain(change.get("to")))
                    } else {
                        (None, plain(Some(change)))
                    };
                    changes.push([Some(field.clone()), from, to]);
                }
            }
            // A form that the contract does not define is kept as it is.
            Some(other) => changes.push([None, None, plain(Some(other))]),
        }
        for change in changes {
            let row = lists.values();
            for (at, cell) in change.into_iter().enumerate() {
                if let Some(builder) = row.field_builder::<StringBuilder>(at) {
                    builder.append_option(cell);
                }
            }
            row.append(true);
        }
        lists.append(entry.diff.as_ref().is_some_and(|diff| !diff.is_null()));
    }
    Arc::new(lists.finish())
}
