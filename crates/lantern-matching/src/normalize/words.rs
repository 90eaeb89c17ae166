//! Splits a name into folded words, and records how each word was written, as far as normalizers
//! need it.

use std::{borrow::Cow, cell::RefCell};

use bitflags::bitflags;

use super::fold::{self, Folded};

/// A word: a range of [`Words::text`], and how it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub start: usize,
    pub end: usize,
    pub marks: Marks,
}

impl Word {
    pub fn is_ampersand(&self) -> bool {
        self.marks.contains(Marks::AMPERSAND)
    }
}

bitflags! {
    /// How a word was written.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Marks: u16 {
        /// Single letters with dots or slashes between them: `S.A.`, `A/S`.
        const DOTTED = 1;
        /// It follows the word before it without a space, after a hyphen.
        const HYPHENATED = 1 << 1;
        /// A comma stands between the word before it and this one.
        const AFTER_COMMA = 1 << 2;
        /// It has letters, all of which are upper case.
        const UPPER = 1 << 3;
        /// It is in parentheses or quotation marks.
        const BRACKETED = 1 << 4;
        /// It is an `&` or `+`, without letters.
        const AMPERSAND = 1 << 5;
        /// It follows the word (or sign) before it without a space.
        const GLUED = 1 << 6;
        /// It has letters that were not Latin.
        const FOREIGN = 1 << 7;
        /// Its first letter is upper case and no other is: `Spa`.
        const CAPITALIZED = 1 << 8;
        /// Has lower-case letters, and upper-case ones after its first: `SpA`, `eV`.
        const MIXED = 1 << 9;
        /// It is followed by a dot: `Gen.`
        const ABBREVIATED = 1 << 10;
    }
}

/// The folded words of one text. Reused from text to text, so that a column costs no allocation
/// a value.
#[derive(Default)]
pub(super) struct Words {
    /// The letters of all words end to end, so that neighbouring words read as one
    /// (`sp` `z` `oo` as `spzoo`).
    pub text: String,
    pub list: Vec<Word>,
    /// Whether the text has lower-case letters: in one of capitals alone, case says nothing.
    pub has_lower: bool,
    /// Whether the text has upper-case letters: in one without, case says nothing either.
    pub has_upper: bool,
}

/// A very long text must not hold its memory for the rest of the thread's life.
const KEPT_BYTES: usize = 1 << 16;

impl Words {
    pub fn of(&self, word: Word) -> &str {
        &self.text[word.start..word.end]
    }

    pub fn at(&self, index: usize) -> &str {
        self.of(self.list[index])
    }

    /// Reads `text`. The words of the previous text are discarded.
    pub fn read(&mut self, text: &str) {
        self.text.clear();
        self.list.clear();
        self.has_lower = false;
        self.has_upper = false;
        if self.text.capacity() > KEPT_BYTES {
            self.text.shrink_to(KEPT_BYTES);
            self.list.shrink_to(KEPT_BYTES / 8);
        }
        if text.is_ascii() {
            Reader::new(self).read(text);
        } else if text.chars().any(fold::needs_composing) {
            Reader::new(self).read(&fold::compose(text));
            self.compose_again();
        } else {
            Reader::new(self).read(text);
        }
    }
}

thread_local! {
    static SCRATCH: RefCell<Words> = RefCell::default();
}

/// Writes the folded words of a text, parted by one space each.
pub(crate) fn write_words(text: &str, out: &mut String) {
    out.clear();
    SCRATCH.with_borrow_mut(|words| {
        words.read(text);
        for word in words.list.iter().filter(|word| word.end > word.start) {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(words.of(*word));
        }
    });
}

impl Words {
    /// Folding may have left out what kept two characters from composing.
    fn compose_again(&mut self) {
        if let Cow::Borrowed(_) = fold::compose(&self.text) {
            return;
        }
        let text = std::mem::take(&mut self.text);
        for word in &mut self.list {
            let composed = fold::compose(&text[word.start..word.end]);
            word.start = self.text.len();
            self.text.push_str(&composed);
            word.end = self.text.len();
        }
    }
}

/// What an ASCII byte does to the word being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Break,
    Dot,
    Comma,
    Hyphen,
    Apostrophe,
    Ampersand,
    Open,
    Close,
    Quote,
    NotAscii,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Break; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'.' | b'/' => Class::Dot,
            b',' | b';' => Class::Comma,
            b'-' => Class::Hyphen,
            b'\'' | b'`' => Class::Apostrophe,
            b'&' | b'+' => Class::Ampersand,
            b'(' | b'[' => Class::Open,
            b')' | b']' => Class::Close,
            b'"' => Class::Quote,
            128.. => Class::NotAscii,
            _ => Class::Break,
        };
        byte += 1;
    }
    classes
};

