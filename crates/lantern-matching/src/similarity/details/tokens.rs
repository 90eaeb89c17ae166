//! The words of a text, as Python's `str.split()` makes them and rapidfuzz sorts them: by scalar
//! value, which is the order of their UTF-8 bytes.

/// The words of one text, sorted.
#[derive(Debug, Default)]
pub(crate) struct Words {
    words: Vec<Word>,
    /// Whether joining them by single spaces gives the text itself.
    as_written: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Word {
    /// The first eight bytes, in an order that compares as they do.
    key: u64,
    start: usize,
    end: usize,
}

impl Words {
    /// Reads the words of `text`.
    pub(crate) fn read(&mut self, text: &str) {
        self.words.clear();
        self.as_written = true;
        let spaces = Spaces::of(text);
        let bytes = text.as_bytes();
        let (mut start, mut i) = (0, 0);
        while i < bytes.len() {
            let width = spaces.width(&bytes[i..]);
            if width == 0 {
                i += 1;
                continue;
            }
            // A space that does not follow a word is not what joining writes.
            self.as_written &= bytes[i] == b' ' && start < i;
            if start < i {
                self.push(bytes, start, i);
            }
            i += width;
            start = i;
        }
        if start < bytes.len() {
            self.push(bytes, start, bytes.len());
        } else {
            self.as_written &= bytes.is_empty();
        }
        self.sort(bytes);
    }

    fn push(&mut self, text: &[u8], start: usize, end: usize) {
        let rest = &text[start..];
        let length = end - start;
        let key = match rest.first_chunk::<8>() {
            Some(bytes) if length >= 8 => u64::from_be_bytes(*bytes),
            Some(bytes) => u64::from_be_bytes(*bytes) & !(u64::MAX >> (8 * length)),
            None => {
                let mut bytes = [0; 8];
                bytes[..length.min(8)].copy_from_slice(&rest[..length.min(8)]);
                u64::from_be_bytes(bytes)
            }
        };
        self.words.push(Word { key, start, end });
    }

    /// Most texts have a few words; more than a handful go to the library's sort.
    fn sort(&mut self, text: &[u8]) {
        let before = |a: &Word, b: &Word| {
            a.key.cmp(&b.key).then_with(|| text[a.start..a.end].cmp(&text[b.start..b.end]))
        };
        if self.words.len() > 12 {
            self.as_written &= self.words.is_sorted_by(|a, b| before(a, b).is_le());
            self.words.sort_unstable_by(before);
            return;
        }
        for i in 1..self.words.len() {
            let word = self.words[i];
            let mut at = i;
            while at > 0 && before(&word, &self.words[at - 1]).is_lt() {
                self.words[at] = self.words[at - 1];
                at -= 1;
                self.as_written = false;
            }
            self.words[at] = word;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words joined by single spaces: the text itself where that is what it is.
    pub(crate) fn join<'a>(&self, text: &'a str, joined: &'a mut String) -> &'a str {
        if self.as_written {
            return text;
        }
        joined.clear();
        for word in &self.words {
            append(joined, &text[word.start..word.end]);
        }
        joined
    }
}

/// What two texts share and what each has for itself, every word once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Shared {
    /// Characters of the shared words joined by single spaces.
    pub(crate) characters: usize,
    pub(crate) words: usize,
}

/// Splits the words of two texts: those of both are counted, those of only one are joined.
pub(crate) fn split(
    (a, words_a): (&str, &Words),
    (b, words_b): (&str, &Words),
    only_a: &mut String,
    only_b: &mut String,
) -> Shared {
    only_a.clear();
    only_b.clear();
    let mut shared = Shared::default();
    let (mut rest_a, mut rest_b) = (&words_a.words[..], &words_b.words[..]);
    loop {
        let order = match (rest_a.first(), rest_b.first()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(x), Some(y)) => {
                x.key.cmp(&y.key).then_with(|| a[x.start..x.end].cmp(&b[y.start..y.end]))
            }
        };
        if order.is_eq() {
            let word = &a[rest_a[0].start..rest_a[0].end];
            shared.characters += word.chars().count() + usize::from(shared.words > 0);
            shared.words += 1;
        }
        if order.is_le() {
            let (word, rest) = next(rest_a, a);
            if order.is_lt() {
                append(only_a, word);
            }
            rest_a = rest;
        }
        if order.is_ge() {
            let (word, rest) = next(rest_b, b);
            if order.is_gt() {
                append(only_b, word);
            }
            rest_b = rest;
        }
    }
    shared
}

/// The first word, and the words after it that differ from it.
fn next<'w, 't>(words: &'w [Word], text: &'t str) -> (&'t str, &'w [Word]) {
    let word = &text[words[0].start..words[0].end];
    let same = words
        .iter()
        .skip(1)
        .take_while(|next| next.key == words[0].key && &text[next.start..next.end] == word);
    (word, &words[1 + same.count()..])
}

fn append(joined: &mut String, word: &str) {
    if !joined.is_empty() {
        joined.push(' ');
    }
    joined.push_str(word);
}

/// What separates words. U+0085 and U+00A0 do only in a text that has a character beyond Latin-1:
/// rapidfuzz's rule, where a Python string's width decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spaces {
    Ascii,
    Unicode,
}

impl Spaces {
    fn of(text: &str) -> Self {
        // Every other space is itself beyond Latin-1.
        if super::codes::is_latin1(text) { Self::Ascii } else { Self::Unicode }
    }

    /// How many bytes the space takes with which the text begins, 0 where it begins with none.
    #[inline(always)]
    fn width(self, text: &[u8]) -> usize {
        match text[0] {
            0x09..=0x0D | 0x1C..=0x20 => 1,
            0x21..=0x7F => 0,
            _ if self == Self::Ascii => 0,
            0xC2 if matches!(text.get(1), Some(0x85 | 0xA0)) => 2,
            // U+1680; U+2000 to U+200A, U+2028, U+2029, U+202F; U+205F; U+3000.
            0xE1 if text.get(1..3) == Some(&[0x9A, 0x80]) => 3,
            0xE2 => match text.get(1..3) {
                Some([0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF] | [0x81, 0x9F]) => 3,
                _ => 0,
            },
            0xE3 if text.get(1..3) == Some(&[0x80, 0x80]) => 3,
            _ => 0,
        }
    }
}
