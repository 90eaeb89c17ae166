//! Converts Arrow tables into DataFrames.

use arrow::{
    array::{ArrayRef, RecordBatch, new_empty_array},
    datatypes::{DataType, Field, SchemaRef},
};
use lantern::error::{Advice, Error, Result};
use polars::{
    error::PolarsError,
    prelude::{Column, DataFrame, Series, TimeZone},
};

use crate::{
    error::no_frame,
    ffi::{array_to_polars, field_to_polars},
};

/// Converts tables of `lantern` into DataFrames: `job.table().await?.into_polars()?`.
///
/// Each batch becomes a chunk. Numbers, times and string views keep their buffers, other strings
/// become views, and dictionaries of strings become Categoricals.
pub trait IntoPolars {
    /// Converts the table into a DataFrame.
    ///
    /// # Errors
    /// If two columns have the same name, or a column has a type that this build of Polars does not
    /// support. The feature `dtype-full` supports all of them.
    fn into_polars(self) -> Result<DataFrame>;
}

impl IntoPolars for (SchemaRef, Vec<RecordBatch>) {
    fn into_polars(self) -> Result<DataFrame> {
        let (schema, batches) = self;
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        let columns = schema
            .fields()
            .iter()
            .enumerate()
            .map(|(at, field)| {
                let chunks = batches.iter().map(|batch| batch.column(at));
                Ok(Column::from(series(field, chunks)?))
            })
            .collect::<Result<Vec<_>>>()?;
        DataFrame::new(rows, columns).map_err(no_frame)
    }
}

impl IntoPolars for RecordBatch {
    fn into_polars(self) -> Result<DataFrame> {
        (self.schema(), vec![self]).into_polars()
    }
}

/// Converts a column into a Series.
fn series<'c>(field: &Field, chunks: impl Iterator<Item = &'c ArrayRef>) -> Result<Series> {
    let refused = |why: &str| {
        let happened = format!("column {:?} has type {}, {why}", field.name(), field.data_type());
        Error::input(happened).with_column(field.name())
    };
    match taken(field.data_type()) {
        Taken::Yes => {}
        Taken::WithAllTypes => {
            return Err(refused("which this build of Polars does not have")
                .advise(Advice::text("turn on the feature dtype-full of lantern-polars")));
        }
        Taken::No => {
            return Err(refused("which Polars does not have")
                .advise(Advice::text("cast it, or leave it out")));
        }
    }
    let failed = |error: PolarsError| refused("and Polars refuses it").caused_by(error);
    // Without metadata, because Polars would look for its own types in it.
    let bare = Field::new("", without_metadata(field.data_type()), true);
    let mut theirs = field_to_polars(&bare)?.map_err(failed)?;
    theirs.name = field.name().as_str().into();
    let import = |chunk: &ArrayRef| array_to_polars(chunk, theirs.dtype.clone());
    let mut arrays: Vec<_> = chunks.map(import).collect::<Result<_, _>>().map_err(failed)?;
    if arrays.is_empty() {
        arrays.push(import(&new_empty_array(bare.data_type())).map_err(failed)?);
    }
    Series::try_from((&theirs, arrays)).map_err(failed)
}

/// Whether Polars supports a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Yes,
    /// Only with the feature `dtype-full`, which is not enabled.
    WithAllTypes,
    No,
}

/// Whether Polars supports a type. It panics at types that it does not know or was compiled
/// without.
fn taken(kind: &DataType) -> Taken {
    let with_all = || if cfg!(feature = "dtype-full") { Taken::Yes } else { Taken::WithAllTypes };
    let both = |one: Taken, other: Taken| match (one, other) {
        (Taken::No, _) | (_, Taken::No) => Taken::No,
        (Taken::WithAllTypes, _) | (_, Taken::WithAllTypes) => Taken::WithAllTypes,
        _ => Taken::Yes,
    };
    match kind {
        DataType::Null
        | DataType::Boolean
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::Float32
        | DataType::Float64
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::Date32
        | DataType::Date64
        | DataType::Duration(_) => Taken::Yes,
        DataType::Timestamp(_, zone) => {
            let zone = zone.as_deref().unwrap_or_default();
            // A NUL character would end the name early in the C data interface.
            let known = !zone.contains('\0') && TimeZone::opt_try_new(Some(zone)).is_ok();
            if known { Taken::Yes } else { Taken::No }
        }
        DataType::Dictionary(_, values) => match **values {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Taken::Yes,
            _ => Taken::No,
        },
        DataType::List(item) | DataType::LargeList(item) => taken(item.data_type()),
        DataType::Float16 | DataType::Time32(_) | DataType::Time64(_) => with_all(),
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) => with_all(),
        DataType::FixedSizeList(item, _) => both(with_all(), taken(item.data_type())),
        DataType::Struct(fields) => {
            fields.iter().map(|field| taken(field.data_type())).fold(with_all(), both)
        }
        _ => Taken::No,
    }
}

/// The same type without metadata on its fields.
fn without_metadata(kind: &DataType) -> DataType {
    let bare = |field: &Field| {
        Field::new(field.name(), without_metadata(field.data_type()), field.is_nullable())
    };
    match kind {
        DataType::List(item) => DataType::List(bare(item).into()),
        DataType::LargeList(item) => DataType::LargeList(bare(item).into()),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(bare(item).into(), *size),
        DataType::Struct(fields) => {
            DataType::Struct(fields.iter().map(|field| bare(field)).collect())
        }
        other => other.clone(),
    }
}
