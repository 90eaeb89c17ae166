//! Which share of the true pairs was compared at all.

use super::{interval::Interval, truth::Truth};
use crate::{
    results::pair::Explainer,
    results::{Matches, Method},
};

/// How many of the missed pairs are looked at.
const LOOKED_AT: usize = 1_000;

/// The share of true pairs that were compared; none where there is no true pair.
///
/// What was found was compared, so only missed pairs are looked at, at most a thousand of them. Rules
/// compare all pairs, except approximately.
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
