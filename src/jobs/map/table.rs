//! Answers as Arrow columns: their types come from the call, not from what the first row holds.

use std::{borrow::Cow, sync::Arc};

use arrow::{
    array::{
        ArrayBuilder, ArrayRef, BooleanBuilder, Float64Builder, Int64Array, Int64Builder,
        RecordBatch, StringArray, StringBuilder,
    },
    datatypes::{DataType, Field, Schema},
};
use serde_json::Value;

use super::{
    kind::{Kind, Type},
    rows::Row,
};
use crate::error::Result;

/// One row per request: `status`, `error`, `credits`, `cached`, and what was answered.
pub(super) fn table(kind: &Kind, rows: &[Row]) -> Result<RecordBatch> {
    let status: StringArray = rows.iter().map(|row| Some(row.status())).collect();
    let error: StringArray = rows.iter().map(|row| row.error.as_deref()).collect();
    let credits: Int64Array = rows.iter().map(|row| Some(row.credits)).collect();
    let mut answered: Vec<Column> = [("cached", "/cached", Type::Flag)]
        .iter()
        .chain(kind.columns)
        .map(|&(name, place, kind)| Column::new(name, place, kind))
        .collect();
    // Row by row: an answer is read once, and let go of.
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
    ];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(status), Arc::new(error), Arc::new(credits)];
    for mut column in answered {
        let made = column.values.finish();
        fields.push(Field::new(column.name, made.data_type().clone(), true));
        columns.push(made);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// A column of answers while it is made.
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
