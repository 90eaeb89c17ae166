//! A job while a person is erased from it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    super::{
        super::{
            Unit, UnitState,
            erasure::{ERASED_ANSWER, Erased, Person, is_erased, placeholder},
            memory::{Hash, HashKey, asked_ids, pack_reused, unpack_reused},
            packed::{pack, pack_bytes, unpack, unpack_bytes},
            sql::{Statement, sql},
            unit::{Event, Step},
        },
        rows::{Totals, put},
    },
    contents::{Call, Calls, Contents, Fields, damaged, list},
};
use crate::{error::Result, process::clock::now};

fn packed<T: serde::Serialize>(list: &[T]) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(list).map_err(|error| damaged(&error))?;
    pack_bytes(&json).map_err(|error| damaged(&error))
}

/// Whether the API has a unit, or may get it: what it asks is left.
fn is_open(unit: &Unit) -> bool {
    unit.state.in_flight() || unit.state == UnitState::InDoubt
}

/// A job while a person is erased from it.
pub(super) struct Eraser<'a> {
    job: i64,
    person: &'a Person,
    key: &'a HashKey,
    /// The placeholder of each erased id.
    places: HashMap<String, String>,
    /// The hashes by which the memory knows those who were erased.
    pub hashes: HashSet<Hash>,
    /// Ids that are on their way.
    left: HashSet<String>,
    pub erased: Erased,
    pub writes: Vec<Statement>,
}

impl<'a> Eraser<'a> {
    pub fn new(job: i64, person: &'a Person, key: &'a HashKey, hashes: HashSet<Hash>) -> Self {
        Self {
            job,
            person,
            key,
            places: HashMap::new(),
            hashes,
            left: HashSet::new(),
            erased: Erased::default(),
            writes: Vec::new(),
        }
    }

    /// Erases the person from the whole job. Rows of units under way stay.
    pub fn erase(&mut self, contents: &Contents, totals: &mut Totals) -> Result<()> {
        self.calls(contents, totals)?;
        self.ids(contents, totals)?;
        self.texts(contents)
    }

    fn place_of(&mut self, id: &str) -> String {
        self.hashes.insert(self.key.of_id(id));
        self.hashes.extend(self.key.earlier_of_id(id));
        self.places.entry(id.to_owned()).or_insert_with(placeholder).clone()
    }

    fn is_own(&self, id: &str) -> bool {
        self.person.has_record(id)
            || self.person.records.contains(id)
            || self.places.contains_key(id)
    }

    /// Puts placeholders in a packed list; `None` if the person is not in it.
    fn replaced(&mut self, packed: &[u8]) -> Result<Option<(Vec<u8>, Vec<String>)>> {
        let mut ids = unpack(packed)?;
        let mut placed = Vec::new();
        for id in &mut ids {
            if self.is_own(id) && !self.left.contains(id) {
                *id = self.place_of(id);
                placed.push(id.clone());
            }
        }
        if placed.is_empty() {
            return Ok(None);
        }
        Ok(Some((pack(&ids)?, placed)))
    }

    /// Erases rows of mapped calls: what they ask, and what they were answered.
    fn calls(&mut self, contents: &Contents, totals: &mut Totals) -> Result<()> {
        let Some(mut all) = Calls::read(contents)? else { return Ok(()) };
        let mut own: BTreeSet<usize> = all.about(self.person).into_iter().collect();
        for call in &all.calls {
            let asked: Vec<usize> =
                call.places.iter().copied().filter(|at| own.contains(at)).collect();
            // A call whose rows have no ids is sent whole or not at all.
            let stays = call.unit.state == UnitState::Planned
                && all.records.is_empty()
                && asked.len() < call.places.len();
            if !is_open(call.unit) && !stays {
                continue;
            }
            for at in asked {
                own.remove(&at);
                match all.records.get(at) {
                    // Counted with the other ids.
                    Some(record) => _ = self.left.insert(record.clone()),
                    None => self.erased.under_way += 1,
                }
            }
        }
        if own.is_empty() {
            return Ok(());
        }
        self.erased.calls += own.len() as u64;
        for at in &own {
            if let Some(fields) = all.requests.get_mut(*at) {
                fields.clear();
            }
            if let Some(record) = all.records.get(*at) {
                self.place_of(&record.clone());
            }
        }
        for call in &mut all.calls {
            self.answers_of(call, &own, contents, totals)?;
        }
        let mut rest = all.requests.as_slice();
        for (chunk, before) in &contents.requests {
            let count = list::<Fields>(before)?.len().min(rest.len());
            let (part, more) = rest.split_at(count);
            rest = more;
            self.writes.push(sql!(
                "UPDATE lantern_requests SET requests = ?3 WHERE job = ?1 AND chunk = ?2",
                self.job,
                *chunk,
                packed(part)?
            ));
        }
        Ok(())
    }

