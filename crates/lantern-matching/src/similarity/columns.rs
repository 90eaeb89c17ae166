//! Scores Arrow columns: a column with another, with one pattern, or by pairs of rows.
//!
//! Rows are scored on all cores, in chunks that fit into the cache. Dictionaries are scored by
//! their values if there are fewer values than rows. A null on either side gives a null.

use std::ops::Range;

use arrow::{
    array::{Array, ArrayRef, Float64Array},
    buffer::NullBuffer,
};
use rayon::prelude::*;

use super::{details::text::Text, prepared::Prepared, strings::Strings};
use crate::error::{Error, Result};

/// Number of rows in a chunk: the addresses of their strings and their scores fit into the
/// first-level cache.
pub(crate) const CHUNK: usize = 1024;
/// Number of rows up to which starting threads would cost more than it gains.
const FEW_ROWS: usize = 4 * CHUNK;
const FEW_BYTES: usize = 1 << 20;

/// A function that scores pairs, row by row, of slices of equal length.
pub(crate) type Pairs<'f> = &'f (dyn Fn(&[Text], &[Text], &mut [f64]) + Sync);

/// The names of the two sides in messages.
const SIDES: [&str; 2] = ["the left column", "the right column"];

/// The scores of two columns, row by row.
pub(crate) fn columns(left: &dyn Array, right: &dyn Array, score: Pairs) -> Result<Float64Array> {
    let (left, right) = (Strings::new(left, SIDES[0])?, Strings::new(right, SIDES[1])?);
    check_rows(left.len(), right.len())?;
    let nulls = NullBuffer::union(left.nulls(), right.nulls());
    if let Some(scores) = by_value(&left, &right, nulls.as_ref(), score) {
        return Ok(Float64Array::new(scores.into(), nulls));
    }
    let scores = chunks(left.len(), left.bytes() + right.bytes(), |rows, out| {
        let (mut a, mut b) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
        left.read(rows.clone(), &mut a);
        right.read(rows, &mut b);
        score(&a, &b, out);
    });
    Ok(Float64Array::new(scores.into(), nulls))
}

/// The scores of a column and one pattern.
pub(crate) fn column_with(
    column: &dyn Array,
    pattern: Option<&dyn Prepared>,
    cutoff: f64,
) -> Result<Float64Array> {
    let column = Strings::new(column, "the column")?;
    let Some(pattern) = pattern else { return Ok(Float64Array::new_null(column.len())) };
    let with_all = |strings: &Strings| {
        chunks(strings.len(), strings.bytes(), |rows, out| {
            let mut texts = Vec::with_capacity(CHUNK);
            strings.read(rows, &mut texts);
            pattern.scores(&texts, cutoff, out);
        })
    };
    let scores = match column.dictionary() {
        Some((keys, values)) if values.len() <= column.len() => {
            let scores = with_all(values);
            keys.iter().map(|&key| scores[key]).collect()
        }
        _ => with_all(&column),
    };
    Ok(Float64Array::new(scores.into(), column.nulls().cloned()))
}

/// The scores of pairs of rows, `left[pairs[i].0]` with `right[pairs[i].1]`.
pub(crate) fn rows(
    left: &dyn Array,
    right: &dyn Array,
    pairs: &[(u32, u32)],
    score: Pairs,
) -> Result<Float64Array> {
    let (left, right) = (Strings::new(left, SIDES[0])?, Strings::new(right, SIDES[1])?);
    if let Some((i, (a, b))) = pairs
        .iter()
        .enumerate()
        .find(|(_, (a, b))| *a as usize >= left.len() || *b as usize >= right.len())
    {
        return Err(Error::input(format!(
            "pair {i} names the rows {a} and {b}, but the left column has {} rows and the right \
             one {}",
            left.len(),
            right.len()
        )));
    }
    let valid = |strings: &Strings, row: u32| {
        strings.nulls().is_none_or(|nulls| nulls.is_valid(row as usize))
    };
    let nulls = (left.nulls().is_some() || right.nulls().is_some()).then(|| {
        pairs.iter().map(|&(a, b)| valid(&left, a) && valid(&right, b)).collect::<NullBuffer>()
    });
    let average = |strings: &Strings| strings.bytes() / strings.len().max(1);
    let bytes = (average(&left) + average(&right)) * pairs.len();
    let scores = chunks(pairs.len(), bytes, |rows, out| {
        let pairs = &pairs[rows];
        let a: Vec<Text> = pairs.iter().map(|&(a, _)| left.get(a as usize)).collect();
        let b: Vec<Text> = pairs.iter().map(|&(_, b)| right.get(b as usize)).collect();
        score(&a, &b, out);
    });
    Ok(Float64Array::new(scores.into(), nulls))
}