struct Reader<'a> {
    words: &'a mut Words,
    /// Where the word being read starts in the folded text.
    start: usize,
    /// Where its part after the last dot starts.
    part: usize,
    marks: Marks,
    /// Marks for the next word.
    before: Marks,
    has_lower: bool,
    has_upper: bool,
    /// Whether a letter after the word's first is upper case.
    has_inner_upper: bool,
    brackets: u32,
    quoted: bool,
}

impl<'a> Reader<'a> {
    fn new(words: &'a mut Words) -> Self {
        Self {
            words,
            start: 0,
            part: 0,
            marks: Marks::empty(),
            before: Marks::empty(),
            has_lower: false,
            has_upper: false,
            has_inner_upper: false,
            brackets: 0,
            quoted: false,
        }
    }

    fn in_word(&self) -> bool {
        self.words.text.len() > self.start
    }

    fn end_word(&mut self) {
        let end = self.words.text.len();
        if end > self.start {
            let mut marks = self.marks;
            marks.insert(self.before);
            match (self.has_upper, self.has_lower) {
                (true, false) => marks.insert(Marks::UPPER),
                (true, true) if self.has_inner_upper => marks.insert(Marks::MIXED),
                (true, true) => marks.insert(Marks::CAPITALIZED),
                (false, _) => {}
            }
            self.words.has_lower |= self.has_lower;
            self.words.has_upper |= self.has_upper;
            self.words.list.push(Word { start: self.start, end, marks });
            self.start = end;
            self.part = end;
            self.marks = Marks::empty();
            self.has_lower = false;
            self.has_upper = false;
            self.has_inner_upper = false;
            // What follows directly is glued until something else is read.
            self.before = Marks::GLUED;
            if self.brackets > 0 || self.quoted {
                self.before.insert(Marks::BRACKETED);
            }
        }
    }

    fn space(&mut self) {
        self.end_word();
        self.before.remove(Marks::GLUED);
        self.before.remove(Marks::HYPHENATED);
    }

    /// Marks what comes next as in brackets or not.
    fn bracket(&mut self) {
        if self.brackets > 0 || self.quoted {
            self.before.insert(Marks::BRACKETED);
        } else {
            self.before.remove(Marks::BRACKETED);
        }
    }

    fn ampersand(&mut self) {
        self.end_word();
        let at = self.words.text.len();
        let mut marks = Marks::AMPERSAND;
        if !self.words.list.is_empty() && self.before.contains(Marks::GLUED) {
            marks.insert(Marks::GLUED);
        }
        self.words.list.push(Word { start: at, end: at, marks });
        self.before.insert(Marks::GLUED);
    }

