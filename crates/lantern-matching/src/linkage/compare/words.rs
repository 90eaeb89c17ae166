//! Compares names of several words: companies, streets, titles.
//!
//! The words of the two names are paired: first equal ones, then misspelled and shortened ones. The
//! level says how the words were paired. The evidence, in bits, is the rarity of the words that
//! both names have, by the share of right rows with each: that both have "Amber" is weak evidence,
//! and that both have "Amber Ridge Foods" is strong evidence.

use super::{
    letters::{EQUAL, UNKNOWN},
    numbers::{self, Class, Relation},
    replaced::{self, Beside},
    vocabulary::Vocabulary,
};
use crate::{
    script::{self, has_dense},
    similarity::Distance,
};

/// How two names of several words agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Words {
    /// One name has no words.
    Unknown = UNKNOWN,
    /// The same name.
    Same = EQUAL,
    /// The same words in another order.
    Rotated,
    /// Several words of one name are written as one in the other.
    Spaced,
    /// One typing error.
    Misspelled,
    /// Several typing errors.
    Garbled,
    /// Some words are shortened.
    Shortened,
    /// One name has only the first letter of a word.
    Initials,
    /// One consists of the first letters of the other's words.
    Acronym,
    /// The right has one more word, at its end.
    LastDropped,
    /// The right has more words.
    Dropped,
    /// The right has more words, and those of the left are misspelled or shortened.
    DroppedMisspelled,
    /// The left has more words.
    Added,
    /// Each has words of its own, which weigh less than the common ones, and one side's own words
    /// are not in the other table.
    Overlap,
    /// Each has words of its own, and those of both are also in the other table: another branch,
    /// another product.
    Exchanged,
    /// They have some words in common, which weigh less than their own.
    Little,
    /// Only one has a number.
    NumberMissing,
    /// Some numbers are the same, and others differ.
    NumbersPartly,
    /// The family names are the same, and the first names differ.
    FamilyOnly,
    /// The first names are the same, and the family names differ.
    GivenOnly,
    /// The words are similar, and the numbers differ.
    NumbersDiffer,
    /// Not similar.
    Different,
}

impl Words {
    pub const LEVELS: usize = 22;
}

/// Maximum weight, in bits, of a word that is not in the other table: a part number or a slogan
/// hardly shows that two names differ.
const UNSHARED_BITS: f32 = 3.0;
/// Maximum weight of all such words of a name, in bits.
const ALL_UNSHARED_BITS: f32 = 6.0;
/// Minimum weight of the common words for the level `Little`: in bits, and as a share of the weight
/// of the other words.
const LITTLE_BITS: f32 = 4.0;
const LITTLE: f32 = 0.3;
/// How many words two names of companies have in common for each that both have alone, for these to
/// be garbled ones: one in five, as scanners read them.
const MOST_OF_A_NAME: usize = 4;
/// Maximum number of words that are written as one.
const MOST_JOINED: usize = 4;
/// Minimum number of letters of a word that is written as several.
const LEAST_JOINED: usize = 3;
/// The part of the bits that remains if some numbers are the same and others differ.
const PARTLY: f32 = 0.5;

/// Memory that is reused from comparison to comparison.
#[derive(Default)]
pub struct Scratch {
    pub(super) left: Vec<u32>,
    pub(super) right: Vec<(u32, usize)>,
    joined: (String, String),
    /// The results of earlier comparisons, because the same names are compared again and again.
    seen: Vec<Seen>,
}

/// A pair of values of a field, and how they agree.
#[derive(Clone, Copy)]
struct Seen {
    field: u32,
    values: (u32, u32),
    found: (u8, f32),
}

/// Number of results that are kept, a power of two.
const KEPT: usize = 1 << 13;

impl Scratch {
    /// Memory for many comparisons, which keeps their results.
    pub fn of_many() -> Self {
        let none = Seen { field: u32::MAX, values: (0, 0), found: (0, 0.0) };
        Self { seen: vec![none; KEPT], ..Self::default() }
    }

