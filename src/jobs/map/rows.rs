//! The rows of a job of calls, from its units and their answers.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{kind::UNASSIGNED, plan, requests::without_records};
use crate::{
    error::{Error, Result},
    jobs::{Progress, row_ids::unpack_rows, row_status::SUPPRESSED},
    ledger::{
        JobRecord, Store, Unit, UnitState,
        erasure::{ERASED_ANSWER, is_erased},
        memory::{CallAnswers, Recalled, Source},
    },
};

/// A row as the ledger stores it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub state: UnitState,
    /// What it cost or may have cost.
    pub credits: i64,
    /// The answer as JSON.
    answer: Option<String>,
    pub error: Option<String>,
    /// Whether its request or its answer is suppressed, so that the answer is left out.
    pub suppressed: bool,
    /// Whether its answer was deleted.
    pub erased: bool,
    /// Whether the answer was known from an earlier job.
    pub reused: bool,
    /// Where the answer comes from, if there is one.
    pub origin: Option<Origin>,
}

/// The origin of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// When it was answered, in microseconds since 1970.
    pub answered_at: Option<i64>,
    /// The idempotency key of the call that was answered.
    pub call: String,
    /// What it cost then, if that is known.
    pub credits: Option<i64>,
}

impl Row {
    /// The answer of the row.
    ///
    /// # Errors
    /// If the ledger is damaged and the answer is not JSON.
    pub fn answer(&self) -> Result<Option<Value>> {
        self.answer.as_deref().map(serde_json::from_str).transpose().map_err(damaged)
    }

    /// The name of its state in tables.
    pub fn status(&self) -> &'static str {
        if self.suppressed {
            return "suppressed";
        }
        if self.erased {
            return "erased";
        }
        match self.state {
            UnitState::Loaded => "done",
            UnitState::Planned => "over_budget",
            UnitState::Accepted | UnitState::Completed => UnitState::Sending.name(),
            state => state.name(),
        }
    }
}

fn damaged(error: serde_json::Error) -> Error {
    Error::ledger(format!("an answer that the ledger keeps is damaged ({error})"))
        .hint("restore the ledger from a backup")
        .caused_by(error)
}

/// All rows of a job, in order. `held` is the state of rows that wait for another job.
///
/// # Errors
/// If the ledger cannot be read, or is damaged.
pub fn read(store: &dyn Store, job: i64, held: UnitState) -> Result<Vec<Row>> {
    let (record, _) = store.state(job)?;
    if record.question.is_some() {
        return by_record(store, &record, held);
    }
    let mut units = store.batches(job)?;
    let mut answers = store.answers(job)?;
    // Rows that the budget did not reach at first are in units after the others.
    units.sort_unstable_by_key(|unit| unit.first);
    let mut rows = Vec::new();
    for unit in units {
        let answer = answers.remove(&unit.number);
        rows.extend(of_unit(&unit, answer)?);
    }
    hide(store, job, &[], &mut rows)?;
    Ok(rows)
}

/// Leaves out the answers of rows that name somebody who is suppressed. `records` are what the memory
/// knows the rows as, where it does.
fn hide(store: &dyn Store, job: i64, records: &[String], rows: &mut [Row]) -> Result<()> {
    let suppressed = store.suppressed(Some(job))?;
    if suppressed.is_empty() {
        return Ok(());
    }
    let requests = plan::unpack(store.requests(job)?)?;
    for (at, row) in rows.iter_mut().enumerate() {
        if row.erased {
            continue;
        }
        let known = records.get(at).is_some_and(|record| suppressed.has_id(record));
        let asked = known
            || requests.get(at).is_some_and(|fields| {
                fields.iter().any(|(name, value)| suppressed.has_json(name, value))
            });
        let answered =
            || Ok::<_, Error>(row.answer()?.is_some_and(|answer| suppressed.has_json("", &answer)));
        if asked || answered()? {
            row.suppressed = true;
            row.answer = None;
            row.error = Some(SUPPRESSED.to_owned());
        }
    }
    Ok(())
}

/// Like [`read`], but explains rows that a budget above the job did not reach.
///
/// # Errors
/// As [`read`].
pub fn explained(store: &dyn Store, job: i64, held: UnitState) -> Result<Vec<Row>> {
    let mut rows = read(store, job, held)?;
    let (record, sums) = store.state(job)?;
    if let Some(budget) = Progress::new(&record, sums).short_of() {
        for row in rows.iter_mut().filter(|row| row.state == UnitState::Planned) {
            row.error.get_or_insert_with(|| budget.to_string());
        }
    }
    Ok(rows)
}

