//! Names of people: a key by which spellings of one name are equal, and keys of its parts.
//!
//! Titles, degrees and generations ("Jr.") are left out, nicknames stand for the name they come
//! from (`data/nicknames.txt`), particles are part of the surname (`van der Berg` is
//! `vanderberg`), initials between two names are left out, and `Byron, Ada` and `BYRON Ada` are
//! `ada byron`.

use std::{borrow::Cow, cell::RefCell, collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

use super::{
    tables,
    words::{Marks, Word, Words},
};

/// Bumped whenever any name's key changes.
pub const PERSON_KEY_VERSION: u32 = 1;
/// Bumped whenever any name's key changes.
pub const FIRST_NAME_KEY_VERSION: u32 = 1;
/// Bumped whenever any name's key changes.
pub const LAST_NAME_KEY_VERSION: u32 = 1;
/// Bumped whenever the given name read from any full name changes.
pub const GIVEN_NAME_KEY_VERSION: u32 = 1;
/// Bumped whenever the family name read from any full name changes.
pub const FAMILY_NAME_KEY_VERSION: u32 = 1;

static NICKNAMES: LazyLock<HashMap<&'static str, &'static str, FixedState>> = LazyLock::new(|| {
    tables::colon_lines(include_str!("data/nicknames.txt"))
        .flat_map(|(name, nicknames)| {
            nicknames.split_whitespace().map(move |nickname| (nickname, name))
        })
        .collect()
});

#[derive(Default)]
struct Scratch {
    words: Words,
    /// The words that are left, given names first.
    order: Vec<Word>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Which part of a name a key is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A full name, to a key of all of it.
    Whole,
    /// A full name, to its given name.
    Given,
    /// A full name, to its family name.
    Family,
    /// A field of given names only.
    FirstField,
    /// A field of a surname only.
    LastField,
}

/// The key of a full name: `"Dr. Byron, Bob J. (Bobby) Jr."` is `"robert byron"`.
pub fn person_key(name: &str) -> Option<Cow<'_, str>> {
    key(name, Part::Whole)
}

/// The key of a field of given names: `"Bob J."` is `"robert"`, `"Jean Pierre"` `"jean-pierre"`.
/// A name after the first counts only where two make one (`Jean Pierre`, `Mary Ann`).
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

