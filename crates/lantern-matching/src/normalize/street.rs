//! Street lines: the key of the building's address, without the unit in the building.

use std::{borrow::Cow, cell::RefCell, collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

use super::{
    tables,
    words::{Marks, Words},
};

mod units;

/// Bumped whenever any line's key changes.
pub const STREET_KEY_VERSION: u32 = 4;

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
/// Case, accents and abbreviations are normalized. Suites, flats and floors are removed, because
/// not every record of an address has them; numbers stay. `None` if there is no letter or digit.
pub fn street_key(line: &str) -> Option<Cow<'_, str>> {
    let mut key = String::new();
    if !write_street_key(line, &mut key) {
        return None;
    }
    Some(if key == line { Cow::Borrowed(line) } else { Cow::Owned(key) })
}

/// Maximum number of words of a street line. Longer texts are not searched for units.
const MOST_WORDS: usize = 64;

pub(super) fn write_street_key(line: &str, key: &mut String) -> bool {
    if !write_once(line, key) {
        return false;
    }
    // Signs between words say what belongs together (`ph-%40`, `Shop 2138.0`) and are gone from the
    // key, which is therefore read again until it stays as it is. Only words for units depend on signs.
    let has_signs = || !line.chars().all(|sign| sign.is_alphanumeric() || sign == ' ');
    if key.split(' ').any(units::is_any) && has_signs() {
        let mut again = String::with_capacity(key.len());
        while write_once(key, &mut again) && again.len() < key.len() {
            std::mem::swap(key, &mut again);
        }
    }
    true
}

fn write_once(line: &str, key: &mut String) -> bool {
    key.clear();
    SCRATCH.with_borrow_mut(|words| {
        words.read(&with_unit_signs(&with_number_signs(line)));
        words.list.retain(|word| !word.is_ampersand());
        // What is left out can bring a unit and another number together.
        while words.list.len() <= MOST_WORDS && units::drop_one(words) {}
        let mut at = 0;
        while at < words.list.len() {
            if let Some(taken) = post_box(words, at) {
                push(key, "po box");
                at += taken;
                continue;
            }
            write_word(words, at, key);
            at += 1;
            if at < words.list.len() && belongs_to_number(words, at) {
                key.push_str(words.at(at));
                at += 1;
            }
        }
        !key.is_empty()
    })
}

/// What parts two buildings of one number in French, in words of their own or not: `12 bis`.
const BETWEEN_NUMBERS: &[&str] = &["bis", "ter", "quater"];
/// Words for a street that stand between its number and its name.
const BEFORE_NAMES: &[&str] = &[
    "rue",
    "r",
    "avenue",
    "av",
    "boulevard",
    "bd",
    "route",
    "chemin",
    "place",
    "allee",
    "impasse",
    "quai",
];

/// Whether the word at `at` is a part of the house number before it: `12 a` is `12a`.
fn belongs_to_number(words: &Words, at: usize) -> bool {
    let (before, word) = (words.at(at - 1), words.list[at]);
    if !before.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let next = words.list.get(at + 1);
    if BETWEEN_NUMBERS.contains(&words.of(word)) {
        // "12 Ter" may also be a terrace.
        return next.is_some_and(|next| BEFORE_NAMES.contains(&words.of(*next)));
    }
    // In "5 B Street" the letter is the name.
    let ends = next.is_none_or(|next| next.marks.contains(Marks::AFTER_COMMA));
    ends && words.of(word).len() == 1
        && words.of(word).bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The line without `n°`, `Nº` and `№` before numbers, and with `2º` behind another number as a floor:
/// `Calle Mayor, 3, 2º B`.
fn with_number_signs(line: &str) -> Cow<'_, str> {
    if line.is_ascii() || !line.contains(['º', 'ª', '°', '№']) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 8);
    for sign in line.chars() {
        let before = out.trim_end_matches(|c: char| c.is_ascii_digit());
        let has_digits = before.len() < out.len();
        match sign {
            '№' => out.push(' '),
            'º' | 'ª' | '°' if has_digits && before.contains(|c: char| c.is_ascii_digit()) => {
                out.insert_str(before.len(), " piso ");
                out.push(' ');
            }
            'º' | '°' if ends_with_word(&out, 'n') => {
                out.pop();
                out.push(' ');
            }
            _ => out.push(sign),
        }
    }
    Cow::Owned(out)
}

/// Whether a text ends with a word of one letter.
fn ends_with_word(text: &str, letter: char) -> bool {
    let mut letters = text.chars().rev();
    letters.next().is_some_and(|last| last.to_ascii_lowercase() == letter)
        && letters.next().is_none_or(|before| !before.is_alphanumeric())
}

