//! Answers as Arrow columns. Their types come from the call, and do not depend on the first row.

use std::{borrow::Cow, sync::Arc};

use arrow::{
    array::{
        ArrayBuilder, ArrayRef, BooleanArray, BooleanBuilder, Float64Builder, Int64Array,
        Int64Builder, RecordBatch, StringArray, StringBuilder, TimestampMicrosecondArray,
        UInt64Array,
    },
    datatypes::{DataType, Field, Schema, TimeUnit},
};
use serde_json::Value;

use super::{
    kind::{Kind, Type},
    rows::Row,
};
use crate::error::Result;

/// One row per request: `status`, `error`, `credits`, `reused`, `cached`, and the columns of the
/// answer.
pub(super) fn table(kind: &Kind, rows: &[Row]) -> Result<RecordBatch> {
    let status: StringArray = rows.iter().map(|row| Some(row.status())).collect();
    let error: StringArray = rows.iter().map(|row| row.error.as_deref()).collect();
    let credits: Int64Array = rows.iter().map(|row| Some(row.credits)).collect();
    let reused: BooleanArray = rows.iter().map(|row| Some(row.reused)).collect();
    let mut answered: Vec<Column> = [("cached", "/cached", Type::Flag)]
        .iter()
        .chain(kind.columns)
        .map(|&(name, place, kind)| Column::new(name, place, kind))
        .collect();
    // Row by row, so that only one parsed answer is in memory.
    for row in rows {
        let answer = row.answer()?;
        for column in &mut answered {
            column.append(answer.as_ref());
        }
    }
    let mut fields = vec![
        Field::new("status", DataType::Utf8, false),
        Field::new("error", DataType::Utf8, true),
        Field::new("credits", DataType::Int64, false),
        Field::new("reused", DataType::Boolean, false),
    ];
    let mut columns: Vec<ArrayRef> =
        vec![Arc::new(status), Arc::new(error), Arc::new(credits), Arc::new(reused)];
    for mut column in answered {
        let made = column.values.finish();
        fields.push(Field::new(column.name, made.data_type().clone(), true));
        columns.push(made);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// Adds where each answer comes from: `answered_at`, `run_id` (the idempotency key of the call),
/// and `answer_credits` (what it cost when it was bought).
pub(super) fn with_provenance(table: &RecordBatch, rows: &[Row]) -> Result<RecordBatch> {
    let origins = || rows.iter().map(|row| row.origin.as_ref());
    let times = origins().map(|origin| origin?.answered_at);
    let calls = origins().map(|origin| Some(origin?.call.as_str()));
    let credits = origins().map(|origin| origin?.credits);
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let added: [(Field, ArrayRef); 3] = [
        (
            Field::new("answered_at", time, true),
            Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
        ),
        (Field::new("run_id", DataType::Utf8, true), Arc::new(calls.collect::<StringArray>())),
        (
            Field::new("answer_credits", DataType::Int64, true),
            Arc::new(credits.collect::<Int64Array>()),
        ),
    ];
    let mut fields: Vec<_> = table.schema().fields().to_vec();
    let mut columns = table.columns().to_vec();
    for (field, column) in added {
        fields.push(Arc::new(field));
        columns.push(column);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// Adds a first column with the row numbers of a sample.
pub(super) fn with_numbers(table: &RecordBatch, rows: &[usize]) -> Result<RecordBatch> {
    let mut fields: Vec<_> = vec![Arc::new(Field::new("row", DataType::UInt64, false))];
    fields.extend(table.schema().fields().iter().cloned());
    let numbers = UInt64Array::from_iter_values(rows.iter().map(|row| *row as u64));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(numbers)];
    columns.extend(table.columns().iter().cloned());
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// A column of answers that is being built.
struct Column {
    name: &'static str,
    /// The keys that lead to the value.
    keys: Vec<&'static str>,
    values: Values,
}

enum Values {
    Text(StringBuilder),
    Json(StringBuilder),
    Number(Float64Builder),
    Integer(Int64Builder),
    Flag(BooleanBuilder),
}

impl Values {
    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(values) | Self::Json(values) => ArrayBuilder::finish(values),
            Self::Number(values) => ArrayBuilder::finish(values),
            Self::Integer(values) => ArrayBuilder::finish(values),
            Self::Flag(values) => ArrayBuilder::finish(values),
        }
    }
}

impl Column {
    fn new(name: &'static str, place: &'static str, kind: Type) -> Self {
        let values = match kind {
            Type::Text => Values::Text(StringBuilder::new()),
            Type::Json => Values::Json(StringBuilder::new()),
            Type::Number => Values::Number(Float64Builder::new()),
            Type::Integer => Values::Integer(Int64Builder::new()),
            Type::Flag => Values::Flag(BooleanBuilder::new()),
        };
        Self { name, keys: place.split('/').skip(1).collect(), values }
    }

    fn append(&mut self, answer: Option<&Value>) {
        let value = self.keys.iter().try_fold(answer, |value, key| match value? {
            Value::Array(items) => Some(items.get(key.parse::<usize>().ok()?)),
            value => Some(value.get(key)),
        });
        let value = value.flatten().filter(|value| !value.is_null());
        match &mut self.values {
            Values::Text(values) => values.append_option(value.map(|value| match value {
                Value::String(text) => Cow::Borrowed(text.as_str()),
                other => Cow::Owned(other.to_string()),
            })),
            Values::Json(values) => values.append_option(value.map(Value::to_string)),
            Values::Number(values) => values.append_option(value.and_then(Value::as_f64)),
            Values::Integer(values) => {
                values.append_option(value.and_then(Value::as_f64).map(|number| number as i64))
            }
            Values::Flag(values) => values.append_option(value.and_then(Value::as_bool)),
        }
    }
}
