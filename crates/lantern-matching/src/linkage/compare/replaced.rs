//! What stands in each other's place in two names that are written without spaces between words.
//!
//! The tokens of such names overlap, so that `北京银行` and `南京银行` have two of three in common. What
//! tells the two apart is a character that stands in the place of another one.

use super::numbers;

/// How two names that have a part in common differ beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// One has more than the other, or the same characters in another order.
    More,
    /// The same numbers in another form.
    SameNumber,
    /// Another number.
    OtherNumber,
    /// Something else.
    Other,
}

/// How two names differ beside their longest common part.
pub fn beside(a: &str, b: &str) -> Beside {
    let letters = |text: &str| -> Vec<char> { text.chars().filter(|&c| c != ' ').collect() };
    let (a, b) = (letters(a), letters(b));
    let (at_a, at_b, length) = common(&a, &b);
    let parts = [(&a[..at_a], &b[..at_b]), (&a[at_a + length..], &b[at_b + length..])];
    let (mut numbers, mut others) = (0, 0);
    let mut same = false;
    for (one, other) in parts.map(|(one, other)| trimmed(one, other)) {
        if one.is_empty() || other.is_empty() || are_reordered(one, other) {
            continue;
        }
        match (numbers::of_han(one), numbers::of_han(other)) {
            (Some(one), Some(other)) if one == other => same = true,
            (Some(_), Some(_)) => numbers += 1,
            _ => others += 1,
        }
    }
    match (others, numbers) {
        (0, 0) if same => Beside::SameNumber,
        (0, 0) => Beside::More,
        (0, _) => Beside::OtherNumber,
        _ => Beside::Other,
    }
}

/// Where the longest part begins that two texts have in common, and how long it is.
fn common(a: &[char], b: &[char]) -> (usize, usize, usize) {
    let mut best = (0, 0, 0);
    // For each place in `b`, how long a common part of the two ends there.
    let mut lengths = vec![0_usize; b.len() + 1];
    for (i, one) in a.iter().enumerate() {
        for (j, other) in b.iter().enumerate().rev() {
            lengths[j + 1] = if one == other { lengths[j] + 1 } else { 0 };
            let length = lengths[j + 1];
            if length > best.2 {
                best = (i + 1 - length, j + 1 - length, length);
            }
        }
    }
    best
}

/// Two texts without what both begin with and what both end with.
fn trimmed<'a>(a: &'a [char], b: &'a [char]) -> (&'a [char], &'a [char]) {
    let begin = a.iter().zip(b).take_while(|(one, other)| one == other).count();
    let (a, b) = (&a[begin..], &b[begin..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(one, other)| one == other).count();
    (&a[..a.len() - end], &b[..b.len() - end])
}

fn are_reordered(a: &[char], b: &[char]) -> bool {
    let sorted = |letters: &[char]| {
        let mut letters = letters.to_vec();
        letters.sort_unstable();
        letters
    };
    a.len() == b.len() && sorted(a) == sorted(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_character_in_the_place_of_one_makes_another_name() {
        for (a, b) in [
            ("北京银行", "南京银行"),
            ("大阪商事", "東京商事"),
            ("上海电力", "北京电力"),
            ("한국전력", "중국전력"),
            ("한국 전력", "중국전력"),
            ("华为技术", "华为服务"),
            ("北京华信科技", "北京华讯科技"),
        ] {
            assert_eq!(beside(a, b), Beside::Other, "{a} {b}");
            assert_eq!(beside(b, a), Beside::Other, "{b} {a}");
        }
    }

    #[test]
    fn more_characters_or_swapped_ones_make_none() {
        for (a, b) in [
            ("华为技术", "上海华为技术"),
            ("华为技术服务", "上海华为技术"),
            ("华为技术", "为华技术"),
            ("三星电子", "三星电子"),
            ("ソニー", "ソニー銀行"),
        ] {
            assert_eq!(beside(a, b), Beside::More, "{a} {b}");
            assert_eq!(beside(b, a), Beside::More, "{b} {a}");
        }
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        for (a, b) in [
            ("红杉第一基金", "红杉第二基金"),
            ("红杉基金一号", "红杉基金二号"),
            ("中铁十一局", "中铁十二局"),
            ("中铁1局", "中铁二局"),
        ] {
            assert_eq!(beside(a, b), Beside::OtherNumber, "{a} {b}");
        }
        assert_eq!(beside("红杉基金一号", "红杉基金1号"), Beside::SameNumber);
        assert_eq!(beside("红杉基金壹号", "红杉基金一号"), Beside::SameNumber);
    }
}
