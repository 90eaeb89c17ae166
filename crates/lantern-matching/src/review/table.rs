//! Pairs to be decided as a table in which a colleague writes the decisions.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, Float64Array, LargeStringArray, RecordBatch, StringArray, UInt64Array,
    },
    datatypes::{DataType, Field, Schema},
};

use super::selection::PairToReview;
use crate::{
    error::Result,
    results::{Matches, Method, table::picked},
    tables::{Table, column_text::as_text},
    text,
};

/// Maximum number of columns that are shown beside those that rules use.
const OTHERS: usize = 8;

/// The columns of each side that are shown, in pairs, by the name of the field: those that are
/// compared and, for rules, which use few, also other columns that both tables have.
pub fn shown(
    matches: &Matches,
    ids: (Option<&str>, Option<&str>),
) -> Vec<(String, Vec<String>, Vec<String>)> {
    let rules = match &matches.method {
        Method::Learned { fields, .. } => {
            return fields
                .iter()
                .map(|field| (field.name.clone(), field.columns.0.clone(), field.columns.1.clone()))
                .collect();
        }
        Method::Rules(rules) => rules,
    };
    let mut shown: Vec<(String, Vec<String>, Vec<String>)> = rules
        .fields
        .iter()
        .map(|field| (field.name.clone(), field.left.clone(), field.right.clone()))
        .collect();
    let right = matches.right_table();
    let is_new = |name: &str| {
        Some(name) != ids.0
            && Some(name) != ids.1
            && !shown.iter().any(|(field, left, right)| {
                field == name
                    || [left, right].into_iter().any(|of| of.iter().any(|own| own == name))
            })
    };
    let others: Vec<String> = matches
        .left
        .names()
        .into_iter()
        .filter(|name| is_new(name) && has_text(&matches.left, name) && has_text(right, name))
        .take(OTHERS)
        .map(str::to_owned)
        .collect();
    shown.extend(others.into_iter().map(|name| (name.clone(), vec![name.clone()], vec![name])));
    shown
}

/// Whether a table has a column whose values can be shown as text.
fn has_text(table: &Table, name: &str) -> bool {
    let Ok(field) = table.schema.field_with_name(name) else { return false };
    let kind = field.data_type();
    let is_text =
        |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    is_text(kind)
        || matches!(kind, DataType::Dictionary(_, values) if is_text(values))
        || kind.is_integer()
        || matches!(
            kind,
            DataType::Boolean
                | DataType::Date32
                | DataType::Date64
                | DataType::Float32
                | DataType::Float64
        )
}

/// A row for each pair: `left` and `right` (rows), `left_id` and `right_id` if columns of ids are
/// named, an empty `decision`, `confidence`, `because`, and for each field the values of both sides
/// as `left_...` and `right_...`.
///
/// # Errors
/// If a column is missing.
pub fn table(
    matches: &Matches,
    pairs: &[PairToReview],
    ids: (Option<&str>, Option<&str>),
) -> Result<RecordBatch> {
    let rows = |of: fn(&PairToReview) -> u32| {
        UInt64Array::from_iter_values(pairs.iter().map(|pair| u64::from(of(pair))))
    };
    let (lefts, rights) = (rows(|pair| pair.left), rows(|pair| pair.right));
    let mut fields: Vec<Field> = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    let mut add = |name: String, column: ArrayRef| {
        let mut name = name;
        while fields.iter().any(|field| *field.name() == name) {
            name.push('_');
        }
        fields.push(Field::new(name, column.data_type().clone(), true));
        columns.push(column);
    };
    add("left".to_owned(), Arc::new(lefts.clone()));
    add("right".to_owned(), Arc::new(rights.clone()));
    let right_id = if matches.right.is_some() { ids.1 } else { ids.0 };
    for (name, id, table, rows) in [
        ("left_id", ids.0, &matches.left, &lefts),
        ("right_id", right_id, matches.right_table(), &rights),
    ] {
        if let Some(id) = id {
            add(name.to_owned(), picked(table, id, rows)?);
        }
    }
    add("decision".to_owned(), Arc::new(StringArray::from(vec![None::<&str>; pairs.len()])));
    let confidence = pairs.iter().map(|pair| (pair.confidence * 1e4).round() / 1e4);
    add("confidence".to_owned(), Arc::new(Float64Array::from_iter_values(confidence)));
    let because = pairs
        .iter()
        .map(|pair| Some(crate::results::explain::reasons(&pair.explanation.contributions)));
    add("because".to_owned(), Arc::new(because.collect::<StringArray>()));
    for (name, left, right) in shown(matches, ids) {
        add(format!("left_{name}"), values(&matches.left, &left, &lefts)?);
        add(format!("right_{name}"), values(matches.right_table(), &right, &rights)?);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// The values of a column, or the joined values of several, in some rows.
pub(super) fn values(table: &Table, names: &[String], rows: &UInt64Array) -> Result<ArrayRef> {
    let picked: Vec<LargeStringArray> = names
        .iter()
        .map(|name| Ok(text::of(&as_text(name, &picked(table, name, rows)?)?)?))
        .collect::<Result<_>>()?;
    let joined = (0..rows.len()).map(|row| {
        let parts: Vec<&str> = picked
            .iter()
            .filter(|column| column.is_valid(row))
            .map(|column| column.value(row).trim())
            .filter(|text| !text.is_empty())
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    });
    Ok(Arc::new(joined.collect::<StringArray>()))
}

/// A table whose texts no spreadsheet takes for formulas: a text that begins like one is prefixed
/// with an apostrophe.
///
/// # Errors
/// If the table cannot be made.
pub fn harmless(batch: &RecordBatch) -> Result<RecordBatch> {
    let mut columns = Vec::new();
    for column in batch.columns() {
        if !matches!(column.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        {
            columns.push(Arc::clone(column));
            continue;
        }
        let texts = text::of(column)?;
        let safe = texts.iter().map(|text| {
            text.map(|text| {
                let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
                if formula { format!("'{text}") } else { text.to_owned() }
            })
        });
        columns.push(text::to(&safe.collect::<LargeStringArray>(), column.data_type())?);
    }
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_a_formula_is_text() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("=1+1"), Some("a=b"), None]));
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![-1.0, 2.0, 3.0]));
        let batch = RecordBatch::try_from_iter([("t", texts), ("n", numbers)]).unwrap();
        let safe = harmless(&batch).unwrap();
        let texts = text::of(safe.column(0)).unwrap();
        assert_eq!(texts.iter().collect::<Vec<_>>(), [Some("'=1+1"), Some("a=b"), None]);
        assert_eq!(safe.column(1), batch.column(1));
    }
}
