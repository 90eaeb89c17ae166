//! Names of people and organisations: how well the words of two names can be paired.
//!
//! 1. Both texts are normalized by [`company_key`], which removes differences of case, accents,
//!    Greek and Cyrillic letters, legal forms and abbreviations. The words that remain are compared
//!    in any order.
//! 2. Words are paired in order of decreasing similarity, each word once. Two words have the
//!    similarity 1 if they are equal, 0.95 if one is a nickname of the other, 0.8 if one is the
//!    other's initial, and otherwise that of [`super::osa`], stretched from 0.3..1 to 0..1. Numbers
//!    are either equal or different.
//! 3. The weight of a word is the square root of its length. With the weight `m` of paired words
//!    times their similarity, `l` what these pairs lack, and the weights `x` and `y` of the
//!    unpaired words of each side, the score is `m / (m + l + 3 min(x, y) + 0.15 |x - y|)`: a
//!    middle name that one side lacks hardly matters, but different words on both sides are strong
//!    evidence for two different names. The score is 1 if both names are equal without spaces.
//! 4. The score is halved if both names have numbers and these differ: `Fund 3` is not `Fund 4`.
//!
//! The score is 0 if a name has no words. It is symmetric, and takes O(v w) comparisons of words
//! for names of v and w words, of which the first 64 count. 0.75 is a good threshold for the same
//! name.
//!
//! The weights are round numbers; `benches/names.py` measures the F1 of this and other measures on
//! labelled pairs, also with a threshold that is chosen on one half of the pairs and applied to the
//! other.

use super::{details::text::Text, osa, prepared::Prepared};
use crate::normalize::{company_key, full_given_name};

super::prepared::measure_api! {
    /// The similarity of one name with many.
    Names: Name, Name::new, pair
}

/// The similarity of a word with its nickname, and with its initial.
const NICKNAME: f64 = 0.95;
const INITIAL: f64 = 0.8;
/// Words with a lower similarity count as different.
const LEAST_ALIKE: f64 = 0.3;
/// The factors of words that differ on both sides, and of words that only one side has.
const DIFFERENT: f64 = 3.0;
const MISSING: f64 = 0.15;
/// The factor of a score if the numbers differ.
const OTHER_NUMBERS: f64 = 0.5;
/// Maximum number of words of a name that are compared.
const MOST_WORDS: usize = 64;

/// The words of a name.
#[derive(Debug)]
struct Name(Vec<String>);

impl Name {
    fn new(name: &str) -> Self {
        let key = company_key(name).unwrap_or_default();
        let words = key.split(' ').filter(|word| !word.is_empty());
        Self(words.take(MOST_WORDS).map(str::to_owned).collect())
    }

    /// The numbers of a name in order, including Roman numerals after its first word.
    fn numbers(&self) -> Vec<&str> {
        let words = self.0.iter().enumerate();
        let mut numbers: Vec<_> = words
            .filter(|(at, word)| has_digit(word) || *at > 0 && ROMAN.contains(&word.as_str()))
            .map(|(_, word)| word.as_str())
            .collect();
        numbers.sort_unstable();
        numbers
    }
}

const ROMAN: &[&str] =
    &["ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv"];

impl Prepared for Name {
    fn score(&self, text: &str, cutoff: f64) -> f64 {
        score(self, &Self::new(text), cutoff)
    }

    fn scores(&self, texts: &[Text], cutoff: f64, out: &mut [f64]) {
        for (text, out) in texts.iter().zip(out) {
            *out = self.score(text.as_str(), cutoff);
        }
    }
}

/// The scores of pairs, row by row; the slices have equal lengths.
pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    left.iter().zip(right).zip(out).for_each(|((a, b), out)| *out = pair(a, b, cutoff));
}

fn pair(a: &str, b: &str, cutoff: f64) -> f64 {
    score(&Name::new(a), &Name::new(b), cutoff)
}

fn score(a: &Name, b: &Name, cutoff: f64) -> f64 {
    // In a fixed order, so that ties between words are broken in the same way in both directions.
    let (a, b) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    let mut score = words_in_common(&a.0, &b.0);
    let (numbers_a, numbers_b) = (a.numbers(), b.numbers());
    if !numbers_a.is_empty() && !numbers_b.is_empty() && numbers_a != numbers_b {
        score *= OTHER_NUMBERS;
    }
    if score >= cutoff { score } else { 0.0 }
}

