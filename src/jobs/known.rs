//! Finds the answers for a job's table: in the results of its own batches, and in those of earlier
//! jobs that asked the same question.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
        TimestampMicrosecondArray, new_null_array,
    },
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
};
use rayon::prelude::*;

use super::{job::Job, row_status::RowStatus};
use crate::{
    api::agents::BatchKind,
    error::{Error, Result},
    ledger::{
        Reuse,
        memory::{EMAIL, PHONE, Parts, Recalled, Source, parts},
    },
    process::runtime,
    results::{ResultFile, found, parse_result, read_files},
};

/// The columns that belong to one part of a question.
const OF_EMAIL: [&str; 2] = ["email", "email_found"];
const OF_PHONE: [&str; 2] = ["phone_number", "phone_found"];

/// Whether a column belongs only to this part of a question.
pub(super) fn is_of(part: Parts, column: &str) -> bool {
    match part {
        EMAIL => OF_EMAIL.contains(&column),
        PHONE => OF_PHONE.contains(&column),
        _ => false,
    }
}

/// Ids of a job that were answered before.
pub(super) struct Known {
    /// For each id its position in `recalled`, or `u32::MAX`.
    of: Vec<u32>,
    recalled: Vec<Recalled>,
}

impl Known {
    /// Finds the ids of each chunk of known ids. Those of the first plan are the last of all ids.
    pub fn new(ids: &[String], chunks: Vec<(u32, Vec<(String, Recalled)>)>) -> Self {
        let mut known = Self { of: vec![u32::MAX; ids.len()], recalled: Vec::new() };
        let first: usize =
            chunks.iter().filter(|(round, _)| *round == 0).map(|(_, chunk)| chunk.len()).sum();
        let mut next = ids.len().saturating_sub(first);
        let mut places = HashMap::new();
        for (round, chunk) in chunks {
            if round > 0 && places.is_empty() {
                places = ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
            }
            for (id, recalled) in chunk {
                let at = if round == 0 {
                    next += 1;
                    Some(next - 1)
                } else {
                    places.get(id.as_str()).copied()
                };
                if let Some(of) = at.and_then(|at| known.of.get_mut(at)) {
                    *of = u32::try_from(known.recalled.len()).unwrap_or(u32::MAX);
                    known.recalled.push(recalled);
                }
            }
        }
        known
    }

    /// What was known about an id, completely or in part.
    pub fn of(&self, id: u32) -> Option<&Recalled> {
        self.recalled.get(*self.of.get(id as usize)? as usize)
    }

    /// Whether everything that is asked for about an id was known.
    pub fn whole(&self, id: u32) -> bool {
        self.of(id).is_some_and(|recalled| recalled.missing == 0)
    }

    /// Sets the statuses of the known ids.
    pub fn note(&self, statuses: &mut [RowStatus]) {
        for (status, at) in statuses.iter_mut().zip(&self.of) {
            let recalled = self.recalled.get(*at as usize);
            if let Some(recalled) = recalled.filter(|recalled| recalled.missing == 0) {
                *status = if recalled.is_found() { RowStatus::Found } else { RowStatus::NotFound };
            }
        }
    }

    /// The distinct units that hold the answers.
    fn sources(&self) -> Vec<Source> {
        let mut sources: Vec<Source> = self
            .recalled
            .iter()
            .flat_map(|recalled| recalled.sources)
            .filter(|source| source.job != 0)
            .collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }
}

impl Job {
    /// The results of other jobs that contain known answers.
    pub(super) async fn files_of_others(
        &self,
        known: &Known,
    ) -> Result<Vec<(Source, PathBuf, BatchKind)>> {
        let sources = known.sources();
        let found = self.inner.ledger.run(move |store| store.sources(&sources)).await?;
        let mut files = Vec::with_capacity(found.len());
        for (source, record, batch) in found {
            if batch.purged_at.is_some() {
                continue;
            }
            let (path, kind) = self.result_of(&record, &batch).await?;
            files.push((source, path, kind));
        }
        Ok(files)
    }

