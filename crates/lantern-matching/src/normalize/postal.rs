//! Postal codes, by country.

use std::{borrow::Cow, collections::HashMap, str::FromStr, sync::LazyLock};

use foldhash::fast::FixedState;

use super::{NormalizeError, country, tables};

/// Increases whenever the code of any text changes.
pub const POSTAL_CODE_VERSION: u32 = 3;

/// The country of the postal codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PostalCountry(&'static str);

impl PostalCountry {
    /// Its ISO 3166-1 code.
    pub fn code(&self) -> &'static str {
        self.0
    }
}

impl FromStr for PostalCountry {
    type Err = NormalizeError;

    fn from_str(country: &str) -> Result<Self, Self::Err> {
        country::country_code(country)
            .map(Self)
            .ok_or_else(|| NormalizeError::UnknownCountry { country: country.to_owned() })
    }
}

static PATTERNS: LazyLock<HashMap<&'static str, Vec<&'static str>, FixedState>> =
    LazyLock::new(|| {
        tables::colon_lines(include_str!("data/postal_codes.txt"))
            .map(|(country, patterns)| match country {
                // Spaces stand between patterns here, elsewhere inside the pattern.
                "AR" | "TW" | "VN" => (country, patterns.split(' ').collect()),
                _ => (country, vec![patterns]),
            })
            .collect()
    });

/// A postal code in the form that its country writes: `"02138-1234"` in the US is `"02138"`,
/// `"sw1a1aa"` in the United Kingdom `"SW1A 1AA"`.
///
/// A country's letters before the code (`D-10115`) are left out, and a leading zero that a
/// spreadsheet dropped is put back (`2138`, `2138.0`). None if it is no code of the country. Without a country, or for
/// one without a pattern: letters and digits in upper case; US, British, Canadian and Dutch codes
/// are recognized by their form.
pub fn postal_code(text: &str, country: Option<PostalCountry>) -> Option<Cow<'_, str>> {
    let mut code = String::new();
    if !write_postal_code(text, country, &mut code) {
        return None;
    }
    Some(if code == text { Cow::Borrowed(text) } else { Cow::Owned(code) })
}

/// The most letters and digits that a code has, with a country before it.
const LONGEST: usize = 16;

pub(super) fn write_postal_code(
    text: &str,
    country: Option<PostalCountry>,
    out: &mut String,
) -> bool {
    out.clear();
    let (text, was_number) = match Number::read(text) {
        Number::Whole(digits) => (digits, true),
        Number::Broken => return false,
        Number::Other => (Cow::Borrowed(text), false),
    };
    let text = &*text;
    let mut compact = [0; LONGEST];
    let Some(compact) = compacted(text, &mut compact) else { return false };
    let Some(PostalCountry(country)) = country else {
        return write_recognized(text, compact, out);
    };
    if matches!(country, "GB" | "GG" | "JE" | "IM") {
        return write_british(compact, out);
    }
    if country == "IE" {
        // Eircode: a routing key of three and an identifier of four.
        let known = compact.len() == 7 && compact.as_bytes()[0].is_ascii_alphabetic();
        return known && write_split(compact, 3, out);
    }
    let Some(patterns) = PATTERNS.get(country) else { return write_recognized(text, compact, out) };
    let digits = compact.bytes().all(|byte| byte.is_ascii_digit());
    // ZIP+4, which as a number has lost its leading zero.
    let padded;
    let compact = match (country, compact.len()) {
        ("US" | "PR", 9) if digits => &compact[..5],
        ("US" | "PR", 8) if digits => {
            padded = format!("0{}", &compact[..4]);
            &padded
        }
        _ => compact,
    };
    let bare = compact.strip_prefix(country).unwrap_or(compact);
    let bare = match country {
        // Older letters for Germany, Austria, and others, written before a hyphen.
        "DE" => bare.strip_prefix('D').unwrap_or(bare),
        "AT" => bare.strip_prefix('A').unwrap_or(bare),
        "FR" | "BE" | "LU" => bare.strip_prefix(['F', 'B', 'L']).unwrap_or(bare),
        "IT" | "SE" | "FI" => bare.strip_prefix(['I', 'S', 'F']).unwrap_or(bare),
        _ => bare,
    };
    patterns.iter().any(|pattern| {
        write_pattern(pattern, compact, out)
            || write_pattern(pattern, bare, out)
            || pattern.starts_with('0') && write_pattern(pattern, &format!("0{bare}"), out)
            // What was surely a number may have lost two: Puerto Rico's 00601.
            || was_number
                && pattern.starts_with('0')
                && write_pattern(pattern, &format!("00{bare}"), out)
    })
}

/// How a spreadsheet or a data frame changed a code that it took for a number.
enum Number<'a> {
    /// Digits, without the fraction or the exponent: `2138.0`, `1.067E+03`.
    Whole(Cow<'a, str>),
    /// A number that is not whole: `2138.5`.
    Broken,
    /// It is not a number.
    Other,
}

