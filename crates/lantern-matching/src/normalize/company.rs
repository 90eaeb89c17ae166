//! Company names: their keys (equal for spellings of one name), their words and their initials.
//!
//! `company_key` folds case and accents, removes legal forms ([`super::legal_form`]), a leading
//! "the" and the word for "and", joins initials, and expands common abbreviations. Numbers stay,
//! because "Fund 3" is not "Fund 4". A name that consists only of a legal form keeps it.

use std::{borrow::Cow, cell::RefCell};

use super::{
    company_spellings,
    legal_form::{self, LegalForm},
    words::{Marks, Word, Words},
};

/// Bumped whenever any name's key changes.
pub const COMPANY_KEY_VERSION: u32 = 4;
/// Bumped whenever any name's acronym changes.
pub const ACRONYM_VERSION: u32 = 4;

thread_local! {
    static SCRATCH: RefCell<Words> = RefCell::default();
}

/// Maximum number of times that a key is normalized again.
const MOST_ROUNDS: usize = 16;

/// How a word joins two parts of a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// "and" in a language in which it is not another word or an initial.
    Word,
    /// "and" in languages in which it may also be an initial: `y`, `e`, `i`, `a`, `u`.
    Letter,
}

fn joint(word: &str) -> Option<Joint> {
    match word {
        "and" | "und" | "et" | "og" | "och" => Some(Joint::Word),
        "y" | "e" | "i" | "en" | "u" | "ve" | "ja" => Some(Joint::Letter),
        _ => None,
    }
}

/// The key of a company name: `"The Müller & Söhne GmbH & Co. KG"` is `"muller sohne"`.
///
/// `None` if the text has no letter or digit.
pub fn company_key(name: &str) -> Option<Cow<'_, str>> {
    let mut key = String::new();
    if !write_company_key(name, &mut key) {
        return None;
    }
    Some(if key == name { Cow::Borrowed(name) } else { Cow::Owned(key) })
}

/// The words of a company's key in their order.
pub fn company_tokens(name: &str) -> Vec<String> {
    let mut key = String::new();
    write_company_key(name, &mut key);
    key.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The initials of a company's name without legal forms and joining words: `"International Business
/// Machines Corp."` is `"ibm"`. `None` for a name of one word.
pub fn acronym(name: &str) -> Option<String> {
    let mut initials = String::new();
    write_acronym(name, &mut initials).then_some(initials)
}

/// The legal form in a company's name, and the countries in which such companies are registered.
pub fn legal_form(name: &str) -> Option<&'static LegalForm> {
    SCRATCH.with_borrow_mut(|words| {
        words.read(name);
        match core_of(words) {
            Core { form: Some(form), .. } => Some(form),
            Core { lo, hi, .. } => legal_form::whole(words, lo, hi)
                .or_else(|| (lo + 1..hi).find_map(|index| legal_form::anywhere(words.at(index)))),
        }
    })
}

pub(super) fn write_company_key(name: &str, key: &mut String) -> bool {
    SCRATCH.with_borrow_mut(|words| {
        words.read(name);
        // A joined or removed word can complete a legal form or an abbreviation. Only a constructed
        // name needs more rounds than this.
        let mut before = String::new();
        for _ in 0..MOST_ROUNDS {
            if !write_core(words, key) || *key == before {
                break;
            }
            before.clone_from(key);
            words.read(key);
        }
        !key.is_empty()
    })
}

