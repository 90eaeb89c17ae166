//! Mapped calls in the memory of records: where their answers are stored, and how calls of earlier
//! versions are added, which did not record what they asked.

use super::{Answer, Question, Source, asked::pack_answers, asked_ids, entries::HashKey};
use crate::{
    error::{Error, Result},
    ledger::{
        JobRecord,
        packed::{pack, unpack_bytes},
        sql::{Database, Row, sql},
        store::{
            SqlLedger,
            rows::{JOB, job_record},
        },
    },
    process::clock::now,
};

/// Number of calls that are read or written together.
const TOGETHER: usize = 500;
/// A range of calls is read as a whole if at least one in this many is wanted.
const SPARSE: u32 = 4;

/// The request and the answers of a mapped call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallAnswers {
    /// The records that it asked about.
    pub ids: Vec<String>,
    /// A JSON list with an answer for each record.
    pub answers: Vec<u8>,
    /// The idempotency key by which the API knows the call.
    pub idempotency_key: String,
    /// Microseconds since 1970.
    pub answered_at: Option<i64>,
}

/// A call that was made by an earlier version.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierCall {
    pub number: u32,
    /// The records that it asked about.
    pub ids: Vec<String>,
    /// The answers; `None` while the call is in flight or in doubt.
    pub answers: Option<Vec<Answer>>,
    /// When it was answered, in microseconds since 1970.
    pub answered_at: Option<i64>,
}

const WITH_ANSWERS: &str = "SELECT u.number, i.ids, i.left_out, a.answers, u.idempotency_key, \
                            u.loaded_at FROM lantern_units u \
                            JOIN lantern_unit_ids i ON i.job = u.job AND i.number = u.number \
                            JOIN lantern_answers a ON a.job = u.job AND a.number = u.number";

fn read(row: Row) -> Result<(u32, CallAnswers)> {
    let mut row = row.read();
    let number = row.next()?;
    let (ids, _) = asked_ids(row.next()?, row.next()?)?;
    let packed: Vec<u8> = row.next()?;
    let answers = unpack_bytes(&packed).map_err(|error| {
        Error::ledger(format!("an answer in the ledger is damaged ({error})"))
            .hint("restore the ledger from a backup")
            .caused_by(error)
    })?;
    let (idempotency_key, answered_at) = (row.next()?, row.next()?);
    Ok((number, CallAnswers { ids, answers, idempotency_key, answered_at }))
}

impl<D: Database> SqlLedger<D> {
    /// Reads the answers of calls. `sources` must be sorted.
    pub(in crate::ledger) fn find_answers(
        &self,
        sources: &[Source],
    ) -> Result<Vec<(Source, CallAnswers)>> {
        let mut found = Vec::with_capacity(sources.len());
        let of_a_job = sources.chunk_by(|one, next| one.job == next.job);
        for part in of_a_job.flat_map(|own| own.chunks(TOGETHER)) {
            let (Some(first), Some(last)) = (part.first(), part.last()) else { continue };
            let dense = (last.number - first.number) / SPARSE <= part.len() as u32;
            let statements = if dense {
                let text =
                    format!("{WITH_ANSWERS} WHERE u.job = ?1 AND u.number BETWEEN ?2 AND ?3");
                vec![sql!(text, first.job, first.number, last.number)]
            } else {
                let text = format!("{WITH_ANSWERS} WHERE u.job = ?1 AND u.number = ?2");
                part.iter().map(|source| sql!(text.clone(), source.job, source.number)).collect()
            };
            for row in self.database.read(statements)?.into_iter().flatten() {
                let (number, answers) = read(row)?;
                let source = Source { job: first.job, number };
                if part.binary_search(&source).is_ok() {
                    found.push((source, answers));
                }
            }
        }
        Ok(found)
    }

    /// Jobs of earlier versions that have sent calls which the memory does not know.
    pub(in crate::ledger) fn find_unremembered_calls(
        &self,
        account: &str,
        kind: &str,
    ) -> Result<Vec<JobRecord>> {
        let rows = self.database.read(vec![sql!(
            format!(
                "SELECT {JOB} FROM lantern_jobs j WHERE account = ?1 AND kind = ?2 \
                 AND id_type = '' AND question IS NULL AND EXISTS (SELECT 1 FROM lantern_units u \
                 WHERE u.job = j.id AND u.remembered = 0 \
                 AND u.state IN ('sending', 'in_doubt', 'loaded') AND NOT EXISTS \
                 (SELECT 1 FROM lantern_asked a WHERE a.job = u.job AND a.number = u.number))"
            ),
            account,
            kind
        )])?;
        rows.into_iter().flatten().map(|row| job_record(&mut row.read())).collect()
    }

    /// Records what such calls asked and what was answered.
    pub(in crate::ledger) fn note_earlier_calls(
        &self,
        job: i64,
        question: &Question,
        calls: &[EarlierCall],
    ) -> Result<()> {
        let of_question = [&question.account, &question.family, &question.parameters];
        let [account, family, parameters] = of_question.map(String::as_str);
        for part in calls.chunks(TOGETHER) {
            self.database.transact(&mut |session| {
                let found = session.run(vec![
                    sql!(
                        "INSERT INTO lantern_questions (account, family, parameters) \
                         VALUES (?1, ?2, ?3) ON CONFLICT (account, family, parameters) DO NOTHING",
                        account,
                        family,
                        parameters
                    ),
                    sql!(
                        "SELECT id, (SELECT key FROM lantern_hash_key) FROM lantern_questions \
                         WHERE account = ?1 AND family = ?2 AND parameters = ?3",
                        account,
                        family,
                        parameters
                    ),
                ])?;
                let own = found.into_iter().flatten().next();
                let mut own =
                    own.ok_or_else(|| Error::ledger("a question could not be recorded"))?.read();
                let (question, key): (i64, _) = (own.next()?, HashKey(own.next()?));
                let mut writes = Vec::with_capacity(part.len() * 2);
                for call in part {
                    let hashes: Vec<u8> = call.ids.iter().flat_map(|id| key.of_id(id)).collect();
                    let answers = call.answers.as_deref().map(pack_answers).transpose()?;
                    let at = call.answers.as_ref().map(|_| call.answered_at.unwrap_or_else(now));
                    writes.push(sql!(
                        "INSERT INTO lantern_unit_ids (job, number, ids) VALUES (?1, ?2, ?3) \
                         ON CONFLICT (job, number) DO NOTHING",
                        job,
                        call.number,
                        pack(&call.ids)?
                    ));
                    writes.push(sql!(
                        "INSERT INTO lantern_asked (question, job, number, parts, answered_at, \
                         hashes, answers) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                         ON CONFLICT (job, number) DO NOTHING",
                        question,
                        job,
                        call.number,
                        u32::from(super::WHOLE),
                        at,
                        hashes,
                        answers
                    ));
                }
                session.commit(writes)?;
                Ok(())
            })?;
        }
        Ok(())
    }
}
