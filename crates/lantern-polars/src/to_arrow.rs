//! Converts frames and columns into Arrow, without copying them.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions},
    datatypes::{Field, Schema, SchemaRef},
};
use lantern::error::{Advice, Error, Result};
use polars::prelude::{Column, CompatLevel, DataFrame, DataType, Series};
use polars_arrow::datatypes::{ArrowDataType, Field as PolarsField};

use crate::{
    ffi::{array_to_arrow, field_to_arrow},
    frame::Frame,
};

/// Convert a frame into Arrow: its schema, and a batch for each chunk.
///
/// If the chunks of the columns end in different rows, they are aligned first, which copies them.
/// The buffers of all other columns are shared with the frame. A column with nothing but nulls
/// becomes text.
///
/// # Errors
/// If Polars cannot compute the frame, or a column has a type that Arrow does not have (Int128,
/// UInt128, Object).
pub fn into_arrow(frame: impl Into<Frame>) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let frame = frame.into().collect()?;
    to_arrow(&frame)
}

pub(crate) fn to_arrow(frame: &DataFrame) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let mut aligned = frame.clone();
    aligned.align_chunks_par();
    let columns: Vec<(Field, Vec<ArrayRef>)> =
        aligned.columns().iter().map(column).collect::<Result<_>>()?;
    let batches = columns.first().map_or(1, |(_, chunks)| chunks.len());
    let (fields, columns): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    let schema = Arc::new(Schema::new(fields));
    let batches = (0..batches)
        .map(|at| {
            let chunks: Vec<ArrayRef> =
                columns.iter().map(|chunks| Arc::clone(&chunks[at])).collect();
            let rows = chunks.first().map_or(frame.height(), |chunk| chunk.len());
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            Ok(RecordBatch::try_new_with_options(Arc::clone(&schema), chunks, &options)?)
        })
        .collect::<Result<_>>()?;
    Ok((schema, batches))
}

/// Converts a column into Arrow: its field, and an array for each chunk, at least one.
pub(crate) fn column(column: &Column) -> Result<(Field, Vec<ArrayRef>)> {
    let series = column.as_materialized_series();
    let refused = |happened: String| {
        Error::input(happened)
            .with_column(series.name().as_str())
            .advise(Advice::text("cast it, or drop it first"))
    };
    let kind = series.dtype();
    let unusable = || {
        refused(format!("column {:?} has type {kind}, which Arrow does not have", series.name()))
    };
    if kind.contains_objects() {
        return Err(unusable());
    }
    let typed = with_text_for_null(series).map_err(|error| {
        refused(format!("column {:?} has only nulls and cannot become text", series.name()))
            .caused_by(error)
    })?;
    let series = typed.as_ref().unwrap_or(series);
    let exported = series.dtype().to_arrow_field("".into(), CompatLevel::newest());
    if has_nul(&exported) {
        // Names are passed as C strings, which end at a NUL character.
        return Err(refused(format!("column {:?} has a name with a zero byte", series.name())));
    }
    let field = field_to_arrow(&exported)
        .map_err(|error| unusable().caused_by(error))?
        .with_name(series.name().as_str());
    let chunks = (0..series.n_chunks())
        .map(|at| array_to_arrow(series.to_arrow(at, CompatLevel::newest()), field.data_type()))
        .collect::<Result<_, _>>()
        .map_err(|error| unusable().caused_by(error))?;
    Ok((field, chunks))
}

/// A column that has nothing but nulls, or lists of nothing but nulls, as text. Polars exports such
/// columns with a buffer that the Arrow format does not define for them.
fn with_text_for_null(series: &Series) -> polars::error::PolarsResult<Option<Series>> {
    let mut found = false;
    let typed = series.dtype().clone().map_leaves(&mut |leaf| {
        if leaf == DataType::Null {
            found = true;
            DataType::String
        } else {
            leaf
        }
    });
    if found { series.cast(&typed).map(Some) } else { Ok(None) }
}

/// Whether a name or a time zone within a type contains a NUL character.
fn has_nul(field: &PolarsField) -> bool {
    let within = match &field.dtype {
        ArrowDataType::List(inner)
        | ArrowDataType::LargeList(inner)
        | ArrowDataType::FixedSizeList(inner, _)
        | ArrowDataType::Map(inner, _) => has_nul(inner),
        ArrowDataType::Struct(fields) => fields.iter().any(has_nul),
        ArrowDataType::Timestamp(_, Some(zone)) => zone.contains('\0'),
        _ => false,
    };
    within || field.name.contains('\0')
}
