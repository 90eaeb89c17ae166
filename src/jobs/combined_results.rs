//! The results of a job's batches and of other jobs, read with the same columns, and where each id is
//! in them.

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, new_null_array},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use rayon::prelude::*;

use super::{
    id_positions::Positions,
    known_answers::{Known, is_of},
    row_status::RowStatus,
};
use crate::{
    api::agents::BatchKind,
    error::{Error, Result},
    ledger::memory::{EMAIL, PHONE, Recalled, Source, parts},
    process::runtime,
    results::{ResultFile, found, parse_result, read_files},
};

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
        // Another job may have asked for an id in another spelling.
        let positions = Positions::new(ids);
        for ((chunk, rows), of) in (0_u32..).zip(&self.chunks).zip(&self.of) {
            let own = rows
                .column_by_name("id")
                .and_then(|column| column.as_string_opt::<i32>())
                .ok_or_else(|| Error::results("result", Some(1), "a result has no column id"))?;
            let flags = found::flags(rows);
            for (row, id) in (0_u32..).zip(own) {
                let Some(at) = id.and_then(|id| positions.get(id)) else { continue };
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
        for (first, second) in positions.twins() {
            let (first, second) = (*first as usize, *second as usize);
            if statuses[first].is_answered() && !statuses[second].is_answered() {
                statuses[second] = statuses[first];
                places.first[second] = places.first[first];
                if places.apart() {
                    places.second[second] = places.second[first];
                }
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