    /// How two values of a field agree: the kept result, or that of `compare`.
    pub fn once(
        &mut self,
        field: u32,
        values: (u32, u32),
        compare: impl FnOnce(&mut Self) -> (u8, f32),
    ) -> (u8, f32) {
        use std::hash::BuildHasher;
        let hash = foldhash::fast::FixedState::default().hash_one((field, values));
        #[expect(clippy::cast_possible_truncation, reason = "a place among few")]
        let at = hash as usize & (KEPT - 1);
        match self.seen.get(at) {
            Some(seen) if seen.field == field && seen.values == values => return seen.found,
            Some(_) => {}
            None => return compare(self),
        }
        let found = compare(self);
        self.seen[at] = Seen { field, values, found };
        found
    }
}

/// The level at which two values agree, and the evidence of their common words, in bits.
pub fn compare(
    vocabulary: &Vocabulary,
    texts: (&str, &str),
    (left_value, right_value): (u32, u32),
    scratch: &mut Scratch,
) -> (Words, f32) {
    let (a, b) = (vocabulary.tokens(left_value), vocabulary.tokens(right_value));
    if a.is_empty() || b.is_empty() {
        return (Words::Unknown, 0.0);
    }
    let bits = |word: u32| vocabulary.bits[word as usize];
    let all = |words: &[u32]| words.iter().map(|&word| bits(word)).sum::<f32>();
    if a == b {
        return (Words::Same, all(b));
    }
    let acronym = match (a, b) {
        (&[word], _) if vocabulary.acronym(right_value) == Some(word) => Some(word),
        (_, &[word]) if vocabulary.acronym(left_value) == Some(word) => Some(word),
        _ => None,
    };
    if let Some(word) = acronym {
        return (Words::Acronym, bits(word));
    }
    let Scratch { left, right, joined, .. } = scratch;
    let (mut common, mut paired) = pair_equal(vocabulary, a, b, left, right);
    if left.is_empty() && right.is_empty() {
        return (Words::Rotated, common);
    }
    let joined_bits = pair_joined(vocabulary, a, b, left, right);
    if let Some(bits) = joined_bits {
        common += bits;
        paired += 1;
        if left.is_empty() && right.is_empty() {
            return (Words::Spaced, common);
        }
    }
    let numbers = pair_numbers(vocabulary, a, b, left, right);
    common += numbers.bits;
    paired += numbers.paired;
    let (mut edits, mut shortened) = (0, 0);
    if !left.is_empty() && !right.is_empty() {
        left.retain(|&word| {
            let nearest = right
                .iter()
                .enumerate()
                .filter_map(|(at, &(other, _))| {
                    Some((typing_errors(vocabulary, word, other, 2)?, at))
                })
                .min();
            if let Some((apart, at)) = nearest {
                edits += apart;
                common += misspelled_bits(vocabulary, word, right[at].0);
                paired += 1;
                right.swap_remove(at);
                return false;
            }
            if let Some(at) =
                right.iter().position(|&(other, _)| is_short_for(vocabulary, word, other))
            {
                shortened += 1;
                common += misspelled_bits(vocabulary, word, right[at].0);
                paired += 1;
                right.swap_remove(at);
                return false;
            }
            if let Some(at) = right.iter().position(|&(other, _)| {
                vocabulary.strange_letters(word, other) <= 1
                    && misspelled_beginning(vocabulary.words.get(word), vocabulary.words.get(other))
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
    // A misplaced space moves letters from one word to the next. Names with other numbers are not
    // compared like this.
    let is_number = |word: u32| vocabulary.number(word).is_some();
    let plain = !numbers.conflict
        && !left.iter().any(|&word| is_number(word))
        && !right.iter().any(|&(word, _)| is_number(word));
    let most = 2;
    if plain
        && !left.is_empty()
        && (!right.is_empty() || left.len() + paired > b.len())
        && may_be_joined(vocabulary, a, b, most)
    {
        joined.0.clear();
        joined.1.clear();
        a.iter().for_each(|&word| joined.0.push_str(vocabulary.words.get(word)));
        b.iter().for_each(|&word| joined.1.push_str(vocabulary.words.get(word)));
        if !has_dense(&joined.0) && !has_dense(&joined.1) {
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
    // A misspelled legal form is not a part of the name.
    if paired > 0 {
        let before = left.len();
        left.retain(|&word| !vocabulary.is_form(word));
        edits += u32::from(left.len() < before);
    }
    let level = match (left.is_empty(), right.is_empty()) {
        (true, true) if edits == 0 && shortened > 0 => Words::Shortened,
        (true, true) if edits + shortened > 1 => Words::Garbled,
        (true, true) => Words::Misspelled,
        (true, false) if right.iter().all(|&(word, _)| is_number(word)) => Words::NumberMissing,
        (false, true) if left.iter().all(|&word| is_number(word)) => Words::NumberMissing,
        // In one table, if several names extend this one by a word, it is the name of their parent.
        (true, false) if b.len() == a.len() + 1 && vocabulary.is_parent(left_value) => {
            Words::Exchanged
        }
        (false, true) if a.len() == b.len() + 1 && vocabulary.is_of_a_family(right_value) => {
            Words::Exchanged
        }
        (true, false) if edits + shortened > 0 => Words::DroppedMisspelled,
        (true, false) if right.len() == 1 && right[0].1 + 1 == b.len() => Words::LastDropped,
        (true, false) => Words::Dropped,
        (false, true) => Words::Added,
        (false, false) => {
            let told = |words: &mut dyn Iterator<Item = u32>| {
                let (mut shared, mut unshared) = (0.0, 0.0);
                for word in words {
                    if vocabulary.is_shared(word) {
                        shared += bits(word);
                    } else {
                        unshared += bits(word).min(UNSHARED_BITS);
                    }
                }
                shared + unshared.min(ALL_UNSHARED_BITS)
            };
            let apart =
                told(&mut left.iter().copied()).max(told(&mut right.iter().map(|&(word, _)| word)));
            let known = |word: u32| vocabulary.is_shared(word);
            let exchanged =
                left.iter().any(|&word| known(word)) && right.iter().any(|&(word, _)| known(word));
            let dense = has_dense(texts.0) && has_dense(texts.1);
            let beside =
                if paired > 0 && dense { replaced::beside(texts.0, texts.1) } else { Beside::More };
            // What a company alone is called in one list, another one is in the other; of a long
            // name, a word may be garbled beyond recognition.
            let common_words =
                || a.iter().filter(|&word| !left.contains(word) && !vocabulary.is_small(*word));
            let another = vocabulary.sites
                && !dense
                && common_words().count() < MOST_OF_A_NAME * left.len().max(right.len());
            if paired == 0 {
                Words::Different
            } else if beside == Beside::SameNumber {
                Words::Misspelled
            } else if beside == Beside::OtherNumber {
                return (Words::NumbersDiffer, 0.0);
            } else if common >= apart {
                if exchanged || another || beside == Beside::Other {
                    Words::Exchanged
                } else {
                    Words::Overlap
                }
            } else if (vocabulary.free || vocabulary.sites && !numbers.conflict)
                && common >= LITTLE_BITS
                && common >= LITTLE * apart
            {
                Words::Little
            } else {
                Words::Different
            }
        }
    };
    match level {
        Words::Different => (level, 0.0),
        _ if paired == 0 && numbers.conflict => (Words::Different, 0.0),
        _ if numbers.conflict && numbers.equal > 0 => (Words::NumbersPartly, common * PARTLY),
        // Many things have this name with a number of their own, so the name is no evidence.
        _ if numbers.conflict => (Words::NumbersDiffer, 0.0),
        Words::LastDropped => (level, common.min(vocabulary.family_bits(left_value))),
        _ => (level, common),
    }
}

/// Whether two names, each written as one word, may be at most `most` typing errors apart.
fn may_be_joined(vocabulary: &Vocabulary, a: &[u32], b: &[u32], most: u32) -> bool {
    let ((one, m), (other, n)) = (vocabulary.all_letters(a), vocabulary.all_letters(b));
    n >= 5 && m.abs_diff(n) <= most as usize && (one ^ other).count_ones() <= 2 * most
}

/// Pairs the words that both names have. Returns their bits and their number. The other words
/// remain in `left` and `right`.
pub(super) fn pair_equal(
    vocabulary: &Vocabulary,
    a: &[u32],
    b: &[u32],
    left: &mut Vec<u32>,
    right: &mut Vec<(u32, usize)>,
) -> (f32, usize) {
    left.clear();
    right.clear();
    right.extend(b.iter().enumerate().map(|(at, &word)| (word, at)));
    let (mut common, mut paired) = (0.0, 0);
    for &word in a {
        if let Some(at) = right.iter().position(|&(other, _)| other == word) {
            right.swap_remove(at);
            common += vocabulary.bits[word as usize];
            paired += 1;
        } else {
            left.push(word);
        }
    }
    (common, paired)
}

/// Pairs words of one side with a word of the other in which they are written as one: `dmc tz5` and
/// `dmctz5`. Returns their bits.
fn pair_joined(
    vocabulary: &Vocabulary,
    a: &[u32],
    b: &[u32],
    left: &mut Vec<u32>,
    right: &mut Vec<(u32, usize)>,
) -> Option<f32> {
    if left.is_empty() || right.is_empty() || left.len() == 1 && right.len() == 1 {
        return None;
    }
    let bits = |word: u32| vocabulary.bits[word as usize];
    let mut found = None;
    left.retain(|&word| {
        let open = |at: usize| right.iter().any(|&(_, place)| place == at);
        let Some((begin, end)) = run_of(vocabulary, word, b, open) else { return true };
        let parts: f32 = b[begin..end].iter().map(|&part| bits(part)).sum();
        *found.get_or_insert(0.0) += bits(word).min(parts);
        right.retain(|&(_, at)| !(begin..end).contains(&at));
        false
    });
    right.retain(|&(word, _)| {
        let open = |at: usize| left.contains(&a[at]);
        let Some((begin, end)) = run_of(vocabulary, word, a, open) else { return true };
        let parts: f32 = a[begin..end].iter().map(|&part| bits(part)).sum();
        *found.get_or_insert(0.0) += bits(word).min(parts);
        left.retain(|part| !a[begin..end].contains(part));
        false
    });
    found
}

/// The position of several consecutive words that are not paired yet (`open`) and together are
/// `word`.
fn run_of(
    vocabulary: &Vocabulary,
    word: u32,
    words: &[u32],
    open: impl Fn(usize) -> bool,
) -> Option<(usize, usize)> {
    let text = vocabulary.words.get(word);
    if vocabulary.letters(word) < LEAST_JOINED {
        return None;
    }
    (0..words.len()).find_map(|begin| {
        let mut rest = text;
        for (end, &part) in words.iter().enumerate().skip(begin).take(MOST_JOINED) {
            if !vocabulary.is_made_of(part, word) || !open(end) {
                return None;
            }
            rest = rest.strip_prefix(vocabulary.words.get(part))?;
            if rest.is_empty() {
                return (end > begin).then_some((begin, end + 1));
            }
        }
        None
    })
}

/// How the numbers of two names agree.
#[derive(Default)]
struct Numbers {
    /// How many numbers are the same.
    equal: usize,
    /// Whether each name has a number that excludes the other's.
    conflict: bool,
    /// How many words were paired that are the same number in another form, and their bits.
    paired: usize,
    bits: f32,
}

/// Pairs numbers that are the same in another form, and takes out those that exclude each other.
fn pair_numbers(
    vocabulary: &Vocabulary,
    a: &[u32],
    b: &[u32],
    left: &mut Vec<u32>,
    right: &mut Vec<(u32, usize)>,
) -> Numbers {
    let mut found = Numbers::default();
    // A single letter is a number only at the end of a name: `Fund V`, not `V Fund`.
    let of = |word: u32, at_end: bool| {
        vocabulary.number(word).filter(|number| number.class != Class::Letter || at_end)
    };
    let (last_a, last_b) = (a.last().copied(), b.len());
    if !left.iter().any(|&word| of(word, true).is_some())
        || !right.iter().any(|&(word, _)| of(word, true).is_some())
    {
        return found;
    }
    let text = |word: u32| vocabulary.words.get(word);
    let mut between = |wanted: Relation, left: &mut Vec<u32>, right: &mut Vec<(u32, usize)>| {
        let mut count = 0;
        left.retain(|&word| {
            let Some(number) = of(word, last_a == Some(word)) else { return true };
            let at = right.iter().position(|&(other, at)| {
                of(other, at + 1 == last_b).is_some_and(|other_number| {
                    numbers::relation((text(word), number), (text(other), other_number)) == wanted
                })
            });
            let Some(at) = at else { return true };
            let (other, _) = right.swap_remove(at);
            if wanted == Relation::Equal {
                let bits = |word: u32| vocabulary.bits[word as usize];
                found.bits += bits(word).min(bits(other));
            }
            count += 1;
            false
        });
        count
    };
    let paired = between(Relation::Equal, left, right);
    let conflicts = between(Relation::Conflict, left, right);
    found.paired = paired;
    found.conflict = conflicts > 0;
    if found.conflict {
        let same =
            a.iter().filter(|&&word| of(word, last_a == Some(word)).is_some() && b.contains(&word));
        found.equal = paired + same.count();
    }
    found
}

/// The evidence, in bits, that one word is a spelling of the other: that of the right word, but at
/// most that of the left word without 8 bits, because a word has some 2^8 misspellings. For a word
/// that no other row has, the misspellings that the right table has are counted instead.
pub(super) fn misspelled_bits(vocabulary: &Vocabulary, left: u32, right: u32) -> f32 {
    let bits = |word: u32| vocabulary.bits[word as usize];
    let told = bits(right).min(bits(left) - 8.0);
    let (rare, known) = if bits(left) < bits(right) { (right, left) } else { (left, right) };
    let near = vocabulary.spelling_bits(rare, known).map(|near| near.min(bits(known)));
    near.map_or(told, |near| near.max(told))
}

/// The number of typing errors between two words, if it is low enough for words of this length.
pub(super) fn typing_errors(vocabulary: &Vocabulary, a: u32, b: u32, most: u32) -> Option<u32> {
    let (m, n) = (vocabulary.letters(a), vocabulary.letters(b));
    let least = vocabulary.least_for_an_error(a).max(vocabulary.least_for_an_error(b));
    let shorter = m.min(n);
    let most = if shorter < 2 * least { most.min(1) } else { most };
    if shorter < least || m.abs_diff(n) > most as usize {
        return None;
    }
    let apart = vocabulary.edits(a, b, most);
    (apart <= most).then_some(apart)
}

/// Whether one word is the beginning of the other, apart from a typing error.
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

/// Whether one word is an abbreviation of the other: its first letters, or some of its letters in
/// order.
pub(super) fn is_short_for(vocabulary: &Vocabulary, a: u32, b: u32) -> bool {
    vocabulary.strange_letters(a, b) == 0
        && short_for(vocabulary.words.get(a), vocabulary.words.get(b))
}

fn short_for(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    // In these scripts a letter is a syllable, and does not abbreviate a word.
    if short.is_empty() || short.len() == long.len() || has_dense(short) {
        return false;
    }
    let count = script::letters(short);
    if count == 1 {
        return long.starts_with(short);
    }
    if short.chars().next() != long.chars().next() {
        return false;
    }
    let mut rest = long.chars();
    short.chars().all(|letter| rest.any(|other| other == letter))
        && (count >= 3 || script::letters(long) <= 5)
}
