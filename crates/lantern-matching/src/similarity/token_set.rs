//! Token set: the similarity of two texts as sets of words, of which one may have words that the
//! other lacks.
//!
//! With the shared words `s` and each side's own words `x` and `y`, the highest Indel ratio among
//! `s` and `s x`, `s` and `s y`, `s x` and `s y`; 1 if one side has no words of its own and some
//! are shared, 0 if a side has no words at all. Only `x` and `y` have to be compared, in O(⌈|x|/64⌉
//! |y|). Equal to rapidfuzz's `fuzz.token_set_ratio` over 100; words are defined as in
//! [`super::token_sort`].

use super::{
    details::{
        codes::{Codes, Encoder},
        kernel::{Kernel, Lcs},
        queue::{self, Queue, Registers},
        short_words::{self, Joined, ShortWords},
        strips::Scratch,
        text::Text,
        tokens::{self, Words},
        workspace::{self, Workspace},
    },
    indel::least_common,
    prepared::{self, Prepared},
};

super::prepared::measure_api! {
    /// The token set ratio of one string with many.
    TokenSet: Sorted, Sorted::new, |a, b, cutoff| prepared::one(pairs, a, b, cutoff)
}

/// A pattern with its words.
#[derive(Debug)]
struct Sorted {
    text: String,
    words: Words,
}

impl Sorted {
    fn new(pattern: &str) -> Self {
        let mut words = Words::default();
        words.read(pattern);
        Self { text: pattern.to_owned(), words }
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
            let Workspace { encoder, scratch, registers, joined, .. } = workspace;
            let (words, short_joined) = (&mut workspace.words[0], &mut workspace.short_joined);
            let [short, pattern] = &mut workspace.short_words;
            let pattern_is_short = pattern.read(self.text.as_str().into());
            let mut scores = Scores::new(cutoff, registers, out);
            for (row, text) in texts.iter().enumerate() {
                if pattern_is_short && short.read(*text) {
                    scores.put_short(row, pattern, short, short_joined);
                    continue;
                }
                words.read(text);
                let (a, b) = ((self.text.as_str(), &self.words), (text.as_str(), &*words));
                scores.put(row, a, b, joined, encoder, scratch);
            }
            scores.finish();
        });
    }
}

/// The scores of pairs, row by row; the slices have equal lengths.
pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    workspace::with(|workspace| {
        let Workspace { encoder, scratch, registers, joined, short_joined, .. } = workspace;
        let [words_a, words_b] = &mut workspace.words;
        let [short_a, short_b] = &mut workspace.short_words;
        let mut scores = Scores::new(cutoff, registers, out);
        for (row, (a, b)) in left.iter().zip(right).enumerate() {
            if short_a.read(*a) && short_b.read(*b) {
                scores.put_short(row, short_a, short_b, short_joined);
                continue;
            }
            words_a.read(a);
            words_b.read(b);
            scores.put(row, (a.as_str(), words_a), (b.as_str(), words_b), joined, encoder, scratch);
        }
        scores.finish();
    });
}

/// The parts of a score other than the common subsequence of both sides' own words.
#[derive(Debug, Clone, Copy, Default)]
struct Parts {
    row: usize,
    /// Number of characters of each side's own words, and of the shared words with the space after
    /// them.
    a: usize,
    b: usize,
    shared: usize,
    /// The higher ratio of the shared words with all words of one side.
    without: f64,
}

impl Parts {
    /// The parts for own words of `a` and `b` characters and shared words of `shared` characters (0
    /// if there are none); or the score, if comparing the own words cannot change it.
    #[inline(always)]
    fn new(row: usize, a: usize, b: usize, shared: usize, cutoff: f64) -> Result<Self, f64> {
        let mut parts = Self { row, a, b, shared: 0, without: 0.0 };
        if shared > 0 {
            parts.shared = shared + 1;
            // The side with fewer characters has the higher ratio.
            let own = a.min(b);
            parts.without = ratio(1 + own, 2 * shared + 1 + own);
        }
        // The common subsequence of the words cannot be longer than the shorter side.
        let best = parts.score(a.min(b));
        if best <= parts.without || best < cutoff { Err(parts.without) } else { Ok(parts) }
    }

