//! Longest common subsequence: the largest number of characters that both strings have in the same
//! order.
//!
//! `lcs / max(m, n)`. Hyyrö's bit-vector algorithm ("Bit-parallel LCS-length computation
//! revisited", 2004), in O(⌈m/64⌉ n) time. Equal to rapidfuzz's `LCSseq.normalized_similarity`.

use super::details::{
    kernel,
    measure::{Lengths, Measure},
};

/// The formula.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LcsShare;

impl Measure for LcsShare {
    type Kernel = kernel::Lcs;

    #[inline(always)]
    fn best(self, of: Lengths) -> f64 {
        self.score(of, of.a.min(of.b))
    }

    #[inline(always)]
    fn limit(self, of: Lengths, cutoff: f64) -> usize {
        let longer = of.a.max(of.b);
        longer.saturating_sub(super::levenshtein::most_edits(longer, cutoff))
    }

    #[inline(always)]
    fn score(self, of: Lengths, common: usize) -> f64 {
        let longer = of.a.max(of.b);
        1.0 - (longer - common) as f64 / longer as f64
    }
}

super::prepared::measure_api! {
    /// The longest common subsequence of one string with many.
    Lcs, LcsShare, LcsShare
}
