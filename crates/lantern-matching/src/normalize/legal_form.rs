//! Legal forms in company names: `GmbH & Co. KG`, `S.à r.l.`, `株式会社`, `ООО`.
//!
//! The table is `data/legal_forms.txt`. The words of a name are compared without spaces between
//! them, so `Sp. z o.o.`, `sp zoo` and `S P Z O O` are one spelling.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use bitflags::bitflags;
use foldhash::fast::FixedState;

use super::{
    company_words, fold, tables,
    words::{Marks, Word, Words},
};

/// Bumped whenever the form found in any name changes.
pub const LEGAL_FORM_VERSION: u32 = 4;

/// A legal form of companies.
#[derive(Debug, PartialEq, Eq)]
pub struct LegalForm {
    /// Its usual spelling: `GmbH`, `Ltd.`, `Sp. z o.o.`.
    pub name: &'static str,
    /// The countries (ISO 3166-1 alpha-2) that have it, the most common first.
    pub countries: Vec<&'static str>,
}

impl LegalForm {
    /// The most likely country of a company with this form.
    pub fn country(&self) -> Option<&'static str> {
        self.countries.first().copied()
    }

    fn shares_country(&self, other: &Self) -> bool {
        self.countries.iter().any(|country| other.countries.contains(country))
    }
}

bitflags! {
    /// The position in a name at which a spelling counts as a legal form.
    #[derive(Clone, Copy, Default)]
    struct Places: u16 {
        const END = 1;
        const ANYWHERE = 1 << 1;
        const START = 1 << 2;
        const START_WEAK = 1 << 3;
        const START_PAIRED = 1 << 4;
        /// At the end (at the start) of a name only with dots or slashes.
        const DOTTED_END = 1 << 5;
        const DOTTED_START = 1 << 10;
        const BRACKETED = 1 << 6;
        /// At the end (at the start) of a name only in the form's own case, because it is also a
        /// word.
        const CASED_END = 1 << 7;
        const CASED_START = 1 << 8;
        /// In a name of only capitals it is taken for the word.
        const RARE = 1 << 9;
        const ANY_START = Self::START.bits() | Self::START_WEAK.bits() | Self::START_PAIRED.bits();
    }
}

impl Places {
    fn parse(text: &str) -> Self {
        let place = |letter| match letter {
            's' => Self::END,
            'a' => Self::ANYWHERE,
            'p' => Self::START,
            'w' => Self::START_WEAK,
            'x' => Self::START_PAIRED,
            'b' => Self::BRACKETED,
            _ => Self::empty(),
        };
        let mut places: Self = text.chars().map(place).collect();
        if text.contains('d') {
            places |= places.of_each(Self::DOTTED_END, Self::DOTTED_START);
        }
        places
    }

    /// One flag for the end of names and one for the start, at which a spelling counts.
    fn of_each(self, at_end: Self, at_start: Self) -> Self {
        let end = if self.intersects(Self::END | Self::ANYWHERE) { at_end } else { Self::empty() };
        let start = if self.intersects(Self::ANY_START) { at_start } else { Self::empty() };
        end | start
    }

    /// Whether a spelling counts without dots at one of the positions in `place`.
    fn needs_no_dots(self, place: Self) -> bool {
        let needed = (self & place).of_each(Self::DOTTED_END, Self::DOTTED_START);
        !self.contains(needed)
    }

    /// The same positions, each only in the case of the form.
    fn cased(self, is_rare: bool) -> Self {
        let mut places = self | self.of_each(Self::CASED_END, Self::CASED_START);
        if is_rare {
            places |= Self::RARE;
        }
        places
    }
}

/// How the letters of a legal form are written, without its dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// `AG`
    Upper,
    /// `Bt`
    Capitalized,
    /// `SpA`, `eV`
    Mixed,
    /// `doo`
    Lower,
}

impl Case {
    fn of(form: &str) -> Self {
        let letters = || form.chars().filter(|c| c.is_alphabetic());
        let upper = letters().filter(|c| c.is_uppercase()).count();
        if upper == 0 {
            Self::Lower
        } else if upper == letters().count() {
            Self::Upper
        } else if upper == 1 && letters().next().is_some_and(char::is_uppercase) {
            Self::Capitalized
        } else {
            Self::Mixed
        }
    }

