//! Results as tables: one row per input row, in the order of the input.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use arrow::{
    array::{
        Array, ArrayRef, BooleanArray, Int64Array, LargeStringArray, RecordBatch, StringArray,
        TimestampMicrosecondArray, UInt32Array, UInt64Array, new_null_array,
    },
    compute::interleave,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use rayon::prelude::*;

use super::{
    erasure::Gone,
    ids::{EMPTY, NOT_SAMPLED, NOT_SENT, lacks, unpack_rows},
    job::Job,
    known::{Known, Places, Provenance, Results, is_of},
    map::resume,
    progress::Progress,
    records::{self, Columns},
    suppression::{SUPPRESSED, hide},
};
use crate::{
    error::{Advice, Face, Result},
    matching::text,
    process::runtime::{self, aside},
};
use crate::{
    ledger::erasure::is_erased,
    ledger::memory::{PHONE, Source},
    ledger::{BatchRecord, BatchState, JobRecord, Store, rules::Sums},
};

/// Number of rows in one chunk of a result.
pub(super) const CHUNK: usize = 65_536;

/// The status of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RowStatus {
    /// It has an answer in which something was found.
    Found,
    /// The API searched and found nothing.
    NotFound,
    /// Its call was answered.
    Done,
    /// It is not in the result, because the API left it out.
    Missing,
    /// The budget did not reach it.
    OverBudget,
    /// It is not sent or not answered yet.
    Pending,
    /// Its batch failed.
    Failed,
    /// Its batch may have been sent, and a person has to decide.
    InDoubt,
    /// Its batch was in doubt and was given up.
    Skipped,
    /// Its id is null or empty, so it is not sent.
    NoId,
    /// Its record lacks fields that the call needs, so it is not sent.
    Incomplete,
    /// It is suppressed, so it is not sent and its answer is not returned.
    Suppressed,
    /// It had an answer, which was deleted.
    Erased,
}

impl RowStatus {
    pub(super) const ALL: [Self; 13] = [
        Self::Found,
        Self::NotFound,
        Self::Done,
        Self::Missing,
        Self::OverBudget,
        Self::Pending,
        Self::Failed,
        Self::InDoubt,
        Self::Skipped,
        Self::NoId,
        Self::Incomplete,
        Self::Suppressed,
        Self::Erased,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NotFound => "not_found",
            Self::Done => "done",
            Self::Missing => "missing",
            Self::OverBudget => "over_budget",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
            Self::Skipped => "skipped",
            Self::NoId => "no_id",
            Self::Incomplete => "incomplete",
            Self::Suppressed => "suppressed",
            Self::Erased => "erased",
        }
    }

    /// Why there is no answer, with advice in the words of a face; `None` if there is an answer.
    pub fn reason(self, job: &str, face: &dyn Face) -> Option<String> {
        let job = || job.to_owned();
        let (happened, advice) = match self {
            Self::Found | Self::NotFound | Self::Done => return None,
            Self::Missing => (
                "the API left this id out of the result, perhaps because it does not know it",
                None,
            ),
            Self::OverBudget => {
                ("the budget was used up before this id", Some(Advice::RaiseBudget))
            }
            Self::Pending => ("not answered yet", Some(Advice::WaitAgain { job: job() })),
            Self::Failed => ("its batch failed", Some(Advice::ResendBatches { job: job() })),
            Self::InDoubt => (
                "its batch may have been sent",
                Some(Advice::DecideBatches { job: job(), batches: Vec::new() }),
            ),
            Self::Skipped => ("its batch was in doubt and was skipped", None),
            Self::NoId => ("the id is null or empty, so nothing was sent", None),
            Self::Incomplete => {
                ("a field that the call needs is missing, so nothing was sent", None)
            }
            Self::Suppressed => (SUPPRESSED, None),
            Self::Erased => ("its answer was paid for, and was deleted since", None),
        };
        Some(match advice {
            Some(advice) => format!("{happened}; {}", face.advice(&advice)),
            None => happened.to_owned(),
        })
    }

    /// Like [`RowStatus::reason`], but takes the job's progress into account.
    pub fn reason_in(self, progress: &Progress, face: &dyn Face) -> Option<String> {
        match (self, progress.short_of()) {
            (Self::OverBudget, Some(budget)) => {
                let advice = Advice::RaiseTeamBudget { budget: budget.name.clone() };
                Some(format!("{budget}; {}", face.advice(&advice)))
            }
            _ => self.reason(&progress.key, face),
        }
    }

    /// Whether there is an answer, whether or not something was found.
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::Found | Self::NotFound | Self::Done)
    }
}

