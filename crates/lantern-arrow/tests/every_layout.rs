//! Passes arrays of every layout through the C data interface: unchanged, sliced, and damaged.

// Arrays that violate Arrow's rules are built by hand, and structures are malformed.
#![allow(unsafe_code)]

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayData, ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, Decimal128Array,
        DictionaryArray, FixedSizeBinaryArray, FixedSizeListArray, Int32Array, LargeBinaryArray,
        LargeListArray, LargeStringArray, ListArray, ListViewArray, MapBuilder, NullArray,
        RunArray, StringArray, StringBuilder, StringDictionaryBuilder, StringViewArray,
        StructArray, TimestampNanosecondArray, UnionArray, make_array,
    },
    buffer::{Buffer, MutableBuffer, ScalarBuffer},
    datatypes::{DataType, Field, Int8Type, Int32Type, UInt16Type, UnionFields},
    ffi::{FFI_ArrowArray, FFI_ArrowSchema},
};
use lantern_arrow::{Fault, Unchecked};
use proptest::prelude::*;

const TEXTS: [Option<&str>; 6] = [
    Some("Müller GmbH"),
    None,
    Some(""),
    Some("Łódź and more than twelve bytes"),
    Some("plain"),
    Some("plain, and more than twelve bytes"),
];

fn numbers() -> Int32Array {
    Int32Array::from(vec![Some(1), None, Some(3), Some(4), Some(5), Some(6)])
}

fn item(kind: DataType) -> Arc<Field> {
    Arc::new(Field::new("item", kind, true))
}

/// An array of every layout, with six rows.
fn arrays() -> Vec<ArrayRef> {
    let texts = || TEXTS.into_iter();
    let bytes = || TEXTS.iter().map(|text| text.map(str::as_bytes));
    let lists =
        || TEXTS.iter().map(|text| text.map(|text| text.bytes().map(|b| Some(i32::from(b)))));
    let strings = StringArray::from_iter(texts());
    let dictionary = {
        let mut builder = StringDictionaryBuilder::<Int8Type>::new();
        texts().for_each(|text| builder.append_option(text));
        builder.finish()
    };
    let numbers_by_key: DictionaryArray<UInt16Type> = DictionaryArray::new(
        vec![Some(0), None, Some(5), Some(4), Some(0), Some(3)].into(),
        Arc::new(numbers()),
    );
    let texts_by_list = ListArray::new(
        item(DataType::Utf8),
        arrow::buffer::OffsetBuffer::from_lengths([1, 0, 2, 1, 1, 1]),
        Arc::new(strings.clone()),
        None,
    );
    let views = ListViewArray::new(
        item(DataType::Utf8View),
        ScalarBuffer::from(vec![3, 0, 1, 0, 5, 2]),
        ScalarBuffer::from(vec![2, 1, 0, 6, 1, 3]),
        Arc::new(StringViewArray::from_iter(texts())),
        None,
    );
    let inner: StructArray = vec![
        (Arc::new(Field::new("name", DataType::Utf8, true)), Arc::new(strings.clone()) as ArrayRef),
        (Arc::new(Field::new("number", DataType::Int32, true)), Arc::new(numbers())),
    ]
    .into();
    let parts: StructArray = vec![
        (
            Arc::new(Field::new("inner", inner.data_type().clone(), true)),
            Arc::new(inner) as ArrayRef,
        ),
        (Arc::new(Field::new("number", DataType::Int32, true)), Arc::new(numbers())),
    ]
    .into();
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for text in texts() {
        map.keys().append_value("key");
        map.values().append_option(text);
        map.append(text.is_some()).expect("keys and values are as many");
    }
    let fixed =
        FixedSizeBinaryArray::try_from_iter([b"ab", b"cd", b"ef", b"gh", b"ij", b"kl"].iter());
    let runs = RunArray::<Int32Type>::try_new(
        &Int32Array::from(vec![1, 2, 6]),
        &StringArray::from_iter(texts().take(3)),
    );
    let fields: UnionFields = [
        (0, Arc::new(Field::new("name", DataType::Utf8, true))),
        (5, Arc::new(Field::new("number", DataType::Int32, true))),
    ]
    .into_iter()
    .collect();
    let children: Vec<ArrayRef> = vec![Arc::new(strings.clone()), Arc::new(numbers())];
    let ids = ScalarBuffer::from(vec![0_i8, 5, 5, 0, 0, 5]);
    let sparse = UnionArray::try_new(fields.clone(), ids.clone(), None, children.clone());
    let places = ScalarBuffer::from(vec![0, 5, 1, 2, 2, 0]);
    let dense = UnionArray::try_new(fields, ids, Some(places), children);
    vec![
        Arc::new(NullArray::new(6)),
        Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), None, None, Some(true)])),
        Arc::new(numbers()),
        Arc::new(TimestampNanosecondArray::from(vec![1, 2, 3, 4, 5, 6]).with_timezone("+02:00")),
        Arc::new(Decimal128Array::from(vec![1, 2, 3, 4, 5, 6])),
        Arc::new(fixed.expect("all are as long")),
        Arc::new(strings),
        Arc::new(LargeStringArray::from_iter(texts())),
        Arc::new(StringViewArray::from_iter(texts())),
        Arc::new(BinaryArray::from_iter(bytes())),
        Arc::new(LargeBinaryArray::from_iter(bytes())),
        Arc::new(BinaryViewArray::from_iter(bytes())),
        Arc::new(dictionary),
        Arc::new(numbers_by_key),
        Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists())),
        Arc::new(LargeListArray::from_iter_primitive::<Int32Type, _, _>(lists())),
        Arc::new(texts_by_list),
        Arc::new(views),
        Arc::new(FixedSizeListArray::new(item(DataType::Int32), 1, Arc::new(numbers()), None)),
        Arc::new(parts),
        Arc::new(map.finish()),
        Arc::new(runs.expect("runs are valid")),
        Arc::new(sparse.expect("unions are valid")),
        Arc::new(dense.expect("unions are valid")),
    ]
}

