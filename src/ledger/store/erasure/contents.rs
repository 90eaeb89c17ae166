//! What a job holds of its rows, as erasing reads it.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::super::{
    super::{
        Unit,
        erasure::Person,
        memory::asked_ids,
        packed::{unpack, unpack_bytes},
        sql::{FromValue, Row, Statement, sql},
    },
    rows::{UNIT, units},
    unanswered,
};
use crate::error::{Error, Result};

/// A request of a mapped call.
pub(super) type Fields = Map<String, Value>;

pub(super) fn damaged(error: &dyn std::fmt::Display) -> Error {
    Error::ledger(format!("the ledger is damaged: {error}"))
        .hint("restore the ledger from a backup")
}

pub(super) fn list<T: serde::de::DeserializeOwned>(packed: &[u8]) -> Result<Vec<T>> {
    let json = unpack_bytes(packed).map_err(|error| damaged(&error))?;
    serde_json::from_slice(&json).map_err(|error| damaged(&error))
}

/// The lists of ids of one unit: those that it holds, those that the budget cut off, and those that were
/// taken out of it.
pub(super) type UnitIds = (u32, [Option<Vec<u8>>; 3]);

/// What a job holds of its rows.
pub(super) struct Contents {
    /// Whether the memory knows what the job asks.
    pub remembered: bool,
    pub units: Vec<Unit>,
    pub ids: Vec<UnitIds>,
    /// The chunk, its round, the ids and where they were answered.
    pub reused: Vec<(i64, u32, Vec<u8>, Vec<u8>)>,
    pub held: Vec<(i64, Vec<u8>)>,
    pub requests: Vec<(i64, Vec<u8>)>,
    pub answers: Vec<(u32, Vec<u8>)>,
    pub bodies: Vec<(u32, Vec<u8>)>,
    pub asked: Vec<(u32, Vec<u8>)>,
}

impl Contents {
    pub fn statements(job: i64) -> Vec<Statement> {
        [
            "SELECT question FROM lantern_jobs WHERE id = ?1".to_owned(),
            format!("SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 ORDER BY u.number"),
            "SELECT number, ids, cut_ids, left_out FROM lantern_unit_ids WHERE job = ?1".to_owned(),
            "SELECT chunk, round, ids, sources FROM lantern_reused WHERE job = ?1 ORDER BY chunk"
                .to_owned(),
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

    pub fn read(found: Vec<Vec<Row>>) -> Result<Self> {
        let [own, all, ids, reused, held, requests, answers, bodies, asked]: [Vec<Row>; 9] =
            found.try_into().map_err(|_| unanswered())?;
        fn pairs<A: FromValue>(rows: Vec<Row>) -> Result<Vec<(A, Vec<u8>)>> {
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
            Ok((row.next()?, row.next()?, row.next()?, row.next()?))
        };
        let question: Option<Option<i64>> =
            own.into_iter().next().map(|row| row.read().next()).transpose()?;
        Ok(Self {
            remembered: question.flatten().is_some(),
            units: units(all)?,
            ids: ids.into_iter().map(of_unit).collect::<Result<_>>()?,
            reused: reused.into_iter().map(of_reused).collect::<Result<_>>()?,
            held: pairs(held)?,
            requests: pairs(requests)?,
            answers: pairs(answers)?,
            bodies: pairs(bodies)?,
            asked: pairs(asked)?,
        })
    }

    pub fn unit(&self, number: u32) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.number == number)
    }
}

/// What one mapped call asks and was answered.
pub(super) struct Call<'a> {
    pub unit: &'a Unit,
    /// The places of its rows among the requests of the job. A call may have asked for some of its
    /// rows only, and its answers are in the order of those.
    pub places: Vec<usize>,
    pub answers: Vec<Value>,
}

/// The mapped calls of a job.
pub(super) struct Calls<'a> {
    /// One for each record that the memory knows, else one for each row.
    pub requests: Vec<Fields>,
    /// The record of each request; empty for calls whose rows are known by their numbers.
    pub records: Vec<String>,
    pub calls: Vec<Call<'a>>,
}

impl<'a> Calls<'a> {
    /// `None` for a job that makes no calls, or whose requests are gone.
    pub fn read(contents: &'a Contents) -> Result<Option<Self>> {
        if contents.requests.is_empty() {
            return Ok(None);
        }
        let mut requests: Vec<Fields> = Vec::new();
        for (_, chunk) in &contents.requests {
            requests.extend(list::<Fields>(chunk)?);
        }
        let mut asked: HashMap<u32, Vec<String>> = HashMap::new();
        let mut records = Vec::new();
        if contents.remembered {
            let lists: HashMap<u32, &[Option<Vec<u8>>; 3]> =
                contents.ids.iter().map(|(number, lists)| (*number, lists)).collect();
            let mut first: Vec<&Unit> = contents.units.iter().collect();
            first.sort_by_key(|unit| (unit.first, unit.number));
            for unit in first {
                let Some([ids, _, left_out]) = lists.get(&unit.number) else { continue };
                if unit.round == 0 {
                    records.extend(ids.as_deref().map(unpack).transpose()?.unwrap_or_default());
                }
                asked.insert(unit.number, asked_ids(ids.clone(), left_out.clone())?.0);
            }
            for (_, round, ids, _) in &contents.reused {
                if *round == 0 {
                    records.extend(unpack(ids)?);
                }
            }
        }
        let place_of: HashMap<&str, usize> =
            records.iter().enumerate().map(|(at, record)| (record.as_str(), at)).collect();
        let answers: HashMap<u32, &Vec<u8>> =
            contents.answers.iter().map(|(number, packed)| (*number, packed)).collect();
        let call = |unit: &'a Unit| {
            let places = if contents.remembered {
                let own = asked.get(&unit.number).into_iter().flatten();
                own.filter_map(|record| place_of.get(record.as_str()).copied()).collect()
            } else {
                let first = usize::try_from(unit.first).unwrap_or(usize::MAX);
                (0..unit.count as usize).map(|at| first.saturating_add(at)).collect()
            };
            let answers = answers.get(&unit.number).map(|packed| list(packed)).transpose()?;
            Ok(Call { unit, places, answers: answers.unwrap_or_default() })
        };
        let calls = contents.units.iter().map(call).collect::<Result<_>>()?;
        Ok(Some(Self { requests, records, calls }))
    }

    /// The places of the rows that are about a person, by what they ask, what they were answered, or the
    /// record that the memory knows them as. In order, each once.
    pub fn about(&self, person: &Person) -> Vec<usize> {
        let mut own: Vec<usize> = (0..self.requests.len())
            .filter(|at| {
                let known = self.records.get(*at).is_some_and(|id| person.records.contains(id));
                known || person.is_asked(&self.requests[*at])
            })
            .collect();
        let nothing = Fields::new();
        for call in &self.calls {
            let answered = call.places.iter().zip(&call.answers);
            own.extend(answered.filter_map(|(at, answer)| {
                let asked = self.requests.get(*at).unwrap_or(&nothing);
                person.is_answered(asked, answer).then_some(*at)
            }));
        }
        own.sort_unstable();
        own.dedup();
        own
    }
}