/// The line with `#` written as a unit: `#400`. In Latin America it stands before the house number,
/// which has no other number before it but that of the street (`Carrera 7 # 71-21`).
fn with_unit_signs(line: &str) -> Cow<'_, str> {
    let Some((before, after)) = line.split_once('#') else { return Cow::Borrowed(line) };
    let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let number_end = after.trim_start().find(|c: char| !c.is_ascii_alphanumeric());
    let is_range = number_end.is_some_and(|end| after.trim_start()[end..].starts_with('-'));
    let mut words = before.split_whitespace().rev();
    let street_has_number = words.next().is_some_and(has_digit)
        && words.next().is_some_and(|word| {
            let word = word.trim_end_matches('.').to_ascii_lowercase();
            NUMBERED_STREETS.contains(&word.as_str())
        });
    let other_number =
        has_digit(before) || after.split_once([',', ' ']).is_some_and(|(_, rest)| has_digit(rest));
    if is_range || street_has_number || !other_number {
        return Cow::Borrowed(line);
    }
    Cow::Owned(line.replace('#', " unit "))
}

/// Streets that have numbers in Latin America.
const NUMBERED_STREETS: &[&str] = &[
    "calle",
    "cl",
    "clle",
    "carrera",
    "cra",
    "kra",
    "kr",
    "cr",
    "carr",
    "diagonal",
    "diag",
    "transversal",
    "transv",
    "tv",
    "avenida",
    "av",
    "avda",
    "ak",
    "ac",
];

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
            Some(next)
                if next.len() > 2 && !is_number(next) && !units::is_unit(words.at(at + 1)) =>
            {
                "saint"
            }
            _ => "street",
        },
        // Letters alone are directions only beside a name, and not the letter of a house number.
        "n" | "s" | "e" | "w" if next.is_none() && (at == 0 || is_number(words.at(at - 1))) => word,
        "c" | "q" | "v" if next.is_none() => word,
        "c" | "q" | "v" if at > 0 => word,
        // "R. Augusta", "12 r. Lafayette", "12 bis r. Lafayette".
        "r" if words.list[at].marks.contains(Marks::ABBREVIATED)
            && next.is_some()
            && (at == 0
                || is_number(words.at(at - 1))
                || BETWEEN_NUMBERS.contains(&words.at(at - 1))) =>
        {
            "rue"
        }
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