/// The key of the family name in a full name. None if there is only one name.
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
            arrange(scratch, part);
            write_part(scratch, part, out);
        } else {
            // A word that is left out can bring a title or a degree to an end of the name.
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

/// A text of more words is no name, and no rule about names should read it.
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

/// Writes the key of the words read. True if it may change when it is read again.
fn write_once(scratch: &mut Scratch, part: Part, out: &mut String) -> bool {
    let before = scratch.words.list.len();
    let moved = arrange(scratch, part);
    write_part(scratch, part, out);
    let written = out.split([' ', '-']).count();
    !out.is_empty() && (written != before || moved)
}

const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "mister",
    "dr",
    "drs",
    "doctor",
    "prof",
    "professor",
    "sir",
    "dame",
    "lord",
    "lady",
    "rev",
    "revd",
    "reverend",
    "hon",
    "honorable",
    "honourable",
    "rabbi",
    "pastor",
    "father",
    "sister",
    "capt",
    "captain",
    "cpt",
    "col",
    "colonel",
    "gen",
    "general",
    "lt",
    "sgt",
    "maj",
    "major",
    "cmdr",
    "adm",
    "amb",
    "sen",
    "rep",
    "gov",
    "pres",
    "herr",
    "frau",
    "hr",
    "fr",
    "dipl",
    "ing",
    "mag",
    "dkfm",
    "dkffr",
    "priv",
    "doz",
    "univ",
    "habil",
    "med",
    "phil",
    "jur",
    "rer",
    "nat",
    "pol",
    "oec",
    "hc",
    "monsieur",
    "madame",
    "mademoiselle",
    "mme",
    "mmes",
    "mlle",
    "maitre",
    "me",
    "senor",
    "senora",
    "senorita",
    "sr",
    "sra",
    "srta",
    "sres",
    "dra",
    "dona",
    "lic",
    "arq",
    "abg",
    "signor",
    "signora",
    "signorina",
    "sig",
    "sigra",
    "dott",
    "dottssa",
    "dottoressa",
    "avv",
    "geom",
    "rag",
    "cav",
    "senhor",
    "senhora",
    "eng",
    "enga",
    "dhr",
    "mevr",
    "mevrouw",
    "meneer",
    "ir",
    "pan",
    "pani",
    "mgr",
    "bc",
    "judr",
    "mudr",
    "phdr",
    "rndr",
    "inz",
    "shri",
    "smt",
    "shrimati",
    "sri",
    "sheikh",
    "sayyid",
    "haji",
    "hajj",
    "datuk",
    "dato",
    "tan",
    "tun",
    "puan",
    "encik",
];
/// Degrees, generations and memberships after a name.
const SUFFIXES: &[&str] = &[
    "jr", "junior", "sr", "senior", "snr", "jnr", "ii", "iii", "iv", "2nd", "3rd", "4th", "phd",
    "dphil", "edd", "md", "mba", "emba", "cpa", "cfa", "esq", "esquire", "dds", "dmd", "dvm", "jd",
    "llm", "llb", "msc", "bsc", "mphil", "meng", "beng", "bcom", "mcom", "mph", "mpa", "pmp",
    "cissp", "sphr", "phr", "shrm", "obe", "mbe", "cbe", "kbe", "dbe", "kc", "qc", "faia", "aia",
    "leed", "facs", "facp", "frcs", "mrcp", "cfp", "chfc", "clu", "cma", "cia", "acca", "fca",
    "aca", "fcca", "mcips", "pharmd", "psyd", "msw", "lcsw", "bsn", "msn", "fils", "pere", "filho",
    "neto", "hijo",
];
/// Suffixes that are also names or initials: only after a comma or with dots.
const SUFFIXES_MARKED: &[&str] = &[
    "ma", "ba", "ms", "bs", "do", "rn", "pe", "pa", "np", "dc", "od", "lp", "mp", "psm", "ret",
    "usa", "usn", "v", "vi",
];
const PARTICLES: &[&str] = &[
    "van", "von", "vom", "vander", "vanden", "de", "del", "della", "delle", "dela", "di", "da",
    "do", "dos", "das", "du", "des", "den", "der", "ten", "ter", "te", "zu", "zum", "zur", "af",
    "av", "la", "le", "las", "los", "lo", "el", "al", "bin", "binti", "bint", "ibn", "abu", "abd",
    "st", "saint", "san", "santa", "mc", "mac", "fitz", "ap", "op", "het",
];
/// Surnames that "O" belongs to, where the apostrophe is missing.
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
/// Given names that the next one belongs to, with and without a hyphen.
const COMPOUND: &[&str] = &[
    "jean", "marie", "ann", "anna", "johannes", "carl", "maria", "mary", "jose", "juan", "luis",
    "eva", "klaus",
];

/// Puts the words that count into order: given names first. True if the order changed.
fn arrange(scratch: &mut Scratch, part: Part) -> bool {
    let Scratch { words, order } = scratch;
    order.clear();
    let list = &words.list;
    let bare = list.iter().any(|word| !word.marks.has(Marks::BRACKETED) && !word.is_ampersand());
    order.extend(
        list.iter()
            .filter(|word| !(word.is_ampersand() || bare && word.marks.has(Marks::BRACKETED))),
    );
    // What follows a comma and is only titles and degrees goes first; then a comma left over
    // stands between surname and given names.
    strip_titles(words, order);
    let mut end = order.len();
    while let Some(comma) = (1..end).rev().find(|at| order[*at].marks.has(Marks::AFTER_COMMA)) {
        if order[comma..end]
            .iter()
            .all(|word| is_suffix(words.of(*word), true) || is_title(words.of(*word)))
            || part == Part::LastField
        {
            order.drain(comma..end);
        }
        end = comma;
    }
    let comma = (1..order.len()).find(|at| order[*at].marks.has(Marks::AFTER_COMMA));
    match comma {
        Some(comma) => {
            let surname = end_without_suffixes(words, &order[..comma]);
            order.drain(surname..comma);
            order.rotate_left(surname);
            // The given names may have a title of their own: "Byron, Dr. Ada".
            let given = order.len() - surname;
            let titles =
                order[..given].iter().take_while(|word| is_title(words.of(**word))).count();
            if titles < given {
                order.drain(..titles);
            }
            let given = order.len() - surname;
            let kept = end_without_suffixes(words, &order[..given]);
            order.drain(kept..given);
            true
        }
        None => {
            let kept = end_without_suffixes(words, order);
            order.truncate(kept);
            rotate_upper_surname(words, order)
        }
    }
}

