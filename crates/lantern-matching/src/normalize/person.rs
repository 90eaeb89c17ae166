//! Names of people: their keys (equal for spellings of one name), and keys of their parts.
//!
//! Titles, degrees and generations ("Jr.") are left out, nicknames stand for the name they come
//! from (`data/nicknames.txt`), particles are part of the surname (`van der Berg` is
//! `vanderberg`), initials between two names are left out, and `Byron, Ada` and `BYRON Ada` are
//! `ada byron`. In Chinese, Japanese and Korean letters the surname comes first, and a space says
//! nothing: `김 민수` is `김민수`.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use foldhash::fast::FixedState;

use super::{
    tables,
    words::{Marks, Word, Words},
};

mod east_asian;
mod honorifics;

/// Bumped whenever any name's key changes.
pub const PERSON_KEY_VERSION: u32 = 4;
/// Bumped whenever any name's key changes.
pub const FIRST_NAME_KEY_VERSION: u32 = 3;
/// Increases whenever the key of any name changes.
pub const LAST_NAME_KEY_VERSION: u32 = 3;
/// Bumped whenever the given name read from any full name changes.
pub const GIVEN_NAME_KEY_VERSION: u32 = 4;
/// Bumped whenever the family name read from any full name changes.
pub const FAMILY_NAME_KEY_VERSION: u32 = 4;

static NICKNAMES: LazyLock<HashMap<&'static str, &'static str, FixedState>> = LazyLock::new(|| {
    tables::colon_lines(include_str!("data/nicknames.txt"))
        .flat_map(|(name, nicknames)| {
            nicknames.split_whitespace().map(move |nickname| (nickname, name))
        })
        .collect()
});

/// Given names, by which `MARIA Garcia` is distinguished from `GARCIA Maria`.
static GIVEN_NAMES: LazyLock<HashSet<&'static str, FixedState>> = LazyLock::new(|| {
    let nicknames = NICKNAMES.iter().flat_map(|(nickname, name)| [*nickname, *name]);
    let others = tables::lines(include_str!("data/given_names.txt"));
    nicknames
        .chain(others.flat_map(str::split_whitespace))
        .chain(COMPOUND.iter().copied())
        .collect()
});

#[derive(Default)]
struct Scratch {
    words: Words,
    /// The words that remain, given names first.
    order: Vec<Word>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The part of a name for which a key is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A full name, for the key of all of it.
    Whole,
    /// A full name, for the key of its given name.
    Given,
    /// A full name, for the key of its family name.
    Family,
    /// A field with only given names.
    FirstField,
    /// A field with only a surname.
    LastField,
}

/// The key of a full name: `"Dr. Byron, Bob J. (Bobby) Jr."` is `"robert byron"`.
pub fn person_key(name: &str) -> Option<Cow<'_, str>> {
    key(name, Part::Whole)
}

/// The key of a field of given names: `"Bob J."` is `"robert"`, `"Jean Pierre"` is `"jean-pierre"`.
/// A second name only counts if the two form one name (`Jean Pierre`, `Mary Ann`).
pub fn first_name_key(given: &str) -> Option<Cow<'_, str>> {
    key(given, Part::FirstField)
}

/// The key of a field of surnames: `"van der Berg"` is `"vanderberg"`, `"Smith-Jones Jr."`
/// `"smith jones"`.
pub fn last_name_key(surname: &str) -> Option<Cow<'_, str>> {
    key(surname, Part::LastField)
}

/// The key of the first given name in a full name.
pub fn given_name_key(name: &str) -> Option<Cow<'_, str>> {
    key(name, Part::Given)
}

/// The key of the family name in a full name. `None` if there is only one name.
pub fn family_name_key(name: &str) -> Option<Cow<'_, str>> {
    key(name, Part::Family)
}

fn key(name: &str, part: Part) -> Option<Cow<'_, str>> {
    let mut key = String::new();
    if !write_person_key(name, part, &mut key) {
        return None;
    }
    Some(if key == name { Cow::Borrowed(name) } else { Cow::Owned(key) })
}

pub(super) fn write_person_key(name: &str, part: Part, out: &mut String) -> bool {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.words.read(name);
        if scratch.words.list.len() > MOST_WORDS {
            write_as_it_stands(&scratch.words, out);
            return !out.is_empty();
        }
        if matches!(part, Part::Given | Part::Family) {
            let arranged = arrange(scratch, part);
            write_part(scratch, part, arranged, out);
        } else {
            // Removing a word can bring a title or a degree to an end of the name.
            for _ in 0..MOST_WORDS {
                if !write_once(scratch, part, out) {
                    break;
                }
                scratch.words.read(out);
            }
        }
        !out.is_empty()
    })
}

/// Maximum number of words of a name. No rule about names reads a longer text.
const MOST_WORDS: usize = 64;

fn write_as_it_stands(words: &Words, out: &mut String) {
    out.clear();
    for word in words.list.iter().filter(|word| !word.is_ampersand()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(words.of(*word));
    }
}

