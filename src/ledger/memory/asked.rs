//! What units ask for. It is recorded when they are claimed, so that no other job buys the same
//! record in the meantime.

use std::collections::HashMap;

use super::{
    Parts, Reuse,
    entries::{Entry, Hash, HashKey, read_price, written_price},
    layers::{self, Ask},
    parts, parts_of,
    recall::Found,
};
use crate::{
    api::agents::BatchKind,
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

/// Keeps a claim from buying what other jobs ask for or know. It is valid for the claim's
/// transaction.
pub(in crate::ledger) struct Guard {
    question: i64,
    key: HashKey,
    /// The parts that the job asks for.
    parts: Parts,
    reuse: Reuse,
    as_of: i64,
    folded: i64,
    others: Vec<AskedUnit>,
    /// What is known about records of others, once a unit was compared with them.
    known: Option<HashMap<Hash, Found>>,
}

/// The part of a unit that may be sent.
pub(in crate::ledger) struct Split {
    pub ask: Vec<String>,
    pub held: Vec<String>,
    /// The hashes of the records that may be sent.
    pub hashes: Vec<u8>,
}

impl Guard {
    /// The first statements of a claim. They lock the question, so that claims for it run one after
    /// another.
    pub fn statements(job: i64, lock: &str) -> [Statement; 2] {
        let question = "(SELECT question FROM lantern_jobs WHERE id = ?1)";
        let own = sql!(
            format!(
                "SELECT q.id, q.folded, (SELECT key FROM lantern_hash_key), \
                 (SELECT reuse FROM lantern_jobs WHERE id = ?1), \
                 (SELECT as_of FROM lantern_jobs WHERE id = ?1), \
                 (SELECT kind FROM lantern_jobs WHERE id = ?1) \
                 FROM lantern_questions q WHERE q.id = {question}{lock}"
            ),
            job
        );
        let mut others = select_asked(question, job, 0);
        others.text = others
            .text
            .replace("a.id > ?2", "a.id > (SELECT as_of FROM lantern_jobs WHERE id = ?1)")
            .into();
        others.values.truncate(1);
        [own, others]
    }

    /// Reads the answers to [`Guard::statements`]; `None` for a job without a question.
    pub fn read(own: Vec<Row>, others: Vec<Row>) -> Result<Option<Self>> {
        let Some(row) = own.into_iter().next() else { return Ok(None) };
        let mut row = row.read();
        let (question, folded) = (row.next()?, row.next()?);
        let key = HashKey(row.next()?);
        let reuse: Reuse = row.next::<String>()?.parse()?;
        let as_of = row.next()?;
        let parts = parts_of(&row.next::<String>()?);
        let others = if reuse.is_never() {
            Vec::new()
        } else {
            others.into_iter().map(AskedUnit::read).collect::<Result<_>>()?
        };
        Ok(Some(Self { question, key, parts, reuse, as_of, folded, others, known: None }))
    }

    /// Removes from a unit what others ask for or know.
    pub fn split(
        &mut self,
        ask: &mut Ask<'_>,
        ids: Vec<String>,
        kind: Option<BatchKind>,
        now: i64,
    ) -> Result<Split> {
        let parts = kind.map_or(self.parts, parts);
        let hashes: Vec<Hash> = ids.iter().map(|id| self.key.of_id(id)).collect();
        let mut found: HashMap<Hash, Found> = HashMap::new();
        if !self.reuse.is_never() && self.folded > self.as_of {
            let mut sorted = hashes.clone();
            sorted.extend(ids.iter().flat_map(|id| self.key.earlier_of_id(id)));
            sorted.sort_unstable();
            sorted.dedup();
            layers::find(ask, self.question, &sorted, &mut |entry| {
                found.entry(entry.hash).or_default().note(&entry);
            })?;
        }
        let known = match &mut self.known {
            Some(known) => known,
            None => self.known.insert(known_to(&self.others)?),
        };
        let mut split = Split { ask: Vec::new(), held: Vec::new(), hashes: Vec::new() };
        for (id, hash) in ids.into_iter().zip(hashes) {
            let taken = |found: &Found| {
                found.in_flight & parts != 0 || found.known(parts, &self.reuse, now) != 0
            };
            let is_taken = |hash: &Hash| {
                found.get(hash).is_some_and(taken) || known.get(hash).is_some_and(taken)
            };
            if is_taken(&hash) || self.key.earlier_of_id(&id).any(|hash| is_taken(&hash)) {
                split.held.push(id);
            } else {
                split.hashes.extend_from_slice(&hash);
                split.ask.push(id);
            }
        }
        Ok(split)
    }

    /// Records what a unit asks.
    pub fn note(
        &self,
        job: i64,
        number: u32,
        kind: Option<BatchKind>,
        hashes: Vec<u8>,
    ) -> [Statement; 2] {
        let parts = kind.map_or(self.parts, parts);
        [
            sql!("DELETE FROM lantern_asked WHERE job = ?1 AND number = ?2", job, number),
            sql!(
                "INSERT INTO lantern_asked (question, job, number, parts, hashes) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                self.question,
                job,
                number,
                u32::from(parts),
                hashes
            ),
        ]
    }
}

fn known_to(others: &[AskedUnit]) -> Result<HashMap<Hash, Found>> {
    let mut known: HashMap<Hash, Found> = HashMap::new();
    for asked in others {
        if asked.in_flight() {
            for hash in asked.hashes() {
                known.entry(hash).or_default().in_flight |= asked.parts;
            }
        } else {
            for entry in asked.entries()? {
                known.entry(entry.hash).or_default().note(&entry);
            }
        }
    }
    Ok(known)
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

    #[test]
    fn a_claim_does_not_pass_over_what_its_own_job_asked() {
        let database = rusqlite::Connection::open_in_memory().unwrap();
        for migration in crate::ledger::schema::SQLITE {
            database.execute_batch(migration).unwrap();
        }
        let [_, others] = Guard::statements(1, "");
        let text = format!("EXPLAIN QUERY PLAN {}", others.text);
        let mut explained = database.prepare(&text).unwrap();
        let steps = explained.query_map([1], |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.collect::<rusqlite::Result<_>>().unwrap();
        let found = |jobs: &str| {
            steps.iter().any(|step| step.contains("SEARCH a USING") && step.contains(jobs))
        };
        assert!(found("question=? AND job<?") && found("question=? AND job>?"), "{steps:#?}");
    }
}