/// The scores of two chunked columns, row by row, with chunks that end where a chunk of either side
/// ends.
pub(crate) fn chunked(
    left: &[ArrayRef],
    right: &[ArrayRef],
    score: Pairs,
) -> Result<Vec<Float64Array>> {
    let rows = |chunks: &[ArrayRef]| chunks.iter().map(|chunk| chunk.len()).sum();
    check_rows(rows(left), rows(right))?;
    aligned(left, right).par_iter().map(|(left, right)| columns(left, right, score)).collect()
}

/// The scores of a chunked column and one pattern.
pub(crate) fn chunked_with(
    column: &[ArrayRef],
    pattern: Option<&dyn Prepared>,
    cutoff: f64,
) -> Result<Vec<Float64Array>> {
    column.par_iter().map(|chunk| column_with(chunk, pattern, cutoff)).collect()
}

fn check_rows(left: usize, right: usize) -> Result<()> {
    if left == right {
        return Ok(());
    }
    Err(Error::input(format!("the left column has {left} rows and the right one {right}"))
        .hint("compare columns of one table, or a column with a single value"))
}

/// Cuts two chunked columns so that their chunks have equal lengths.
fn aligned(left: &[ArrayRef], right: &[ArrayRef]) -> Vec<(ArrayRef, ArrayRef)> {
    let mut aligned = vec![];
    let (mut left, mut right) = (left.iter().cloned(), right.iter().cloned());
    let (mut a, mut b) = (left.next(), right.next());
    while let (Some(x), Some(y)) = (&a, &b) {
        let rows = x.len().min(y.len());
        if rows > 0 {
            aligned.push((x.slice(0, rows), y.slice(0, rows)));
        }
        let rest = |array: &ArrayRef, others: &mut dyn Iterator<Item = ArrayRef>| {
            if array.len() > rows {
                Some(array.slice(rows, array.len() - rows))
            } else {
                others.next()
            }
        };
        (a, b) = (rest(x, &mut left), rest(y, &mut right));
    }
    aligned
}

/// Scores two dictionaries if the number of pairs of their values is at most about twice the number
/// of rows: each pair that occurs is scored once.
fn by_value(
    left: &Strings,
    right: &Strings,
    nulls: Option<&NullBuffer>,
    score: Pairs,
) -> Option<Vec<f64>> {
    let ((left_keys, left), (right_keys, right)) = (left.dictionary()?, right.dictionary()?);
    let cells = left.len().checked_mul(right.len())?;
    if cells > 2 * left_keys.len() {
        return None;
    }
    // For each cell, the number of its pair, counted from 1.
    let mut numbers = vec![0_u32; cells];
    let (mut a, mut b) = (vec![], vec![]);
    let cell = |row: usize| left_keys[row] * right.len() + right_keys[row];
    let is_valid = |row: usize| nulls.is_none_or(|nulls| nulls.is_valid(row));
    for row in (0..left_keys.len()).filter(|&row| is_valid(row)) {
        let number = &mut numbers[cell(row)];
        if *number == 0 {
            a.push(left.get(left_keys[row]));
            b.push(right.get(right_keys[row]));
            *number = a.len() as u32;
        }
    }
    let bytes = a.iter().chain(&b).map(|text| text.len()).sum();
    let scores = chunks(a.len(), bytes, |rows, out| score(&a[rows.clone()], &b[rows], out));
    let of_row = |row| if is_valid(row) { scores[numbers[cell(row)] as usize - 1] } else { 0.0 };
    Some((0..left_keys.len()).map(of_row).collect())
}

/// Fills in the scores of `rows` rows chunk by chunk, on all cores if there is enough to do.
fn chunks(rows: usize, bytes: usize, score: impl Fn(Range<usize>, &mut [f64]) + Sync) -> Vec<f64> {
    let mut scores = vec![0.0; rows];
    if rows <= FEW_ROWS && bytes <= FEW_BYTES {
        for (chunk, out) in scores.chunks_mut(CHUNK).enumerate() {
            score(chunk * CHUNK..chunk * CHUNK + out.len(), out);
        }
        return scores;
    }
    // Long strings take unequal time, and smaller chunks distribute it better.
    let size = if bytes / rows.max(1) > 256 { CHUNK / 64 } else { CHUNK };
    let size = size.min(rows.div_ceil(4 * rayon::current_num_threads())).max(1);
    scores.par_chunks_mut(size).enumerate().for_each(|(chunk, out)| {
        score(chunk * size..chunk * size + out.len(), out);
    });
    scores
}
