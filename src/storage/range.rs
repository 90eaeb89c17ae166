//! Reads from the header `Content-Range` which part of a file an answer contains.

use std::str::FromStr;

use http::{HeaderMap, header};

/// The bytes `first` to `last` of a file of `size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentRange {
    pub first: u64,
    pub last: u64,
    /// The length of the whole file, if it is known.
    pub size: Option<u64>,
}

impl ContentRange {
    /// The part that an answer contains; `None` if the header is missing, repeated or invalid.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut told = headers.get_all(header::CONTENT_RANGE).iter();
        let (Some(text), None) = (told.next(), told.next()) else { return None };
        text.to_str().ok()?.parse().ok()
    }

    /// Whether it is the whole file.
    pub fn is_whole(&self) -> bool {
        self.first == 0 && self.size.is_some() && self.size == self.last.checked_add(1)
    }
}

/// The error for a text that is not a part of a file.
#[derive(Debug)]
pub struct NoRange;

impl FromStr for ContentRange {
    type Err = NoRange;

    fn from_str(text: &str) -> Result<Self, NoRange> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse::<u64>().ok()).flatten().ok_or(NoRange)
        };
        let (unit, rest) = text.trim().split_once(' ').ok_or(NoRange)?;
        let (part, size) = rest.trim().split_once('/').ok_or(NoRange)?;
        let (first, last) = part.split_once('-').ok_or(NoRange)?;
        let (first, last) = (number(first)?, number(last)?);
        let size = if size == "*" { None } else { Some(number(size)?) };
        let possible = first <= last && size.is_none_or(|size| last < size);
        if unit.eq_ignore_ascii_case("bytes") && possible {
            Ok(Self { first, last, size })
        } else {
            Err(NoRange)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_and_what_cannot_be_one_is_none() {
        let part = "bytes 5-9/20".parse::<ContentRange>().unwrap();
        assert_eq!(part, ContentRange { first: 5, last: 9, size: Some(20) });
        assert!(!part.is_whole());
        assert!("bytes 0-19/20".parse::<ContentRange>().unwrap().is_whole());
        assert!(!"bytes 0-19/*".parse::<ContentRange>().unwrap().is_whole());
        for text in [
            "",
            "bytes",
            "bytes 5-9",
            "bytes */20",
            "bytes 9-5/20",
            "bytes 5-20/20",
            "bytes +5-9/20",
            "bytes 5--9/20",
            "bytes 0-18446744073709551616/*",
            "lines 5-9/20",
        ] {
            assert!(text.parse::<ContentRange>().is_err(), "{text}");
        }
        assert!(!"bytes 0-18446744073709551615/*".parse::<ContentRange>().unwrap().is_whole());
    }
}
