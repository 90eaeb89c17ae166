//! Keeps claims from buying a record that other jobs ask for or know.

use std::collections::HashMap;

use super::{
    Parts, Reuse,
    asked::{AskedUnit, select_asked},
    entries::{Hash, HashKey},
    layers::{self, Ask},
    parts, parts_of,
    recall::Found,
};
use crate::{
    api::agents::BatchKind,
    error::Result,
    ledger::sql::{Row, Statement, sql},
};

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
            let is_taken_earlier = || {
                let any = !(found.is_empty() && known.is_empty());
                any && self.key.earlier_of_id(&id).any(|hash| is_taken(&hash))
            };
            if is_taken(&hash) || is_taken_earlier() {
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
