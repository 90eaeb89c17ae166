//! Partial token sort: the partial ratio of two texts after their words are sorted.
//!
//! Words are defined as in [`super::token_sort`], and compared as in [`super::partial_ratio`], in
//! the same time. Equal to rapidfuzz's `fuzz.partial_token_sort_ratio` over 100.

use super::{
    details::{
        text::Text,
        workspace::{self, Workspace},
    },
    partial_ratio,
};

super::prepared::measure_api! {
    /// The partial token sort ratio of one string with many.
    PartialTokenSort, pairs
}

/// The scores of pairs, row by row; the slices have equal lengths.
pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    workspace::each(left, right, out, |a, b, workspace| score(a, b, cutoff, workspace));
}

/// The score of one pair.
pub(super) fn score(a: &str, b: &str, cutoff: f64, workspace: &mut Workspace) -> f64 {
    let Workspace {
        encoder, scratch, words: [words_a, words_b], joined: [joined_a, joined_b], ..
    } = workspace;
    words_a.read(a);
    words_b.read(b);
    let (a, b) = (words_a.join(a, joined_a), words_b.join(b, joined_b));
    partial_ratio::score(a, b, cutoff, encoder, scratch)
}