impl<'a> Number<'a> {
    fn read(text: &'a str) -> Self {
        let text = text.trim();
        let is_number =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let Some((digits, fraction)) = text.split_once(['.', ',']) else { return Self::Other };
        if !is_number(digits) {
            return Self::Other;
        }
        if let Some((fraction, exponent)) = fraction.split_once(['e', 'E']) {
            let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
            let is_exponent = is_number(exponent) && exponent.len() <= 2;
            if !(is_exponent && is_number(fraction)) {
                return Self::Other;
            }
            let value = text.replace(',', ".").parse::<f64>();
            return match value {
                Ok(value) if value < 1e15 && value.fract() == 0.0 => {
                    Self::Whole(Cow::Owned(value.to_string()))
                }
                _ => Self::Broken,
            };
        }
        // Three digits and more behind it part thousands.
        if !((1..=2).contains(&fraction.len()) && is_number(fraction)) {
            return Self::Other;
        }
        if fraction.bytes().all(|byte| byte == b'0') {
            Self::Whole(Cow::Borrowed(digits))
        } else {
            Self::Broken
        }
    }
}

/// Letters and digits in upper case. None if there are other letters, or too many.
fn compacted<'a>(text: &str, buffer: &'a mut [u8; LONGEST]) -> Option<&'a str> {
    let mut len = 0;
    for c in text.chars() {
        // Full-width forms, as typed in Japan.
        let c = match u32::from(c) {
            code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
            _ => c,
        };
        if c.is_ascii_alphanumeric() {
            *buffer.get_mut(len)? = c.to_ascii_uppercase() as u8;
            len += 1;
        } else if c.is_alphanumeric() {
            return None;
        }
    }
    if len == 0 { None } else { std::str::from_utf8(&buffer[..len]).ok() }
}

/// Writes a code as a pattern has it, if it fits.
fn write_pattern(pattern: &str, code: &str, out: &mut String) -> bool {
    out.clear();
    let mut rest = code.bytes().peekable();
    let mut literals = pattern.bytes().take_while(u8::is_ascii_alphabetic).count();
    if pattern.starts_with('A') && !pattern.starts_with("AD9") && !pattern.starts_with("AZ ") {
        literals = 0;
    }
    for (at, sign) in pattern.bytes().enumerate() {
        match sign {
            b'0' | b'9' => match rest.next_if(u8::is_ascii_digit) {
                Some(digit) => out.push(char::from(digit)),
                None => break,
            },
            b'A' if at >= literals => match rest.next_if(u8::is_ascii_alphabetic) {
                Some(letter) => out.push(char::from(letter)),
                None => break,
            },
            _ => {
                let _ = rest.next_if_eq(&sign);
                out.push(char::from(sign));
            }
        }
    }
    if out.len() == pattern.len() && rest.next().is_none() {
        return true;
    }
    out.clear();
    false
}

/// The inward part of a British code is a digit and two letters; the outward part starts with a
/// letter and has a digit.
fn write_british(code: &str, out: &mut String) -> bool {
    let bytes = code.as_bytes();
    if !(5..=7).contains(&bytes.len()) {
        return false;
    }
    let (outward, inward) = bytes.split_at(bytes.len() - 3);
    let fits = inward[0].is_ascii_digit()
        && inward[1..].iter().all(u8::is_ascii_alphabetic)
        && outward[0].is_ascii_alphabetic()
        && outward[1..].iter().any(u8::is_ascii_digit);
    (fits || code == "GIR0AA") && write_split(code, bytes.len() - 3, out)
}

fn write_split(code: &str, at: usize, out: &mut String) -> bool {
    out.clear();
    out.push_str(&code[..at]);
    out.push(' ');
    out.push_str(&code[at..]);
    true
}

