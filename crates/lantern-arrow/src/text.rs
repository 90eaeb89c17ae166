//! Checks a column of text with offsets, because every kernel reads its bytes as UTF-8 unchecked.

use std::ops::Range;

use arrow::array::{Array, ArrayData, GenericStringBuilder, OffsetSizeTrait};
use rayon::prelude::*;

use crate::{
    Fault,
    buffers::{numbers, offset_fault},
};

/// Number of rows that are checked at a time, so that their offsets and bytes stay in the cache.
pub(crate) const PIECE: usize = 1 << 14;

/// Checks offsets and bytes. Returns a column with empty nulls if a null row contains bytes that
/// are not UTF-8, which Arrow allows and arrow-rs does not.
pub(crate) fn check<O: OffsetSizeTrait>(
    data: &ArrayData,
    parallel: bool,
) -> Result<Option<ArrayData>, Fault> {
    let offsets = numbers::<O>(data, 0, 1);
    let values = data.buffers()[1].as_slice();
    let check =
        |rows: Range<usize>| piece(data, rows.start, &offsets[rows.start..=rows.end], values);
    let clean = if in_pieces(data.len(), parallel, check)? {
        return Ok(None);
    } else {
        let mut texts = GenericStringBuilder::<O>::new();
        for (row, ends) in offsets.windows(2).enumerate() {
            let bytes = &values[ends[0].as_usize()..ends[1].as_usize()];
            match std::str::from_utf8(bytes) {
                Ok(text) if !data.is_null(row) => texts.append_value(text),
                _ => texts.append_null(),
            }
        }
        texts.finish()
    };
    Ok(Some(clean.into_data()))
}

/// Runs `check` over all rows, piece by piece. Returns whether it holds for all of them, or the
/// first fault.
pub(crate) fn in_pieces(
    rows: usize,
    parallel: bool,
    check: impl Fn(Range<usize>) -> Result<bool, Fault> + Sync,
) -> Result<bool, Fault> {
    let piece = |place: usize| check(place * PIECE..rows.min((place + 1) * PIECE));
    let pieces = rows.div_ceil(PIECE);
    if !parallel || pieces < 2 {
        return (0..pieces).try_fold(true, |clean, place| Ok(piece(place)? && clean));
    }
    let checked: Vec<_> = (0..pieces).into_par_iter().map(piece).collect();
    checked.into_iter().try_fold(true, |clean, piece| Ok(piece? && clean))
}

/// Checks some rows. Returns whether all of their bytes are UTF-8, including those under nulls.
fn piece<O: OffsetSizeTrait>(
    data: &ArrayData,
    first: usize,
    offsets: &[O],
    values: &[u8],
) -> Result<bool, Fault> {
    let (Some(start), Some(end)) = (offsets.first(), offsets.last()) else { return Ok(true) };
    // Without an early exit, so that the compiler can vectorize it.
    let falling = offsets.windows(2).fold(false, |falling, ends| falling | (ends[0] > ends[1]));
    let bytes = match (start.to_usize(), end.to_usize()) {
        (Some(start), Some(end)) if !falling && end <= values.len() => &values[start..end],
        _ => {
            return match offset_fault(offsets, values.len()) {
                Some((row, fault)) => Err(fault.at(first + row)),
                None => Ok(true),
            };
        }
    };
    if bytes.is_ascii() {
        return Ok(true);
    }
    let boundary = |offset: &O| values.get(offset.as_usize()).is_none_or(|byte| !continues(*byte));
    let whole = simdutf8::basic::from_utf8(bytes).is_ok();
    if whole && offsets[..offsets.len() - 1].iter().all(boundary) {
        return Ok(true);
    }
    let mut clean = true;
    for (row, ends) in offsets.windows(2).enumerate() {
        let bytes = &values[ends[0].as_usize()..ends[1].as_usize()];
        if simdutf8::basic::from_utf8(bytes).is_err() {
            if !data.is_null(first + row) {
                return Err(Fault::not_utf8(bytes).at(first + row));
            }
            clean = false;
        }
    }
    Ok(clean)
}

/// Whether a byte continues a character, so that no text can begin with it.
pub(crate) fn continues(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}
