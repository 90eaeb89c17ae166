//! Counts the letters of a text, and says how much information a letter carries in its script.
//!
//! A letter is what a reader perceives as one: a base character with its combining marks. In
//! scripts that write a syllable or a word with one character, two names that differ in one
//! character are no more similar than two English names that differ in a syllable.

use unicode_segmentation::UnicodeSegmentation;

/// Number of letters of a text.
pub fn letters(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).count() }
}

/// Whether a character stands for a syllable or a word: Han, Kana, Hangul, Yi.
pub const fn is_dense(letter: char) -> bool {
    matches!(letter,
        '\u{1100}'..='\u{11FF}'
        | '\u{2E80}'..='\u{2FDF}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{318F}'
        | '\u{31A0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{A000}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9D}'
        | '\u{20000}'..='\u{323AF}')
}

/// Whether a script writes words without spaces between them: the dense scripts and those of South
/// East Asia.
pub const fn is_unspaced(letter: char) -> bool {
    is_dense(letter)
        || matches!(letter, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}')
}

/// Whether a script leaves out vowels: Hebrew, Arabic, Syriac.
const fn is_abjad(letter: char) -> bool {
    matches!(letter, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}')
}

/// Whether a text has a letter of a dense script.
pub fn has_dense(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(is_dense)
}

/// Minimum number of letters of the shorter of two texts for one wrong letter to be a typing error
/// rather than another name. The fewer letters a script needs for a word, the higher it is.
pub fn least_for_an_error(text: &str) -> usize {
    if text.is_ascii() {
        return 3;
    }
    text.chars()
        .map(|letter| {
            if is_dense(letter) {
                5
            } else if is_abjad(letter) {
                4
            } else {
                3
            }
        })
        .max()
        .unwrap_or(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_and_not_bytes() {
        for (text, count) in [
            ("", 0),
            ("ada", 3),
            ("müller", 6),
            ("王小明", 3),
            ("שלום", 4),
            ("e\u{301}a", 2),
            ("नमस्ते", 3),
        ] {
            assert_eq!(letters(text), count, "{text}");
        }
    }

    #[test]
    fn the_denser_a_script_the_more_letters_an_error_needs() {
        assert_eq!(least_for_an_error("smith"), 3);
        assert_eq!(least_for_an_error("иванов"), 3);
        assert_eq!(least_for_an_error("כהן"), 4);
        assert_eq!(least_for_an_error("محمد"), 4);
        assert_eq!(least_for_an_error("김민수"), 5);
        assert_eq!(least_for_an_error("トヨタ"), 5);
    }
}
