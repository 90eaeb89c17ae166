//! The ids of a job's rows, read in parts from the ledger's list.

use std::{
    io::{BufReader, Cursor, Read},
    sync::Arc,
};

use super::{ids::NOT_SENT, table::CHUNK};
use crate::error::{Error, Result};

/// The id of each row, as the ledger stores it.
pub(super) enum Rows {
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
        if packed.is_empty() {
            let end = u32::try_from(rows).map_err(|_| damaged())?;
            return Ok(Self::Plain { next: 0, end });
        }
        let words = zstd::stream::read::Decoder::new(Cursor::new(packed)).map_err(|_| damaged())?;
        Ok(Self::Packed { words: Box::new(BufReader::new(words)), left: rows })
    }

    /// The ids of the next rows; empty at the end.
    pub fn next(&mut self, ids: usize) -> Result<Vec<u32>> {
        match self {
            Self::Plain { next, end } => {
                let first = *next;
                *next = end.saturating_sub(first).min(CHUNK as u32) + first;
                if *next as usize > ids {
                    return Err(damaged());
                }
                Ok((first..*next).collect())
            }
            Self::Packed { words, left } => {
                let count = usize::try_from((*left).min(CHUNK as u64)).unwrap_or(CHUNK);
                let mut bytes = vec![0; count * 4];
                words.read_exact(&mut bytes).map_err(|_| damaged())?;
                *left -= count as u64;
                let (words, _) = bytes.as_chunks::<4>();
                let rows: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
                if rows.iter().any(|id| *id < NOT_SENT && *id as usize >= ids) {
                    return Err(damaged());
                }
                Ok(rows)
            }
        }
    }
}

/// The error of a list of rows that does not fit its job.
pub(super) fn damaged() -> Error {
    Error::ledger("the ledger's list of rows is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        jobs::ids::{EMPTY, NULL},
        ledger::packed::pack_bytes,
    };

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
