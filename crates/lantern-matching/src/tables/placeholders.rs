//! Recognizes placeholders for missing values: `n/a`, `unknown`, `-`, `000-000-0000`,
//! `test@test.com`, `1900-01-01`.

use std::{collections::HashSet, sync::LazyLock};

use super::{
    dates::{self, Day},
    kind::Kind,
};

/// Words for a missing value, folded, in many languages. None of them is the name of many people or
/// companies.
const MISSING: &str = include_str!("data/missing.txt");

/// Words of this list that are also names or codes. They count as missing only in one case: `NULL`
/// and `null`, but not the surname Null.
const ALSO_NAMES: [&str; 8] = ["na", "nan", "nil", "none", "null", "test", "empty", "xx"];

/// Words of this list that are names of people or places in any case.
const NAMES: [&str; 8] =
    ["blank", "leer", "private", "brak", "ingen", "anonymous", "missing", "ka"];

static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    MISSING.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(fold).collect()
});

/// Whether a text is a placeholder for a missing value of this kind.
pub fn is_placeholder(kind: Kind, text: &str) -> bool {
    let text = text.trim();
    if !text.chars().any(char::is_alphanumeric) {
        return true;
    }
    // Longer texts are never placeholders, and they are frequent.
    if text.len() > 48 {
        return false;
    }
    says_missing(kind, text)
        || match kind {
            Kind::Phone => no_phone(text),
            Kind::Email => no_email(text),
            Kind::Domain => no_domain(text),
            Kind::Date => no_day(text),
            Kind::Postal => is_one_digit_again_and_again(text, 3),
            Kind::Code => is_one_digit_again_and_again(text, 5),
            _ => false,
        }
}

fn says_missing(kind: Kind, text: &str) -> bool {
    let folded = fold(text);
    if !WORDS.contains(folded.as_str()) {
        return false;
    }
    let name = matches!(
        kind,
        Kind::Person | Kind::FirstName | Kind::LastName | Kind::Company | Kind::City
    );
    if name && NAMES.contains(&folded.as_str()) && text.chars().all(char::is_alphanumeric) {
        return false;
    }
    if !ALSO_NAMES.contains(&folded.as_str()) {
        return true;
    }
    let plain = text.chars().all(char::is_alphanumeric);
    match kind {
        // `NA` is the code of Namibia.
        Kind::Country if folded == "na" => !plain,
        _ if name && plain => {
            let mut letters = text.chars();
            let first = letters.next().is_some_and(char::is_uppercase);
            // `Na` and `Nan` are names; `NA`, `nan` and `null` are written by programs.
            !(first && letters.all(char::is_lowercase))
        }
        _ => true,
    }
}

/// In lower case without accents, with a single space between words.
fn fold(text: &str) -> String {
    let mut folded = String::new();
    crate::normalize::write_words(text, &mut folded);
    folded
}

fn digits_of(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_digit).collect()
}

fn is_one_digit_again_and_again(text: &str, least: usize) -> bool {
    let digits = digits_of(text);
    digits.len() >= least
        && text.chars().all(|letter| !letter.is_alphabetic())
        && digits.windows(2).all(|pair| pair[0] == pair[1])
}

fn no_phone(text: &str) -> bool {
    let digits = digits_of(text);
    let national = digits.strip_prefix(b"1").filter(|rest| rest.len() == 10).unwrap_or(&digits);
    let rising = |digits: &[u8]| {
        digits.len() >= 6 && b"01234567890".windows(digits.len()).any(|all| all == digits)
    };
    digits.len() < 3
        || national.windows(2).all(|pair| pair[0] == pair[1])
        || digits.windows(2).all(|pair| pair[0] == pair[1])
        // Numbers of one digit except for the last ones: 000-000-1234, 555-555-5551.
        || (national.len() >= 7 && national[..6].iter().all(|digit| digit == &national[0]))
        || rising(national)
        || rising(&digits)
}

