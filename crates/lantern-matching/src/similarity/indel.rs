//! Indel ratio: the number of insertions and deletions that turn one string into the other, in
//! relation to their lengths.
//!
//! `1 - d / (m + n)` with `d = m + n - 2 lcs`. Computed from the longest common subsequence with
//! Hyyrö's bit-vector algorithm ("Bit-parallel LCS-length computation revisited", 2004), in
//! O(⌈m/64⌉ n) time. Equal to rapidfuzz's `fuzz.ratio` over 100.

use super::details::{
    kernel::Lcs,
    measure::{Lengths, Measure},
};

/// The formula.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio;

impl Measure for Ratio {
    type Kernel = Lcs;

    #[inline(always)]
    fn best(self, of: Lengths) -> f64 {
        self.score(of, of.a.min(of.b))
    }

    #[inline(always)]
    fn limit(self, of: Lengths, cutoff: f64) -> usize {
        least_common(of.a + of.b, cutoff)
    }

    #[inline(always)]
    fn score(self, of: Lengths, common: usize) -> f64 {
        let both = of.a + of.b;
        1.0 - (both - 2 * common) as f64 / both as f64
    }
}

/// Minimum length of the common subsequence of two strings with `both` characters in total for
/// their ratio to reach `cutoff`. It may be too low by one because of rounding.
pub(crate) fn least_common(both: usize, cutoff: f64) -> usize {
    let edits = ((1.0 - cutoff) * both as f64) as usize + 1;
    both.saturating_sub(edits) / 2
}

super::prepared::measure_api! {
    /// The Indel ratio of one string with many.
    Indel, Ratio, Ratio
}
