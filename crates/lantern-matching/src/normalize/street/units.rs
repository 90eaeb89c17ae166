//! Units in a building: suites, flats and floors, with their numbers.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use bitflags::bitflags;
use foldhash::fast::FixedState;

use crate::normalize::words::{Marks, Words};

/// Words for a part of a building that is numbered.
const UNITS: &[&str] = &[
    "suite",
    "ste",
    "unit",
    "apt",
    "apartment",
    "flat",
    "room",
    "rm",
    "office",
    "ofc",
    "penthouse",
    "ph",
    "appt",
    "appartement",
    "apto",
    "apartamento",
    "depto",
    "departamento",
    "dpto",
    "oficina",
    "puerta",
    "interno",
    "int",
    "scala",
    "wohnung",
    "whg",
    "wohneinheit",
    "top",
    "lejlighed",
    "kv",
];
/// Words for a part of a building only where a number follows: they are also words of street names.
const NUMBERED: &[&str] = &[
    "shop",
    "lot",
    "bldg",
    "building",
    "block",
    "blk",
    "studio",
    "spc",
    "space",
    "trlr",
    "trailer",
    "bay",
    "hangar",
    "hngr",
    "stall",
    "kiosk",
    "warehouse",
    "bat",
    "batiment",
    "esc",
    "escalier",
    "escalera",
    "porte",
    "bte",
    "boite",
    "bus",
    "bloque",
    "bloco",
    "sala",
    "loja",
    "local",
    "lokal",
    "lok",
    "daire",
    "byt",
    "lgh",
    "ap",
    "cj",
    "conj",
    "conjunto",
    "ofis",
    "lejl",
];
/// Words for a floor, which have their number before or after them.
const FLOORS: &[&str] = &[
    "floor", "fl", "flr", "level", "lvl", "etage", "og", "stock", "piso", "planta", "andar",
    "piano", "emelet", "kat", "patro",
];
/// What stands for a number before a floor.
const FLOOR_NAMES: &[&str] =
    &["ground", "lower", "upper", "top", "first", "second", "third", "basement", "garden"];
const NUMBERS: &[&str] =
    &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
/// Words before a number that say no more than that it is one.
const NUMBER_WORDS: &[&str] = &["no", "nr", "num", "nro", "number", "numero", "nummer"];
/// Parts of a building that have no number, and the sides of a floor.
const PLACES: &[&str] = &[
    "eg",
    "dg",
    "erdgeschoss",
    "dachgeschoss",
    "hinterhaus",
    "vorderhaus",
    "seitenflugel",
    "basement",
    "bsmt",
    "rear",
    "lobby",
    "bajo",
    "atico",
    "entresuelo",
    "rdc",
    "links",
    "rechts",
    "mitte",
    "izq",
    "izda",
    "izquierda",
    "dcha",
    "dch",
    "derecha",
    "th",
    "tv",
    "mf",
];
/// Words before the name of whoever receives letters there.
const CARE_OF: &[&str] = &["attn", "attention", "zhd"];
/// Words that mean something else as well, and are told by their signs.
const WRITTEN: &[&str] = &["co", "n"];

bitflags! {
    /// What a word may be in a street line.
    #[derive(Clone, Copy, Default)]
    struct Role: u8 {
        const UNIT = 1;
        const NUMBERED = 1 << 1;
        const FLOOR = 1 << 2;
        const NUMBER_WORD = 1 << 3;
        const PLACE = 1 << 4;
        const CARE_OF = 1 << 5;
        /// "c/o" and the "n." before a number, by how they are written.
        const WRITTEN = 1 << 6;
    }
}

impl Role {
    fn is_unit(self) -> bool {
        self.intersects(Self::UNIT | Self::NUMBERED | Self::FLOOR)
    }
}

/// The words with which a unit or its number may begin. Most words of a street line are not among
/// them.
static ROLES: LazyLock<HashMap<&'static str, Role, FixedState>> = LazyLock::new(|| {
    let lists = [
        (UNITS, Role::UNIT),
        (NUMBERED, Role::NUMBERED),
        (FLOORS, Role::FLOOR),
        (NUMBER_WORDS, Role::NUMBER_WORD),
        (PLACES, Role::PLACE),
        (CARE_OF, Role::CARE_OF),
        (WRITTEN, Role::WRITTEN),
    ];
    let mut roles: HashMap<_, Role, _> = HashMap::default();
    for (words, role) in lists {
        for word in words {
            *roles.entry(*word).or_default() |= role;
        }
    }
    roles
});

fn role(word: &str) -> Role {
    ROLES.get(word).copied().unwrap_or_default()
}

/// Whether a word may name a unit.
pub(super) fn is_unit(word: &str) -> bool {
    role(word).is_unit()
}