    /// Whether a word that is both a form and an ordinary word is written as the form is, or in
    /// capitals if the form is more common than the word.
    fn allows(self, words: &Words, marks: Marks, is_rare: bool) -> bool {
        if marks.contains(Marks::DOTTED) {
            return true;
        }
        if marks.contains(Marks::UPPER) {
            return !is_rare || words.has_lower && self == Self::Upper;
        }
        match self {
            Self::Upper => false,
            Self::Capitalized => marks.contains(Marks::CAPITALIZED),
            Self::Mixed => marks.contains(Marks::MIXED),
            // In a name without capitals, every word is written like that.
            Self::Lower => words.has_upper && !marks.intersects(Marks::CAPITALIZED | Marks::MIXED),
        }
    }
}

/// The entry of the table for a spelling.
struct Spelling {
    form: usize,
    /// The positions at which it counts in any script.
    places: Places,
    /// Further positions at which it counts in letters that are not Latin.
    foreign: Places,
    /// Words that follow it if it is part of the name.
    unless_before: Vec<&'static str>,
    /// Words that precede it if it is something else.
    unless_after: Vec<&'static str>,
}

struct Table {
    forms: Vec<LegalForm>,
    /// How the letters of each form are written.
    cases: Vec<Case>,
    spellings: HashMap<Box<str>, Spelling, FixedState>,
    /// Spellings without a space between them and the name, longest first.
    glued: Vec<(String, usize)>,
    /// The words of spellings of several words.
    words: HashSet<Box<str>, FixedState>,
    /// Length in bytes of the longest spelling.
    longest: usize,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::parse(include_str!("data/legal_forms.txt")));

/// Length of the longest spelling of a single word.
const LONGEST_ANYWHERE: usize = 12;
/// Maximum number of words of a spelling.
const MOST_WORDS: usize = 10;
const ANDS: [&str; 9] = ["and", "und", "et", "y", "e", "og", "och", "en", "i"];

impl Table {
    fn parse(text: &'static str) -> Self {
        let mut table = Self {
            forms: Vec::new(),
            cases: Vec::new(),
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
                table.cases.push(Case::of(name));
                table.forms.len() - 1
            });
            let mut places = places.split_whitespace();
            let letters = places.next().unwrap_or_default();
            let (mut unless_before, mut unless_after) = (Vec::new(), Vec::new());
            for word in places {
                unless_before.extend(word.strip_prefix('!'));
                unless_after.extend(word.strip_prefix('^'));
            }
            let places = Places::parse(letters);
            for spelling in spellings.split(';').map(str::trim) {
                let (spelling, places) = match spelling.strip_prefix('~') {
                    Some(spelling) => match spelling.strip_prefix('~') {
                        Some(spelling) => (spelling, places.cased(true)),
                        None => (spelling, places.cased(false)),
                    },
                    None => (spelling, places),
                };
                if letters.contains('g') {
                    table.glued.push((fold::compose(spelling).into_owned(), form));
                }
                words.read(spelling);
                if words.list.len() > 1 {
                    table.words.extend(words.list.iter().map(|word| words.of(*word).into()));
                }
                table.add(&words, places, form, &unless_before, &unless_after);
            }
        }
        table.glued.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        table
    }

    fn add(
        &mut self,
        words: &Words,
        places: Places,
        form: usize,
        unless_before: &[&'static str],
        unless_after: &[&'static str],
    ) {
        // A spelling in another script that is short in Latin letters would match ordinary words.
        let foreign = words.list.len() == 1 && words.list[0].marks.contains(Marks::FOREIGN);
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
                    unless_after: Vec::new(),
                });
            entry.unless_before.extend_from_slice(unless_before);
            entry.unless_after.extend_from_slice(unless_after);
            let places_here = if foreign { &mut entry.foreign } else { &mut entry.places };
            *places_here |= places;
            // If another line allows a spelling without dots, it needs none.
            if entry.form != form && !places.intersects(Places::DOTTED_END | Places::DOTTED_START) {
                places_here.remove(places.of_each(Places::DOTTED_END, Places::DOTTED_START));
            }
        }
    }

    fn find(&self, words: &Words, from: usize, to: usize, place: Places) -> Option<&Spelling> {
        let text = &words.text[words.list[from].start..words.list[to - 1].end];
        if text.len() > self.longest {
            return None;
        }
        let spelling = self.spellings.get(text)?;
        // "& Sal" is also written as one word.
        let mut lettered = words.list[from..to].iter().filter(|word| !word.is_ampersand());
        let marks = lettered.next()?.marks;
        let has_several = lettered.next().is_some();
        let counts = |places: Places| {
            places.intersects(place)
                && (has_several
                    || (marks.contains(Marks::DOTTED) || places.needs_no_dots(place))
                        && (!places.contains(Places::BRACKETED)
                            || marks.contains(Marks::BRACKETED))
                        && self.in_its_case(spelling.form, places, place, words, marks))
        };
        let foreign = marks.contains(Marks::FOREIGN);
        (counts(spelling.places) || foreign && counts(spelling.foreign)).then_some(spelling)
    }

    /// Whether a word at one of the positions in `place` is in the case that its spelling requires.
    fn in_its_case(
        &self,
        form: usize,
        places: Places,
        place: Places,
        words: &Words,
        marks: Marks,
    ) -> bool {
        let here = places & place;
        let free_end = here.contains(Places::END) && !places.contains(Places::CASED_END);
        let free_start =
            here.intersects(Places::ANY_START) && !places.contains(Places::CASED_START);
        free_end
            || free_start
            || self.cases[form].allows(words, marks, places.contains(Places::RARE))
    }
}

