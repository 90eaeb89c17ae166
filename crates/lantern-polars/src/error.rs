//! What Polars fails with, as errors of `lantern`.

use lantern::error::Error;
use polars::error::PolarsError;

/// A frame that Polars cannot compute.
pub(crate) fn uncomputed(error: PolarsError) -> Error {
    Error::input(format!("the frame cannot be computed: {error}")).caused_by(error)
}

/// Columns that Polars cannot make a frame of.
pub(crate) fn no_frame(error: PolarsError) -> Error {
    Error::input(format!("the DataFrame cannot be made: {error}")).caused_by(error)
}