/// Number of words at `at` that mean "post office box".
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
    fn a_unit_is_found_behind_signs_that_the_key_has_not() {
        for line in ["ph-%40-ü ", "apt.//%12 Main", "Shop 2138.0 ", "12.5 Flat.3, Main"] {
            let key = street_key(line).unwrap().into_owned();
            assert_eq!(street_key(&key).unwrap(), key, "{line}");
        }
        assert_eq!(street_key("ph-%40-ü ").unwrap(), "ph 40u", "nothing but a unit");
    }

    #[test]
    fn units_are_left_out_wherever_they_stand() {
        for (expected, lines) in [
            (
                "12 high street",
                &[
                    "12 High St",
                    "Flat 3, 12 High St",
                    "Flat 3 12 High St",
                    "Flat A, 12 High Street",
                    "Flat 3B, 12 High St",
                    "Apt 3B, 12 High St",
                    "12 High St Apt 3B",
                    "12 High St, Apt. #3B",
                    "12 High St #400",
                    "12 High St # 400",
                    "#400, 12 High St",
                    "#400 12 High St",
                    "Suite #400, 12 High St",
                    "Unit 7, 12 High St",
                    "Unit 12 High St",
                    "Ground Floor, 12 High St",
                    "3rd Floor, 12 High St",
                    "12 High St, 3rd Floor",
                    "12 High St, Level 3",
                    "12 High St, Lvl 3, Suite 5",
                    "Suite Two, 12 High St",
                    "Office 5, 12 High St",
                    "12 High St, Penthouse 2",
                    "12 High St, PH 2",
                    "Apartment 4, Floor 3, 12 High St",
                    "No. 12 High St",
                    "Flat No. 3, 12 High St",
                    "Flat 1/2, 12 High St",
                    "Apt. 3-B, 12 High St",
                    "12 High St., Suite 100-A",
                    "Shop 4, 12 High St",
                    "Building B, 12 High St",
                    "12 High St Lot 5",
                    "Basement Flat, 12 High St",
                    "c/o John Smith, 12 High St",
                    "Attn: Sales, 12 High St",
                ][..],
            ),
            (
                "350 fifth avenue",
                &["350 5th Ave 5th Floor", "350 5th Ave, Fl 5", "350 Fifth Avenue"],
            ),
            (
                "hauptstrasse 5",
                &[
                    "Hauptstr. 5, 2. OG",
                    "Hauptstr. 5 2. Stock",
                    "Hauptstr. 5, Wohnung 3",
                    "Hauptstr. 5 Top 4",
                    "Hauptstr. 5, EG",
                    "Hauptstr. 5 (Hinterhaus)",
                    "Hauptstr. 5, 2. Etage links",
                    "Hauptstr. Nr. 5",
                ],
            ),
            (
                "10 rue royale",
                &["10 rue Royale, 3e étage", "10 rue Royale, Appt 5", "Appt. 5, 10 rue Royale"],
            ),
            (
                "calle mayor 3",
                &[
                    "Calle Mayor 3, Piso 2, Puerta 4",
                    "Calle Mayor 3, Apto 301",
                    "Calle Mayor, 3, 2º B",
                    "C/ Mayor 3, 2º izq",
                    "Calle Mayor nº 3",
                ],
            ),
            (
                "via roma 7",
                &["Via Roma 7, int. 5", "Via Roma 7 interno 5", "Via Roma n. 7", "Via Roma n° 7"],
            ),
            ("10 rue lafayette", &["Bât. B, 10 rue Lafayette", "10 rue Lafayette, escalier 3"]),
        ] {
            for line in lines {
                assert_eq!(street_key(line).as_deref(), Some(expected), "{line}");
            }
        }
    }

    #[test]
    fn words_that_are_also_units_and_house_numbers_stay() {
        for (line, expected) in [
            ("12 Flat Rock Rd", "12 flat rock road"),
            ("12 Rue Ste Catherine", "12 rue sainte catherine"),
            ("Suite 400", "suite 400"),
            ("Apt 3B", "apt 3b"),
            ("#400", "400"),
            ("Av. Juárez #45", "avenue juarez 45"),
            ("Carrera 7 # 71-21", "carrera 7 71 21"),
            ("Calle 10 #43-12", "calle 10 43 12"),
            ("5 Top Hill", "5 top hill"),
            ("1 Office Park Dr", "1 office park drive"),
            ("2 Level Green Ct", "2 level green court"),
            ("5 Shop Lane", "5 shop lane"),
            ("10 Block Ave", "10 block avenue"),
            ("Building 7", "building 7"),
            ("12 Rear Admiral Rd", "12 rear admiral road"),
            ("123 N. 5th St", "123 north fifth street"),
            ("1 No Name Rd", "1 no name road"),
        ] {
            let key = street_key(line);
            assert_eq!(key.as_deref(), Some(expected), "{line}");
            assert_eq!(street_key(expected).as_deref(), Some(expected), "{line}");
        }
    }

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
                "berliner street 12a",
                &["Berliner Str. 12a", "Berliner Straße 12 a", "BERLINER STRASSE 12 A"],
            ),
            ("karl marx street 5", &["Karl-Marx-Str. 5", "Karl-Marx-Straße 5"]),
            ("hauptstrasse 12a", &["Hauptstr. 12 a", "Hauptstraße 12a", "Hauptstr. 12 a, 2. OG"]),
            ("kungsgatan 5b", &["Kungsgatan 5 B", "Kungsgatan 5B"]),
            ("12bis rue de la paix", &["12 bis rue de la Paix", "12bis, rue de la Paix"]),
            ("12ter rue lafayette", &["12 ter rue Lafayette", "12 ter, r. Lafayette"]),
            ("avenue paulista 1000", &["Av. Paulista, 1000", "Avenida Paulista 1000"]),
            ("rue augusta 5", &["R. Augusta, 5", "Rua Augusta 5"]),
            ("plaza roma 1", &["P.za Roma 1", "Pza. Roma 1", "Piazza Roma, 1"]),
            ("viale roma 1", &["V.le Roma 1", "Viale Roma, 1"]),
            ("ulica dluga 7", &["ul. Długa 7", "Ulica Długa 7"]),
            ("ulica lenina 5", &["ул. Ленина 5", "улица Ленина, 5"]),
            ("ataturk caddesi 5", &["Atatürk Cad. 5", "Atatürk Caddesi No: 5"]),
            ("18 beach parade", &["18 Beach Pde", "Unit 7, 18 Beach Parade"]),
            ("8 beach terrace", &["8 Beach Tce", "8 Beach Terrace"]),
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
        assert_ne!(street_key("Kungsgatan 5 B"), street_key("Kungsgatan 5 C"));
        for (line, expected) in [
            ("5 B Street", "5 b street"),
            ("12 Ter", "12 terrace"),
            ("12 Terrace", "12 terrace"),
            ("R St NW", "r street northwest"),
            ("Calle 10 A", "calle 10a"),
        ] {
            assert_eq!(street_key(line).as_deref(), Some(expected), "{line}");
            assert_eq!(street_key(expected).as_deref(), Some(expected), "{line}");
        }
    }
}