fn words_in_common(a: &[String], b: &[String]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    if a == b || a.concat() == b.concat() {
        return 1.0;
    }
    let mut alike: Vec<(f64, usize, usize)> = Vec::with_capacity(a.len() * b.len());
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            let similarity = of_words(x, y);
            if similarity > 0.0 {
                alike.push((similarity, i, j));
            }
        }
    }
    // Of pairs with equal similarity the longer words come first, because they are stronger
    // evidence.
    let shorter = |&(_, i, j): &(f64, usize, usize)| a[i].len().min(b[j].len());
    alike.sort_by(|one, other| {
        other.0.total_cmp(&one.0).then_with(|| shorter(other).cmp(&shorter(one)))
    });
    let (mut free_a, mut free_b) = ([true; MOST_WORDS], [true; MOST_WORDS]);
    let (mut paired, mut lacking) = (0.0, 0.0);
    for (similarity, i, j) in alike {
        if free_a[i] && free_b[j] {
            (free_a[i], free_b[j]) = (false, false);
            let weight = f64::midpoint(weight(&a[i]), weight(&b[j]));
            paired += weight * similarity;
            lacking += weight * (1.0 - similarity);
        }
    }
    if paired == 0.0 {
        return 0.0;
    }
    let left = |words: &[String], free: &[bool]| -> f64 {
        words.iter().zip(free).filter(|(_, free)| **free).map(|(word, _)| weight(word)).sum()
    };
    let (x, y) = (left(a, &free_a), left(b, &free_b));
    paired / (paired + lacking + DIFFERENT * x.min(y) + MISSING * (x - y).abs())
}

fn weight(word: &str) -> f64 {
    (word.chars().count() as f64).sqrt()
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

fn of_words(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    if has_digit(a) || has_digit(b) {
        return 0.0;
    }
    if full_given_name(a) == full_given_name(b) {
        return NICKNAME;
    }
    let is_letter = |word: &str| word.chars().nth(1).is_none();
    if is_letter(a) || is_letter(b) {
        return if a.chars().next() == b.chars().next() { INITIAL } else { 0.0 };
    }
    let alike = osa::similarity(a, b, Some(LEAST_ALIKE));
    ((alike - LEAST_ALIKE) / (1.0 - LEAST_ALIKE)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(a: &str, b: &str) -> f64 {
        similarity(a, b, None)
    }

    #[test]
    fn one_name_written_in_two_ways_is_alike() {
        for (a, b) in [
            ("Barack Obama", "Obama, Barack Hussein"),
            ("Vladimir Putin", "Владимир Путин"),
            ("Bill Gates", "William Gates"),
            ("J. Smith", "John Smith"),
            ("Siemens AG", "SIEMENS Aktiengesellschaft"),
            ("van der Bilt Corp", "Vanderbilt Corporation"),
            ("Samsong Electronics", "Samsung Electronics Co., Ltd."),
            ("José Ángel Gurría", "Jose Angel Gurria"),
        ] {
            assert!(alike(a, b) >= 0.75, "{a}, {b}: {}", alike(a, b));
            assert_eq!(alike(a, b), alike(b, a));
        }
    }

    #[test]
    fn names_that_differ_in_a_word_or_a_number_are_not() {
        for (a, b) in [
            ("Ante Plenković", "Andrej Milanović"),
            ("Bowne of Dallas LP", "Bowne of Phoenix Inc"),
            ("Fund 3", "Fund 4"),
            ("Mortgage Loan Trust 2004-1", "Mortgage Loan Trust 2004-2"),
            ("Real Estate Partners IV", "Real Estate Partners V"),
            ("William Mutua", "William Ruto"),
            ("Volkswagen Aktiengesellschaft", "Siemens Aktiengesellschaft"),
        ] {
            assert!(alike(a, b) < 0.75, "{a}, {b}: {}", alike(a, b));
            assert_eq!(alike(a, b), alike(b, a));
        }
    }

    #[test]
    fn what_one_side_lacks_says_little_and_what_differs_says_much() {
        let lacks = alike("Sirajuddin Haqqani", "Sirajuddin Jallaloudine Haqqani");
        let differs = alike("Sirajuddin Khalil Haqqani", "Sirajuddin Jabbar Haqqani");
        assert!(lacks > 0.9 && differs < lacks, "{lacks}, {differs}");
        assert_eq!(alike("Acme", ""), 0.0);
        assert_eq!(alike("&", "&"), 0.0);
        assert_eq!(alike("Acme Ltd", "acme"), 1.0);
    }
}