fn import(data: &ArrayData) -> Result<ArrayRef, Fault> {
    import_as(FFI_ArrowArray::new(data), &Field::new("c", data.data_type().clone(), true))
}

fn import_as(array: FFI_ArrowArray, field: &Field) -> Result<ArrayRef, Fault> {
    let schema = FFI_ArrowSchema::try_from(field).expect("the type can be exported");
    // Safety: the structures own their memory.
    let unchecked = unsafe { Unchecked::of_arrays(&schema, [array]) }?;
    Ok(unchecked.into_arrays()?.remove(0))
}

#[test]
fn every_layout_goes_through_whole_and_sliced() {
    for array in arrays() {
        assert_eq!(import(&array.to_data()).as_ref(), Ok(&array), "{}", array.data_type());
        for (offset, length) in [(0, 0), (0, 2), (1, 3), (3, 3), (6, 0)] {
            let slice = array.slice(offset, length);
            let read = import(&slice.to_data());
            assert_eq!(read.as_ref(), Ok(&slice), "{} from {offset}", array.data_type());
        }
    }
}

#[test]
fn a_table_of_every_layout_goes_through_sliced() {
    let arrays = arrays();
    let fields: Vec<Field> = (0..)
        .zip(&arrays)
        .map(|(place, array): (usize, _)| {
            Field::new(place.to_string(), array.data_type().clone(), true)
        })
        .collect();
    let whole = StructArray::new(fields.into(), arrays, None);
    let field = Field::new("", whole.data_type().clone(), false);
    let schema = FFI_ArrowSchema::try_from(&field).expect("the type can be exported");
    // A producer may slice a table by its offset alone.
    let mut sliced = FFI_ArrowArray::new(&whole.to_data());
    (sliced.offset, sliced.length) = (2, 3);
    // Safety: the structures own their memory.
    let unchecked =
        unsafe { Unchecked::of_arrays(&schema, [FFI_ArrowArray::new(&whole.to_data()), sliced]) };
    let (batches, _) = unchecked.and_then(Unchecked::into_batches).expect("it is valid");
    assert_eq!(StructArray::from(batches[0].clone()), whole);
    assert_eq!(StructArray::from(batches[1].clone()), whole.slice(2, 3));
}

/// An array with the buffers of another, but with these bytes in one of them.
fn damaged(data: &ArrayData, buffer: usize, bytes: Buffer) -> ArrayData {
    let mut buffers = data.buffers().to_vec();
    buffers[buffer] = bytes;
    // Safety: none; this is what is tested.
    unsafe { data.clone().into_builder().buffers(buffers).build_unchecked() }
}

