//! Reads a job's table in parts, for jobs whose whole table does not fit into memory. Only a few
//! batches and a part of the rows are in memory at a time.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    num::NonZero,
    sync::Arc,
    thread,
    vec::IntoIter,
};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, LargeStringArray, RecordBatch, StringArray,
        UInt32Array, UInt64Array, new_null_array,
    },
    compute::{cast, interleave, take_record_batch},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use futures_util::{StreamExt, stream};

use super::{
    combined_results::nothing,
    id_positions::Positions,
    ids::{EMPTY, NOT_SAMPLED, NOT_SENT},
    job::Job,
    map::resume,
    progress::Progress,
    row_ids::{Rows, damaged},
    row_status::{Reasons, RowStatus, StatusPlan, without_id},
    suppression::rows_of,
};
use crate::{
    api::agents::BatchKind,
    error::{Error, Result},
    ledger::{BatchRecord, BatchState, erasure::is_erased, suppression::Suppressed},
    matching::text,
    process::runtime::run_blocking,
    results::{ResultFile, columns_of, found, read_files, record_id::with_capitals},
};

/// The parts of a job's table, in order; see [`Job::tables`].
pub struct Tables {
    schema: SchemaRef,
    source: Source,
}

enum Source {
    /// For mapped calls, whose answers are in the ledger, and for jobs that took answers of other
    /// jobs.
    Whole(IntoIter<RecordBatch>),
    Parts(Box<Parts>),
}

/// What the parts of a table over ids are built from.
struct Parts {
    asked: Arc<AskedJob>,
    id_type: DataType,
    /// The batches of the first plan, which contain all ids, and the position of the first id of
    /// each.
    batches: Vec<BatchRecord>,
    firsts: Vec<usize>,
    schema: SchemaRef,
    /// The columns of the results that appear in the table.
    columns: Vec<Field>,
    rows: Rows,
    /// The position of the next row, if rows are identified by their position.
    next_row: Option<u64>,
    reasons: Reasons,
    /// The batch in which the last part ended; the next part probably begins there.
    last: Option<(usize, Arc<Piece>)>,
}

/// The job whose parts are read.
struct AskedJob {
    job: Job,
    kind: BatchKind,
    progress: Progress,
    later: Later,
    suppressed: Suppressed,
}

/// Batches for ids that the budget did not reach at first. There are few of them: a budget that
/// runs out cuts only the batches in flight, and leaves the others planned.
#[derive(Default)]
struct Later {
    batches: Vec<BatchRecord>,
    /// For each such id its last batch, and whether the budget reached it there.
    of: HashMap<String, (usize, bool)>,
    /// The results of these batches, and for each id its row and how much was found.
    results: Vec<RecordBatch>,
    rows: HashMap<String, (usize, u32, RowStatus)>,
}

/// The answers to the ids of one batch.
struct Piece {
    ids: Vec<String>,
    statuses: Vec<RowStatus>,
    results: Vec<RecordBatch>,
    /// For each id its row in `results`.
    rows: Vec<Option<(usize, u32)>>,
}

impl Job {
    /// The rows of [`Job::table`], in parts of at most 65,536 that are read on demand. For a job
    /// over ids that has asked for all of them itself, only one part is in memory at a time, and
    /// each result file is read once if the rows are in the order of the first submission. The
    /// table of a job that took answers of earlier jobs is held as a whole. Who is suppressed is
    /// left out of each part, by the list as it was at the call.
    ///
    /// In a job of deep research, a column has the type that fits all result files, or else it is
    /// text.
    ///
    /// # Errors
    /// If a result file is missing or damaged.
    pub async fn tables(&self) -> Result<Tables> {
        if let Some(calls) = self.calls() {
            let (schema, batches) = resume::answers(self, calls, false).await?;
            return Ok(Tables { schema, source: Source::Whole(batches.into_iter()) });
        }
        let (id, progress) = (self.id(), self.progress().await?);
        let batches = self.ledger().run(move |store| store.batches(id)).await?;
        let suppressed = self.ledger().run(move |store| store.suppressed(Some(id))).await?;
        // Answers that earlier jobs paid for are in those jobs' files. Without a list, ids are left
        // out of a batch only because of such answers.
        let own = |batch: &BatchRecord| {
            let complete = batch.left_out == 0 || !suppressed.is_empty();
            complete && batch.kind.is_none() && batch.purged_at.is_none()
        };
        let others = progress.sums.reused + progress.sums.held > 0;
        if others || !batches.iter().all(own) {
            let (schema, batches) = self.table().await?;
            return Ok(Tables { schema, source: Source::Whole(batches.into_iter()) });
        }
        let parts = Parts::of(self, progress, batches, suppressed).await?;
        Ok(Tables { schema: parts.schema.clone(), source: Source::Parts(Box::new(parts)) })
    }

