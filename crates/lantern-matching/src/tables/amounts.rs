//! Reads amounts as people write them: `$1,234.50`, `1.234,50 €`, `1.2M`, `10k`, `CHF 1'200`,
//! `(500)`.

/// How the numbers of a column are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Separators {
    /// Whether a comma separates the fraction, and dots separate thousands.
    pub decimal_comma: bool,
}

/// Infers from texts how numbers are written. `1.234` alone does not show it; `1.234,5` and `12,50`
/// do.
pub fn separators<'a>(texts: impl Iterator<Item = &'a str>) -> Separators {
    let (mut commas, mut dots) = (0_usize, 0_usize);
    for text in texts {
        let digits_after = |sign: char| {
            text.rfind(sign).map(|at| text[at + 1..].bytes().take_while(u8::is_ascii_digit).count())
        };
        match (digits_after(','), digits_after('.')) {
            (Some(_), Some(_)) if text.rfind(',') > text.rfind('.') => commas += 1,
            (Some(_), Some(_)) => dots += 1,
            (Some(after), None) if after != 3 && after > 0 => commas += 1,
            (Some(_), None) if text.matches(',').count() > 1 => dots += 1,
            (None, Some(after)) if after != 3 && after > 0 => dots += 1,
            (None, Some(_)) if text.matches('.').count() > 1 => commas += 1,
            _ => {}
        }
    }
    Separators { decimal_comma: commas > dots }
}

/// The amount that a text states; `None` if it is not an amount.
pub fn read(text: &str, separators: Separators) -> Option<f64> {
    let text = text.trim();
    if text.len() > 40 {
        return None;
    }
    let negative = text.starts_with(['-', '(', '\u{2212}']) || text.ends_with('-');
    let begin = text.find(|letter: char| letter.is_ascii_digit())?;
    let end = text.rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let (before, number, after) = (&text[..begin], &text[begin..end], &text[end..]);
    // A currency or a sign may precede the number, and a currency or a unit may follow it.
    let is_sign = |letter: char| !letter.is_alphanumeric() || letter.is_alphabetic();
    if !before.chars().all(is_sign) || letters(before) > 4 || letters(after) > 9 {
        return None;
    }
    let mut plain = String::with_capacity(number.len());
    let single = |sign: char| number.matches(sign).count() == 1;
    let digits_after = |sign: char| number.rfind(sign).map_or(0, |at| number.len() - at - 1);
    let fraction = match (number.rfind('.'), number.rfind(',')) {
        (Some(dot), Some(comma)) => Some(if dot > comma { '.' } else { ',' }),
        (Some(_), None) if single('.') => {
            (digits_after('.') != 3 || !separators.decimal_comma).then_some('.')
        }
        (None, Some(_)) if single(',') => {
            (digits_after(',') != 3 || separators.decimal_comma).then_some(',')
        }
        _ => None,
    };
    for letter in number.chars() {
        match letter {
            '0'..='9' => plain.push(letter),
            letter if Some(letter) == fraction => plain.push('.'),
            '.' | ',' | '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{202f}' => {}
            _ => return None,
        }
    }
    let number: f64 = plain.parse().ok()?;
    let amount = number * factor(after.trim())?;
    Some(if negative { -amount } else { amount })
}

fn letters(text: &str) -> usize {
    text.chars().filter(|letter| letter.is_alphabetic()).count()
}

/// The factor that the word after a number stands for; `None` if it is not a unit of an amount.
fn factor(after: &str) -> Option<f64> {
    let word: String = after
        .chars()
        .take_while(|letter| letter.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    Some(match word.as_str() {
        "k" | "tsd" | "mil" => 1e3,
        "m" | "mn" | "mm" | "mio" | "mill" | "million" | "millions" | "millionen" | "mln"
        | "millones" | "milyon" => 1e6,
        "b" | "bn" | "mrd" | "billion" | "billions" | "milliard" | "milliards" | "milliarden"
        | "milyar" => 1e9,
        _ => 1.0,
    })
}

/// Writes an amount as [`crate::linkage::compare`] reads it.
pub fn write(amount: f64, out: &mut String) {
    use std::fmt::Write;
    out.clear();
    // Writing to a string cannot fail. -0 is written as 0.
    let _ = write!(out, "{}", amount + 0.0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written_around_the_world() {
        for (text, comma, expected) in [
            ("399", false, 399.0),
            ("$1,234.50", false, 1234.5),
            ("1.234,50 €", false, 1234.5),
            ("1.234", true, 1234.0),
            ("1.234", false, 1.234),
            ("1,234", false, 1234.0),
            ("12,5", false, 12.5),
            ("1.2M", false, 1_200_000.0),
            ("10k", false, 10_000.0),
            ("CHF 1'200", false, 1200.0),
            ("USD 3 bn", false, 3e9),
            ("1 234 567", false, 1_234_567.0),
            ("(500)", false, -500.0),
            ("-0", false, 0.0),
            ("15%", false, 15.0),
        ] {
            let read = read(text, Separators { decimal_comma: comma });
            assert_eq!(read, Some(expected), "{text}");
        }
        for text in ["", "n/a", "abc", "1-2", "12 High Street North", "10:30"] {
            assert_eq!(read(text, Separators::default()), None, "{text}");
        }
    }

    #[test]
    fn the_column_tells_what_a_comma_means() {
        assert!(separators(["1.234", "12,50"].into_iter()).decimal_comma);
        assert!(separators(["1.234.567"].into_iter()).decimal_comma);
        assert!(!separators(["1,234", "12.50"].into_iter()).decimal_comma);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(amount in -1e12..1e12_f64) {
            let mut text = String::new();
            write(amount, &mut text);
            let parsed: f64 = text.parse().unwrap();
            prop_assert!((parsed - amount).abs() <= amount.abs() * 1e-12);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            read(&text, Separators::default());
        }
    }
}
