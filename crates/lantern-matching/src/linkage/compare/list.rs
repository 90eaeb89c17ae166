//! Compares lists of names: authors, owners, keywords. The order of the names does not matter.

use super::{
    vocabulary::Vocabulary,
    words::{Words, typing_errors},
};

use crate::{script::letters, tables::SEPARATOR};

/// The share of their bits that common names after the strongest one count, because names go
/// together: the authors of one paper also write others together.
const OF_MORE: f32 = 0.25;

/// How two names of a list agree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Same,
    Initials,
    Misspelled,
}

/// The level at which two lists agree, and the evidence of their common names, in bits.
pub fn compare(vocabulary: &Vocabulary, a: &[u32], b: &[u32]) -> (Words, f32) {
    let separator = vocabulary.words.find(SEPARATOR);
    let names = |all| {
        <[u32]>::split(all, move |&word| Some(word) == separator).filter(|name| !name.is_empty())
    };
    let (count_a, count_b) = (names(a).count(), names(b).count());
    if count_a == 0 || count_b == 0 {
        return (Words::Unknown, 0.0);
    }
    let mut taken = [false; 32];
    let (mut common, mut worst) = (Vec::with_capacity(count_a.min(32)), Name::Same);
    for name in names(a) {
        let best = names(b)
            .enumerate()
            .take(taken.len())
            .filter(|&(at, _)| !taken[at])
            .filter_map(|(at, other)| Some((agree(vocabulary, name, other)?, at, other)))
            .min_by_key(|&(how, at, _)| (how, at));
        if let Some((how, at, other)) = best {
            taken[at] = true;
            worst = worst.max(how);
            // If the names are spelled differently, only the family name counts.
            let told = match how {
                Name::Same => other.iter().map(|&word| vocabulary.bits[word as usize]).sum(),
                _ => other.last().map_or(0.0, |&word| vocabulary.bits[word as usize]),
            };
            common.push(told);
        }
    }
    let count = common.len();
    let strongest = common.iter().copied().fold(0.0, f32::max);
    let bits = strongest + OF_MORE * (common.iter().sum::<f32>() - strongest);
    let level = match (count == count_a, count == count_b) {
        (true, true) => match worst {
            Name::Same if a == b => Words::Same,
            Name::Same => Words::Rotated,
            Name::Initials => Words::Initials,
            Name::Misspelled => Words::Misspelled,
        },
        (true, false) => Words::Dropped,
        (false, true) => Words::Added,
        (false, false) if 2 * count >= count_a.min(count_b) => Words::Overlap,
        (false, false) => Words::Different,
    };
    if level == Words::Different { (level, 0.0) } else { (level, bits) }
}

/// How two names agree, if they may be the same: their last words are equal apart from a typing
/// error, and their first words are equal, or one is the first letter of the other.
fn agree(vocabulary: &Vocabulary, a: &[u32], b: &[u32]) -> Option<Name> {
    if a == b {
        return Some(Name::Same);
    }
    let (&family_a, &family_b) = (a.last()?, b.last()?);
    let family = if family_a == family_b {
        Name::Same
    } else {
        typing_errors(vocabulary, family_a, family_b, 1)?;
        Name::Misspelled
    };
    if a.len() == 1 || b.len() == 1 {
        return (a.len() == b.len()).then_some(family);
    }
    let (first_a, first_b) = (vocabulary.words.get(a[0]), vocabulary.words.get(b[0]));
    let given = if first_a == first_b {
        Name::Same
    } else if (letters(first_a) == 1 && first_b.starts_with(first_a))
        || (letters(first_b) == 1 && first_a.starts_with(first_b))
    {
        Name::Initials
    } else if family == Name::Same && typing_errors(vocabulary, a[0], b[0], 1).is_some() {
        Name::Misspelled
    } else {
        return None;
    };
    // One name may lack a middle name.
    let middle = if a.len() == b.len() { Name::Same } else { Name::Initials };
    Some(family.max(given).max(middle))
}