/// The rows of a job whose records are remembered. Each row has the answer of its record, and the
/// first row of a record has its cost.
fn by_record(store: &dyn Store, job: &JobRecord, held: UnitState) -> Result<Vec<Row>> {
    let records = store.all_ids(job.id)?;
    let places: HashMap<&str, usize> =
        records.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let mut of: Vec<Option<Row>> = vec![None; records.len()];
    let mut put = |id: &str, row: Row| {
        if let Some(of) = places.get(id).and_then(|at| of.get_mut(*at)) {
            *of = Some(row);
        }
    };
    // The calls are read before their records, because another process may add some in between.
    let (mut answers, units) = (store.answers(job.id)?, store.batches(job.id)?);
    let mut asked = store.unit_ids(job.id)?;
    for mut unit in units {
        let ids = asked.remove(&unit.number).ok_or_else(|| without_records(unit.number))?;
        unit.count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let rows = of_unit(&unit, answers.remove(&unit.number))?;
        ids.iter().zip(rows).for_each(|(id, row)| put(id, row));
    }
    for (id, row) in reused(store, job.id)? {
        put(&id, row);
    }
    let waiting = Row {
        state: held,
        credits: 0,
        answer: None,
        error: Some("another job asks for it".to_owned()),
        suppressed: false,
        erased: false,
        reused: false,
        origin: None,
    };
    let gone = Row { state: UnitState::Loaded, error: None, erased: true, ..waiting.clone() };
    let made = records.iter().zip(of).map(|(id, row)| match row {
        Some(row) => row,
        None if is_erased(id) => gone.clone(),
        None => waiting.clone(),
    });
    let mut of: Vec<Row> = made.collect();
    hide(store, job.id, &records, &mut of)?;
    let of_row = unpack_rows(&store.row_ids(job.id)?, job.rows, records.len())?;
    let mut seen = vec![false; records.len()];
    let row = |record: u32| {
        let at = record as usize;
        let mut row = of.get(at).cloned().unwrap_or_else(|| waiting.clone());
        if let Some(seen) = seen.get_mut(at)
            && std::mem::replace(seen, true)
        {
            row.credits = 0;
        }
        row
    };
    Ok(of_row.values().iter().copied().map(row).collect())
}

/// The rows of records that were answered in earlier jobs.
fn reused(store: &dyn Store, job: i64) -> Result<Vec<(String, Row)>> {
    let known: Vec<(String, Recalled)> =
        store.reused(job)?.into_iter().flat_map(|(_, chunk)| chunk).collect();
    let mut sources: Vec<Source> = known.iter().map(|(_, recalled)| recalled.sources[0]).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut answers: BTreeMap<Source, (CallAnswers, Vec<String>)> = BTreeMap::new();
    for (source, call) in store.answers_of(&sources)? {
        let list = list(call.answers.clone(), call.ids.len())?;
        answers.insert(source, (call, list));
    }
    let row = |(id, recalled): (String, Recalled)| {
        let found = answers.get(&recalled.sources[0]);
        let answer = found.and_then(|(call, list)| {
            let at = call.ids.iter().position(|own| *own == id)?;
            Some((call, list.get(at)?.clone()))
        });
        let erased = answer.as_ref().is_some_and(|(_, answer)| answer == ERASED_ANSWER);
        let row = match answer {
            Some((call, answer)) => Row {
                state: UnitState::Loaded,
                credits: 0,
                answer: Some(answer).filter(|answer| answer != ERASED_ANSWER),
                error: None,
                suppressed: false,
                erased,
                reused: true,
                origin: Some(Origin {
                    answered_at: call.answered_at,
                    call: call.idempotency_key.clone(),
                    credits: recalled.credits.map(i64::from),
                }),
            },
            // It was deleted there, because it was old or because of whom it is about.
            None => Row {
                state: UnitState::Loaded,
                credits: 0,
                answer: None,
                error: None,
                suppressed: false,
                erased: true,
                reused: true,
                origin: None,
            },
        };
        (id, row)
    };
    Ok(known.into_iter().map(row).collect())
}

/// The answers of a call, one for each of its rows.
fn list(answers: Vec<u8>, rows: usize) -> Result<Vec<String>> {
    let text = String::from_utf8(answers).map_err(|error| {
        Error::ledger("an answer that the ledger keeps is damaged").caused_by(error)
    })?;
    // With a single row, the list is the answer in brackets.
    if rows == 1 {
        let inner = text.trim_start_matches('[');
        return Ok(vec![inner.strip_suffix(']').unwrap_or(inner).to_owned()]);
    }
    let list: Vec<Value> = serde_json::from_str(&text).map_err(damaged)?;
    Ok(list.iter().map(Value::to_string).collect())
}

/// The rows of a call.
fn of_unit(unit: &Unit, answer: Option<Vec<u8>>) -> Result<Vec<Row>> {
    let count = u64::from(unit.count.max(1));
    let credits = unit.spent().saturating_add(unit.committed());
    let answers = answer.map(|answer| list(answer, unit.count as usize)).transpose()?;
    let mut answers = answers.unwrap_or_default().into_iter();
    let mut rows = Vec::with_capacity(unit.count as usize);
    for at in 0..u64::from(unit.count) {
        let answer = answers.next();
        let erased = unit.purged_at.is_some() || answer.as_deref() == Some(ERASED_ANSWER);
        let answer = answer.filter(|_| !erased);
        let lost = answer.as_deref().filter(|_| unit.count > 1).and_then(unassigned);
        let (state, answer, error) = match lost {
            // The call was answered and paid, but it is unknown which part of the answer belongs to
            // this row.
            Some(why) => (UnitState::Failed, None, Some(why)),
            None => (unit.state, answer, unit.error.clone()),
        };
        // The first rows get the credits that cannot be divided evenly.
        let credits = credits / count + u64::from(at < credits % count);
        let credits = i64::try_from(credits).unwrap_or(i64::MAX);
        let origin = (state == UnitState::Loaded).then(|| Origin {
            answered_at: unit.loaded_at,
            call: unit.idempotency_key.clone(),
            credits: unit.credits.map(|_| credits),
        });
        let erased = erased && unit.state == UnitState::Loaded;
        let suppressed = false;
        rows.push(Row { state, credits, answer, error, suppressed, erased, reused: false, origin });
    }
    Ok(rows)
}

/// Why no part of a paid answer could be assigned to this row.
fn unassigned(answer: &str) -> Option<String> {
    if !answer.contains(UNASSIGNED) {
        return None;
    }
    let answer: Value = serde_json::from_str(answer).ok()?;
    Some(answer.get(UNASSIGNED)?.as_str()?.to_owned())
}