    /// The result of a batch, with one row for each id that was answered.
    async fn rows_of(&self, batch: &BatchRecord, kind: BatchKind) -> Result<Vec<RecordBatch>> {
        let files = self.result_files(std::slice::from_ref(batch)).await?;
        let files: Vec<_> = files.into_iter().map(ResultFile::from).collect();
        run_blocking(move || read_files(&files, Some(kind))).await
    }
}

impl Tables {
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// The next part; `None` after the last.
    ///
    /// # Errors
    /// If a result file is missing or damaged.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        match &mut self.source {
            Source::Whole(batches) => Ok(batches.next()),
            Source::Parts(parts) => parts.next().await,
        }
    }
}

impl Parts {
    async fn of(
        job: &Job,
        progress: Progress,
        all: Vec<BatchRecord>,
        suppressed: Suppressed,
    ) -> Result<Self> {
        let kind = job.batch_request()?.kind;
        let (mut batches, mut later) = (Vec::new(), Vec::new());
        let (mut firsts, mut ids) = (Vec::new(), 0_usize);
        for batch in all {
            if (ids as u64) < progress.ids {
                firsts.push(ids);
                ids += batch.count as usize;
                batches.push(batch);
            } else {
                later.push(batch);
            }
        }
        let own = job.rows();
        let id_type: DataType = own.id_type.parse().unwrap_or(DataType::Utf8);
        let rows = Rows::new(Arc::clone(&own.packed), own.count)?;
        let loaded: Vec<BatchRecord> =
            batches.iter().chain(&later).filter(|batch| is_loaded(batch)).cloned().collect();
        let columns = job.result_columns(&loaded, kind).await?;
        let schema = table_schema(&own.id_column, &id_type, &Schema::new(columns.clone()));
        let columns = columns.into_iter().filter(|field| field.name() != "id").collect();
        let face = job.options().face;
        let by_record = job.batch_request()?.columns.as_ref();
        let reasons = Reasons::new(&progress, face, by_record);
        let next_row = by_record.map(|_| 0);
        let later = Later::read(job, later, kind).await?;
        let asked = Arc::new(AskedJob { job: job.clone(), kind, progress, later, suppressed });
        let last = None;
        Ok(Self { asked, id_type, batches, firsts, schema, columns, rows, next_row, reasons, last })
    }

