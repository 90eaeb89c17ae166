//! Checks the values of arrays, on whose validity arrow-rs and the kernels rely.
//!
//! arrow-rs has such a check, `ArrayData::validate_full`. It is used here for rare types and for
//! the structure. The types that every table has are checked here, because arrow-rs' check names no
//! row, runs on one thread, and refuses invalid bytes under a null, although these are allowed.

use arrow::{
    array::ArrayData,
    datatypes::{ArrowNativeType, DataType, UnionMode},
};

use crate::{
    Fault,
    buffers::{numbers, offset_fault},
    import, text, views,
};

/// Number of rows below which one thread does the check.
pub(crate) const FEW: usize = 1 << 16;

/// Checks an array and its children. Returns a replacement if a null row contains bytes that no
/// value may have.
pub(crate) fn array(data: &ArrayData, parallel: bool) -> Result<Option<ArrayData>, Fault> {
    let own = values(data, parallel)?;
    let mut changed = false;
    let mut children = Vec::with_capacity(data.child_data().len());
    let names = import::parts(data.data_type());
    for (place, child) in data.child_data().iter().enumerate() {
        let checked = array(child, parallel).map_err(|fault| {
            let fault = fault.map_row(|row| row_around(data, row));
            // The item of a list has a name that users do not know, so it is left out.
            match (data.data_type(), names.get(place)) {
                (DataType::Struct(_) | DataType::Union(..), Some((name, _))) => fault.within(name),
                _ => fault,
            }
        })?;
        changed |= checked.is_some();
        children.push(checked.unwrap_or_else(|| child.clone()));
    }
    let data = own.as_ref().unwrap_or(data);
    if changed {
        let data = data.clone().into_builder().child_data(children).build()?;
        data.validate()?;
        return Ok(Some(data));
    }
    // Checks the structure, such as the lengths of children.
    data.validate()?;
    Ok(own)
}

/// Checks the contents of one array's buffers.
fn values(data: &ArrayData, parallel: bool) -> Result<Option<ArrayData>, Fault> {
    let child = data.child_data().first().map_or(0, ArrayData::len);
    match data.data_type() {
        _ if data.is_empty() => {}
        DataType::Utf8 => return text::check::<i32>(data, parallel),
        DataType::LargeUtf8 => return text::check::<i64>(data, parallel),
        DataType::Utf8View | DataType::BinaryView => return views::check(data, parallel),
        DataType::Binary => offsets::<i32>(data, data.buffers()[1].len())?,
        DataType::LargeBinary => offsets::<i64>(data, data.buffers()[1].len())?,
        DataType::List(_) | DataType::Map(..) => offsets::<i32>(data, child)?,
        DataType::LargeList(_) => offsets::<i64>(data, child)?,
        DataType::ListView(_) => list_views::<i32>(data, child)?,
        DataType::LargeListView(_) => list_views::<i64>(data, child)?,
        DataType::Dictionary(key, _) => match key.as_ref() {
            DataType::Int8 => keys::<i8>(data, child)?,
            DataType::Int16 => keys::<i16>(data, child)?,
            DataType::Int32 => keys::<i32>(data, child)?,
            DataType::Int64 => keys::<i64>(data, child)?,
            DataType::UInt8 => keys::<u8>(data, child)?,
            DataType::UInt16 => keys::<u16>(data, child)?,
            DataType::UInt32 => keys::<u32>(data, child)?,
            _ => keys::<u64>(data, child)?,
        },
        DataType::RunEndEncoded(..) | DataType::Union(..) => data.validate_values()?,
        _ => {}
    }
    Ok(None)
}

fn offsets<T: ArrowNativeType>(data: &ArrayData, limit: usize) -> Result<(), Fault> {
    match offset_fault(&numbers::<T>(data, 0, 1), limit) {
        Some((row, fault)) => Err(fault.at(row)),
        None => Ok(()),
    }
}

fn list_views<T: ArrowNativeType>(data: &ArrayData, limit: usize) -> Result<(), Fault> {
    let (offsets, sizes) = (numbers::<T>(data, 0, 0), numbers::<T>(data, 1, 0));
    let wrong = offsets.iter().zip(&*sizes).position(|(offset, size)| {
        let end = offset.to_usize().zip(size.to_usize()).and_then(|(a, b)| a.checked_add(b));
        end.is_none_or(|end| end > limit)
    });
    match wrong {
        Some(row) => Err(Fault::new(format!(
            "its {:?} values would begin at {:?}, and there are {limit}",
            sizes[row], offsets[row]
        ))
        .at(row)),
        None => Ok(()),
    }
}

fn keys<T: ArrowNativeType>(data: &ArrayData, values: usize) -> Result<(), Fault> {
    let keys = numbers::<T>(data, 0, 0);
    let within = |key: &T| key.to_usize().is_some_and(|key| key < values);
    // The key of a null may be anything.
    let wrong = |(row, key): (usize, &T)| !within(key) && !data.is_null(row);
    match keys.iter().enumerate().position(wrong) {
        Some(row) => Err(Fault::new(format!(
            "its key is {:?}, and the dictionary has {values} values",
            keys[row]
        ))
        .at(row)),
        None => Ok(()),
    }
}

/// The row of an array to which row `inner` of its child belongs.
fn row_around(data: &ArrayData, inner: usize) -> Option<usize> {
    fn list<T: ArrowNativeType>(data: &ArrayData, inner: usize) -> Option<usize> {
        let offsets = numbers::<T>(data, 0, 1);
        let after = offsets.partition_point(|offset| offset.as_usize() <= inner);
        after.checked_sub(1)
    }
    fn key<T: ArrowNativeType>(data: &ArrayData, inner: usize) -> Option<usize> {
        numbers::<T>(data, 0, 0).iter().position(|key| key.to_usize() == Some(inner))
    }
    let row = match data.data_type() {
        // The import has moved the offset of these types into their children.
        DataType::Struct(_) | DataType::Union(_, UnionMode::Sparse) => Some(inner),
        DataType::FixedSizeList(_, size) => {
            inner.checked_div(usize::try_from(*size).unwrap_or_default())
        }
        DataType::List(_) | DataType::Map(..) => list::<i32>(data, inner),
        DataType::LargeList(_) => list::<i64>(data, inner),
        DataType::Dictionary(kind, _) => match kind.as_ref() {
            DataType::Int8 => key::<i8>(data, inner),
            DataType::Int16 => key::<i16>(data, inner),
            DataType::Int32 => key::<i32>(data, inner),
            DataType::Int64 => key::<i64>(data, inner),
            DataType::UInt8 => key::<u8>(data, inner),
            DataType::UInt16 => key::<u16>(data, inner),
            DataType::UInt32 => key::<u32>(data, inner),
            _ => key::<u64>(data, inner),
        },
        _ => None,
    };
    row.filter(|&row| row < data.len())
}
