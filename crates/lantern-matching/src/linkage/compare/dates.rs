//! Compares days, written as `1990-01-31`, or as `1990-01` or `1990` if no more is known.

use super::letters::{EQUAL, UNKNOWN};
use crate::{similarity::Distance, tables::dates::Day};

/// How two days agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Dates {
    Unknown = UNKNOWN,
    Equal = EQUAL,
    /// Only the year or the month of one is known, and the other has the same.
    AsFarAsKnown,
    /// One digit is wrong, or two are swapped; of two years alone, unless one follows the other.
    Misspelled,
    DayAndMonth,
    /// At most seven days apart.
    DaysApart,
    /// Two of day, month and year are the same.
    TwoParts,
    /// At most 31 days apart.
    WeeksApart,
    /// At most 366 days apart.
    AYearApart,
    Different,
}

impl Dates {
    pub const LEVELS: usize = 10;
}

pub fn dates(a: &str, b: &str) -> Dates {
    if a == b {
        return Dates::Equal;
    }
    if a.is_empty() || b.is_empty() {
        return Dates::Unknown;
    }
    let (Some(one), Some(other)) = (Day::of_key(a), Day::of_key(b)) else {
        let apart = Distance::Osa.distance(a, b, Some(1)) <= 1 && a.len().min(b.len()) >= 4;
        return if apart { Dates::Misspelled } else { Dates::Different };
    };
    let misspelled = Distance::Osa.distance(a, b, Some(1)) <= 1;
    if !one.is_whole() || !other.is_whole() {
        return match parts_known(one, other) {
            Dates::Different if misspelled => Dates::Misspelled,
            level => level,
        };
    }
    if misspelled {
        return Dates::Misspelled;
    }
    let same = [one.year == other.year, one.month == other.month, one.day == other.day];
    if same[0] && one.month == other.day && one.day == other.month {
        return Dates::DayAndMonth;
    }
    let days = one.number().abs_diff(other.number());
    if days <= 7 {
        return Dates::DaysApart;
    }
    if same.iter().filter(|&&same| same).count() == 2 {
        return Dates::TwoParts;
    }
    match days {
        ..=31 => Dates::WeeksApart,
        32..=366 => Dates::AYearApart,
        _ => Dates::Different,
    }
}

/// Compares days if only the year or the month of at least one is known.
fn parts_known(one: Day, other: Day) -> Dates {
    if one.year == other.year {
        return match (one.month, other.month) {
            (Some(a), Some(b)) if a != b => {
                if a.abs_diff(b) == 1 {
                    Dates::WeeksApart
                } else {
                    Dates::AYearApart
                }
            }
            _ => Dates::AsFarAsKnown,
        };
    }
    if one.year.abs_diff(other.year) == 1 { Dates::AYearApart } else { Dates::Different }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_agree_by_digits_parts_and_distance() {
        use Dates::{
            AYearApart, AsFarAsKnown, DayAndMonth, DaysApart, Different, Equal, Misspelled,
            TwoParts, WeeksApart,
        };
        for (a, b, level) in [
            ("1971-06-24", "1971-06-24", Equal),
            ("1971-06-24", "1971-05-24", Misspelled),
            ("1971-06-24", "1917-06-24", Misspelled),
            ("1971-06-04", "1971-04-06", DayAndMonth),
            ("2024-02-27", "2024-03-01", DaysApart),
            ("1971-06-24", "1980-06-24", TwoParts),
            ("2024-01-10", "2024-02-07", WeeksApart),
            ("2024-01-10", "2024-10-27", AYearApart),
            ("2024-01-10", "2019-12-27", Different),
            ("1998", "1998", Equal),
            ("1998", "1998-05-01", AsFarAsKnown),
            ("1998-05", "1998-05-01", AsFarAsKnown),
            ("1998", "1999", AYearApart),
            ("1998", "1968", Misspelled),
            ("1998", "9198", Misspelled),
            ("1998-05", "1968-05", Misspelled),
            ("1998", "2004", Different),
            ("1998", "1968-05-01", Different),
        ] {
            assert_eq!(dates(a, b), level, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn comparing_is_symmetric(
            a in "(19[0-9]{2}(-[01][0-9](-[0-3][0-9])?)?)?",
            b in "(19[0-9]{2}(-[01][0-9](-[0-3][0-9])?)?)?",
        ) {
            prop_assert_eq!(dates(&a, &b), dates(&b, &a));
            prop_assert_eq!(dates(&a, &a), Dates::Equal);
        }
    }
}