#[test]
fn a_fault_names_the_row() {
    let strings = StringArray::from(vec!["a", "b", "c", "d"]).into_data();
    let latin = damaged(&strings, 1, Buffer::from(b"ab\xfcd"));
    let backwards = damaged(&strings, 0, Buffer::from_slice_ref([0, 1, 3, 2, 4]));
    let negative = damaged(&strings, 0, Buffer::from_slice_ref([0, 1, 2, -5, 4]));
    let last_negative = damaged(&strings, 0, Buffer::from_slice_ref([0, 1, 2, 3, -1]));
    let first_negative = damaged(&strings, 0, Buffer::from_slice_ref([-1, 1, 2, 3, 4]));
    let keys = DictionaryArray::<Int8Type>::new(vec![0, 1, 0].into(), make_array(strings.clone()));
    let outside = damaged(&keys.to_data(), 0, Buffer::from_slice_ref([0_i8, 1, 4]));
    let below = damaged(&keys.to_data(), 0, Buffer::from_slice_ref([0_i8, -1, 0]));
    let views = StringViewArray::from(vec!["short", "more than twelve bytes"]).into_data();
    let view = |change: fn(&mut [u128])| {
        let mut all = ScalarBuffer::<u128>::from(views.buffers()[0].clone()).to_vec();
        change(&mut all);
        damaged(&views, 0, Buffer::from_vec(all))
    };
    for (row, data, says) in [
        (2, latin, "byte 0xfc at position 0"),
        (2, backwards, "begin at 3 and end at 2"),
        (2, negative, "-5"),
        (3, last_negative, "-1"),
        (0, first_negative, "-1"),
        (2, outside, "its key is 4"),
        (1, below, "its key is -1"),
        (1, view(|all| all[1] ^= 7 << 64), "buffer 7"),
        (1, view(|all| all[1] += 1 << 96), "bytes 1 to 23"),
        (1, view(|all| all[1] += 1), "bytes 0 to 23"),
        (1, view(|all| all[1] ^= 1 << 40), "the beginning of its value"),
        (0, view(|all| all[0] |= 1 << 120), "after the end"),
        (0, view(|all| all[0] |= 1 << 39), "not valid UTF-8"),
    ] {
        let fault = import(&data).expect_err(says);
        assert_eq!((fault.row(), fault.column()), (Some(row), Some("c")), "{fault}");
        assert!(fault.to_string().contains(says), "{fault}");
        // Rows outside of a slice do not belong to the caller.
        let mut before = FFI_ArrowArray::new(&data);
        before.length = row as i64;
        let field = Field::new("c", data.data_type().clone(), true);
        if !says.contains("-1") || row > 0 {
            import_as(before, &field).expect("the rows before are valid");
        }
    }
}

#[test]
fn a_fault_within_names_the_row_around_it() {
    let latin =
        damaged(&StringArray::from(vec!["a", "b", "c"]).into_data(), 1, Buffer::from(b"ab\xfc"));
    let list = ListArray::new(
        item(DataType::Utf8),
        arrow::buffer::OffsetBuffer::from_lengths([0, 2, 0, 1]),
        // Safety: none; the check of this array is what is tested.
        make_array(latin.clone()),
        None,
    );
    let fault = import(&list.to_data()).expect_err("the third text is Latin-1");
    assert_eq!(fault.row(), Some(3), "{fault}");
    let parts: StructArray =
        vec![(Arc::new(Field::new("name", DataType::Utf8, true)), make_array(latin.clone()))]
            .into();
    let fault = import(&parts.to_data()).expect_err("the third text is Latin-1");
    assert_eq!(fault.row(), Some(2), "{fault}");
    assert!(fault.to_string().contains("column \"c\", field \"name\", row 2"), "{fault}");
    let keys = DictionaryArray::<Int32Type>::new(vec![0, 1, 2, 2].into(), make_array(latin));
    assert_eq!(import(&keys.to_data()).map_err(|fault| fault.row()), Err(Some(2)));
}

#[test]
fn bytes_under_a_null_may_be_anything() {
    let strings = StringArray::from(vec![Some("a"), None, Some("c")]).into_data();
    let offsets = damaged(&strings, 0, Buffer::from_slice_ref([0, 1, 2, 3]));
    let read = import(&damaged(&offsets, 1, Buffer::from(b"a\xffc"))).expect("the null is empty");
    assert_eq!(read.as_ref(), &StringArray::from(vec![Some("a"), None, Some("c")]) as &dyn Array);
    read.to_data().validate_full().expect("arrow-rs agrees");
    let views = StringViewArray::from(vec![Some("a"), None]).into_data();
    let odd = damaged(&views, 0, Buffer::from_slice_ref([1 | 0x61 << 32, u128::MAX]));
    let read = import(&odd).expect("the null is empty");
    read.to_data().validate_full().expect("arrow-rs agrees");
    let keys = DictionaryArray::<Int8Type>::new(vec![Some(0), None].into(), make_array(strings));
    assert!(import(&damaged(&keys.to_data(), 0, Buffer::from_slice_ref([0_i8, 99]))).is_ok());
}