fn is_title(word: &str) -> bool {
    TITLES.contains(&word)
}

fn is_suffix(word: &str, marked: bool) -> bool {
    SUFFIXES.contains(&word) || marked && SUFFIXES_MARKED.contains(&word)
}

/// Takes titles off the start, as long as two words are left ("Dr. Smith" keeps one).
fn strip_titles(words: &Words, order: &mut Vec<Word>) {
    let titles = order
        .iter()
        .take_while(|word| {
            is_title(words.of(**word)) && !word.marks.has(Marks::HYPHENATED)
                || words.of(**word) == "h"
                || words.of(**word) == "c"
        })
        .count();
    let first_is_title = order.first().is_some_and(|word| is_title(words.of(*word)));
    if first_is_title {
        order.drain(..titles.min(order.len().saturating_sub(1)));
    }
}

/// The number of words before the suffixes at the end; at least one.
fn end_without_suffixes(words: &Words, list: &[Word]) -> usize {
    let mut end = list.len();
    while end > 1 {
        let word = list[end - 1];
        let marked = word.marks.has(Marks::DOTTED) || word.marks.has(Marks::AFTER_COMMA);
        if end > 2 && words.of(word) == "d" && words.of(list[end - 2]) == "ph" {
            end -= 2;
        } else if is_suffix(words.of(word), marked) {
            end -= 1;
        } else {
            break;
        }
    }
    end
}

/// `BYRON Ada` is written surname first where only surnames are in capitals.
fn rotate_upper_surname(words: &Words, order: &mut [Word]) -> bool {
    let is_upper = |word: &Word| {
        word.marks.has(Marks::UPPER)
            && !word.marks.has(Marks::DOTTED)
            && !word.marks.has(Marks::FOREIGN)
    };
    let upper = order.iter().take_while(|word| is_upper(word)).count();
    let longest = order[..upper].iter().map(|word| word.end - word.start).max().unwrap_or(0);
    let rest_is_mixed = order[upper..].iter().all(|word| !is_upper(word))
        && order[upper..].iter().any(|word| words.of(*word).len() > 1);
    let rotates = upper > 0 && longest > 2 && rest_is_mixed;
    if rotates {
        order.rotate_left(upper);
    }
    rotates
}

/// Writes a part of the arranged name.
fn write_part(scratch: &Scratch, part: Part, out: &mut String) {
    let Scratch { words, order } = scratch;
    out.clear();
    let Some(first) = order.first() else { return };
    match part {
        Part::Whole => {
            write_given(words, *first, out);
            write_surnames(words, &order[1..], true, out);
        }
        Part::Given => write_given(words, *first, out),
        Part::Family => {
            let mut start = order.len().max(2) - 1;
            while start > 1
                && order.get(start).is_some_and(|word| {
                    word.marks.has(Marks::HYPHENATED)
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
            if next.marks.has(Marks::HYPHENATED) || COMPOUND.contains(&out.as_str()) {
                out.push('-');
                out.push_str(words.of(*next));
            }
        }
        Part::LastField => write_surnames(words, order, false, out),
    }
}

fn write_given(words: &Words, word: Word, out: &mut String) {
    let name = words.of(word);
    if word.marks.has(Marks::DOTTED) {
        // Initials: the first stands for all, for the others are left out too.
        out.extend(name.chars().next());
    } else {
        out.push_str(NICKNAMES.get(name).copied().unwrap_or(name));
    }
}

/// Writes the names after the given one, particles joined to what they belong to.
fn write_surnames(words: &Words, list: &[Word], drop_initials: bool, out: &mut String) {
    let mut joins = false;
    for (at, word) in list.iter().enumerate() {
        let text = words.of(*word);
        let next = list.get(at + 1).map(|next| words.of(*next));
        let is_initial = text.len() == 1;
        let is_irish = text == "o" && next.is_some_and(|next| IRISH.contains(&next));
        if is_initial && next.is_some() && !joins && !is_irish && (drop_initials || text == "y")
            || word.marks.has(Marks::DOTTED) && drop_initials && next.is_some()
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