pub(super) fn write_acronym(name: &str, initials: &mut String) -> bool {
    initials.clear();
    SCRATCH.with_borrow_mut(|words| {
        words.read(name);
        let Core { lo, hi, .. } = core_of(words);
        let mut count = 0;
        for index in lo..hi {
            let word = words.list[index];
            let text = words.of(word);
            if word.is_ampersand()
                || joint_at(words, index).is_some()
                || legal_form::anywhere(text).is_some()
                || matches!(
                    text,
                    "the"
                        | "of"
                        | "for"
                        | "de"
                        | "du"
                        | "des"
                        | "der"
                        | "die"
                        | "das"
                        | "fur"
                        | "la"
                        | "le"
                        | "les"
                        | "del"
                        | "di"
                        | "do"
                        | "da"
                        | "in"
                        | "at"
                        | "on"
                        | "to"
                )
            {
                continue;
            }
            count += 1;
            // Numbers, and initials that are already joined, are kept whole.
            if text.starts_with(|c: char| c.is_ascii_digit()) || word.marks.contains(Marks::DOTTED)
            {
                initials.push_str(text);
            } else {
                initials.extend(text.chars().next());
            }
        }
        count > 1
    })
}

/// A name without legal forms and without articles at its ends.
struct Core {
    lo: usize,
    hi: usize,
    form: Option<&'static LegalForm>,
}

fn core_of(words: &mut Words) -> Core {
    let mut form = None;
    let (mut lo, mut hi) = (0, words.list.len());
    loop {
        let before = (lo, hi, words.list.get(lo).map(|word| word.start));
        // Signs at the ends join no words.
        while hi > lo && words.list[hi - 1].is_ampersand() {
            hi -= 1;
        }
        while hi > lo && words.list[lo].is_ampersand() {
            lo += 1;
        }
        if hi - lo <= 1 {
            if hi > lo {
                let stripped = legal_form::strip_glued(words, lo);
                form = form.or(stripped);
            }
            return Core { lo, hi, form };
        }
        if words.at(lo) == "the" {
            lo += 1;
            continue;
        }
        if let Some(found) = legal_form::strip_end(words, lo, &mut hi) {
            form = form.or(Some(found));
            continue;
        }
        if let Some(found) = legal_form::strip_start(words, &mut lo, hi, form) {
            form = form.or(Some(found));
            continue;
        }
        if ends_open(words, hi - 1) {
            hi -= 1;
        }
        if before == (lo, hi, words.list.get(lo).map(|word| word.start)) {
            return Core { lo, hi, form };
        }
    }
}

/// Whether the last word of a name joined a word that was removed: "Smith and". A capitalized word
/// is a name (Studio Og); in a text of only lower-case letters this cannot be known.
fn ends_open(words: &Words, last: usize) -> bool {
    match words.at(last) {
        "and" | "the" | "com" => true,
        word => {
            let marks = words.list[last].marks;
            joint(word) == Some(Joint::Word)
                && words.has_upper
                && !marks.contains(Marks::CAPITALIZED)
        }
    }
}

/// Whether the word at `index` joins two parts of a name.
fn joint_at(words: &Words, index: usize) -> Option<Joint> {
    let word = words.list[index];
    match words.of(word) {
        // "και" in Greek letters; in Latin letters it is a name.
        "kai" if word.marks.contains(Marks::FOREIGN) => Some(Joint::Word),
        text => joint(text),
    }
}

/// Writes the key of the words that were read. Returns whether the key may change when it is
/// normalized again.
fn write_core(words: &mut Words, key: &mut String) -> bool {
    let Core { lo, hi, .. } = core_of(words);
    key.clear();
    let mut changed = false;
    let mut last_is_letter = false;
    let mut glue = false;
    let mut group = Group::default();
    for index in lo..hi {
        let word = words.list[index];
        if word.is_ampersand() {
            glue = glues(words, index, lo, hi);
            changed |= glue;
            continue;
        }
        let text = words.of(word);
        if index > lo && index + 1 < hi && joint_at(words, index).is_some() {
            // Without this word, or beside other words, the name may be read differently.
            changed = true;
            if drops_out(words, &key[group.start..], index) {
                glue = text == "and" && joins_initials(words, index);
                continue;
            }
        }
        if index > lo && legal_form::anywhere(text).is_some() {
            changed = true;
            continue;
        }
        let letter = is_letter(text);
        let joins = std::mem::take(&mut glue) || letter && last_is_letter;
        last_is_letter = letter;
        if joins {
            changed = true;
            group.cuts.push(key.len());
        } else {
            changed |= group.end(key, false);
            if !key.is_empty() {
                key.push(' ');
            }
            group.start = key.len();
        }
        if word.marks.contains(Marks::DOTTED) {
            let letters = text.char_indices().skip(1).map(|(at, _)| key.len() + at);
            group.cuts.extend(letters);
        }
        key.push_str(text);
    }
    changed |= group.end(key, true);
    changed
}

