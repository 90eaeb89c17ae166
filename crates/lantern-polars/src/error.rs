//! Converts errors of Polars into errors of `lantern`.

use lantern::error::Error;
use polars::error::PolarsError;

/// The error for a frame that Polars cannot compute.
pub(crate) fn uncomputed(error: PolarsError) -> Error {
    Error::input(format!("the frame cannot be computed: {error}")).caused_by(error)
}

/// The error for columns from which Polars cannot build a frame.
pub(crate) fn no_frame(error: PolarsError) -> Error {
    Error::input(format!("the DataFrame cannot be built: {error}")).caused_by(error)
}
