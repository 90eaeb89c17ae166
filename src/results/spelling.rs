//! Spellings of an id: forms that stay the same if a program changes how an id is written.
//!
//! Programs that do not treat ids as text change them: they trim them, change their case, compose
//! their accents, write them as numbers, or escape them for a URL or a spreadsheet. Each function
//! here undoes some of these changes. Different ids may get the same form, so a caller that
//! compares forms has to check that only one id has it.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

/// The forms, from the most cautious to the boldest.
pub const FORMS: [fn(&str) -> String; 3] = [tidied, folded, counted];

/// Removes surrounding and doubled spaces, invisible characters, surrounding quotes, and the
/// apostrophe by which spreadsheets keep a text from becoming a number or a formula. The result is
/// in NFC.
fn tidied(id: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(id);
    let seen: String = composed.chars().filter(|letter| !is_unseen(*letter)).collect();
    let mut text = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    for (before, after) in [("=\"", "\""), ("\"", "\""), ("'", "'"), ("'", "")] {
        if let Some(inner) = text.strip_prefix(before).and_then(|text| text.strip_suffix(after))
            && !inner.is_empty()
        {
            text = inner.to_owned();
            break;
        }
    }
    text
}

fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
        || letter.is_control() && !letter.is_whitespace()
}

/// Like [`tidied`], but also unescaped from URL and HTML form, with compatibility characters
/// unified, and in lower case. A UUID gets its hyphens, and a Salesforce id is reduced to its first
/// 15 characters.
fn folded(id: &str) -> String {
    let unescaped = percent_decode_str(id).decode_utf8().unwrap_or(Cow::Borrowed(id));
    let unescaped = without_entities(&unescaped);
    let compatible = ComposingNormalizerBorrowed::new_nfkc().normalize(&unescaped);
    let text = tidied(&compatible.replace('+', " "));
    if let Ok(uuid) = Uuid::try_parse(&text) {
        return uuid.hyphenated().to_string();
    }
    let text = salesforce(&text).unwrap_or(&text);
    tidied(&text.to_lowercase())
}

/// Replaces the entities of HTML and XML in a text.
fn without_entities(text: &str) -> Cow<'_, str> {
    const ENTITIES: [(&str, &str); 7] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        // Replaced last, because the text that it leaves must not be read as another entity.
        ("&amp;", "&"),
    ];
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let unescaped =
        ENTITIES.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign));
    Cow::Owned(unescaped)
}

/// The 15 characters of a Salesforce id without its check characters.
fn salesforce(id: &str) -> Option<&str> {
    const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    if id.len() != 18 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let (own, check) = id.split_at(15);
    let expected = own.as_bytes().chunks(5).map(|five| {
        let capitals = five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        CHECK[capitals.fold(0, |bits, (at, _)| bits | 1 << at)]
    });
    expected.eq(check.bytes().map(|byte| byte.to_ascii_uppercase())).then_some(own)
}

/// Like [`folded`], but a whole number is reduced to its digits: `007`, `7.0` and `7e0` become `7`,
/// and `1,000` becomes `1000`.
fn counted(id: &str) -> String {
    let text = folded(id);
    let text = ungrouped(&text).unwrap_or(text);
    match Number::read(&text).and_then(|number| number.digits()) {
        Some(digits) => digits,
        None => text,
    }
}

/// Removes the commas that group the thousands of a number.
fn ungrouped(text: &str) -> Option<String> {
    let mut groups = text.split(',');
    let first = groups.next()?.trim_start_matches('-');
    let is_first = (1..=3).contains(&first.len()) && !first.starts_with('0');
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let mut rest = groups.clone().peekable();
    let grouped = rest.peek().is_some() && groups.all(|group| group.len() == 3 && digits(group));
    (is_first && digits(first) && grouped).then(|| text.replace(',', ""))
}

/// A number in decimal notation.
struct Number {
    negative: bool,
    /// The digits without leading zeros; never empty.
    digits: String,
    /// How many zeros follow the digits; if negative, how many of the digits are after the point.
    exponent: i64,
}

impl Number {
    fn read(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            // A plus becomes a space when a URL is unescaped.
            Some((mantissa, exponent)) => {
                let exponent = exponent.trim_start_matches([' ', '+']);
                (mantissa, exponent.parse::<i16>().ok()?)
            }
            None => (text, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{part}");
        if whole.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = all.trim_start_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits }.to_owned();
        Some(Self { negative, digits, exponent: i64::from(exponent) - part.len() as i64 })
    }

    /// The digits of a whole number, if it is no longer than an id can be.
    fn digits(&self) -> Option<String> {
        let sign = if self.negative && self.digits != "0" { "-" } else { "" };
        if self.digits == "0" {
            return Some("0".into());
        }
        match usize::try_from(self.exponent) {
            Ok(zeros) if self.digits.len() + zeros <= LONGEST => {
                Some(format!("{sign}{}{}", self.digits, "0".repeat(zeros)))
            }
            Ok(_) => None,
            Err(_) => {
                let places = usize::try_from(self.exponent.unsigned_abs()).ok()?;
                let at = self.digits.len().checked_sub(places)?;
                let (whole, part) = self.digits.split_at(at);
                (!whole.is_empty() && part.bytes().all(|digit| digit == b'0'))
                    .then(|| format!("{sign}{whole}"))
            }
        }
    }
}