impl From<BatchState> for RowStatus {
    /// The status of an id that has no row in a result.
    fn from(state: BatchState) -> Self {
        match state {
            BatchState::Planned
            | BatchState::Sending
            | BatchState::Accepted
            | BatchState::Completed => Self::Pending,
            BatchState::InDoubt => Self::InDoubt,
            BatchState::Failed => Self::Failed,
            BatchState::Skipped => Self::Skipped,
            BatchState::Loaded => Self::Missing,
        }
    }
}

/// A job's answers, by row.
pub(super) struct Answers {
    /// Whether rows are identified by their position in the input instead of ids.
    by_row: bool,
    id_column: String,
    id_type: DataType,
    /// Parsed results, followed by one row of nulls.
    chunks: Vec<RecordBatch>,
    schema: SchemaRef,
    ids: StringArray,
    places: Places,
    statuses: Vec<RowStatus>,
    known: Known,
    /// Where each answer comes from, if that was requested.
    provenance: Option<Provenance>,
    of_row: UInt32Array,
    reasons: Reasons,
}

/// Why rows have no answer.
pub(super) struct Reasons {
    /// The reason for each status.
    of_status: [Option<String>; RowStatus::ALL.len()],
    /// The reason for each set of fields that a record may lack.
    of_lacks: Vec<String>,
}

impl Reasons {
    pub fn new(progress: &Progress, face: &dyn Face, columns: Option<&Columns>) -> Self {
        let of_lacks = columns.map_or_else(Vec::new, |columns| {
            (0..=0x7f).map(|lacks| records::reason(lacks, columns)).collect()
        });
        let of_status = RowStatus::ALL.map(|status| status.reason_in(progress, face));
        Self { of_status, of_lacks }
    }

    /// Why a row with this id has no answer.
    pub fn of(&self, id: u32, status: RowStatus) -> Option<&str> {
        let lacks = lacks(id).and_then(|lacks| self.of_lacks.get(usize::from(lacks)));
        lacks.map(String::as_str).or(self.of_status[status as usize].as_deref())
    }
}

/// The status of a row that has no id.
pub(super) const fn without_id(id: u32) -> RowStatus {
    if lacks(id).is_some() { RowStatus::Incomplete } else { RowStatus::NoId }
}