    /// Where the answer of each id comes from.
    pub(super) async fn provenance(&self, answers: &super::table::Answers) -> Result<Provenance> {
        let ids: Vec<String> = answers.ids().iter().flatten().map(str::to_owned).collect();
        let wish = self.batch_request()?.wish(&self.inner.account, Reuse::ALWAYS);
        let id = self.inner.id;
        let (batches, recall) = self
            .inner
            .ledger
            .run(move |store| Ok((store.batches(id)?, store.recall(&wish, &ids, None)?)))
            .await?;
        let own = u32::try_from(id).unwrap_or(0);
        let known = answers.known();
        let of: Vec<Option<Recalled>> = (0..)
            .zip(&recall.of)
            .map(|(at, recalled)| match known.of(at).filter(|_| known.whole(at)) {
                Some(known) => Some(*known),
                None => Some(*recalled)
                    .filter(|recalled| recalled.sources.iter().any(|source| source.job == own)),
            })
            .collect();
        let mut runs: HashMap<Source, (Option<String>, Option<i64>)> = batches
            .into_iter()
            .map(|batch| {
                (Source { job: own, number: batch.number }, (batch.run_id, batch.loaded_at))
            })
            .collect();
        let sources = known.sources();
        for (source, _, batch) in
            self.inner.ledger.run(move |store| store.sources(&sources)).await?
        {
            runs.insert(source, (batch.run_id, batch.loaded_at));
        }
        Ok(Provenance { of, runs })
    }
}

/// Where the answers in a table come from.
pub(super) struct Provenance {
    of: Vec<Option<Recalled>>,
    /// For each unit its run, and when the run's result was loaded.
    runs: HashMap<Source, (Option<String>, Option<i64>)>,
}

impl Provenance {
    pub fn fields() -> [Field; 3] {
        let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        [
            Field::new("answered_at", time, true),
            Field::new("run_id", DataType::Utf8, true),
            Field::new("credits", DataType::Int64, true),
        ]
    }

    pub fn columns(&self, rows: &[u32]) -> [ArrayRef; 3] {
        let of = |id: &u32| self.of.get(*id as usize).copied().flatten();
        let sources = |recalled: Recalled| {
            let [first, second] = recalled.sources;
            let second = Some(second).filter(|second| *second != first);
            [Some(first), second].into_iter().flatten().filter(|source| source.job != 0)
        };
        let times = rows.iter().map(|id| {
            let loaded = sources(of(id)?).filter_map(|source| self.runs.get(&source)?.1);
            loaded.max()
        });
        let runs = rows.iter().map(|id| {
            let own = sources(of(id)?).filter_map(|source| self.runs.get(&source)?.0.clone());
            Some(own.collect::<Vec<_>>().join(", ")).filter(|runs| !runs.is_empty())
        });
        let credits = rows.iter().map(|id| of(id)?.credits.map(i64::from));
        [
            Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
            Arc::new(runs.collect::<StringArray>()),
            Arc::new(credits.collect::<Int64Array>()),
        ]
    }
}

/// For each id its row in the results: the row with the whole answer or the e-mail address, and the
/// row with the phone number.
pub(super) struct Places {
    first: Vec<(u32, u32)>,
    /// Empty if no id has its parts in different rows.
    second: Vec<(u32, u32)>,
}

impl Places {
    /// Whether the parts of an id may be in different rows.
    pub fn apart(&self) -> bool {
        !self.second.is_empty()
    }

    /// Removes the answer of an id.
    pub fn hide(&mut self, id: usize, nowhere: u32) {
        for places in [&mut self.first, &mut self.second] {
            if let Some(place) = places.get_mut(id) {
                *place = (nowhere, 0);
            }
        }
    }

    /// The chunk and row of each part of an id's answer.
    pub fn of_id(&self, id: usize) -> impl Iterator<Item = (usize, usize)> {
        let places = [self.first.get(id), self.second.get(id)];
        places.into_iter().flatten().map(|(chunk, row)| (*chunk as usize, *row as usize))
    }

