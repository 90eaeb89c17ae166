//! How good matches are, by pairs of which it is known whether they match.
//!
//! [`Truth`] is what is known, [`curve`] counts by threshold, [`clusters`] compares clusterings,
//! [`calibration`] compares confidences with shares, [`errors`] finds what went wrong and at what
//! cost, and [`blocking`] which share of the true pairs was compared. Intervals are Wilson's.

pub mod blocking;
pub mod calibration;
pub mod choose;
pub mod chosen;
pub mod clusters;
pub mod curve;
pub mod errors;
pub mod interval;
pub mod judged;
pub mod truth;

pub use self::{
    calibration::{Bin, Calibrated},
    chosen::Chosen,
    clusters::ClusterMeasures,
    curve::{Curve, Point},
    errors::{Costly, Mistake},
    interval::Interval,
    judged::judged,
    truth::Truth,
};