    fn read(mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match CLASSES[usize::from(bytes[at])] {
                Class::Letter | Class::Digit => {
                    let from = at;
                    let mut is_inner = self.in_word();
                    while at < bytes.len() && bytes[at].is_ascii_alphanumeric() {
                        let is_upper = bytes[at].is_ascii_uppercase();
                        self.has_lower |= bytes[at].is_ascii_lowercase();
                        self.has_upper |= is_upper;
                        self.has_inner_upper |= is_upper && is_inner;
                        is_inner = true;
                        at += 1;
                    }
                    let to = self.words.text.len();
                    self.words.text.push_str(&text[from..at]);
                    self.words.text[to..].make_ascii_lowercase();
                    continue;
                }
                Class::NotAscii => {
                    let Some(c) = text[at..].chars().next() else { break };
                    self.read_char(c, bytes.get(at + c.len_utf8()));
                    at += c.len_utf8();
                    continue;
                }
                Class::Break => self.space(),
                Class::Dot => self.dot(bytes[at], bytes.get(at + 1)),
                Class::Comma => {
                    // "1,000" is one number.
                    let thousands = at > 0
                        && bytes[at] == b','
                        && bytes[at - 1].is_ascii_digit()
                        && bytes.len() >= at + 4
                        && bytes[at + 1..at + 4].iter().all(u8::is_ascii_digit)
                        && !bytes.get(at + 4).is_some_and(u8::is_ascii_alphanumeric);
                    if !thousands {
                        self.space();
                        self.before.insert(Marks::AFTER_COMMA);
                    }
                }
                Class::Hyphen => self.hyphen(),
                Class::Apostrophe => self.apostrophe(bytes.get(at + 1)),
                Class::Ampersand => self.ampersand(),
                Class::Open => {
                    self.space();
                    self.brackets += 1;
                    self.bracket();
                }
                Class::Close => {
                    self.space();
                    self.brackets = self.brackets.saturating_sub(1);
                    self.bracket();
                }
                Class::Quote => {
                    self.space();
                    self.quoted = !self.quoted;
                    self.bracket();
                }
            }
            at += 1;
        }
        self.end_word();
    }

    /// A dot or slash: it joins single letters, and otherwise ends the word.
    fn dot(&mut self, sign: u8, next: Option<&u8>) {
        let part = &self.words.text[self.part..];
        let single = !part.is_empty()
            && part.chars().nth(1).is_none()
            && !part.starts_with(|c: char| c.is_ascii_digit());
        let goes_on = next.is_some_and(|next| next.is_ascii_alphabetic() || !next.is_ascii());
        if single && goes_on {
            self.marks.insert(Marks::DOTTED);
            self.part = self.words.text.len();
        } else {
            if sign == b'.' && self.in_word() {
                self.marks.insert(Marks::ABBREVIATED);
            }
            self.end_word();
        }
    }

    fn hyphen(&mut self) {
        let follows = self.in_word();
        self.end_word();
        if follows {
            self.before.insert(Marks::HYPHENATED);
        }
    }

    /// An apostrophe inside a word is left out; elsewhere it is a quotation mark.
    fn apostrophe(&mut self, next: Option<&u8>) {
        let goes_on = next.is_some_and(|next| next.is_ascii_alphanumeric() || !next.is_ascii());
        if !(self.in_word() && goes_on) {
            self.space();
        }
    }

    fn read_char(&mut self, c: char, next: Option<&u8>) {
        match fold::fold(c) {
            Folded::Ascii(letters) => {
                self.note_case(c);
                self.words.text.push_str(letters.as_str());
                if u32::from(c) >= 0x370 && u32::from(c) < 0x1E00 {
                    self.marks.insert(Marks::FOREIGN);
                }
            }
            Folded::Letter(letter) => {
                self.note_case(c);
                self.words.text.push(letter);
                self.marks.insert(Marks::FOREIGN);
            }
            Folded::Nothing => {}
            Folded::Apostrophe => self.apostrophe(next),
            Folded::Break => match c {
                '\u{2010}' | '\u{2011}' => self.hyphen(),
                '“' | '”' | '„' | '«' | '»' => {
                    self.space();
                    self.quoted = !self.quoted;
                    self.bracket();
                }
                '、' | '，' => {
                    self.space();
                    self.before.insert(Marks::AFTER_COMMA);
                }
                _ => self.space(),
            },
        }
    }

    fn note_case(&mut self, c: char) {
        self.has_lower |= c.is_lowercase();
        self.has_upper |= c.is_uppercase();
        self.has_inner_upper |= c.is_uppercase() && self.in_word();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Words::default();
        words.read(text);
        words
            .list
            .iter()
            .map(
                |word| {
                    if word.is_ampersand() { "&".to_owned() } else { words.of(*word).to_owned() }
                },
            )
            .collect()
    }

    #[test]
    fn dots_and_slashes_join_single_letters_only() {
        assert_eq!(words("S.A."), ["sa"]);
        assert_eq!(words("U.S. Steel"), ["us", "steel"]);
        assert_eq!(words("S.à r.l."), ["sa", "rl"]);
        assert_eq!(words("Novo Nordisk A/S"), ["novo", "nordisk", "as"]);
        assert_eq!(words("amazon.com"), ["amazon", "com"]);
        assert_eq!(words("J. P. Morgan"), ["j", "p", "morgan"]);
        assert_eq!(words("Web 2.0"), ["web", "2", "0"]);
    }

    #[test]
    fn apostrophes_vanish_inside_words() {
        assert_eq!(words("McDonald's"), ["mcdonalds"]);
        assert_eq!(words("L’Oréal"), ["loreal"]);
        assert_eq!(words("Int'l 'Best'"), ["intl", "best"]);
    }

    #[test]
    fn numbers_stay_whole() {
        assert_eq!(words("1,000 Islands"), ["1000", "islands"]);
        assert_eq!(words("Fund 3, 4"), ["fund", "3", "4"]);
        assert_eq!(words("3M"), ["3m"]);
    }

    #[test]
    fn marks_tell_how_a_word_was_written() {
        let mut words = Words::default();
        words.read("SMITH-Jones, \"Bob\" A&B");
        let marks: Vec<_> = words.list.iter().map(|word| word.marks).collect();
        assert!(marks[0].contains(Marks::UPPER) && !marks[1].contains(Marks::UPPER));
        assert!(marks[1].contains(Marks::HYPHENATED));
        assert!(marks[2].contains(Marks::AFTER_COMMA) && marks[2].contains(Marks::BRACKETED));
        assert!(!marks[3].contains(Marks::BRACKETED) && !marks[3].contains(Marks::GLUED));
        assert!(marks[4].contains(Marks::AMPERSAND) && marks[4].contains(Marks::GLUED));
        assert!(marks[5].contains(Marks::GLUED));
    }
}