#[test]
fn a_malformed_structure_is_a_fault() {
    type Change = fn(&mut FFI_ArrowArray);
    let changes: [Change; 10] = [
        |array| array.length = -1,
        |array| array.length = i64::MAX,
        |array| array.offset = -1,
        |array| array.offset = i64::MAX - 3,
        |array| array.n_buffers = 0,
        |array| array.n_buffers = -1,
        |array| array.n_buffers += 1,
        |array| array.n_children += 1,
        |array| array.n_children = -1,
        |array| array.buffers = std::ptr::null_mut(),
    ];
    for array in arrays() {
        if array.data_type().is_null() {
            continue;
        }
        let field = Field::new("c", array.data_type().clone(), true);
        for (number, change) in changes.iter().enumerate() {
            let mut structure = FFI_ArrowArray::new(&array.to_data());
            let before = (structure.n_buffers, structure.n_children, structure.buffers);
            change(&mut structure);
            let variadic = matches!(array.data_type(), DataType::Utf8View | DataType::BinaryView);
            let dictionary = matches!(array.data_type(), DataType::Dictionary(..));
            let same = (structure.n_buffers, structure.n_children, structure.buffers) == before;
            let bufferless = before.0 == 0 && matches!(number, 4 | 9);
            // A further buffer of a view array cannot be distinguished from one of its own.
            if (variadic && number == 6) || (dictionary && matches!(number, 7 | 8)) || bufferless {
                continue;
            }
            let read = import_as(structure, &field);
            assert!(read.is_err(), "{} changed by {number} ({same})", array.data_type());
        }
    }
    let mut released = FFI_ArrowArray::new(&numbers().into_data());
    let release = released.release.take();
    let again = FFI_ArrowArray { release: None, ..FFI_ArrowArray::empty() };
    assert!(import_as(again, &Field::new("c", DataType::Int32, true)).is_err());
    released.release = release;
}

#[test]
fn a_type_that_is_nested_too_deep_is_a_fault() {
    let mut kind = DataType::Int32;
    for _ in 0..200 {
        kind = DataType::List(item(kind));
    }
    let array = FFI_ArrowArray::new(&ArrayData::new_empty(&kind));
    let fault = import_as(array, &Field::new("c", kind, true)).expect_err("it is too deep");
    assert!(fault.to_string().contains("64 levels"), "{fault}");
}

#[test]
fn buffers_need_not_be_aligned() {
    let strings = StringArray::from(vec!["a", "bc"]).into_data();
    let odd = |bytes: &[u8]| {
        let mut padded = MutableBuffer::new(bytes.len() + 1);
        padded.extend_from_slice(&[0_u8]);
        padded.extend_from_slice(bytes);
        Buffer::from(padded).slice(1)
    };
    let data = damaged(&strings, 0, odd(strings.buffers()[0].as_slice()));
    assert_eq!(import(&data).as_ref(), Ok(&make_array(strings)));
}

proptest! {
    /// Whatever is accepted passes arrow-rs' own check, and whatever that check accepts is
    /// accepted.
    #[test]
    fn damaged_buffers_are_found_as_by_arrow(
        which in 0_usize..24,
        buffer in 0_usize..4,
        byte in 0_usize..64,
        value in any::<u8>(),
        slice in (0_usize..6, 0_usize..6),
    ) {
        let array = arrays().swap_remove(which);
        let data = array.slice(slice.0, slice.1.min(6 - slice.0)).to_data();
        let children = data.child_data().to_vec();
        let change = |data: &ArrayData| {
            let Some(bytes) = data.buffers().get(buffer).map(|b| b.as_slice().to_vec()) else {
                return data.clone();
            };
            let mut bytes = bytes;
            if let Some(place) = bytes.get_mut(byte) {
                *place = value;
            }
            damaged(data, buffer, Buffer::from_vec(bytes))
        };
        // The damage is in the array or in its first child. An offset beyond the end of a buffer
        // cannot be noticed through the interface, so the last one is left unchanged.
        let end = data.offset() + data.len();
        let kept = matches!(data.data_type(), DataType::Utf8 | DataType::Binary) && buffer == 0
            && byte / 4 == end
            || matches!(data.data_type(), DataType::LargeUtf8 | DataType::LargeBinary)
            && buffer == 0 && byte / 8 == end;
        let damaged = if kept {
            data.clone()
        } else if let (true, Some(child)) = (data.buffers().is_empty(), children.first()) {
            let is_text = child.data_type() == &DataType::Utf8;
            let mut children = children.clone();
            if !is_text || buffer != 0 {
                children[0] = change(child);
            }
            unsafe { data.clone().into_builder().child_data(children).build_unchecked() }
        } else {
            change(&data)
        };
        match import(&damaged) {
            Ok(read) => { let checked = read.to_data().validate_full(); prop_assert!(checked.is_ok(), "{checked:?}") }
            Err(fault) => prop_assert!(damaged.validate_full().is_err(), "{}", fault),
        }
    }
}

