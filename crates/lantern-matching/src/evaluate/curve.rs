//! Precision, recall and F1 by threshold.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, UInt64Array};
use serde::Serialize;

use super::truth::Truth;
use crate::{error::Result, interval::Interval, results::Matches};

/// The measures at a threshold. Shares are `None` if nothing is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    pub threshold: f64,
    /// Number of matches of which it is known whether they are true.
    pub matches: u64,
    pub hits: u64,
    pub precision: Option<Interval>,
    pub recall: Option<Interval>,
    pub f1: Option<Interval>,
}

/// The points of a curve, in order of increasing threshold.
#[derive(Clone, Debug)]
pub struct Curve {
    pub points: Vec<Point>,
    /// The point at the threshold of the matches.
    pub at: Point,
}

impl Curve {
    /// A row for each threshold, with the interval of each measure.
    ///
    /// # Errors
    /// If the table cannot be made.
    pub fn table(&self) -> Result<RecordBatch> {
        let points = &self.points;
        let counts = |of: fn(&Point) -> u64| -> ArrayRef {
            Arc::new(UInt64Array::from_iter_values(points.iter().map(of)))
        };
        let shares = |of: fn(&Point) -> Option<Interval>, part: fn(Interval) -> f64| -> ArrayRef {
            Arc::new(points.iter().map(|point| of(point).map(part)).collect::<Float64Array>())
        };
        let thresholds = Float64Array::from_iter_values(points.iter().map(|of| of.threshold));
        let columns: [(&str, ArrayRef); 12] = [
            ("threshold", Arc::new(thresholds)),
            ("matches", counts(|point| point.matches)),
            ("hits", counts(|point| point.hits)),
            ("precision", shares(|point| point.precision, |of| of.value)),
            ("precision_low", shares(|point| point.precision, |of| of.low)),
            ("precision_high", shares(|point| point.precision, |of| of.high)),
            ("recall", shares(|point| point.recall, |of| of.value)),
            ("recall_low", shares(|point| point.recall, |of| of.low)),
            ("recall_high", shares(|point| point.recall, |of| of.high)),
            ("f1", shares(|point| point.f1, |of| of.value)),
            ("f1_low", shares(|point| point.f1, |of| of.low)),
            ("f1_high", shares(|point| point.f1, |of| of.high)),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}

/// Counts for each of the thresholds 0, 0.01 to 1 that is not below that of the matches. Below it,
/// nothing is known about the matches.
///
/// `judged` are all known matches, as [`judged`](super::judged) gives them.
pub fn curve(matches: &Matches, truth: &Truth, judged: &[(f64, bool)]) -> Curve {
    // Of the true pairs among the judged ones, how many have at least this place.
    let mut hits = vec![0_u64; judged.len() + 1];
    for at in (0..judged.len()).rev() {
        hits[at] = hits[at + 1] + u64::from(judged[at].1);
    }
    let at = |threshold: f64| {
        let begin = judged.partition_point(|&(confidence, _)| confidence < threshold);
        point(threshold, (judged.len() - begin) as u64, hits[begin], truth.true_pairs())
    };
    let points = (0..=100)
        .map(|step| f64::from(step) / 100.0)
        .filter(|&threshold| threshold >= matches.threshold)
        .map(&at)
        .collect();
    Curve { points, at: at(matches.threshold) }
}

fn point(threshold: f64, matches: u64, hits: u64, true_pairs: f64) -> Point {
    let (found, of) = (hits as f64, matches as f64);
    Point {
        threshold,
        matches,
        hits,
        precision: Interval::of(found, of),
        recall: Interval::of(found, true_pairs),
        f1: Interval::f1(found, of - found, (true_pairs - found).max(0.0)),
    }
}