impl Job {
    /// One row per input row, in the order of the input: the id, `status`, `error`, `reused`, and
    /// the columns of the result, which are null in rows without an answer.
    ///
    /// # Errors
    /// If a result file is missing or damaged.
    pub async fn table(&self) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        self.table_with(false).await
    }

    /// Like [`Job::table`]. If `provenance` is set, the table also has columns that say where each
    /// answer comes from: `answered_at`, `run_id` and `credits`.
    ///
    /// # Errors
    /// As for [`Job::table`].
    pub async fn table_with(&self, provenance: bool) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        if let Some(calls) = self.calls() {
            return resume::answers(self, calls, provenance).await;
        }
        let mut answers = self.answers(true).await?;
        if provenance {
            answers.provenance = Some(self.provenance(&answers).await?);
        }
        aside(move || answers.table()).await
    }

    /// The rows without an answer: their number in the input, id, status and reason.
    ///
    /// # Errors
    /// If a result file is missing or damaged.
    pub async fn missing(&self) -> Result<RecordBatch> {
        if self.calls().is_some() {
            return resume::missing(self).await;
        }
        let answers = self.answers(false).await?;
        aside(move || answers.missing()).await
    }

    /// The number of rows with each status, in a fixed order and without zeros.
    ///
    /// # Errors
    /// If a result file is missing or damaged.
    pub async fn row_counts(&self) -> Result<Vec<(RowStatus, u64)>> {
        let statuses: Vec<RowStatus> = if self.calls().is_some() {
            resume::statuses(self).await?
        } else {
            let answers = self.answers(false).await?;
            let rows = answers.of_row.values().iter().filter(|id| **id != NOT_SAMPLED);
            rows.map(|id| answers.status(*id)).collect()
        };
        let counts = RowStatus::ALL
            .map(|status| (status, statuses.iter().filter(|own| **own == status).count() as u64));
        Ok(counts.into_iter().filter(|(_, count)| *count > 0).collect())
    }

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

    async fn answers(&self, whole: bool) -> Result<Answers> {
        let id = self.inner.id;
        let progress = self.progress().await?;
        let (batches, ids, later, known, suppressed, of_gone, gone) = self
            .inner
            .ledger
            .run(move |store| {
                let batches = store.batches(id)?;
                let ids = store.all_ids(id)?;
                let mut later = Vec::new();
                for batch in &batches {
                    // The first plan's batches contain every id once; later batches contain some of
                    // them again.
                    if batch.round > 0 || batch.left_out > 0 {
                        later.push((batch.number, store.batch_ids(id, batch.number)?));
                    }
                }
                let purged = batches.iter().filter(|batch| batch.purged_at.is_some());
                let mut of_gone = HashSet::new();
                for batch in purged {
                    of_gone.extend(store.batch_ids(id, batch.number)?);
                }
                let reused = store.reused(id)?;
                let sources: BTreeSet<Source> = reused
                    .iter()
                    .flat_map(|(_, chunk)| chunk.iter().flat_map(|(_, of)| of.sources))
                    .filter(|source| source.job != 0)
                    .collect();
                let sources: Vec<Source> = sources.into_iter().collect();
                let gone: HashSet<Source> = store
                    .sources(&sources)?
                    .into_iter()
                    .filter(|(_, _, unit)| unit.purged_at.is_some())
                    .map(|(source, ..)| source)
                    .collect();
                Ok((batches, ids, later, reused, store.suppressed(Some(id))?, of_gone, gone))
            })
            .await?;
        let sent = |batch: &&BatchRecord| {
            batch.state == BatchState::Loaded && batch.run_id.is_some() && batch.purged_at.is_none()
        };
        let loaded: Vec<_> = batches.iter().filter(sent).cloned().collect();
        let files = self.result_files(&loaded).await?;
        let kind = self.batch_request()?.kind;
        let mut own = Vec::with_capacity(files.len());
        for (batch, path) in loaded.iter().zip(files) {
            own.push((path, self.kind_of(batch)?));
        }
        let known = Known::new(&ids, known);
        // An answer of an earlier job may contain somebody who is suppressed.
        let whole_files = whole || !suppressed.is_empty();
        let others = if whole_files { self.files_of_others(&known).await? } else { Vec::new() };
        let face = self.inner.options.face;
        let rows = self.rows().clone();
        let columns = self.batch_request()?.columns.clone();
        aside(move || {
            let of_row = unpack_rows(&rows.packed, rows.count, ids.len())?;
            let first = StatusPlan { batches: &batches, later: &later, progress: &progress };
            let mut statuses = first.statuses(&ids);
            known.note(&mut statuses);
            let results = Results::read(kind, &own, others)?;
            let mut places = results.place(&ids, &known, &mut statuses)?;
            hide(&suppressed, &ids, &results, &mut places, &mut statuses)?;
            let gone = Gone { units: &gone, asked: &of_gone };
            gone.mark(&ids, &known, &places, results.chunks.len(), &mut statuses);
            let (schema, mut chunks) = (results.schema, results.chunks);
            if !whole {
                chunks.clear();
            }
            let ids = StringArray::from(ids);
            let reasons = Reasons::new(&progress, face, columns.as_ref());
            Ok(Answers {
                by_row: columns.is_some(),
                id_type: rows.id_type.parse().unwrap_or(DataType::Utf8),
                id_column: rows.id_column,
                chunks,
                schema,
                ids,
                places,
                statuses,
                known,
                provenance: None,
                of_row,
                reasons,
            })
        })
        .await
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

/// What is known of ids before results are looked at.
pub(super) struct StatusPlan<'a> {
    pub batches: &'a [BatchRecord],
    pub later: &'a [(u32, Vec<String>)],
    pub progress: &'a Progress,
}

