//! The statements that erase: one transaction for each job.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};

use super::{
    super::{
        JobRecord, Unit, UnitState,
        erasure::{ERASED_ANSWER, Erased, Person, placeholder},
        memory::{Hash, HashKey, pack_reused, unpack_reused},
        packed::{pack, pack_bytes, unpack, unpack_bytes},
        sql::{Database, Row, Session, Statement, sql},
        unit::{Event, Step},
    },
    SqlLedger,
    rows::{JOB, Totals, UNIT, job_record, put, put_totals, unit, units},
};
use crate::{
    client::limit::now,
    error::{Error, Result},
};

/// Jobs whose units are looked at for old answers at a time.
const OLD: u32 = 1_000;

type Fields = Map<String, Value>;

fn damaged(error: &dyn std::fmt::Display) -> Error {
    Error::ledger(format!("the ledger is damaged: {error}"))
        .hint("restore the ledger from a backup")
}

fn list<T: serde::de::DeserializeOwned>(packed: &[u8]) -> Result<Vec<T>> {
    let json = unpack_bytes(packed).map_err(|error| damaged(&error))?;
    serde_json::from_slice(&json).map_err(|error| damaged(&error))
}

fn packed<T: serde::Serialize>(list: &[T]) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(list).map_err(|error| damaged(&error))?;
    pack_bytes(&json).map_err(|error| damaged(&error))
}

/// What a job holds of its rows.
struct Contents {
    units: Vec<Unit>,
    /// For each unit its number, ids, those cut and those left out.
    ids: Vec<(u32, [Option<Vec<u8>>; 3])>,
    reused: Vec<(i64, Vec<u8>, Vec<u8>)>,
    held: Vec<(i64, Vec<u8>)>,
    requests: Vec<(i64, Vec<u8>)>,
    answers: Vec<(u32, Vec<u8>)>,
    bodies: Vec<(u32, Vec<u8>)>,
    asked: Vec<(u32, Vec<u8>)>,
}

impl Contents {
    fn statements(job: i64) -> Vec<Statement> {
        [
            format!("SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 ORDER BY u.number"),
            "SELECT number, ids, cut_ids, left_out FROM lantern_unit_ids WHERE job = ?1".to_owned(),
            "SELECT chunk, ids, sources FROM lantern_reused WHERE job = ?1".to_owned(),
            "SELECT id, ids FROM lantern_held WHERE job = ?1".to_owned(),
            "SELECT chunk, requests FROM lantern_requests WHERE job = ?1 ORDER BY chunk".to_owned(),
            "SELECT number, answers FROM lantern_answers WHERE job = ?1".to_owned(),
            "SELECT number, body FROM lantern_bodies WHERE job = ?1".to_owned(),
            "SELECT number, hashes FROM lantern_asked WHERE job = ?1".to_owned(),
        ]
        .into_iter()
        .map(|text| sql!(text, job))
        .collect()
    }

    fn read(found: Vec<Vec<Row>>) -> Result<Self> {
        let [own, ids, reused, held, requests, answers, bodies, asked]: [Vec<Row>; 8] =
            found.try_into().map_err(|_| super::unanswered())?;
        fn pairs<A: super::super::sql::FromValue>(rows: Vec<Row>) -> Result<Vec<(A, Vec<u8>)>> {
            let read = |row: Row| {
                let mut row = row.read();
                Ok((row.next()?, row.next()?))
            };
            rows.into_iter().map(read).collect()
        }
        let of_unit = |row: Row| {
            let mut row = row.read();
            Ok((row.next()?, [row.next()?, row.next()?, row.next()?]))
        };
        let of_reused = |row: Row| {
            let mut row = row.read();
            Ok((row.next()?, row.next()?, row.next()?))
        };
        Ok(Self {
            units: units(own)?,
            ids: ids.into_iter().map(of_unit).collect::<Result<_>>()?,
            reused: reused.into_iter().map(of_reused).collect::<Result<_>>()?,
            held: pairs(held)?,
            requests: pairs(requests)?,
            answers: pairs(answers)?,
            bodies: pairs(bodies)?,
            asked: pairs(asked)?,
        })
    }

