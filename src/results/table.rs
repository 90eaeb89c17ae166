//! The columns of a table that grows with each block of text.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, BooleanBuilder, StringArray, StringBuilder},
    error::ArrowError,
};

use super::rows::{Form, Span};

/// Finished columns of equal length.
#[derive(Debug, Default)]
pub struct Piece {
    pub columns: Vec<(Arc<str>, ArrayRef)>,
    pub rows: usize,
}

enum Values {
    Text(StringBuilder),
    Flags(BooleanBuilder),
}

struct Column {
    name: Arc<str>,
    values: Values,
    /// Whether spaces around a value do not belong to it.
    trims: bool,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Text that is kept as it is.
    Text,
    /// An e-mail address or a phone number.
    Value,
    /// True and false.
    Flag,
}

/// Columns that grow row by row. Rows of a file that does not have a column are filled with nulls,
/// and so are the earlier rows of a new column.
#[derive(Default)]
pub struct Table {
    columns: Vec<Column>,
    /// Position of each column by name. It is a map because a file may have a million columns.
    places: HashMap<Arc<str>, usize>,
    rows: usize,
}

impl Table {
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The position of the column `name`, which is added if it is missing.
    pub fn column(&mut self, name: &str, holds: Holds) -> usize {
        if let Some(at) = self.places.get(name) {
            return *at;
        }
        let mut values = if holds == Holds::Flag {
            Values::Flags(BooleanBuilder::with_capacity(0))
        } else {
            Values::Text(StringBuilder::with_capacity(0, 0))
        };
        values.pad(self.rows);
        let name: Arc<str> = name.into();
        self.places.insert(name.clone(), self.columns.len());
        self.columns.push(Column { name, values, trims: holds == Holds::Value });
        self.columns.len() - 1
    }

    pub fn is_flag(&self, at: usize) -> bool {
        matches!(self.columns[at].values, Values::Flags(_))
    }

    /// Whether a cell may belong to a column, in a row of which it is unclear where cells are
    /// missing: a flag is no address, and an address is no flag.
    pub fn fits(&self, cell: &str, at: usize) -> bool {
        match &self.columns[at] {
            Column { values: Values::Flags(_), .. } => flag(cell).is_ok(),
            Column { trims: true, .. } => !matches!(flag(cell), Ok(Some(_))),
            Column { .. } => true,
        }
    }

    /// Appends a row, whose cells are at `cells` in `text` and belong to the columns `targets`.
    /// Cells that are missing at the end are null. Returns how many flags are words that are
    /// neither true nor false, and therefore null.
    #[inline]
    pub fn push(&mut self, text: &str, cells: &[Span], targets: &[usize]) -> u64 {
        let mut unread = 0;
        for (cell, target) in cells.iter().zip(targets) {
            let column = &mut self.columns[*target];
            match &mut column.values {
                Values::Text(values) => match cell.form {
                    Form::Plain if column.trims => {
                        values.append_option(trimmed(&text[cell.start..cell.end]));
                    }
                    Form::Plain => values.append_value(&text[cell.start..cell.end]),
                    Form::Null => values.append_null(),
                    Form::Doubled => values.append_option(cell.text(text)),
                },
                Values::Flags(values) => match flag(&text[cell.start..cell.end]) {
                    Ok(flag) => values.append_option(flag),
                    Err(()) => {
                        values.append_null();
                        unread += 1;
                    }
                },
            }
        }
        for target in targets.get(cells.len()..).unwrap_or_default() {
            match &mut self.columns[*target].values {
                Values::Text(values) => values.append_null(),
                Values::Flags(values) => values.append_null(),
            }
        }
        self.rows += 1;
        unread
    }

    /// Fills every column up to the length of the table, after a file that lacks some columns.
    pub fn pad(&mut self) {
        for column in &mut self.columns {
            column.values.pad(self.rows);
        }
    }

    /// Reserves memory for `times` as much as there is, so that growing neither copies nor keeps
    /// more memory than it needs.
    pub fn reserve(&mut self, times: f64) -> Result<(), ArrowError> {
        let room = |length: usize| (length as f64 * times) as usize;
        for column in &mut self.columns {
            if let Values::Text(values) = &mut column.values {
                let sized = StringBuilder::with_capacity(
                    room(self.rows),
                    room(values.values_slice().len()),
                );
                let start = std::mem::replace(values, sized).finish();
                values.append_array(&start)?;
            }
        }
        Ok(())
    }