    /// Number of ids in the batches.
    fn ids(&self) -> usize {
        let last = self.firsts.last().zip(self.batches.last());
        last.map_or(0, |(first, batch)| first + batch.count as usize)
    }

    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let mut rows = self.rows.next(self.ids())?;
        if rows.is_empty() {
            return Ok(None);
        }
        let first = self.next_row.unwrap_or(0);
        self.next_row = self.next_row.map(|next| next + rows.len() as u64);
        let mut numbers: Vec<u64> = (first..).take(rows.len()).collect();
        let capitals = self.rows.next_capitals(rows.len())?;
        if rows.contains(&NOT_SAMPLED) {
            (numbers, rows) =
                numbers.into_iter().zip(rows).filter(|(_, id)| *id != NOT_SAMPLED).unzip();
        }
        // The rows of this part, grouped by the batch that contains their ids.
        let mut wanted: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (row, id) in rows.iter().enumerate().filter(|(_, id)| **id < NOT_SENT) {
            let id = *id as usize;
            let batch = self.firsts.partition_point(|first| *first <= id) - 1;
            wanted.entry(batch).or_default().push((row, id - self.firsts[batch]));
        }
        let mut part = Part {
            ids: rows.iter().map(|id| (*id == EMPTY).then(String::new)).collect(),
            statuses: rows.iter().map(|id| without_id(*id)).collect(),
            sources: Vec::new(),
            places: vec![None; rows.len()],
        };
        let last = self.last.take();
        let needed: Vec<_> = wanted
            .into_iter()
            .map(|(at, rows)| {
                let known = last.as_ref().filter(|(known, _)| *known == at);
                let known = known.map(|(_, piece)| Arc::clone(piece));
                (at, rows, known, self.batches[at].clone(), Arc::clone(&self.asked))
            })
            .collect();
        let pieces = stream::iter(needed).map(|(at, rows, known, batch, asked)| async move {
            let piece = match known {
                Some(piece) => piece,
                None => Arc::new(asked.piece(&batch).await?),
            };
            Ok::<_, Error>((at, rows, piece))
        });
        // As many as there are threads are read at a time.
        let at_once = thread::available_parallelism().map_or(1, NonZero::get);
        let mut pieces = Box::pin(pieces.buffered(at_once));
        let mut latest = None;
        while let Some(read) = pieces.next().await {
            let (batch, rows, piece) = read?;
            part.take(&rows, &piece, &self.columns)?;
            latest = Some((batch, piece));
        }
        drop(pieces);
        self.last = latest;
        // Each row keeps the spelling of its id. Rows outside of a sample have none.
        for (id, capitals) in part.ids.iter_mut().zip(capitals) {
            if let Some(own) = id {
                *own = with_capitals(own, capitals).into_owned();
            }
        }
        self.finish(part, &rows, numbers).map(Some)
    }

    /// The part as a table.
    fn finish(&self, part: Part, rows: &[u32], numbers: Vec<u64>) -> Result<RecordBatch> {
        let statuses: StringArray = part.statuses.iter().map(|own| Some(own.name())).collect();
        let reasons: StringArray =
            rows.iter().zip(&part.statuses).map(|(id, own)| self.reasons.of(*id, *own)).collect();
        let ids = match self.next_row {
            Some(_) => Arc::new(UInt64Array::from(numbers)),
            None => {
                let ids = part.ids.iter().map(Option::as_deref);
                id_column(&self.id_type, ids.map(|id| id.filter(|id| !is_erased(id))))?
            }
        };
        // Jobs that took answers of other jobs are not read in parts.
        let reused: BooleanArray = part.statuses.iter().map(|_| Some(false)).collect();
        let mut out: Vec<ArrayRef> =
            vec![ids, Arc::new(statuses), Arc::new(reasons), Arc::new(reused)];
        // The last source contains the null for rows without an answer.
        let none = part.sources.len();
        let places: Vec<(usize, usize)> =
            part.places.iter().map(|place| place.unwrap_or((none, 0))).collect();
        for (column, field) in self.columns.iter().enumerate() {
            let null = new_null_array(field.data_type(), 1);
            let sources: Vec<&dyn Array> = part
                .sources
                .iter()
                .map(|source| source[column].as_ref())
                .chain([null.as_ref()])
                .collect();
            out.push(interleave(&sources, &places)?);
        }
        Ok(RecordBatch::try_new(self.schema.clone(), out)?)
    }
}

impl AskedJob {
    /// The answers to the ids of one batch of the first plan.
    async fn piece(&self, batch: &BatchRecord) -> Result<Piece> {
        let (id, number) = (self.job.id(), batch.number);
        let (ids, asked) = self
            .job
            .ledger()
            .run(move |store| Ok((store.planned_ids(id, number)?, store.batch_ids(id, number)?)))
            .await?;
        if ids.len() != batch.count as usize {
            return Err(damaged());
        }
        let results = match is_loaded(batch) {
            true => self.job.rows_of(batch, self.kind).await?,
            false => Vec::new(),
        };
        let plan = StatusPlan { batches: &[], later: &[], progress: &self.progress };
        let mut statuses = of_batch(&plan, batch, asked.len());
        if asked.len() != ids.len() {
            let mut of_asked = statuses.into_iter();
            let asked: HashSet<&str> = asked.iter().map(String::as_str).collect();
            let own = |id: &String| {
                let own = asked.contains(id.as_str()).then(|| of_asked.next()).flatten();
                own.unwrap_or(RowStatus::Pending)
            };
            statuses = ids.iter().map(own).collect();
        }
        let positions = Positions::new(&ids);
        let mut rows = vec![None; ids.len()];
        let mut most = vec![0; ids.len()];
        for (source, result) in results.iter().enumerate() {
            for hit in hits(result)? {
                if let Some(at) = positions.get(hit.id).map(|at| at as usize)
                    && (rows[at].is_none() || hit.found > most[at])
                {
                    (rows[at], most[at]) = (Some((source, hit.row)), hit.found);
                    statuses[at] = hit.status;
                }
            }
        }
        for (first, second) in positions.twins() {
            let (first, second) = (*first as usize, *second as usize);
            if rows[first].is_some() && rows[second].is_none() {
                (rows[second], statuses[second]) = (rows[first], statuses[first]);
            }
        }
        drop(positions);
        let mut results = results;
        if !self.later.batches.is_empty() {
            self.take_later(&ids, &plan, &mut statuses, &mut rows, &mut results);
        }
        self.hide(&ids, &mut statuses, &mut rows, &results)?;
        for (id, status) in ids.iter().zip(&mut statuses) {
            if is_erased(id) {
                *status = RowStatus::Erased;
            }
        }
        Ok(Piece { ids, statuses, results, rows })
    }

