//! A table of the directory, with an index of its ids.

use std::hash::BuildHasher;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use hashbrown::{DefaultHashBuilder, HashTable};

/// A record batch and an index of its `id` column.
pub(crate) struct Table {
    batch: RecordBatch,
    ids: Index,
}

impl Table {
    /// Indexes a batch with one of the schemas of [`super::schema`]. No id may occur twice.
    ///
    /// # Errors
    /// If an id occurs twice: the id, and the second row that has it.
    pub fn new(batch: RecordBatch) -> Result<Self, (String, usize)> {
        let mut ids = Index::with_capacity(batch.num_rows());
        let column = batch.column(0).as_string::<i32>();
        for row in 0..batch.num_rows() {
            let id = column.value(row);
            if ids.rows(id).any(|other| column.value(other) == id) {
                return Err((id.to_owned(), row));
            }
            ids.insert(id, row);
        }
        Ok(Self { batch, ids })
    }

    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// The row with this id.
    pub fn row(&self, id: &str) -> Option<usize> {
        let column = self.batch.column(0).as_string::<i32>();
        self.ids.rows(id).find(|&row| column.value(row) == id)
    }

    /// A text column, or `None` if the table has no column with this name.
    pub fn column(&self, name: &str) -> Option<&StringArray> {
        self.batch.column_by_name(name)?.as_string_opt()
    }

    /// A cell of a text column; `None` if it is null or empty.
    pub fn text(&self, column: &str, row: usize) -> Option<&str> {
        let column = self.column(column)?;
        (column.is_valid(row)).then(|| column.value(row)).filter(|text| !text.is_empty())
    }
}

/// Row numbers by the hash of a text. The texts stay in the table, so that an index of a million
/// rows takes only some megabytes; the caller has to compare the text itself.
pub(crate) struct Index {
    rows: HashTable<(u32, u32)>,
    hasher: DefaultHashBuilder,
}

impl Index {
    pub fn with_capacity(rows: usize) -> Self {
        Self { rows: HashTable::with_capacity(rows), hasher: DefaultHashBuilder::default() }
    }

    pub fn insert(&mut self, text: &str, row: usize) {
        let hash = self.hasher.hash_one(text);
        // The upper half of the hash is stored, so that growing the index needs no access to the
        // texts.
        let entry = ((hash >> 32) as u32, row as u32);
        self.rows.insert_unique(spread(entry.0), entry, |&(hash, _)| spread(hash));
    }

    /// The rows that may have this text.
    pub fn rows(&self, text: &str) -> impl Iterator<Item = usize> + '_ {
        let wanted = (self.hasher.hash_one(text) >> 32) as u32;
        self.rows
            .iter_hash(spread(wanted))
            .filter(move |entry| entry.0 == wanted)
            .map(|&(_, row)| row as usize)
    }
}

/// Spreads the stored bits, because a hash table uses the highest and the lowest bits of a hash.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
