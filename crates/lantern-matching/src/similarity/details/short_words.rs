//! The words of short Latin-1 texts, as [`super::tokens`] has them for all others.
//!
//! A name has two to five words of unforeseeable length, so that branches on them are guessed
//! wrong: at every step the same number of words is handled, present or not, and words are moved
//! by sixteen bytes at a time.

#![expect(clippy::needless_range_loop, reason = "arrays are read side by side, by one index")]

use super::text::{EACH, Latin1, ROOM, Text, gather, inside};

/// As many words as a text may have here.
const MANY: usize = 8;
/// Bytes of a word that are moved at once.
const STEP: usize = 16;

/// The words of one text, sorted.
#[derive(Debug)]
pub(crate) struct ShortWords {
    latin1: Latin1,
    words: [Word; MANY],
    count: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Word {
    /// The first eight bytes, in an order that compares as they do.
    key: u64,
    start: u8,
    length: u8,
}

/// Words joined by single spaces, with room behind them.
#[derive(Debug)]
pub(crate) struct Joined {
    /// A word more than fits may be written before it turns out not to be wanted.
    bytes: [u8; ROOM + 1 + STEP],
    /// With a space behind each word.
    length: usize,
}

impl Default for ShortWords {
    fn default() -> Self {
        Self { latin1: Latin1::default(), words: [Word::default(); MANY], count: 0 }
    }
}

impl ShortWords {
    /// Reads the words of `text`, if it is short, has few words, and no character below U+0020 or
    /// beyond Latin-1. Within Latin-1 the space is then all that separates words.
    #[inline(always)]
    pub(crate) fn read(&mut self, text: Text<'_>) -> bool {
        if !self.latin1.read(text) {
            return false;
        }
        let (room, length) = self.latin1.room();
        let inside = inside(length);
        let (printed, words) = characters(room, length);
        if printed & inside != inside {
            return false;
        }
        let words = words & inside;
        let starts = words & !(words << 1);
        // The place behind the last word may be the end of the text.
        let ends = !words & (words << 1);
        self.count = starts.count_ones() as usize;
        match self.count {
            0..=4 => self.sort::<4>(starts, ends, length),
            5..=MANY => self.sort::<MANY>(starts, ends, length),
            _ => {
                // The words are still those of an earlier text: none of them may be joined.
                self.count = 0;
                return false;
            }
        }
        true
    }

    #[inline(always)]
    fn sort<const N: usize>(&mut self, mut starts: u64, mut ends: u64, length: usize) {
        let mut words = [Word::default(); N];
        // A word's key and its number below; what is no word comes last.
        let mut order = [u64::MAX; N];
        for (i, word) in words.iter_mut().enumerate() {
            let start = starts.trailing_zeros();
            let end = ends.trailing_zeros().min(length as u32);
            starts &= starts.wrapping_sub(1);
            ends &= ends.wrapping_sub(1);
            let from = start as usize;
            let size = end.saturating_sub(start);
            let key =
                self.latin1.bytes()[from..].first_chunk().map_or(0, |key| u64::from_be_bytes(*key));
            let beyond = u64::MAX.checked_shr(8 * size).unwrap_or(0);
            *word = Word { key: key & !beyond, start: start as u8, length: size as u8 };
            let key = if i < self.count { word.key } else { u64::MAX };
            order[i] = (key & !7) | i as u64;
        }
        sort_network(&mut order);
        for (to, number) in self.words.iter_mut().zip(order) {
            *to = words[(number & 7) as usize % N];
        }
        let mut alike = false;
        for (i, pair) in order.windows(2).enumerate() {
            alike |= i + 1 < self.count && pair[0] ^ pair[1] < 8;
        }
        if alike {
            self.sort_exactly();
        }
    }

