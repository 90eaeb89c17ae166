//! Imports arrays and types from the structures of Arrow's C data interface.
//!
//! arrow-rs imports these structures too, but trusts them: it asserts that there are as many
//! buffers and children as there should be, and takes the length of a text from its last offset,
//! whatever that is. Here every number is checked before it is used, so that a malformed structure
//! is a [`Fault`]. The values of an array are checked in [`crate::check`].

// The structures are read through pointers.
#![allow(unsafe_code)]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr::NonNull,
    sync::Arc,
};

use arrow::{
    array::{ArrayData, BufferSpec, layout},
    buffer::Buffer,
    datatypes::{DataType, Field, UnionMode},
    ffi::{FFI_ArrowArray, FFI_ArrowSchema},
    ffi_stream::FFI_ArrowArrayStream,
};

use crate::Fault;

/// Maximum nesting of types, as in Arrow's C++ library.
const DEEPEST: usize = 64;

/// How many rows a column may have whose rows take no memory. Their number is all that is handed in, but
/// the texts or numbers that are made of them take memory: some 2 GiB for so many. Where less is left, a
/// failed allocation ends the process.
const MOST_WITHOUT_MEMORY: usize = 1 << 28;

/// The layout of a schema, whose fields arrow-rs keeps to itself.
#[repr(C)]
struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *const *const Schema,
    dictionary: *const Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private: *mut c_void,
}

const _: () = assert!(size_of::<Schema>() == size_of::<FFI_ArrowSchema>());

/// The field of a schema: its name, its type, and whether it may contain nulls.
///
/// # Safety
/// The pointers in `schema` are null or lead to what the C data interface says.
pub(crate) unsafe fn field(schema: &FFI_ArrowSchema) -> Result<Field, Fault> {
    let raw: *const FFI_ArrowSchema = schema;
    // Safety: both are the structure of the C data interface.
    unsafe { check_schema(&*raw.cast::<Schema>(), 0) }?;
    let kind = match schema.format() {
        // A child's metadata need not be text, and is not needed here.
        "+s" if schema.dictionary().is_none() => {
            let child = |child: &FFI_ArrowSchema| -> Result<Field, Fault> {
                let name = child.name().unwrap_or_default();
                let kind =
                    DataType::try_from(child).map_err(|error| Fault::from(error).within(name))?;
                let metadata = child.metadata().unwrap_or_default();
                Ok(Field::new(name, kind, child.nullable()).with_metadata(metadata))
            };
            DataType::Struct(schema.children().map(child).collect::<Result<_, _>>()?)
        }
        _ => DataType::try_from(schema)?,
    };
    check_type(&kind)?;
    let metadata = schema.metadata().unwrap_or_default();
    Ok(Field::new(schema.name().unwrap_or_default(), kind, schema.nullable())
        .with_metadata(metadata))
}

/// # Safety
/// As for [`field`].
unsafe fn check_schema(schema: &Schema, depth: usize) -> Result<(), Fault> {
    if depth > DEEPEST {
        return Err(Fault::new(format!("its type is nested more than {DEEPEST} levels deep")));
    }
    if schema.release.is_none() && depth == 0 {
        return Err(Fault::new("its type has been released already"));
    }
    if schema.format.is_null() {
        return Err(Fault::new("it has no type"));
    }
    // Safety: a format and a name are C strings.
    let format = unsafe { CStr::from_ptr(schema.format) };
    let Ok(format) = format.to_str() else {
        return Err(Fault::new(format!("its type {format:?} is not valid UTF-8")));
    };
    if !schema.name.is_null() {
        let name = unsafe { CStr::from_ptr(schema.name) };
        if name.to_str().is_err() {
            return Err(Fault::new(format!("its name {name:?} is not valid UTF-8")));
        }
    }
    if !schema.dictionary.is_null()
        && !matches!(format, "c" | "C" | "s" | "S" | "i" | "I" | "l" | "L")
    {
        return Err(Fault::new(format!(
            "its type {format:?} is not one of the keys of a dictionary, which are whole numbers"
        )));
    }
    let children = usize::try_from(schema.n_children).unwrap_or(usize::MAX);
    let needed = match format {
        "+l" | "+L" | "+vl" | "+vL" | "+m" => Some(1),
        "+r" => Some(2),
        _ if format.starts_with("+w:") => Some(1),
        _ if format.starts_with('+') => None,
        _ => Some(0),
    };
    // The children of a dictionary belong to its values, although producers put them elsewhere.
    let needed = needed.filter(|_| schema.dictionary.is_null());
    let misses = |what: String| Err(Fault::new(what));
    if schema.n_children < 0 || needed.is_some_and(|needed| needed != children) {
        return misses(format!("its type {format:?} has {} parts", schema.n_children));
    }
    if children > 0 && schema.children.is_null() {
        return misses(format!("its type {format:?} lacks its parts"));
    }
    for place in 0..children {
        // Safety: there are as many children as it says.
        let Some(child) = (unsafe { (*schema.children.add(place)).as_ref() }) else {
            return misses(format!("its type {format:?} lacks part {place}"));
        };
        unsafe { check_schema(child, depth + 1) }?;
    }
    match unsafe { schema.dictionary.as_ref() } {
        Some(values) => unsafe { check_schema(values, depth + 1) },
        None => Ok(()),
    }
}

