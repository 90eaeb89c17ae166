//! The ids of a job's rows, as the ledger lists them.
//!
//! The list is a compressed number for each row. If rows spell their ids in another way than they are
//! sent, a second list follows, which says of each row which letters are capitals.

use std::{
    io::{BufReader, Cursor, Read},
    sync::Arc,
};

use arrow::array::UInt32Array;

use super::ids::{Ids, NOT_SENT};
use crate::{
    error::{Error, Result},
    ledger::packed::{pack_bytes, unpack_bytes},
};

/// Number of rows that are read at once, and of one chunk of a result.
pub(super) const CHUNK: usize = 65_536;
/// The first byte of two lists. No single list begins with it, because zstd's frames begin with
/// another.
const TWO_LISTS: u8 = b'2';
/// Number of bytes that say how long the first of two lists is.
const LENGTH: usize = size_of::<u64>();

/// Encodes the ids of rows, and how the rows spell them, for the ledger. The result is empty if every
/// row has its own id, in the spelling in which it is sent.
///
/// # Errors
/// If there is not enough memory.
pub(super) fn pack_rows(ids: &Ids) -> Result<Vec<u8>> {
    let pack_words = |words: &[u32]| {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        pack_bytes(&bytes)
            .map_err(|error| Error::ledger(format!("the rows cannot be recorded: {error}")))
    };
    let plain = ids.of_row.len() == ids.unique.len()
        && ids.of_row.iter().enumerate().all(|(row, id)| row as u64 == u64::from(*id));
    let rows = if plain { Vec::new() } else { pack_words(&ids.of_row)? };
    if ids.capitals.is_empty() {
        return Ok(rows);
    }
    Ok(join(&rows, &pack_words(&ids.capitals)?))
}

/// Decodes the ids of rows from what [`pack_rows`] returned.
///
/// # Errors
/// If the bytes are damaged, or point outside of `ids`.
pub(super) fn unpack_rows(bytes: &[u8], rows: u64, ids: usize) -> Result<UInt32Array> {
    let (bytes, _) = split(bytes)?;
    if bytes.is_empty() {
        let count = u32::try_from(rows).map_err(|_| damaged())?;
        return Ok((0..count).collect::<Vec<_>>().into());
    }
    let of_row = unpack_words(bytes, rows)?;
    if of_row.iter().any(|id| *id < NOT_SENT && *id as usize >= ids) {
        return Err(damaged());
    }
    Ok(of_row.into())
}

/// Decodes which letters of the rows' UUIDs are capitals; empty if every row spells its id as it is
/// sent.
///
/// # Errors
/// If the bytes are damaged.
pub(super) fn unpack_capitals(bytes: &[u8], rows: u64) -> Result<Vec<u32>> {
    match split(bytes)? {
        (_, None) => Ok(Vec::new()),
        (_, Some(capitals)) => unpack_words(capitals, rows),
    }
}

/// Decodes a number for each row.
fn unpack_words(bytes: &[u8], rows: u64) -> Result<Vec<u32>> {
    let bytes = unpack_bytes(bytes).map_err(|_| damaged())?;
    let (words, rest) = bytes.as_chunks::<4>();
    if words.len() as u64 != rows || !rest.is_empty() {
        return Err(damaged());
    }
    Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
}

/// The ids of rows and how the rows spell them, as one value.
fn join(ids: &[u8], capitals: &[u8]) -> Vec<u8> {
    let mut both = Vec::with_capacity(1 + LENGTH + ids.len() + capitals.len());
    both.push(TWO_LISTS);
    both.extend_from_slice(&(ids.len() as u64).to_le_bytes());
    both.extend_from_slice(ids);
    both.extend_from_slice(capitals);
    both
}