    /// For different words with the same key.
    #[cold]
    #[inline(never)]
    fn sort_exactly(&mut self) {
        let Self { latin1, words, count } = self;
        let text = latin1.bytes();
        words[..*count].sort_unstable_by(|a, b| bytes(text, a).cmp(bytes(text, b)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The words joined by single spaces.
    #[inline(always)]
    pub(crate) fn join(&self, joined: &mut Joined) {
        joined.length = 0;
        let most = if self.count <= 4 { 4 } else { MANY };
        for (i, word) in self.words[..most].iter().enumerate() {
            joined.append(self.latin1.bytes(), word, i < self.count);
        }
    }

    /// For each word, whether it is there and differs from the one before it.
    #[inline(always)]
    fn distinct(&self) -> [bool; MANY] {
        let mut distinct = [false; MANY];
        distinct[0] = self.count > 0;
        for i in 1..MANY {
            let same = same(
                (self.latin1.bytes(), &self.words[i - 1]),
                (self.latin1.bytes(), &self.words[i]),
            );
            distinct[i] = i < self.count && !same;
        }
        distinct
    }
}

/// Splits the words of two texts: gives the characters of the shared words joined by single
/// spaces, and their number; those of only one text are joined.
#[inline(always)]
pub(crate) fn split(
    a: &ShortWords,
    b: &ShortWords,
    only_a: &mut Joined,
    only_b: &mut Joined,
) -> (usize, usize) {
    (only_a.length, only_b.length) = (0, 0);
    if a.count <= 4 && b.count <= 4 {
        split_of::<4>(a, b, only_a, only_b)
    } else {
        split_of::<MANY>(a, b, only_a, only_b)
    }
}

#[inline(always)]
fn split_of<const N: usize>(
    a: &ShortWords,
    b: &ShortWords,
    only_a: &mut Joined,
    only_b: &mut Joined,
) -> (usize, usize) {
    let (distinct_a, distinct_b) = (a.distinct(), b.distinct());
    let mut in_a = [false; N];
    let (mut characters, mut words) = (0, 0);
    for i in 0..N {
        let word = &a.words[i];
        let mut in_b = false;
        for j in 0..N {
            let equal =
                (j < b.count) & same((a.latin1.bytes(), word), (b.latin1.bytes(), &b.words[j]));
            in_b |= equal;
            in_a[j] |= equal & (i < a.count);
        }
        let shared = usize::from(distinct_a[i] & in_b);
        characters += shared * (usize::from(word.length) + 1);
        words += shared;
        only_a.append(a.latin1.bytes(), word, distinct_a[i] & !in_b);
    }
    for j in 0..N {
        only_b.append(b.latin1.bytes(), &b.words[j], distinct_b[j] & !in_a[j]);
    }
    (characters.saturating_sub(1), words)
}

/// Whether two words are the same.
#[inline(always)]
fn same((a, x): (&[u8], &Word), (b, y): (&[u8], &Word)) -> bool {
    let begins = (x.key == y.key) & (x.length == y.length);
    // Words of up to eight bytes are their keys.
    begins && (x.length <= 8 || bytes(a, x) == bytes(b, y))
}

fn bytes<'t>(text: &'t [u8], word: &Word) -> &'t [u8] {
    &text[usize::from(word.start)..][..usize::from(word.length)]
}

impl Default for Joined {
    fn default() -> Self {
        Self { bytes: [0; ROOM + 1 + STEP], length: 0 }
    }
}

impl Joined {
    /// The words' bytes and, as the number, how many these are; behind them may be anything.
    #[inline(always)]
    pub(crate) fn room(&self) -> (&[u8; ROOM], usize) {
        // The array is longer.
        const EMPTY: &[u8; ROOM] = &[0; ROOM];
        (self.bytes.first_chunk().unwrap_or(EMPTY), self.length.saturating_sub(1))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Appends a word and a space, if it is wanted.
    #[inline(always)]
    fn append(&mut self, text: &[u8; 2 * ROOM], word: &Word, wanted: bool) {
        let (from, length) = (usize::from(word.start), usize::from(word.length));
        let mut moved = 0;
        loop {
            // Whole steps are within both arrays, as the words themselves are.
            let source = text.get(from + moved..).and_then(|text| text.first_chunk::<STEP>());
            let target = self.bytes.get_mut(self.length + moved..);
            let target = target.and_then(|bytes| bytes.first_chunk_mut::<STEP>());
            if let (Some(source), Some(target)) = (source, target) {
                *target = *source;
            }
            moved += STEP;
            if moved >= length {
                break;
            }
        }
        let next = self.length + usize::from(wanted) * (length + 1);
        if wanted {
            self.bytes[next - 1] = b' ';
        }
        self.length = next;
    }
}

/// For each byte, whether it is no control character of ASCII, and whether it is part of a word.
#[inline(always)]
fn characters(text: &[u8; ROOM], length: usize) -> (u64, u64) {
    let (mut printed, mut words) = (0, 0);
    let parts = if length <= 32 { 4 } else { 8 };
    for (i, part) in text.as_chunks::<8>().0[..parts].iter().enumerate() {
        let part = u64::from_le_bytes(*part);
        let low = part & (EACH * 0x7F);
        // Adding carries into the highest bit from 0x20 on, and from 0x21 on.
        printed |= gather(part | (low + EACH * 0x60)) << (8 * i);
        words |= gather(part | (low + EACH * 0x5F)) << (8 * i);
    }
    (printed, words)
}

/// Sorts four or eight numbers by exchanges that do not depend on them.
#[inline(always)]
fn sort_network<const N: usize>(numbers: &mut [u64; N]) {
    const OF_FOUR: [(usize, usize); 5] = [(0, 1), (2, 3), (0, 2), (1, 3), (1, 2)];
    const OF_EIGHT: [(usize, usize); 19] = [
        (0, 2),
        (1, 3),
        (4, 6),
        (5, 7),
        (0, 4),
        (1, 5),
        (2, 6),
        (3, 7),
        (0, 1),
        (2, 3),
        (4, 5),
        (6, 7),
        (2, 4),
        (3, 5),
        (1, 4),
        (3, 6),
        (1, 2),
        (3, 4),
        (5, 6),
    ];
    let exchanges: &[(usize, usize)] = if N == 4 { &OF_FOUR } else { &OF_EIGHT };
    for &(i, j) in exchanges {
        let (a, b) = (numbers[i], numbers[j]);
        (numbers[i], numbers[j]) = (a.min(b), a.max(b));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_networks_sort_all_orders_of_zeros_and_ones() {
        // What sorts these sorts everything.
        for bits in 0..256_u64 {
            let mut eight: [u64; 8] = std::array::from_fn(|i| bits >> i & 1);
            sort_network(&mut eight);
            assert!(eight.is_sorted(), "{bits:b}");
            let mut four: [u64; 4] = std::array::from_fn(|i| bits >> i & 1);
            sort_network(&mut four);
            assert!(four.is_sorted(), "{bits:b}");
        }
    }

    #[test]
    fn short_texts_have_the_words_that_all_texts_have() {
        let texts = [
            "",
            " ",
            "a",
            "b a",
            " b  a ",
            "international internationals internation x",
            "the bank of new york mellon corporation inc",
            "b b a a b",
            "abcdefgh abcdefgi abcdefg",
            "one two three four five six seven eight",
            "x",
            "Müller & Söhne ÿÿÿÿÿÿÿÿÿ ÿÿÿÿÿÿÿÿ",
            "a word of sixty-four characters in all, which is what fits here.",
        ];
        let (mut words, mut joined) = (ShortWords::default(), Joined::default());
        for text in texts {
            if !words.read(text.into()) {
                assert!(text.split(' ').count() > MANY, "{text}");
                continue;
            }
            words.join(&mut joined);
            let mut expected: Vec<&str> = text.split_whitespace().collect();
            expected.sort_unstable();
            let (room, length) = joined.room();
            let got: String = room[..length].iter().map(|&code| char::from(code)).collect();
            assert_eq!(got, expected.join(" "), "{text:?}");
        }
    }
}