    /// The chunk and row of each of some rows; `nowhere` is the chunk that holds a null.
    pub fn of(&self, rows: &[u32], nowhere: usize, slot: usize) -> Vec<(usize, usize)> {
        let places = if slot == 1 && self.apart() { &self.second } else { &self.first };
        rows.iter()
            .map(|id| match places.get(*id as usize) {
                Some((chunk, row)) => (*chunk as usize, *row as usize),
                None => (nowhere, 0),
            })
            .collect()
    }
}

/// Parsed results, all with the same columns.
pub(super) struct Results {
    pub chunks: Vec<RecordBatch>,
    pub schema: SchemaRef,
    /// For each chunk the unit of another job whose result it is, and what that unit asked for.
    of: Vec<Option<(Source, BatchKind)>>,
    kind: BatchKind,
}

/// Rows of a result, the unit and kind that they were taken from if that is another job's, and what
/// was asked for.
type Chunk = (RecordBatch, Option<(Source, BatchKind)>, BatchKind);

impl Results {
    /// Reads the results of a job's own batches, and of other jobs.
    pub fn read(
        kind: BatchKind,
        own: &[(PathBuf, BatchKind)],
        others: Vec<(Source, PathBuf, BatchKind)>,
    ) -> Result<Self> {
        let mut chunks: Vec<Chunk> = Vec::new();
        for asked in BatchKind::ALL {
            let files: Vec<ResultFile> = own
                .iter()
                .filter(|(_, other)| *other == asked)
                .map(|(path, _)| ResultFile::from(path.clone()))
                .collect();
            if !files.is_empty() {
                let read = read_files(&files, Some(asked))?;
                chunks.extend(read.into_iter().map(|chunk| (chunk, None, asked)));
            }
        }
        let read: Result<Vec<_>> = runtime::threads()?.install(|| {
            others
                .into_par_iter()
                .map(|(source, path, asked)| {
                    let read = read_files(&[ResultFile::from(path)], Some(asked))?;
                    Ok(read.into_iter().map(move |chunk| (chunk, Some((source, asked)), asked)))
                })
                .collect()
        });
        chunks.extend(read?.into_iter().flatten());
        if chunks.is_empty() {
            chunks.push((nothing(kind)?, None, kind));
        }
        let schema = common_schema(kind, &chunks)?;
        let of = chunks.iter().map(|(_, of, _)| *of).collect();
        let chunks = chunks
            .into_iter()
            .map(|(chunk, ..)| fitted(&chunk, &schema))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { chunks, schema, of, kind })
    }

    /// Finds the row of each id in the results, and whether anything was found for it.
    pub fn place(
        &self,
        ids: &[String],
        known: &Known,
        statuses: &mut [RowStatus],
    ) -> Result<Places> {
        let nowhere = (u32::try_from(self.chunks.len()).unwrap_or(u32::MAX), 0);
        let mut places = Places { first: vec![nowhere; ids.len()], second: Vec::new() };
        let pair = self.kind == BatchKind::PhoneEmail;
        if pair && self.of.iter().any(Option::is_some) {
            places.second = vec![nowhere; ids.len()];
        }
        // The amount of data that was found for each id.
        let (mut most, mut seen) = (vec![0_u8; ids.len()], vec![false; ids.len()]);
        let positions: HashMap<&str, u32> =
            (0_u32..).zip(ids).map(|(at, id)| (id.as_str(), at)).collect();
        for ((chunk, rows), of) in (0_u32..).zip(&self.chunks).zip(&self.of) {
            let own = rows
                .column_by_name("id")
                .and_then(|column| column.as_string_opt::<i32>())
                .ok_or_else(|| Error::results("result", Some(1), "a result has no column id"))?;
            let flags = found::flags(rows);
            for (row, id) in (0_u32..).zip(own) {
                let Some(at) = id.and_then(|id| positions.get(id)).copied() else { continue };
                let recalled = known.of(at);
                let at = at as usize;
                if let Some((source, asked)) = of {
                    // Only answers for which this result was recorded in the memory are taken from
                    // it.
                    let Some(recalled) = recalled else { continue };
                    if recalled.sources[0] == *source
                        || recalled.missing == 0
                            && recalled.sources[0].job == 0
                            && recalled.sources[1] == *source
                    {
                        places.first[at] = (chunk, row);
                    }
                    if places.apart()
                        && recalled.sources[1] == *source
                        && parts(*asked) & PHONE != 0
                    {
                        places.second[at] = (chunk, row);
                    }
                    continue;
                }
                if known.whole(at as u32) {
                    continue;
                }
                let found = found::count(&flags, row as usize);
                let found = u8::try_from(found).unwrap_or(u8::MAX);
                // If an id occurs more than once, the first of the rows with the most data is used.
                if seen[at] && found <= most[at] {
                    continue;
                }
                (seen[at], most[at]) = (true, found);
                // The part that was known stays where it was found.
                let missing = recalled.map_or(EMAIL | PHONE, |recalled| recalled.missing);
                if missing != PHONE {
                    places.first[at] = (chunk, row);
                }
                if places.apart() && missing & PHONE != 0 {
                    places.second[at] = (chunk, row);
                }
                let found =
                    flags.is_empty() || found > 0 || recalled.is_some_and(Recalled::is_found);
                statuses[at] = if found { RowStatus::Found } else { RowStatus::NotFound };
            }
        }
        Ok(places)
    }
}

