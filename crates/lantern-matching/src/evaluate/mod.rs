//! Evaluates matches by pairs of which it is known whether they match.
//!
//! [`Truth`] contains the known pairs, [`curve`] counts by threshold, [`clusters`] compares
//! clusterings, [`calibration`] compares confidences with shares, [`errors`] finds mistakes and
//! their cost, and [`blocking`] measures the share of the true pairs that was compared. Intervals
//! are Wilson's.

pub mod blocking;
pub mod calibration;
pub mod choose_threshold;
pub mod clusters;
pub mod curve;
pub mod errors;
pub mod labelled_matches;
pub mod truth;

pub use self::{
    calibration::{Bin, Calibrated},
    clusters::ClusterMeasures,
    curve::{Curve, Point},
    errors::{CostlyError, Mistake},
    labelled_matches::judged,
    truth::Truth,
};
pub use crate::{interval::Interval, results::chosen_threshold::Chosen};
