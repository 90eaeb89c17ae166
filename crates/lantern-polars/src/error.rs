//! What Polars fails with, as errors of `lantern`.

use lantern::{
    error::{Advice, Error},
    tabular::suggestion::nearest,
};
use polars::error::PolarsError;

/// How many columns an error lists.
const LISTED: usize = 20;

/// A frame that Polars cannot compute.
pub(crate) fn uncomputed(error: PolarsError) -> Error {
    Error::input(format!("the frame cannot be computed: {error}")).caused_by(error)
}

/// Columns that Polars cannot make a frame of.
pub(crate) fn no_frame(error: PolarsError) -> Error {
    Error::input(format!("the DataFrame cannot be made: {error}")).caused_by(error)
}

/// A column that a frame does not have.
pub(crate) fn no_column(name: &str, columns: &[&str]) -> Error {
    let listed: Vec<_> = columns.iter().take(LISTED).map(|name| format!("{name:?}")).collect();
    let more = if columns.len() > LISTED { ", ..." } else { "" };
    let happened = format!("the frame has no column {name:?}; it has {}{more}", listed.join(", "));
    let error = Error::input(happened).with_column(name);
    match nearest(name, columns.iter().copied()) {
        Some(near) => error.advise(Advice::text(format!("did you mean {near:?}?"))),
        None => error,
    }
}
