//! Decoys: rows that cannot match and look as real as possible.
//!
//! Target-decoy calibration, as in proteomics: if the best scores of real rows are no better than
//! those of decoys, there are no matches, whatever learning found. A decoy is a colleague: it has
//! the employer and the place of a left row, and a name that consists of other rows' names. Every
//! third decoy is a relative, which also has the family name and the phone number of that row.
//! Names are made word by word from several rows, so that they meet real names as often as by
//! chance.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::role::Role;
use crate::{
    script::has_dense,
    tables::{Comparison, Kind, NULL, Values},
};

/// Number of decoys.
pub const DECOYS: usize = 1_500;

/// The value of each decoy in a field. New texts are added to `values`.
pub fn of_field(kind: Kind, role: Role, alone: bool, values: &mut Values) -> Vec<u32> {
    let left = values.left.clone();
    if left.is_empty() {
        return Vec::new();
    }
    let mut text = String::new();
    let made: Vec<u32> = (0..DECOYS)
        .map(|decoy| {
            let own = left[decoy * left.len() / DECOYS];
            if own == NULL {
                return NULL;
            }
            let relative = decoy % 3 == 2;
            // The value of another row, if a few tries find a different one.
            let other = |place: u64| {
                (0..8_u64)
                    .map(|attempt| {
                        let hash = FixedState::default().hash_one((decoy, place, attempt));
                        left[usize::try_from(hash % left.len() as u64).unwrap_or(0)]
                    })
                    .find(|&value| value != NULL && value != own)
                    .unwrap_or(own)
            };
            let made_up = alone || role.identifies();
            if role == Role::Group && !alone {
                return own;
            }
            if !made_up {
                // Others live or work at the same place.
                let place = matches!(kind, Kind::Street | Kind::City | Kind::Place);
                return if place { own } else { other(3) };
            }
            text.clear();
            match kind {
                Kind::LastName if relative => return own,
                // The number may be that of a switchboard or a household.
                Kind::Phone if decoy % 2 == 0 && matches!(role, Role::Shared(_)) => return own,
                Kind::FirstName => return other(0),
                Kind::LastName => return other(1),
                Kind::Date | Kind::Amount | Kind::Place => return other(3),
                Kind::Country | Kind::Category | Kind::Postal => return own,
                Kind::Email => {
                    let (a, b) = (values.texts.get(other(0)), values.texts.get(own));
                    text.push_str(a.split('@').next().unwrap_or(a));
                    if let Some((_, domain)) = b.split_once('@') {
                        text.push('@');
                        text.push_str(domain);
                    }
                }
                // Another person's number is not similar.
                Kind::Code if matches!(role, Role::Handle(_)) => {
                    halves(values.texts.get(other(0)), values.texts.get(other(1)), &mut text);
                }
                Kind::Phone | Kind::Code => {
                    ending(values.texts.get(own), values.texts.get(other(0)), &mut text);
                }
                _ if kind.comparison().is_by_words() => {
                    let family = relative && kind.comparison() == Comparison::Person;
                    words(values, own, family, &other, &mut text);
                }
                _ => halves(values.texts.get(other(0)), values.texts.get(other(1)), &mut text),
            }
            if text.is_empty() { NULL } else { values.texts.number(&text) }
        })
        .collect();
    values.right_counts.resize(values.texts.len(), 0);
    made
}

/// Number of attempts to make a name that is not the row's own.
const TRIES: u64 = 4;

/// Limits how many made-up names exist in the table, if a name is all that is known of a row.
///
/// `again` is the share of names that occur again by chance, and no more decoys may be names of the
/// table. Without this limit there would be more if each word belongs to a single name, because the
/// decoys consist of words of the table.
pub fn thin(decoys: &mut [u32], values: &Values, again: f64) {
    let exists = |value: u32| value != NULL && values.right_counts[value as usize] > 0;
    let Some(other) = decoys.iter().copied().find(|&value| value != NULL && !exists(value)) else {
        return;
    };
    let mut left = again * decoys.len() as f64;
    let mut other = other;
    for decoy in decoys {
        if !exists(*decoy) {
            other = if *decoy == NULL { other } else { *decoy };
        } else if left >= 1.0 {
            left -= 1.0;
        } else {
            *decoy = other;
        }
    }
}

/// Writes as many words as the row's own value has, each from another row. Together they differ
/// from the own value.
fn words(values: &Values, own: u32, family: bool, other: &dyn Fn(u64) -> u32, text: &mut String) {
    let name = values.texts.get(own);
    let of: Vec<&str> = name.split(' ').collect();
    for attempt in 0..TRIES {
        text.clear();
        // Attempts do not overlap: there are fewer words than positions between them.
        let other = |place: u64| values.texts.get(other(place + 64 * attempt));
        if of.len() > 1 {
            recombined(&of, family, &other, text);
        } else if family && has_dense(name) {
            // The family name is the first character, with a few exceptions.
            text.extend(name.chars().take(1));
            text.extend(other(0).chars().skip(1));
        } else {
            halves(other(0), other(1), text);
        }
        if text.as_str() != name {
            return;
        }
    }
    text.clear();
}

