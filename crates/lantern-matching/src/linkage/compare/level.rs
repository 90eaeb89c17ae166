//! The levels at which two values of a kind can agree, as one list for each comparison.
//!
//! Comparing two values yields a position in the list. Learning finds how often matches and other
//! pairs are at each level, and explanations describe the level in words. In every list, level 0
//! means that a value is missing, level 1 that both are equal, and the last level that they differ.

use crate::tables::Comparison;

/// What a level says about whether two values mean the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// One of the values is missing.
    Unknown,
    /// They mean the same: they are equal, or one is another spelling of the other.
    Same,
    /// They may mean the same: there is a typing error, a part is missing, or they are close.
    Alike,
    /// They share a part, but the difference shows that they do not mean the same.
    Partly,
    /// They are different.
    Different,
}

/// One way in which two values can agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Its name in models and documentation.
    pub name: &'static str,
    /// How explanations describe it, after "the company is".
    pub says: &'static str,
    pub grade: Grade,
    /// The share of matches that is expected at this level before learning. The shares of a list
    /// add up to 1.
    pub matches: f64,
    /// If the rarity of words is used, how many pairs agree at this level by chance for each pair
    /// that is equal by chance.
    pub ways: f64,
}

const fn level(name: &'static str, says: &'static str, grade: Grade, matches: f64) -> Level {
    Level { name, says, grade, matches, ways: 1.0 }
}

const fn ways(level: Level, ways: f64) -> Level {
    Level { ways, ..level }
}

use Grade::{Alike, Different, Partly, Same, Unknown};

const UNKNOWN: Level = level("unknown", "not known", Unknown, 0.0);
const fn same(matches: f64) -> Level {
    level("same", "the same", Same, matches)
}
const fn different(matches: f64) -> Level {
    level("different", "different", Different, matches)
}

/// Names of several words, lists of names; in the order of [`super::Words`].
const WORDS: [Level; super::Words::LEVELS] = [
    UNKNOWN,
    same(0.57),
    level("rotated", "the same in another order", Same, 0.03),
    level("spaced", "the same but for spaces", Same, 0.01),
    ways(level("misspelled", "a typing error apart", Alike, 0.10), 2.0),
    ways(level("garbled", "some typing errors apart", Alike, 0.03), 4.0),
    ways(level("shortened", "shortened", Alike, 0.03), 2.0),
    level("initials", "the same with initials for names", Alike, 0.02),
    level("acronym", "the other's first letters", Alike, 0.01),
    level("last_dropped", "the same but for a last word that is missing", Alike, 0.04),
    level("dropped", "the same but for words that are missing", Alike, 0.01),
    level("dropped_misspelled", "misspelled and with words missing", Alike, 0.02),
    level("added", "the same but for words that are added", Alike, 0.04),
    level("overlap", "partly the same", Alike, 0.02),
    level("exchanged", "the same but for words that differ", Partly, 0.012),
    level("little", "the same in some words", Partly, 0.012),
    level("number_missing", "the same but for a number that one lacks", Partly, 0.006),
    level("numbers_partly", "the same in some numbers and not in others", Partly, 0.004),
    level("family_only", "the same family name with another first name", Partly, 0.005),
    level("given_only", "the same first name with another family name", Partly, 0.005),
    level("numbers_differ", "the same but for another number", Different, 0.004),
    different(0.022),
];

/// Single names; in the order of [`super::letters::Letters`].
const LETTERS: [Level; super::letters::Letters::LEVELS] = [
    UNKNOWN,
    same(0.78),
    level("misspelled", "a typing error apart", Alike, 0.08),
    level("close", "close", Alike, 0.03),
    level("nickname", "another form of the same name", Alike, 0.02),
    level("beginning", "the beginning of the other", Alike, 0.01),
    level("initial", "the initial of the other", Alike, 0.015),
    level("swapped", "the same with first and last name swapped", Alike, 0.005),
    level("somewhat", "somewhat alike", Partly, 0.02),
    different(0.04),
];

/// E-mail addresses; in the order of [`super::email::Email`].
const EMAIL: [Level; super::email::Email::LEVELS] = [
    UNKNOWN,
    same(0.78),
    level("misspelled", "a typing error apart", Alike, 0.05),
    level("rearranged", "made of the same names", Alike, 0.01),
    level("other_domain", "the same name at another domain", Alike, 0.04),
    level("other_digits", "the same but for its digits", Partly, 0.01),
    level("somewhat", "somewhat alike", Partly, 0.02),
    level("same_domain", "different at the same domain", Different, 0.03),
    different(0.06),
];

