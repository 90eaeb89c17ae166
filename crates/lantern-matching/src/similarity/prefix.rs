//! Longest common prefix: the share of two strings that is equal from the beginning.
//!
//! `p / max(m, n)`, in O(p) time after counting characters. Equal to rapidfuzz's
//! `Prefix.normalized_similarity`.

use super::details::{affix, text::Text};

super::prepared::measure_api! {
    /// The common prefix of one string with many.
    Prefix, pairs
}

/// The scores of pairs, row by row; the slices have equal lengths.
pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    left.iter().zip(right).zip(out).for_each(|((a, b), out)| *out = pair(a, b, cutoff));
}

fn pair(a: &str, b: &str, cutoff: f64) -> f64 {
    let mut bytes = affix::prefix(a.as_bytes(), b.as_bytes());
    // Two different characters may begin with the same bytes.
    while !a.is_char_boundary(bytes) {
        bytes -= 1;
    }
    let common = a[..bytes].chars().count();
    let rest = a[bytes..].chars().count().max(b[bytes..].chars().count());
    let longer = common + rest;
    let score = if longer == 0 { 1.0 } else { 1.0 - rest as f64 / longer as f64 };
    if score >= cutoff { score } else { 0.0 }
}
