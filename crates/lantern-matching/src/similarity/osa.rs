//! Optimal string alignment: Levenshtein's edits, and swaps of two neighbours that are not edited
//! again. The distance of typing errors.
//!
//! `1 - d / max(m, n)`, and the distance `d` itself. Hyyrö ("A bit-vector algorithm for computing
//! Levenshtein and Damerau edit distances", 2003), in O(⌈m/64⌉ n) time and, within a distance of
//! k, O(⌈k/64⌉ n). Equal to rapidfuzz's `OSA.normalized_similarity` and `.distance`.

use super::{
    details::{kernel, measure},
    levenshtein::{Negative, Normalized, count, least_score},
};

type Formula = Normalized<kernel::Osa>;

super::prepared::measure_api! {
    /// The normalized optimal string alignment similarity of one string with many.
    Osa, Formula, Normalized(kernel::Osa)
}

/// The formula behind [`distance`].
pub(crate) const DISTANCE: Negative<kernel::Osa> = Negative(kernel::Osa);

/// The optimal string alignment distance; where it is greater than `score_cutoff`, that plus one.
pub fn distance(a: &str, b: &str, score_cutoff: Option<u32>) -> u32 {
    count(measure::pair(DISTANCE, a, b, least_score(score_cutoff)))
}