/// Writes the key of the words that were read. Returns whether it may change when it is normalized
/// again.
fn write_once(scratch: &mut Scratch, part: Part, out: &mut String) -> bool {
    let before = scratch.words.list.len();
    let arranged = arrange(scratch, part);
    write_part(scratch, part, arranged, out);
    let written = out.split([' ', '-']).count();
    !out.is_empty() && (written != before || arranged.moved)
}

const PARTICLES: &[&str] = &[
    "van", "von", "vom", "vander", "vanden", "de", "del", "della", "delle", "dela", "di", "da",
    "do", "dos", "das", "du", "des", "den", "der", "ten", "ter", "te", "zu", "zum", "zur", "af",
    "av", "la", "le", "las", "los", "lo", "el", "al", "bin", "binti", "bint", "ibn", "abu", "abd",
    "st", "saint", "san", "santa", "mc", "mac", "fitz", "ap", "op", "het",
];
/// Surnames to which a preceding "O" belongs if the apostrophe is missing.
const IRISH: &[&str] = &[
    "brien",
    "connor",
    "neill",
    "neil",
    "neal",
    "reilly",
    "sullivan",
    "donnell",
    "leary",
    "keefe",
    "keeffe",
    "hara",
    "malley",
    "rourke",
    "shea",
    "toole",
    "dwyer",
    "gorman",
    "grady",
    "hare",
    "connell",
    "callaghan",
    "mahony",
    "mahoney",
    "donoghue",
    "halloran",
    "driscoll",
    "flaherty",
    "riordan",
    "meara",
    "dea",
    "farrell",
    "rorke",
    "dowd",
    "kane",
    "loughlin",
    "hagan",
];
/// Names that could be initials, judging by their letters.
const NAMES_WITHOUT_VOWELS: &[&str] = &["ng", "md", "mst", "mhd", "mc", "st", "sk"];
/// Names of two letters that begin with a vowel, in capitals.
const SHORT_NAMES: &[&str] = &[
    "ab", "ai", "al", "an", "ao", "ed", "ek", "el", "ia", "ib", "il", "im", "in", "io", "on", "om",
    "or", "os", "ou", "ow", "oz", "uy", "ye", "yi", "yo", "yu",
];
/// Given names that form one name with the next, with and without a hyphen.
const COMPOUND: &[&str] = &[
    "jean", "marie", "ann", "anna", "johannes", "carl", "maria", "mary", "jose", "juan", "luis",
    "eva", "klaus",
];

/// How the words of a name were arranged.
#[derive(Clone, Copy, Default)]
struct Arranged {
    /// Whether the order changed.
    moved: bool,
    /// Number of words at the end that are the surname, if the name showed it.
    surname: Option<usize>,
}

/// Puts the words that count in order: given names first.
fn arrange(scratch: &mut Scratch, part: Part) -> Arranged {
    let Scratch { words, order } = scratch;
    order.clear();
    let list = &words.list;
    let bare =
        list.iter().any(|word| !word.marks.contains(Marks::BRACKETED) && !word.is_ampersand());
    order
        .extend(list.iter().filter(|word| {
            !(word.is_ampersand() || bare && word.marks.contains(Marks::BRACKETED))
        }));
    order.drain(..honorifics::titles(words, order));
    // Titles and degrees after a comma are removed first. A comma that remains is between surname
    // and given names.
    let mut end = order.len();
    while let Some(comma) = (1..end).rev().find(|at| order[*at].marks.contains(Marks::AFTER_COMMA))
    {
        let is_suffix = honorifics::are_honorifics(words, &order[comma..end], comma > 1);
        if part == Part::LastField || is_suffix {
            order.drain(comma..end);
        }
        end = comma;
    }
    let comma = (1..order.len()).find(|at| order[*at].marks.contains(Marks::AFTER_COMMA));
    let Some(comma) = comma else {
        let kept = honorifics::end_without_suffixes(words, order);
        order.truncate(kept);
        let is_full = matches!(part, Part::Whole | Part::Given | Part::Family);
        if is_full && let Some(surname) = east_asian::surname(words, order) {
            if surname == 0 {
                order.rotate_left(1);
            }
            return Arranged { moved: true, surname: Some(1) };
        }
        return rotate_upper_surname(words, order);
    };
    let surname = honorifics::end_without_suffixes(words, &order[..comma]);
    order.drain(surname..comma);
    order.rotate_left(surname);
    // The given names may be preceded by a title: "Byron, Dr. Ada".
    let given = order.len() - surname;
    order.drain(..honorifics::titles(words, &order[..given]));
    let given = order.len() - surname;
    let kept = honorifics::end_without_suffixes(words, &order[..given]);
    order.drain(kept..given);
    Arranged { moved: true, surname: Some(surname) }
}

