//! Names of several words: companies, people, streets.
//!
//! The words of the two are paired: equal ones first, then misspelled and shortened ones. The level
//! says how, and the pair tells as much as the words that are in both (in bits, by how few rows of
//! the right have each): "Amber" alone tells little, "Amber Ridge Foods" much.

use super::{
    letters::{EQUAL, UNKNOWN},
    vocabulary::Vocabulary,
};
use crate::similarity::Distance;

/// How two names of words agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Words {
    /// Nothing to compare.
    Unknown = UNKNOWN,
    /// The same name.
    Same = EQUAL,
    /// The same words in another order.
    Rotated,
    /// A typing error.
    Misspelled,
    /// More typing errors.
    Garbled,
    /// Words that are shortened.
    Shortened,
    /// Names of which one has the first letter only.
    Initials,
    /// One is made of the first letters of the other's words.
    Acronym,
    /// The right has one more word, its last.
    LastDropped,
    /// The right has more words.
    Dropped,
    /// The right has more words, and those of the left are misspelled or shortened.
    DroppedMisspelled,
    /// The left has more words.
    Added,
    /// Each has words of its own, but less than half of what they tell.
    Overlap,
    /// One has a number that the other lacks.
    NumberMissing,
    /// Some numbers are the same, and each has others.
    NumbersPartly,
    /// The family names are the same, and the first names are not.
    FamilyOnly,
    /// The first names are the same, and the family names are not.
    GivenOnly,
    /// The words are alike, and the numbers are not.
    NumbersDiffer,
    /// Not alike.
    Different,
}

impl Words {
    pub const LEVELS: usize = 19;
}

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

/// Scratch of a comparison.
#[derive(Default)]
pub struct Scratch {
    left: Vec<u32>,
    right: Vec<(u32, usize)>,
    joined: (String, String),
}

