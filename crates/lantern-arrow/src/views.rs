//! Checks a column of views, which contain short texts, and refer to long ones by buffer, offset
//! and length.

use std::ops::Range;

use arrow::{
    array::{ArrayData, ByteView, MAX_INLINE_VIEW_LEN},
    buffer::{Buffer, ScalarBuffer},
    datatypes::DataType,
};

use crate::{
    Fault,
    check::numbers,
    text::{continues, in_pieces},
};

/// The top bit of each byte of a short text; in ASCII none of them is set.
const NOT_ASCII: u128 = 0x8080_8080_8080_8080_8080_8080_0000_0000;

/// Checks every view, and the bytes of text. Returns a column with empty nulls if a null row
/// contains a view that no value may have.
pub(crate) fn check(data: &ArrayData, parallel: bool) -> Result<Option<ArrayData>, Fault> {
    let views = numbers::<u128>(data, 0, 0);
    let buffers = &data.buffers()[1..];
    let text = data.data_type() == &DataType::Utf8View;
    let known = if text { known(&views, buffers) } else { vec![Bytes::Unknown; buffers.len()] };
    let places: Vec<_> = buffers.iter().map(Buffer::as_slice).zip(known.iter().copied()).collect();
    let check = |rows: Range<usize>| {
        let mut clean = true;
        for row in rows {
            if is_plain(views[row], &places, text) {
                continue;
            }
            match view(views[row], buffers, text, &known) {
                Ok(()) => {}
                Err(_) if data.is_null(row) => clean = false,
                Err(fault) => return Err(fault.at(row)),
            }
        }
        Ok(clean)
    };
    if in_pieces(data.len(), parallel, check)? {
        return Ok(None);
    }
    let clean = views.iter().enumerate();
    let clean: ScalarBuffer<u128> =
        clean.map(|(row, view)| if data.is_null(row) { 0 } else { *view }).collect();
    let buffers = [clean.into_inner()].into_iter().chain(buffers.iter().cloned()).collect();
    let data = ArrayData::builder(data.data_type().clone())
        .len(data.len())
        .nulls(data.nulls().cloned())
        .buffers(buffers);
    Ok(Some(data.build()?))
}

/// What is known about the bytes of a whole buffer.
#[derive(Clone, Copy, PartialEq)]
enum Bytes {
    Ascii,
    Utf8,
    Unknown,
}

/// Checks a buffer as a whole if the views need most of it, which is faster than text by text.
fn known(views: &[u128], buffers: &[Buffer]) -> Vec<Bytes> {
    let mut needed = vec![0_usize; buffers.len()];
    for &view in views {
        if view as u32 > MAX_INLINE_VIEW_LEN {
            let view = ByteView::from(view);
            if let Some(needed) = needed.get_mut(view.buffer_index as usize) {
                *needed = needed.saturating_add(view.length as usize);
            }
        }
    }
    let known = |(buffer, needed): (&Buffer, usize)| match buffer.as_slice() {
        bytes if needed < bytes.len() / 2 => Bytes::Unknown,
        bytes if bytes.is_ascii() => Bytes::Ascii,
        bytes if simdutf8::basic::from_utf8(bytes).is_ok() => Bytes::Utf8,
        _ => Bytes::Unknown,
    };
    buffers.iter().zip(needed).map(known).collect()
}

/// Whether a view is obviously valid, as most are, so that it needs no closer check.
fn is_plain(view: u128, places: &[(&[u8], Bytes)], text: bool) -> bool {
    let len = view as u32;
    if len <= MAX_INLINE_VIEW_LEN {
        let padding = view.checked_shr(32 + 8 * len).unwrap_or_default();
        return padding == 0 && (!text || view & NOT_ASCII == 0);
    }
    let view = ByteView::from(view);
    let Some((buffer, bytes)) = places.get(view.buffer_index as usize) else { return false };
    let (start, end) = (view.offset as usize, view.offset as usize + len as usize);
    let starts = |bytes: &[u8]| bytes.first_chunk() == Some(&view.prefix.to_le_bytes());
    let Some(own) = buffer.get(start..end) else { return false };
    let whole = match bytes {
        _ if !text => true,
        Bytes::Ascii => true,
        // It begins and ends with a character.
        Bytes::Utf8 => !continues(own[0]) && buffer.get(end).is_none_or(|byte| !continues(*byte)),
        Bytes::Unknown => false,
    };
    whole && starts(own)
}

fn view(view: u128, buffers: &[Buffer], text: bool, known: &[Bytes]) -> Result<(), Fault> {
    let len = view as u32;
    if len <= MAX_INLINE_VIEW_LEN {
        // The shift can be 128 bits, which `checked_shr` refuses: a full view has no padding.
        if view.checked_shr(32 + 8 * len).is_some_and(|padding| padding != 0) {
            return Err(Fault::new("there are bytes after the end of its short value"));
        }
        if text && view & NOT_ASCII != 0 {
            let bytes = view.to_le_bytes();
            return utf8(&bytes[4..4 + len as usize]);
        }
        return Ok(());
    }
    let view = ByteView::from(view);
    let place = view.buffer_index as usize;
    let Some(buffer) = buffers.get(place) else {
        return Err(Fault::new(format!(
            "its value would be in buffer {place}, and there are {}",
            buffers.len()
        )));
    };
    let (start, end) = (view.offset as usize, view.offset as usize + len as usize);
    let Some(bytes) = buffer.get(start..end) else {
        return Err(Fault::new(format!(
            "its value would be the bytes {start} to {end} of a buffer of {}",
            buffer.len()
        )));
    };
    if !bytes.starts_with(&view.prefix.to_le_bytes()) {
        return Err(Fault::new("the beginning of its value differs from the value"));
    }
    if !text {
        return Ok(());
    }
    match known.get(place) {
        Some(Bytes::Ascii) => Ok(()),
        Some(Bytes::Utf8)
            if !continues(bytes[0]) && buffer.get(end).is_none_or(|byte| !continues(*byte)) =>
        {
            Ok(())
        }
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<(), Fault> {
    if bytes.is_ascii() || simdutf8::basic::from_utf8(bytes).is_ok() {
        return Ok(());
    }
    Err(Fault::not_utf8(bytes))
}
