//! Mapped calls and the memory of records: which answers a table of calls takes from it, and how
//! calls of earlier versions are added to it.

use serde::Serialize;

use super::{
    kind::{Fields, Kind},
    plan::{self, Plan},
    requests::Requests,
    window::flags,
};
use crate::{
    error::{Advice, Error, ErrorKind, Result, RustFace, Setting},
    jobs::{
        forecast::{Bounds, asked},
        ids::Ids,
        memory::Draft,
    },
    ledger::{
        Budget, NewJob, Reuse, Store, Unit, UnitState,
        memory::{Answer, EarlierCall, HashKey, Recall, Recalled},
        suppression::Suppressed,
    },
};

/// Which known answers a call accepts.
///
/// # Errors
/// If the call changes something and the caller wants answers of a certain age.
pub fn reuse_of(kind: &Kind, reuse: Reuse) -> Result<Reuse> {
    if kind.is_remembered() {
        return Ok(reuse);
    }
    let wanted = reuse.within.filter(|within| *within != 0).map(|_| Setting::Reuse);
    match wanted.or(reuse.retry_not_found.map(|_| Setting::RetryNotFound)) {
        None => Ok(Reuse::ALWAYS),
        Some(setting) => {
            let happened =
                format!("is given, and {} changes something: it is made for every row", kind.name);
            Err(Error::setting(setting, happened)
                .into_kind(ErrorKind::Input)
                .advise(Advice::LeaveOut(setting)))
        }
    }
}

/// The error of a sample of calls that change something: the whole table would change its rows again.
pub fn no_sample(kind: &Kind) -> Error {
    let happened = format!(
        "is given, and {} changes something: a job of the whole table would do so again for the rows \
         of the sample",
        kind.name
    );
    Error::setting(Setting::Sample, happened)
        .into_kind(ErrorKind::Input)
        .advise(Advice::text("make a job of a part of the table, and then one of the rest"))
}

/// Finds the job that a table of calls resumes, or plans a new one with what is known of its rows.
///
/// # Errors
/// If the ledger cannot be used.
pub fn draft(
    store: &dyn Store,
    plan: &Plan<'_>,
    job: &mut NewJob,
    records: &Ids,
    reuse: Reuse,
    earlier: Option<&plan::Earlier>,
) -> Result<Draft> {
    let found = match earlier.map(|earlier| earlier.find(store)).transpose()?.flatten() {
        Some(found) => Some(found),
        None => store.find(&plan.account, &job.key)?,
    };
    if !plan.kind.is_remembered() {
        return Ok(match found {
            Some(found) => Draft::Known(Box::new(found)),
            None => Draft::New(Recall { of: all_new(records), ..Recall::default() }),
        });
    }
    let recall = || recall(store, plan, records, reuse);
    Draft::after(store, job, found, plan.key.is_some(), reuse, recall)
}

/// What the memory knows about the records of a table, also as which an earlier version knows them.
///
/// # Errors
/// If the ledger cannot be used.
pub fn recall(store: &dyn Store, plan: &Plan<'_>, records: &Ids, reuse: Reuse) -> Result<Recall> {
    let wish = plan.wish(reuse);
    let mut recall = store.recall(&wish, &records.unique, None)?;
    let key = store.hash_key()?;
    let (places, earlier) = plan::earlier_records(plan.kind, plan.rows, records, &key);
    if earlier.is_empty() {
        return Ok(recall);
    }
    for (at, known) in places.into_iter().zip(store.recall(&wish, &earlier, None)?.of) {
        let own = recall.of.get_mut(at).filter(|own| own.missing != 0 && known.missing == 0);
        if let Some(own) = own {
            *own = known;
        }
    }
    Ok(recall)
}

fn all_new(records: &Ids) -> Vec<Recalled> {
    let new = Recalled { missing: crate::ledger::memory::WHOLE, ..Recalled::default() };
    vec![new; records.unique.len()]
}

