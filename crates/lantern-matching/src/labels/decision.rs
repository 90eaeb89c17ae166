//! Reads decisions as people write them, also in other languages.

/// The content of a cell of decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Same,
    Different,
    /// Empty, or the reviewer is not sure.
    Open,
}

const SAME: [&str; 34] = [
    "1",
    "correct",
    "dup",
    "duplicate",
    "identical",
    "ja",
    "j",
    "match",
    "matched",
    "matches",
    "oui",
    "ok",
    "same",
    "si",
    "sim",
    "sí",
    "t",
    "tak",
    "true",
    "vero",
    "verdadero",
    "verdadeiro",
    "vrai",
    "wahr",
    "x",
    "y",
    "yep",
    "yes",
    "да",
    "はい",
    "是",
    "✓",
    "✔",
    "☑",
];
const DIFFERENT: [&str; 32] = [
    "0",
    "distinct",
    "different",
    "f",
    "falsch",
    "false",
    "falso",
    "faux",
    "incorrect",
    "n",
    "nao",
    "nee",
    "nein",
    "nej",
    "nie",
    "no",
    "no match",
    "non",
    "non match",
    "nope",
    "not a duplicate",
    "not a match",
    "not same",
    "not the same",
    "não",
    "unmatched",
    "нет",
    "いいえ",
    "否",
    "✗",
    "✘",
    "❌",
];
const OPEN: [&str; 21] = [
    "",
    "?",
    "??",
    "???",
    "don't know",
    "idk",
    "maybe",
    "n/a",
    "na",
    "nan",
    "none",
    "not sure",
    "null",
    "open",
    "skip",
    "skipped",
    "tbd",
    "unclear",
    "undecided",
    "unknown",
    "unsure",
];

impl Decision {
    /// The decision in a text; `None` if it is not clear.
    pub fn of(text: &str) -> Option<Self> {
        let word = text.trim().trim_matches(['\'', '"', '!', '.']).trim().to_lowercase();
        // Spreadsheets and data frames with gaps write 1 as 1.0.
        let word = word.strip_suffix(".0").or_else(|| word.strip_suffix(",0")).unwrap_or(&word);
        let word = word.replace(['_', '-'], " ");
        let word = word.as_str();
        if SAME.contains(&word) {
            Some(Self::Same)
        } else if DIFFERENT.contains(&word) {
            Some(Self::Different)
        } else if OPEN.contains(&word) {
            Some(Self::Open)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_read_as_people_write_them() {
        for text in
            ["yes", " Ja ", "x", "X", "1", "1.0", "1,0", "TRUE", "WAHR", "oui", "Yes!", "✓", "'yes"]
        {
            assert_eq!(Decision::of(text), Some(Decision::Same), "{text}");
        }
        for text in
            ["no", "Nein", "0", "0.0", "FALSE", "FALSCH", "No match", "no_match", "non-match", "n."]
        {
            assert_eq!(Decision::of(text), Some(Decision::Different), "{text}");
        }
        for text in ["", "  ", "?", "Unsure", "n/a", "NaN", "Not sure"] {
            assert_eq!(Decision::of(text), Some(Decision::Open), "{text}");
        }
    }

    #[test]
    fn what_is_not_clear_is_no_decision() {
        for text in [
            "yes and no",
            "2",
            "-1",
            "0.5",
            "2026-11-27",
            "see Ada",
            "noo",
            "+",
            "01/02/2026",
            "11",
        ] {
            assert_eq!(Decision::of(text), None, "{text}");
        }
    }

    #[test]
    fn no_word_says_two_things() {
        let all: Vec<&str> = SAME.iter().chain(&DIFFERENT).chain(&OPEN).copied().collect();
        for (at, word) in all.iter().enumerate() {
            assert!(!all[..at].contains(word), "{word}");
            assert!(Decision::of(word).is_some(), "{word}");
        }
    }
}
