//! Columns of a table as the fields of requests.

use arrow::{array::ArrayRef, datatypes::DataType};
use serde_json::{Map, Value};

use crate::{
    error::{Advice, Error, Result},
    matching::text,
};

/// Whether there is only one way to write a column's values as text. Floats, lists and bytes have
/// several.
pub fn is_plain(kind: &DataType) -> bool {
    !(kind.is_floating() || kind.is_nested() || kind.is_binary())
}

/// A column as text: strings as they are, integers, booleans and dates as they are written.
///
/// # Errors
/// If the column is not [plain](is_plain).
pub fn column_as_text(
    name: &str,
    kind: &DataType,
    chunks: &[ArrayRef],
) -> Result<Vec<Option<String>>> {
    if !is_plain(kind) {
        return Err(Error::input(format!(
            "column {name:?} is of type {kind}, which can be written as text in several ways"
        ))
        .with_column(name)
        .advise(Advice::text("cast it to text first")));
    }
    let mut texts = Vec::new();
    for chunk in chunks {
        texts.extend(text::of(chunk)?.iter().map(|text| text.map(str::to_owned)));
    }
    Ok(texts)
}

/// Sets a field of a request: `record_data.email` is the field `email` of the object `record_data`.
pub fn set_field(request: &mut Map<String, Value>, field: &str, value: Value) {
    match field.split_once('.') {
        None => {
            request.insert(field.to_owned(), value);
        }
        Some((outer, inner)) => {
            let within = request.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(within) = within {
                set_field(within, inner, value);
            }
        }
    }
}
