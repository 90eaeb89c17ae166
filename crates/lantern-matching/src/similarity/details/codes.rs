//! Strings as codes: small numbers that are equal where the characters are equal.
//!
//! A character is a Unicode scalar value. ASCII is its own code and is never copied. Strings within
//! Latin-1 become their bytes. The characters of any other pair are numbered in the order in which
//! the pattern contains them, with 0 for characters that are not in the pattern; each number is one
//! byte if they all fit.

use super::text::{ROOM, Text};

/// A character of a string, as a small number: a byte, or the number that [`Codes`] gave it.
pub(crate) trait Code: Copy + Eq + Send + Sync + 'static {
    fn index(self) -> usize;

    /// Number of the first four codes that two strings share.
    #[inline(always)]
    fn common_start(a: &[Self], b: &[Self]) -> usize {
        a.iter().zip(b).take(4).take_while(|(a, b)| a == b).count()
    }
}

impl Code for u8 {
    #[inline(always)]
    fn common_start(a: &[u8], b: &[u8]) -> usize {
        if let (Some(a), Some(b)) = (a.first_chunk(), b.first_chunk()) {
            let unlike = u32::from_le_bytes(*a) ^ u32::from_le_bytes(*b);
            return unlike.trailing_zeros() as usize / 8;
        }
        a.iter().zip(b).take_while(|(a, b)| a == b).count()
    }

    #[inline(always)]
    fn index(self) -> usize {
        usize::from(self)
    }
}

impl Code for u32 {
    #[inline(always)]
    fn index(self) -> usize {
        self as usize
    }
}

/// A pattern and a text in the same codes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Codes<'a> {
    Bytes(&'a [u8], &'a [u8]),
    /// Used for patterns of more than 255 different characters; all codes are below the number.
    Wide(&'a [u32], &'a [u32], usize),
}

/// Numbers of characters, in a page of 256 for each block that is used, so that a look-up is two
/// loads.
#[derive(Debug, Default)]
struct Alphabet {
    /// For each block of 256 scalar values, its page, plus one.
    pages: Vec<u16>,
    numbers: Vec<[u32; 256]>,
    known: Vec<char>,
}

impl Alphabet {
    const BLOCKS: usize = (char::MAX as usize >> 8) + 1;

    fn learn(&mut self, c: char) -> u32 {
        if self.pages.is_empty() {
            self.pages.resize(Self::BLOCKS, 0);
        }
        let page = &mut self.pages[c as usize >> 8];
        if *page == 0 {
            self.numbers.push([0; 256]);
            *page = self.numbers.len() as u16;
        }
        let number = &mut self.numbers[usize::from(*page) - 1][c as usize & 255];
        if *number == 0 {
            self.known.push(c);
            *number = self.known.len() as u32;
        }
        *number
    }

    fn number(&self, c: char) -> u32 {
        match self.pages.get(c as usize >> 8) {
            None | Some(0) => 0,
            Some(&page) => self.numbers[usize::from(page) - 1][c as usize & 255],
        }
    }

    /// Forgets all characters; the pages are kept.
    fn forget(&mut self) {
        for c in self.known.drain(..) {
            let page = usize::from(self.pages[c as usize >> 8]);
            self.numbers[page - 1][c as usize & 255] = 0;
        }
    }

    /// Number of codes: the known characters, and one for all others.
    fn codes(&self) -> usize {
        self.known.len() + 1
    }
}

/// Memory for the codes of a pair, which the next pair reuses.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    alphabet: Alphabet,
    bytes: [Vec<u8>; 2],
    wide: [Vec<u32>; 2],
}

impl Encoder {
    pub(crate) fn pair<'a>(&'a mut self, pattern: &'a str, text: &'a str) -> Codes<'a> {
        if pattern.is_ascii() && text.is_ascii() {
            return Codes::Bytes(pattern.as_bytes(), text.as_bytes());
        }
        let Self { alphabet, bytes: [pattern8, text8], wide: [pattern32, text32] } = self;
        if is_latin1(pattern) && is_latin1(text) {
            latin1(pattern, pattern8);
            latin1(text, text8);
            return Codes::Bytes(pattern8, text8);
        }
        pattern32.clear();
        pattern32.extend(pattern.chars().map(|c| alphabet.learn(c)));
        text32.clear();
        text32.extend(text.chars().map(|c| alphabet.number(c)));
        let codes = alphabet.codes();
        alphabet.forget();
        if codes > 256 {
            return Codes::Wide(pattern32, text32, codes);
        }
        narrow(pattern32, pattern8);
        narrow(text32, text8);
        Codes::Bytes(pattern8, text8)
    }

    /// Releases memory that an unusually long string needed.
    pub(crate) fn trim(&mut self, most: usize) {
        for bytes in &mut self.bytes {
            bytes.clear();
            bytes.shrink_to(most);
        }
        for wide in &mut self.wide {
            wide.clear();
            wide.shrink_to(most);
        }
        if self.alphabet.numbers.len() > 1024 {
            self.alphabet = Alphabet::default();
        }
    }
}

/// A pattern whose codes are known before its texts come.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// The pattern, followed by as many bytes as [`Text`] may read.
    buffer: String,
    length: usize,
    alphabet: Alphabet,
    bytes: Vec<u8>,
    wide: Vec<u32>,
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        let (mut alphabet, mut bytes, mut wide) = (Alphabet::default(), vec![], vec![]);
        if !text.is_ascii() {
            wide.extend(text.chars().map(|c| alphabet.learn(c)));
            if alphabet.codes() <= 256 {
                narrow(&wide, &mut bytes);
                wide = vec![];
            }
        }
        let buffer = format!("{text}{:ROOM$}", "");
        Self { buffer, length: text.len(), alphabet, bytes, wide }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.buffer[..self.length]
    }

    pub(crate) fn text(&self) -> Text<'_> {
        Text::within(self.as_str(), Some(self.buffer.as_bytes()))
    }

    pub(crate) fn with<'a>(&'a self, text: &'a str, encoder: &'a mut Encoder) -> Codes<'a> {
        let pattern_is_ascii = self.alphabet.known.is_empty();
        if pattern_is_ascii {
            if text.is_ascii() {
                return Codes::Bytes(self.as_str().as_bytes(), text.as_bytes());
            }
            // A code outside of ASCII represents all other characters.
            let codes = &mut encoder.bytes[1];
            codes.clear();
            codes.extend(text.chars().map(|c| if c.is_ascii() { c as u8 } else { 0x80 }));
            return Codes::Bytes(self.as_str().as_bytes(), codes);
        }
        if self.wide.is_empty() {
            let codes = &mut encoder.bytes[1];
            codes.clear();
            codes.extend(text.chars().map(|c| self.alphabet.number(c) as u8));
            return Codes::Bytes(&self.bytes, codes);
        }
        let codes = &mut encoder.wide[1];
        codes.clear();
        codes.extend(text.chars().map(|c| self.alphabet.number(c)));
        Codes::Wide(&self.wide, codes, self.alphabet.codes())
    }
}

/// Whether all characters are below 256: no lead byte above that of U+00FF.
pub(crate) fn is_latin1(text: &str) -> bool {
    text.bytes().all(|byte| byte < 0xC4)
}

fn latin1(text: &str, codes: &mut Vec<u8>) {
    codes.clear();
    codes.extend(text.chars().map(|c| c as u8));
}

fn narrow(wide: &[u32], bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.extend(wide.iter().map(|&code| code as u8));
}
