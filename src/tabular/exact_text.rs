//! Columns whose values have exactly one spelling as text.

use arrow::{array::ArrayRef, datatypes::DataType};

use super::text;
use crate::error::{Advice, Error, Result};

/// Whether every value of a type has exactly one spelling as text. Floats, lists and bytes do not.
pub fn is_plain(kind: &DataType) -> bool {
    !(kind.is_floating() || kind.is_nested() || kind.is_binary())
}

/// A column as text: strings as they are, and integers, booleans and dates in their usual spelling.
///
/// # Errors
/// If the column is not [plain](is_plain), or a value does not fit its type.
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
        let own = text::of(chunk).map_err(|error| {
            Error::input(format!("column {name:?} cannot be read: {error}")).with_column(name)
        })?;
        texts.extend(own.iter().map(|text| text.map(str::to_owned)));
    }
    Ok(texts)
}