/// Writes a code of a country that is not told.
fn write_recognized(text: &str, code: &str, out: &mut String) -> bool {
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    if !code.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let zip_plus_four = digits
        && code.len() == 9
        && text.trim().as_bytes().get(5).is_some_and(|byte| matches!(byte, b'-' | b' '));
    if zip_plus_four {
        out.push_str(&code[..5]);
        return true;
    }
    if write_pattern("A9A 9A9", code, out)
        || write_british(code, out)
        || write_pattern("9999 AA", code, out)
    {
        return true;
    }
    out.clear();
    out.push_str(code);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(country: &str, text: &str) -> Option<String> {
        postal_code(text, country.parse().ok()).map(Cow::into_owned)
    }

    #[test]
    fn codes_take_the_form_that_their_country_writes() {
        for (country, text, expected) in [
            ("US", "02138-1234", "02138"),
            ("US", "02138", "02138"),
            ("US", "2138", "02138"),
            ("US", "021381234", "02138"),
            ("US", " 94105 ", "94105"),
            ("US", "94105 1234", "94105"),
            ("GB", "sw1a1aa", "SW1A 1AA"),
            ("GB", "SW1A 1AA", "SW1A 1AA"),
            ("GB", "m1 1ae", "M1 1AE"),
            ("GB", "EC1A1BB", "EC1A 1BB"),
            ("GB", "gir 0aa", "GIR 0AA"),
            ("CA", "k1a0b6", "K1A 0B6"),
            ("CA", "K1A-0B6", "K1A 0B6"),
            ("DE", "10115", "10115"),
            ("DE", "D-10115", "10115"),
            ("DE", "DE-10115", "10115"),
            ("DE", "1067", "01067"),
            ("NL", "1012ab", "1012 AB"),
            ("NL", "NL-1012 AB", "1012 AB"),
            ("FR", "75001", "75001"),
            ("FR", "F-75001", "75001"),
            ("FR", "1000", "01000"),
            ("AT", "A-1010", "1010"),
            ("CH", "CH-8001", "8001"),
            ("CH", "8001", "8001"),
            ("SE", "11122", "111 22"),
            ("SE", "SE-111 22", "111 22"),
            ("PL", "00950", "00-950"),
            ("PL", "00-950", "00-950"),
            ("CZ", "11000", "110 00"),
            ("SK", "81101", "811 01"),
            ("GR", "10557", "105 57"),
            ("PT", "1000001", "1000-001"),
            ("PT", "1000-001", "1000-001"),
            ("BR", "01310100", "01310-100"),
            ("BR", "1310-100", "01310-100"),
            ("JP", "1000001", "100-0001"),
            ("JP", "〒100-0001", "100-0001"),
            ("JP", "１００－０００１", "100-0001"),
            ("IE", "d02af30", "D02 AF30"),
            ("LV", "1010", "LV-1010"),
            ("LV", "LV-1010", "LV-1010"),
            ("LT", "01100", "LT-01100"),
            ("AD", "AD500", "AD500"),
            ("AD", "500", "AD500"),
            ("MT", "vlt1117", "VLT 1117"),
            ("AU", "2000", "2000"),
            ("AU", "800", "0800"),
            ("IN", "110 001", "110001"),
            ("AR", "c1420abc", "C1420ABC"),
            ("AR", "1420", "1420"),
            ("ES", "8001", "08001"),
            ("US", "2138.0", "02138"),
            ("US", "94105.0", "94105"),
            ("US", "94105.00", "94105"),
            ("US", "21381234", "02138"),
            ("US", "21381234.0", "02138"),
            ("US", "941051234.0", "94105"),
            ("US", "501.0", "00501"),
            ("PR", "601.0", "00601"),
            ("DE", "1067.0", "01067"),
            ("DE", "1067,0", "01067"),
            ("DE", "10115.0", "10115"),
            ("FR", "1000.0", "01000"),
            ("JP", "600001.0", "060-0001"),
            ("AT", "1010.0", "1010"),
            ("PL", "950.0", "00-950"),
            ("DE", "1.067e3", "01067"),
            ("US", "2.138E+03", "02138"),
            ("US", "9.4105E+4", "94105"),
            ("NO", "150.0", "0150"),
            ("MX", "6600.0", "06600"),
            ("BR", "01.310-100", "01310-100"),
            ("", "94105.0", "94105"),
            ("", "2138.0", "2138"),
            ("IT", "I-00100", "00100"),
            ("Germany", "10115", "10115"),
            ("", "94105-1234", "94105"),
            ("", "sw1a 1aa", "SW1A 1AA"),
            ("", "k1a0b6", "K1A 0B6"),
            ("", "1012ab", "1012 AB"),
            ("", "12 345", "12345"),
            ("HK", "999077", "999077"),
        ] {
            assert_eq!(code(country, text).as_deref(), Some(expected), "{text} in {country}");
            assert_eq!(code(country, expected).as_deref(), Some(expected));
        }
    }

    #[test]
    fn text_that_is_no_code_of_the_country_has_none() {
        for (country, text) in [
            ("US", ""),
            ("US", "ABC"),
            ("US", "123"),
            ("US", "1234567"),
            ("US", "2138.5"),
            ("DE", "10115.25"),
            ("US", "2.1385e3"),
            ("GB", "12345"),
            ("GB", "SW1A"),
            ("CA", "12345"),
            ("DE", "123456"),
            ("NL", "1012"),
            ("", "n/a"),
            ("", "12345678901234567890"),
            ("", "—"),
            ("JP", "東京"),
        ] {
            assert_eq!(code(country, text), None, "{text} in {country}");
        }
    }

    #[test]
    fn an_unknown_country_is_an_error_that_names_it() {
        let error = "Atlantis".parse::<PostalCountry>().map_err(|error| error.to_string());
        assert!(matches!(&error, Err(text) if text.contains("\"Atlantis\"")), "{error:?}");
    }
}
