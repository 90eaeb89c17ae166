//! What the ledger knows of batches, calls and jobs, as tables.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};

use super::{job::Job, progress::Progress, row_ids::unpack_rows};
use crate::{
    error::{Advice, Face, Result},
    ledger::{BatchRecord, BatchState, JobRecord, Store, rules::Sums},
};

impl Job {
    /// One row per batch: its maximum and actual cost, its state and its times.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn credits(&self) -> Result<RecordBatch> {
        batches_table(&self.batches().await?, self.units(), self.inner.options.face)
    }

    /// One row per batch or call that may have been sent and whose answer is unknown.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn doubts(&self) -> Result<RecordBatch> {
        batches_table(&self.in_doubt().await?, self.units(), self.inner.options.face)
    }

    /// Paid answers that could not be read or assigned to rows, as they were received: the number
    /// of the batch or call, its state, its first row if it is a call, and the answer.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn unread(&self) -> Result<RecordBatch> {
        let (id, calls) = (self.inner.id, self.calls().is_some());
        let (units, mut bodies, first_rows) = self
            .inner
            .ledger
            .run(move |store| {
                let bodies = store.bodies(id)?;
                let rows = if calls { first_rows(store, id, &bodies)? } else { HashMap::new() };
                Ok((store.batches(id)?, bodies, rows))
            })
            .await?;
        let kept: Vec<(BatchRecord, String)> = units
            .into_iter()
            .filter_map(|unit| {
                let body = bodies.remove(&unit.number)?;
                Some((unit, String::from_utf8_lossy(&body).into_owned()))
            })
            .collect();
        let row = |unit: &BatchRecord| {
            let first = first_rows.get(&unit.number).copied().unwrap_or(unit.first);
            calls.then(|| i64::try_from(first).ok()).flatten()
        };
        let numbers: Int64Array = kept.iter().map(|(unit, _)| Some(unit.number.into())).collect();
        let states: StringArray = kept.iter().map(|(unit, _)| Some(unit.state.name())).collect();
        let rows: Int64Array = kept.iter().map(|(unit, _)| row(unit)).collect();
        let answers: StringArray = kept.iter().map(|(_, body)| Some(body.as_str())).collect();
        Ok(RecordBatch::try_from_iter_with_nullable([
            ("batch", Arc::new(numbers) as ArrayRef, false),
            ("state", Arc::new(states), false),
            ("row", Arc::new(rows), true),
            ("answer", Arc::new(answers), false),
        ])?)
    }

    fn units(&self) -> UnitsOf<'_> {
        UnitsOf { job: self.key(), calls: self.calls().is_some() }
    }
}

/// The first row of the table that each of some calls asks for, where the memory knows their records: a
/// call may ask for some of its records only, and a record may stand in several rows.
fn first_rows(
    store: &dyn Store,
    job: i64,
    calls: &BTreeMap<u32, Vec<u8>>,
) -> Result<HashMap<u32, u64>> {
    let (record, _) = store.state(job)?;
    if record.question.is_none() || calls.is_empty() {
        return Ok(HashMap::new());
    }
    let records = store.all_ids(job)?;
    let of_row = unpack_rows(&store.row_ids(job)?, record.rows, records.len())?;
    let mut rows: HashMap<&str, u64> = HashMap::with_capacity(records.len());
    for (row, at) in (0..).zip(of_row.values()) {
        if let Some(id) = records.get(*at as usize) {
            rows.entry(id).or_insert(row);
        }
    }
    let mut asked = store.unit_ids(job)?;
    let first = |number: &u32| {
        let ids = asked.remove(number)?;
        Some((*number, ids.iter().filter_map(|id| rows.get(id.as_str())).min().copied()?))
    };
    Ok(calls.keys().filter_map(first).collect())
}

fn times(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}

/// The job whose units are described.
#[derive(Debug, Clone, Copy)]
pub struct UnitsOf<'a> {
    /// The job's key.
    pub job: &'a str,
    /// Whether its units are calls instead of batches.
    pub calls: bool,
}

