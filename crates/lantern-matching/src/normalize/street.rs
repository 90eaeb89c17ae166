//! Street lines: a key of the building's address, without the unit inside it.

use std::{borrow::Cow, cell::RefCell, collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

use super::{
    tables,
    words::{Marks, Words},
};

/// Bumped whenever any line's key changes.
pub const STREET_KEY_VERSION: u32 = 1;

static SPELLINGS: LazyLock<HashMap<&'static str, &'static str, FixedState>> = LazyLock::new(|| {
    tables::colon_lines(include_str!("data/street_words.txt"))
        .flat_map(|(word, spellings)| {
            spellings.split_whitespace().map(move |spelling| (spelling, word))
        })
        .collect()
});

thread_local! {
    static SCRATCH: RefCell<Words> = RefCell::default();
}

/// The key of a street line: `"123 N. Main St., Suite 400"` is `"123 north main street"`.
///
/// Case, accents and abbreviations are evened out; suites, flats and floors are left out, for they
/// come and go between records of one address; numbers stay. None if there is no letter or digit.
pub fn street_key(line: &str) -> Option<Cow<'_, str>> {
    let mut key = String::new();
    if !write_street_key(line, &mut key) {
        return None;
    }
    Some(if key == line { Cow::Borrowed(line) } else { Cow::Owned(key) })
}

pub(super) fn write_street_key(line: &str, key: &mut String) -> bool {
    key.clear();
    SCRATCH.with_borrow_mut(|words| {
        words.read(line);
        words.list.retain(|word| !word.is_ampersand());
        // The first word stays whatever it is, for a key is not empty.
        let (mut at, mut kept) = (1, 1);
        while at < words.list.len() {
            match unit_words(words, at) {
                0 => {
                    words.list[kept] = words.list[at];
                    kept += 1;
                    at += 1;
                }
                unit => at += unit,
            }
        }
        words.list.truncate(kept);
        let mut at = 0;
        while at < words.list.len() {
            if let Some(taken) = post_box(words, at) {
                push(key, "po box");
                at += taken;
                continue;
            }
            write_word(words, at, key);
            at += 1;
        }
        !key.is_empty()
    })
}

fn push(key: &mut String, word: &str) {
    if !key.is_empty() {
        key.push(' ');
    }
    key.push_str(word);
}

fn write_word(words: &Words, at: usize, key: &mut String) {
    let word = words.at(at);
    // An ordinal is written out, so it is a word.
    let is_number = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit()) && !SPELLINGS.contains_key(word)
    };
    let next = words.list.get(at + 1).map(|next| words.of(*next));
    let written = match word {
        // "St" before a name is a saint, at the end a street.
        "st" => match next {
            Some(next) if next.len() > 2 && !is_number(next) && unit_words(words, at + 1) == 0 => {
                "saint"
            }
            _ => "street",
        },
        // Letters alone are directions only beside a name, and not the letter of a house number.
        "n" | "s" | "e" | "w" if next.is_none() && (at == 0 || is_number(words.at(at - 1))) => word,
        "c" | "q" | "v" if next.is_none() => word,
        "c" | "q" | "v" if at > 0 => word,
        _ => SPELLINGS.get(word).copied().unwrap_or(word),
    };
    // German: "Hauptstr." and "Hauptstraße", in one word or two.
    if let Some(name) = word.strip_suffix("str").filter(|name| name.len() > 2) {
        push(key, name);
        key.push_str("strasse");
        return;
    }
    push(key, written);
}

/// How many words at `at` name a unit inside a building and its number.
fn unit_words(words: &Words, at: usize) -> usize {
    let is_unit = matches!(
        words.at(at),
        "suite"
            | "ste"
            | "unit"
            | "apt"
            | "apartment"
            | "flat"
            | "floor"
            | "fl"
            | "room"
            | "rm"
            | "etage"
            | "piso"
            | "og"
    );
    if !is_unit {
        return 0;
    }
    let short = |word: &str| {
        word.len() <= 5 && word.bytes().any(|byte| byte.is_ascii_digit()) || word.len() == 1
    };
    match words.list.get(at + 1) {
        Some(next) if short(words.of(*next)) && !next.marks.has(Marks::AFTER_COMMA) => 2,
        // "5th floor" has its number before, which was written already.
        _ => 1,
    }
}

/// How many words at `at` say "post office box".
fn post_box(words: &Words, at: usize) -> Option<usize> {
    let word = |offset: usize| words.list.get(at + offset).map(|word| words.of(*word));
    match (word(0)?, word(1), word(2)) {
        ("po" | "pob" | "pobox", Some("box"), _) => Some(2),
        ("p", Some("o"), Some("box")) => Some(3),
        ("post", Some("office"), Some("box")) => Some(3),
        ("pobox" | "postfach" | "pob", Some(_), _) => Some(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_one_key_however_it_is_abbreviated() {
        for (expected, lines) in [
            (
                "123 north main street",
                &[
                    "123 N. Main St.",
                    "123 North Main Street",
                    "123 N MAIN ST, Suite 400",
                    "123 N Main St Ste 4B",
                    "123 N. Main Street, Apt. 5",
                    "123 N Main St Unit 7",
                ][..],
            ),
            (
                "1600 pennsylvania avenue northwest",
                &["1600 Pennsylvania Ave NW", "1600 Pennsylvania Avenue, N.W."],
            ),
            (
                "12 saint james street",
                &["12 St James St", "12 St. James Street", "12 Saint James Str"],
            ),
            ("hauptstrasse 5", &["Hauptstr. 5", "Hauptstraße 5", "HAUPTSTRASSE 5", "Hauptstr 5"]),
            (
                "10 boulevard saint michel",
                &["10 Bd St Michel", "10, Boulevard Saint-Michel", "10 bld. St-Michel"],
            ),
            (
                "po box 12",
                &["PO Box 12", "P.O. Box 12", "P. O. Box 12", "Post Office Box 12", "POB 12"],
            ),
            ("350 fifth avenue", &["350 5th Ave", "350 Fifth Avenue"]),
            ("221b baker street", &["221B Baker St", "221b Baker Street"]),
            ("calle mayor 3", &["C/ Mayor 3", "Calle Mayor, 3", "C. Mayor 3"]),
            (
                "100 market street",
                &["100 Market St., Fl. 12", "100 Market St Floor 12", "100 Market St, Room 5"],
            ),
        ] {
            for line in lines {
                assert_eq!(street_key(line).as_deref(), Some(expected), "{line}");
            }
        }
        for line in ["", " ", "—", "&"] {
            assert_eq!(street_key(line), None);
        }
    }

    #[test]
    fn house_numbers_keep_addresses_apart() {
        assert_ne!(street_key("12 Main St"), street_key("21 Main St"));
        assert_ne!(street_key("12 Main St"), street_key("12A Main St"));
    }
}
