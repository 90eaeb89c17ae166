//! The words of a field: which words each value has, how rare each is, and which are spellings of
//! another.

use std::{collections::HashMap, hash::BuildHasher};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::{
    numbers::{self, Number},
    segment,
};
use crate::{
    script,
    similarity::Distance,
    tables::{Comparison, Kind, NULL, Texts, Values},
};

/// Words that acronyms leave out.
const SMALL_WORDS: [&str; 24] = [
    "of", "and", "for", "the", "in", "on", "at", "to", "de", "del", "des", "du", "la", "le", "les",
    "et", "y", "e", "der", "die", "das", "und", "fur", "fuer",
];

/// Maximum number of words of a value. Further words are ignored.
const MOST_WORDS: usize = 32;
/// Maximum number of letters of a word whose misspellings are found by leaving out a letter. Those
/// of longer words are found by their halves.
const LONGEST: usize = 24;
/// Maximum number of spellings of a word.
const MOST_SPELLINGS: usize = 6;
/// Maximum number of words with the same half that are compared with each other.
const MOST_OF_A_HALF: usize = 64;
/// The weight of a token that overlaps its neighbours, compared with that of a word.
const OF_AN_OVERLAP: f32 = 0.6;
/// The number of neighbours of a typing error that are assumed before any is seen.
const NEIGHBOURS: f32 = 1.0;
/// Minimum number of letters of an acronym.
const SHORTEST_ACRONYM: usize = 3;

/// Words of legal forms that are often misspelled.
const FORMS: [&str; 22] = [
    "incorporated",
    "corporation",
    "limited",
    "company",
    "holding",
    "holdings",
    "gmbh",
    "corp",
    "inc",
    "llc",
    "ltd",
    "plc",
    "llp",
    "sarl",
    "sas",
    "srl",
    "spa",
    "pty",
    "pte",
    "aps",
    "bv",
    "sl",
];
/// Maximum number of letters of a word that may be one of them.
const LONGEST_FORM: usize = 14;

/// Whether a word is a legal form, perhaps misspelled.
fn is_form(text: &str) -> bool {
    (2..=LONGEST_FORM).contains(&text.len())
        && FORMS.iter().any(|form| {
            // A form of three letters with one wrong letter is another word.
            let most = u32::from(form.len() > 3) + u32::from(form.len() > 5);
            text.len().abs_diff(form.len()) <= 1
                && Distance::Osa.distance(text, form, Some(most)) <= most
        })
}

/// A word as letters.
struct Shape {
    letters: u16,
    /// Minimum number of letters of a word that may have a typing error.
    least: u8,
    /// The letters that it contains, one bit each. Several letters may have the same bit.
    present: u64,
}

impl Shape {
    fn of(word: &str) -> Self {
        Self {
            letters: u16::try_from(script::letters(word)).unwrap_or(u16::MAX),
            least: u8::try_from(script::least_for_an_error(word)).unwrap_or(u8::MAX),
            present: word.chars().fold(0, |all, letter| all | 1 << (u32::from(letter) % 64)),
        }
    }
}

/// The words of a field's values.
pub struct Vocabulary {
    pub words: Texts,
    /// The words of value `v` are `tokens[ends[v - 1]..ends[v]]`.
    tokens: Vec<u32>,
    ends: Vec<usize>,
    /// The number of right rows with each word.
    pub counts: Vec<u32>,
    /// The rarity of each word on the right, in bits: 10 for one in 1,024 rows.
    pub bits: Vec<f32>,
    /// The letters of each word, which make comparing two words faster.
    shapes: Vec<Shape>,
    /// The number that each word stands for, if values are compared by words.
    numbers: Vec<Option<Number>>,
    /// Whether each word may be a legal form, if values are compared by words.
    forms: Vec<bool>,
    /// Whether each word is in both tables; in one table, whether two rows have it.
    shared: Vec<bool>,
    /// For each value, the number of right values that extend it by one word.
    longer: Vec<u32>,
    /// Whether the right table is the left one.
    one_table: bool,
    /// The number of right rows with a value.
    rows: f32,
    /// Whether values are titles or descriptions, for which a few common words are evidence.
    pub free: bool,
    /// Whether values are names of companies and their sites, for which a few common words are
    /// evidence unless the numbers differ.
    pub sites: bool,
    /// For each value, the word that is its acronym, if there is one.
    acronyms: Vec<u32>,
    /// Pairs of a word and a more frequent word of which it may be a misspelling, sorted.
    spellings: Vec<(u32, u32)>,
    spelling_ends: Vec<usize>,
    /// The mean number of other right words that are one typing error from a right word.
    neighbours: f32,
}