/// The columns of all results: those of the job's kind, followed by the others in the order of the
/// files. Columns of a part that the job does not ask for are left out.
fn common_schema(kind: BatchKind, chunks: &[Chunk]) -> Result<SchemaRef> {
    let foreign = |name: &str| {
        kind != BatchKind::DeepResearch
            && (is_of(EMAIL, name) && parts(kind) & EMAIL == 0
                || is_of(PHONE, name) && parts(kind) & PHONE == 0)
    };
    let plain = chunks
        .iter()
        .all(|(chunk, _, asked)| *asked == kind && chunk.schema_ref() == chunks[0].0.schema_ref());
    if plain {
        return Ok(chunks[0].0.schema());
    }
    let empty = nothing(kind)?;
    let mut fields: Vec<Field> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let schemas =
        [empty.schema()].into_iter().chain(chunks.iter().map(|(chunk, ..)| chunk.schema()));
    for schema in schemas {
        for field in schema.fields() {
            if let Some(known) = fields.iter_mut().find(|known| known.name() == field.name()) {
                if known.data_type() != field.data_type() {
                    *known = Field::new(field.name(), DataType::Utf8, true);
                }
            } else if !foreign(field.name()) && seen.insert(field.name().clone()) {
                fields.push(Field::new(field.name(), field.data_type().clone(), true));
            }
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

/// Adds the missing columns to a result.
fn fitted(chunk: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    if chunk.schema_ref() == schema {
        return Ok(chunk.clone());
    }
    let column = |field: &Arc<Field>| -> Result<ArrayRef> {
        Ok(match chunk.column_by_name(field.name()) {
            None => new_null_array(field.data_type(), chunk.num_rows()),
            Some(values) if values.data_type() == field.data_type() => values.clone(),
            Some(values) => cast(values, field.data_type())?,
        })
    };
    let columns = schema.fields().iter().map(column).collect::<Result<Vec<_>>>()?;
    let rows = RecordBatchOptions::new().with_row_count(Some(chunk.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns, &rows)?)
}

/// A result without rows, for its columns.
pub(super) fn nothing(kind: BatchKind) -> Result<RecordBatch> {
    let header = match kind {
        BatchKind::Phone => "id,phone_number,phone_found\n",
        BatchKind::Email => "id,email,email_found\n",
        BatchKind::PhoneEmail => "id,email,email_found,phone_number,phone_found\n",
        BatchKind::DeepResearch => "id\n",
    };
    parse_result(header.as_bytes(), "an empty result", Some(kind))
}