    /// Erases the answers to some rows of a call.
    fn answers_of(
        &mut self,
        call: &mut Call<'_>,
        own: &BTreeSet<usize>,
        contents: &Contents,
        totals: &mut Totals,
    ) -> Result<()> {
        let unit = call.unit;
        let rows: Vec<usize> =
            (0..call.places.len()).filter(|at| own.contains(&call.places[*at])).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let mut changed = false;
        for at in &rows {
            if let Some(answer) = call.answers.get_mut(*at) {
                *answer = serde_json::from_str(ERASED_ANSWER).map_err(|error| damaged(&error))?;
                changed = true;
            }
        }
        if changed {
            self.writes.push(sql!(
                "UPDATE lantern_answers SET answers = ?3 WHERE job = ?1 AND number = ?2",
                self.job,
                unit.number,
                packed(&call.answers)?
            ));
        }
        let whole = rows.len() == call.places.len();
        // An answer that could not be read is about them, whatever it names.
        if whole && contents.bodies.iter().any(|(number, _)| *number == unit.number) {
            self.body(unit.number);
        }
        if whole && unit.state == UnitState::Planned && !contents.remembered {
            let step = Step { number: unit.number, sending: None, event: Event::Spare };
            if let Some(after) = unit.step(&step, now()) {
                totals.change(unit, &after);
                self.writes.push(put(self.job, &after));
            }
        }
        Ok(())
    }

    /// Erases ids from the lists of the job. Those that are on their way stay, in all of them.
    fn ids(&mut self, contents: &Contents, totals: &mut Totals) -> Result<()> {
        for (number, [ids, _, left_out]) in &contents.ids {
            let open = contents.unit(*number).is_some_and(is_open);
            if let Some(ids) = ids.as_ref().filter(|_| open) {
                let (asked, _) = asked_ids(Some(ids.clone()), left_out.clone())?;
                let own: Vec<String> = asked.into_iter().filter(|id| self.is_own(id)).collect();
                self.left.extend(own);
            }
        }
        self.erased.under_way += self.left.len() as u64;
        for (number, [ids, cut, out]) in &contents.ids {
            let mut texts: [Option<Vec<u8>>; 3] = [ids.clone(), cut.clone(), out.clone()];
            let mut changed: BTreeSet<String> = BTreeSet::new();
            for text in &mut texts {
                if let Some(packed) = text
                    && let Some((replaced, placed)) = self.replaced(packed)?
                {
                    *text = Some(replaced);
                    changed.extend(placed);
                }
            }
            if changed.is_empty() {
                continue;
            }
            self.erased.ids += changed.len() as u64;
            let own = contents.unit(*number).filter(|unit| unit.state == UnitState::Planned);
            if let Some(unit) = own {
                // A placeholder is not sent.
                let mut all = texts[2].as_deref().map(unpack).transpose()?.unwrap_or_default();
                let known: HashSet<String> = all.iter().cloned().collect();
                let new: Vec<String> =
                    changed.into_iter().filter(|place| !known.contains(place)).collect();
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
        self.reused(contents)?;
        self.held(contents, totals)?;
        self.asked(contents);
        Ok(())
    }

    /// Erases ids that were known when the job was planned.
    fn reused(&mut self, contents: &Contents) -> Result<()> {
        for (chunk, _, ids, sources) in &contents.reused {
            let Some((replaced, placed)) = self.replaced(ids)? else { continue };
            self.erased.ids += placed.len() as u64;
            // It no longer says where the answer lies.
            let mut of = unpack_reused(ids, sources)?;
            for ((_, recalled), id) in of.iter_mut().zip(unpack(&replaced)?) {
                if is_erased(&id) {
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
        Ok(())
    }

    /// Erases ids that wait for other jobs.
    fn held(&mut self, contents: &Contents, totals: &mut Totals) -> Result<()> {
        for (id, ids) in &contents.held {
            let mut all = unpack(ids)?;
            let before = all.len();
            all.retain(|id| !self.is_own(id));
            if all.len() < before {
                let gone = (before - all.len()) as u64;
                totals.sums.held = totals.sums.held.saturating_sub(gone);
                self.erased.ids += gone;
                self.writes.push(sql!(
                    "UPDATE lantern_held SET ids = ?2 WHERE id = ?1",
                    *id,
                    pack(&all)?
                ));
            }
        }
        Ok(())
    }

    /// Erases what the memory was not told yet: there, what is asked is known by its hash alone.
    fn asked(&mut self, contents: &Contents) {
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
    }

    /// Erases paid answers that could not be read, and texts of errors.
    fn texts(&mut self, contents: &Contents) -> Result<()> {
        for (number, body) in &contents.bodies {
            let body = unpack_bytes(body).map_err(|error| damaged(&error))?;
            if self.person.is_named(&String::from_utf8_lossy(&body)) {
                self.body(*number);
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

    fn body(&mut self, number: u32) {
        self.erased.unread += 1;
        self.writes.push(sql!(
            "DELETE FROM lantern_bodies WHERE job = ?1 AND number = ?2",
            self.job,
            number
        ));
    }
}
