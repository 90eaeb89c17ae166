//! Makes texts safe to print, whoever wrote their parts: they contain nothing that a terminal or a
//! log would act on. Texts of errors are also cut at a maximum length.

use std::borrow::Cow;

/// Maximum length of an error's text, in characters, since an API may answer with megabytes.
const LONGEST: usize = 2_000;

/// Escapes control characters, and cuts the text if it is too long.
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(4 * LONGEST));
    for (at, letter) in text.chars().enumerate() {
        if at == LONGEST {
            clean.push('…');
            break;
        }
        if acts(letter) {
            clean.extend(letter.escape_default());
        } else {
            clean.push(letter);
        }
    }
    clean
}

/// The beginning of a text, at most `most` characters long, with an ellipsis if it is cut.
pub fn beginning(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// Escapes control characters but the ends of lines, for a text of several lines, such as a table
/// whose cells are values from a file.
pub fn lines(text: &str) -> Cow<'_, str> {
    let escaped = |letter: char| letter != '\n' && acts(letter);
    if !text.contains(escaped) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(2 * text.len());
    for letter in text.chars() {
        if escaped(letter) {
            clean.extend(letter.escape_default());
        } else {
            clean.push(letter);
        }
    }
    Cow::Owned(clean)
}

/// Whether a terminal acts on a character, or a reader cannot see it: controls, line and paragraph
/// separators, direction marks, and characters without a width. The zero-width joiner and
/// non-joiner are exceptions, because some languages need them.
fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(clean("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\\nc\\u{202e}d");
        for hidden in
            ["\u{200f}", "\u{61c}", "\u{2068}", "\u{200b}", "\u{feff}", "\u{e0041}", "\u{9b}"]
        {
            assert_eq!(clean(hidden), hidden.escape_default().to_string());
        }
        assert_eq!(clean("Łódź, 東京, می\u{200c}خواهم"), "Łódź, 東京, می\u{200c}خواهم");
    }

    #[test]
    fn lines_stay_lines() {
        assert!(matches!(lines("NAME\nMüller"), Cow::Borrowed("NAME\nMüller")));
        assert_eq!(lines("a\u{1b}[2J\nb\rc\u{202e}d"), "a\\u{1b}[2J\nb\\rc\\u{202e}d");
    }

    #[test]
    fn a_text_of_megabytes_is_cut() {
        let cut = clean(&"ä".repeat(5_000_000));
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(beginning("äöü", 3), "äöü");
        assert_eq!(beginning("äöüx", 3), "äöü…");
    }
}
