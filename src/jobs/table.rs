//! Results as tables: one row per input row, in the order of the input.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use arrow::{
    array::{
        Array, ArrayRef, BooleanArray, LargeStringArray, RecordBatch, StringArray, UInt32Array,
        UInt64Array, new_null_array,
    },
    compute::interleave,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use rayon::prelude::*;

use super::{
    combined_results::{Places, Results},
    erasure::Gone,
    ids::{EMPTY, NOT_SAMPLED, NOT_SENT},
    job::Job,
    known_answers::{Known, Provenance, is_of},
    map::resume,
    row_ids::{CHUNK, unpack_capitals, unpack_rows},
    row_status::{Reasons, StatusPlan, without_id},
    suppression::hide,
};
pub use super::{
    ledger_tables::{UnitsOf, batch_error, batches_table, jobs_table},
    row_status::RowStatus,
};
use crate::{
    error::{ErrorKind, Result},
    ledger::{
        BatchRecord, BatchState,
        erasure::is_erased,
        memory::{PHONE, Source},
    },
    matching::text,
    process::runtime::{self, run_blocking},
    results::record_id::with_capitals,
};

/// A job's answers, by row.
struct Answers {
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
    /// How each row spells its id; empty if as it is sent.
    capitals: Vec<u32>,
    reasons: Reasons,
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
            answers.provenance = Some(self.provenance(&answers.ids, &answers.known).await?);
        }
        run_blocking(move || answers.table()).await
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
        run_blocking(move || answers.missing()).await
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

    /// The answers of the job. `whole` says that their values are wanted, too.
    async fn answers(&self, whole: bool) -> Result<Answers> {
        match self.read_answers(whole).await {
            // Another process may delete old results while they are read.
            Err(error) if error.is(ErrorKind::Results) => self.read_answers(whole).await,
            done => done,
        }
    }

    async fn read_answers(&self, whole: bool) -> Result<Answers> {
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
        run_blocking(move || {
            let of_row = unpack_rows(&rows.packed, rows.count, ids.len())?;
            let capitals = unpack_capitals(&rows.packed, rows.count)?;
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
                capitals,
                reasons,
            })
        })
        .await
    }
}

impl Answers {
    fn status(&self, id: u32) -> RowStatus {
        if id >= NOT_SENT { without_id(id) } else { self.statuses[id as usize] }
    }

    /// The ids of rows in the type that the input had and as each row spells its own, or the positions
    /// of rows for records.
    fn id_column(&self, rows: &[u32], places: &[u64]) -> Result<ArrayRef> {
        if self.by_row {
            return Ok(Arc::new(UInt64Array::from(places.to_vec())));
        }
        let texts: LargeStringArray = rows
            .iter()
            .zip(places)
            .map(|(id, row)| match *id {
                EMPTY => Some(Cow::Borrowed("")),
                id if id >= NOT_SENT => None,
                id => {
                    let sent = Some(self.ids.value(id as usize)).filter(|id| !is_erased(id))?;
                    Some(match self.capitals.get(*row as usize) {
                        Some(capitals) => with_capitals(sent, *capitals),
                        None => Cow::Borrowed(sent),
                    })
                }
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
            fields.extend(Provenance::fields().map(|field| {
                let taken = *field.name() == self.id_column;
                let name = format!("{}_result", field.name());
                if taken { field.with_name(name) } else { field }
            }));
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
            let places: Vec<u64> = rows.iter().map(|(row, _)| *row).collect();
            let id_column = self.id_column(&ids, &places)?;
            fields.push(Field::new(&self.id_column, id_column.data_type().clone(), true));
            columns.push(id_column);
        }
        fields.push(Field::new("status", DataType::Utf8, false));
        fields.push(Field::new("error", DataType::Utf8, true));
        columns.extend([statuses, reasons]);
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }
}
