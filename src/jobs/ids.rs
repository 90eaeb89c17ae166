//! The ids in a column: which rows have an id, and which rows share one.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray},
    datatypes::DataType,
};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    error::{Advice, Error, Result},
    ledger::erasure::is_erased,
    matching::text,
    results::record_id::{canonical, capitals},
};

/// A row whose id is null.
pub const NULL: u32 = u32::MAX;
/// A row whose id is empty, or blank.
pub const EMPTY: u32 = u32::MAX - 1;
/// A row that is not part of the job, because it is not in the sample.
pub const NOT_SAMPLED: u32 = u32::MAX - 2;
/// Values from here on mean that a row has no id, and say why.
pub const NOT_SENT: u32 = u32::MAX - 255;

/// The value for a row whose record lacks fields that the call needs, given as bits.
pub const fn lacking(lacks: u8) -> u32 {
    NOT_SENT + (lacks & 0x7f) as u32
}

/// What a row's record lacks; `None` for every other value.
pub const fn lacks(id: u32) -> Option<u8> {
    if id < NOT_SENT || id > NOT_SENT + 0x7f { None } else { Some((id - NOT_SENT) as u8) }
}

/// The position of the next id.
///
/// # Errors
/// If there are too many ids.
pub(super) fn position(known: usize) -> Result<u32> {
    u32::try_from(known).ok().filter(|position| *position < NOT_SENT).ok_or_else(|| {
        Error::input("a job takes at most 4,294,967,039 ids")
            .hint("split the table into several jobs")
    })
}

/// The ids of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Ids {
    /// The distinct ids, in the order of their first row and as it spells them. A UUID is one id,
    /// whatever its case.
    pub unique: Vec<String>,
    /// For each row the position of its id in `unique`, or a value of at least [`NOT_SENT`] that
    /// says why it has none.
    pub of_row: Vec<u32>,
    /// For each row which letters of its UUID are capitals; empty if every row spells its id as
    /// `unique` does.
    pub capitals: Vec<u32>,
    /// The type of the column, as Arrow spells it.
    pub data_type: DataType,
    /// Whether rows are identified by their position in the table, so that a sample keeps the
    /// others as well.
    pub keeps_rows: bool,
}

impl Ids {
    /// Reads ids from a column of integers, strings or UUIDs, given in chunks.
    ///
    /// # Errors
    /// If the column has another type. The error names it `column`.
    pub fn read(column: &str, data_type: &DataType, chunks: &[ArrayRef]) -> Result<Self> {
        check_type(column, data_type)?;
        let mut ids = Self::none(data_type.clone());
        let mut known = HashMap::new();
        ids.of_row.reserve(chunks.iter().map(|chunk| chunk.len()).sum());
        for chunk in chunks {
            let written = uuids(chunk);
            let texts = text::of(written.as_ref().unwrap_or(chunk)).map_err(|error| {
                Error::input(format!("the ids in column {column:?} cannot be read: {error}"))
            })?;
            for text in &texts {
                match text {
                    None => ids.add_without_id(NULL),
                    Some(text) if text.trim().is_empty() => ids.add_without_id(EMPTY),
                    Some(text) => ids.add(&mut known, text)?,
                }
            }
        }
        Ok(ids)
    }

    /// The ids of rows that all have one; no text may be blank.
    ///
    /// # Errors
    /// If there are too many ids.
    pub fn of_texts(texts: impl Iterator<Item = String>) -> Result<Self> {
        let mut ids = Self::none(DataType::Utf8);
        let mut known = HashMap::new();
        for text in texts {
            ids.add(&mut known, &text)?;
        }
        Ok(ids)
    }

    /// No ids.
    fn none(data_type: DataType) -> Self {
        Self {
            unique: Vec::new(),
            of_row: Vec::new(),
            capitals: Vec::new(),
            data_type,
            keeps_rows: false,
        }
    }

    /// Adds a row with this id. `known` has the positions of the ids of earlier rows.
    fn add(&mut self, known: &mut HashMap<String, u32>, text: &str) -> Result<()> {
        let id = canonical(text);
        let position = match known.get(&*id) {
            Some(position) => *position,
            None => {
                let position = position(self.unique.len())?;
                known.insert(id.into_owned(), position);
                self.unique.push(text.to_owned());
                position
            }
        };
        if self.capitals.is_empty() && self.unique[position as usize] != text {
            self.spell_rows();
        }
        if !self.capitals.is_empty() {
            self.capitals.push(capitals(text));
        }
        self.of_row.push(position);
        Ok(())
    }