/// Domains; in the order of [`super::letters::Domains`].
const DOMAIN: [Level; super::letters::Domains::LEVELS] = [
    UNKNOWN,
    same(0.85),
    level("other_suffix", "the same under another suffix", Alike, 0.03),
    level("misspelled", "a typing error apart", Alike, 0.04),
    different(0.08),
];

/// Phones, postal codes and identifiers; in the order of [`super::letters::Digits`].
const DIGITS: [Level; super::letters::Digits::LEVELS] = [
    UNKNOWN,
    same(0.84),
    level("ending", "the same but for digits before it", Alike, 0.02),
    level("one_apart", "one digit apart", Alike, 0.06),
    level("two_apart", "two digits apart", Partly, 0.03),
    different(0.05),
];

/// Days; in the order of [`super::dates::Dates`].
const DATE: [Level; super::dates::Dates::LEVELS] = [
    UNKNOWN,
    same(0.83),
    level("as_far_as_known", "the same as far as both are known", Same, 0.02),
    level("misspelled", "one digit apart", Alike, 0.05),
    level("day_and_month", "day and month swapped", Alike, 0.02),
    level("days_apart", "a few days apart", Alike, 0.01),
    level("two_parts", "the same in two of day, month and year", Partly, 0.02),
    level("weeks_apart", "some weeks apart", Partly, 0.01),
    level("a_year_apart", "within a year", Partly, 0.01),
    different(0.03),
];

/// Amounts; in the order of [`super::amounts::Amounts`].
const AMOUNT: [Level; super::amounts::Amounts::LEVELS] = [
    UNKNOWN,
    same(0.60),
    level("rounded", "the same but for rounding", Same, 0.08),
    level("within_5_percent", "within 5 percent", Alike, 0.08),
    level("within_20_percent", "within 20 percent", Alike, 0.10),
    level("within_a_factor_of_2", "within a factor of two", Partly, 0.07),
    different(0.07),
];

/// Places; in the order of [`super::places::Places`].
const PLACE: [Level; super::places::Places::LEVELS] = [
    UNKNOWN,
    same(0.70),
    level("within_100_m", "within 100 metres", Same, 0.12),
    level("within_1_km", "within a kilometre", Alike, 0.08),
    level("within_10_km", "within 10 kilometres", Partly, 0.04),
    level("within_100_km", "within 100 kilometres", Partly, 0.03),
    different(0.03),
];

/// Countries and categories.
const EQUALITY: [Level; 3] = [UNKNOWN, same(0.95), different(0.05)];

impl Comparison {
    /// Its levels.
    pub const fn levels(self) -> &'static [Level] {
        match self {
            Self::Words | Self::Person | Self::List => &WORDS,
            Self::Letters => &LETTERS,
            Self::Email => &EMAIL,
            Self::Domain => &DOMAIN,
            Self::Digits => &DIGITS,
            Self::Date => &DATE,
            Self::Amount => &AMOUNT,
            Self::Place => &PLACE,
            Self::Equality => &EQUALITY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Comparison; 11] = [
        Comparison::Words,
        Comparison::Person,
        Comparison::List,
        Comparison::Letters,
        Comparison::Email,
        Comparison::Domain,
        Comparison::Digits,
        Comparison::Date,
        Comparison::Amount,
        Comparison::Place,
        Comparison::Equality,
    ];

    #[test]
    fn every_list_begins_with_unknown_and_equal_and_ends_with_different() {
        for comparison in ALL {
            let levels = comparison.levels();
            assert_eq!(levels[0].grade, Unknown, "{comparison:?}");
            assert_eq!(levels[1].name, "same", "{comparison:?}");
            assert_eq!(levels[levels.len() - 1].name, "different", "{comparison:?}");
        }
    }

    #[test]
    fn what_is_expected_of_matches_adds_up_to_one() {
        for comparison in ALL {
            let sum: f64 = comparison.levels().iter().map(|level| level.matches).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{comparison:?}: {sum}");
        }
    }

    #[test]
    fn names_of_levels_are_unique() {
        for comparison in ALL {
            let mut names: Vec<_> = comparison.levels().iter().map(|level| level.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), comparison.levels().len(), "{comparison:?}");
        }
    }
}
