//! Salesforce ids in their form of 18 characters.
//!
//! The first 3 characters give the kind of record, the next 3 the instance, and 9 are a number in
//! base 62. The last 3 encode which of the first 15 are capitals, so that an id survives a
//! spreadsheet that ignores case.

use rusqlite::{OptionalExtension, Transaction};

use super::Object;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The instance that the local server's records come from.
const INSTANCE: &str = "Lc0";

/// The id of the `number`th record of a kind.
pub(crate) fn id(object: Object, number: u64) -> String {
    let mut digits = [b'0'; 9];
    let mut left = number;
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(left % 62) as usize];
        left /= 62;
    }
    let short = format!("{}{INSTANCE}{}", object.prefix(), String::from_utf8_lossy(&digits));
    format!("{short}{}", suffix(&short))
}

/// The three characters that encode the positions of the capitals.
fn suffix(short: &str) -> String {
    short
        .as_bytes()
        .chunks(5)
        .map(|five| {
            let capitals = five
                .iter()
                .enumerate()
                .filter(|(_, sign)| sign.is_ascii_uppercase())
                .fold(0, |bits, (at, _)| bits | 1 << at);
            char::from(BASE32[capitals])
        })
        .collect()
}

/// Parses an id of 15 or 18 characters. With 18, the case of the first 15 may have been lost.
///
/// Returns `None` if it is not a Salesforce id, or its suffix does not fit.
pub(crate) fn normal(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.bytes().all(|sign| sign.is_ascii_alphanumeric()) {
        return None;
    }
    match text.len() {
        15 => Some(format!("{text}{}", suffix(text))),
        18 => {
            let (short, check) = text.split_at(15);
            let check = check.to_ascii_uppercase();
            let mut restored = String::with_capacity(18);
            for (five, sign) in short.as_bytes().chunks(5).zip(check.bytes()) {
                let bits = BASE32.iter().position(|known| *known == sign)?;
                for (at, &letter) in five.iter().enumerate() {
                    let capital = bits & (1 << at) != 0;
                    if capital && !letter.is_ascii_alphabetic() {
                        return None;
                    }
                    restored.push(char::from(if capital {
                        letter.to_ascii_uppercase()
                    } else {
                        letter.to_ascii_lowercase()
                    }));
                }
            }
            restored.push_str(&check);
            Some(restored)
        }
        _ => None,
    }
}

/// The kind of record of an id.
pub(crate) fn object_of(id: &str) -> Option<Object> {
    Object::ALL.into_iter().find(|object| id.starts_with(object.prefix()))
}

/// The number of an id of this server's own.
pub(super) fn number(id: &str) -> Option<u64> {
    let digits = id.get(3..15)?.strip_prefix(INSTANCE)?;
    digits.bytes().try_fold(0_u64, |number, digit| {
        let digit = BASE62.iter().position(|known| *known == digit)?;
        number.checked_mul(62)?.checked_add(digit as u64)
    })
}

/// Sets the number after which new ids of a kind begin.
pub(super) fn begin_after(
    transaction: &Transaction<'_>,
    object: Object,
    number: u64,
) -> rusqlite::Result<()> {
    let next = i64::try_from(number.saturating_add(1)).unwrap_or(i64::MAX);
    transaction
        .execute(
            "INSERT INTO ids VALUES (?1, ?2) \
             ON CONFLICT (object) DO UPDATE SET next = max(next, excluded.next)",
            rusqlite::params![object.name(), next],
        )
        .map(drop)
}

/// A new id.
pub(super) fn next(transaction: &Transaction<'_>, object: Object) -> rusqlite::Result<String> {
    let number: Option<i64> = transaction
        .prepare_cached("UPDATE ids SET next = next + 1 WHERE object = ? RETURNING next - 1")?
        .query_row([object.name()], |row| row.get(0))
        .optional()?;
    let number = match number {
        Some(number) => number,
        None => {
            transaction.execute("INSERT INTO ids VALUES (?, 2)", [object.name()])?;
            1
        }
    };
    Ok(id(object, number.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_says_where_the_capitals_are() {
        // `001A0` has a capital in the fourth place (8 is I), `00001` has none (A), and `DxUyS` has
        // them in the first, third and fifth place (21 is V).
        assert_eq!(suffix("001A000001DxUyS"), "IAV");
        assert_eq!(suffix("a0B8000000ABCDE"), "EA5");
        assert_eq!(normal("001A000001DxUyS").as_deref(), Some("001A000001DxUySIAV"));
        assert_eq!(normal("001a000001dxuysiav").as_deref(), Some("001A000001DxUySIAV"));
    }

    #[test]
    fn an_id_has_its_kind_and_survives_lower_case() {
        for object in Object::ALL {
            for number in [0, 1, 61, 62, 12_345_678_901] {
                let id = id(object, number);
                assert_eq!(id.len(), 18);
                assert_eq!(object_of(&id), Some(object));
                assert_eq!(normal(&id).as_deref(), Some(id.as_str()));
                assert_eq!(normal(&id[..15]).as_deref(), Some(id.as_str()));
                assert_eq!(normal(&id.to_lowercase()).as_deref(), Some(id.as_str()));
                assert_eq!(super::number(&id), Some(number));
            }
        }
    }

    #[test]
    fn what_is_no_id_is_none() {
        for text in
            ["", "00Q", "../../etc/passwd", "00QLc0000000001'--", "001800000000000ZZZ", "\u{fc}00"]
        {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
