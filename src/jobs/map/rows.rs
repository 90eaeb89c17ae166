//! The rows of a job of calls, as its units and their answers have them.

use serde_json::Value;

use super::{kind::UNASSIGNED, plan};
use crate::{
    error::{Error, Result},
    jobs::{Progress, suppression::SUPPRESSED},
    ledger::{Store, Unit, UnitState, erasure::ERASED_ANSWER},
};

/// A row as the ledger has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub state: UnitState,
    /// What it cost, or may have cost.
    pub credits: i64,
    /// JSON.
    answer: Option<String>,
    pub error: Option<String>,
    /// Whether its request or its answer names somebody who is suppressed: the answer is left out.
    pub suppressed: bool,
    /// Whether its answer was deleted.
    pub erased: bool,
}

impl Row {
    /// What was answered.
    ///
    /// # Errors
    /// If the ledger is damaged: it does not hold JSON.
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

/// All rows of a job, in order.
///
/// # Errors
/// If the ledger cannot be read, or is damaged.
pub fn read(store: &dyn Store, job: i64) -> Result<Vec<Row>> {
    let mut units = store.batches(job)?;
    let mut answers = store.answers(job)?;
    // What the budget did not reach first is a unit of its own, after the others.
    units.sort_unstable_by_key(|unit| unit.first);
    let mut rows = Vec::new();
    for unit in units {
        let answer = answers.remove(&unit.number);
        push(&unit, answer, &mut rows)?;
    }
    hide(store, job, &mut rows)?;
    Ok(rows)
}

/// Leaves out the answers of rows that name somebody who is suppressed.
fn hide(store: &dyn Store, job: i64, rows: &mut [Row]) -> Result<()> {
    let suppressed = store.suppressed(Some(job))?;
    if suppressed.is_empty() {
        return Ok(());
    }
    let requests = plan::unpack(store.requests(job)?)?;
    for (at, row) in rows.iter_mut().enumerate() {
        let asked = requests.get(at).is_some_and(|fields| {
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

/// [`read`], with a reason for rows that a budget above the job did not reach.
///
/// # Errors
/// As [`read`].
pub fn explained(store: &dyn Store, job: i64) -> Result<Vec<Row>> {
    let mut rows = read(store, job)?;
    let (record, sums) = store.state(job)?;
    if let Some(budget) = Progress::new(&record, sums).short_of() {
        for row in rows.iter_mut().filter(|row| row.state == UnitState::Planned) {
            row.error.get_or_insert_with(|| budget.to_string());
        }
    }
    Ok(rows)
}

fn push(unit: &Unit, answer: Option<Vec<u8>>, rows: &mut Vec<Row>) -> Result<()> {
    let count = u64::from(unit.count.max(1));
    let credits = unit.spent().saturating_add(unit.committed());
    let text = answer.map(String::from_utf8).transpose().map_err(|error| {
        Error::ledger("an answer that the ledger keeps is damaged").caused_by(error)
    })?;
    let mut answers = match text {
        None => Vec::new(),
        // The list of one answer is that answer in brackets.
        Some(text) if unit.count == 1 => {
            let inner = text.trim_start_matches('[');
            vec![(inner.strip_suffix(']').unwrap_or(inner).to_owned(), None)]
        }
        Some(text) => {
            let list: Vec<Value> = serde_json::from_str(&text).map_err(damaged)?;
            list.iter().map(|answer| (answer.to_string(), unassigned(answer))).collect()
        }
    }
    .into_iter();
    for at in 0..u64::from(unit.count) {
        let next = answers.next();
        let erased = unit.purged_at.is_some()
            || next.as_ref().is_some_and(|(answer, _)| answer == ERASED_ANSWER);
        let next = next.filter(|_| !erased);
        let (state, answer, error) = match next {
            // The call was answered and paid, and nobody knows what of it belongs to this row.
            Some((_, Some(why))) => (UnitState::Failed, None, Some(why)),
            answer => (unit.state, answer.map(|(answer, _)| answer), unit.error.clone()),
        };
        rows.push(Row {
            state,
            // The first rows carry the remainder that cannot be shared evenly.
            credits: i64::try_from(credits / count + u64::from(at < credits % count))
                .unwrap_or(i64::MAX),
            answer,
            error,
            suppressed: false,
            erased: erased && unit.state == UnitState::Loaded,
        });
    }
    Ok(())
}

/// Why nothing of a paid answer is this row's.
fn unassigned(answer: &Value) -> Option<String> {
    Some(answer.get(UNASSIGNED)?.as_str()?.to_owned())
}
