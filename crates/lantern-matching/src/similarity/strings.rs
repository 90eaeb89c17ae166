//! Reads text columns of any Arrow type as strings.

use arrow::{
    array::{
        Array, AsArray, ByteView, GenericStringArray, LargeStringArray, MAX_INLINE_VIEW_LEN,
        OffsetSizeTrait, StringArray, StringViewArray,
    },
    buffer::NullBuffer,
    datatypes::DataType,
};

use super::{
    composition::{are_plain, are_plain_views, composed_values},
    details::text::Text,
};
use crate::error::{Error, Result};

/// A column of text.
#[derive(Debug)]
pub(crate) struct Strings<'a> {
    kind: Kind<'a>,
    nulls: Option<NullBuffer>,
    len: usize,
}

#[derive(Debug)]
enum Kind<'a> {
    Utf8(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
    /// A column whose letters were not all composed, with composed letters.
    Composed(LargeStringArray),
    Dictionary {
        keys: Vec<usize>,
        values: Box<Strings<'a>>,
    },
    /// A column with only nulls.
    Null,
}

impl<'a> Strings<'a> {
    /// Reads a column; `side` is its name in messages.
    pub(crate) fn new(array: &'a dyn Array, side: &str) -> Result<Self> {
        let kind = match array.data_type() {
            DataType::Utf8 => {
                let array: &StringArray = array.as_string();
                let composed = (!are_plain(bytes_of(array))).then(|| composed_values(array));
                composed.flatten().map_or(Kind::Utf8(array), Kind::Composed)
            }
            DataType::LargeUtf8 => {
                let array: &LargeStringArray = array.as_string();
                let composed = (!are_plain(bytes_of(array))).then(|| composed_values(array));
                composed.flatten().map_or(Kind::Large(array), Kind::Composed)
            }
            DataType::Utf8View => {
                let array = array.as_string_view();
                let composed = (!are_plain_views(array)).then(|| composed_values(array));
                composed.flatten().map_or(Kind::View(array), Kind::Composed)
            }
            DataType::Null => Kind::Null,
            DataType::Dictionary(_, values) if is_text(values) => {
                let dictionary = array.as_any_dictionary();
                if dictionary.values().is_empty() {
                    Kind::Null
                } else {
                    Kind::Dictionary {
                        keys: dictionary.normalized_keys(),
                        values: Box::new(Self::new(dictionary.values().as_ref(), side)?),
                    }
                }
            }
            other => {
                return Err(Error::input(format!(
                    "{side} is of type {other} and not text, so it cannot be compared"
                ))
                .hint(
                    "cast it to text first: `.cast(pl.String)` in Polars, `.cast(pa.string())` in \
                     PyArrow, `::VARCHAR` in DuckDB",
                ));
            }
        };
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        let strings = Self { kind, nulls, len: array.len() };
        strings.check_lengths(side)?;
        Ok(strings)
    }

    /// Positions in a string are 32 bits wide.
    fn check_lengths(&self, side: &str) -> Result<()> {
        let Kind::Large(array) = &self.kind else { return Ok(()) };
        if array.value_data().len() <= u32::MAX as usize {
            return Ok(());
        }
        match array.offsets().windows(2).position(|ends| ends[1] - ends[0] > i64::from(u32::MAX)) {
            None => Ok(()),
            Some(row) => Err(Error::input(format!(
                "row {row} of {side} is longer than 4 GiB, more than can be compared"
            ))
            .hint("shorten it first")),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The rows without a value; `None` if there are none.
    pub(crate) fn nulls(&self) -> Option<&NullBuffer> {
        self.nulls.as_ref()
    }

    /// The string in a row; empty if the row is null.
    #[inline(always)]
    pub(crate) fn get(&self, row: usize) -> Text<'_> {
        match &self.kind {
            _ if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) => "".into(),
            Kind::Utf8(array) => of_bytes(array, row),
            Kind::Large(array) => of_bytes(array, row),
            Kind::Composed(array) => of_bytes(array, row),
            Kind::View(array) => of_view(array, row),
            Kind::Dictionary { keys, values } => values.get(keys[row]),
            Kind::Null => "".into(),
        }
    }

    /// Reads consecutive rows into `out`.
    pub(crate) fn read<'s>(&'s self, rows: std::ops::Range<usize>, out: &mut Vec<Text<'s>>) {
        out.clear();
        match &self.kind {
            // The type is checked once, not for every row.
            Kind::Utf8(array) if self.nulls.is_none() => {
                out.extend(rows.map(|row| of_bytes(array, row)));
            }
            Kind::Large(array) if self.nulls.is_none() => {
                out.extend(rows.map(|row| of_bytes(array, row)));
            }
            Kind::View(array) if self.nulls.is_none() => {
                out.extend(rows.map(|row| of_view(array, row)));
            }
            _ => out.extend(rows.map(|row| self.get(row))),
        }
    }

    /// The keys and the values of a dictionary; `None` for other columns.
    pub(crate) fn dictionary(&self) -> Option<(&[usize], &Strings<'a>)> {
        match &self.kind {
            Kind::Dictionary { keys, values } => Some((keys, values)),
            _ => None,
        }
    }

    /// The approximate number of bytes of the strings of all rows.
    pub(crate) fn bytes(&self) -> usize {
        match &self.kind {
            Kind::Utf8(array) => array
                .offsets()
                .last()
                .zip(array.offsets().first())
                .map_or(0, |(end, start)| (end - start) as usize),
            Kind::Composed(array) => array.value_data().len(),
            Kind::Large(array) => array
                .offsets()
                .last()
                .zip(array.offsets().first())
                .map_or(0, |(end, start)| (end - start) as usize),
            // The lowest 32 bits of a view are the length.
            Kind::View(array) => array.views().iter().map(|view| *view as u32 as usize).sum(),
            Kind::Dictionary { keys, values } => values.bytes() / values.len.max(1) * keys.len(),
            Kind::Null => 0,
        }
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// The bytes of all strings of a column.
fn bytes_of<O: OffsetSizeTrait>(array: &GenericStringArray<O>) -> &[u8] {
    let offsets = array.value_offsets();
    let ends = offsets.first().zip(offsets.last());
    let all =
        ends.and_then(|(start, end)| array.value_data().get(start.as_usize()..end.as_usize()));
    all.unwrap_or_default()
}

#[inline(always)]
fn of_bytes<O: OffsetSizeTrait>(array: &GenericStringArray<O>, row: usize) -> Text<'_> {
    let start = array.value_offsets()[row].as_usize();
    Text::within(array.value(row), array.value_data().get(start..))
}

#[inline(always)]
fn of_view(array: &StringViewArray, row: usize) -> Text<'_> {
    let view = ByteView::from(array.views()[row]);
    let from = if view.length <= MAX_INLINE_VIEW_LEN {
        // A short string is stored in the view itself, after its length.
        array.views().inner().as_slice().get(row * size_of::<u128>() + size_of::<u32>()..)
    } else {
        let buffer = array.data_buffers().get(view.buffer_index as usize);
        buffer.and_then(|buffer| buffer.as_slice().get(view.offset as usize..))
    };
    Text::within(array.value(row), from)
}
