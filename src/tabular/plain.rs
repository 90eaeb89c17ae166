//! Columns that have one spelling as text.

use arrow::{array::ArrayRef, datatypes::DataType};

use super::text;
use crate::error::{Error, Result};

/// Whether every value of a type has one spelling as text. Floats, lists and bytes do not.
pub fn is_plain(kind: &DataType) -> bool {
    !(kind.is_floating() || kind.is_nested() || kind.is_binary())
}

/// A column as text: strings as they are, integers, booleans and dates as they are written.
///
/// # Errors
/// If the column is not [plain](is_plain).
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
