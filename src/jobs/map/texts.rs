//! Columns of a table as the fields of requests.

use arrow::{array::ArrayRef, datatypes::DataType};
use serde_json::{Map, Value};

use crate::{
    error::{Error, Result},
    matching::text,
};

/// Whether a column can be written as text in one way only: numbers with fractions, lists and bytes
/// cannot.
pub fn is_plain(kind: &DataType) -> bool {
    !(kind.is_floating() || kind.is_nested() || kind.is_binary())
}

/// A column as text: strings as they are, integers, booleans and dates as they are written.
///
/// # Errors
/// A column that is not [plain](is_plain).
pub fn texts(name: &str, kind: &DataType, chunks: &[ArrayRef]) -> Result<Vec<Option<String>>> {
    if !is_plain(kind) {
        return Err(Error::Input {
            message: format!(
                "column {name:?} is of type {kind}; cast it to text first, so that nothing is \
                 written otherwise than you mean it"
            ),
            column: Some(name.to_owned()),
            row: None,
        });
    }
    let mut texts = Vec::new();
    for chunk in chunks {
        texts.extend(text::of(chunk)?.iter().map(|text| text.map(str::to_owned)));
    }
    Ok(texts)
}

/// Sets a field of a request: `record_data.email` is the field `email` of the object `record_data`.
pub fn put(request: &mut Map<String, Value>, field: &str, value: Value) {
    match field.split_once('.') {
        None => {
            request.insert(field.to_owned(), value);
        }
        Some((outer, inner)) => {
            let within = request.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(within) = within {
                put(within, inner, value);
            }
        }
    }
}
