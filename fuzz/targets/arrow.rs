//! Arrays whose offsets, views, keys and texts are any bytes, as a producer of Arrow may hand them in:
//! what passes the check is safe to read.
//!
//! Their buffers are as long as the format says for what they hold, because the interface does not tell
//! more.

// Arrays that break Arrow's rules are made by hand.
#![allow(unsafe_code)]

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayData, ArrayRef},
    buffer::Buffer,
    datatypes::{DataType, Field},
    ffi::{FFI_ArrowArray, FFI_ArrowSchema},
};
use lantern_arrow::Unchecked;
use lantern_matching::similarity::Similarity;

use super::first;

/// Longer than any offset leads, once it is cut to this.
const VALUES: usize = 4_096;
const ROWS: usize = 16;

/// The bytes again and again, as long as is needed.
fn filled(bytes: &[u8], length: usize) -> Vec<u8> {
    if bytes.is_empty() {
        vec![0; length]
    } else {
        bytes.iter().copied().cycle().take(length).collect()
    }
}

fn data(kind: DataType, rows: usize, buffers: Vec<Vec<u8>>, children: Vec<ArrayData>) -> ArrayData {
    let buffers = buffers.into_iter().map(|bytes| {
        // As a producer would align them.
        let mut aligned = arrow::buffer::MutableBuffer::new(bytes.len());
        aligned.extend_from_slice(&bytes);
        Buffer::from(aligned)
    });
    let array = ArrayData::builder(kind)
        .len(rows)
        .buffers(buffers.collect())
        .child_data(children)
        .null_bit_buffer(Some(Buffer::from([0b1011_1101, 0b1110_1111])));
    // Safety: none; it is what is tested.
    unsafe { array.build_unchecked() }
}

/// Offsets that may go anywhere within the values, and back, and below 0.
fn offsets(bytes: &[u8], wide: bool) -> Vec<u8> {
    let number = |place: usize| {
        let low = bytes.get(2 * place).copied().unwrap_or(0);
        let high = bytes.get(2 * place + 1).copied().unwrap_or(0);
        let number = i16::from_le_bytes([low, high]);
        if number < 0 { i64::from(number) } else { i64::from(number) % (VALUES as i64 + 1) }
    };
    let all = (0..=ROWS).map(number);
    if wide {
        all.flat_map(i64::to_le_bytes).collect()
    } else {
        all.flat_map(|number| (number as i32).to_le_bytes()).collect()
    }
}

fn text(kind: DataType, bytes: &[u8]) -> ArrayData {
    let (places, values) = bytes.split_at(bytes.len().min(2 * (ROWS + 1)));
    let wide = matches!(kind, DataType::LargeUtf8 | DataType::LargeBinary);
    data(kind, ROWS, vec![offsets(places, wide), filled(values, VALUES)], vec![])
}

fn views(bytes: &[u8]) -> ArrayData {
    let (views, values) = bytes.split_at(bytes.len().min(16 * ROWS));
    data(DataType::Utf8View, ROWS, vec![filled(views, 16 * ROWS), filled(values, VALUES)], vec![])
}

fn array(kind: u8, bytes: &[u8]) -> ArrayData {
    let item = |kind: &DataType| Arc::new(Field::new("item", kind.clone(), true));
    let (keys, rest) = bytes.split_at(bytes.len().min(ROWS));
    match kind % 10 {
        0 => text(DataType::Utf8, bytes),
        1 => text(DataType::LargeUtf8, bytes),
        2 => views(bytes),
        3 => {
            let values = text(DataType::Utf8, rest);
            let kind = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
            data(kind, ROWS, vec![filled(keys, ROWS)], vec![values])
        }
        4 => {
            let values = views(rest);
            let kind =
                DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8View));
            data(kind, ROWS, vec![filled(keys, ROWS)], vec![values])
        }
        5 => {
            let (places, rest) = rest.split_at(rest.len().min(2 * (ROWS + 1)));
            let child = text(DataType::Utf8, rest);
            data(
                DataType::List(item(&DataType::Utf8)),
                ROWS,
                vec![offsets(places, false)],
                vec![child],
            )
        }
        6 => {
            let child = text(DataType::Utf8, rest);
            let kind = DataType::FixedSizeList(item(&DataType::Utf8), i32::from(first(keys).0 % 3));
            data(kind, ROWS, vec![], vec![child])
        }
        7 => {
            let ends: Vec<u8> = (0..ROWS)
                .flat_map(|place| {
                    i32::from(keys.get(place).copied().unwrap_or(0) as i8).to_le_bytes()
                })
                .collect();
            let ends = ArrayData::builder(DataType::Int32).len(ROWS).add_buffer(Buffer::from(ends));
            // Safety: none; it is what is tested.
            let ends = unsafe { ends.build_unchecked() };
            let kind = DataType::RunEndEncoded(
                Arc::new(Field::new("run_ends", DataType::Int32, false)),
                Arc::new(Field::new("values", DataType::Utf8, true)),
            );
            let array = ArrayData::builder(kind)
                .len(ROWS)
                .child_data(vec![ends, text(DataType::Utf8, rest)]);
            unsafe { array.build_unchecked() }
        }
        8 => {
            let (views, rest) = rest.split_at(rest.len().min(8 * ROWS));
            let child = text(DataType::Utf8, rest);
            let (places, sizes) = views.split_at(views.len() / 2);
            let few = |bytes: &[u8]| -> Vec<u8> {
                filled(bytes, ROWS)
                    .iter()
                    .flat_map(|byte| i32::from(*byte as i8).to_le_bytes())
                    .collect()
            };
            data(
                DataType::ListView(item(&DataType::Utf8)),
                ROWS,
                vec![few(places), few(sizes)],
                vec![child],
            )
        }
        _ => text(DataType::Binary, bytes),
    }
}

pub fn run(bytes: &[u8]) {
    let (kind, rest) = first(bytes);
    let (cut, rest) = first(rest);
    let mut made = FFI_ArrowArray::new(&array(kind, rest));
    let field = Field::new("column", array(kind, rest).data_type().clone(), true);
    let (offset, length) = (usize::from(cut) % ROWS, usize::from(cut / 16) % ROWS);
    if kind & 0x80 != 0 && offset + length <= ROWS {
        (made.offset, made.length) = (offset as i64, length as i64);
    }
    let Ok(schema) = FFI_ArrowSchema::try_from(&field) else { return };
    // Safety: the structures own their memory.
    let read = unsafe { Unchecked::of_arrays(&schema, [made]) }.and_then(Unchecked::into_arrays);
    let arrays: Vec<ArrayRef> = match read {
        Ok(arrays) => arrays,
        Err(fault) => {
            let text = fault.to_string();
            assert!(text.len() < 20_000, "{} bytes", text.len());
            return;
        }
    };
    for array in arrays {
        // What was let in holds to every rule of Arrow, by arrow-rs's own and slower look.
        array.to_data().validate_full().expect("what was let in is valid");
        if let Ok(scores) = Similarity::JaroWinkler.column_with(&array, Some("Müller GmbH"), None)
        {
            assert_eq!(scores.len(), array.len());
        }
        if let Ok(scores) = Similarity::TokenSet.columns(&array, &array, Some(0.5)) {
            assert_eq!(scores.len(), array.len());
        }
    }
}
