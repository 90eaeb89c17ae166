//! Compares single names letter by letter, numbers digit by digit, and domains part by part.

use crate::script::{has_dense, least_for_an_error, letters};
use crate::similarity::{Distance, jaro_winkler};

/// The first two levels of every comparison: one value is missing, and both are equal.
pub const UNKNOWN: u8 = 0;
pub const EQUAL: u8 = 1;

/// How two single names agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Letters {
    Unknown = UNKNOWN,
    Equal = EQUAL,
    /// A letter is wrong, missing, added, or swapped with the next, or there are other spaces.
    Misspelled,
    /// A Jaro-Winkler similarity of at least 0.92.
    Close,
    /// Bob and Robert.
    Nickname,
    /// One is the beginning of the other.
    Beginning,
    /// One is the first letter of the other.
    Initial,
    /// The first name is the other's last name, and the last name its first.
    Swapped,
    /// A Jaro-Winkler similarity of at least 0.8.
    Somewhat,
    Different,
}

impl Letters {
    pub const LEVELS: usize = 10;
}

/// How two names agree, apart from nicknames and swapped names.
pub fn names(a: &str, b: &str) -> Letters {
    if a == b {
        return Letters::Equal;
    }
    let shorter = letters(a).min(letters(b));
    if shorter == 0 {
        return Letters::Unknown;
    }
    let is_long = shorter >= least_for_an_error(a).max(least_for_an_error(b));
    if is_long && Distance::Osa.distance(a, b, Some(1)) <= 1 || are_spaced_otherwise(a, b) {
        return Letters::Misspelled;
    }
    // In scripts with a letter for each syllable, two names with two of three letters in common are
    // different.
    let dense = has_dense(a) || has_dense(b);
    let similarity = if dense { 0.0 } else { jaro_winkler::similarity(a, b, Some(0.8)) };
    if similarity >= 0.92 {
        return Letters::Close;
    }
    if a.starts_with(b) || b.starts_with(a) {
        return match shorter {
            // A syllable is a name of its own: 翔 is not short for 翔太.
            1 if dense => Letters::Different,
            1 => Letters::Initial,
            _ => Letters::Beginning,
        };
    }
    if similarity >= 0.8 { Letters::Somewhat } else { Letters::Different }
}

/// Whether two names are the same but for spaces.
fn are_spaced_otherwise(a: &str, b: &str) -> bool {
    a.split(' ').flat_map(str::chars).eq(b.split(' ').flat_map(str::chars))
}

/// How two sequences of digits, or identifiers, agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Digits {
    Unknown = UNKNOWN,
    Equal = EQUAL,
    /// One is the end of the other, as with and without a country code.
    Ending,
    OneApart,
    TwoApart,
    Different,
}

impl Digits {
    pub const LEVELS: usize = 6;
}

pub fn digits(a: &str, b: &str) -> Digits {
    if a == b {
        return Digits::Equal;
    }
    if a.is_empty() || b.is_empty() {
        return Digits::Unknown;
    }
    let (m, n) = (letters(a), letters(b));
    let (shorter, longer) = (m.min(n), m.max(n));
    if shorter >= 6 && longer >= 8 && longer - shorter <= 4 {
        let short = if m < n { a } else { b }.trim_start_matches(['+', '0']);
        if letters(short) >= 6 && a.ends_with(short) && b.ends_with(short) {
            return Digits::Ending;
        }
    }
    match Distance::Osa.distance(a, b, Some(2)) {
        // In two or three characters, one is too much to be an error.
        1 if longer >= 4 => Digits::OneApart,
        2 if longer >= 7 => Digits::TwoApart,
        _ => Digits::Different,
    }
}

/// How two domains agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Domains {
    Unknown = UNKNOWN,
    Equal = EQUAL,
    OtherSuffix,
    Misspelled,
    Different,
}

impl Domains {
    pub const LEVELS: usize = 5;
}

pub fn domains(a: &str, b: &str) -> Domains {
    if a == b {
        return Domains::Equal;
    }
    if a.is_empty() || b.is_empty() {
        return Domains::Unknown;
    }
    let (label_a, label_b) = (label(a), label(b));
    if label_a == label_b {
        return Domains::OtherSuffix;
    }
    if letters(label_a).min(letters(label_b)) >= 5 && Distance::Osa.distance(a, b, Some(1)) <= 1 {
        Domains::Misspelled
    } else {
        Domains::Different
    }
}

fn label(domain: &str) -> &str {
    domain.split('.').next().unwrap_or(domain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_agree_by_letters_in_every_script() {
        use Letters::{Beginning, Close, Different, Equal, Initial, Misspelled, Somewhat};
        for (a, b, level) in [
            ("smith", "smith", Equal),
            ("smith", "smyth", Misspelled),
            ("müller", "mueller", Somewhat),
            ("alexandria", "alexandrina", Misspelled),
            ("christopher", "christofer", Close),
            ("h o", "ho", Misspelled),
            ("van der berg", "vanderberg", Misspelled),
            ("jo", "jon", Beginning),
            ("j", "john", Initial),
            ("rob", "robert", Beginning),
            ("li", "wu", Different),
            ("王", "李", Different),
            ("김", "이", Different),
            ("王明", "李明", Different),
            ("김민수", "김민서", Different),
            ("삼성", "현대", Different),
            ("翔", "翔太", Different),
            ("伟", "伟华", Different),
            ("東京", "東京都", Beginning),
            ("иванов", "ивонов", Misspelled),
            ("כהן", "לוי", Different),
            ("כהן", "כהנ", Somewhat),
            ("محمد", "محمود", Misspelled),
            ("ヤマザキ製パン", "ヤマサキ製パン", Misspelled),
        ] {
            assert_eq!(names(a, b), level, "{a} {b}");
        }
    }

    #[test]
    fn digits_agree_with_and_without_what_comes_before() {
        use Digits::{Different, Ending, Equal, OneApart, TwoApart};
        for (a, b, level) in [
            ("4155552671", "4155552671", Equal),
            ("+14155552671", "4155552671", Ending),
            ("+442079460958", "02079460958", Ending),
            ("+14155552671", "+14155552617", OneApart),
            ("4155552671", "4155552781", TwoApart),
            ("4155552671", "2125550000", Different),
            ("12", "13", Different),
            ("60302", "60303", OneApart),
        ] {
            assert_eq!(digits(a, b), level, "{a} {b}");
        }
    }

    #[test]
    fn domains_agree_by_label_and_suffix() {
        use Domains::{Different, Equal, Misspelled, OtherSuffix};
        for (a, b, level) in [
            ("acme.com", "acme.com", Equal),
            ("acme.com", "acme.co.uk", OtherSuffix),
            ("lantern.io", "lantren.io", Misspelled),
            ("ibm.com", "ibn.com", Different),
            ("例え.jp", "例文.jp", Different),
        ] {
            assert_eq!(domains(a, b), level, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn comparing_is_symmetric_and_equal_values_are_the_top_level(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            prop_assert_eq!(names(&a, &b), names(&b, &a));
            prop_assert_eq!(digits(&a, &b), digits(&b, &a));
            prop_assert_eq!(domains(&a, &b), domains(&b, &a));
            prop_assert_eq!(names(&a, &a), Letters::Equal);
            prop_assert_eq!(digits(&b, &b), Digits::Equal);
            prop_assert_eq!(domains(&b, &b), Domains::Equal);
        }
    }
}