/// The word of the key that is being written: a word, or initials that belong together.
#[derive(Default)]
struct Group {
    start: usize,
    /// The positions at which its parts meet.
    cuts: Vec<usize>,
}

impl Group {
    /// Expands an abbreviation. Returns whether the key may change when it is normalized again.
    ///
    /// Initials that together look like an abbreviation are not expanded, so that `S&T Bank` is not
    /// `Saint Bank`. At the end of a name, "St." is a street and "MT" is Montana.
    fn end(&mut self, key: &mut String, is_last: bool) -> bool {
        let is_alone = is_last && self.cuts.is_empty() && self.start > 0;
        match &key[self.start..] {
            "st" if is_alone => {
                key.truncate(self.start);
                key.push_str("street");
                return false;
            }
            "mt" if is_alone => return false,
            _ => {}
        }
        let spelled = company_spellings::spelled_out(&key[self.start..]);
        if let Some(spelled) = spelled {
            if self.cuts.is_empty() {
                key.truncate(self.start);
                key.push_str(spelled.out);
                return spelled.in_legal_form;
            }
            // If they are separate, they may belong to what follows.
            for cut in self.cuts.drain(..).rev() {
                key.insert(cut, ' ');
            }
            return true;
        }
        self.cuts.clear();
        false
    }
}

fn is_letter(word: &str) -> bool {
    word.len() == 1 && word.as_bytes()[0].is_ascii_alphabetic()
}

/// Whether the `&` at `index` is inside initials, as in `AT&T`.
fn glues(words: &Words, index: usize, lo: usize, hi: usize) -> bool {
    if index == lo || index + 1 >= hi {
        return false;
    }
    let (left, sign, right) = (words.list[index - 1], words.list[index], words.list[index + 1]);
    let glued = sign.marks.contains(Marks::GLUED) && right.marks.contains(Marks::GLUED);
    let few = left.end - left.start + right.end - right.start <= 4;
    joins_initials(words, index) || glued && few && is_short(words, left) && is_short(words, right)
}

/// Whether the word at `index` joins a letter with another letter or a short word, with or without
/// spaces: `AT & T`, `A and P`.
fn joins_initials(words: &Words, index: usize) -> bool {
    let (Some(left), Some(right)) =
        (index.checked_sub(1).and_then(|at| words.list.get(at)), words.list.get(index + 1))
    else {
        return false;
    };
    let is_letter = |word: &Word| is_letter(words.of(*word));
    let is_article = words.of(*right) == "the";
    !is_article
        && (is_letter(left) || is_letter(right))
        && is_short(words, *left)
        && is_short(words, *right)
}

fn is_short(words: &Words, word: Word) -> bool {
    (1..=3).contains(&(word.end - word.start))
        && !words.of(word).starts_with(|c: char| c.is_ascii_digit())
}

/// Whether the word at `index`, which has neighbours, only joins them. `before` is the last word of
/// the key so far.
fn drops_out(words: &Words, before: &str, index: usize) -> bool {
    match joint_at(words, index) {
        None => false,
        Some(Joint::Word) => true,
        Some(Joint::Letter) => {
            let next = words.list[index + 1];
            let wordy = |text: &str| text.chars().nth(1).is_some();
            !next.is_ampersand() && wordy(words.of(next)) && wordy(before)
        }
    }
}

#[cfg(test)]
mod tests;
