//! WRatio: the highest of several ratios, each weighted by how much of the texts it ignores.
//!
//! If the longer text has less than one and a half times the characters of the shorter, the highest
//! of the Indel ratio and 0.95 times the token sort and token set ratios. Otherwise the highest of
//! the Indel ratio and, times 0.9 (0.6 if one is more than eight times as long), the partial ratio
//! and 0.95 times the partial token sort and partial token set ratios. 0 if a string is empty. It
//! is symmetric, and as slow as its slowest part. Equal to rapidfuzz's `fuzz.WRatio` over 100.

use super::{
    details::{
        measure,
        text::Text,
        workspace::{self, Workspace},
    },
    indel, partial_ratio, partial_token_set, partial_token_sort, token_set, token_sort,
};

super::prepared::measure_api! {
    /// The WRatio of one string with many.
    WRatio, pairs
}

/// The weight of ratios over words, compared with the ratio of the whole texts.
const WORDS: f64 = 0.95;
/// From this ratio of lengths, the shorter text is compared with parts of the longer one.
const UNLIKE_LENGTHS: f64 = 1.5;
const VERY_UNLIKE_LENGTHS: f64 = 8.0;
/// The weights of ratios of parts, for texts of different and of very different lengths.
const PART: f64 = 0.9;
const SMALL_PART: f64 = 0.6;
/// Dividing a cut-off by a weight can miss it by less than this.
const ROUNDING: f64 = 1e-9;

/// The scores of pairs, row by row; the slices have equal lengths.
pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    measure::pairs(indel::FORMULA, left, right, cutoff, out);
    // Pairs of similar lengths are grouped, so that several are scored at once.
    let (mut rows, mut near_left, mut near_right) = (Vec::new(), Vec::new(), Vec::new());
    let mut far = Vec::new();
    for (row, (&a, &b)) in left.iter().zip(right).enumerate() {
        match part_weight(a.as_str(), b.as_str()) {
            Lengths::Empty => out[row] = 0.0,
            Lengths::Alike => {
                rows.push(row);
                near_left.push(a);
                near_right.push(b);
            }
            Lengths::Unlike(weight) => far.push((row, weight)),
        }
    }
    let needed = needed_from(cutoff, WORDS);
    let mut scores = vec![0.0; rows.len()];
    for pairs in [token_sort::pairs, token_set::pairs] {
        pairs(&near_left, &near_right, needed, &mut scores);
        for (row, score) in rows.iter().zip(&scores) {
            out[*row] = out[*row].max(score * WORDS);
        }
    }
    if !far.is_empty() {
        workspace::with(|workspace| {
            for (row, weight) in far {
                let (a, b) = (left[row].as_str(), right[row].as_str());
                out[row] = out[row].max(of_parts(a, b, weight, cutoff.max(out[row]), workspace));
            }
        });
    }
    for out in out {
        if *out < cutoff {
            *out = 0.0;
        }
    }
}

/// The score from which a ratio of this weight can reach `cutoff`.
fn needed_from(cutoff: f64, weight: f64) -> f64 {
    (cutoff / weight - ROUNDING).max(0.0)
}

/// The weighted ratios that compare the shorter text with parts of the longer one. Those that
/// cannot reach `floor` may be 0.
fn of_parts(a: &str, b: &str, weight: f64, floor: f64, workspace: &mut Workspace) -> f64 {
    let needed = needed_from(floor, weight);
    if needed > 1.0 {
        return 0.0;
    }
    let Workspace { encoder, scratch, .. } = workspace;
    let whole = partial_ratio::score(a, b, needed, encoder, scratch) * weight;
    let needed = needed_from(floor.max(whole), weight * WORDS);
    if needed > 1.0 {
        return whole;
    }
    let set = partial_token_set::score(a, b, needed, workspace);
    if set == 1.0 {
        return whole.max(WORDS * weight);
    }
    let sort = partial_token_sort::score(a, b, needed, workspace);
    whole.max(set.max(sort) * WORDS * weight)
}

enum Lengths {
    Empty,
    Alike,
    /// The weight of the ratio of a part.
    Unlike(f64),
}

fn part_weight(a: &str, b: &str) -> Lengths {
    if a.is_empty() || b.is_empty() {
        return Lengths::Empty;
    }
    let characters = |text: &str| text.chars().count() as f64;
    let (a, b) = (characters(a), characters(b));
    let ratio = a.max(b) / a.min(b);
    if ratio < UNLIKE_LENGTHS {
        Lengths::Alike
    } else if ratio <= VERY_UNLIKE_LENGTHS {
        Lengths::Unlike(PART)
    } else {
        Lengths::Unlike(SMALL_PART)
    }
}
