//! Erasing a person: one transaction for each job.

mod contents;
mod eraser;

use std::collections::{BTreeSet, HashSet};

use self::{
    contents::{Calls, Contents},
    eraser::Eraser,
};
use super::{
    super::{
        erasure::{Erased, Person},
        memory::{Hash, HashKey},
        sql::{Database, Reader, sql},
    },
    SqlLedger,
    rows::put_totals,
    unanswered,
};
use crate::error::Result;

impl<D: Database> SqlLedger<D> {
    fn job_numbers(&self, condition: &'static str) -> Result<Vec<i64>> {
        let rows = self.read(sql!(format!(
            "SELECT j.id FROM lantern_jobs j WHERE {condition} ORDER BY j.id"
        )))?;
        rows.into_iter().map(|row| row.read().next()).collect()
    }

    /// The numbers of all jobs.
    pub(super) fn all_jobs(&self) -> Result<Vec<i64>> {
        self.job_numbers("1 = 1")
    }

    /// Calls `look` with the mapped calls of each job whose requests are here.
    fn each_mapped_job(&self, mut look: impl FnMut(&Calls<'_>)) -> Result<()> {
        let mapped = "EXISTS (SELECT 1 FROM lantern_requests r WHERE r.job = j.id)";
        for job in self.job_numbers(mapped)? {
            let contents = Contents::read(self.database.read(Contents::statements(job))?)?;
            if let Some(calls) = Calls::read(&contents)? {
                look(&calls);
            }
        }
        Ok(())
    }

    /// The person as mapped calls know them: with the records of requests about them, and the ids
    /// in these requests.
    ///
    /// If one of these ids also stands beside somebody else, the ids are numbers of rows and are
    /// not used.
    pub(super) fn recognized(&self, person: &Person) -> Result<Person> {
        let mut person = person.clone();
        loop {
            let mut next = person.clone();
            let mut found = BTreeSet::new();
            self.each_mapped_job(|calls| {
                for at in calls.about(&person) {
                    if let Some(asked) = calls.requests.get(at) {
                        next.describe(asked);
                        found.extend(Person::ids_of(asked));
                    }
                    next.records.extend(calls.records.get(at).cloned());
                }
            })?;
            if found.iter().any(|id| !person.ids.contains(id)) {
                let mut others = false;
                self.each_mapped_job(|calls| {
                    let all = calls.requests.iter().filter(|asked| next.is_other(asked));
                    others |= all.flat_map(Person::ids_of).any(|id| found.contains(&id));
                })?;
                if others {
                    found.clear();
                }
            }
            next.ids.extend(found);
            if next == person {
                return Ok(next);
            }
            person = next;
        }
    }

    /// Erases a person, as [`SqlLedger::recognized`] found them, from all jobs and from the memory of
    /// records.
    pub(super) fn erase_person(&self, person: &Person) -> Result<Erased> {
        let key = self.one(sql!("SELECT key FROM lantern_hash_key"), Reader::next)?;
        let key = HashKey(key.ok_or_else(unanswered)?);
        let mut all = Erased::default();
        let known = person.ids.iter().chain(&person.records);
        let mut hashes: HashSet<Hash> = HashSet::new();
        for id in known {
            hashes.insert(key.of_id(id));
            hashes.extend(key.earlier_of_id(id));
        }
        for job in self.all_jobs()? {
            let (erased, own) = self.transact(|session| {
                let mut first = vec![self.select_totals(job)];
                first.extend(Contents::statements(job));
                let mut found = session.run(first)?;
                let contents = Contents::read(found.split_off(1))?;
                let Some(totals) = found.pop().filter(|rows| !rows.is_empty()) else {
                    return Ok((Erased::default(), HashSet::new()));
                };
                let mut totals = Self::totals(job, totals)?;
                let mut eraser = Eraser::new(job, person, &key, hashes.clone());
                eraser.erase(&contents, &mut totals)?;
                if !eraser.writes.is_empty() {
                    eraser.writes.push(put_totals(job, &totals));
                }
                session.commit(eraser.writes)?;
                Ok((eraser.erased, eraser.hashes))
            })?;
            all.add(erased);
            hashes.extend(own);
        }
        all.memory += self.erase_layers(&hashes)?;
        Ok(all)
    }
}