    fn unit(&self, number: u32) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.number == number)
    }
}

/// A job while a person is erased from it.
struct Eraser<'a> {
    job: i64,
    person: &'a Person,
    key: &'a HashKey,
    /// The placeholder of each erased id, and the hashes by which the memory knows it.
    places: HashMap<String, String>,
    hashes: HashSet<Hash>,
    erased: Erased,
    writes: Vec<Statement>,
}

impl Eraser<'_> {
    fn place_of(&mut self, id: &str) -> String {
        self.hashes.insert(self.key.hash(id));
        self.places.entry(id.to_owned()).or_insert_with(placeholder).clone()
    }

    /// Puts placeholders in a packed list; `None` if the person is not in it.
    fn replaced(
        &mut self,
        packed: &[u8],
        left: &HashSet<String>,
    ) -> Result<Option<(Vec<u8>, Vec<String>)>> {
        let mut ids = unpack(packed)?;
        let mut placed = Vec::new();
        for id in &mut ids {
            let own = self.person.ids.contains(id) || self.places.contains_key(id);
            if own && !left.contains(id) {
                *id = self.place_of(id);
                placed.push(id.clone());
            }
        }
        if placed.is_empty() {
            return Ok(None);
        }
        Ok(Some((pack(&ids)?, placed)))
    }

    /// Erases rows of calls. Those of units under way stay.
    fn calls(&mut self, contents: &Contents, totals: &mut Totals) -> Result<()> {
        let mut requests: Vec<Fields> = Vec::new();
        for (_, chunk) in &contents.requests {
            requests.extend(list::<Fields>(chunk)?);
        }
        let answers: HashMap<u32, &Vec<u8>> =
            contents.answers.iter().map(|(number, packed)| (*number, packed)).collect();
        let mut changed = false;
        for unit in &contents.units {
            let first = usize::try_from(unit.first).unwrap_or(usize::MAX);
            let mut answered: Vec<Value> = match answers.get(&unit.number) {
                Some(packed) => list(packed)?,
                None => Vec::new(),
            };
            let rows: Vec<usize> = (0..unit.count as usize)
                .filter(|at| {
                    let asked = requests.get(first + at).is_some_and(|fields| {
                        fields.iter().any(|(name, value)| self.person.is_in(name, value))
                    });
                    asked || answered.get(*at).is_some_and(|value| self.person.is_in("", value))
                })
                .collect();
            if rows.is_empty() {
                continue;
            }
            let open = unit.state.in_flight() || unit.state == UnitState::InDoubt;
            if open || unit.state == UnitState::Planned && rows.len() < unit.count as usize {
                self.erased.under_way += rows.len() as u64;
                continue;
            }
            for at in &rows {
                if let Some(fields) = requests.get_mut(first + at) {
                    fields.clear();
                    changed = true;
                }
                if let Some(value) = answered.get_mut(*at) {
                    *value =
                        serde_json::from_str(ERASED_ANSWER).map_err(|error| damaged(&error))?;
                }
            }
            // Mapped calls that are remembered have ids of their own.
            if let Some((_, [Some(ids), ..])) =
                contents.ids.iter().find(|(number, _)| *number == unit.number)
            {
                let ids = unpack(ids)?;
                for id in rows.iter().filter_map(|at| ids.get(*at)) {
                    self.place_of(id);
                }
            }
            self.erased.calls += rows.len() as u64;
            if !answered.is_empty() {
                self.writes.push(sql!(
                    "UPDATE lantern_answers SET answers = ?3 WHERE job = ?1 AND number = ?2",
                    self.job,
                    unit.number,
                    packed(&answered)?
                ));
            }
            if unit.state == UnitState::Planned {
                let step = Step { number: unit.number, sending: None, event: Event::Spare };
                if let Some(after) = unit.step(&step, now()) {
                    totals.change(unit, &after);
                    self.writes.push(put(self.job, &after));
                }
            }
        }
        if changed {
            let mut rest = requests.as_slice();
            for (chunk, before) in &contents.requests {
                let count = list::<Fields>(before)?.len().min(rest.len());
                let (own, more) = rest.split_at(count);
                rest = more;
                self.writes.push(sql!(
                    "UPDATE lantern_requests SET requests = ?3 WHERE job = ?1 AND chunk = ?2",
                    self.job,
                    *chunk,
                    packed(own)?
                ));
            }
        }
        Ok(())
    }

    /// Erases ids from the lists of units. Those of units under way stay, in the whole job.
    fn ids(&mut self, contents: &Contents) -> Result<()> {
        let mut left: HashSet<String> = HashSet::new();
        for (number, [ids, ..]) in &contents.ids {
            let open = contents
                .unit(*number)
                .is_some_and(|unit| unit.state.in_flight() || unit.state == UnitState::InDoubt);
            if let Some(ids) = ids.as_ref().filter(|_| open) {
                let own =
                    |id: &String| self.person.ids.contains(id) || self.places.contains_key(id);
                left.extend(unpack(ids)?.into_iter().filter(own));
            }
        }
        self.erased.under_way += left.len() as u64;
        for (number, [ids, cut, out]) in &contents.ids {
            let mut texts: [Option<Vec<u8>>; 3] = [ids.clone(), cut.clone(), out.clone()];
            let mut changed = Vec::new();
            for text in &mut texts {
                if let Some(packed) = text
                    && let Some((replaced, placed)) = self.replaced(packed, &left)?
                {
                    *text = Some(replaced);
                    changed.push(placed);
                }
            }
            if changed.is_empty() {
                continue;
            }
            self.erased.ids += 1;
            let own = contents.unit(*number).filter(|unit| unit.state == UnitState::Planned);
            if let Some(unit) = own {
                // A placeholder is not sent.
                let mut all = texts[2].as_deref().map(unpack).transpose()?.unwrap_or_default();
                let known: HashSet<String> = all.iter().cloned().collect();
                let new: BTreeSet<String> =
                    changed.concat().into_iter().filter(|place| !known.contains(place)).collect();
                let count = u32::try_from(new.len()).unwrap_or(u32::MAX);
                all.extend(new);
                texts[2] = Some(pack(&all)?);
                let unit = Unit { left_out: unit.left_out.saturating_add(count), ..unit.clone() };
                self.writes.push(put(self.job, &unit));
            }
            let [ids, cut, out] = texts;
            self.writes.push(sql!(
                "UPDATE lantern_unit_ids SET ids = ?3, cut_ids = ?4, left_out = ?5 \
                 WHERE job = ?1 AND number = ?2",
                self.job,
                *number,
                ids,
                cut,
                out
            ));
        }
        for (chunk, ids, sources) in &contents.reused {
            let Some((replaced, placed)) = self.replaced(ids, &left)? else { continue };
            self.erased.ids += placed.len() as u64;
            // It no longer says where the answer lies.
            let mut of = unpack_reused(ids, sources)?;
            for ((_, recalled), id) in of.iter_mut().zip(unpack(&replaced)?) {
                if super::super::erasure::is_erased(&id) {
                    recalled.sources = Default::default();
                    recalled.flags = 0;
                }
            }
            self.writes.push(sql!(
                "UPDATE lantern_reused SET ids = ?3, sources = ?4 WHERE job = ?1 AND chunk = ?2",
                self.job,
                *chunk,
                replaced,
                pack_reused(of.iter().map(|(_, recalled)| recalled))?
            ));
        }
        for (id, ids) in &contents.held {
            let mut all = unpack(ids)?;
            let before = all.len();
            all.retain(|id| !self.person.ids.contains(id) && !self.places.contains_key(id));
            if all.len() < before {
                self.erased.ids += (before - all.len()) as u64;
                self.writes.push(sql!(
                    "UPDATE lantern_held SET ids = ?2 WHERE id = ?1",
                    *id,
                    pack(&all)?
                ));
            }
        }
        // What is asked is known by its hash alone.
        for (number, hashes) in &contents.asked {
            let (chunks, _) = hashes.as_chunks::<12>();
            let own = chunks.iter().filter(|hash| self.hashes.contains(*hash)).count();
            if own > 0 {
                self.erased.memory += own as u64;
                let rest: Vec<u8> = chunks
                    .iter()
                    .flat_map(|hash| if self.hashes.contains(hash) { [0; 12] } else { *hash })
                    .collect();
                self.writes.push(sql!(
                    "UPDATE lantern_asked SET hashes = ?3 WHERE job = ?1 AND number = ?2",
                    self.job,
                    *number,
                    rest
                ));
            }
        }
        Ok(())
    }

    /// Erases paid answers that could not be read, and texts of errors.
    fn texts(&mut self, contents: &Contents) -> Result<()> {
        for (number, body) in &contents.bodies {
            let body = unpack_bytes(body).map_err(|error| damaged(&error))?;
            if self.person.is_named(&String::from_utf8_lossy(&body)) {
                self.erased.unread += 1;
                self.writes.push(sql!(
                    "DELETE FROM lantern_bodies WHERE job = ?1 AND number = ?2",
                    self.job,
                    *number
                ));
            }
        }
        for unit in &contents.units {
            if unit.error.as_ref().is_some_and(|error| self.person.is_named(error)) {
                self.erased.errors += 1;
                self.writes.push(sql!(
                    "UPDATE lantern_units SET error = 'the text of this error named somebody who \
                     was erased' WHERE job = ?1 AND number = ?2",
                    self.job,
                    unit.number
                ));
            }
        }
        Ok(())
    }
}

