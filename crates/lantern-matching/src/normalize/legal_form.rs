//! Legal forms in company names: `GmbH & Co. KG`, `S.à r.l.`, `株式会社`, `ООО`.
//!
//! The table is `data/legal_forms.txt`. A name's words are compared end to end without spaces, so
//! `Sp. z o.o.`, `sp zoo` and `S P Z O O` are one spelling.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use foldhash::fast::FixedState;

use super::{
    company_words, fold, tables,
    words::{Marks, Word, Words},
};

/// Bumped whenever the form found in any name changes.
pub const LEGAL_FORM_VERSION: u32 = 1;

/// A legal form of companies.
#[derive(Debug, PartialEq, Eq)]
pub struct LegalForm {
    /// Its usual spelling: `GmbH`, `Ltd.`, `Sp. z o.o.`.
    pub name: &'static str,
    /// The countries (ISO 3166-1 alpha-2) that have it, commonest first.
    pub countries: Vec<&'static str>,
}

impl LegalForm {
    /// The likeliest country of a company of this form.
    pub fn country(&self) -> Option<&'static str> {
        self.countries.first().copied()
    }

    fn shares_country(&self, other: &Self) -> bool {
        self.countries.iter().any(|country| other.countries.contains(country))
    }
}

/// Where in a name a spelling counts as a legal form.
#[derive(Clone, Copy, Default)]
struct Places(u8);

impl Places {
    const END: u8 = 1;
    const ANYWHERE: u8 = 1 << 1;
    const START: u8 = 1 << 2;
    const START_WEAK: u8 = 1 << 3;
    const START_PAIRED: u8 = 1 << 4;
    const DOTTED: u8 = 1 << 5;
    const BRACKETED: u8 = 1 << 6;

    fn parse(text: &str) -> Self {
        Self(text.chars().fold(0, |places, letter| {
            places
                | match letter {
                    's' => Self::END,
                    'a' => Self::ANYWHERE,
                    'p' => Self::START,
                    'w' => Self::START_WEAK,
                    'x' => Self::START_PAIRED,
                    'd' => Self::DOTTED,
                    'b' => Self::BRACKETED,
                    _ => 0,
                }
        }))
    }

    fn has(self, place: u8) -> bool {
        self.0 & place != 0
    }
}

/// What the table says of one spelling.
struct Spelling {
    form: usize,
    /// Where it counts in any script.
    places: Places,
    /// Where else it counts in letters that are not Latin.
    foreign: Places,
    /// Words that, following it, show that it is part of the name.
    unless_before: Vec<&'static str>,
}

struct Table {
    forms: Vec<LegalForm>,
    spellings: HashMap<Box<str>, Spelling, FixedState>,
    /// Spellings written without a space to the name, longest first.
    glued: Vec<(String, usize)>,
    /// The words of spellings that have several.
    words: HashSet<Box<str>, FixedState>,
    /// Length in bytes of the longest spelling.
    longest: usize,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::parse(include_str!("data/legal_forms.txt")));

/// No single word that counts anywhere is longer.
const LONGEST_ANYWHERE: usize = 12;
/// The most words that a spelling has.
const MOST_WORDS: usize = 10;
const ANDS: [&str; 9] = ["and", "und", "et", "y", "e", "og", "och", "en", "i"];

