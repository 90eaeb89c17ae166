//! Compares e-mail addresses: the name before the `@` and the domain after it.

use super::letters::{EQUAL, UNKNOWN};
use crate::{
    normalize::is_free_email,
    script::letters,
    similarity::{Distance, jaro_winkler},
};

/// How two e-mail addresses agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Email {
    Unknown = UNKNOWN,
    Equal = EQUAL,
    /// One letter apart, in the name or in the domain.
    Misspelled,
    /// The same names in another order, or with other signs between them.
    Rearranged,
    /// The same name at another domain.
    OtherDomain,
    /// The same name with other digits: `john1` and `john2` are two people.
    OtherDigits,
    /// Names with the same beginning, at the same domain.
    Somewhat,
    /// Another name at the same employer.
    SameDomain,
    Different,
}

impl Email {
    pub const LEVELS: usize = 9;
}

/// Names that belong to an office and not to a person.
const OFFICES: [&str; 29] = [
    "info",
    "office",
    "contact",
    "kontakt",
    "contacto",
    "contato",
    "enquiries",
    "sales",
    "vertrieb",
    "ventas",
    "ventes",
    "support",
    "service",
    "help",
    "admin",
    "mail",
    "email",
    "post",
    "hello",
    "hallo",
    "team",
    "marketing",
    "billing",
    "accounting",
    "hr",
    "jobs",
    "webmaster",
    "noreply",
    "bilgi",
];

/// Whether an address belongs to an office (`info@`) and not to a person.
pub fn is_of_an_office(address: &str) -> bool {
    let name = address.split('@').next().unwrap_or_default();
    OFFICES.contains(&name.trim_end_matches(|letter: char| letter.is_ascii_digit()))
}

pub fn emails(a: &str, b: &str) -> Email {
    if a == b {
        return Email::Equal;
    }
    if a.is_empty() || b.is_empty() {
        return Email::Unknown;
    }
    let (Some((name_a, domain_a)), Some((name_b, domain_b))) =
        (a.rsplit_once('@'), b.rsplit_once('@'))
    else {
        return match Distance::Osa.distance(a, b, Some(1)) {
            0 | 1 if letters(a).min(letters(b)) >= 4 => Email::Misspelled,
            _ => Email::Different,
        };
    };
    let shorter = letters(name_a).min(letters(name_b));
    if name_a == name_b {
        if Distance::Osa.distance(domain_a, domain_b, Some(1)) <= 1 {
            return Email::Misspelled;
        }
        // Short names and those of offices exist at every domain.
        return if shorter >= 4 && !is_of_an_office(a) {
            Email::OtherDomain
        } else {
            Email::Different
        };
    }
    let same_domain = domain_a == domain_b;
    if same_domain {
        if differ_in_digits_only(name_a, name_b) {
            return Email::OtherDigits;
        }
        if shorter >= 4 && Distance::Osa.distance(name_a, name_b, Some(1)) <= 1 {
            return Email::Misspelled;
        }
        if shorter >= 4 && rearranged(name_a, name_b) {
            return Email::Rearranged;
        }
        if shorter >= 4 && jaro_winkler::similarity(name_a, name_b, Some(0.9)) >= 0.9 {
            return Email::Somewhat;
        }
        return if is_free_email(a) { Email::Different } else { Email::SameDomain };
    }
    Email::Different
}

/// Whether two names differ only in their digits. One of them may have none.
fn differ_in_digits_only(a: &str, b: &str) -> bool {
    let is_letter = |letter: &char| !letter.is_ascii_digit();
    a.chars().filter(is_letter).eq(b.chars().filter(is_letter))
}

/// Whether two names have the same parts in another order or with other signs between.
fn rearranged(a: &str, b: &str) -> bool {
    let is_sign = |letter: char| matches!(letter, '.' | '_' | '-');
    if a.chars().filter(|&letter| !is_sign(letter)).eq(b.chars().filter(|&letter| !is_sign(letter)))
    {
        return true;
    }
    let parts = |name| {
        let mut parts: Vec<&str> =
            str::split(name, is_sign).filter(|part| !part.is_empty()).collect();
        parts.sort_unstable();
        parts
    };
    let (a, b) = (parts(a), parts(b));
    a.len() > 1 && a == b
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_agree_by_name_and_domain() {
        use Email::{
            Different, Equal, Misspelled, OtherDigits, OtherDomain, Rearranged, SameDomain,
        };
        for (a, b, level) in [
            ("ada@acme.com", "ada@acme.com", Equal),
            ("ada.byron@acme.com", "ada.byrom@acme.com", Misspelled),
            ("ada.byron@gmail.com", "ada.byron@gmial.com", Misspelled),
            ("ada.byron@acme.com", "byron.ada@acme.com", Rearranged),
            ("ada.byron@acme.com", "adabyron@acme.com", Misspelled),
            ("ada_m_byron@acme.com", "adambyron@acme.com", Rearranged),
            ("ada.byron@acme.com", "ada.byron@gmail.com", OtherDomain),
            ("john1@acme.com", "john2@acme.com", OtherDigits),
            ("john@acme.com", "john2@acme.com", OtherDigits),
            ("ada.byron@acme.com", "bob.miller@acme.com", SameDomain),
            ("ada.byron@gmail.com", "bob.miller@gmail.com", Different),
            ("info@acme.com", "info@other.com", Different),
            ("enquiries@acme.com", "enquiries@other.com", Different),
            ("ab@acme.com", "ab@other.com", Different),
        ] {
            assert_eq!(emails(a, b), level, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn comparing_is_symmetric(a in "[ab1._]{0,6}@?[ab]{0,3}", b in "[ab1._]{0,6}@?[ab]{0,3}") {
            prop_assert_eq!(emails(&a, &b), emails(&b, &a));
            prop_assert_eq!(emails(&a, &a), Email::Equal);
        }
    }
}
