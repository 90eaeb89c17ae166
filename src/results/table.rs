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
}

/// A cell whose value does not fit its column.
#[derive(Debug)]
pub struct Misfit {
    /// Position of the cell in its row.
    pub cell: usize,
    pub column: Arc<str>,
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
    pub fn column(&mut self, name: &str, flag: bool) -> usize {
        if let Some(at) = self.places.get(name) {
            return *at;
        }
        let mut values = if flag {
            Values::Flags(BooleanBuilder::with_capacity(0))
        } else {
            Values::Text(StringBuilder::with_capacity(0, 0))
        };
        values.pad(self.rows);
        let name: Arc<str> = name.into();
        self.places.insert(name.clone(), self.columns.len());
        self.columns.push(Column { name, values });
        self.columns.len() - 1
    }

    pub fn is_flag(&self, at: usize) -> bool {
        matches!(self.columns[at].values, Values::Flags(_))
    }

    /// Appends a row, whose cells are at `cells` in `text` and belong to the columns `targets`.
    #[inline]
    pub fn push(&mut self, text: &str, cells: &[Span], targets: &[usize]) -> Result<(), Misfit> {
        for (at, (cell, target)) in cells.iter().zip(targets).enumerate() {
            let column = &mut self.columns[*target];
            match &mut column.values {
                Values::Text(values) => match cell.form {
                    Form::Plain => values.append_value(&text[cell.start..cell.end]),
                    Form::Null => values.append_null(),
                    Form::Doubled => values.append_option(cell.text(text)),
                },
                Values::Flags(values) => match flag(&text[cell.start..cell.end]) {
                    Ok(flag) => values.append_option(flag),
                    Err(()) => return Err(Misfit { cell: at, column: column.name.clone() }),
                },
            }
        }
        self.rows += 1;
        Ok(())
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

/// Reads `true`, `false`, `1` and `0`; an empty text is null.
#[inline]
fn flag(text: &str) -> Result<Option<bool>, ()> {
    match text {
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        "" => Ok(None),
        _ => other_flag(text.trim()),
    }
}

/// Reads the other ways to write a flag: in any case, with surrounding spaces, or with other words.
/// Single letters are refused, because a file that was cut off may end with one.
#[cold]
fn other_flag(text: &str) -> Result<Option<bool>, ()> {
    let is_any = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match text {
        "" => Ok(None),
        _ if is_any(&["true", "yes", "1", "1.0"]) => Ok(Some(true)),
        _ if is_any(&["false", "no", "0", "0.0"]) => Ok(Some(false)),
        _ if is_any(&["null", "none", "nan", "n/a"]) => Ok(None),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_as_others_write_them() {
        for text in ["true", "TRUE", " True ", "1", "1.0", "yes", "YES"] {
            assert_eq!(flag(text), Ok(Some(true)), "{text:?}");
        }
        for text in ["false", "FALSE", "false ", "0", "0.0", "No"] {
            assert_eq!(flag(text), Ok(Some(false)), "{text:?}");
        }
        for text in ["", "  ", "null", "None", "NaN"] {
            assert_eq!(flag(text), Ok(None), "{text:?}");
        }
        for text in ["maybe", "2", "truefalse", "a@b.de", "t", "F", "y", "n"] {
            assert_eq!(flag(text), Err(()), "{text:?}");
        }
    }
}
