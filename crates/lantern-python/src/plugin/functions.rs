//! The computations of the expressions, in safe Rust.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, StringViewArray, new_empty_array},
    datatypes::DataType,
    ffi::FFI_ArrowSchema,
};
use serde::Deserialize;

use super::{
    abi::{self, Column, InputColumn},
    failure::Failure,
    polars_type,
};
use lantern::{
    error::Error,
    matching::{
        normalize::{Normalizer, Output, normalize_chunks},
        similarity::{Distance, Similarity},
        text,
    },
    process::threads,
};

/// An expression with its parameters.
pub(super) enum Expression {
    Similarity(Similarity, Option<f64>),
    Distance(Distance, Option<u32>),
    Normalize(Normalizer),
}

#[derive(Deserialize)]
struct Compared<C> {
    name: String,
    score_cutoff: Option<C>,
}

#[derive(Deserialize)]
struct Normalized {
    name: String,
    parameter: Option<String>,
}

fn read<'a, T: Deserialize<'a>>(kwargs: &'a [u8]) -> Result<T, Failure> {
    serde_pickle::from_slice(kwargs, Default::default())
        .map_err(|error| Failure::new(format!("the parameters cannot be read: {error}")))
}

/// A similarity, from its keyword arguments.
pub(super) fn similarity(kwargs: &[u8]) -> Result<Expression, Failure> {
    let Compared { name, score_cutoff } = read::<Compared<f64>>(kwargs)?;
    Ok(Expression::Similarity(name.parse()?, score_cutoff))
}

/// A distance, from its keyword arguments.
pub(super) fn distance(kwargs: &[u8]) -> Result<Expression, Failure> {
    let Compared { name, score_cutoff } = read::<Compared<u64>>(kwargs)?;
    // A cutoff that is too large to be counted has no effect.
    let cutoff = score_cutoff.and_then(|cutoff| u32::try_from(cutoff).ok());
    Ok(Expression::Distance(name.parse()?, cutoff))
}

/// A normalizer, from its keyword arguments.
pub(super) fn normalize(kwargs: &[u8]) -> Result<Expression, Failure> {
    let Normalized { name, parameter } = read::<Normalized>(kwargs)?;
    Ok(Expression::Normalize(Normalizer::new(&name, parameter.as_deref())?))
}

impl Expression {
    fn name(&self) -> &'static str {
        match self {
            Self::Similarity(measure, _) => measure.name(),
            Self::Distance(measure, _) => measure.name(),
            Self::Normalize(normalizer) => normalizer.name(),
        }
    }

    /// The type of the result. Texts are views, as in Polars' own columns.
    fn kind(&self) -> DataType {
        match self {
            Self::Similarity(..) => DataType::Float64,
            Self::Distance(..) => DataType::UInt32,
            Self::Normalize(normalizer) => match normalizer.output() {
                Output::Text => DataType::Utf8View,
                Output::Boolean => DataType::Boolean,
            },
        }
    }

    /// The number of columns that it takes.
    fn arguments(&self) -> usize {
        if matches!(self, Self::Normalize(_)) { 1 } else { 2 }
    }

    fn check_arguments(&self, given: usize) -> Result<(), Failure> {
        if given == self.arguments() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "{} takes {} column(s) and was given {given}",
            self.name(),
            self.arguments()
        )))
    }
}

/// The field of the result: the first column's name and the expression's type.
pub(super) fn field(
    expression: &Expression,
    fields: &[FFI_ArrowSchema],
) -> Result<FFI_ArrowSchema, Failure> {
    expression.check_arguments(fields.len())?;
    for field in fields {
        polars_type::text(field, expression.name())?;
    }
    let name = fields.first().and_then(FFI_ArrowSchema::name).unwrap_or_default();
    abi::schema(name, &expression.kind())
}

/// The rows of the result.
pub(super) fn call(expression: &Expression, inputs: Vec<InputColumn>) -> Result<Column, Failure> {
    expression.check_arguments(inputs.len())?;
    let columns = inputs
        .into_iter()
        .map(|given| given.read(expression.name()))
        .collect::<Result<Vec<_>, _>>()?;
    let mut chunks = match (expression, columns.as_slice()) {
        (Expression::Similarity(measure, cutoff), [a, b]) => arrays(compare(
            a,
            b,
            |a, b| measure.chunked(a, b, *cutoff),
            |column, value| measure.chunked_with(column, value, *cutoff),
        )?),
        (Expression::Distance(measure, cutoff), [a, b]) => arrays(compare(
            a,
            b,
            |a, b| measure.chunked(a, b, *cutoff),
            |column, value| measure.chunked_with(column, value, *cutoff),
        )?),
        (Expression::Normalize(normalizer), [column, ..]) => {
            let work = || {
                normalize_chunks(&column.chunks, normalizer)
                    .map_err(|error| Error::input(error.to_string()))
            };
            threads::run(work)?.into_iter().map(as_views).collect()
        }
        _ => vec![],
    };
    if chunks.is_empty() {
        chunks.push(new_empty_array(&expression.kind()));
    }
    let name = columns.into_iter().next().map(|column| column.name).unwrap_or_default();
    Ok(Column { name, kind: expression.kind(), chunks })
}

fn arrays<A: Array + 'static>(chunks: Vec<A>) -> Vec<ArrayRef> {
    chunks.into_iter().map(|chunk| Arc::new(chunk) as ArrayRef).collect()
}

fn as_views(array: ArrayRef) -> ArrayRef {
    match array.as_string_opt::<i32>() {
        Some(texts) => Arc::new(StringViewArray::from(texts)),
        None => array,
    }
}

/// Compares columns row by row; one row beside many is a single value for all of them.
fn compare<T: Send>(
    a: &Column,
    b: &Column,
    rows: impl FnOnce(&[ArrayRef], &[ArrayRef]) -> lantern::matching::error::Result<T> + Send,
    with: impl FnOnce(&[ArrayRef], Option<&str>) -> lantern::matching::error::Result<T> + Send,
) -> Result<T, Failure> {
    let (left, right) = (a.rows(), b.rows());
    let scores = if left == right {
        threads::run(|| rows(&a.chunks, &b.chunks))
    } else if right == 1 {
        let value = b.first()?;
        threads::run(|| with(&a.chunks, value.as_deref()))
    } else if left == 1 {
        let value = a.first()?;
        threads::run(|| with(&b.chunks, value.as_deref()))
    } else {
        return Err(Failure::new(format!(
            "column {:?} has {left} rows and column {:?} has {right}; compare columns of one \
             table, or a column with a single value",
            a.name, b.name
        )));
    };
    Ok(scores?)
}

impl Column {
    fn rows(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }

    /// The string in the first row.
    fn first(&self) -> Result<Option<String>, Failure> {
        let Some(chunk) = self.chunks.iter().find(|chunk| !chunk.is_empty()) else {
            return Ok(None);
        };
        let row = text::of(&chunk.slice(0, 1))?;
        Ok(row.iter().next().flatten().map(str::to_owned))
    }
}
