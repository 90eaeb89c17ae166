//! A threshold that was chosen to reach a precision.

use serde::Serialize;

use super::interval::Interval;

/// A threshold, and the precision that is expected from it on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chosen {
    pub threshold: f64,
    pub precision: Interval,
    /// How many labels are at or above it.
    pub labels: u64,
}