impl Vocabulary {
    pub fn of(values: &Values, kind: Kind) -> Self {
        let mut vocabulary = Self {
            words: Texts::default(),
            tokens: Vec::new(),
            ends: Vec::with_capacity(values.texts.len()),
            counts: Vec::new(),
            bits: Vec::new(),
            shapes: Vec::new(),
            numbers: Vec::new(),
            forms: Vec::new(),
            shared: Vec::new(),
            longer: Vec::new(),
            one_table: std::sync::Arc::ptr_eq(&values.left, &values.right),
            rows: values.right_known.max(1) as f32,
            free: kind == Kind::Text,
            sites: false,
            acronyms: Vec::new(),
            spellings: Vec::new(),
            spelling_ends: Vec::new(),
            neighbours: 0.0,
        };
        let overlaps = vocabulary.read(values, kind);
        vocabulary.shapes = (0..vocabulary.words.len())
            .map(|word| Shape::of(vocabulary.words.get(u32::try_from(word).unwrap_or(NULL))))
            .collect();
        if kind.comparison() == Comparison::Words {
            let of = |word: usize| {
                numbers::number(vocabulary.words.get(u32::try_from(word).unwrap_or(NULL)))
            };
            vocabulary.numbers = (0..vocabulary.words.len()).map(of).collect();
            let is_form = |word: usize| {
                let text = vocabulary.words.get(u32::try_from(word).unwrap_or(NULL));
                vocabulary.numbers[word].is_none() && is_form(text)
            };
            vocabulary.forms = (0..vocabulary.words.len()).map(is_form).collect();
            vocabulary.count_longer(values);
            if kind != Kind::Street {
                vocabulary.find_acronyms(values);
            }
        }
        let rows = f64::from(values.right_known.max(1));
        #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
        let bits = vocabulary
            .counts
            .iter()
            .zip(&overlaps)
            .map(|(&count, &overlaps)| {
                let bits = (rows / f64::from(count).max(0.5)).log2().max(0.0) as f32;
                if overlaps { bits * OF_AN_OVERLAP } else { bits }
            })
            .collect();
        vocabulary.bits = bits;
        vocabulary.find_spellings();
        vocabulary
    }