    /// Returns the columns so far and starts anew with the same columns.
    pub fn finish(&mut self) -> Piece {
        self.pad();
        let columns = self
            .columns
            .iter_mut()
            .map(|column| (column.name.clone(), column.values.finish()))
            .collect();
        Piece { columns, rows: std::mem::take(&mut self.rows) }
    }
}

impl Values {
    fn pad(&mut self, rows: usize) {
        match self {
            Self::Text(values) => {
                let length = values.offsets_slice().len() - 1;
                if length < rows {
                    values.append_nulls(rows - length);
                }
            }
            Self::Flags(values) => {
                let length = arrow::array::ArrayBuilder::len(values);
                if length < rows {
                    values.append_nulls(rows - length);
                }
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(values) => {
                let mut array: StringArray = values.finish();
                array.shrink_to_fit();
                Arc::new(array)
            }
            Self::Flags(values) => Arc::new(values.finish()),
        }
    }
}

/// A value without the spaces around it; only spaces are null.
fn trimmed(text: &str) -> Option<&str> {
    let bare = text.trim();
    (!bare.is_empty() || text.is_empty()).then_some(bare)
}

/// Reads `true`, `false`, `1` and `0`, and the other ways to write them; an empty text is null.
#[inline]
pub fn flag(text: &str) -> Result<Option<bool>, ()> {
    match text {
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        "" => Ok(None),
        _ => other_flag(text.trim()),
    }
}

/// Words for a value that is not there.
const NOTHING: [&str; 4] = ["null", "none", "nan", "n/a"];

fn is_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a value is there: not an empty text, and no word for nothing.
pub fn is_there(value: &str) -> bool {
    let value = value.trim();
    !value.is_empty() && !is_any(value, &NOTHING)
}

/// Whether a flag in the last cell of a file without a line break is a whole word. Single letters
/// may be the beginning of one, and so may any word that is not known.
pub fn is_whole_flag(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && flag(text).is_ok()
        && !(text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// Reads the other ways to write a flag: in any case, with surrounding spaces, or with other words.
#[cold]
fn other_flag(text: &str) -> Result<Option<bool>, ()> {
    const TRUE: [&str; 7] = ["true", "yes", "1", "1.0", "found", "t", "y"];
    const FALSE: [&str; 9] =
        ["false", "no", "0", "0.0", "not found", "not_found", "not-found", "f", "n"];
    match text {
        "" => Ok(None),
        _ if is_any(text, &TRUE) => Ok(Some(true)),
        _ if is_any(text, &FALSE) => Ok(Some(false)),
        _ if is_any(text, &NOTHING) => Ok(None),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_as_others_write_them() {
        for text in ["true", "TRUE", " True ", "1", "1.0", "yes", "YES", "t", "Y", " Found"] {
            assert_eq!(flag(text), Ok(Some(true)), "{text:?}");
        }
        for text in
            ["false", "FALSE", "false ", "0", "0.0", "No", "F", "n ", "not found", "NOT_FOUND"]
        {
            assert_eq!(flag(text), Ok(Some(false)), "{text:?}");
        }
        for text in ["", "  ", "null", "None", "NaN"] {
            assert_eq!(flag(text), Ok(None), "{text:?}");
        }
        for text in ["maybe", "2", "truefalse", "a@b.de", "tr", "not"] {
            assert_eq!(flag(text), Err(()), "{text:?}");
        }
    }

    #[test]
    fn a_flag_at_the_end_of_a_file_is_whole_if_it_begins_no_longer_word() {
        for text in ["true", "FALSE", "1", "0", "yes", "Found", "not found"] {
            assert!(is_whole_flag(text), "{text:?}");
        }
        for text in ["", " ", "t", "F", "y", "N", "tru", "not", "not f", "maybe"] {
            assert!(!is_whole_flag(text), "{text:?}");
        }
    }

    #[test]
    fn spaces_around_a_value_do_not_belong_to_it() {
        assert_eq!(trimmed(" ada@acme.com "), Some("ada@acme.com"));
        assert_eq!((trimmed(" "), trimmed("")), (None, Some("")));
        assert!(is_there("+45") && !is_there(" ") && !is_there("NULL") && !is_there("n/a"));
    }
}
