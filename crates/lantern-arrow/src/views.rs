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
    buffers::numbers,
    text::{continues, in_pieces},
};

/// The top bit of each byte of a short text; in ASCII none of them is set.
const NOT_ASCII: u128 = 0x8080_8080_8080_8080_8080_8080_0000_0000;

/// Number of views that are looked at together, so that what is collected of them stays in the
/// fastest cache.
const TOGETHER: usize = 256;

/// Stands for the length of every long view.
const LONG: usize = MAX_INLINE_VIEW_LEN as usize + 1;

/// The bits of a short view that lie behind its text, by its length.
const AFTER: [u128; LONG + 1] = {
    let mut after = [0; LONG + 1];
    let mut len = 0;
    while len < MAX_INLINE_VIEW_LEN as usize {
        after[len] = u128::MAX << (32 + 8 * len);
        len += 1;
    }
    after
};

/// The bits of a short view that are its text, by its length.
const TEXT: [u128; LONG + 1] = {
    let mut text = [0; LONG + 1];
    let mut len = 0;
    while len < LONG {
        text[len] = !AFTER[len] & (u128::MAX << 32);
        len += 1;
    }
    text
};

/// Checks every view, and the bytes of text. Returns a column with empty nulls if a null row
/// contains a view that no value may have.
pub(crate) fn check(data: &ArrayData, parallel: bool) -> Result<Option<ArrayData>, Fault> {
    let views = numbers::<u128>(data, 0, 0);
    let buffers = &data.buffers()[1..];
    let text = data.data_type() == &DataType::Utf8View;
    let values = values(&views, buffers, text);
    let check = |rows: Range<usize>| {
        let mut found = Found::new();
        let mut clean = true;
        for first in rows.clone().step_by(TOGETHER) {
            let rows = first..rows.end.min(first + TOGETHER);
            if found.all_valid(&views[rows.clone()], &values, text) {
                continue;
            }
            for row in rows {
                match view(views[row], buffers, text) {
                    Ok(()) => {}
                    Err(_) if data.is_null(row) => clean = false,
                    Err(fault) => return Err(fault.at(row)),
                }
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

/// Which bytes of a buffer may be a value.
#[derive(Clone, Copy)]
enum Values {
    /// Any, because the buffer is ASCII or need not be text.
    Any,
    /// Those from one character to another, because the buffer is UTF-8.
    Characters,
    /// Each value has to be checked by itself.
    Unknown,
}

/// Checks the buffers as a whole if the views need most of them, which is faster than text by text.
fn values<'a>(views: &[u128], buffers: &'a [Buffer], text: bool) -> Vec<(&'a [u8], Values)> {
    let there: usize = buffers.iter().map(Buffer::len).sum();
    // For all buffers together, because a count for each would cost as much as the rest.
    let needed: u64 =
        views.iter().filter(|view| is_long(view)).map(|view| u64::from(*view as u32)).sum();
    let values = |bytes: &[u8]| match bytes {
        _ if !text => Values::Any,
        _ if needed < there as u64 / 2 => Values::Unknown,
        _ if bytes.is_ascii() => Values::Any,
        _ if simdutf8::basic::from_utf8(bytes).is_ok() => Values::Characters,
        _ => Values::Unknown,
    };
    buffers.iter().map(|buffer| (buffer.as_slice(), values(buffer))).collect()
}

/// What needs a closer look, of the views that are looked at together. Which views are short or
/// ASCII is hard for a processor to predict, so the first look has no branches.
struct Found {
    /// Short texts that are not ASCII, each behind four zeros, which end a character that lacks
    /// its end.
    texts: [[u8; 16]; TOGETHER],
    long: [u128; TOGETHER],
}

impl Found {
    fn new() -> Self {
        Self { texts: [[0; 16]; TOGETHER], long: [0; TOGETHER] }
    }

    /// Whether all views are valid, of which there are at most [`TOGETHER`].
    fn all_valid(&mut self, views: &[u128], values: &[(&[u8], Values)], text: bool) -> bool {
        // Columns of long texts alone are usual, and need no second place for their views.
        let long = if views.iter().all(is_long) {
            views
        } else {
            match self.look(views, text) {
                Some(long) => long,
                None => return false,
            }
        };
        long.iter().all(|view| is_valid(*view, values))
    }

    /// Checks the short views, and returns the long ones, or nothing if a short one is invalid.
    fn look(&mut self, views: &[u128], text: bool) -> Option<&[u128]> {
        let (mut texts, mut long, mut after) = (0, 0, 0);
        for &view in views {
            let len = (view as u32 as usize).min(LONG);
            let own = view & TEXT[len];
            after |= view & AFTER[len];
            self.texts[texts % TOGETHER] = own.to_le_bytes();
            texts += usize::from(own & NOT_ASCII != 0);
            self.long[long % TOGETHER] = view;
            long += usize::from(len == LONG);
        }
        let texts = self.texts[..texts].as_flattened();
        let valid = after == 0 && (!text || simdutf8::basic::from_utf8(texts).is_ok());
        valid.then_some(&self.long[..long])
    }
}

fn is_long(view: &u128) -> bool {
    *view as u32 > MAX_INLINE_VIEW_LEN
}

/// Whether a long view is valid.
fn is_valid(view: u128, values: &[(&[u8], Values)]) -> bool {
    let view = ByteView::from(view);
    let Some(&(buffer, values)) = values.get(view.buffer_index as usize) else { return false };
    let (start, end) = (view.offset as usize, view.offset as usize + view.length as usize);
    let Some(own) = buffer.get(start..end) else { return false };
    let text = match values {
        Values::Any => true,
        Values::Characters => {
            !continues(own[0]) && buffer.get(end).is_none_or(|byte| !continues(*byte))
        }
        Values::Unknown => is_utf8(own),
    };
    text && own.first_chunk() == Some(&view.prefix.to_le_bytes())
}

/// What is wrong with a view.
fn view(view: u128, buffers: &[Buffer], text: bool) -> Result<(), Fault> {
    let len = view as u32;
    if len <= MAX_INLINE_VIEW_LEN {
        if view & AFTER[len as usize] != 0 {
            return Err(Fault::new("there are bytes after the end of its short value"));
        }
        let bytes = view.to_le_bytes();
        return if text { utf8(&bytes[4..4 + len as usize]) } else { Ok(()) };
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
    if text { utf8(bytes) } else { Ok(()) }
}

fn utf8(bytes: &[u8]) -> Result<(), Fault> {
    if is_utf8(bytes) { Ok(()) } else { Err(Fault::not_utf8(bytes)) }
}

fn is_utf8(bytes: &[u8]) -> bool {
    bytes.is_ascii() || simdutf8::basic::from_utf8(bytes).is_ok()
}