proptest! {
    /// More views than are looked at together, of texts around the length up to which they are short.
    #[test]
    fn damaged_views_are_found_as_by_arrow(
        texts in prop::collection::vec("[a-zé€😀]{0,14}", 1..700),
        views in prop::collection::vec((any::<prop::sample::Index>(), 0_u32..128), 0..3),
        byte in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
    ) {
        let array = StringViewArray::from_iter_values(&texts).into_data();
        let mut all = ScalarBuffer::<u128>::from(array.buffers()[0].clone()).to_vec();
        let rows: Vec<usize> = views.iter().map(|(row, _)| row.index(all.len())).collect();
        for (row, (_, bit)) in rows.iter().zip(&views) {
            all[*row] ^= 1 << bit;
        }
        let mut array = damaged(&array, 0, Buffer::from_vec(all));
        if let (Some((place, value)), Some(long)) = (&byte, array.buffers().get(1)) {
            let mut long = long.to_vec();
            let place = place.index(long.len());
            long[place] = *value;
            array = damaged(&array, 1, Buffer::from_vec(long));
        }
        match import(&array) {
            Ok(read) => {
                prop_assert_eq!(&read.to_data(), &array);
                let checked = array.validate_full();
                prop_assert!(checked.is_ok(), "{checked:?}")
            }
            Err(fault) => {
                prop_assert!(array.validate_full().is_err(), "{}", fault);
                let row = fault.row().expect("it is in a row");
                prop_assert!(byte.is_some() || rows.contains(&row), "{}", fault);
                prop_assert!(array.slice(0, row).validate_full().is_ok(), "{}", fault);
            }
        }
    }
}

#[test]
fn rows_that_take_no_memory_are_not_believed() {
    let empty = || ArrayData::new_empty(&DataType::Utf8);
    let run_end = ArrayData::from(Int32Array::from(vec![i32::MAX]));
    let one = || ArrayData::from(StringArray::from(vec!["a"]));
    let runs = DataType::RunEndEncoded(
        Arc::new(Field::new("run_ends", DataType::Int32, false)),
        Arc::new(Field::new("values", DataType::Utf8, true)),
    );
    let nulls = |rows| ArrayData::new_null(&DataType::Null, rows);
    for rows in [1_usize << 33, isize::MAX as usize] {
        for (kind, children) in [
            (DataType::Null, vec![]),
            (DataType::FixedSizeBinary(0), vec![]),
            (DataType::FixedSizeList(item(DataType::Utf8), 0), vec![empty()]),
            (DataType::FixedSizeList(item(DataType::Null), 1), vec![nulls(rows)]),
            (DataType::Struct(arrow::datatypes::Fields::empty()), vec![]),
            (runs.clone(), vec![run_end.clone(), one()]),
        ] {
            let array = ArrayData::builder(kind.clone()).len(rows).child_data(children);
            let array = match kind {
                DataType::FixedSizeBinary(_) => array.add_buffer(Buffer::from(&[])),
                _ => array,
            };
            // Safety: none; it is what is tested.
            let array = unsafe { array.build_unchecked() };
            let field = Field::new("column", kind.clone(), true);
            let schema = FFI_ArrowSchema::try_from(&field).unwrap();
            // Safety: the structures own their memory.
            let read = unsafe { Unchecked::of_arrays(&schema, [FFI_ArrowArray::new(&array)]) };
            let fault = read.map(|_| ()).unwrap_err().to_string();
            assert!(fault.contains(&rows.to_string()), "{kind}: {fault}");
        }
    }
}
