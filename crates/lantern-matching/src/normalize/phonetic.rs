//! Phonetic keys: words that sound alike have the same key. The algorithms are those of the crate
//! `rphonetic`, which follows Apache Commons Codec.
//!
//! Every word has its code, so that `John Smith` has two; numbers stay, for they are spoken as they
//! are written. Accents are folded first; words in scripts that the algorithms were not made for
//! are left out, and so is what follows the 64th letter of a word.

use std::{borrow::Cow, cell::RefCell};

use rphonetic::{Cologne, DoubleMetaphone, Encoder, Metaphone, Nysiis, Soundex};

use super::words::Words;

/// Increases whenever the code of any text changes, also by a new version of `rphonetic`.
pub const PHONETIC_VERSION: u32 = 2;

/// An algorithm that gives the same code to words that sound alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phonetic {
    /// American Soundex: a letter and three digits.
    Soundex,
    /// Lawrence Philips's Metaphone, English, up to four letters.
    Metaphone,
    /// Double Metaphone's code for the likeliest pronunciation, up to four letters.
    DoubleMetaphone,
    /// Double Metaphone's code for the other pronunciation; the first one's where there is none.
    DoubleMetaphoneAlternate,
    /// The New York State Identification and Intelligence System's code, up to six letters.
    Nysiis,
    /// The Kölner Phonetik, for German: digits.
    Cologne,
}

impl Phonetic {
    fn encode(self, word: &str) -> String {
        let code = self.encode_by_rule(word);
        // A word of letters that are all silent (`hm`) is heard as its first letter. The Kölner
        // Phonetik has no letters, and says of `h` itself that it has no code.
        match word.get(..1) {
            Some(first) if code.is_empty() && self != Self::Cologne => first.to_ascii_uppercase(),
            _ => code,
        }
    }

    fn encode_by_rule(self, word: &str) -> String {
        match self {
            Self::Soundex => Soundex::default().encode(word),
            Self::Metaphone => Metaphone::default().encode(&with_y_as_vowel(word)),
            Self::DoubleMetaphone => DoubleMetaphone::default().encode(word),
            Self::DoubleMetaphoneAlternate => DoubleMetaphone::default().encode_alternate(word),
            Self::Nysiis => Nysiis::default().encode(word),
            Self::Cologne => Cologne.encode(word),
        }
    }
}

/// `Wyatt` as `Wiatt`: Metaphone knows no vowel `y`, and would leave out the `w` before it (of `why`
/// nothing would be left).
fn with_y_as_vowel(word: &str) -> Cow<'_, str> {
    for start in ["wy", "why"] {
        if let Some(rest) = word.strip_prefix(start) {
            let consonants = &start[..start.len() - 1];
            return Cow::Owned(format!("{consonants}i{rest}"));
        }
    }
    Cow::Borrowed(word)
}

thread_local! {
    static SCRATCH: RefCell<Words> = RefCell::default();
}

/// The phonetic key of a text, a code a word. None if no word has one.
pub fn phonetic_key(text: &str, algorithm: Phonetic) -> Option<String> {
    let mut key = String::new();
    write_phonetic_key(text, algorithm, &mut key).then_some(key)
}

/// `phonetic_key` by Soundex: `"Robert Smith"` is `"R163 S530"`.
pub fn soundex(text: &str) -> Option<String> {
    phonetic_key(text, Phonetic::Soundex)
}

/// `phonetic_key` by Metaphone.
pub fn metaphone(text: &str) -> Option<String> {
    phonetic_key(text, Phonetic::Metaphone)
}

/// `phonetic_key` by Double Metaphone: the primary and the alternate key.
pub fn double_metaphone(text: &str) -> Option<(String, String)> {
    let primary = phonetic_key(text, Phonetic::DoubleMetaphone)?;
    let alternate = phonetic_key(text, Phonetic::DoubleMetaphoneAlternate)?;
    Some((primary, alternate))
}

/// `phonetic_key` by NYSIIS.
pub fn nysiis(text: &str) -> Option<String> {
    phonetic_key(text, Phonetic::Nysiis)
}

