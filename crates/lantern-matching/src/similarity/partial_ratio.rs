//! Partial ratio: how well the shorter string fits the best place of the longer one.
//!
//! The highest Indel ratio of the shorter string, with m characters, and any piece of m characters
//! of the longer one, or a shorter piece at its beginning or end. For strings of equal length it is
//! the higher value of both directions. Equal to rapidfuzz's `fuzz.partial_ratio` over 100.
//!
//! A string of up to 64 characters is compared at eight places at a time by vector instructions, in
//! O(m n) steps over eight (`details::windows`). A longer one is compared with all beginnings in
//! one pass and with all ends in another, in O(⌈m/64⌉ m). Between two pieces with known ratios,
//! others are only tried if they can be better: the common subsequence changes by at most one from
//! a place to the next.

use super::{
    details::{
        codes::{Code, Codes, Encoder, Pattern},
        strips::{self, Scratch},
        text::Text,
        windows::{self, Fit},
        workspace::{self, Workspace},
    },
    prepared::{self, Prepared},
};

super::prepared::measure_api! {
    /// The partial ratio of one string with many.
    PartialRatio: Piece, Piece::new, |a, b, cutoff| prepared::one(pairs, a, b, cutoff)
}

/// The string that is compared with many.
#[derive(Debug)]
struct Piece(Pattern);

impl Piece {
    fn new(pattern: &str) -> Self {
        Self(Pattern::new(pattern))
    }
}

impl Prepared for Piece {
    fn score(&self, text: &str, cutoff: f64) -> f64 {
        let mut out = [0.0];
        self.scores(&[text.into()], cutoff, &mut out);
        out[0]
    }

    fn scores(&self, texts: &[Text], cutoff: f64, out: &mut [f64]) {
        workspace::with(|Workspace { encoder, scratch, .. }| {
            for (text, out) in texts.iter().zip(out) {
                *out = cut(best(self.0.with(text, encoder), cutoff, scratch), cutoff);
            }
        });
    }
}

/// The scores of pairs, row by row; the slices have equal lengths.
pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    workspace::with(|Workspace { encoder, scratch, .. }| {
        for ((a, b), out) in left.iter().zip(right).zip(out) {
            *out = score(a.as_str(), b.as_str(), cutoff, encoder, scratch);
        }
    });
}

/// The score of one pair, for measures that use this one.
pub(super) fn score(
    a: &str,
    b: &str,
    cutoff: f64,
    encoder: &mut Encoder,
    scratch: &mut Scratch,
) -> f64 {
    let score = if a == b { 1.0 } else { best(encoder.pair(a, b), cutoff, scratch) };
    cut(score, cutoff)
}

fn cut(score: f64, cutoff: f64) -> f64 {
    if score >= cutoff { score } else { 0.0 }
}

fn best(codes: Codes<'_>, cutoff: f64, scratch: &mut Scratch) -> f64 {
    match codes {
        Codes::Bytes(a, b) => {
            let (piece, text) = if a.len() <= b.len() { (a, b) } else { (b, a) };
            if !piece.is_empty() && piece.len() <= windows::MOST {
                let mut fit = Fit::at_least(cutoff);
                windows::best(piece, text, &mut fit, &mut scratch.windows);
                if piece.len() == text.len() {
                    windows::best(text, piece, &mut fit, &mut scratch.windows);
                }
                return fit.score();
            }
            best_of_long(piece, text, 256, cutoff, scratch)
        }
        Codes::Wide(a, b, codes) => {
            let (piece, text) = if a.len() <= b.len() { (a, b) } else { (b, a) };
            best_of_long(piece, text, codes, cutoff, scratch)
        }
    }
}

fn best_of_long<C: Code>(
    piece: &[C],
    text: &[C],
    codes: usize,
    cutoff: f64,
    scratch: &mut Scratch,
) -> f64 {
    if piece.is_empty() {
        return if text.is_empty() { 1.0 } else { 0.0 };
    }
    let mut fit = Fit::at_least(cutoff);
    one_way(piece, text, codes, &mut fit, scratch);
    if piece.len() == text.len() {
        one_way(text, piece, codes, &mut fit, scratch);
    }
    fit.score()
}

/// Compares `piece` with all places of `text`, which is at least as long.
fn one_way<C: Code>(piece: &[C], text: &[C], codes: usize, fit: &mut Fit, scratch: &mut Scratch) {
    let (m, n) = (piece.len(), text.len());
    let beginning = text[..m].iter().copied();
    let first = grown(m, strips::lcs_growth(piece, beginning, codes, scratch), fit);
    // In the reversed text, ends are beginnings.
    let backwards: Vec<C> = piece.iter().rev().copied().collect();
    let end = text[n - m..].iter().rev().copied();
    let last = grown(m, strips::lcs_growth(&backwards, end, codes, scratch), fit);

    // Places between two places whose common subsequences are known.
    let mut between = vec![((0, first), (n - m, last))];
    while let Some(((from, at_from), (to, at_to))) = between.pop() {
        let most = (at_from + at_to + (to - from)) / 2;
        if to - from < 2 || !fit.would_improve(most.min(m), 2 * m) {
            continue;
        }
        let middle = from + (to - from) / 2;
        let common = strips::lcs(piece, &text[middle..middle + m], codes, 0, scratch);
        fit.improve(common, 2 * m);
        let halves = [((from, at_from), (middle, common)), ((middle, common), (to, at_to))];
        // The better half is searched first, so it is pushed last.
        between.extend(if at_from > at_to { [halves[1], halves[0]] } else { halves });
    }
}

/// Records the ratios of the beginnings of a text, and returns the common subsequence with the
/// whole text.
fn grown(m: usize, growth: &[u8], fit: &mut Fit) -> usize {
    let mut common = 0;
    for (read, &more) in growth.iter().enumerate() {
        common += usize::from(more);
        fit.improve(common, m + read + 1);
    }
    common
}
