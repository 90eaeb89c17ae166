//! Compares full names of people, as their normalizer writes them: given names first, the family
//! name last.
//!
//! Two people with only the same family name, or only the same first name, have a level of their
//! own: siblings and namesakes are different people.

use super::{
    vocabulary::Vocabulary,
    words::{Scratch, Words, is_short_for, misspelled_bits, pair_equal, typing_errors},
};

use crate::script::{has_dense, letters};

/// The part of the bits that remains if only the family name or only the first name is the same.
const PARTLY: f32 = 0.5;

/// The level at which two names agree, and the evidence of their common parts, in bits.
pub fn compare(
    vocabulary: &Vocabulary,
    texts: (&str, &str),
    a: &[u32],
    b: &[u32],
    scratch: &mut Scratch,
) -> (Words, f32) {
    if a.is_empty() || b.is_empty() {
        return (Words::Unknown, 0.0);
    }
    let bits = |word: u32| vocabulary.bits[word as usize];
    if a == b {
        return (Words::Same, b.iter().map(|&word| bits(word)).sum());
    }
    let Scratch { left, right, .. } = scratch;
    let (mut common, paired) = pair_equal(vocabulary, a, b, left, right);
    if has_dense(texts.0) || has_dense(texts.1) {
        return of_syllables(texts.0, texts.1, common);
    }
    if left.is_empty() && right.is_empty() {
        return (Words::Rotated, common);
    }
    let (mut edits, mut initials, mut shortened) = (0, 0, 0);
    // Pairs the parts that are the same apart from typing errors, initials and abbreviations.
    let (first_a, last_a) = (a[0], a[a.len() - 1]);
    let (last_at_b, mut first_b_open, mut last_b_open) = (b.len() - 1, false, false);
    left.retain(|&word| {
        let text = vocabulary.words.get(word);
        let found = right
            .iter()
            .position(|&(other, _)| typing_errors(vocabulary, word, other, 1).is_some());
        let found = found.map(|at| (at, 0)).or_else(|| {
            right
                .iter()
                .position(|&(other, _)| is_initial(text, vocabulary.words.get(other)))
                .map(|at| (at, 1))
        });
        let found = found.or_else(|| {
            right
                .iter()
                .position(|&(other, _)| typing_errors(vocabulary, word, other, 2).is_some())
                .map(|at| (at, 2))
        });
        let found = found.or_else(|| {
            right
                .iter()
                .position(|&(other, _)| is_short_for(vocabulary, word, other))
                .map(|at| (at, 3))
        });
        let Some((at, how)) = found else { return true };
        let (other, _) = right.swap_remove(at);
        match how {
            0 => edits += 1,
            1 => initials += 1,
            2 => edits += 2,
            _ => shortened += 1,
        }
        common += if how == 1 {
            // About one name in twenty has this first letter.
            bits(other).min(bits(word)).min(4.0)
        } else {
            misspelled_bits(vocabulary, word, other)
        };
        false
    });
    for &(_, at) in right.iter() {
        first_b_open |= at == 0;
        last_b_open |= at == last_at_b;
    }
    let paired = paired + edits.min(1) + initials + shortened;
    if left.is_empty() || right.is_empty() {
        let extra = !left.is_empty() || !right.is_empty();
        let level = match (extra, edits, initials + shortened) {
            (false, 0, _) if initials > 0 => Words::Initials,
            (false, 0, _) => Words::Shortened,
            (false, 1, 0) => Words::Misspelled,
            (false, ..) => Words::Garbled,
            (true, 0, 0) if left.is_empty() => Words::Dropped,
            (true, 0, _) if initials > 0 => Words::Initials,
            (true, ..) if left.is_empty() => Words::DroppedMisspelled,
            _ => Words::Added,
        };
        return (level, common);
    }
    if paired == 0 {
        return (Words::Different, 0.0);
    }
    let open = |word: u32| left.contains(&word);
    match (open(first_a) || first_b_open, open(last_a) || last_b_open) {
        // Each has a middle name that the other lacks.
        (false, false) => (Words::Overlap, common),
        (true, false) => (Words::FamilyOnly, common * PARTLY),
        (false, true) => (Words::GivenOnly, common * PARTLY),
        (true, true) => (Words::Different, 0.0),
    }
}

/// Whether one of two names is the first letter of the other.
fn is_initial(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    long.starts_with(short) && letters(short) == 1 && letters(long) > 1
}

/// Compares names in scripts with a character for each syllable. The family name comes first, and
/// is a single character, with a few exceptions.
fn of_syllables(a: &str, b: &str, common: f32) -> (Words, f32) {
    let letters =
        |text: &str| -> Vec<char> { text.chars().filter(|&letter| letter != ' ').collect() };
    let (a, b) = (letters(a), letters(b));
    if a == b {
        return (Words::Rotated, common);
    }
    let (Some((family_a, given_a)), Some((family_b, given_b))) = (a.split_first(), b.split_first())
    else {
        return (Words::Unknown, 0.0);
    };
    let mut sorted = (a.clone(), b.clone());
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    if sorted.0 == sorted.1 {
        return (Words::Rotated, common);
    }
    if family_a == family_b {
        return (Words::FamilyOnly, 0.0);
    }
    if !given_a.is_empty() && given_a == given_b {
        return (Words::GivenOnly, common * PARTLY);
    }
    (Words::Different, 0.0)
}
