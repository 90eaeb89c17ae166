//! Token sort: the Indel ratio of two texts after their words are sorted.
//!
//! It suits names whose parts may be in any order. Words are separated by Unicode white space,
//! sorted by scalar value, joined by single spaces, and compared by [`super::indel`]. Sorting takes
//! O(w log w) for w words, and comparing takes as long as Indel. Equal to rapidfuzz's
//! `fuzz.token_sort_ratio` over 100, including that U+0085 and U+00A0 separate words only in a text
//! with a character beyond Latin-1.

use super::{
    details::{
        codes::Pattern,
        measure::Scores,
        text::Text,
        tokens::Words,
        workspace::{self, Workspace},
    },
    indel,
    prepared::{self, Prepared},
};

super::prepared::measure_api! {
    /// The token sort ratio of one string with many.
    TokenSort: Sorted, Sorted::new, |a, b, cutoff| prepared::one(pairs, a, b, cutoff)
}

/// A pattern with sorted words.
#[derive(Debug)]
struct Sorted(Pattern);

impl Sorted {
    fn new(pattern: &str) -> Self {
        let (mut words, mut joined) = (Words::default(), String::new());
        words.read(pattern);
        Self(Pattern::new(words.join(pattern, &mut joined)))
    }
}

impl Prepared for Sorted {
    fn score(&self, text: &str, cutoff: f64) -> f64 {
        let mut out = [0.0];
        self.scores(&[text.into()], cutoff, &mut out);
        out[0]
    }

    fn scores(&self, texts: &[Text], cutoff: f64, out: &mut [f64]) {
        workspace::with(|workspace| {
            let Workspace { encoder, scratch, registers, .. } = workspace;
            let (words, joined) = (&mut workspace.words[0], &mut workspace.joined[0]);
            let [short, pattern] = &mut workspace.short_words;
            let [short_joined, pattern_joined] = &mut workspace.short_joined;
            let pattern_is_short = pattern.read(self.0.text());
            if pattern_is_short {
                pattern.join(pattern_joined);
            }
            let mut scores = Scores::new(indel::FORMULA, cutoff, registers, out);
            for (row, &text) in texts.iter().enumerate() {
                if pattern_is_short && short.read(text) {
                    short.join(short_joined);
                    scores.put_rooms(row, pattern_joined.room(), short_joined.room());
                    continue;
                }
                words.read(text.as_str());
                let text = words.join(text.as_str(), joined);
                if text == self.0.as_str() {
                    scores.equal(row);
                } else {
                    scores.put(row, self.0.with(text, encoder), scratch);
                }
            }
            scores.finish();
        });
    }
}

/// The scores of pairs, row by row; the slices have equal lengths.
pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    workspace::with(|workspace| {
        let Workspace { encoder, scratch, registers, .. } = workspace;
        let ([words, _], [joined_a, joined_b]) = (&mut workspace.words, &mut workspace.joined);
        let [short, other] = &mut workspace.short_words;
        let [short_joined, other_joined] = &mut workspace.short_joined;
        let mut scores = Scores::new(indel::FORMULA, cutoff, registers, out);
        for (row, (&a, &b)) in left.iter().zip(right).enumerate() {
            if short.read(a) && other.read(b) {
                short.join(short_joined);
                other.join(other_joined);
                scores.put_rooms(row, short_joined.room(), other_joined.room());
                continue;
            }
            words.read(a.as_str());
            let a = words.join(a.as_str(), joined_a);
            words.read(b.as_str());
            let b = words.join(b.as_str(), joined_b);
            if a == b {
                scores.equal(row);
            } else {
                scores.put(row, encoder.pair(a, b), scratch);
            }
        }
        scores.finish();
    });
}