    /// Reads the words of all values. Returns for each word whether it overlaps its neighbours.
    fn read(&mut self, values: &Values, kind: Kind) -> Vec<bool> {
        let mut overlaps: Vec<bool> = Vec::new();
        let mut left_rows = vec![0_u32; values.texts.len()];
        let alone = self.one_table;
        if !alone {
            for &value in values.left.iter().filter(|&&value| value != NULL) {
                left_rows[value as usize] += 1;
            }
        }
        let mut lefts: Vec<u32> = Vec::new();
        let mut quantity = String::new();
        for (value, &left) in left_rows.iter().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "numbers of texts fit")]
            let text = values.texts.get(value as u32);
            let rows = values.right_counts[value];
            let begin = self.tokens.len();
            let Self { words, tokens, counts, .. } = self;
            segment::words(text, |token| {
                if tokens.len() - begin >= MOST_WORDS {
                    return;
                }
                // `32 gb` and `32gb` are one token.
                let before = tokens[begin..].last().map_or("", |&word| words.get(word));
                let word = if kind == Kind::Text && segment::is_quantity(before, token.text) {
                    quantity.clear();
                    quantity.push_str(before);
                    quantity.push_str(token.text);
                    if let Some(number) = tokens.pop()
                        && !tokens[begin..].contains(&number)
                    {
                        counts[number as usize] -= rows;
                        lefts[number as usize] -= left;
                    }
                    words.number(&quantity)
                } else {
                    words.number(token.text)
                };
                if counts.len() <= word as usize {
                    counts.push(0);
                    lefts.push(0);
                    overlaps.push(token.overlaps);
                }
                if !tokens[begin..].contains(&word) {
                    counts[word as usize] += rows;
                    lefts[word as usize] += left;
                }
                tokens.push(word);
            });
            self.ends.push(self.tokens.len());
        }
        self.shared = self
            .counts
            .iter()
            .zip(&lefts)
            .map(|(&right, &left)| if alone { right > 1 } else { right > 0 && left > 0 })
            .collect();
        overlaps
    }

    /// Counts the values that extend another value by a word: a bank has branches, and a holding
    /// has subsidiaries.
    fn count_longer(&mut self, values: &Values) {
        let state = FixedState::default();
        let key = |words: &[u32]| state.hash_one(words);
        let mut counts: HashMap<u64, u32, FixedState> = HashMap::default();
        let all = 0..u32::try_from(values.texts.len()).unwrap_or(NULL);
        for value in all.clone().filter(|&value| values.right_counts[value as usize] > 0) {
            if let [shorter @ .., _] = self.tokens(value)
                && !shorter.is_empty()
            {
                *counts.entry(key(shorter)).or_default() += 1;
            }
        }
        self.longer =
            all.map(|value| counts.get(&key(self.tokens(value))).copied().unwrap_or(0)).collect();
    }

    /// Whether several right values extend this one by one word.
    pub fn is_of_a_family(&self, value: u32) -> bool {
        self.longer.get(value as usize).is_some_and(|&count| count > 1)
    }

    /// Whether a value is the name of the parent of a family of companies. In one table it stands
    /// beside the names of the others, and is not a shortened form of any of them.
    pub fn is_parent(&self, value: u32) -> bool {
        self.one_table && self.is_of_a_family(value)
    }

    /// Maximum evidence, in bits, that a value is the shortened name of one of a family: any other
    /// one may be meant as well.
    pub fn family_bits(&self, value: u32) -> f32 {
        match self.longer.get(value as usize) {
            Some(&count) if count > 1 => (self.rows / (count - 1) as f32).log2(),
            _ => f32::INFINITY,
        }
    }

    /// Finds the values whose acronym is a word of another value.
    fn find_acronyms(&mut self, values: &Values) {
        self.acronyms = vec![NULL; values.texts.len()];
        let (mut all, mut telling) = (String::new(), String::new());
        for value in 0..values.texts.len() {
            #[expect(clippy::cast_possible_truncation, reason = "numbers of texts fit")]
            let value = value as u32;
            let tokens = self.tokens(value);
            if tokens.len() < SHORTEST_ACRONYM {
                continue;
            }
            all.clear();
            telling.clear();
            for &token in tokens {
                let word = self.words.get(token);
                let Some(first) = word.chars().next().filter(|letter| letter.is_alphabetic())
                else {
                    continue;
                };
                all.push(first);
                if !SMALL_WORDS.contains(&word) {
                    telling.push(first);
                }
            }
            let found = [&telling, &all].into_iter().find_map(|letters| {
                (letters.len() >= SHORTEST_ACRONYM).then(|| self.words.find(letters)).flatten()
            });
            if let Some(word) = found {
                self.acronyms[value as usize] = word;
                // A search for the acronym also finds the rows with the full name, so they count.
                self.counts[word as usize] += values.right_counts[value as usize];
            }
        }
    }

    /// The acronym of a value, if it is a word of another value.
    pub fn acronym(&self, value: u32) -> Option<u32> {
        self.acronyms.get(value as usize).copied().filter(|&word| word != NULL)
    }

    /// The number that a word stands for, if it is one.
    pub fn number(&self, word: u32) -> Option<Number> {
        self.numbers.get(word as usize).copied().flatten()
    }

    /// Whether a word is in both tables; in one table, whether two rows have it.
    pub fn is_shared(&self, word: u32) -> bool {
        self.shared[word as usize]
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

    /// Finds the words that are one typing error apart: an insertion, a deletion, a substitution,
    /// or a swap of neighbouring letters. Two such words are equal after at most one letter of each
    /// is left out.
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
                if letters < 4
                    || letters < script::least_for_an_error(text)
                    || text.bytes().all(|byte| byte.is_ascii_digit())
                {
                    return keys;
                }
                if letters > LONGEST {
                    // A single error leaves one half unchanged. The other word may be a letter
                    // longer or shorter.
                    for half in [letters / 2, (letters - 1) / 2] {
                        let place =
                            |at| text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
                        keys.push((state.hash_one((half, &text[..place(half)])), word));
                        keys.push((state.hash_one((&text[place(letters - half)..], half)), word));
                    }
                } else {
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
                // A large group shares only a few letters. Only its most frequent words are used.
                let mut members: Vec<u32> = group.iter().map(|&(_, word)| word).collect();
                members.dedup();
                members.sort_unstable_by_key(|&word| std::cmp::Reverse(self.counts[word as usize]));
                let followed = if members.len() > MOST_OF_A_HALF || !self.is_long(members[0]) {
                    MOST_SPELLINGS
                } else {
                    MOST_OF_A_HALF
                };
                for (rank, &word) in members.iter().enumerate() {
                    for &other in members[..rank].iter().take(followed) {
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
        self.count_neighbours(&found);
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

    /// Counts how many right words are one typing error apart, given all such pairs.
    fn count_neighbours(&mut self, found: &[(u32, u32)]) {
        let is_right = |word: u32| self.counts[word as usize] > 0;
        let words = self.counts.iter().filter(|&&count| count > 0).count();
        let pairs = found.iter().filter(|&&(a, b)| is_right(a) && is_right(b)).count();
        self.neighbours = (pairs as f32 + NEIGHBOURS) / (words as f32 + 1.0);
    }

    /// The evidence, in bits, that a word which no other row has is one typing error from `other`:
    /// the fewer right rows have another word so close to it, the more. `None` if other rows have
    /// the word, if it is not so close, or in one table, where other copies of the row are close too.
    pub fn spelling_bits(&self, word: u32, other: u32) -> Option<f32> {
        if self.one_table || self.counts[word as usize] > 0 {
            return None;
        }
        if !self.spellings(word).any(|spelling| spelling == other) {
            return None;
        }
        let rivals: u32 = self
            .spellings(word)
            .filter(|&spelling| spelling != other)
            .map(|spelling| self.counts[spelling as usize])
            .sum();
        Some((self.rows / (rivals as f32 + self.neighbours)).log2())
    }

    fn is_long(&self, word: u32) -> bool {
        let text = self.words.get(word);
        text.len() > LONGEST && text.chars().count() > LONGEST
    }

    /// Whether two words are at most `most` typing errors apart.
    pub fn apart(&self, a: u32, b: u32, most: u32) -> bool {
        self.edits(a, b, most) <= most
    }

    /// The number of typing errors between two words, or any larger number than `most` if there are
    /// more.
    pub fn edits(&self, a: u32, b: u32, most: u32) -> u32 {
        let (one, other) = (&self.shapes[a as usize], &self.shapes[b as usize]);
        // An error adds at most one letter to a word and takes away at most one, so at most two
        // bits differ.
        if (one.present ^ other.present).count_ones() > 2 * most {
            return most + 1;
        }
        Distance::Osa.distance(self.words.get(a), self.words.get(b), Some(most))
    }

    /// The minimum, over the two words, of the number of letters that the other word lacks. It is 0
    /// if one word consists of letters of the other.
    pub fn strange_letters(&self, a: u32, b: u32) -> u32 {
        let (one, other) = (self.shapes[a as usize].present, self.shapes[b as usize].present);
        (one & !other).count_ones().min((other & !one).count_ones())
    }

    /// Whether a word consists of letters of another word.
    pub fn is_made_of(&self, part: u32, word: u32) -> bool {
        self.shapes[part as usize].present & !self.shapes[word as usize].present == 0
    }

    /// The letters that some words contain together, one bit each, and their total number of
    /// letters.
    pub fn all_letters(&self, words: &[u32]) -> (u64, usize) {
        words
            .iter()
            .map(|&word| &self.shapes[word as usize])
            .fold((0, 0), |all, shape| (all.0 | shape.present, all.1 + usize::from(shape.letters)))
    }

    /// Whether a word is an article, a preposition or a conjunction.
    pub fn is_small(&self, word: u32) -> bool {
        SMALL_WORDS.contains(&self.words.get(word))
    }

    /// Whether a word is a legal form, perhaps misspelled.
    pub fn is_form(&self, word: u32) -> bool {
        self.forms[word as usize]
    }

    /// The number of letters of a word.
    pub fn letters(&self, word: u32) -> usize {
        usize::from(self.shapes[word as usize].letters)
    }

    /// The number of letters that the shorter of two words must have for an error in one of them.
    pub fn least_for_an_error(&self, word: u32) -> usize {
        usize::from(self.shapes[word as usize].least)
    }
}

#[cfg(test)]
mod tests;
