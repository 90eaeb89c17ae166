//! Adds units of earlier versions to the memory, and finds where answers are stored.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{Answer, Source, Wish, asked::pack_answers, entries::HashKey};
use crate::{
    api::agents::BatchKind,
    error::{Error, Result},
    ledger::{
        JobRecord, Store, Unit, UnitState,
        sql::{Database, sql},
        store::{
            SqlLedger,
            rows::{JOB, UNIT, job_record, unit},
        },
    },
    process::clock::now,
};

impl<D: Database> SqlLedger<D> {
    fn job_of_id(&self, job: i64) -> Result<Option<JobRecord>> {
        let statement = sql!(format!("SELECT {JOB} FROM lantern_jobs WHERE id = ?1"), job);
        let found = self.database.read(vec![statement])?.into_iter().flatten().next();
        found.map(|row| job_record(&mut row.read())).transpose()
    }

    /// The units that hold answers. Units that were deleted are left out.
    pub(in crate::ledger) fn find_sources(
        &self,
        sources: &[Source],
    ) -> Result<Vec<(Source, JobRecord, Unit)>> {
        let text = format!("SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 AND u.number = ?2");
        let mut jobs: BTreeMap<u32, Option<JobRecord>> = BTreeMap::new();
        let mut found = Vec::with_capacity(sources.len());
        for part in sources.chunks(100) {
            let ask = |source: &Source| sql!(text.clone(), source.job, source.number);
            let units = self.database.read(part.iter().map(ask).collect())?;
            for (source, rows) in part.iter().zip(units) {
                let Some(row) = rows.into_iter().next() else { continue };
                let job = match jobs.entry(source.job) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => new.insert(self.job_of_id(source.job.into())?),
                };
                if let Some(job) = job {
                    found.push((*source, job.clone(), unit(&mut row.read())?));
                }
            }
        }
        Ok(found)
    }

    /// Units that were sent and that the memory does not know.
    pub(in crate::ledger) fn find_unremembered(
        &self,
        wish: &Wish,
    ) -> Result<Vec<(JobRecord, Unit)>> {
        let question = &wish.question;
        let rows = self.database.read(vec![sql!(
            format!(
                "SELECT u.job, {UNIT} FROM lantern_jobs j JOIN lantern_units u ON u.job = j.id \
                 WHERE j.question = (SELECT id FROM lantern_questions WHERE account = ?1 \
                 AND family = ?2 AND parameters = ?3) AND u.remembered = 0 \
                 AND u.state IN ('sending', 'in_doubt', 'accepted', 'completed', 'loaded') \
                 AND (u.run_id IS NOT NULL OR u.state <> 'loaded') AND NOT EXISTS \
                 (SELECT 1 FROM lantern_asked a WHERE a.job = u.job AND a.number = u.number)"
            ),
            question.account.as_str(),
            question.family.as_str(),
            question.parameters.as_str()
        )])?;
        let mut found = Vec::new();
        let mut last: Option<JobRecord> = None;
        for row in rows.into_iter().flatten() {
            let mut row = row.read();
            let job: i64 = row.next()?;
            if last.as_ref().is_none_or(|last| last.id != job) {
                last = self.job_of_id(job)?;
            }
            if let Some(last) = &last {
                found.push((last.clone(), unit(&mut row)?));
            }
        }
        Ok(found)
    }

    /// Records what such a unit asks, and its answers if it is loaded.
    pub(in crate::ledger) fn note_earlier(
        &self,
        job: i64,
        number: u32,
        answers: &[Answer],
    ) -> Result<()> {
        let ids = self.batch_ids(job, number)?;
        let found = self.database.read(vec![
            sql!(
                "SELECT question, kind, (SELECT key FROM lantern_hash_key) FROM lantern_jobs \
                 WHERE id = ?1",
                job
            ),
            sql!(
                format!("SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 AND u.number = ?2"),
                job,
                number
            ),
        ])?;
        let [own, units] = <[_; 2]>::try_from(found)
            .map_err(|_| Error::ledger("the ledger did not return the rows of a query"))?;
        let (Some(own), Some(known)) = (own.into_iter().next(), units.into_iter().next()) else {
            return Ok(());
        };
        let (mut own, known) = (own.read(), unit(&mut known.read())?);
        let question: Option<i64> = own.next()?;
        let kind: BatchKind = own.next::<String>()?.parse()?;
        let key = HashKey(own.next()?);
        let loaded = known.state == UnitState::Loaded;
        if loaded && answers.len() != ids.len() {
            return Ok(());
        }
        let hashes: Vec<u8> = ids.iter().flat_map(|id| key.of_id(id)).collect();
        let parts = super::parts(known.kind.unwrap_or(kind));
        let at = known.finished_at.or(known.loaded_at).unwrap_or_else(now);
        let answers = if loaded { Some(pack_answers(answers)?) } else { None };
        self.database.transact(&mut |session| {
            session.commit(vec![sql!(
                "INSERT INTO lantern_asked (question, job, number, parts, answered_at, hashes, \
                 answers) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                 ON CONFLICT (job, number) DO NOTHING",
                question,
                job,
                number,
                u32::from(parts),
                Some(at).filter(|_| loaded),
                hashes.clone(),
                answers.clone()
            )])?;
            Ok(())
        })
    }
}
