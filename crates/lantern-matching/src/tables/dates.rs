//! Reads dates as people and systems write them.
//!
//! `1990-01-31`, `31.01.1990`, `1/31/90`, `31 janvier 1990`, `Jan 31, 1990`, `19900131`,
//! `1990-01-31T00:00:00Z`, `1990-01`, `1990`. Whether `01/02/1990` is in January or in February is
//! inferred from the column: a single value with a number above 12 decides it for all.

/// Whether days or months come first in a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    DayFirst,
    MonthFirst,
}

/// A date, of which the day, or the day and the month, may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub year: i32,
    pub month: Option<u8>,
    pub day: Option<u8>,
}

impl Day {
    fn of(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=12).contains(&month) || day == 0 || day > days_of(year, month) {
            return None;
        }
        Some(Self { year, month: u8::try_from(month).ok(), day: u8::try_from(day).ok() })
    }

    pub const fn is_whole(self) -> bool {
        self.month.is_some() && self.day.is_some()
    }

    /// Number of days since 1 March of the year 0; `None` if a part of the date is unknown.
    pub fn number(self) -> i64 {
        let (month, day) = (i64::from(self.month.unwrap_or(1)), i64::from(self.day.unwrap_or(1)));
        // The year begins in March, so that the leap day is its last.
        let year = i64::from(self.year) - i64::from(month <= 2);
        let month = (month + 9) % 12;
        365 * year + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (153 * month + 2) / 5
            + day
    }

    /// Reads what [`Self::write`] wrote.
    pub fn of_key(key: &str) -> Option<Self> {
        let mut parts = key.split('-');
        let year = parts.next()?.parse().ok()?;
        let month = parts.next().map(str::parse).transpose().ok()?;
        let day = parts.next().map(str::parse).transpose().ok()?;
        Some(Self { year, month, day })
    }

    pub fn write(self, out: &mut String) {
        use std::fmt::Write;
        out.clear();
        // Writing to a string cannot fail.
        let _ = match (self.month, self.day) {
            (Some(month), Some(day)) => write!(out, "{:04}-{month:02}-{day:02}", self.year),
            (Some(month), None) => write!(out, "{:04}-{month:02}", self.year),
            _ => write!(out, "{:04}", self.year),
        };
    }
}

const fn days_of(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The first letters of months in English, German, French, Spanish, Italian, Portuguese, Dutch,
/// Turkish and Polish: as few as distinguish the months, longer ones first.
const MONTHS: [(&str, u32); 56] = [
    ("juin", 6),
    ("juil", 7),
    ("gennaio", 1),
    ("genn", 1),
    ("mars", 3),
    ("marz", 3),
    ("maerz", 3),
    ("maart", 3),
    ("marc", 3),
    ("maggio", 5),
    ("magg", 5),
    ("mayis", 5),
    ("maj", 5),
    ("may", 5),
    ("mai", 5),
    ("mei", 5),
    ("mar", 3),
    ("mrt", 3),
    ("jan", 1),
    ("ene", 1),
    ("gen", 1),
    ("oca", 1),
    ("sty", 1),
    ("feb", 2),
    ("fev", 2),
    ("fevr", 2),
    ("sub", 2),
    ("lut", 2),
    ("apr", 4),
    ("avr", 4),
    ("abr", 4),
    ("nis", 4),
    ("kwi", 4),
    ("mag", 5),
    ("jun", 6),
    ("giu", 6),
    ("haz", 6),
    ("cze", 6),
    ("jul", 7),
    ("lug", 7),
    ("tem", 7),
    ("lip", 7),
    ("aug", 8),
    ("aou", 8),
    ("ago", 8),
    ("sie", 8),
    ("sep", 9),
    ("set", 9),
    ("eyl", 9),
    ("wrz", 9),
    ("oct", 10),
    ("okt", 10),
    ("out", 10),
    ("ott", 10),
    ("ekim", 10),
    ("paz", 10),
];
const LATE_MONTHS: [(&str, u32); 9] = [
    ("nov", 11),
    ("kas", 11),
    ("lis", 11),
    ("dec", 12),
    ("dez", 12),
    ("dic", 12),
    ("ara", 12),
    ("gru", 12),
    ("des", 12),
];

fn month_of(word: &str) -> Option<u32> {
    let mut plain = String::new();
    crate::normalize::write_words(word, &mut plain);
    MONTHS
        .iter()
        .chain(&LATE_MONTHS)
        .find(|(beginning, _)| plain.starts_with(beginning))
        .map(|&(_, month)| month)
}

enum Part<'a> {
    Number(u32, usize),
    Word(&'a str),
}

/// The numbers and words of a text, up to the time of day.
fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let end = |is: fn(char) -> bool, rest: &str| rest.find(|c| !is(c)).unwrap_or(rest.len());
        if first.is_ascii_digit() {
            let digits = end(|c| c.is_ascii_digit(), rest);
            // A time of day follows.
            if rest[digits..].starts_with(':') {
                break;
            }
            parts.push(Part::Number(rest[..digits].parse().ok()?, digits));
            rest = &rest[digits..];
        } else if matches!(first, '年' | '月' | '日' | '년' | '월' | '일') {
            rest = &rest[first.len_utf8()..];
        } else if first.is_alphabetic() {
            let letters = end(char::is_alphabetic, rest);
            let word = &rest[..letters];
            rest = &rest[letters..];
            if word.eq_ignore_ascii_case("t") && parts.len() >= 3 {
                break;
            }
            parts.push(Part::Word(word));
        } else if matches!(first, ' ' | '-' | '/' | '.' | ',' | '\u{a0}' | '\'') {
            rest = &rest[first.len_utf8()..];
        } else {
            return None;
        }
        if parts.len() > 6 {
            return None;
        }
    }
    Some(parts)
}

