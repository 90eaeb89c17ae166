//! What units ask for. It is recorded when they are claimed, so that no other job buys the same
//! record in the meantime.

use super::{
    Parts,
    entries::{Entry, Hash, read_price, written_price},
};
use crate::{
    error::{Error, Result},
    ledger::{
        UnitState,
        answer::Answer,
        packed::{pack_bytes, unpack_bytes},
        sql::{Row, Statement, sql},
    },
};

/// Encodes the answers of a unit, in the order of its ids, for the ledger.
///
/// # Errors
/// If there is not enough memory.
pub fn pack_answers(answers: &[Answer]) -> Result<Vec<u8>> {
    let mut bytes: Vec<u8> = answers.iter().map(|answer| answer.flags).collect();
    bytes.extend(answers.iter().flat_map(|answer| written_price(answer.credits).to_le_bytes()));
    pack_bytes(&bytes)
        .map_err(|error| Error::ledger(format!("answers cannot be written down: {error}")))
}

/// Decodes what [`pack_answers`] wrote.
///
/// # Errors
/// If the bytes are damaged.
pub fn unpack_answers(bytes: &[u8]) -> Result<Vec<Answer>> {
    let damaged = || Error::ledger("the ledger's memory of answers is damaged");
    let bytes = unpack_bytes(bytes).map_err(|_| damaged())?;
    let (flags, credits) = bytes.split_at(bytes.len() / 3);
    let (credits, rest) = credits.as_chunks::<2>();
    if !rest.is_empty() || credits.len() != flags.len() {
        return Err(damaged());
    }
    let both = flags.iter().zip(credits);
    Ok(both
        .map(|(flags, credits)| Answer {
            flags: *flags,
            credits: read_price(u16::from_le_bytes(*credits)),
        })
        .collect())
}

/// Records the answers of a loaded unit.
pub(in crate::ledger) fn note_answers(job: i64, number: u32, answers: &[u8], at: i64) -> Statement {
    sql!(
        "UPDATE lantern_asked SET answers = ?3, answered_at = ?4 WHERE job = ?1 AND number = ?2",
        job,
        number,
        answers,
        at
    )
}

/// Whether a unit's records are in flight or known, or were paid for with a result that does not fit
/// ([`has_foreign_result`](crate::ledger::Unit::has_foreign_result)).
const HOLDING: &str = "(u.state IN ('sending', 'in_doubt', 'accepted', 'completed', 'loaded') \
                       OR u.state = 'failed' AND u.returned IS NOT NULL)";

/// Selects what units of other jobs ask of a question, as far as it is not in layers yet.
///
/// The jobs before and behind the own one are read separately, so that an index finds them without
/// passing over what the own job asked: a job of 50,000 batches would read all of it in each claim.
/// The sign before `a.id` keeps SQLite from choosing the index on that column.
pub(super) fn select_asked(question: &str, except: i64, after: i64) -> Statement {
    let jobs = |compared: &str| {
        format!(
            "SELECT a.id, a.job, a.number, a.parts, a.answered_at, a.hashes, a.answers, u.state \
             FROM lantern_asked a JOIN lantern_units u ON u.job = a.job AND u.number = a.number \
             WHERE a.question = {question} AND a.job {compared} ?1 AND +a.id > ?2 \
             AND {HOLDING}"
        )
    };
    sql!(format!("{} UNION ALL {}", jobs("<"), jobs(">")), except, after)
}

/// What one unit asks, and its answers if they are known.
pub(super) struct AskedUnit {
    pub id: i64,
    pub job: i64,
    pub number: u32,
    pub parts: Parts,
    pub state: UnitState,
    at: i64,
    hashes: Vec<u8>,
    answers: Vec<Answer>,
}

impl AskedUnit {
    pub fn read(row: Row) -> Result<Self> {
        let mut row = row.read();
        let (id, job, number) = (row.next()?, row.next()?, row.next()?);
        let parts = row.next::<u32>()? as Parts;
        let at: Option<i64> = row.next()?;
        let hashes: Vec<u8> = row.next()?;
        let answers: Option<Vec<u8>> = row.next()?;
        let state = row.next::<String>()?.parse()?;
        let answers = answers.as_deref().map(unpack_answers).transpose()?.unwrap_or_default();
        Ok(Self { id, job, number, parts, state, at: at.unwrap_or(0), hashes, answers })
    }

    /// Whether the records of the unit are in flight, or wait for the decision of a person.
    pub fn in_flight(&self) -> bool {
        self.state != UnitState::Loaded
    }

    pub fn hashes(&self) -> impl Iterator<Item = Hash> {
        self.hashes.as_chunks::<12>().0.iter().copied()
    }

    /// What is known about the records of the unit.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let wide = |_| Error::ledger("the ledger has more jobs than its memory can tell apart");
        let job = u32::try_from(self.job).map_err(wide)?;
        let at = u32::try_from(self.at / 1_000_000).unwrap_or(u32::MAX);
        Ok(self
            .hashes()
            .zip(&self.answers)
            .filter(|(_, answer)| answer.flags != 0)
            .map(|(hash, answer)| Entry {
                hash,
                at,
                job,
                number: self.number,
                credits: answer.credits,
                flags: answer.flags,
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back_as_they_were() {
        for count in [0_u16, 1, 2, 1_000] {
            let answers: Vec<Answer> = (0..count)
                .map(|at| Answer { flags: at as u8 % 16, credits: at.checked_sub(1) })
                .collect();
            assert_eq!(unpack_answers(&pack_answers(&answers).unwrap()).unwrap(), answers);
        }
        assert!(unpack_answers(b"no").is_err());
    }
}
