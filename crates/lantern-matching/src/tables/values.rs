//! Numbers the values of a field of two tables: each distinct normalized value has a number, and
//! each row has the number of its value.

use std::{hash::BuildHasher, ops::Range, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, LargeStringArray, LargeStringBuilder, OffsetSizeTrait},
    datatypes::{
        ArrowNativeType, ArrowPrimitiveType, DataType, Date64Type, TimeUnit,
        TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
        TimestampSecondType,
    },
    temporal_conversions::as_datetime,
};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use rayon::prelude::*;

use super::{kind::Kind, phones::Regions, read::Reader};
use crate::{
    error::{Error, Result},
    normalize::Normalizer,
    text,
};

/// The number of a missing value.
pub const NULL: u32 = u32::MAX;

/// Distinct texts, numbered in order of first appearance.
#[derive(Default)]
pub struct Texts {
    bytes: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
}

impl Texts {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let begin = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.bytes[begin..self.ends[number]]
    }

    pub fn find(&self, text: &str) -> Option<u32> {
        let hash = FixedState::default().hash_one(text);
        self.table.find(hash, |&number| self.get(number) == text).copied()
    }

    /// The number of `text`; a new text gets the next number.
    pub fn number(&mut self, text: &str) -> u32 {
        let state = FixedState::default();
        let hash = state.hash_one(text);
        let (bytes, ends) = (&self.bytes, &self.ends);
        let of = |number: u32| {
            let number = number as usize;
            let begin = if number == 0 { 0 } else { ends[number - 1] };
            &bytes[begin..ends[number]]
        };
        if let Some(&number) = self.table.find(hash, |&number| of(number) == text) {
            return number;
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(NULL - 1);
        self.table.insert_unique(hash, number, |&number| state.hash_one(of(number)));
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        number
    }
}

/// The normalized values of a field on one or two sides.
pub struct Values {
    pub texts: Texts,
    pub left: Arc<[u32]>,
    pub right: Arc<[u32]>,
    /// The number of each value's other spelling (Bob is Robert), for kinds with such spellings.
    pub aliases: Option<Vec<u32>>,
    /// Number of right rows with each value.
    pub right_counts: Vec<u32>,
    /// Number of right rows with any value.
    pub right_known: u32,
}

impl Values {
    /// Normalizes and numbers a pair of columns. If there is only one column, it is both sides.
    /// Placeholders for missing values have no number.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub fn of(
        kind: Kind,
        name: &str,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
    ) -> Result<Self> {
        Self::made(&|spellings| Reader::of_column(kind, spellings), name, left, right)
            .map(|values| values.with_aliases(kind))
    }

    /// Normalizes phone numbers, each by the country of its row if it is known.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub fn of_phones(
        name: &str,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
        regions: &Regions<'_>,
    ) -> Result<Self> {
        let (left, right) = regions.tell(name, left, right)?;
        let default_region = regions.usual(&left, right.as_deref());
        let reader = |_: &Texts| Reader::of_phones(default_region);
        Self::made(&reader, name, &left, right.as_deref())
    }

    /// Normalizes as rules do: by the kind's normalizer only.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub fn keys(
        kind: Kind,
        name: &str,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
    ) -> Result<Self> {
        Self::made(&|_| Reader::of_rules(kind), name, left, right)
    }

    /// Numbers the texts of a pair of columns as they are; an empty text counts as null.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub fn raw(name: &str, left: &[ArrayRef], right: Option<&[ArrayRef]>) -> Result<Self> {
        Self::made(&|_| Reader::AsItIs, name, left, right)
    }

    fn made(
        reader: &dyn Fn(&Texts) -> Reader,
        name: &str,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
    ) -> Result<Self> {
        let mut texts = Texts::default();
        let left: Arc<[u32]> = numbers(reader, name, left, &mut texts)?.into();
        let right: Arc<[u32]> = match right {
            Some(right) => numbers(reader, name, right, &mut texts)?.into(),
            None => left.clone(),
        };
        let mut right_counts = vec![0_u32; texts.len()];
        let mut right_known = 0;
        for &number in right.iter().filter(|&&number| number != NULL) {
            right_counts[number as usize] += 1;
            right_known += 1;
        }
        Ok(Self { texts, left, right, aliases: None, right_counts, right_known })
    }

    /// Given names keep their spelling, so that typing errors show; nicknames are their aliases.
    fn with_aliases(mut self, kind: Kind) -> Self {
        if kind == Kind::FirstName {
            let mut names = Texts::default();
            let mut alias = String::new();
            let alias_of = |value: usize| {
                let text = self.texts.get(u32::try_from(value).unwrap_or(NULL));
                let written = Normalizer::FirstNameKey.write(text, &mut alias);
                names.number(if written { &alias } else { text })
            };
            self.aliases = Some((0..self.texts.len()).map(alias_of).collect());
        }
        self
    }
}