    /// Leaves out the answers of suppressed ids, and answers that contain anything suppressed.
    fn hide(
        &self,
        ids: &[String],
        statuses: &mut [RowStatus],
        rows: &mut [Option<(usize, u32)>],
        results: &[RecordBatch],
    ) -> Result<()> {
        if self.suppressed.is_empty() {
            return Ok(());
        }
        let hidden = results.iter().map(|result| rows_of(&self.suppressed, result));
        let hidden: Vec<HashSet<usize>> = hidden.collect::<Result<_>>()?;
        for ((id, status), place) in ids.iter().zip(statuses).zip(rows) {
            let named = place.is_some_and(|(source, row)| hidden[source].contains(&(row as usize)));
            if named || self.suppressed.has_id(id) {
                (*status, *place) = (RowStatus::Suppressed, None);
            }
        }
        Ok(())
    }

    /// Adds the answers of later batches to ids that the budget did not reach in this one.
    fn take_later(
        &self,
        ids: &[String],
        plan: &StatusPlan<'_>,
        statuses: &mut [RowStatus],
        rows: &mut [Option<(usize, u32)>],
        results: &mut Vec<RecordBatch>,
    ) {
        let first = results.len();
        results.extend(self.later.results.iter().cloned());
        for (at, id) in ids.iter().enumerate() {
            if rows[at].is_some() {
                continue;
            }
            let Some((batch, reached)) = self.later.of.get(id) else { continue };
            let batch = &self.later.batches[*batch];
            statuses[at] = if is_loaded(batch) && !reached {
                RowStatus::OverBudget
            } else {
                plan.status(batch)
            };
            if let Some((source, row, status)) = self.later.rows.get(id) {
                rows[at] = Some((first + source, *row));
                statuses[at] = *status;
            }
        }
    }
}

/// A part that is being built.
struct Part {
    ids: Vec<Option<String>>,
    statuses: Vec<RowStatus>,
    /// The columns of the answers, as far as they are needed.
    sources: Vec<Vec<ArrayRef>>,
    places: Vec<Option<(usize, usize)>>,
}

impl Part {
    /// Adds a batch's answers to some rows, which are given with the position of their id in the
    /// batch.
    fn take(&mut self, rows: &[(usize, usize)], piece: &Piece, columns: &[Field]) -> Result<()> {
        let mut needed: Vec<Vec<u32>> = vec![Vec::new(); piece.results.len()];
        let first = self.sources.len();
        for (row, at) in rows.iter().copied() {
            self.ids[row] = Some(piece.ids[at].clone());
            self.statuses[row] = piece.statuses[at];
            if let Some((source, own)) = piece.rows[at] {
                self.places[row] = Some((first + source, needed[source].len()));
                needed[source].push(own);
            }
        }
        for (result, rows) in piece.results.iter().zip(needed) {
            let taken = take_record_batch(result, &UInt32Array::from(rows))?;
            let column = |field: &Field| match taken.column_by_name(field.name()) {
                Some(column) if column.data_type() == field.data_type() => Ok(column.clone()),
                Some(column) => cast(column, field.data_type()),
                None => Ok(new_null_array(field.data_type(), taken.num_rows())),
            };
            self.sources.push(columns.iter().map(column).collect::<std::result::Result<_, _>>()?);
        }
        Ok(())
    }
}

impl Later {
    async fn read(job: &Job, batches: Vec<BatchRecord>, kind: BatchKind) -> Result<Self> {
        let mut later = Self::default();
        for (at, batch) in batches.iter().enumerate() {
            let (id, number) = (job.id(), batch.number);
            let ids = job.ledger().run(move |store| store.batch_ids(id, number)).await?;
            let reached = ids.len() - (batch.cut as usize).min(ids.len());
            for (place, id) in ids.into_iter().enumerate() {
                later.of.insert(id, (at, place < reached));
            }
            if !is_loaded(batch) {
                continue;
            }
            for result in job.rows_of(batch, kind).await? {
                let source = later.results.len();
                for hit in hits(&result)? {
                    later.rows.insert(hit.id.to_owned(), (source, hit.row, hit.status));
                }
                later.results.push(result);
            }
        }
        later.batches = batches;
        Ok(later)
    }
}

