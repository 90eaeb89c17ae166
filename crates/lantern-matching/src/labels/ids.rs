//! Finds the rows of a table that an id names.

use std::hash::BuildHasher;

use arrow::array::{Array, ArrayRef, LargeStringArray};
use arrow::datatypes::DataType;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::{
    error::{Error, Result},
    tables::Table,
    text,
};

/// Marks the end of a list of rows.
const END: u32 = u32::MAX;

/// The rows of each id of a column.
pub struct Ids {
    texts: LargeStringArray,
    /// The first row of each id.
    first: HashTable<u32>,
    /// For each row, the next row with the same id.
    next: Vec<u32>,
}

impl Ids {
    /// # Errors
    /// If the column is missing or has no text.
    pub fn of(table: &Table, name: &str) -> Result<Self> {
        let texts = texts(table, name)?;
        let state = FixedState::default();
        let mut first: HashTable<u32> = HashTable::with_capacity(texts.len());
        let mut next = vec![END; texts.len()];
        // From the last row to the first, so that the rows of an id are in order.
        for row in (0..texts.len()).rev() {
            let Some(id) = id(&texts, row) else { continue };
            let hash = state.hash_one(id);
            let row = u32::try_from(row).unwrap_or(END);
            match first.find_mut(hash, |&other| self::id(&texts, other as usize) == Some(id)) {
                Some(head) => next[row as usize] = std::mem::replace(head, row),
                None => {
                    first.insert_unique(hash, row, |&other| {
                        state.hash_one(self::id(&texts, other as usize).unwrap_or_default())
                    });
                }
            }
        }
        Ok(Self { texts, first, next })
    }

    /// The rows of an id, in order, also if an apostrophe was added to the id so that no
    /// spreadsheet takes it for a formula.
    pub fn rows<'a>(&'a self, id: &str) -> impl Iterator<Item = u32> + Clone + use<'a> {
        let head = self.head(id).or_else(|| self.head(id.strip_prefix('\'')?));
        std::iter::successors(head, |&row| Some(self.next[row as usize]).filter(|&row| row != END))
    }

    fn head(&self, id: &str) -> Option<u32> {
        let hash = FixedState::default().hash_one(id);
        self.first.find(hash, |&row| self::id(&self.texts, row as usize) == Some(id)).copied()
    }
}

/// The id in a row; `None` if it is missing.
pub fn id(texts: &LargeStringArray, row: usize) -> Option<&str> {
    if texts.is_null(row) {
        return None;
    }
    let text = texts.value(row).trim();
    (!text.is_empty()).then_some(text)
}

/// A column as text, in one piece. Numbers without a fraction are whole numbers, because data
/// frames with gaps and spreadsheets write `7` as `7.0`.
///
/// # Errors
/// If it is missing or cannot be read.
pub fn texts(table: &Table, name: &str) -> Result<LargeStringArray> {
    let chunks: Vec<LargeStringArray> =
        table.column(name)?.iter().map(|chunk| of_chunk(name, chunk)).collect::<Result<_>>()?;
    match chunks.as_slice() {
        [one] => Ok(one.clone()),
        many => Ok(many.iter().flat_map(LargeStringArray::iter).collect()),
    }
}

fn of_chunk(name: &str, chunk: &ArrayRef) -> Result<LargeStringArray> {
    let kind = match chunk.data_type() {
        DataType::Dictionary(_, values) => values.as_ref(),
        kind => kind,
    };
    let texts = text::of(chunk).map_err(|error| {
        Error::input(format!("column '{name}' of type {kind} names no rows: {error}"))
            .with_column(name)
            .hint("cast it to a text column first")
    })?;
    let is_fraction = kind.is_floating()
        || matches!(
            kind,
            DataType::Decimal128(..)
                | DataType::Decimal256(..)
                | DataType::Decimal32(..)
                | DataType::Decimal64(..)
        );
    if !is_fraction {
        return Ok(texts);
    }
    let whole = |text: &str| -> Option<String> {
        if matches!(text, "NaN" | "inf" | "-inf") {
            return None;
        }
        // Large numbers are displayed in powers of ten.
        if let Ok(number) = text.parse::<f64>()
            && number.fract() == 0.0
            && number.abs() < 9e15
        {
            return Some(format!("{number:.0}"));
        }
        Some(text.to_owned())
    };
    Ok(texts.iter().map(|text| text.and_then(whole)).collect())
}

/// The row of one id.
///
/// # Errors
/// If no row has it, or more than one.
pub fn row_of(table: &Table, column: &str, wanted: &str) -> Result<u32> {
    let ids = Ids::of(table, column)?;
    let mut rows = ids.rows(wanted.trim());
    match (rows.next(), rows.count()) {
        (Some(row), 0) => Ok(row),
        (Some(_), more) => Err(Error::input(format!(
            "{} rows have the id '{wanted}' in column '{column}'; give the number of a row",
            more + 1
        ))
        .with_column(column)),
        (None, _) => {
            Err(Error::input(format!("no row has the id '{wanted}' in column '{column}'"))
                .with_column(column))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Float64Array, Int32Array, RecordBatch, StringArray};

    use super::*;

    fn table(column: ArrayRef) -> Table {
        let batch = RecordBatch::try_from_iter_with_nullable([("id", column, true)]).unwrap();
        Table::new(batch.schema(), vec![batch], "").unwrap()
    }

    fn rows(ids: &Ids, id: &str) -> Vec<u32> {
        ids.rows(id).collect()
    }

    #[test]
    fn an_id_names_all_its_rows_in_order() {
        let texts =
            StringArray::from(vec![Some("a"), Some("b"), None, Some(" a "), Some(""), Some("a")]);
        let ids = Ids::of(&table(Arc::new(texts)), "id").unwrap();
        assert_eq!(rows(&ids, "a"), [0, 3, 5]);
        assert_eq!(rows(&ids, "'b"), [1]);
        assert!(rows(&ids, "").is_empty() && rows(&ids, "c").is_empty());
    }

    #[test]
    fn numbers_name_the_same_rows_whatever_their_type() {
        let floats: ArrayRef =
            Arc::new(Float64Array::from(vec![Some(7.0), None, Some(1e12), Some(0.5)]));
        let ids = Ids::of(&table(floats), "id").unwrap();
        assert_eq!((rows(&ids, "7"), rows(&ids, "1000000000000")), (vec![0], vec![2]));
        assert_eq!(rows(&ids, "0.5"), [3]);
        let whole = Ids::of(&table(Arc::new(Int32Array::from(vec![7, 8]))), "id").unwrap();
        assert_eq!(rows(&whole, "8"), [1]);
    }
}