/// Adds the calls of earlier versions to the memory, for which the ledger stores what they asked.
///
/// # Errors
/// If the ledger cannot be used, or is damaged.
pub fn remember_earlier(store: &dyn Store, kind: &Kind, account: &str) -> Result<()> {
    let unremembered = store.unremembered_calls(account, kind.name)?;
    let key = store.hash_key()?;
    for job in unremembered {
        let requests = Requests::read(store, &job)?;
        let Ok((shared, extra)) = plan::read_parameters(&job.parameters) else { continue };
        if requests.is_empty() {
            // The job was imported from a file that did not contain the requests.
            continue;
        }
        let question = plan::question(kind, account, &shared, &extra);
        let mut answers = store.answers(job.id)?;
        let sent = [UnitState::Sending, UnitState::InDoubt, UnitState::Loaded];
        let calls: Vec<EarlierCall> = store
            .units_in(job.id, &sent)?
            .into_iter()
            .filter_map(|unit| {
                let asked = requests.of(&[], unit.first, unit.count);
                let ids = asked.iter().map(|row| plan::record(kind, row, &key)).collect();
                earlier_call(kind, ids, &unit, answers.remove(&unit.number))
            })
            .collect();
        tracing::info!(key = job.key, calls = calls.len(), "mapped calls that are remembered now");
        store.remember_calls(job.id, &question, &calls)?;
    }
    Ok(())
}

/// The entry of a call in the memory; `None` if its answers were deleted or do not fit its request.
fn earlier_call(
    kind: &Kind,
    ids: Vec<String>,
    unit: &Unit,
    answers: Option<Vec<u8>>,
) -> Option<EarlierCall> {
    let answers = if unit.state == UnitState::Loaded {
        let list: Vec<serde_json::Value> = serde_json::from_slice(&answers?).ok()?;
        if list.len() != ids.len() {
            return None;
        }
        let each = unit.credits.map(|credits| credits.div_ceil(list.len().max(1) as u64));
        let credits = each.map(|each| u16::try_from(each).unwrap_or(u16::MAX));
        let answer = |answer: &serde_json::Value| {
            let lost = answer.get(super::kind::UNASSIGNED).is_some();
            let flags = if lost { 0 } else { flags(kind, &answer.to_string()) };
            Answer { flags, credits }
        };
        Some(list.iter().map(answer).collect())
    } else {
        None
    };
    let answered_at = unit.finished_at.or(unit.loaded_at);
    Some(EarlierCall { number: unit.number, ids, answers, answered_at })
}

/// The rows of a sample: a random choice of records, which is the same for the same question.
///
/// # Errors
/// If the sample is empty.
pub fn sampled(
    kind: &Kind,
    rows: &mut Vec<Fields>,
    size: Option<usize>,
    key: &HashKey,
) -> Result<Option<Vec<usize>>> {
    let Some(size) = size else { return Ok(None) };
    if size == 0 {
        return Err(Error::setting(Setting::Sample, "is 0")
            .advise(Advice::text("give the number of rows to ask for, at least 1")));
    }
    let mut records = plan::records(kind, rows, key)?;
    let chosen = if size < records.unique.len() {
        records.sample(size, kind.name)
    } else {
        (0..rows.len()).collect()
    };
    let mut all: Vec<Option<Fields>> = std::mem::take(rows).into_iter().map(Some).collect();
    rows.extend(chosen.iter().filter_map(|row| all.get_mut(*row)?.take()));
    Ok(Some(chosen))
}