/// Whether a rule about units may read a line with this word.
pub(super) fn is_any(word: &str) -> bool {
    !role(word).is_empty()
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Removes the first unit, if something else remains. Returns whether there was one.
pub(super) fn drop_one(words: &mut Words) -> bool {
    let found = (0..words.list.len()).find_map(|at| {
        let role = role(words.at(at));
        if role.is_empty() {
            return None;
        }
        receiver(words, at, role)
            .or_else(|| number_word(words, at, role))
            .or_else(|| place(words, at, role))
            .or_else(|| unit(words, at, role))
    });
    let Some(found) = found.filter(|found| found.len() < words.list.len()) else { return false };
    words.list.drain(found);
    true
}

/// Whether a comma stands before the word at `at`, or nothing follows.
fn starts_part(words: &Words, at: usize) -> bool {
    at == 0 || words.list.get(at).is_none_or(|word| word.marks.contains(Marks::AFTER_COMMA))
}

/// A unit and its number at `at`.
fn unit(words: &Words, at: usize, role: Role) -> Option<Range<usize>> {
    if !role.is_unit() {
        return None;
    }
    let (is_floor, needs_number) = (role.contains(Role::FLOOR), role.contains(Role::NUMBERED));
    if is_floor && at > 0 && is_floor_number(words, at - 1) {
        // Of "2. OG" alone the number is left.
        let from = if words.list.len() > 2 { at - 1 } else { at };
        return Some(from..at + 1);
    }
    let mut to = at + 1;
    let follows = |to: usize| to < words.list.len() && (needs_number || !starts_part(words, to));
    if follows(to) && NUMBER_WORDS.contains(&words.at(to)) && follows(to + 1) {
        to += 1;
    }
    if !(follows(to) && is_number(words.at(to))) {
        // A word of a name: "Flat Rock Road".
        return (!needs_number && starts_part(words, at + 1)).then_some(at..at + 1);
    }
    let number = to;
    to += 1;
    // "3-B", "1/2" and "100-A".
    while follows(to)
        && words.list[to].marks.intersects(Marks::HYPHENATED | Marks::GLUED)
        && is_number(words.at(to))
    {
        to += 1;
    }
    // The side of a floor: "Piso 2 B", "Piso 2 izq."
    if is_floor && follows(to) && starts_part(words, to + 1) {
        let word = words.at(to);
        to += usize::from(PLACES.contains(&word) || word.chars().nth(1).is_none());
    }
    let mut kept = (0..words.list.len()).filter(|index| !(at..to).contains(index)).peekable();
    kept.peek()?;
    // "Unit 12 High St": without another number, it is that of the house.
    let is_of_the_house = has_digit(words.at(number)) && !kept.any(|at| has_digit(words.at(at)));
    Some(at..if is_of_the_house { number } else { to })
}

/// "No." before a number.
fn number_word(words: &Words, at: usize, role: Role) -> Option<Range<usize>> {
    let next = words.list.get(at + 1).map(|word| words.of(*word))?;
    let digits = next.bytes().take_while(u8::is_ascii_digit).count();
    let is_plain = digits > 0 && next.len() <= digits + 1;
    let is_word = role.contains(Role::NUMBER_WORD)
        // "Via Roma n. 7", but "N. 7th St".
        || words.at(at) == "n"
            && words.list[at].marks.contains(Marks::ABBREVIATED)
            && at > 0
            && starts_part(words, at + 2);
    (is_word && is_plain).then_some(at..at + 1)
}

/// A part of a building without a number, in brackets, between commas, or behind the house number.
fn place(words: &Words, at: usize, role: Role) -> Option<Range<usize>> {
    let word = words.list[at];
    let stands_apart = word.marks.contains(Marks::BRACKETED)
        || starts_part(words, at) && starts_part(words, at + 1)
        || at > 0 && at + 1 == words.list.len() && has_digit(words.at(at - 1));
    (role.contains(Role::PLACE) && stands_apart).then_some(at..at + 1)
}

/// Whoever receives letters there: "c/o John Smith", up to the next comma.
fn receiver(words: &Words, at: usize, role: Role) -> Option<Range<usize>> {
    let word = words.list[at];
    let is_word = role.contains(Role::CARE_OF)
        || words.of(word) == "co" && word.marks.contains(Marks::DOTTED);
    if !(is_word && starts_part(words, at)) {
        return None;
    }
    let end = (at + 1..words.list.len()).find(|at| starts_part(words, *at));
    Some(at..end.unwrap_or(words.list.len()))
}

/// Whether a word is the number of a unit: `3`, `3B`, `400`, `A`, `two`.
fn is_number(word: &str) -> bool {
    word.len() <= 5 && has_digit(word) || word.chars().nth(1).is_none() || NUMBERS.contains(&word)
}

/// Whether the word at `at` is the number of the floor after it: `5th`, `2.`, `ground`.
fn is_floor_number(words: &Words, at: usize) -> bool {
    let word = words.at(at);
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let is_ordinal = digits > 0
        && (matches!(&word[digits..], "st" | "nd" | "rd" | "th" | "e" | "er" | "eme" | "o" | "a")
            || digits == word.len() && words.list[at].marks.contains(Marks::ABBREVIATED));
    is_ordinal || FLOOR_NAMES.contains(&word)
}