/// The level, and the bits that the common words tell.
pub fn compare(
    vocabulary: &Vocabulary,
    a: &[u32],
    b: &[u32],
    scratch: &mut Scratch,
) -> (Words, f32) {
    if a.is_empty() || b.is_empty() {
        return (Words::Unknown, 0.0);
    }
    let bits = |word: u32| vocabulary.bits[word as usize];
    let all = |words: &[u32]| words.iter().map(|&word| bits(word)).sum::<f32>();
    if a == b {
        return (Words::Same, all(b));
    }
    let Scratch { left, right, joined } = scratch;
    left.clear();
    right.clear();
    right.extend(b.iter().enumerate().map(|(at, &word)| (word, at)));
    let mut common = 0.0;
    let mut paired = 0;
    for &word in a {
        if let Some(at) = right.iter().position(|&(other, _)| other == word) {
            right.swap_remove(at);
            common += bits(word);
            paired += 1;
        } else {
            left.push(word);
        }
    }
    if left.is_empty() && right.is_empty() {
        return (Words::Rotated, common);
    }
    let (mut edits, mut shortened) = (0, 0);
    if !left.is_empty() && !right.is_empty() {
        left.retain(|&word| {
            for most in [1, 2] {
                for at in 0..right.len() {
                    let other = right[at].0;
                    let shorter = letters(vocabulary, word).min(letters(vocabulary, other));
                    if shorter < 3 || (most == 2 && shorter < 6) {
                        continue;
                    }
                    let apart = vocabulary.edits(word, other, most);
                    if apart <= most {
                        edits += apart;
                        common += misspelled_bits(vocabulary, word, other);
                        paired += 1;
                        right.swap_remove(at);
                        return false;
                    }
                }
            }
            if let Some(at) = right.iter().position(|&(other, _)| {
                short_for(vocabulary.words.get(word), vocabulary.words.get(other))
            }) {
                shortened += 1;
                common += misspelled_bits(vocabulary, word, right[at].0);
                paired += 1;
                right.swap_remove(at);
                return false;
            }
            if let Some(at) = right.iter().position(|&(other, _)| {
                misspelled_beginning(vocabulary.words.get(word), vocabulary.words.get(other))
            }) {
                shortened += 1;
                edits += 1;
                common += misspelled_bits(vocabulary, word, right[at].0);
                paired += 1;
                right.swap_remove(at);
                return false;
            }
            true
        });
    }
    // A space in the wrong place moves letters from one word to the next.
    if !left.is_empty() && (!right.is_empty() || left.len() + paired > b.len()) {
        joined.0.clear();
        joined.1.clear();
        a.iter().for_each(|&word| joined.0.push_str(vocabulary.words.get(word)));
        b.iter().for_each(|&word| joined.1.push_str(vocabulary.words.get(word)));
        let most = 2;
        if joined.0.len().abs_diff(joined.1.len()) <= most as usize && joined.1.len() >= 5 {
            let apart = Distance::Osa.distance(&joined.0, &joined.1, Some(most));
            if apart <= most {
                let level = if apart <= 1 { Words::Misspelled } else { Words::Garbled };
                let told: f32 = left.iter().map(|&word| bits(word) - 8.0).sum::<f32>()
                    + a.iter()
                        .filter(|word| !left.contains(word))
                        .map(|&word| bits(word))
                        .sum::<f32>();
                return (level, all(b).min(told));
            }
        }
    }
    // What is left of a misspelled legal form is no word of the name.
    if paired > 0 {
        let before = left.len();
        left.retain(|&word| {
            let text = vocabulary.words.get(word);
            text.len() < 2
                || text.len() > 14
                || !FORMS.iter().any(|form| {
                    text.len().abs_diff(form.len()) <= 1
                        && Distance::Osa.distance(text, form, Some(1 + u32::from(form.len() > 5)))
                            <= 1 + u32::from(form.len() > 5)
                })
        });
        edits += u32::from(left.len() < before);
    }
    let level = match (left.is_empty(), right.is_empty()) {
        (true, true) if edits == 0 && shortened > 0 => Words::Shortened,
        (true, true) if edits + shortened > 1 => Words::Garbled,
        (true, true) => Words::Misspelled,
        (true, false) if edits + shortened > 0 => Words::DroppedMisspelled,
        (true, false) if right.len() == 1 && right[0].1 + 1 == b.len() => Words::LastDropped,
        (true, false) => Words::Dropped,
        (false, true) => Words::Added,
        (false, false) => {
            let apart: f32 = left
                .iter()
                .map(|&word| bits(word))
                .sum::<f32>()
                .max(right.iter().map(|&(word, _)| bits(word)).sum());
            if paired > 0 && common >= apart { Words::Overlap } else { Words::Different }
        }
    };
    if level == Words::Different {
        common = 0.0;
    }
    (level, common)
}

/// What it tells that one word stands for the other: what the right one tells, but no more than
/// that the left one is not there by itself. There are some 2^8 typing errors of a word.
fn misspelled_bits(vocabulary: &Vocabulary, left: u32, right: u32) -> f32 {
    vocabulary.bits[right as usize].min(vocabulary.bits[left as usize] - 8.0)
}

fn letters(vocabulary: &Vocabulary, word: u32) -> usize {
    vocabulary.words.get(word).len()
}

/// Whether one word is the other's beginning but for a typing error.
fn misspelled_beginning(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.len() < 5 || long.len() < short.len() + 2 || !long.is_ascii() {
        return false;
    }
    (short.len() - 1..=short.len() + 1).any(|end| {
        long.get(..end)
            .is_some_and(|beginning| Distance::Osa.distance(short, beginning, Some(1)) <= 1)
    })
}

/// Whether one word stands for the other: its first letters, or some of its letters in order.
fn short_for(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.is_empty() || short.len() == long.len() {
        return false;
    }
    if short.chars().count() == 1 {
        return long.starts_with(short);
    }
    if short.chars().next() != long.chars().next() {
        return false;
    }
    let mut rest = long.chars();
    short.chars().all(|letter| rest.any(|other| other == letter))
        && (short.len() >= 3 || long.len() <= 5)
}
