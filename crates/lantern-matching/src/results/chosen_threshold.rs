//! A threshold that was chosen to reach a precision.

use serde::Serialize;

use crate::interval::Interval;

/// A threshold, and the precision that is expected for the matches above it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chosen {
    pub threshold: f64,
    pub precision: Interval,
    /// Number of labels at or above it.
    pub labels: u64,
}
