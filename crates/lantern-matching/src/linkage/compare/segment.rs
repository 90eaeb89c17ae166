//! Splits a folded text into words, in every script.
//!
//! Most scripts put spaces between words. In the others, every two neighbouring letters count as a
//! token: `华为技术` has `华为`, `为技` and `技术`. Names with a word in common then have a token in common.
//! A real segmenter would need a dictionary of several megabytes for each language, and
//! dictionaries lack names.

use super::numbers;
use crate::script::is_unspaced;

/// A token of a text.
pub struct Token<'a> {
    pub text: &'a str,
    /// Whether it overlaps its neighbours, so that it counts less than a word.
    pub overlaps: bool,
}

/// Calls `token` for every word of a folded text, in order.
pub fn words<'a>(text: &'a str, mut token: impl FnMut(Token<'a>)) {
    let whole = |text| Token { text, overlaps: false };
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if word.is_ascii() || !word.contains(is_unspaced) {
            token(whole(word));
            continue;
        }
        let mut begin = 0;
        while begin < word.len() {
            let rest = &word[begin..];
            let unspaced = rest.starts_with(is_unspaced);
            let end = rest.find(|letter| is_unspaced(letter) != unspaced).unwrap_or(rest.len());
            let run = &rest[..end];
            if unspaced {
                bigrams(run, &mut token);
            } else {
                token(whole(run));
            }
            begin += end;
        }
    }
}

/// Calls `token` for every two neighbouring letters of a run. A run of one or two letters is a
/// word.
fn bigrams<'a>(run: &'a str, token: &mut impl FnMut(Token<'a>)) {
    let count = run.chars().count();
    if count <= 2 {
        token(Token { text: run, overlaps: false });
        return;
    }
    let ends = run.char_indices().skip(2).map(|(at, _)| at).chain([run.len()]);
    for ((begin, _), end) in run.char_indices().zip(ends) {
        token(Token { text: &run[begin..end], overlaps: true });
    }
}

/// Whether a number and the word after it are one token: `32 gb` is `32gb`.
pub fn is_quantity(number: &str, unit: &str) -> bool {
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && numbers::is_unit(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<&str> {
        let mut all = Vec::new();
        words(text, |token| all.push(token.text));
        all
    }

    #[test]
    fn every_script_has_words() {
        assert_eq!(of("amber ridge foods"), ["amber", "ridge", "foods"]);
        assert_eq!(of("华为技术"), ["华为", "为技", "技术"]);
        assert_eq!(of("삼성전자"), ["삼성", "성전", "전자"]);
        assert_eq!(of("삼성 전자"), ["삼성", "전자"]);
        assert_eq!(of("トヨタ自動車2"), ["トヨ", "ヨタ", "タ自", "自動", "動車", "2"]);
        assert_eq!(of("газпром нефть"), ["газпром", "нефть"]);
        assert_eq!(of("王"), ["王"]);
        assert_eq!(of("acme上海"), ["acme", "上海"]);
        assert!(of("").is_empty());
    }

    #[test]
    fn a_unit_belongs_to_its_number() {
        assert!(is_quantity("32", "gb"));
        assert!(!is_quantity("32", "street"));
        assert!(!is_quantity("rs3", "gb"));
    }
}