/// Refuses types for which arrow-rs cannot build an array.
fn check_type(kind: &DataType) -> Result<(), Fault> {
    let refused = || Err(Fault::new(format!("its type {kind} is invalid")));
    match kind {
        DataType::FixedSizeBinary(size) | DataType::FixedSizeList(_, size) if *size < 0 => {
            refused()
        }
        DataType::Decimal32(digits, _) if !(1..=9).contains(digits) => refused(),
        DataType::Decimal64(digits, _) if !(1..=18).contains(digits) => refused(),
        DataType::Decimal128(digits, _) if !(1..=38).contains(digits) => refused(),
        DataType::Decimal256(digits, _) if !(1..=76).contains(digits) => refused(),
        DataType::Dictionary(key, _) if !key.is_dictionary_key_type() => refused(),
        DataType::RunEndEncoded(ends, _) if !ends.data_type().is_run_ends_type() => refused(),
        DataType::Union(fields, _) if fields.is_empty() => refused(),
        DataType::Union(fields, _) if fields.iter().any(|(id, _)| id < 0) => refused(),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => check_parts(kind),
            _ => refused(),
        },
        _ => check_parts(kind),
    }
}

fn check_parts(kind: &DataType) -> Result<(), Fault> {
    parts(kind).into_iter().try_for_each(|(name, part)| {
        check_type(part).map_err(|fault| if name.is_empty() { fault } else { fault.within(name) })
    })?;
    match kind {
        DataType::Dictionary(_, values) => check_type(values),
        _ => Ok(()),
    }
}

/// The names and types of an array's children.
pub(crate) fn parts(kind: &DataType) -> Vec<(&str, &DataType)> {
    fn part(field: &Field) -> (&str, &DataType) {
        (field.name().as_str(), field.data_type())
    }
    match kind {
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _) => vec![part(field)],
        DataType::Struct(fields) => fields.iter().map(|field| part(field)).collect(),
        DataType::Union(fields, _) => fields.iter().map(|(_, field)| part(field)).collect(),
        DataType::RunEndEncoded(ends, values) => vec![part(ends), part(values)],
        _ => vec![],
    }
}

/// Imports an array. Its buffers are as long as its type, length and offsets require; its values
/// are not checked.
///
/// # Safety
/// The pointers in `array` are null or lead to what the C data interface says for the type.
pub(crate) unsafe fn array(array: FFI_ArrowArray, kind: &DataType) -> Result<ArrayData, Fault> {
    if array.is_released() {
        return Err(Fault::new("its memory has been released already"));
    }
    let owner = Arc::new(array);
    // Safety: the caller vouches for the pointers, and the buffers keep the structure alive.
    unsafe { node(&owner, &owner, kind) }
}