/// Maximum number of digits of a number that is taken for an id.
const LONGEST: usize = 40;
/// Minimum number of digits by which long numbers can be distinguished.
const FEWEST: usize = 5;
/// Number of digits that a float preserves.
const EXACT: usize = 15;

/// The digits of an id that is a whole number.
pub fn whole(id: &str) -> Option<String> {
    Number::read(&folded(id))?.digits()
}

/// What is left of a long whole number after it was converted to a float or written with fewer
/// digits: `1.23457E+17` for `123456789012345678`.
#[derive(Debug)]
pub struct Rounded {
    /// All digits, with zeros in place of those that were lost.
    written: String,
    kept: usize,
}

impl Rounded {
    pub fn read(id: &str) -> Option<Self> {
        let number = Number::read(&folded(id))?;
        let written = number.digits()?;
        let kept = number.digits.trim_end_matches('0').len();
        (kept >= FEWEST && written.len() > kept.min(EXACT)).then_some(Self { written, kept })
    }

    /// Whether this is what is left of `number`, the digits of a [`whole`] number.
    pub fn is_of(&self, number: &str) -> bool {
        let as_float = |text: &str| text.parse::<f64>().ok();
        number.len() == self.written.len()
            && (rounded(number, self.kept) == self.written
                || self.kept > EXACT && as_float(number) == as_float(&self.written))
    }
}

/// The digits of a number after all but the first `kept` were rounded away.
fn rounded(digits: &str, kept: usize) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let mut figures: Vec<u8> = digits.bytes().collect();
    let up = figures.get(kept).is_some_and(|next| *next >= b'5');
    for figure in figures.iter_mut().skip(kept) {
        *figure = b'0';
    }
    let mut carry = up;
    for figure in figures.iter_mut().take(kept).rev() {
        if !carry {
            break;
        }
        carry = *figure == b'9';
        *figure = if carry { b'0' } else { *figure + 1 };
    }
    let carried = if carry { "1" } else { "" };
    format!("{sign}{carried}{}", String::from_utf8_lossy(&figures))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(at: usize, one: &str, other: &str) {
        assert_eq!(FORMS[at](one), FORMS[at](other), "{one:?} and {other:?}");
    }

    #[test]
    fn what_nobody_sees_makes_no_other_id() {
        for other in
            [" a b", "a b\t", "a\u{a0}b", "a  b", "\u{feff}a b", "\"a b\"", "'a b", "=\"a b\""]
        {
            same(0, "a b", other);
        }
        same(0, "Mu\u{308}ller", "Müller");
        assert_ne!(tidied("a b"), tidied("ab"));
        assert_ne!(tidied("a"), tidied("A"));
    }

    #[test]
    fn case_escapes_and_the_forms_of_a_uuid_and_of_salesforce() {
        same(1, "A B", "a%20b");
        same(1, "a b", "a+b");
        same(1, "Ａ１", "a1");
        same(1, "a&b <c>", "a&amp;b &lt;c&gt;");
        assert_eq!(folded("a&b"), "a&b");
        let uuid = "550e8400-e29b-41d4-a716-446655440000";
        for other in [
            "550E8400-E29B-41D4-A716-446655440000",
            "{550e8400-e29b-41d4-a716-446655440000}",
            "550e8400e29b41d4a716446655440000",
            "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
        ] {
            same(1, uuid, other);
        }
        same(1, "001D000000IqhSL", "001D000000IqhSLIAZ");
        assert_ne!(folded("001D000000IqhSL"), folded("001D000000IqhSLABC"));
        assert_eq!(folded("100%"), "100%");
    }

    #[test]
    fn thousands_that_are_set_apart_make_no_other_number() {
        same(2, "1234567", "1,234,567");
        same(2, "-1000", "-1,000");
        for other in ["1,00", "0,100", "12,34", "1,000,00", ",100", "1,0a0"] {
            assert!(counted(other).contains(','), "{other}");
        }
    }

    #[test]
    fn whole_numbers_are_their_digits() {
        for other in ["7", "007", "7.0", "7.", "+7", "7e0", "70E-1", "0.7E+1", "'007"] {
            same(2, "7", other);
        }
        same(2, "100000", "1E+05");
        same(2, "0", "000");
        same(2, "-7", "-07.00");
        for other in ["7.5", "7a", "70", "-7", "1e999", "0x7", "7e", ""] {
            assert_ne!(counted("7"), counted(other), "{other:?}");
        }
    }

    #[test]
    fn a_float_and_a_spreadsheet_leave_the_first_digits() {
        let remains = |asked: &str, returned: &str| {
            let asked = whole(asked).unwrap();
            Rounded::read(returned).is_some_and(|rounded| rounded.is_of(&asked))
        };
        let long = "123456789012345678";
        for returned in ["1.23457E+17", "1.2345678901234568e17", "123456789012345680", "1.2346e17"]
        {
            assert!(remains(long, returned), "{returned}");
        }
        assert!(remains("9007199254740993", "9007199254740992"));
        for returned in ["1E+17", "1.23458E+17", "1.23457E+16", "123456789012345000", "abc"] {
            assert!(!remains(long, returned), "{returned}");
        }
        assert!(!remains("1234567", "1234568"), "short numbers are exact");
        assert_eq!(rounded("99996", 4), "100000");
    }
}