/// In `BYRON Ada` the surname is first, because only surnames are in capitals. In `MARIA Garcia`
/// the given name is first: a word in capitals that is known as a given name is not a surname,
/// unless another given name follows (`MARTIN Jean`).
fn rotate_upper_surname(words: &Words, order: &mut [Word]) -> Arranged {
    let is_upper = |word: &Word| word.marks.contains(Marks::UPPER) && !is_initials(words, *word);
    let upper = order.iter().take_while(|word| is_upper(word)).count();
    let (surname, rest) = order.split_at(upper);
    let longest = surname.iter().map(|word| word.end - word.start).max().unwrap_or(0);
    let rest_is_mixed = rest.iter().all(|word| !is_upper(word))
        && rest.iter().any(|word| words.of(*word).len() > 1);
    let is_given =
        |words_: &[Word]| words_.first().is_some_and(|word| is_given_name(words.of(*word)));
    let rotates =
        upper > 0 && longest > 2 && rest_is_mixed && (!is_given(surname) || is_given(rest));
    if !rotates {
        return Arranged::default();
    }
    order.rotate_left(upper);
    Arranged { moved: true, surname: Some(upper) }
}

/// The given name of a nickname; the word itself if it is not a nickname.
pub(crate) fn full_given_name(word: &str) -> &str {
    NICKNAMES.get(word).copied().unwrap_or(word)
}

/// Whether a word is known as a given name.
fn is_given_name(word: &str) -> bool {
    GIVEN_NAMES.contains(word)
}

/// Writes a part of the arranged name.
fn write_part(scratch: &Scratch, part: Part, arranged: Arranged, out: &mut String) {
    let Scratch { words, order } = scratch;
    out.clear();
    let Some(first) = order.first() else { return };
    match part {
        Part::Whole if east_asian::is_unspaced(words, order) => {
            let given = order.len() - arranged.surname.unwrap_or(0).min(order.len());
            for word in order[given..].iter().chain(&order[..given]) {
                out.push_str(words.of(*word));
            }
        }
        Part::Whole => {
            write_given(words, *first, out);
            write_surnames(words, &order[1..], true, out);
        }
        Part::Given => write_given(words, *first, out),
        Part::Family => {
            let surname = arranged.surname.unwrap_or(1).clamp(1, order.len());
            let mut start = (order.len() - surname).max(1);
            while start > 1
                && order.get(start).is_some_and(|word| {
                    word.marks.contains(Marks::HYPHENATED)
                        || PARTICLES.contains(&words.of(order[start - 1]))
                })
            {
                start -= 1;
            }
            write_surnames(words, order.get(start..).unwrap_or_default(), false, out);
        }
        Part::FirstField => {
            write_given(words, *first, out);
            let Some(next) = order.get(1).filter(|word| words.of(**word).chars().nth(1).is_some())
            else {
                return;
            };
            if next.marks.contains(Marks::HYPHENATED) || COMPOUND.contains(&out.as_str()) {
                out.push('-');
                out.push_str(words.of(*next));
            }
        }
        Part::LastField => write_surnames(words, order, false, out),
    }
}

fn write_given(words: &Words, word: Word, out: &mut String) {
    let name = words.of(word);
    if is_initials(words, word) || has_no_vowel(name) {
        // The first initial represents all, because the others are removed, too.
        out.extend(name.chars().next());
    } else {
        out.push_str(full_given_name(name));
    }
}

/// Whether a word is initials written together: `J.R.R.`, or `JRR` and `EM` beside small letters.
fn is_initials(words: &Words, word: Word) -> bool {
    let text = words.of(word);
    if word.marks.contains(Marks::DOTTED) {
        return true;
    }
    let in_capitals = words.has_lower && word.marks.contains(Marks::UPPER);
    in_capitals
        && (has_no_vowel(text)
            // "LI" in "LI Wei" is not two initials, because it is a syllable.
            || text.len() == 2 && text.starts_with(is_vowel) && !SHORT_NAMES.contains(&text))
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Whether a word of two to four letters cannot be pronounced, so that it is initials or an
/// abbreviation: `jrr`, `th`.
fn has_no_vowel(word: &str) -> bool {
    (2..=4).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_lowercase())
        && !word.contains(is_vowel)
        && !NAMES_WITHOUT_VOWELS.contains(&word)
}

/// Writes the names after the given one, with particles joined to the name to which they belong.
fn write_surnames(words: &Words, list: &[Word], drop_initials: bool, out: &mut String) {
    let mut joins = false;
    for (at, word) in list.iter().enumerate() {
        let text = words.of(*word);
        let next = list.get(at + 1).map(|next| words.of(*next));
        let is_initial = text.len() == 1;
        let is_irish = text == "o" && next.is_some_and(|next| IRISH.contains(&next));
        if is_initial && next.is_some() && !joins && !is_irish && (drop_initials || text == "y")
            || is_initials(words, *word) && drop_initials && next.is_some()
        {
            continue;
        }
        if !joins && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(if text == "saint" && next.is_some() { "st" } else { text });
        joins = next.is_some() && (PARTICLES.contains(&text) || is_irish || joins && is_initial);
    }
}

#[cfg(test)]
mod tests;
