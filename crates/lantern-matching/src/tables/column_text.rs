//! Writes a column of any simple type as text, as people write its values.

use std::{ops::Range, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, LargeStringArray, LargeStringBuilder, OffsetSizeTrait},
    datatypes::{
        ArrowNativeType, ArrowPrimitiveType, DataType, Date64Type, TimeUnit,
        TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
        TimestampSecondType,
    },
    temporal_conversions::as_datetime,
};

use crate::{
    error::{Error, Result},
    text,
};

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
