//! The ids in a column: which rows have one, and which rows have the same.

use std::collections::HashMap;

use arrow::{
    array::{Array, ArrayRef, UInt32Array},
    datatypes::DataType,
};

use crate::ledger::packed::{pack_bytes, unpack_bytes};
use crate::{
    error::{Error, Result},
    matching::text,
};

/// A row whose id is null.
pub const NULL: u32 = u32::MAX;
/// A row whose id is empty, or blank.
pub const EMPTY: u32 = u32::MAX - 1;

/// The ids of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Ids {
    /// Each id once, in the order of first appearance.
    pub unique: Vec<String>,
    /// For each row the position of its id in `unique`, or [`NULL`] or [`EMPTY`].
    pub of_row: Vec<u32>,
    /// The type of the column, as Arrow spells it.
    pub data_type: DataType,
}

impl Ids {
    /// Reads the ids of a column of integers or strings, given in chunks.
    ///
    /// # Errors
    /// Any other type; `column` names it in the message.
    pub fn read(column: &str, data_type: &DataType, chunks: &[ArrayRef]) -> Result<Self> {
        check_type(column, data_type)?;
        let mut unique = Vec::new();
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut of_row = Vec::with_capacity(chunks.iter().map(|chunk| chunk.len()).sum());
        for chunk in chunks {
            let texts = text::of(chunk).map_err(|error| {
                Error::input(format!("the ids in column {column:?} cannot be read: {error}"))
            })?;
            for text in &texts {
                of_row.push(match text {
                    None => NULL,
                    Some(text) if text.trim().is_empty() => EMPTY,
                    Some(text) => match known.get(text) {
                        Some(position) => *position,
                        None => {
                            let position = u32::try_from(unique.len())
                                .ok()
                                .filter(|position| *position < EMPTY)
                                .ok_or_else(|| {
                                    Error::input("a job takes at most 4,294,967,294 ids; split it")
                                })?;
                            known.insert(text.to_owned(), position);
                            unique.push(text.to_owned());
                            position
                        }
                    },
                });
            }
        }
        Ok(Self { unique, of_row, data_type: data_type.clone() })
    }

    /// Takes the same ids in another order; every row keeps its id.
    pub fn reorder(&mut self, order: Vec<String>) {
        let positions: HashMap<&str, u32> =
            (0_u32..).zip(&order).map(|(at, id)| (id.as_str(), at)).collect();
        let moved: Vec<u32> = self
            .unique
            .iter()
            .map(|id| positions.get(id.as_str()).copied().unwrap_or(EMPTY))
            .collect();
        for id in self.of_row.iter_mut().filter(|id| **id < EMPTY) {
            *id = moved[*id as usize];
        }
        self.unique = order;
    }

    /// `of_row` as the ledger keeps it: empty where every row has its own id.
    ///
    /// # Errors
    /// Out of memory.
    pub fn pack_rows(&self) -> Result<Vec<u8>> {
        let plain = self.of_row.len() == self.unique.len()
            && self.of_row.iter().enumerate().all(|(row, id)| row as u64 == u64::from(*id));
        if plain {
            return Ok(Vec::new());
        }
        let bytes: Vec<u8> = self.of_row.iter().flat_map(|id| id.to_le_bytes()).collect();
        pack_bytes(&bytes)
            .map_err(|error| Error::ledger(format!("the rows cannot be written down: {error}")))
    }
}

/// Reads what [`Ids::pack_rows`] wrote.
///
/// # Errors
/// The bytes are damaged, or point outside of `ids`.
pub fn unpack_rows(bytes: &[u8], rows: u64, ids: usize) -> Result<UInt32Array> {
    let damaged = || Error::ledger("the ledger's list of rows is damaged");
    let rows = usize::try_from(rows).map_err(|_| damaged())?;
    if bytes.is_empty() {
        let count = u32::try_from(rows).map_err(|_| damaged())?;
        return Ok((0..count).collect::<Vec<_>>().into());
    }
    let bytes = unpack_bytes(bytes).map_err(|_| damaged())?;
    let (words, rest) = bytes.as_chunks::<4>();
    let of_row: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    if of_row.len() != rows
        || !rest.is_empty()
        || of_row.iter().any(|id| *id < EMPTY && *id as usize >= ids)
    {
        return Err(damaged());
    }
    Ok(of_row.into())
}

fn check_type(column: &str, data_type: &DataType) -> Result<()> {
    let advice = match data_type {
        kind if kind.is_integer() => return Ok(()),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => return Ok(()),
        DataType::Dictionary(_, value) => return check_type(column, value),
        DataType::Null => return Ok(()),
        kind if kind.is_floating() => {
            "a float cannot hold an id exactly (an integer column with gaps becomes one in pandas); \
             cast it to a nullable integer, such as Int64, or to strings"
        }
        _ => "ids are integers or strings; cast the column",
    };
    Err(Error::Input {
        message: format!("column {column:?} has type {data_type} and cannot hold ids: {advice}"),
        column: Some(column.to_owned()),
        row: None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{
            DictionaryArray, Float64Array, Int64Array, StringArray, StringViewArray, UInt8Array,
        },
        datatypes::Int8Type,
    };

    use super::*;

    fn read(chunks: &[ArrayRef]) -> Result<Ids> {
        Ids::read("id", chunks[0].data_type(), chunks)
    }

    #[test]
    fn duplicates_nulls_and_blanks_are_told_apart() {
        let first: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("b")]));
        let second: ArrayRef = Arc::new(StringArray::from(vec![Some(""), Some("a"), Some("  ")]));
        let ids = read(&[first, second]).unwrap();
        assert_eq!(ids.unique, ["a", "b"]);
        assert_eq!(ids.of_row, [0, NULL, 1, EMPTY, 0, EMPTY]);
        let packed = ids.pack_rows().unwrap();
        assert_eq!(unpack_rows(&packed, 6, 2).unwrap().values(), &ids.of_row[..]);
        assert!(unpack_rows(&packed, 6, 1).is_err(), "a position outside of the ids is damage");
    }

    #[test]
    fn every_integer_and_string_type_holds_ids() {
        let dictionary: DictionaryArray<Int8Type> = vec!["7", "8", "7"].into_iter().collect();
        let columns: [ArrayRef; 4] = [
            Arc::new(Int64Array::from(vec![7, 8, 7])),
            Arc::new(UInt8Array::from(vec![7, 8, 7])),
            Arc::new(StringViewArray::from(vec!["7", "8", "7"])),
            Arc::new(dictionary),
        ];
        for column in columns {
            let ids = read(std::slice::from_ref(&column)).unwrap();
            assert_eq!(ids.unique, ["7", "8"], "{}", column.data_type());
            assert_eq!(ids.of_row, [0, 1, 0]);
        }
    }

    #[test]
    fn a_float_column_is_refused_with_advice() {
        let error = read(&[Arc::new(Float64Array::from(vec![1.0]))]).unwrap_err().to_string();
        assert!(error.contains("\"id\"") && error.contains("nullable integer"), "{error}");
    }

    #[test]
    fn a_table_of_distinct_ids_needs_no_list_of_rows() {
        let ids = read(&[Arc::new(Int64Array::from(vec![3, 1, 2]))]).unwrap();
        assert!(ids.pack_rows().unwrap().is_empty());
        assert_eq!(unpack_rows(&[], 3, 3).unwrap().values(), &[0, 1, 2]);
    }
}
