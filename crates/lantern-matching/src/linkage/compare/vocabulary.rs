//! The words of a field: which each value has, how much each tells, and which are spellings of one
//! another.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::{
    similarity::Distance,
    tables::{NULL, Texts, Values},
};

/// The most words of a value that are looked at.
const MOST_WORDS: usize = 16;
/// The longest word that is looked up with a letter left out.
const LONGEST: usize = 24;
/// The most spellings of a word that are followed.
const MOST_SPELLINGS: usize = 6;

/// The words of a field's values.
pub struct Vocabulary {
    pub words: Texts,
    /// The words of value `v` are `tokens[ends[v - 1]..ends[v]]`.
    tokens: Vec<u32>,
    ends: Vec<usize>,
    /// How many rows of the right have each word.
    pub counts: Vec<u32>,
    /// What each word tells, in bits: the logarithm of one in how many rows of the right has it.
    pub bits: Vec<f32>,
    /// More frequent words that each word may be a misspelling of: pairs, sorted by the first.
    spellings: Vec<(u32, u32)>,
    spelling_ends: Vec<usize>,
}

impl Vocabulary {
    pub fn of(values: &Values) -> Self {
        let mut words = Texts::default();
        let (mut tokens, mut ends) = (Vec::new(), Vec::with_capacity(values.texts.len()));
        let mut counts: Vec<u32> = Vec::new();
        for value in 0..values.texts.len() {
            #[expect(clippy::cast_possible_truncation, reason = "numbers of texts fit")]
            let text = values.texts.get(value as u32);
            let rows = values.right_counts[value];
            let begin = tokens.len();
            for word in text.split(' ').filter(|word| !word.is_empty()).take(MOST_WORDS) {
                let word = words.number(word);
                if counts.len() <= word as usize {
                    counts.push(0);
                }
                if !tokens[begin..].contains(&word) {
                    counts[word as usize] += rows;
                }
                tokens.push(word);
            }
            ends.push(tokens.len());
        }
        let rows = f64::from(values.right_known.max(1));
        #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
        let bits = counts
            .iter()
            .map(|&count| (rows / f64::from(count).max(0.5)).log2().max(0.0) as f32)
            .collect();
        let mut vocabulary = Self {
            words,
            tokens,
            ends,
            counts,
            bits,
            spellings: Vec::new(),
            spelling_ends: Vec::new(),
        };
        vocabulary.find_spellings();
        vocabulary
    }

    /// The words of a value, in order.
    pub fn tokens(&self, value: u32) -> &[u32] {
        if value == NULL {
            return &[];
        }
        let value = value as usize;
        let begin = if value == 0 { 0 } else { self.ends[value - 1] };
        &self.tokens[begin..self.ends[value]]
    }

    /// More frequent words that differ from `word` by a typing error.
    pub fn spellings(&self, word: u32) -> impl Iterator<Item = u32> {
        let word = word as usize;
        let begin = if word == 0 { 0 } else { self.spelling_ends[word - 1] };
        self.spellings[begin..self.spelling_ends[word]].iter().map(|&(_, other)| other)
    }

    /// Two words are a typing error apart if they are equal once at most one letter of each is
    /// left out: an insertion, a deletion, a substitution, a swap of neighbours.
    fn find_spellings(&mut self) {
        let state = FixedState::default();
        let count = self.words.len();
        let mut keys: Vec<(u64, u32)> = (0..count)
            .into_par_iter()
            .flat_map_iter(|word| {
                #[expect(clippy::cast_possible_truncation, reason = "numbers of texts fit")]
                let word = word as u32;
                let text = self.words.get(word);
                let mut keys = Vec::new();
                let letters = text.chars().count();
                if (4..=LONGEST).contains(&letters)
                    && !text.bytes().all(|byte| byte.is_ascii_digit())
                {
                    keys.push((state.hash_one(text), word));
                    let mut shorter = String::with_capacity(text.len());
                    for (at, letter) in text.char_indices() {
                        shorter.clear();
                        shorter.push_str(&text[..at]);
                        shorter.push_str(&text[at + letter.len_utf8()..]);
                        keys.push((state.hash_one(shorter.as_str()), word));
                    }
                }
                keys
            })
            .collect();
        keys.par_sort_unstable();
        let groups: Vec<&[(u64, u32)]> =
            keys.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1).collect();
        let mut found: Vec<(u32, u32)> = groups
            .par_iter()
            .flat_map_iter(|group| {
                let mut pairs = Vec::new();
                // A great group is one of very short remains; the most frequent words stand for it.
                let mut members: Vec<u32> = group.iter().map(|&(_, word)| word).collect();
                members.dedup();
                members.sort_unstable_by_key(|&word| std::cmp::Reverse(self.counts[word as usize]));
                for (rank, &word) in members.iter().enumerate() {
                    for &other in members[..rank].iter().take(MOST_SPELLINGS) {
                        if self.counts[other as usize] > self.counts[word as usize] / 4
                            && self.apart(word, other, 1)
                        {
                            pairs.push((word, other));
                            if self.counts[word as usize] * 4 > self.counts[other as usize] {
                                pairs.push((other, word));
                            }
                        }
                    }
                }
                pairs
            })
            .collect();
        found.par_sort_unstable();
        found.dedup();
        self.spelling_ends = Vec::with_capacity(count);
        let mut at = 0;
        let mut kept = Vec::with_capacity(found.len());
        for word in 0..count {
            let begin = at;
            while at < found.len() && found[at].0 as usize == word {
                at += 1;
            }
            let of = &mut found[begin..at];
            of.sort_unstable_by_key(|&(_, other)| std::cmp::Reverse(self.counts[other as usize]));
            kept.extend(of.iter().take(MOST_SPELLINGS).copied());
            self.spelling_ends.push(kept.len());
        }
        self.spellings = kept;
    }

    /// Whether two words are at most `most` typing errors apart.
    pub fn apart(&self, a: u32, b: u32, most: u32) -> bool {
        self.edits(a, b, most) <= most
    }

    /// The typing errors between two words; `most + 1` where they are more.
    pub fn edits(&self, a: u32, b: u32, most: u32) -> u32 {
        Distance::Osa.distance(self.words.get(a), self.words.get(b), Some(most))
    }
}