impl StatusPlan<'_> {
    pub fn status(&self, batch: &BatchRecord) -> RowStatus {
        let ended = self.progress.state.ended();
        match batch.state {
            BatchState::Planned if ended && self.progress.sums.in_doubt == 0 => {
                RowStatus::OverBudget
            }
            state => state.into(),
        }
    }

    fn statuses(&self, ids: &[String]) -> Vec<RowStatus> {
        let mut statuses = Vec::with_capacity(ids.len());
        for batch in self.batches.iter().filter(|batch| batch.round == 0) {
            let first = statuses.len();
            // Ids that were taken out wait for other jobs, or are in a later batch.
            let status = if batch.left_out > 0 { RowStatus::Pending } else { self.status(batch) };
            statuses.resize(first + batch.count as usize, status);
            // The ids that the budget did not reach are the last ones of the batch.
            let cut = statuses.len() - (batch.cut as usize).min(statuses.len() - first);
            if batch.state == BatchState::Loaded && batch.left_out == 0 {
                statuses[cut..].fill(RowStatus::OverBudget);
            }
        }
        // They are followed by the ids that were known.
        statuses.resize(ids.len(), RowStatus::Pending);
        if self.later.is_empty() {
            return statuses;
        }
        let positions: HashMap<&str, usize> =
            ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        for (number, again) in self.later {
            let Some(batch) = self.batches.iter().find(|batch| batch.number == *number) else {
                continue;
            };
            let reached = again.len() - (batch.cut as usize).min(again.len());
            for (at, id) in again.iter().enumerate() {
                if let Some(position) = positions.get(id.as_str()) {
                    statuses[*position] = if batch.state == BatchState::Loaded && at >= reached {
                        RowStatus::OverBudget
                    } else {
                        self.status(batch)
                    };
                }
            }
        }
        statuses
    }
}

impl Answers {
    pub(super) fn ids(&self) -> &StringArray {
        &self.ids
    }

    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    fn status(&self, id: u32) -> RowStatus {
        if id >= NOT_SENT { without_id(id) } else { self.statuses[id as usize] }
    }

    /// The ids of rows in the type that the input had, or the positions of rows for records.
    fn id_column(&self, rows: &[u32], places: &[u64]) -> Result<ArrayRef> {
        if self.by_row {
            return Ok(Arc::new(UInt64Array::from(places.to_vec())));
        }
        let texts: LargeStringArray = rows
            .iter()
            .map(|id| match *id {
                EMPTY => Some(""),
                id if id >= NOT_SENT => None,
                id => Some(self.ids.value(id as usize)).filter(|id| !is_erased(id)),
            })
            .collect();
        Ok(text::to(&texts, &self.id_type)?)
    }

    fn status_columns(&self, rows: &[u32]) -> (ArrayRef, ArrayRef) {
        let statuses: StringArray = rows.iter().map(|id| Some(self.status(*id).name())).collect();
        let reasons: StringArray =
            rows.iter().map(|id| self.reasons.of(*id, self.status(*id))).collect();
        (Arc::new(statuses), Arc::new(reasons))
    }