/// # Safety
/// As for [`array`]; `array` belongs to `owner`.
unsafe fn node(
    array: &FFI_ArrowArray,
    owner: &Arc<FFI_ArrowArray>,
    kind: &DataType,
) -> Result<ArrayData, Fault> {
    let (Ok(len), Ok(offset)) = (usize::try_from(array.length), usize::try_from(array.offset))
    else {
        return Err(Fault::new(format!(
            "its length is {} and its offset {}",
            array.length, array.offset
        )));
    };
    let huge = || Fault::new(format!("its length is {len} and its offset {offset}"));
    let total = len.checked_add(offset).filter(|total| *total < isize::MAX as usize);
    let total = total.ok_or_else(huge)?;
    bounded(kind, len)?;
    // Polars gives arrays of nulls a buffer, which the format has none for.
    if kind.is_null() || len == 0 {
        return Ok(ArrayData::new_null(kind, len));
    }
    let layout = layout(kind);
    let first = usize::from(layout.can_contain_null_mask);
    let needed = first + layout.buffers.len();
    let given = usize::try_from(array.n_buffers).unwrap_or_default();
    if array.n_buffers < 0 || given < needed || (given > needed && !layout.variadic) {
        return Err(Fault::new(format!(
            "it has {} buffers, and its type {needed}",
            array.n_buffers
        )));
    }
    if given > 0 && array.buffers.is_null() {
        return Err(Fault::new("it lacks its buffers"));
    }
    // Safety, here and below: a buffer is as long as the format requires for its array.
    let buffer = |index: usize, size: usize| match NonNull::new(array.buffer(index).cast_mut()) {
        _ if size == 0 => Ok(Buffer::from(&[])),
        Some(_) if isize::try_from(size).is_err() => Err(huge()),
        Some(start) => Ok(unsafe { Buffer::from_custom_allocation(start, size, owner.clone()) }),
        None => Err(Fault::new(format!("its buffer {index} is missing"))),
    };
    let mut buffers = Vec::with_capacity(layout.buffers.len());
    for (place, spec) in layout.buffers.iter().enumerate() {
        let size = match spec {
            BufferSpec::FixedWidth { byte_width, .. } => (total + usize::from(has_offsets(kind)))
                .checked_mul(*byte_width)
                .ok_or_else(huge)?,
            BufferSpec::BitMap => total.div_ceil(8),
            BufferSpec::VariableWidth => last_offset(&buffers[0], kind),
            BufferSpec::AlwaysNull => 0,
        };
        buffers.push(buffer(first + place, size)?);
    }
    if layout.variadic && given > needed {
        let lengths = buffer(given - 1, (given - 1 - needed).saturating_mul(8))?;
        for (place, length) in lengths.chunks_exact(8).enumerate() {
            let length = length.try_into().map_or(-1, i64::from_ne_bytes);
            let Ok(length) = usize::try_from(length) else {
                return Err(Fault::new(format!("the length of its buffer {place} is {length}")));
            };
            buffers.push(buffer(needed + place, length)?);
        }
    }
    let nulls = match layout.can_contain_null_mask.then(|| array.buffer(0)) {
        None => None,
        Some(start) if start.is_null() && array.null_count > 0 => {
            return Err(Fault::new("the buffer that says which of its rows are null is missing"));
        }
        Some(start) if start.is_null() => None,
        Some(_) => Some(buffer(0, total.div_ceil(8))?),
    };
    // Safety: the caller vouches for the children as for the array.
    let children = unsafe { children(array, owner, kind) }?;
    let array = ArrayData::builder(kind.clone())
        .len(len)
        .offset(offset)
        .null_bit_buffer(nulls)
        .buffers(buffers)
        .child_data(children)
        .align_buffers(true);
    // Safety: it is only handed out after [`crate::check`].
    without_offset(unsafe { array.build_unchecked() })
}

/// The same rows with the offset applied to the children, for an array whose children have as many
/// rows as itself. (arrow-rs would apply the offset of a struct within a struct twice.)
fn without_offset(data: ArrayData) -> Result<ArrayData, Fault> {
    let width = match data.data_type() {
        DataType::Struct(_) | DataType::Union(_, UnionMode::Sparse) => 1,
        DataType::FixedSizeList(_, size) => usize::try_from(*size).unwrap_or_default(),
        _ => return Ok(data),
    };
    let (kind, len, nulls, offset, buffers, children) = data.into_parts();
    let end = (offset + len).saturating_mul(width);
    if let Some(short) = children.iter().position(|child| child.len() < end) {
        let part = parts(&kind).get(short).map_or("", |(name, _)| *name).to_owned();
        let rows = children[short].len();
        let fault = Fault::new(format!("it has {rows} rows, and {end} are needed"));
        return Err(if part.is_empty() { fault } else { fault.within(&part) });
    }
    let cut = |child: ArrayData| slice(child, offset * width, len * width);
    let array = ArrayData::builder(kind)
        .len(len)
        .nulls(nulls)
        // The only possible buffer, that of a union, has a byte for each row.
        .buffers(buffers.iter().map(|ids| ids.slice_with_length(offset, len)).collect())
        .child_data(children.into_iter().map(cut).collect());
    // Safety: it is only handed out after [`crate::check`].
    Ok(unsafe { array.build_unchecked() })
}

/// Some rows of an array that [`without_offset`] returned.
fn slice(data: ArrayData, offset: usize, len: usize) -> ArrayData {
    if (offset, len) == (0, data.len()) {
        return data;
    }
    if !matches!(data.data_type(), DataType::Struct(_)) {
        return data.slice(offset, len);
    }
    let (kind, _, nulls, _, _, children) = data.into_parts();
    let cut = |child| slice(child, offset, len);
    let array = ArrayData::builder(kind)
        .len(len)
        .nulls(nulls.map(|nulls| nulls.slice(offset, len)))
        .child_data(children.into_iter().map(cut).collect());
    // Safety: it is only handed out after [`crate::check`].
    unsafe { array.build_unchecked() }
}

