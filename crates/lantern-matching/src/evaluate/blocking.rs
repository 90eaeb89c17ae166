//! Measures the share of the true pairs that was compared.

use super::truth::Truth;
use crate::{
    interval::Interval,
    results::{Matches, Method, pair::Explainer},
};

/// Maximum number of missed pairs that are checked.
const LOOKED_AT: usize = 1_000;

/// The share of true pairs that were compared; `None` if there are no true pairs.
///
/// Pairs that were found were compared, so only missed pairs are checked, at most a thousand of
/// them. Rules compare all pairs, unless matching is approximate.
pub fn recall(matches: &Matches, truth: &Truth) -> Option<Interval> {
    let all = truth.true_pairs();
    let hits =
        matches.all.iter().filter(|found| truth.is(found.left, found.right) == Some(true)).count();
    let missing = (all - hits as f64).max(0.0);
    if let Method::Rules(_) = matches.method {
        return Interval::of(matches.recall.unwrap_or(1.0) * all, all);
    }
    let missed = truth.missed(matches, LOOKED_AT);
    if missed.is_empty() {
        return Interval::of(all, all);
    }
    let compared = Explainer::of(matches).count_compared(&missed);
    let share = compared as f64 / missed.len() as f64;
    Interval::of(hits as f64 + share * missing, all)
}
