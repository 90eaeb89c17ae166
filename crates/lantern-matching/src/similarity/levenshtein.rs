//! Levenshtein: the number of insertions, deletions and replacements that turn one string into the
//! other.
//!
//! `1 - d / max(m, n)`, and the distance `d` itself. Myers' bit-vector algorithm (1999) in the form
//! of Hyyrö ("A bit-vector algorithm for computing Levenshtein and Damerau edit distances", 2003),
//! in O(⌈m/64⌉ n) time and, within a distance of k, O(⌈k/64⌉ n). Equal to rapidfuzz's
//! `Levenshtein.normalized_similarity` and `.distance`.

use super::details::{
    kernel::{self, Kernel},
    measure::{self, Lengths, Measure},
};

/// The formula `1 - d / max(m, n)` over an edit distance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Normalized<K>(pub(crate) K);

impl<K: Kernel<Count = usize>> Measure for Normalized<K> {
    type Kernel = K;

    #[inline(always)]
    fn best(self, of: Lengths) -> f64 {
        self.score(of, of.a.abs_diff(of.b))
    }

    #[inline(always)]
    fn limit(self, of: Lengths, cutoff: f64) -> usize {
        most_edits(of.a.max(of.b), cutoff)
    }

    #[inline(always)]
    fn score(self, of: Lengths, distance: usize) -> f64 {
        1.0 - distance as f64 / of.a.max(of.b) as f64
    }
}

/// Maximum number of edits between strings of which the longer has `longer` characters for the
/// similarity to reach `cutoff`. It may be too high by one because of rounding.
pub(crate) fn most_edits(longer: usize, cutoff: f64) -> usize {
    ((1.0 - cutoff) * longer as f64) as usize + 1
}

/// The distance itself as a score that decreases with it: the cut-off is the negative maximum
/// distance, and a greater distance is given as the maximum plus one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Negative<K>(pub(crate) K);

impl<K: Kernel<Count = usize>> Measure for Negative<K> {
    type Kernel = K;
    const EQUAL: f64 = 0.0;
    const LEAST: f64 = f64::NEG_INFINITY;

    #[inline(always)]
    fn best(self, of: Lengths) -> f64 {
        self.score(of, of.a.abs_diff(of.b))
    }

    #[inline(always)]
    fn limit(self, _: Lengths, cutoff: f64) -> usize {
        -cutoff as usize
    }

    #[inline(always)]
    fn score(self, _: Lengths, distance: usize) -> f64 {
        -(distance as f64)
    }

    fn with_empty(self, of: Lengths) -> f64 {
        self.score(of, of.a.max(of.b))
    }

    fn rejected(self, cutoff: f64) -> f64 {
        cutoff - 1.0
    }
}

/// The cut-off of [`Negative`] for a maximum distance.
pub(crate) fn least_score(most: Option<u32>) -> f64 {
    most.map_or(f64::NEG_INFINITY, |most| -f64::from(most))
}

/// The distance that a score of [`Negative`] represents.
pub(crate) fn count(score: f64) -> u32 {
    -score as u32
}

type Formula = Normalized<kernel::Levenshtein>;

super::prepared::measure_api! {
    /// The normalized Levenshtein similarity of one string with many.
    Levenshtein, Formula, Normalized(kernel::Levenshtein)
}

/// The formula behind [`distance`].
pub(crate) const DISTANCE: Negative<kernel::Levenshtein> = Negative(kernel::Levenshtein);

/// The Levenshtein distance; if it is greater than `score_cutoff`, that plus one.
pub fn distance(a: &str, b: &str, score_cutoff: Option<u32>) -> u32 {
    count(measure::pair(DISTANCE, a, b, least_score(score_cutoff)))
}
