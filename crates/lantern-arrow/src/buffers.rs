//! Reads the buffers of an array as numbers, and finds offsets that point outside the values.

use arrow::{array::ArrayData, buffer::ScalarBuffer, datatypes::ArrowNativeType};

use crate::Fault;

/// The numbers in a buffer for the rows of an array, and `more` after them. The import has made the
/// buffer that long, and aligned it.
pub(crate) fn numbers<T: ArrowNativeType>(
    data: &ArrayData,
    buffer: usize,
    more: usize,
) -> ScalarBuffer<T> {
    ScalarBuffer::new(data.buffers()[buffer].clone(), data.offset(), data.len() + more)
}

/// The first invalid offset into `limit` values, with its row.
pub(crate) fn offset_fault<T: ArrowNativeType>(
    offsets: &[T],
    limit: usize,
) -> Option<(usize, Fault)> {
    let mut before = 0;
    for (place, &offset) in offsets.iter().enumerate() {
        let fault = match offset.to_usize() {
            None => Fault::new(format!("its values would begin or end at {offset:?}")),
            Some(offset) if offset < before => {
                Fault::new(format!("its values would begin at {before} and end at {offset}"))
            }
            Some(offset) => {
                before = offset;
                continue;
            }
        };
        return Some((place.saturating_sub(1), fault));
    }
    let (place, end) = offsets.iter().enumerate().find(|(_, end)| end.as_usize() > limit)?;
    let happened = format!("its values would end at {end:?}, and there are {limit}");
    Some((place.saturating_sub(1), Fault::new(happened)))
}
