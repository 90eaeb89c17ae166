//! Answers as Arrow columns: their types come from the call, not from what the first row holds.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use serde_json::Value;

use super::{
    calls::{Kind, Type},
    store::Row,
};
use crate::error::Result;

/// One row per request: `status`, `error`, `credits`, `cached`, and what was answered.
pub(super) fn table(kind: &Kind, rows: &[Row]) -> Result<RecordBatch> {
    let status: StringArray = rows
        .iter()
        .map(|row| Some(if row.state == "planned" { "over_budget" } else { &row.state }))
        .collect();
    let error: StringArray = rows.iter().map(|row| row.error.as_deref()).collect();
    let credits: Int64Array = rows.iter().map(|row| Some(row.credits)).collect();
    let mut fields = vec![
        Field::new("status", DataType::Utf8, false),
        Field::new("error", DataType::Utf8, true),
        Field::new("credits", DataType::Int64, false),
        Field::new("cached", DataType::Boolean, true),
    ];
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(status),
        Arc::new(error),
        Arc::new(credits),
        column("/cached", Type::Flag, rows),
    ];
    for (name, place, kind) in kind.columns {
        let made = column(place, *kind, rows);
        fields.push(Field::new(*name, made.data_type().clone(), true));
        columns.push(made);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn column(place: &str, kind: Type, rows: &[Row]) -> ArrayRef {
    let values = rows.iter().map(|row| {
        row.answer
            .as_ref()
            .and_then(|answer| answer.pointer(place))
            .filter(|value| !value.is_null())
    });
    match kind {
        Type::Text => Arc::new(
            values
                .map(|value| match value? {
                    Value::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                })
                .collect::<StringArray>(),
        ),
        Type::Json => {
            Arc::new(values.map(|value| value.map(Value::to_string)).collect::<StringArray>())
        }
        Type::Number => {
            Arc::new(values.map(|value| value.and_then(Value::as_f64)).collect::<Float64Array>())
        }
        Type::Integer => Arc::new(
            values
                .map(|value| value.and_then(Value::as_f64).map(|number| number as i64))
                .collect::<Int64Array>(),
        ),
        Type::Flag => {
            Arc::new(values.map(|value| value.and_then(Value::as_bool)).collect::<BooleanArray>())
        }
    }
}