impl Table {
    fn parse(text: &'static str) -> Self {
        let mut table = Self {
            forms: Vec::new(),
            spellings: HashMap::default(),
            glued: Vec::new(),
            words: HashSet::default(),
            longest: 0,
        };
        let mut words = Words::default();
        for line in tables::lines(text) {
            let mut columns = line.splitn(4, '|').map(str::trim);
            let (Some(name), Some(countries), Some(places), Some(spellings)) =
                (columns.next(), columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            let countries: Vec<_> = countries.split_whitespace().collect();
            let known = table
                .forms
                .iter()
                .position(|form| form.name == name && form.countries == countries);
            let form = known.unwrap_or_else(|| {
                table.forms.push(LegalForm { name, countries });
                table.forms.len() - 1
            });
            let mut places = places.split_whitespace();
            let letters = places.next().unwrap_or_default();
            let unless_before: Vec<_> = places.filter_map(|word| word.strip_prefix('!')).collect();
            for spelling in spellings.split(';').map(str::trim) {
                if letters.contains('g') {
                    table.glued.push((fold::compose(spelling).into_owned(), form));
                }
                words.read(spelling);
                if words.list.len() > 1 {
                    table.words.extend(words.list.iter().map(|word| words.of(*word).into()));
                }
                table.add(&words, Places::parse(letters), form, &unless_before);
            }
        }
        table.glued.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        table
    }

    fn add(&mut self, words: &Words, places: Places, form: usize, unless_before: &[&'static str]) {
        // A spelling in another script that is short in Latin letters would hit ordinary words.
        let foreign = words.list.len() == 1 && words.list[0].marks.has(Marks::FOREIGN);
        let mut spellings = vec![words.text.clone()];
        if let Some(sign) = words.list.iter().find(|word| word.is_ampersand()) {
            let (before, after) = words.text.split_at(sign.start);
            spellings.extend(ANDS.map(|and| format!("{before}{and}{after}")));
        }
        for spelling in spellings {
            self.longest = self.longest.max(spelling.len());
            let entry =
                self.spellings.entry(spelling.into_boxed_str()).or_insert_with(|| Spelling {
                    form,
                    places: Places::default(),
                    foreign: Places::default(),
                    unless_before: Vec::new(),
                });
            entry.unless_before.extend_from_slice(unless_before);
            let places_here = if foreign { &mut entry.foreign } else { &mut entry.places };
            places_here.0 |= places.0;
            // A spelling that another line allows without dots needs none.
            if entry.form != form && !places.has(Places::DOTTED) {
                places_here.0 &= !Places::DOTTED;
            }
        }
    }

    fn find(&self, words: &Words, from: usize, to: usize, place: u8) -> Option<&Spelling> {
        let text = &words.text[words.list[from].start..words.list[to - 1].end];
        if text.len() > self.longest {
            return None;
        }
        let spelling = self.spellings.get(text)?;
        let marks = words.list[from].marks;
        let counts = |places: Places| {
            places.has(place)
                && (to - from > 1
                    || (!places.has(Places::DOTTED) || marks.has(Marks::DOTTED))
                        && (!places.has(Places::BRACKETED) || marks.has(Marks::BRACKETED)))
        };
        let foreign = marks.has(Marks::FOREIGN);
        (counts(spelling.places) || foreign && counts(spelling.foreign)).then_some(spelling)
    }
}

/// Takes the longest legal form off the end of `words[lo..hi]`, if a word is left.
pub(super) fn strip_end(
    words: &mut Words,
    lo: usize,
    hi: &mut usize,
) -> Option<&'static LegalForm> {
    let first = (lo + 1).max(hi.saturating_sub(MOST_WORDS));
    for from in first..*hi {
        if words.list[from].is_ampersand() && from + 1 == *hi {
            continue;
        }
        if let Some(spelling) = TABLE.find(words, from, *hi, Places::END) {
            *hi = from;
            return Some(&TABLE.forms[spelling.form]);
        }
    }
    strip_glued(words, *hi - 1)
}

/// Takes the longest legal form off the start of `words[lo..hi]`, if a word is left. `at_end` is
/// the form that the name ended with.
pub(super) fn strip_start(
    words: &mut Words,
    lo: &mut usize,
    hi: usize,
    at_end: Option<&LegalForm>,
) -> Option<&'static LegalForm> {
    for to in (*lo + 1..hi.min(*lo + MOST_WORDS)).rev() {
        let any = Places::START | Places::START_WEAK | Places::START_PAIRED;
        let Some(spelling) = TABLE.find(words, *lo, to, any) else { continue };
        let form = &TABLE.forms[spelling.form];
        let paired = at_end.is_some_and(|other| form.shares_country(other));
        let foreign = words.list[*lo].marks.has(Marks::FOREIGN);
        let places = Places(spelling.places.0 | if foreign { spelling.foreign.0 } else { 0 });
        let next = words.at(to);
        let counts = places.has(Places::START)
            || places.has(Places::START_WEAK) && !company_words::is_common(next)
            || places.has(Places::START_PAIRED) && paired;
        if counts && !spelling.unless_before.contains(&next) {
            *lo = to;
            return Some(form);
        }
    }
    strip_glued(words, *lo)
}

/// Takes a legal form off a word that it is written together with, in scripts without spaces.
pub(super) fn strip_glued(words: &mut Words, index: usize) -> Option<&'static LegalForm> {
    let word = words.list[index];
    if !word.marks.has(Marks::FOREIGN) {
        return None;
    }
    let text = words.of(word);
    let (spelling, form) = TABLE.glued.iter().find(|(spelling, _)| {
        text.len() > spelling.len()
            && (text.ends_with(&**spelling) || text.starts_with(&**spelling))
    })?;
    let cut = if text.ends_with(&**spelling) {
        Word { end: word.end - spelling.len(), ..word }
    } else {
        Word { start: word.start + spelling.len(), ..word }
    };
    words.list[index] = cut;
    Some(&TABLE.forms[*form])
}

/// The legal form that a word is wherever it stands after the first word.
pub(super) fn anywhere(word: &str) -> Option<&'static LegalForm> {
    if word.len() > LONGEST_ANYWHERE {
        return None;
    }
    let spelling = TABLE.spellings.get(word)?;
    spelling.places.has(Places::ANYWHERE).then(|| &TABLE.forms[spelling.form])
}

/// Whether a legal form of several words has this one.
pub(super) fn has_word(word: &str) -> bool {
    TABLE.words.contains(word)
}

/// The legal form that `words[lo..hi]` as a whole is.
pub(super) fn whole(words: &Words, lo: usize, hi: usize) -> Option<&'static LegalForm> {
    if lo == hi {
        return None;
    }
    let any = Places::END | Places::START | Places::START_WEAK;
    let spelling = TABLE.find(words, lo, hi, any)?;
    Some(&TABLE.forms[spelling.form])
}