/// What happened to a batch or a call, with advice in the words of a face.
pub fn batch_error(batch: &BatchRecord, of: UnitsOf<'_>, face: &dyn Face) -> Option<String> {
    let happened = batch.error.as_deref()?;
    let (job, number) = (of.job.to_owned(), batch.number);
    let advice = match batch.state {
        BatchState::InDoubt if of.calls => Advice::DecideCalls { job, calls: vec![number] },
        BatchState::InDoubt => Advice::DecideBatches { job, batches: vec![number] },
        BatchState::Failed if batch.unknown_since.is_some() => {
            Advice::CorrectRun { job, batch: number }
        }
        BatchState::Failed if batch.has_foreign_result() => {
            Advice::DecideResults { job, batches: vec![number] }
        }
        BatchState::Failed => Advice::ResendBatch { job, batch: number },
        _ => return Some(happened.to_owned()),
    };
    Some(format!("{happened}; {}", face.advice(&advice)))
}

/// Batches as a table, one row per batch.
///
/// # Errors
/// Never in practice, because the columns have the same length.
pub fn batches_table(
    batches: &[BatchRecord],
    of: UnitsOf<'_>,
    face: &dyn Face,
) -> Result<RecordBatch> {
    let errors: StringArray = batches.iter().map(|batch| batch_error(batch, of, face)).collect();
    let int = |pick: fn(&BatchRecord) -> Option<u64>| -> ArrayRef {
        let values = batches.iter().map(|batch| pick(batch).and_then(|n| i64::try_from(n).ok()));
        Arc::new(values.collect::<Int64Array>())
    };
    let text = |pick: fn(&BatchRecord) -> Option<&str>| -> ArrayRef {
        Arc::new(batches.iter().map(pick).collect::<StringArray>())
    };
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("batch", int(|batch| Some(batch.number.into())), false),
        ("state", text(|batch| Some(batch.state.name())), false),
        ("ids", int(|batch| Some(batch.count.saturating_sub(batch.left_out).into())), false),
        ("returned", int(|batch| batch.returned.map(u64::from)), true),
        ("over_budget", int(|batch| Some(batch.cut.into())), false),
        ("emails", int(|batch| batch.emails.map(u64::from)), true),
        ("phones", int(|batch| batch.phones.map(u64::from)), true),
        ("max_credits", int(|batch| Some(batch.max_credits)), false),
        ("credits", int(|batch| batch.credits), true),
        ("run_id", text(|batch| batch.run_id.as_deref()), true),
        ("result_path", text(|batch| batch.result_path.as_deref()), true),
        ("credits_path", text(|batch| batch.credits_path.as_deref()), true),
        ("error", Arc::new(errors), true),
        ("sends", int(|batch| Some(batch.sends.into())), false),
        ("idempotency_key", text(|batch| Some(&batch.idempotency_key)), false),
        ("sent_at", times(batches.iter().map(|batch| batch.sent_at)), true),
        ("accepted_at", times(batches.iter().map(|batch| batch.accepted_at)), true),
        ("finished_at", times(batches.iter().map(|batch| batch.finished_at)), true),
        ("loaded_at", times(batches.iter().map(|batch| batch.loaded_at)), true),
    ])?)
}

/// Jobs as a table, one row per job.
///
/// # Errors
/// Never in practice, because the columns have the same length.
pub fn jobs_table(jobs: &[(JobRecord, Sums)]) -> Result<RecordBatch> {
    let progress: Vec<Progress> =
        jobs.iter().map(|(job, sums)| Progress::new(job, *sums)).collect();
    let int = |pick: fn(&Progress) -> u64| -> ArrayRef {
        let values = progress.iter().map(|job| i64::try_from(pick(job)).ok());
        Arc::new(values.collect::<Int64Array>())
    };
    let text = |values: Vec<&str>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("key", text(progress.iter().map(|job| job.key.as_str()).collect()), false),
        ("kind", text(progress.iter().map(|job| job.kind.as_str()).collect()), false),
        ("state", text(progress.iter().map(|job| job.state.name()).collect()), false),
        ("account", text(jobs.iter().map(|(job, _)| job.account.as_str()).collect()), false),
        ("rows", int(|job| job.rows), false),
        ("ids", int(|job| job.ids), false),
        ("answered", int(|job| job.sums.returned), false),
        ("emails", int(|job| job.sums.emails), false),
        ("phones", int(|job| job.sums.phones), false),
        ("batches", int(|job| job.sums.batches), false),
        ("loaded", int(|job| job.sums.loaded), false),
        ("in_flight", int(|job| job.sums.in_flight), false),
        ("in_doubt", int(|job| job.sums.in_doubt), false),
        ("failed", int(|job| job.sums.failed), false),
        ("max_credits", int(|job| job.max_credits), false),
        ("credits", int(|job| job.sums.spent), false),
        ("created_at", times(jobs.iter().map(|(job, _)| Some(job.created_at))), false),
    ])?)
}