/// What mapped calls would do, without doing it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapPlan {
    pub key: String,
    pub kind: String,
    pub rows: u64,
    /// Number of rows that ask the same as an earlier row, so that they are not sent.
    pub duplicates: u64,
    /// Number of distinct rows whose answer is known.
    pub known_rows: u64,
    /// Number of distinct rows that another job is asking for now.
    pub in_flight_rows: u64,
    /// Number of distinct rows that would be sent.
    pub new_rows: u64,
    /// Distinct rows that name somebody on a list of those who are never sent and never given back.
    pub suppressed_rows: u64,
    /// Calls that would be made.
    pub calls: u64,
    /// Maximum that the calls can cost, within the budget.
    pub most_credits: u64,
    /// Expected cost, by what the ledger has seen of such calls; `None` if it has seen none.
    pub likely_credits: Option<u64>,
    /// The cost is between this and `likely_most` in nine of ten cases.
    pub likely_least: Option<u64>,
    pub likely_most: Option<u64>,
    /// Number of records from which this is estimated.
    pub seen_records: u64,
    /// Number of distinct rows that the budget reaches in any case.
    pub rows_within_budget: u64,
    /// Minimum duration because of the rate limit, in seconds.
    pub least_seconds: f64,
    /// Whether the ledger already has this job, so that nothing would be planned.
    pub known: bool,
    /// The budget above the job, with what is left of it now.
    pub budget: Option<Budget>,
    /// Why the job would be refused; `None` if it would be taken.
    pub refused: Option<String>,
}

/// The distinct rows of a table of calls that are not sent.
pub fn suppressed_rows(list: &Suppressed, rows: &[Fields], records: &Ids) -> Vec<bool> {
    let mut out = vec![false; records.unique.len()];
    if list.is_empty() {
        return out;
    }
    for (record, out) in records.unique.iter().zip(&mut out) {
        *out = list.has_id(record);
    }
    for (row, record) in rows.iter().zip(&records.of_row) {
        if row.iter().any(|(name, value)| list.has_json(name, value))
            && let Some(out) = out.get_mut(*record as usize)
        {
            *out = true;
        }
    }
    out
}

impl MapPlan {
    /// # Errors
    /// If the ledger cannot be read.
    pub(super) fn new(
        store: &dyn Store,
        plan: &Plan<'_>,
        job: &NewJob,
        records: &Ids,
        recall: &Recall,
        out: &[bool],
        bounds: Bounds,
    ) -> Result<Self> {
        let distinct = records.unique.len() as u64;
        let number = |pick: fn(&Recalled) -> bool| {
            let own = recall.of.iter().zip(out);
            own.filter(|(recalled, out)| !**out && pick(recalled)).count() as u64
        };
        let known_rows = number(|recalled| recalled.missing == 0);
        let in_flight_rows = number(|recalled| recalled.missing != 0 && recalled.in_flight);
        // What another job asks for now may fail there.
        let asked = asked(recall, out);
        let new_rows = asked - in_flight_rows;
        let rates = store.rates(&plan.wish(Reuse::ALWAYS))?;
        let kinds = [(plan.kind.name, new_rows)].into();
        let likely = rates.estimate(&kinds, job.price);
        let most = bounds.most(job.max_credits);
        let bounded = |credits: f64| (credits.round().max(0.0) as u64).min(most);
        let calls = asked.div_ceil(plan.rows_per_call.max(1) as u64);
        let refused = bounds.refused(job.max_credits, job.price, asked);
        Ok(Self {
            key: job.key.clone(),
            kind: job.kind.clone(),
            rows: job.rows,
            duplicates: job.rows - distinct,
            known_rows,
            in_flight_rows,
            new_rows,
            suppressed_rows: out.iter().filter(|out| **out).count() as u64,
            calls,
            most_credits: asked.saturating_mul(job.price).min(most),
            likely_credits: likely.map(|(mean, _)| bounded(mean)),
            likely_least: likely.map(|(mean, off)| bounded(mean - off)),
            likely_most: likely.map(|(mean, off)| bounded(mean + off)),
            seen_records: rates.records([plan.kind.name].into_iter()),
            rows_within_budget: known_rows + asked.min(most / job.price.max(1)),
            least_seconds: bounds.least_seconds(calls),
            known: bounds.known,
            refused: refused.map(|error| error.without_advice(&RustFace)),
            budget: bounds.above,
        })
    }
}
