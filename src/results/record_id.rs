//! Which ids are the same record.
//!
//! The hexadecimal digits of a UUID mean the same in both cases (RFC 9562), and databases and
//! programs change the case when they read and write them. So an id in the form of a UUID, 8-4-4-4-12
//! digits with hyphens, is known by its lower case, whatever its spelling. It is sent as it was
//! spelled first, and each row of a table keeps its own spelling.
//!
//! Every other id is known by exactly its characters: for an id of Salesforce with 15 characters, or
//! for `007`, another spelling may be another record. That includes UUIDs in other forms, such as
//! those without hyphens, because 32 digits may also be a hash, and those in braces.

use std::borrow::Cow;

/// The length of a UUID with its hyphens.
const LENGTH: usize = 36;

/// Whether an id has the form of a UUID.
pub fn is_uuid(id: &str) -> bool {
    let of_uuid = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    id.len() == LENGTH && id.bytes().enumerate().all(of_uuid)
}

/// The form by which a record is known, whatever the spelling of its id.
pub fn canonical(id: &str) -> Cow<'_, str> {
    let has_capitals = || id.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_uuid(id) && has_capitals() {
        return Cow::Owned(id.to_ascii_lowercase());
    }
    Cow::Borrowed(id)
}

/// The other forms by which an earlier version, which compared ids letter for letter, may know the
/// record of an id: as the id is spelled, and in capitals.
pub fn earlier(id: &str) -> impl Iterator<Item = String> + use<> {
    let forms = if is_uuid(id) {
        let (lower, upper) = (id.to_ascii_lowercase(), id.to_ascii_uppercase());
        let own = Some(id).filter(|own| *own != lower && *own != upper).map(str::to_owned);
        [own, Some(upper).filter(|upper| *upper != lower)]
    } else {
        [None, None]
    };
    forms.into_iter().flatten()
}

/// Which digits of a UUID are capital letters, as bits; all of them if there is no small letter. 0
/// for every other id.
pub fn capitals(id: &str) -> u32 {
    if !is_uuid(id) {
        return 0;
    }
    let (mut bits, mut has_small) = (0, false);
    for (at, digit) in id.bytes().filter(|byte| *byte != b'-').enumerate() {
        bits |= u32::from(digit.is_ascii_uppercase()) << at;
        has_small |= digit.is_ascii_lowercase();
    }
    if bits != 0 && !has_small { u32::MAX } else { bits }
}

/// An id in the spelling of which [`capitals`] returned the bits.
pub fn with_capitals(id: &str, bits: u32) -> Cow<'_, str> {
    if !is_uuid(id) || capitals(id) == bits {
        return Cow::Borrowed(id);
    }
    let mut left = bits;
    let digit = |letter: char| {
        if letter == '-' {
            return letter;
        }
        let is_capital = left & 1 == 1;
        left >>= 1;
        if is_capital { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    };
    Cow::Owned(id.chars().map(digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOWER: &str = "8c6f2a10-0b1d-4e5f-9abc-def012345678";
    const UPPER: &str = "8C6F2A10-0B1D-4E5F-9ABC-DEF012345678";
    const MIXED: &str = "8C6F2A10-0b1d-4e5f-9abc-def012345678";

    #[test]
    fn a_uuid_is_one_record_in_every_case() {
        for id in [LOWER, UPPER, MIXED] {
            assert_eq!(canonical(id), LOWER);
        }
        assert_eq!(earlier(LOWER).collect::<Vec<_>>(), [UPPER]);
        assert_eq!(earlier(UPPER).collect::<Vec<_>>(), [UPPER]);
        assert_eq!(earlier(MIXED).collect::<Vec<_>>(), [MIXED, UPPER]);
        assert_eq!(earlier("11111111-1111-1111-1111-111111111111").count(), 0);
    }

    #[test]
    fn every_other_id_is_known_as_it_is_spelled() {
        for id in [
            "P7",
            "007",
            "001D000000IqhSL",
            "",
            "{8C6F2A10-0B1D-4E5F-9ABC-DEF012345678}",
            "urn:uuid:8C6F2A10-0B1D-4E5F-9ABC-DEF012345678",
            "8C6F2A100B1D4E5F9ABCDEF012345678",
            " 8C6F2A10-0B1D-4E5F-9ABC-DEF012345678",
            "8C6F2A10-0B1D-4E5F-9ABC-DEF01234567G",
            "8C6F2A1-00B1D-4E5F-9ABC-DEF012345678",
            "ÀC6F2A10-0B1D-4E5F-9ABC-DEF01234567",
        ] {
            assert_eq!(canonical(id), id);
            assert_eq!((earlier(id).count(), capitals(id)), (0, 0), "{id}");
            assert_eq!(with_capitals(id, u32::MAX), id);
        }
    }

    #[test]
    fn a_spelling_comes_back_from_its_capitals() {
        let turned = "8c6F2a10-0B1D-4e5F-9aBc-dEf012345678";
        for id in [LOWER, UPPER, MIXED, turned] {
            for other in [LOWER, UPPER, MIXED, turned] {
                assert_eq!(with_capitals(other, capitals(id)), id, "{other}");
            }
        }
        assert_eq!((capitals(LOWER), capitals(UPPER)), (0, u32::MAX));
        let last = "00000000-0000-0000-0000-00000000000F";
        let both = "0000000a-0000-0000-0000-00000000000F";
        assert_eq!((capitals(last), capitals(both)), (u32::MAX, 1 << 31));
    }
}