/// # Safety
/// As for [`node`].
unsafe fn children(
    array: &FFI_ArrowArray,
    owner: &Arc<FFI_ArrowArray>,
    kind: &DataType,
) -> Result<Vec<ArrayData>, Fault> {
    if let DataType::Dictionary(_, values) = kind {
        let dictionary = array.dictionary().ok_or_else(|| Fault::new("it lacks its dictionary"))?;
        return Ok(vec![unsafe { node(dictionary, owner, values) }?]);
    }
    let parts = parts(kind);
    if i64::try_from(parts.len()) != Ok(array.n_children) {
        return Err(Fault::new(format!(
            "it has {} parts, and its type {}",
            array.n_children,
            parts.len()
        )));
    }
    if !parts.is_empty() && array.children.is_null() {
        return Err(Fault::new("it lacks its parts"));
    }
    let child = |(place, (name, kind)): (usize, (&str, &DataType))| {
        // Safety: there are as many children as it says.
        let child = unsafe { (*array.children.add(place)).as_ref() };
        let child = child.ok_or_else(|| Fault::new(format!("it lacks part {place}")))?;
        unsafe { node(child, owner, kind) }.map_err(|fault| fault.within(name))
    };
    parts.into_iter().enumerate().map(child).collect()
}

/// Checks the number of rows of a column or a table, over all of its chunks.
///
/// # Errors
/// If they take no memory and are too many.
pub fn bounded(kind: &DataType, rows: usize) -> Result<(), Fault> {
    if rows > MOST_WITHOUT_MEMORY && takes_no_memory(kind) {
        return Err(Fault::new(format!(
            "it has {rows} rows that take no memory, such as nulls without a type, and at most \
             {MOST_WITHOUT_MEMORY} of them are read"
        ))
        .hinted("leave the column out, or cast it to the type of its values"));
    }
    Ok(())
}

/// Whether an array of any length has the same few bytes.
fn takes_no_memory(kind: &DataType) -> bool {
    match kind {
        DataType::Null | DataType::RunEndEncoded(..) | DataType::FixedSizeBinary(0) => true,
        DataType::FixedSizeList(_, 0) => true,
        DataType::Struct(fields) => fields.iter().all(|field| takes_no_memory(field.data_type())),
        _ => false,
    }
}

/// Whether the first buffer holds one more number than there are rows.
fn has_offsets(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Binary
            | DataType::LargeBinary
            | DataType::List(_)
            | DataType::LargeList(_)
            | DataType::Map(..)
    )
}

/// The end of the last row's values; 0 if the offset is negative, which [`crate::check`] will
/// report.
fn last_offset(offsets: &Buffer, kind: &DataType) -> usize {
    let last = match kind {
        DataType::Utf8 | DataType::Binary => {
            offsets.last_chunk().map(|last| i64::from(i32::from_ne_bytes(*last)))
        }
        _ => offsets.last_chunk().map(|last| i64::from_ne_bytes(*last)),
    };
    last.and_then(|last| usize::try_from(last).ok()).unwrap_or_default()
}

/// The field of a stream, and the arrays that it produces.
///
/// # Safety
/// The pointers in `stream`, and in what it gives, are null or lead to what the C data interface
/// says.
pub(crate) unsafe fn stream(
    mut stream: FFI_ArrowArrayStream,
) -> Result<(Field, Vec<ArrayData>), Fault> {
    let (Some(get_schema), Some(get_next), Some(_)) =
        (stream.get_schema, stream.get_next, stream.release)
    else {
        return Err(Fault::new("its stream has been read already"));
    };
    let mut schema = FFI_ArrowSchema::empty();
    // Safety: the functions of a stream take the stream and a place for their result.
    let code = unsafe { get_schema(&raw mut stream, &raw mut schema) };
    if code != 0 {
        return Err(unsafe { failure(&mut stream, code) });
    }
    let field = unsafe { field(&schema) }?;
    let mut arrays = vec![];
    loop {
        let mut next = FFI_ArrowArray::empty();
        let code = unsafe { get_next(&raw mut stream, &raw mut next) };
        if code != 0 {
            return Err(unsafe { failure(&mut stream, code) });
        }
        if next.is_released() {
            return Ok((field, arrays));
        }
        arrays.push(unsafe { array(next, field.data_type()) }?);
    }
}

/// Why a stream ended early.
///
/// # Safety
/// As for [`stream`].
unsafe fn failure(stream: &mut FFI_ArrowArrayStream, code: c_int) -> Fault {
    let said = stream.get_last_error.map(|last| unsafe { last(stream) });
    let said = said.filter(|said| !said.is_null());
    // Safety: the last error is a C string that lives until the next call.
    let said = said.map(|said| unsafe { CStr::from_ptr(said) }.to_string_lossy().into_owned());
    Fault::stream(said.unwrap_or_else(|| format!("error {code}")))
}
