//! Optimal string alignment: Levenshtein's edits, and swaps of two neighbours that are not edited
//! again. It is the usual distance for typing errors.
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

/// Up to this maximum distance, the few ways to spend the edits are tried one by one.
const FEW: u32 = 2;

/// The optimal string alignment distance; if it is greater than `score_cutoff`, that plus one.
pub fn distance(a: &str, b: &str, score_cutoff: Option<u32>) -> u32 {
    match score_cutoff {
        Some(most) if most <= FEW && a.is_ascii() && b.is_ascii() => {
            within(a.as_bytes(), b.as_bytes(), most)
        }
        _ => count(measure::pair(DISTANCE, a, b, least_score(score_cutoff))),
    }
}

/// The distance if it is at most `most`, otherwise `most` plus one.
///
/// A common beginning or end needs no edit. If the first letters differ, one of four edits is
/// needed: after at most two of them the answer is known, and most words differ sooner.
fn within(a: &[u8], b: &[u8], most: u32) -> u32 {
    let begin = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[begin..], &b[begin..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let longer = a.len().max(b.len());
    if a.is_empty() || b.is_empty() || longer == 1 {
        return u32::try_from(longer).unwrap_or(u32::MAX).min(most + 1);
    }
    if most == 0 || a.len().abs_diff(b.len()) > most as usize {
        return most + 1;
    }
    let left = most - 1;
    let mut least = within(&a[1..], &b[1..], left);
    if a.len() >= b.len() {
        least = least.min(within(&a[1..], b, left));
    }
    if b.len() >= a.len() {
        least = least.min(within(a, &b[1..], left));
    }
    if let ([first, second, ..], [third, fourth, ..]) = (a, b)
        && first == fourth
        && second == third
    {
        least = least.min(within(&a[2..], &b[2..], left));
    }
    least + 1
}