    /// Adds a row that has no id, for which `why` stands.
    fn add_without_id(&mut self, why: u32) {
        if !self.capitals.is_empty() {
            self.capitals.push(0);
        }
        self.of_row.push(why);
    }

    /// Notes how each row spells its id, before the spelling in `unique` changes or differs from that
    /// of a row.
    fn spell_rows(&mut self) {
        if self.capitals.is_empty() {
            let of_id: Vec<u32> = self.unique.iter().map(|id| capitals(id)).collect();
            let of_row = |id: &u32| of_id.get(*id as usize).copied().unwrap_or(0);
            self.capitals = self.of_row.iter().map(of_row).collect();
        }
    }

    /// Adopts another order of the same ids, which may spell them in another way. Every row keeps its
    /// id and its spelling.
    pub fn reorder(&mut self, order: Vec<String>) {
        let positions: HashMap<Cow<'_, str>, u32> =
            (0_u32..).zip(&order).map(|(at, id)| (canonical(id), at)).collect();
        // Erased ids were replaced by placeholders, which cannot be assigned to the original ids.
        let mut erased =
            (0_u32..).zip(&order).filter(|(_, id)| is_erased(id)).map(|(position, _)| position);
        let moved: Vec<u32> = self
            .unique
            .iter()
            .map(|id| match positions.get(&canonical(id)) {
                Some(position) => *position,
                None => erased.next().unwrap_or(EMPTY),
            })
            .collect();
        let is_respelled = |(id, to): (&String, &u32)| {
            order.get(*to as usize).is_some_and(|other| other != id && !is_erased(other))
        };
        if self.unique.iter().zip(&moved).any(is_respelled) {
            self.spell_rows();
        }
        for id in self.of_row.iter_mut().filter(|id| **id < NOT_SENT) {
            *id = moved[*id as usize];
        }
        self.unique = order;
    }

    /// Reorders the ids by a list of their present positions. Every row keeps its id.
    pub fn permute(&mut self, order: &[u32]) {
        if order.iter().enumerate().all(|(to, from)| to as u64 == u64::from(*from)) {
            return;
        }
        let mut moved = vec![EMPTY; self.unique.len()];
        let mut unique = Vec::with_capacity(order.len());
        for (to, from) in (0_u32..).zip(order) {
            moved[*from as usize] = to;
            unique.push(std::mem::take(&mut self.unique[*from as usize]));
        }
        for id in self.of_row.iter_mut().filter(|id| **id < NOT_SENT) {
            *id = moved[*id as usize];
        }
        self.unique = unique;
    }

    /// Keeps a random choice of ids with their rows. The same `seed` chooses the same ids of the
    /// same table, whatever the order of its rows, so that taking a sample again does not buy it
    /// again.
    ///
    /// Returns the positions of the rows that were kept.
    pub fn sample(&mut self, size: usize, seed: &str) -> Vec<usize> {
        let mut order: Vec<([u8; 32], u32)> = (0_u32..)
            .zip(&self.unique)
            .map(|(at, id)| {
                let mut hash = Sha256::new();
                hash.update(seed.as_bytes());
                hash.update(canonical(id).as_bytes());
                (hash.finalize().into(), at)
            })
            .collect();
        order.sort_unstable();
        order.truncate(size);
        let mut chosen: Vec<u32> = order.into_iter().map(|(_, at)| at).collect();
        chosen.sort_unstable();
        let mut moved = vec![EMPTY; self.unique.len()];
        let mut unique = Vec::with_capacity(chosen.len());
        for (to, from) in (0_u32..).zip(chosen) {
            moved[from as usize] = to;
            unique.push(std::mem::take(&mut self.unique[from as usize]));
        }
        let place = |id: &u32| moved.get(*id as usize).copied().filter(|to| *to < EMPTY);
        let kept = self.of_row.iter().enumerate();
        let kept: Vec<usize> = kept.filter_map(|(row, id)| place(id).map(|_| row)).collect();
        if !self.capitals.is_empty() && !self.keeps_rows {
            self.capitals = kept.iter().map(|row| self.capitals[*row]).collect();
        }
        self.of_row = if self.keeps_rows {
            self.of_row.iter().map(|id| place(id).unwrap_or(NOT_SAMPLED)).collect()
        } else {
            self.of_row.iter().filter_map(place).collect()
        };
        self.unique = unique;
        kept
    }
}