/// The list of ids, and the list of spellings if there is one.
///
/// # Errors
/// If the lists are damaged.
fn split(packed: &[u8]) -> Result<(&[u8], Option<&[u8]>)> {
    let Some(rest) = packed.strip_prefix(&[TWO_LISTS]) else { return Ok((packed, None)) };
    let (length, lists) = rest.split_first_chunk::<LENGTH>().ok_or_else(damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
    let (ids, capitals) = lists.split_at_checked(length).ok_or_else(damaged)?;
    Ok((ids, Some(capitals)))
}

/// The id of each row, as the ledger stores it.
pub(super) struct Rows {
    ids: RowIds,
    /// Which letters of each row's UUID are capitals; `None` if every row spells its id as it is sent.
    capitals: Option<Box<dyn Read + Send>>,
}

enum RowIds {
    /// Each row has its own id, in order.
    Plain {
        next: u32,
        end: u32,
    },
    Packed {
        words: Box<dyn Read + Send>,
        left: u64,
    },
}

impl Rows {
    pub fn new(packed: Arc<[u8]>, rows: u64) -> Result<Self> {
        let (ids, capitals) = match split(&packed)? {
            (ids, Some(capitals)) => (Some(Arc::from(ids)), Some(words(Arc::from(capitals))?)),
            (_, None) => (None, None),
        };
        let ids = ids.unwrap_or(packed);
        if ids.is_empty() {
            let end = u32::try_from(rows).map_err(|_| damaged())?;
            return Ok(Self { ids: RowIds::Plain { next: 0, end }, capitals });
        }
        Ok(Self { ids: RowIds::Packed { words: words(ids)?, left: rows }, capitals })
    }

    /// Which letters of the next rows' UUIDs are capitals; empty if every row spells its id as it is
    /// sent.
    pub fn next_capitals(&mut self, rows: usize) -> Result<Vec<u32>> {
        self.capitals.as_mut().map_or(Ok(Vec::new()), |words| read_words(words, rows))
    }

    /// The ids of the next rows; empty at the end.
    pub fn next(&mut self, ids: usize) -> Result<Vec<u32>> {
        match &mut self.ids {
            RowIds::Plain { next, end } => {
                let first = *next;
                *next = end.saturating_sub(first).min(CHUNK as u32) + first;
                if *next as usize > ids {
                    return Err(damaged());
                }
                Ok((first..*next).collect())
            }
            RowIds::Packed { words, left } => {
                let count = usize::try_from((*left).min(CHUNK as u64)).unwrap_or(CHUNK);
                let rows = read_words(words, count)?;
                *left -= count as u64;
                if rows.iter().any(|id| *id < NOT_SENT && *id as usize >= ids) {
                    return Err(damaged());
                }
                Ok(rows)
            }
        }
    }
}

/// The numbers of a list.
fn words(packed: Arc<[u8]>) -> Result<Box<dyn Read + Send>> {
    let words = zstd::stream::read::Decoder::new(Cursor::new(packed)).map_err(|_| damaged())?;
    Ok(Box::new(BufReader::new(words)))
}

fn read_words(words: &mut dyn Read, count: usize) -> Result<Vec<u32>> {
    let mut bytes = vec![0; count * 4];
    words.read_exact(&mut bytes).map_err(|_| damaged())?;
    let (words, _) = bytes.as_chunks::<4>();
    Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
}

/// The error of a list of rows that does not fit its job.
pub(super) fn damaged() -> Error {
    Error::ledger("the ledger's list of rows is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::ids::{EMPTY, NULL};

    fn all(mut rows: Rows, ids: usize) -> Result<Vec<u32>> {
        let mut out = Vec::new();
        loop {
            match rows.next(ids)? {
                part if part.is_empty() => return Ok(out),
                part => out.extend(part),
            }
        }
    }

    #[test]
    fn spellings_are_read_beside_the_ids() {
        let pack = |words: &[u32]| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            pack_bytes(&bytes).unwrap()
        };
        let mut rows =
            Rows::new(join(&pack(&[1, 0, 1]), &pack(&[0, 7, u32::MAX])).into(), 3).unwrap();
        assert_eq!(rows.next(2).unwrap(), [1, 0, 1]);
        assert_eq!(rows.next_capitals(2).unwrap(), [0, 7]);
        assert_eq!(rows.next_capitals(1).unwrap(), [u32::MAX]);
        assert!(rows.next(2).unwrap().is_empty() && rows.next_capitals(1).is_err());
        let mut plain = Rows::new(join(&[], &pack(&[5])).into(), 1).unwrap();
        assert_eq!((plain.next(1).unwrap(), plain.next_capitals(1).unwrap()), (vec![0], vec![5]));
        for damaged in [&b"2"[..], b"2\xff\xff\xff\xff\xff\xff\xff\xff", b"2\x09\0\0\0\0\0\0\0x"] {
            assert!(split(damaged).is_err() && Rows::new(damaged.into(), 1).is_err());
        }
    }

    #[test]
    fn rows_are_read_in_parts_and_damage_is_found() {
        assert_eq!(all(Rows::new([].into(), 3).unwrap(), 3).unwrap(), [0, 1, 2]);
        assert!(all(Rows::new([].into(), 3).unwrap(), 2).is_err());
        let many: Vec<u32> =
            (0..CHUNK as u32 * 2 + 7).map(|row| row % 5).chain([NULL, EMPTY]).collect();
        let bytes: Vec<u8> = many.iter().flat_map(|id| id.to_le_bytes()).collect();
        let packed: Arc<[u8]> = pack_bytes(&bytes).unwrap().into();
        let rows = |count| Rows::new(Arc::clone(&packed), count).unwrap();
        assert_eq!(all(rows(many.len() as u64), 5).unwrap(), many);
        assert!(all(rows(many.len() as u64), 4).is_err(), "a row of an id that is not there");
        assert!(all(rows(many.len() as u64 + 1), 5).is_err(), "a row too few");
    }
}