/// Expands a year of two digits. Years up to a few years in the future belong to this century.
const fn century(year: u32) -> i32 {
    (if year <= 35 { 2000 + year } else { 1900 + year }).cast_signed()
}

/// The date that a text states; `None` if it is not a date.
pub fn read(text: &str, order: Order) -> Option<Day> {
    if text.len() > 40 {
        return None;
    }
    let parts = parts(text)?;
    let mut numbers: Vec<(u32, usize)> = Vec::new();
    let mut month = None;
    let mut month_is_first = false;
    for part in &parts {
        match part {
            Part::Number(number, digits) => numbers.push((*number, *digits)),
            Part::Word(word) => {
                if let Some(found) = month_of(word) {
                    if month.replace(found).is_some() {
                        return None;
                    }
                    month_is_first = numbers.is_empty();
                } else if !matches!(
                    word.to_lowercase().as_str(),
                    "of" | "de"
                        | "del"
                        | "den"
                        | "the"
                        | "st"
                        | "nd"
                        | "rd"
                        | "th"
                        | "er"
                        | "am"
                        | "pm"
                        | "z"
                        | "utc"
                        | "gmt"
                ) && !is_weekday(word)
                {
                    return None;
                }
            }
        }
    }
    let year = |(number, digits): (u32, usize)| match digits {
        4 => i32::try_from(number).ok(),
        2 => Some(century(number)),
        _ => None,
    };
    match (month, numbers.as_slice()) {
        (Some(month), &[one, other]) => {
            let (day, of) = if !month_is_first && one.1 == 4 { (other, one) } else { (one, other) };
            Day::of(year(of)?, month, day.0)
        }
        (Some(month), &[of]) if of.1 == 4 => {
            Some(Day { year: year(of)?, month: u8::try_from(month).ok(), day: None })
        }
        (None, &[a, b, c]) if a.1 == 4 => Day::of(year(a)?, b.0, c.0),
        (None, &[a, b, c]) if a.1 <= 2 && b.1 <= 2 => {
            let of = year(c)?;
            let (day, month) = if order == Order::DayFirst { (a.0, b.0) } else { (b.0, a.0) };
            Day::of(of, month, day).or_else(|| Day::of(of, day, month))
        }
        (None, &[a, b]) if a.1 == 4 && b.1 <= 2 && (1..=12).contains(&b.0) => {
            Some(Day { year: year(a)?, month: u8::try_from(b.0).ok(), day: None })
        }
        (None, &[a, b]) if b.1 == 4 && a.1 <= 2 && (1..=12).contains(&a.0) => {
            Some(Day { year: year(b)?, month: u8::try_from(a.0).ok(), day: None })
        }
        (None, &[(number, 8)]) => {
            let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
            let year_first =
                (1700..=2200).contains(&year).then(|| Day::of(year.cast_signed(), month, day));
            year_first.flatten().or_else(|| {
                let (one, other, year) =
                    (number / 1_000_000, number / 10_000 % 100, number % 10_000);
                if !(1700..=2200).contains(&year) {
                    return None;
                }
                let (day, month) =
                    if order == Order::DayFirst { (one, other) } else { (other, one) };
                Day::of(year.cast_signed(), month, day)
            })
        }
        (None, &[(number, 4)]) if (1000..=2200).contains(&number) => {
            Some(Day { year: number.cast_signed(), month: None, day: None })
        }
        _ => None,
    }
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    DAYS.iter().any(|day| word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(day)))
}

