//! Units inside a building: suites, flats, floors, with their numbers.

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
/// Words for a floor, which have their number before or after them.
const FLOORS: &[&str] = &[
    "floor", "fl", "flr", "level", "lvl", "etage", "og", "stock", "piso", "planta", "andar",
    "piano",
];
/// What stands for a number before a floor.
const FLOOR_NAMES: &[&str] = &["ground", "lower", "upper", "top", "first", "second", "third"];
const NUMBERS: &[&str] =
    &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// Whether a word may name a unit.
pub(super) fn is_unit(word: &str) -> bool {
    UNITS.contains(&word) || FLOORS.contains(&word)
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Takes the first unit out, if something else is left. False if there is none.
pub(super) fn drop_one(words: &mut Words) -> bool {
    for at in 0..words.list.len() {
        if !is_unit(words.at(at)) {
            continue;
        }
        let mut from = at;
        let mut to = at + 1;
        let starts_part =
            |at: usize| words.list.get(at).is_none_or(|word| word.marks.has(Marks::AFTER_COMMA));
        if FLOORS.contains(&words.at(at)) && at > 0 && is_floor_number(words, at - 1) {
            // Of "2. OG" alone the number is left.
            from = if words.list.len() > 2 { at - 1 } else { at };
        } else if !starts_part(to) && is_number(words.at(to)) {
            to += 1;
        } else if !starts_part(to) {
            // A word of a name: "Flat Rock Road".
            continue;
        }
        let is_kept = |index: &usize| !(from..to).contains(index);
        let mut kept = (0..words.list.len()).filter(is_kept).peekable();
        if kept.peek().is_none() {
            return false;
        }
        // "Unit 12 High St": without another number, it is that of the house.
        if to - at == 2 && has_digit(words.at(at + 1)) && !kept.any(|at| has_digit(words.at(at))) {
            to = at + 1;
        }
        words.list.drain(from..to);
        return true;
    }
    false
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
            || digits == word.len() && words.list[at].marks.has(Marks::ABBREVIATED));
    is_ordinal || FLOOR_NAMES.contains(&word)
}
