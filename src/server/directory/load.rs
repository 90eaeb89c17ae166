//! A directory that the user brings: a Parquet, CSV or Arrow IPC file, or record batches.

use std::{
    fs::File,
    io::{Read, Seek},
    path::Path,
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array},
    compute::{CastOptions, cast_with_options, concat_batches},
    csv::reader::{Format, ReaderBuilder},
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
    ipc::reader::{FileReader, StreamReader},
};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};

use super::table::Table;
use crate::error::{Error, Result};

/// Reads a file by what it begins with: Parquet, Arrow IPC (file or stream), else CSV.
pub(super) fn file(path: &Path, schema: &SchemaRef) -> Result<Table> {
    let source = path.display().to_string();
    let unreadable = |reason: &dyn std::fmt::Display| {
        Error::local(format!("{source} cannot be read as a directory: {reason}"))
    };
    let mut opened = File::open(path).map_err(|error| unreadable(&error))?;
    let mut magic = [0; 6];
    let read = opened.read(&mut magic).map_err(|error| unreadable(&error))?;
    opened.rewind().map_err(|error| unreadable(&error))?;
    let batches = match &magic[..read] {
        [b'P', b'A', b'R', b'1', ..] => parquet(opened, schema),
        b"ARROW1" => FileReader::try_new_buffered(opened, None).and_then(|reader| reader.collect()),
        [0xff, 0xff, 0xff, 0xff, ..] => {
            StreamReader::try_new_buffered(opened, None).and_then(|reader| reader.collect())
        }
        _ => csv(opened, schema),
    };
    batches.map_err(|error| unreadable(&error)).and_then(|batches| table(&batches, schema, &source))
}

/// Takes record batches; `source` is what an error calls them.
pub(super) fn table(batches: &[RecordBatch], schema: &SchemaRef, source: &str) -> Result<Table> {
    let cannot = |reason: String| Error::local(format!("{source}: {reason}"));
    let first = batches.first().ok_or_else(|| cannot("it holds no table".into()))?;
    let whole = concat_batches(&first.schema(), batches)
        .map_err(|error| cannot(format!("it cannot be held in one table ({error})")))?;
    let columns = schema
        .fields()
        .iter()
        .map(|field| match whole.column_by_name(field.name()) {
            Some(column) => typed(column, field).map_err(&cannot),
            None if field.is_nullable() => Ok(new_null_array(field.data_type(), whole.num_rows())),
            None => Err(cannot(format!(
                "it has no column {:?}, which names each row; its columns are {}",
                field.name(),
                names(&whole.schema()),
            ))),
        })
        .collect::<Result<Vec<ArrayRef>>>()?;
    let ids = columns[0].as_string::<i32>();
    let empty = (0..ids.len()).find(|&row| ids.is_null(row) || ids.value(row).trim().is_empty());
    if let Some(row) = empty {
        return Err(cannot(format!(
            "column \"id\" is empty in row {}; give every row one",
            row + 1
        )));
    }
    let batch = RecordBatch::try_new(Arc::clone(schema), columns)
        .map_err(|error| cannot(error.to_string()))?;
    Table::new(batch).map_err(|(id, row)| {
        cannot(format!("column \"id\" holds {id:?} a second time in row {}", row + 1))
    })
}

/// A column as the schema wants it.
fn typed(column: &ArrayRef, field: &Field) -> Result<ArrayRef, String> {
    let (name, kind) = (field.name(), column.data_type());
    let text = |kind: &DataType| {
        matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
            || matches!(kind, DataType::Dictionary(_, value) if matches!(**value, DataType::Utf8 | DataType::LargeUtf8))
    };
    let fits = match field.data_type() {
        DataType::Utf8 => text(kind) || kind.is_integer(),
        _ => text(kind) || kind.is_numeric(),
    };
    if kind == &DataType::Null && field.is_nullable() {
        return Ok(new_null_array(field.data_type(), column.len()));
    }
    if !fits {
        let wanted = match field.data_type() {
            DataType::Utf8 => "text or integers",
            _ => "numbers",
        };
        return Err(format!("column {name:?} is {kind} and must hold {wanted}; cast it first"));
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(column, field.data_type(), &strict).map_err(|error| {
        format!("column {name:?} cannot be read as {}: {error}", field.data_type())
    })
}

fn parquet(file: File, schema: &SchemaRef) -> Result<Vec<RecordBatch>, ArrowError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let known = builder
        .schema()
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| schema.column_with_name(field.name()).is_some())
        .map(|(at, _)| at);
    let mask = ProjectionMask::roots(builder.parquet_schema(), known);
    let found = Arc::clone(builder.schema());
    let reader = builder.with_projection(mask).with_batch_size(65_536).build()?;
    let mut batches = reader.collect::<Result<Vec<_>, _>>()?;
    if batches.is_empty() || batches[0].num_columns() == 0 {
        // No rows or no known column: keep the columns' names for the error, or for an empty table.
        batches = vec![RecordBatch::new_empty(found)];
    }
    Ok(batches)
}

fn csv(mut file: File, schema: &SchemaRef) -> Result<Vec<RecordBatch>, ArrowError> {
    let format = Format::default().with_header(true);
    let (header, _) = format.infer_schema(&mut file, Some(0))?;
    file.rewind()?;
    // Every column is read as text first: `0049` and `+49` are no numbers.
    let columns: Vec<Field> = header
        .fields()
        .iter()
        .map(|field| {
            let name = field.name().trim_start_matches('\u{feff}');
            Field::new(name, DataType::Utf8, true)
        })
        .collect();
    let known: Vec<usize> = columns
        .iter()
        .enumerate()
        .filter(|(_, field)| schema.column_with_name(field.name()).is_some())
        .map(|(at, _)| at)
        .collect();
    let header = Arc::new(Schema::new(columns));
    if known.is_empty() {
        return Ok(vec![RecordBatch::new_empty(header)]);
    }
    let reader = ReaderBuilder::new(Arc::clone(&header))
        .with_format(format)
        .with_projection(known)
        .with_batch_size(65_536)
        .build(file)?;
    let mut batches = reader.collect::<Result<Vec<_>, _>>()?;
    if batches.is_empty() {
        batches = vec![RecordBatch::new_empty(header)];
    }
    Ok(batches)
}

fn names(schema: &Schema) -> String {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