/// Infers whether days or months come first in texts such as `01/31/1990`; days, if nothing shows
/// it.
pub fn order<'a>(texts: impl Iterator<Item = &'a str>) -> Order {
    let (mut days_first, mut months_first) = (0_usize, 0_usize);
    for text in texts.filter(|text| text.len() <= 40) {
        let mut numbers = text.split(['/', '.', '-', ' ']).map(str::parse::<u32>);
        let (Some(Ok(first)), Some(Ok(second))) = (numbers.next(), numbers.next()) else {
            continue;
        };
        match (first, second) {
            (13..=31, 1..=12) => days_first += 1,
            (1..=12, 13..=31) => months_first += 1,
            _ => {}
        }
    }
    if months_first > days_first { Order::MonthFirst } else { Order::DayFirst }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str, order: Order) -> Option<String> {
        let mut out = String::new();
        read(text, order)?.write(&mut out);
        Some(out)
    }

    #[test]
    fn days_are_read_as_they_are_written_around_the_world() {
        for (text, expected) in [
            ("1990-01-31", "1990-01-31"),
            ("1990/1/31", "1990-01-31"),
            ("31.01.1990", "1990-01-31"),
            ("31.1.90", "1990-01-31"),
            ("1/31/1990", "1990-01-31"),
            ("19900131", "1990-01-31"),
            ("1990-01-31T10:20:30Z", "1990-01-31"),
            ("1990-01-31 10:20:30.123", "1990-01-31"),
            ("Jan 31, 1990", "1990-01-31"),
            ("31st of January 1990", "1990-01-31"),
            ("31. Januar 1990", "1990-01-31"),
            ("31 janvier 1990", "1990-01-31"),
            ("3 de marzo de 1990", "1990-03-03"),
            ("3 Mayıs 1990", "1990-05-03"),
            ("3 août 1990", "1990-08-03"),
            ("Mon, 3 Dec 2018", "2018-12-03"),
            ("1990年1月31日", "1990-01-31"),
            ("1990-01", "1990-01"),
            ("01/1990", "1990-01"),
            ("March 1990", "1990-03"),
            ("1990", "1990"),
        ] {
            assert_eq!(key(text, Order::DayFirst).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "n/a", "1990-13-01", "1990-02-30", "5551234", "12", "one day", "1.2.3.4"] {
            assert_eq!(key(text, Order::DayFirst), None, "{text}");
        }
    }

    #[test]
    fn the_column_tells_whether_days_or_months_come_first() {
        assert_eq!(order(["01/02/1990", "01/31/1990"].into_iter()), Order::MonthFirst);
        assert_eq!(order(["01/02/1990", "31/01/1990"].into_iter()), Order::DayFirst);
        assert_eq!(key("01/02/1990", Order::MonthFirst).as_deref(), Some("1990-01-02"));
        assert_eq!(key("01/02/1990", Order::DayFirst).as_deref(), Some("1990-02-01"));
    }

    proptest! {
        #[test]
        fn a_key_is_read_back(year in 1700..2200, month in 1..=12_u32, day in 1..=28_u32) {
            let of = Day::of(year, month, day).unwrap();
            let mut text = String::new();
            of.write(&mut text);
            prop_assert_eq!(Day::of_key(&text), Some(of));
            prop_assert_eq!(read(&text, Order::DayFirst), Some(of));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            read(&text, Order::MonthFirst);
        }

        #[test]
        fn the_next_day_has_the_next_number(year in 1900..2100, month in 1..=12_u32, day in 1..=27_u32) {
            let of = |day| Day::of(year, month, day).unwrap().number();
            prop_assert_eq!(of(day) + 1, of(day + 1));
        }
    }
}
