//! What holds for every text of an error, whoever wrote its parts: it is short, and prints nothing
//! that a terminal or a log would act on.

/// The longest text of an error, in characters. An API may answer with megabytes.
const LONGEST: usize = 2_000;

/// A text with its control characters escaped, cut where it is too long.
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

/// Whether a terminal or a reader would act on a character, or not see it: controls, line and
/// paragraph separators, marks that change the direction of what follows, and letters without a width.
/// The two that join letters or keep them apart are part of how some languages are written.
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
    fn a_text_of_megabytes_is_cut() {
        let cut = clean(&"ä".repeat(5_000_000));
        assert_eq!(cut.chars().count(), LONGEST + 1);
        assert!(cut.ends_with('…'));
    }
}