/// The key of a text that rules compare, by the kind's normalizer.
pub fn key(kind: Kind, text: &str) -> Option<String> {
    let mut key = String::new();
    Reader::of_rules(kind).write(text, &mut key);
    (!key.is_empty()).then_some(key)
}

/// The number of the value of each row of a chunked column.
fn numbers(
    reader: &dyn Fn(&Texts) -> Reader,
    name: &str,
    chunks: &[ArrayRef],
    texts: &mut Texts,
) -> Result<Vec<u32>> {
    let mut numbers = Vec::with_capacity(chunks.iter().map(|chunk| chunk.len()).sum());
    // Each distinct spelling is normalized once, on all cores.
    let mut spellings = Texts::default();
    for chunk in chunks {
        let chunk = as_text(name, chunk)?;
        match chunk.data_type() {
            DataType::Utf8 => numbers.extend(
                chunk
                    .as_string::<i32>()
                    .iter()
                    .map(|text| text.map_or(NULL, |t| spellings.number(t))),
            ),
            DataType::LargeUtf8 => numbers.extend(
                chunk
                    .as_string::<i64>()
                    .iter()
                    .map(|text| text.map_or(NULL, |t| spellings.number(t))),
            ),
            _ => numbers.extend(
                chunk
                    .as_string_view()
                    .iter()
                    .map(|text| text.map_or(NULL, |t| spellings.number(t))),
            ),
        }
    }
    let reader = reader(&spellings);
    let batch = 2_048;
    let batches = spellings.len().div_ceil(batch);
    let keys: Vec<(String, Vec<u32>)> = (0..batches)
        .into_par_iter()
        .map(|index| {
            let (mut all, mut ends) = (String::new(), Vec::with_capacity(batch));
            let mut key = String::new();
            for number in index * batch..((index + 1) * batch).min(spellings.len()) {
                #[expect(clippy::cast_possible_truncation, reason = "numbers of texts fit")]
                reader.write(spellings.get(number as u32), &mut key);
                all.push_str(&key);
                ends.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
            }
            (all, ends)
        })
        .collect();
    let mut of_spelling = Vec::with_capacity(spellings.len());
    for (all, ends) in &keys {
        let mut begin = 0;
        for &end in ends {
            let key = &all[begin..end as usize];
            begin = end as usize;
            of_spelling.push(if key.is_empty() { NULL } else { texts.number(key) });
        }
    }
    for number in &mut numbers {
        if *number != NULL {
            *number = of_spelling[*number as usize];
        }
    }
    Ok(numbers)
}