fn no_email(text: &str) -> bool {
    const NAMES: [&str; 22] = [
        "test",
        "tests",
        "testing",
        "none",
        "no",
        "na",
        "n.a",
        "noemail",
        "no-email",
        "no.email",
        "unknown",
        "null",
        "nobody",
        "noone",
        "abc",
        "asdf",
        "xxx",
        "x",
        "a",
        "fake",
        "email",
        "notavailable",
    ];
    const DOMAINS: [&str; 12] = [
        "test", "none", "no", "na", "noemail", "unknown", "null", "abc", "asdf", "xxx", "fake",
        "email",
    ];
    let text = text.to_lowercase();
    let Some((name, domain)) = text.rsplit_once('@') else { return false };
    let label = domain.split('.').next().unwrap_or_default();
    no_domain(domain) || (NAMES.contains(&name) && (DOMAINS.contains(&label) || name == label))
}

/// The names that RFC 2606 reserves for examples.
fn no_domain(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let host = text
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_start_matches("www.")
        .trim_end_matches('/');
    ["example.com", "example.org", "example.net", "localhost", "domain.com", "test.com"]
        .contains(&host)
        || host.ends_with(".example")
        || host.ends_with(".invalid")
        || host.ends_with(".test")
}

fn no_day(text: &str) -> bool {
    let Some(Day { year, month, day }) = dates::read(text, dates::Order::default()) else {
        return false;
    };
    matches!(
        (year, month, day),
        // The first days of Excel, Windows, SQL Server and Unix, and the usual date for "never".
        (1900, Some(1), Some(1 | 2))
            | (1899, Some(12), Some(30 | 31))
            | (1601 | 1753 | 1970 | 1800 | 1901, Some(1), Some(1))
            | (9999 | 2099 | 2999, _, _)
    ) || year < 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_missing_in_many_languages() {
        for text in [
            "n/a",
            "N/A",
            "#N/A",
            "NULL",
            "null",
            "-",
            "--",
            ".",
            "?",
            "unknown",
            "Unknown",
            "not available",
            "TBD",
            "none",
            "keine Angabe",
            "unbekannt",
            "non renseigné",
            "inconnu",
            "desconocido",
            "sin datos",
            "bilinmiyor",
            "yok",
            "sconosciuto",
            "não informado",
            "onbekend",
            "brak danych",
            "неизвестно",
            "غير معروف",
            "לא ידוע",
            "不明",
            "未知",
            "없음",
            "<null>",
            "(blank)",
        ] {
            assert!(is_placeholder(Kind::Company, text), "{text}");
        }
    }

    #[test]
    fn names_that_look_like_placeholders_are_names() {
        for (kind, text) in [
            (Kind::LastName, "Null"),
            (Kind::LastName, "Na"),
            (Kind::FirstName, "Nan"),
            (Kind::Country, "NA"),
            (Kind::Company, "Unknown Worlds Entertainment"),
            (Kind::Company, "3"),
            (Kind::LastName, "王"),
            (Kind::Text, "Nova"),
        ] {
            assert!(!is_placeholder(kind, text), "{text}");
        }
        assert!(is_placeholder(Kind::LastName, "NULL"));
        assert!(is_placeholder(Kind::Country, "n/a"));
    }

    #[test]
    fn values_of_a_kind_have_placeholders_of_their_own() {
        for (kind, text) in [
            (Kind::Phone, "000-000-0000"),
            (Kind::Phone, "(555) 555-5555"),
            (Kind::Phone, "+1 111 111 1111"),
            (Kind::Phone, "1234567890"),
            (Kind::Phone, "0"),
            (Kind::Email, "test@test.com"),
            (Kind::Email, "noemail@noemail.com"),
            (Kind::Email, "someone@example.com"),
            (Kind::Domain, "http://www.example.com/"),
            (Kind::Date, "1900-01-01"),
            (Kind::Date, "01/01/1970"),
            (Kind::Date, "9999-12-31"),
            (Kind::Date, "0001-01-01"),
            (Kind::Postal, "00000"),
        ] {
            assert!(is_placeholder(kind, text), "{kind} {text}");
        }
        for (kind, text) in [
            (Kind::Phone, "(415) 555-2671"),
            (Kind::Phone, "+442079460958"),
            (Kind::Email, "test@acme.com"),
            (Kind::Email, "ada@test.acme.com"),
            (Kind::Domain, "acme.com"),
            (Kind::Date, "1970-01-02"),
            (Kind::Date, "1900-05-01"),
            (Kind::Postal, "10115"),
            (Kind::Code, "111"),
        ] {
            assert!(!is_placeholder(kind, text), "{kind} {text}");
        }
    }
}