impl<D: Database> SqlLedger<D> {
    fn job_numbers(&self) -> Result<Vec<i64>> {
        let rows = self.read(sql!("SELECT id FROM lantern_jobs ORDER BY id"))?;
        rows.into_iter().map(|row| row.read().next()).collect()
    }

    /// The ids under which mapped calls have asked about a person who is known by an address.
    pub(super) fn find_ids_of(&self, person: &Person) -> Result<BTreeSet<String>> {
        let mut ids = BTreeSet::new();
        for job in self.job_numbers()? {
            let contents = Contents::read(self.database.read(Contents::statements(job))?)?;
            let mut requests: Vec<Fields> = Vec::new();
            for (_, chunk) in &contents.requests {
                requests.extend(list::<Fields>(chunk)?);
            }
            for unit in &contents.units {
                let first = usize::try_from(unit.first).unwrap_or(usize::MAX);
                let packed = contents.answers.iter().find(|(number, _)| *number == unit.number);
                let answers: Vec<Value> =
                    packed.map(|(_, packed)| list(packed)).transpose()?.unwrap_or_default();
                for at in 0..unit.count as usize {
                    let Some(fields) = requests.get(first.saturating_add(at)) else { continue };
                    let named = |(name, value): (&String, &Value)| person.is_in(name, value);
                    let answered = answers.get(at).is_some_and(|value| person.is_in("", value));
                    if !(answered || fields.iter().any(named)) {
                        continue;
                    }
                    let own = ["id", "record_id"].iter().filter_map(|name| fields.get(*name));
                    ids.extend(own.filter_map(|id| match id {
                        Value::String(id) => Some(id.clone()),
                        Value::Number(id) => Some(id.to_string()),
                        _ => None,
                    }));
                }
            }
        }
        Ok(ids)
    }