/// Writes words of other rows, each at its position. A relative keeps the last word.
fn recombined<'a>(of: &[&str], family: bool, other: &dyn Fn(u64) -> &'a str, text: &mut String) {
    for (at, word) in of.iter().enumerate() {
        if at > 0 {
            text.push(' ');
        }
        if family && at + 1 == of.len() {
            text.push_str(word);
            continue;
        }
        let place = u64::try_from(at).unwrap_or(0);
        let from: Vec<&str> = other(place).split(' ').collect();
        // The last word is taken from last words, which differ from first words.
        let at = if at + 1 == of.len() { from.len() - 1 } else { at.min(from.len() - 1) };
        text.push_str(from[at]);
    }
}

/// Writes the first half of one word and the second half of another.
fn halves(a: &str, b: &str, text: &mut String) {
    let (first, second) = (a.chars().count(), b.chars().count());
    text.extend(a.chars().take(first.div_ceil(2)));
    text.extend(b.chars().skip(second / 2));
}

/// Writes the beginning of one number and the last four digits of another.
fn ending(a: &str, b: &str, text: &mut String) {
    let (first, second) = (a.chars().count(), b.chars().count());
    let last = (second / 2).clamp(1, 4);
    text.extend(a.chars().take(first.saturating_sub(last)));
    text.extend(b.chars().skip(second - last.min(second)));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;

    fn made(kind: Kind, role: Role, texts: &[&str]) -> Vec<String> {
        let column: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        let mut values = Values::of(kind, "x", &[column], None).unwrap();
        let decoys = of_field(kind, role, false, &mut values);
        let text = |value| if value == NULL { "" } else { values.texts.get(value) };
        decoys.into_iter().map(|value| text(value).to_owned()).collect()
    }

    #[test]
    fn a_colleague_has_the_own_employer_and_another_name() {
        let firms = made(Kind::Company, Role::Group, &["acme", "globex"]);
        assert_eq!(firms[0], "acme");
        assert_eq!(firms[DECOYS - 1], "globex");
        let mails = ["ada@acme.com", "bob@globex.com"];
        let mails = made(Kind::Email, Role::Handle(0.5), &mails);
        assert_eq!(mails[0], "bob@acme.com");
        assert_eq!(mails[DECOYS - 1], "ada@globex.com");
    }

    #[test]
    fn somebody_else_has_a_personal_number_that_is_not_like_the_own_one() {
        let numbers = ["1234567", "7654321", "9081726"];
        let made = made(Kind::Code, Role::Handle(0.1), &numbers);
        assert!(!made[0].is_empty() && !made[0].starts_with("1234"), "{}", made[0]);
        assert!(!made[DECOYS - 1].starts_with("9081"), "{}", made[DECOYS - 1]);
    }

    #[test]
    fn made_up_names_are_no_more_often_those_of_rows_than_chance_has_it() {
        let texts: Vec<String> =
            (0..40).map(|at| format!("firm{at} {}", ["foods", "media"][at % 2])).collect();
        let column: ArrayRef = Arc::new(StringArray::from(texts));
        let mut values = Values::of(Kind::Company, "x", &[column], None).unwrap();
        let mut decoys = of_field(Kind::Company, Role::Identity(0.1), true, &mut values);
        let exist = |decoys: &[u32]| {
            decoys.iter().filter(|&&value| values.right_counts[value as usize] > 0).count()
        };
        assert!(exist(&decoys) > DECOYS / 4, "{}", exist(&decoys));
        thin(&mut decoys, &values, 0.01);
        assert_eq!(exist(&decoys), DECOYS / 100);
    }

    #[test]
    fn a_relative_has_the_family_name() {
        let names = made(Kind::Person, Role::Identity(0.1), &["ada byron", "carl gauss"]);
        assert_eq!(names[2], "carl byron");
    }

    #[test]
    fn a_relative_is_never_the_row_itself() {
        for texts in [
            // Everybody has one of two first names.
            vec!["ada byron", "carl gauss", "ada gauss", "carl byron"],
            vec!["王伟", "李芳", "王小明", "李静", "张敏"],
            vec!["김민수", "이지영", "박서연", "김준호"],
            vec!["madonna", "cher", "prince", "bono"],
        ] {
            let names = made(Kind::Person, Role::Identity(0.1), &texts);
            for (decoy, name) in names.iter().enumerate() {
                let own = texts[decoy * texts.len() / DECOYS];
                assert_ne!(name, own);
                if decoy % 3 == 2 && own.starts_with('王') {
                    assert!(name.starts_with('王'), "{name} {own}");
                }
            }
        }
    }
}