    fn score(self, common: usize) -> f64 {
        ratio(self.a + self.b - 2 * common, self.both()).max(self.without)
    }

    fn both(self) -> usize {
        self.a + self.b + 2 * self.shared
    }
}

fn ratio(edits: usize, characters: usize) -> f64 {
    1.0 - edits as f64 / characters as f64
}

struct Scores<'o> {
    cutoff: f64,
    queue: Queue<'o, Parts>,
    out: &'o mut [f64],
}

impl<'o> Scores<'o> {
    fn new(cutoff: f64, registers: &'o mut Registers, out: &'o mut [f64]) -> Self {
        Self { cutoff, queue: Queue::new(registers), out }
    }

    fn put(
        &mut self,
        row: usize,
        a: (&str, &Words),
        b: (&str, &Words),
        [only_a, only_b]: &mut [String; 2],
        encoder: &mut Encoder,
        scratch: &mut Scratch,
    ) {
        let Self { cutoff, queue, out } = self;
        let cut = |score: f64| if score >= *cutoff { score } else { 0.0 };
        if a.1.is_empty() || b.1.is_empty() {
            out[row] = 0.0;
            return;
        }
        let shared = tokens::split(a, b, only_a, only_b);
        if shared.words > 0 && (only_a.is_empty() || only_b.is_empty()) {
            out[row] = cut(1.0);
            return;
        }
        let codes = encoder.pair(only_a, only_b);
        let (a, b) = match codes {
            Codes::Bytes(a, b) => (a.len(), b.len()),
            Codes::Wide(a, b, _) => (a.len(), b.len()),
        };
        let parts = match Parts::new(row, a, b, shared.characters, *cutoff) {
            Ok(parts) => parts,
            Err(score) => {
                out[row] = cut(score);
                return;
            }
        };
        let least = || {
            let floor = cutoff.max(parts.without);
            least_common(parts.both(), floor).saturating_sub(parts.shared)
        };
        match codes {
            Codes::Bytes(a, b) if a.len().max(b.len()) <= queue::MOST => {
                queue.stage(a, b);
                self.take(parts);
            }
            Codes::Bytes(a, b) => {
                out[row] = cut(parts.score(Lcs::long(a, b, 256, least(), scratch)));
            }
            Codes::Wide(a, b, codes) => {
                out[row] = cut(parts.score(Lcs::long(a, b, codes, least(), scratch)));
            }
        }
    }

    /// Adds a pair of short texts.
    #[inline(always)]
    fn put_short(
        &mut self,
        row: usize,
        a: &ShortWords,
        b: &ShortWords,
        [only_a, only_b]: &mut [Joined; 2],
    ) {
        let cutoff = self.cutoff;
        let cut = |score: f64| if score >= cutoff { score } else { 0.0 };
        if a.is_empty() || b.is_empty() {
            self.out[row] = 0.0;
            return;
        }
        let (characters, words) = short_words::split(a, b, only_a, only_b);
        if words > 0 && (only_a.is_empty() || only_b.is_empty()) {
            self.out[row] = cut(1.0);
            return;
        }
        let (a, b) = (only_a.room(), only_b.room());
        match Parts::new(row, a.1, b.1, characters, cutoff) {
            Ok(parts) => {
                self.queue.stage_rooms(a, b);
                self.take(parts);
            }
            Err(score) => self.out[row] = cut(score),
        }
    }

    /// Adds the pair that was staged.
    #[inline(always)]
    fn take(&mut self, parts: Parts) {
        let Self { cutoff, queue, out } = self;
        queue.take::<Lcs>(parts, |parts, common| write_scores(*cutoff, parts, common, out));
    }

    fn finish(self) {
        let Self { cutoff, queue, out } = self;
        queue.finish::<Lcs>(|parts, common| write_scores(cutoff, parts, common, out));
    }
}

#[inline(always)]
fn write_scores(cutoff: f64, parts: &[Parts], common: &[usize], out: &mut [f64]) {
    for (parts, &common) in parts.iter().zip(common) {
        let score = parts.score(common);
        out[parts.row] = if score >= cutoff { score } else { 0.0 };
    }
}
