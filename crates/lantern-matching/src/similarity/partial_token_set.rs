//! Partial token set: whether two texts share a word, and otherwise how well the words of the
//! shorter text fit into those of the longer one.
//!
//! 1 if a word is shared, 0 if a side has no words; otherwise the partial ratio of the sorted words
//! of both sides without duplicates. Words are defined as in [`super::token_sort`], and compared as
//! in [`super::partial_ratio`], in the same time. Equal to rapidfuzz's
//! `fuzz.partial_token_set_ratio` over 100.

use super::{
    details::{
        text::Text,
        tokens,
        workspace::{self, Workspace},
    },
    partial_ratio,
};

super::prepared::measure_api! {
    /// The partial token set ratio of one string with many.
    PartialTokenSet, pairs
}

/// The scores of pairs, row by row; the slices have equal lengths.
pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    workspace::each(left, right, out, |a, b, workspace| score(a, b, cutoff, workspace));
}

/// The score of one pair.
pub(super) fn score(a: &str, b: &str, cutoff: f64, workspace: &mut Workspace) -> f64 {
    let Workspace { encoder, scratch, words: [words_a, words_b], joined: [only_a, only_b], .. } =
        workspace;
    words_a.read(a);
    words_b.read(b);
    if words_a.is_empty() || words_b.is_empty() {
        return 0.0;
    }
    if tokens::split((a, words_a), (b, words_b), only_a, only_b).words > 0 {
        return 1.0;
    }
    partial_ratio::score(only_a, only_b, cutoff, encoder, scratch)
}
