//! Finds mistakes, the most costly first.

use serde::Serialize;

use super::truth::Truth;
use crate::{
    error::Result,
    results::{Explanation, Matches, pair::Explainer},
};

/// Maximum number of missed pairs whose cost is computed.
const WEIGHED: usize = 5_000;
/// Confidences closer to 0 and 1 do not cost more.
const LEAST: f64 = 1e-6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mistake {
    /// A match that is not true.
    FalseMatch,
    /// A true pair that was not found.
    MissedMatch,
}

impl Mistake {
    pub fn name(self) -> &'static str {
        match self {
            Self::FalseMatch => "false_match",
            Self::MissedMatch => "missed_match",
        }
    }
}

/// A mistake, its cost, and why it was made.
#[derive(Clone, Debug)]
pub struct CostlyError {
    pub mistake: Mistake,
    /// How surprising the truth is, given the confidence, in bits (log loss).
    pub cost: f64,
    pub explanation: Explanation,
}

/// The `count` most costly mistakes.
///
/// # Errors
/// If a pair cannot be explained.
pub fn costly(matches: &Matches, truth: &Truth, count: usize) -> Result<Vec<CostlyError>> {
    let explainer = Explainer::of(matches);
    let mut wrong: Vec<(f64, Mistake, u32, u32)> = matches
        .all
        .iter()
        .filter(|found| truth.is(found.left, found.right) == Some(false))
        .map(|found| {
            let cost = -(1.0 - found.confidence).max(LEAST).log2();
            (cost, Mistake::FalseMatch, found.left, found.right)
        })
        .collect();
    let missed = truth.missed(matches, WEIGHED).into_iter().map(|(left, right)| {
        let cost = -explainer.confidence(left, right).max(LEAST).log2();
        (cost, Mistake::MissedMatch, left, right)
    });
    wrong.extend(missed);
    wrong.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.2, a.3).cmp(&(b.2, b.3))));
    wrong
        .into_iter()
        .take(count)
        .map(|(cost, mistake, left, right)| {
            Ok(CostlyError { mistake, cost, explanation: explainer.pair(left, right)? })
        })
        .collect()
}