/// A row of a result.
struct Hit<'a> {
    row: u32,
    id: &'a str,
    /// How much was found for the id.
    found: u8,
    status: RowStatus,
}

/// The rows of a result that have an id.
fn hits(rows: &RecordBatch) -> Result<impl Iterator<Item = Hit<'_>>> {
    let ids = rows
        .column_by_name("id")
        .and_then(|column| column.as_string_opt::<i32>())
        .ok_or_else(|| Error::results("result", Some(1), "a result has no column id"))?;
    let flags = found::flags(rows);
    Ok((0_u32..).zip(ids).filter_map(move |(row, id)| {
        let found = u8::try_from(found::count(&flags, row as usize)).unwrap_or(u8::MAX);
        let answered = flags.is_empty() || found > 0;
        let status = if answered { RowStatus::Found } else { RowStatus::NotFound };
        Some(Hit { row, id: id?, found, status })
    }))
}

/// A column of ids in the type that the input had.
fn id_column<'a>(
    id_type: &DataType,
    ids: impl Iterator<Item = Option<&'a str>>,
) -> Result<ArrayRef> {
    let texts: LargeStringArray = ids.collect();
    Ok(text::to(&texts, id_type)?)
}

/// The columns of a job's table, from those of its results.
fn table_schema(id_column: &str, id_type: &DataType, results: &Schema) -> SchemaRef {
    let mut fields = vec![
        Field::new(id_column, id_type.clone(), true),
        Field::new("status", DataType::Utf8, false),
        Field::new("error", DataType::Utf8, true),
        Field::new("reused", DataType::Boolean, false),
    ];
    for field in results.fields().iter().filter(|field| field.name() != "id") {
        let taken = fields.iter().any(|other| other.name() == field.name());
        let name = if taken { format!("{}_result", field.name()) } else { field.name().clone() };
        fields.push(Field::new(name, field.data_type().clone(), true));
    }
    Arc::new(Schema::new(fields))
}

/// The statuses of the ids that a batch asked for, before its result is read.
fn of_batch(plan: &StatusPlan<'_>, batch: &BatchRecord, asked: usize) -> Vec<RowStatus> {
    let mut statuses = vec![plan.status(batch); asked];
    // The ids that the budget did not reach are the last ones of the batch.
    let cut = statuses.len() - (batch.cut as usize).min(statuses.len());
    if is_loaded(batch) {
        statuses[cut..].fill(RowStatus::OverBudget);
    }
    statuses
}

/// Whether a batch has a result. A batch of which everybody is suppressed has none.
fn is_loaded(batch: &BatchRecord) -> bool {
    batch.state == BatchState::Loaded && batch.run_id.is_some()
}

impl Job {
    /// The columns of the results of some batches, as the whole table would have them.
    async fn result_columns(&self, batches: &[BatchRecord], kind: BatchKind) -> Result<Vec<Field>> {
        let mut fields: Vec<Field> = nothing(kind)?.schema().fields().iter().map(own).collect();
        for batch in batches {
            let files = self.result_files(std::slice::from_ref(batch)).await?;
            for file in files {
                let columns =
                    run_blocking(move || columns_of(&ResultFile::from(file), kind)).await?;
                for (name, data_type) in columns {
                    let known = fields.iter_mut().find(|field| *field.name() == name);
                    let Some(field) = known else {
                        fields.push(Field::new(name, data_type, true));
                        continue;
                    };
                    match (field.data_type(), &data_type) {
                        (known, own) if known == own || *own == DataType::Null => {}
                        (DataType::Null, _) => *field = Field::new(name, data_type, true),
                        _ => *field = Field::new(name, DataType::Utf8, true),
                    }
                }
            }
        }
        // A column without a value in any file becomes text.
        let known = |field: Field| match field.data_type() {
            DataType::Null => Field::new(field.name(), DataType::Utf8, true),
            _ => field,
        };
        Ok(fields.into_iter().map(known).collect())
    }
}

fn own(field: &Arc<Field>) -> Field {
    field.as_ref().clone()
}
