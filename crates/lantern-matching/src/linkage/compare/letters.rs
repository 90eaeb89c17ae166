//! Values that are compared letter by letter, digit by digit, or part by part.

use crate::similarity::{Distance, jaro_winkler};

/// How two values agree: 0 unknown, 1 equal, then falling, the last different.
pub const UNKNOWN: u8 = 0;
pub const EQUAL: u8 = 1;

/// Levels of names: equal; one typing error; close (Jaro-Winkler of 0.92); one the initial or the
/// beginning of the other; somewhat alike (0.8); different.
pub const LETTER_LEVELS: usize = 7;

pub fn letters(a: &str, b: &str) -> u8 {
    if a == b {
        return EQUAL;
    }
    let shorter = a.len().min(b.len());
    if shorter >= 3 && Distance::Osa.distance(a, b, Some(1)) <= 1 {
        return 2;
    }
    let similarity = jaro_winkler::similarity(a, b, Some(0.8));
    if similarity >= 0.92 {
        return 3;
    }
    if a.starts_with(b) || b.starts_with(a) {
        return 4;
    }
    if similarity >= 0.8 { 5 } else { 6 }
}

/// Levels of digits: equal; one wrong; two wrong or the rest of a longer one; different.
pub const DIGIT_LEVELS: usize = 5;

pub fn digits(a: &str, b: &str) -> u8 {
    if a == b {
        return EQUAL;
    }
    let longer = a.len().max(b.len());
    match Distance::Osa.distance(a, b, Some(2)) {
        1 => 2,
        2 if longer >= 5 => 3,
        _ if longer >= 8 && a.len().min(b.len()) >= 6 && (a.ends_with(b) || b.ends_with(a)) => 3,
        _ => 4,
    }
}

/// Levels of days: equal; one digit wrong or two swapped; day and month swapped; two of year, month
/// and day equal; different.
pub const DATE_LEVELS: usize = 6;

pub fn dates(a: &str, b: &str) -> u8 {
    if a == b {
        return EQUAL;
    }
    if Distance::Osa.distance(a, b, Some(1)) <= 1 {
        return 2;
    }
    if a.len() == 8 && b.len() == 8 && a.is_ascii() && b.is_ascii() {
        let (year_a, month_a, day_a) = (&a[..4], &a[4..6], &a[6..]);
        let (year_b, month_b, day_b) = (&b[..4], &b[4..6], &b[6..]);
        if year_a == year_b && month_a == day_b && day_a == month_b {
            return 3;
        }
        let same =
            u8::from(year_a == year_b) + u8::from(month_a == month_b) + u8::from(day_a == day_b);
        if same == 2 {
            return 4;
        }
    }
    5
}

/// Levels of domains: equal; the same label under another suffix; a typing error; different.
pub const DOMAIN_LEVELS: usize = 5;

pub fn domains(a: &str, b: &str) -> u8 {
    if a == b {
        return EQUAL;
    }
    let (label_a, label_b) = (label(a), label(b));
    if label_a == label_b {
        return 2;
    }
    if label_a.len().min(label_b.len()) >= 5 && Distance::Osa.distance(a, b, Some(1)) <= 1 {
        3
    } else {
        4
    }
}

fn label(domain: &str) -> &str {
    domain.split('.').next().unwrap_or(domain)
}