/// UUIDs as text, if a column holds each in its 16 bytes, as Parquet and PyArrow do.
fn uuids(column: &ArrayRef) -> Option<ArrayRef> {
    let column = column.as_fixed_size_binary_opt().filter(|column| column.value_length() == 16)?;
    let written = |bytes: &[u8]| Some(Uuid::from_slice(bytes).ok()?.hyphenated().to_string());
    let texts: StringArray = column.iter().map(|bytes| written(bytes?)).collect();
    Some(Arc::new(texts))
}

fn check_type(column: &str, data_type: &DataType) -> Result<()> {
    let advice = match data_type {
        kind if kind.is_integer() => return Ok(()),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => return Ok(()),
        // A UUID in its 16 bytes.
        DataType::FixedSizeBinary(16) => return Ok(()),
        // Warehouses give whole numbers as decimals without a fraction.
        DataType::Decimal128(_, 0) => return Ok(()),
        DataType::Dictionary(_, value) => return check_type(column, value),
        DataType::Null => return Ok(()),
        kind if kind.is_floating() => {
            "cast it to a nullable integer, such as Int64, or to strings (pandas turns an integer \
             column with gaps into floats, which cannot hold every id exactly)"
        }
        _ => "cast it to integers or strings",
    };
    let happened = format!("column {column:?} has type {data_type}, which cannot hold ids");
    Err(Error::input(happened).with_column(column).advise(Advice::text(advice)))
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::{
            Decimal128Array, DictionaryArray, FixedSizeBinaryArray, Float64Array, Int64Array,
            StringViewArray, UInt8Array,
        },
        datatypes::Int8Type,
    };

    use super::*;
    use crate::jobs::row_ids::{pack_rows, unpack_capitals, unpack_rows};

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
        let packed = pack_rows(&ids).unwrap();
        assert_eq!(unpack_rows(&packed, 6, 2).unwrap().values(), &ids.of_row[..]);
        assert!(unpack_rows(&packed, 6, 1).is_err(), "a position outside of the ids is damage");
    }

    const LOWER: &str = "8c6f2a10-0b1d-4e5f-9abc-def012345678";

    #[test]
    fn a_uuid_in_two_cases_is_one_id_and_each_row_keeps_its_spelling() {
        let upper = LOWER.to_uppercase();
        let other = "00000000-0000-4000-8000-00000000000a";
        let texts = [Some(other), Some(upper.as_str()), None, Some(LOWER), Some("P7"), Some("p7")];
        let ids = read(&[Arc::new(StringArray::from(texts.to_vec()))]).unwrap();
        assert_eq!(ids.unique, [other, upper.as_str(), "P7", "p7"]);
        assert_eq!(ids.of_row, [0, 1, NULL, 1, 2, 3]);
        assert_eq!(ids.capitals, [0, u32::MAX, 0, 0, 0, 0]);
        let packed = pack_rows(&ids).unwrap();
        assert_eq!(unpack_rows(&packed, 6, 4).unwrap().values(), &ids.of_row[..]);
        assert_eq!(unpack_capitals(&packed, 6).unwrap(), ids.capitals);
        assert!(unpack_capitals(&packed, 7).is_err() && unpack_rows(&packed[..9], 6, 4).is_err());

        let mut sample = ids.clone();
        let kept = sample.sample(1, "seed");
        let spelled: Vec<u32> = kept.iter().map(|row| ids.capitals[*row]).collect();
        assert_eq!(sample.capitals, spelled);
    }

    #[test]
    fn a_job_with_other_spellings_leaves_the_rows_as_they_are() {
        let upper = LOWER.to_uppercase();
        let mut ids = read(&[Arc::new(StringArray::from(vec!["P7", LOWER]))]).unwrap();
        assert!(pack_rows(&ids).unwrap().is_empty());
        ids.reorder(vec![upper.clone(), "P7".to_owned()]);
        assert_eq!(
            (ids.unique.as_slice(), ids.of_row.as_slice()),
            (&[upper, "P7".into()][..], &[1, 0][..])
        );
        assert_eq!(ids.capitals, [0, 0]);
        let packed = pack_rows(&ids).unwrap();
        assert_eq!(unpack_rows(&packed, 2, 2).unwrap().values(), &[1, 0]);
        assert_eq!(unpack_capitals(&packed, 2).unwrap(), [0, 0]);
        // Rows that have their own ids in order need no list of them.
        let mut plain = read(&[Arc::new(StringArray::from(vec![LOWER]))]).unwrap();
        plain.reorder(vec![LOWER.to_uppercase()]);
        let packed = pack_rows(&plain).unwrap();
        assert_eq!(unpack_rows(&packed, 1, 1).unwrap().values(), &[0]);
        assert_eq!(unpack_capitals(&packed, 1).unwrap(), [0]);
    }

    #[test]
    fn a_sample_is_the_same_in_any_order_and_keeps_the_rows_of_its_ids() {
        let texts: Vec<String> = (0..100).map(|at| format!("P{at}")).collect();
        let read_all = |texts: &[String]| {
            let column: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
            read(&[column.clone(), column]).unwrap()
        };
        let mut ids = read_all(&texts);
        ids.sample(10, "seed");
        assert_eq!((ids.unique.len(), ids.of_row.len()), (10, 20));
        assert_eq!(ids.of_row[..10], (0..10).collect::<Vec<_>>());
        let backwards: Vec<String> = texts.iter().rev().cloned().collect();
        let mut again = read_all(&backwards);
        again.sample(10, "seed");
        again.unique.reverse();
        assert_eq!(again.unique, ids.unique);
        let mut other = read_all(&texts);
        other.sample(10, "another seed");
        assert_ne!(other.unique, ids.unique);
    }

    #[test]
    fn rows_that_lack_something_and_those_outside_of_a_sample_are_told_apart() {
        for bits in [0, 1, 7, 15, 0x7f] {
            assert_eq!(lacks(lacking(bits)), Some(bits));
        }
        assert!([0, NULL, EMPTY, NOT_SAMPLED, NOT_SENT - 1].iter().all(|id| lacks(*id).is_none()));
        let mut ids = read(&[Arc::new(Int64Array::from(vec![3, 1, 2]))]).unwrap();
        ids.keeps_rows = true;
        ids.of_row.push(lacking(4));
        ids.sample(1, "seed");
        assert_eq!((ids.of_row.len(), ids.unique.len()), (4, 1));
        assert_eq!(ids.of_row.iter().filter(|id| **id == NOT_SAMPLED).count(), 3);
    }

    #[test]
    fn every_integer_and_string_type_holds_ids() {
        let dictionary: DictionaryArray<Int8Type> = vec!["7", "8", "7"].into_iter().collect();
        let decimals = Decimal128Array::from(vec![7, 8, 7]);
        let columns: [ArrayRef; 5] = [
            Arc::new(decimals.with_precision_and_scale(38, 0).unwrap()),
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
    fn uuids_in_their_bytes_are_ids() {
        let uuid = Uuid::parse_str(LOWER).unwrap();
        let bytes = [Some(*uuid.as_bytes()), None, Some(*uuid.as_bytes())];
        let column = FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes.into_iter(), 16);
        let ids = read(&[Arc::new(column.unwrap())]).unwrap();
        assert_eq!(ids.unique, [LOWER]);
        assert_eq!(ids.of_row, [0, NULL, 0]);
        let other = FixedSizeBinaryArray::try_from_iter([[1_u8; 8]].into_iter()).unwrap();
        assert!(read(&[Arc::new(other)]).is_err());
    }

    #[test]
    fn a_decimal_with_more_digits_than_its_type_is_no_other_id() {
        let long = Decimal128Array::from(vec![7, i128::MAX]);
        let long = long.with_precision_and_scale(38, 0).unwrap();
        let error = read(&[Arc::new(long.clone())]).unwrap_err();
        assert!(error.to_string().contains("column \"id\" cannot be read"), "{error}");
        assert_eq!(read(&[Arc::new(long.slice(0, 1))]).unwrap().unique, ["7"]);
    }

    #[test]
    fn a_float_column_is_refused_with_advice() {
        let error = read(&[Arc::new(Float64Array::from(vec![1.0]))]).unwrap_err().to_string();
        assert!(error.contains("\"id\"") && error.contains("nullable integer"), "{error}");
    }

    #[test]
    fn a_table_of_distinct_ids_needs_no_list_of_rows() {
        let ids = read(&[Arc::new(Int64Array::from(vec![3, 1, 2]))]).unwrap();
        assert!(pack_rows(&ids).unwrap().is_empty());
        assert_eq!(unpack_rows(&[], 3, 3).unwrap().values(), &[0, 1, 2]);
    }
}