    /// Erases a person from all jobs and from the memory of records.
    pub(super) fn erase_person(&self, person: &Person) -> Result<Erased> {
        let key = self.read(sql!("SELECT key FROM lantern_hash_key"))?.into_iter().next();
        let key = HashKey(key.ok_or_else(super::unanswered)?.read().next()?);
        let mut all = Erased::default();
        let mut hashes: HashSet<Hash> = person.ids.iter().map(|id| key.hash(id)).collect();
        for job in self.job_numbers()? {
            let (erased, own) = self.transact(|session| {
                let mut first = vec![self.select_totals(job)];
                first.extend(Contents::statements(job));
                let mut found = session.run(first)?;
                let contents = Contents::read(found.split_off(1))?;
                let Some(totals) = found.pop().filter(|rows| !rows.is_empty()) else {
                    return Ok((Erased::default(), HashSet::new()));
                };
                let mut totals = Self::totals(job, totals)?;
                let mut eraser = Eraser {
                    job,
                    person,
                    key: &key,
                    places: HashMap::new(),
                    hashes: hashes.clone(),
                    erased: Erased::default(),
                    writes: Vec::new(),
                };
                eraser.calls(&contents, &mut totals)?;
                eraser.ids(&contents)?;
                eraser.texts(&contents)?;
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

    /// Marks loaded units whose answers came before a moment, and deletes what the ledger holds of their
    /// answers. Returns them with their jobs, so that their files are deleted.
    pub(super) fn purge_before(&self, before: i64) -> Result<Vec<(JobRecord, Unit)>> {
        let mut purged = Vec::new();
        for job in self.job_numbers()? {
            loop {
                let part = self.transact(|session| self.purge_some(session, job, before))?;
                let count = part.len();
                purged.extend(part);
                if count < OLD as usize {
                    break;
                }
            }
        }
        Ok(purged)
    }

    fn purge_some(
        &self,
        session: &mut dyn Session,
        job: i64,
        before: i64,
    ) -> Result<Vec<(JobRecord, Unit)>> {
        let found = session.run(vec![
            sql!(
                format!(
                    "SELECT {JOB} FROM lantern_jobs WHERE id = ?1{}",
                    self.database.for_update()
                ),
                job
            ),
            sql!(
                format!(
                    "SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 AND u.purged_at IS NULL \
                     AND u.state = 'loaded' AND u.loaded_at < ?2 ORDER BY u.number LIMIT ?3"
                ),
                job,
                before,
                OLD
            ),
        ])?;
        let [record, old]: [Vec<Row>; 2] = found.try_into().map_err(|_| super::unanswered())?;
        let Some(record) = record.into_iter().next() else { return Ok(Vec::new()) };
        let record = job_record(&mut record.read())?;
        let old: Vec<Unit> =
            old.into_iter().map(|row| unit(&mut row.read())).collect::<Result<_>>()?;
        let at = now();
        let mut writes = Vec::new();
        for unit in &old {
            let number = unit.number;
            writes.extend([
                sql!("DELETE FROM lantern_answers WHERE job = ?1 AND number = ?2", job, number),
                sql!("DELETE FROM lantern_bodies WHERE job = ?1 AND number = ?2", job, number),
                sql!(
                    "UPDATE lantern_units SET purged_at = ?3 WHERE job = ?1 AND number = ?2",
                    job,
                    number,
                    at
                ),
            ]);
        }
        // What a job of calls asked goes as well, once nothing of it is open.
        writes.push(sql!(
            "DELETE FROM lantern_requests WHERE job = ?1 AND NOT EXISTS (SELECT 1 FROM \
             lantern_units u WHERE u.job = ?1 AND u.purged_at IS NULL)",
            job
        ));
        session.commit(writes)?;
        Ok(old.into_iter().map(|unit| (record.clone(), unit)).collect())
    }

    pub(super) fn read_setting(&self, name: &str) -> Result<Option<String>> {
        let text = "SELECT value FROM lantern_settings WHERE name = ?1";
        self.one(sql!(text, name), super::super::sql::Reader::next)
    }

    pub(super) fn put_setting(&self, name: &str, value: Option<&str>) -> Result<()> {
        self.transact(|session| {
            session.commit(vec![match value {
                None => sql!("DELETE FROM lantern_settings WHERE name = ?1", name),
                Some(value) => sql!(
                    "INSERT INTO lantern_settings (name, value) VALUES (?1, ?2) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    name,
                    value
                ),
            }])?;
            Ok(())
        })
    }
}