/// A column as text: text kinds as they are, numbers and dates as people write them, points in time
/// as their day and time, lists with semicolons between their values.
///
/// # Errors
/// If values of its type are none of these.
pub fn as_text(name: &str, column: &ArrayRef) -> Result<ArrayRef> {
    let written = match column.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => return Ok(column.clone()),
        DataType::Timestamp(TimeUnit::Second, _) => moments::<TimestampSecondType>(column),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            moments::<TimestampMillisecondType>(column)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            moments::<TimestampMicrosecondType>(column)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => moments::<TimestampNanosecondType>(column),
        DataType::Date64 => moments::<Date64Type>(column),
        DataType::List(_) => {
            let lists = column.as_list::<i32>();
            joined(name, column, lists.values(), |row| ends(lists.value_offsets(), row))?
        }
        DataType::LargeList(_) => {
            let lists = column.as_list::<i64>();
            joined(name, column, lists.values(), |row| ends(lists.value_offsets(), row))?
        }
        DataType::FixedSizeList(..) => {
            let lists = column.as_fixed_size_list();
            let length = lists.value_length().as_usize();
            joined(name, column, lists.values(), |row| row * length..(row + 1) * length)?
        }
        DataType::Float32 | DataType::Float64 => {
            // No number is no value: pandas and Polars write gaps as NaN.
            let number = |text: &&str| !matches!(*text, "NaN" | "inf" | "-inf");
            let whole = |text| str::strip_suffix(text, ".0").unwrap_or(text);
            plainly(name, column)?.iter().map(|text| text.filter(number).map(whole)).collect()
        }
        kind if kind.is_decimal() => {
            let short = |text: &str| {
                let whole = if text.contains('.') { text.trim_end_matches('0') } else { text };
                whole.trim_end_matches('.').to_owned()
            };
            plainly(name, column)?.iter().map(|text| text.map(short)).collect()
        }
        DataType::Dictionary(_, values) if !values.is_nested() && !values.is_binary() => {
            plainly(name, column)?
        }
        DataType::Null | DataType::Boolean | DataType::Date32 => plainly(name, column)?,
        kind if kind.is_integer() => plainly(name, column)?,
        kind => {
            return Err(unreadable(name, kind, "it is no text, number, date or list of such"));
        }
    };
    Ok(Arc::new(written))
}

/// A column as Arrow writes it.
fn plainly(name: &str, column: &ArrayRef) -> Result<LargeStringArray> {
    text::of(column).map_err(|error| unreadable(name, column.data_type(), &error.to_string()))
}

/// Points in time as their day, with the time where it is not midnight; those with a zone in UTC, and
/// those that no calendar has as null.
fn moments<T: ArrowPrimitiveType<Native = i64>>(column: &ArrayRef) -> LargeStringArray {
    let written = |moment: i64| {
        let moment = as_datetime::<T>(moment)?;
        let (day, time) = (moment.date(), moment.time().to_string());
        Some(if time == "00:00:00" { day.to_string() } else { format!("{day} {time}") })
    };
    column.as_primitive::<T>().iter().map(|moment| moment.and_then(written)).collect()
}

/// Where the values of the list in a row begin and end.
fn ends<O: OffsetSizeTrait>(offsets: &[O], row: usize) -> Range<usize> {
    offsets[row].as_usize()..offsets[row + 1].as_usize()
}

/// Lists as texts, with semicolons between the values of each; null for a list without values.
fn joined(
    name: &str,
    lists: &ArrayRef,
    values: &ArrayRef,
    range: impl Fn(usize) -> Range<usize>,
) -> Result<LargeStringArray> {
    let texts = text::of(&as_text(name, values)?)?;
    let mut joined = LargeStringBuilder::new();
    let mut all = String::new();
    for row in 0..lists.len() {
        all.clear();
        let of_row = if lists.is_valid(row) { range(row) } else { 0..0 };
        for at in of_row.filter(|at| texts.is_valid(*at)) {
            let text = texts.value(at).trim();
            if !text.is_empty() {
                all.push_str(if all.is_empty() { "" } else { "; " });
                all.push_str(text);
            }
        }
        joined.append_option((!all.is_empty()).then_some(&all));
    }
    Ok(joined.finish())
}

fn unreadable(name: &str, kind: &DataType, why: &str) -> Error {
    Error::input(format!("column '{name}' of type {kind} cannot be matched: {why}"))
        .hint("cast it to a text column first")
}