    fn schema(&self) -> SchemaRef {
        let mut fields = vec![
            Field::new(&self.id_column, self.id_type.clone(), true),
            Field::new("status", DataType::Utf8, false),
            Field::new("error", DataType::Utf8, true),
            Field::new("reused", DataType::Boolean, false),
        ];
        if self.provenance.is_some() {
            fields.extend(Provenance::fields());
        }
        for field in self.schema.fields().iter().filter(|field| field.name() != "id") {
            let taken = fields.iter().any(|other| other.name() == field.name());
            let name =
                if taken { format!("{}_result", field.name()) } else { field.name().clone() };
            fields.push(Field::new(name, field.data_type().clone(), true));
        }
        Arc::new(Schema::new(fields))
    }

    fn table(&self) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        let schema = self.schema();
        let columns: Vec<usize> = (0..self.schema.fields().len())
            .filter(|at| self.schema.field(*at).name() != "id")
            .collect();
        // The chunks of each column, and a last one with the null for rows without an answer.
        let nulls: Vec<ArrayRef> = columns
            .iter()
            .map(|at| new_null_array(self.schema.field(*at).data_type(), 1))
            .collect();
        let sources: Vec<Vec<&dyn Array>> = columns
            .iter()
            .zip(&nulls)
            .map(|(at, null)| {
                let parts = self.chunks.iter().map(|chunk| chunk.column(*at).as_ref());
                parts.chain([null.as_ref()]).collect()
            })
            .collect();
        let chunk = |(places, rows): (&[u64], &[u32])| {
            let (statuses, reasons) = self.status_columns(rows);
            let reused: BooleanArray = rows.iter().map(|id| Some(self.known.whole(*id))).collect();
            let mut out = vec![
                self.id_column(rows, places)?,
                statuses,
                reasons,
                Arc::new(reused) as ArrayRef,
            ];
            if let Some(provenance) = &self.provenance {
                out.extend(provenance.columns(rows));
            }
            let wanted = self.places.of(rows, self.chunks.len(), 0);
            let phones = self.places.apart().then(|| self.places.of(rows, self.chunks.len(), 1));
            for (source, at) in sources.iter().zip(&columns) {
                let phone = is_of(PHONE, self.schema.field(*at).name());
                let places = phones.as_ref().filter(|_| phone).unwrap_or(&wanted);
                out.push(interleave(source, places)?);
            }
            Ok(RecordBatch::try_new(schema.clone(), out)?)
        };
        // Rows outside of a sample are not rows of the job.
        let (places, rows): (Vec<u64>, Vec<u32>) = (0..)
            .zip(self.of_row.values().iter().copied())
            .filter(|(_, id)| *id != NOT_SAMPLED)
            .unzip();
        let chunks: Vec<_> = places.chunks(CHUNK).zip(rows.chunks(CHUNK)).collect();
        let batches: Result<Vec<_>> =
            runtime::threads()?.install(|| chunks.into_par_iter().map(chunk).collect());
        Ok((schema.clone(), batches?))
    }

    fn missing(&self) -> Result<RecordBatch> {
        let rows: Vec<(u64, u32)> = (0_u64..)
            .zip(self.of_row.values().iter().copied())
            .filter(|(_, id)| *id != NOT_SAMPLED && !self.status(*id).is_answered())
            .collect();
        let ids: Vec<u32> = rows.iter().map(|(_, id)| *id).collect();
        let numbers: UInt64Array = rows.iter().map(|(row, _)| *row).collect::<Vec<_>>().into();
        let (statuses, reasons) = self.status_columns(&ids);
        let mut fields = vec![Field::new("row", DataType::UInt64, false)];
        let mut columns = vec![Arc::new(numbers) as ArrayRef];
        if !self.by_row {
            let id_column = self.id_column(&ids, &[])?;
            fields.push(Field::new(&self.id_column, id_column.data_type().clone(), true));
            columns.push(id_column);
        }
        fields.push(Field::new("status", DataType::Utf8, false));
        fields.push(Field::new("error", DataType::Utf8, true));
        columns.extend([statuses, reasons]);
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }
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