/// `phonetic_key` by the Kölner Phonetik.
pub fn cologne(text: &str) -> Option<String> {
    phonetic_key(text, Phonetic::Cologne)
}

/// Maximum number of letters of a word that a code depends on.
const LONGEST_WORD: usize = 64;

pub(super) fn write_phonetic_key(text: &str, algorithm: Phonetic, out: &mut String) -> bool {
    out.clear();
    SCRATCH.with_borrow_mut(|words| {
        words.read(text);
        for index in 0..words.list.len() {
            let word = words.at(index);
            if !word.is_ascii() || word.is_empty() {
                continue;
            }
            let word = &word[..word.len().min(LONGEST_WORD)];
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
            let code = if is_number { word.to_owned() } else { algorithm.encode(&letters(word)) };
            if !code.is_empty() {
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str(&code);
            }
        }
        !out.is_empty()
    })
}

fn letters(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphabetic).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_algorithms_published_ones() {
        for (text, expected) in [
            ("Robert", "R163"),
            ("Rupert", "R163"),
            ("Rubin", "R150"),
            ("Ashcraft", "A261"),
            ("Tymczak", "T522"),
            ("Pfister", "P236"),
            ("Honeyman", "H555"),
        ] {
            assert_eq!(soundex(text).as_deref(), Some(expected), "{text}");
        }
        for (text, expected) in [
            ("testing", "TSTN"),
            ("The", "0"),
            ("quick", "KK"),
            ("fox", "FKS"),
            ("jumped", "JMPT"),
            ("lazy", "LS"),
            ("Phone", "FN"),
        ] {
            assert_eq!(metaphone(text).as_deref(), Some(expected), "{text}");
        }
        for (text, primary, alternate) in [
            ("Smith", "SM0", "XMT"),
            ("Schmidt", "XMT", "SMT"),
            ("Thumb", "0M", "TM"),
            ("Catherine", "K0RN", "KTRN"),
        ] {
            assert_eq!(
                double_metaphone(text),
                Some((primary.to_owned(), alternate.to_owned())),
                "{text}"
            );
        }
        for (text, expected) in
            [("Knight", "NAGT"), ("Mitchell", "MATCAL"), ("Brown", "BRAN"), ("Browne", "BRAN")]
        {
            assert_eq!(nysiis(text).as_deref(), Some(expected), "{text}");
        }
        for (text, expected) in [
            ("Müller", "657"),
            ("Mueller", "657"),
            ("Breschnew", "17863"),
            ("Müller-Lüdenscheidt", "657 52682"),
        ] {
            assert_eq!(cologne(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_y_after_a_w_is_a_vowel_and_no_word_is_silent() {
        for (text, expected) in [
            ("why", "W"),
            ("Wyatt", "WT"),
            ("Wyman", "WMN"),
            ("Wynn", "WN"),
            ("Whyte", "WT"),
            ("White", "WT"),
            ("wry", "R"),
            ("y", "Y"),
            ("hm", "M"),
        ] {
            assert_eq!(metaphone(text).as_deref(), Some(expected), "{text}");
        }
        for algorithm in [
            Phonetic::Soundex,
            Phonetic::Metaphone,
            Phonetic::DoubleMetaphone,
            Phonetic::DoubleMetaphoneAlternate,
            Phonetic::Nysiis,
        ] {
            for letters in ["h", "w", "y", "hw", "gh", "wh", "hy", "e", "why"] {
                assert!(phonetic_key(letters, algorithm).is_some(), "{letters} by {algorithm:?}");
            }
        }
    }

    #[test]
    fn every_word_has_a_code_and_numbers_stay() {
        assert_eq!(soundex("John Smith").as_deref(), Some("J500 S530"));
        assert_eq!(soundex("Fund 3").as_deref(), Some("F530 3"));
        assert_ne!(soundex("Fund 3"), soundex("Fund 4"));
        assert_eq!(soundex("Иванов"), soundex("Ivanov"));
        for text in ["", " ", "株式会社", "&", "😀"] {
            assert_eq!(soundex(text), None, "{text}");
        }
    }
}
