//! Arrays that were imported and not checked yet.

// The entry points take structures that contain pointers.
#![allow(unsafe_code)]

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayData, ArrayRef, RecordBatch, RecordBatchOptions, make_array},
    datatypes::{DataType, Field, Fields, Schema, SchemaRef},
    ffi::{FFI_ArrowArray, FFI_ArrowSchema},
    ffi_stream::FFI_ArrowArrayStream,
};

use crate::{Fault, check, import};

/// A column or a table of which only the type has been checked.
#[derive(Debug)]
pub struct Unchecked {
    field: Field,
    chunks: Vec<ArrayData>,
}

impl Unchecked {
    /// Imports arrays of one type.
    ///
    /// # Errors
    /// If a structure is malformed.
    ///
    /// # Safety
    /// The pointers in the structures are null or lead to what the C data interface says.
    pub unsafe fn of_arrays(
        schema: &FFI_ArrowSchema,
        arrays: impl IntoIterator<Item = FFI_ArrowArray>,
    ) -> Result<Self, Fault> {
        // Safety: the caller vouches for the pointers.
        let field = unsafe { import::field(schema) }?;
        let kind = field.data_type();
        let read = |array| unsafe { import::array(array, kind) };
        let chunks = arrays.into_iter().map(read).collect::<Result<_, _>>()?;
        Self { field, chunks }.bounded()
    }

    /// Reads a stream to its end.
    ///
    /// # Errors
    /// If a structure is malformed, or the stream fails.
    ///
    /// # Safety
    /// The pointers in the stream, and in what it gives, are null or lead to what the C data
    /// interface says.
    pub unsafe fn of_stream(stream: FFI_ArrowArrayStream) -> Result<Self, Fault> {
        // Safety: the caller vouches for the pointers.
        let (field, chunks) = unsafe { import::stream(stream) }?;
        Self { field, chunks }.bounded()
    }

    fn bounded(self) -> Result<Self, Fault> {
        import::bounded(self.field.data_type(), self.rows())?;
        Ok(self)
    }

    /// The name and the type.
    pub fn field(&self) -> &Field {
        &self.field
    }

    pub fn rows(&self) -> usize {
        self.chunks.iter().map(ArrayData::len).sum()
    }

    /// Checks and returns the arrays of a column, at least one.
    ///
    /// # Errors
    /// If a value is invalid.
    pub fn into_arrays(self) -> Result<Vec<ArrayRef>, Fault> {
        let parallel = self.rows() >= check::FEW;
        if self.chunks.is_empty() {
            return Ok(vec![make_array(ArrayData::new_empty(self.field.data_type()))]);
        }
        let mut before = 0;
        let name = self.field.name();
        let checked = self.chunks.into_iter().map(|chunk| {
            let first = before;
            before += chunk.len();
            array(chunk, first, parallel).map_err(|fault| fault.in_column(name))
        });
        checked.collect()
    }

    /// Checks and returns the batches of a table.
    ///
    /// # Errors
    /// If it is a column rather than a table, or a value is invalid.
    pub fn into_batches(self) -> Result<(Vec<RecordBatch>, SchemaRef), Fault> {
        let DataType::Struct(fields) = self.field.data_type() else {
            let kind = self.field.data_type();
            return Err(Fault::new(format!(
                "a table is needed, and this is a column of type {kind}"
            )));
        };
        let parallel = self.rows() >= check::FEW;
        let metadata = self.field.metadata().clone();
        let schema = Arc::new(Schema::new(fields.clone()).with_metadata(metadata));
        let mut before = 0;
        let checked = self.chunks.into_iter().map(|chunk| {
            let first = before;
            before += chunk.len();
            let columns = columns(fields, &chunk, first, parallel)?;
            let options = RecordBatchOptions::new().with_row_count(Some(chunk.len()));
            Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &options)?)
        });
        Ok((checked.collect::<Result<_, Fault>>()?, schema))
    }
}

/// The columns of a batch, whose rows are counted from `first`.
fn columns(
    fields: &Fields,
    batch: &ArrayData,
    first: usize,
    parallel: bool,
) -> Result<Vec<ArrayRef>, Fault> {
    let column = |(field, column): (&Arc<Field>, &ArrayData)| {
        let column = array(column.clone(), first, parallel)
            .and_then(|column| declared(field, column, first));
        column.map_err(|fault| fault.in_column(field.name()))
    };
    fields.iter().zip(batch.child_data()).map(column).collect()
}

/// An array, whose rows are counted from `first`.
fn array(data: ArrayData, first: usize, parallel: bool) -> Result<ArrayRef, Fault> {
    let checked = check::array(&data, parallel);
    let checked = checked.map_err(|fault| fault.map_row(|row| Some(first + row)))?;
    Ok(make_array(checked.unwrap_or(data)))
}

/// Checks that a column which is declared to have no nulls has none.
fn declared(field: &Field, column: ArrayRef, first: usize) -> Result<ArrayRef, Fault> {
    match column.nulls() {
        Some(nulls) if !field.is_nullable() => {
            let row = (0..nulls.len()).find(|&row| nulls.is_null(row)).unwrap_or_default();
            Err(Fault::new("it is null, and the column is declared to have no nulls")
                .at(first + row))
        }
        _ => Ok(column),
    }
}