/// Removes the longest legal form from the end of `words[lo..hi]`, if a word remains.
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
        if let Some(spelling) = TABLE.find(words, from, *hi, Places::END)
            && !spelling.unless_after.contains(&words.at(from - 1))
        {
            *hi = from;
            return Some(&TABLE.forms[spelling.form]);
        }
    }
    strip_glued(words, *hi - 1)
}

/// Removes the longest legal form from the start of `words[lo..hi]`, if a word remains. `at_end` is
/// the form at the end of the name.
pub(super) fn strip_start(
    words: &mut Words,
    lo: &mut usize,
    hi: usize,
    at_end: Option<&LegalForm>,
) -> Option<&'static LegalForm> {
    for to in (*lo + 1..hi.min(*lo + MOST_WORDS)).rev() {
        let Some(spelling) = TABLE.find(words, *lo, to, Places::ANY_START) else { continue };
        let form = &TABLE.forms[spelling.form];
        let paired = at_end.is_some_and(|other| form.shares_country(other));
        let foreign = words.list[*lo].marks.contains(Marks::FOREIGN);
        let mut places = spelling.places;
        if foreign {
            places |= spelling.foreign;
        }
        let next = words.at(to);
        // What is also a word is one before a form of another country: PAO QUENTE LTDA.
        let is_word =
            places.contains(Places::CASED_START) && !foreign && at_end.is_some() && !paired;
        let counts = places.contains(Places::START) && !is_word
            || places.contains(Places::START_WEAK) && !is_word && !company_words::is_common(next)
            || places.contains(Places::START_PAIRED) && paired;
        if counts && !spelling.unless_before.contains(&next) {
            *lo = to;
            return Some(form);
        }
    }
    strip_glued(words, *lo)
}

/// Removes a legal form from a word without a space between them, in scripts without spaces.
pub(super) fn strip_glued(words: &mut Words, index: usize) -> Option<&'static LegalForm> {
    let word = words.list[index];
    if !word.marks.contains(Marks::FOREIGN) {
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

/// The legal form that a word is at any position after the first word.
pub(super) fn anywhere(word: &str) -> Option<&'static LegalForm> {
    if word.len() > LONGEST_ANYWHERE {
        return None;
    }
    let spelling = TABLE.spellings.get(word)?;
    let places = spelling.places;
    (places.contains(Places::ANYWHERE) && !places.contains(Places::CASED_END))
        .then(|| &TABLE.forms[spelling.form])
}

/// Whether a legal form of several words contains this word.
pub(super) fn has_word(word: &str) -> bool {
    TABLE.words.contains(word)
}

/// The legal form that `words[lo..hi]` is as a whole.
pub(super) fn whole(words: &Words, lo: usize, hi: usize) -> Option<&'static LegalForm> {
    if lo == hi {
        return None;
    }
    let any = Places::END | Places::START | Places::START_WEAK;
    let spelling = TABLE.find(words, lo, hi, any)?;
    Some(&TABLE.forms[spelling.form])
}
