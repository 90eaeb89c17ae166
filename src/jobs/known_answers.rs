//! What is known of a job's ids from earlier jobs that asked the same question, and where the answers
//! come from.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use arrow::{
    array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray},
    datatypes::{DataType, Field, TimeUnit},
};

use super::{job::Job, row_status::RowStatus};
use crate::{
    api::agents::BatchKind,
    error::Result,
    ledger::{
        Reuse,
        memory::{EMAIL, PHONE, Parts, Recalled, Source},
    },
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
                *status = match (recalled.is_found(), recalled.is_uncertain()) {
                    (true, _) => RowStatus::Found,
                    (false, true) => RowStatus::Missing,
                    (false, false) => RowStatus::NotFound,
                };
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
    pub(super) async fn provenance(&self, ids: &StringArray, known: &Known) -> Result<Provenance> {
        let ids: Vec<String> = ids.iter().flatten().map(str::to_owned).collect();
        let wish = self.batch_request()?.wish(&self.inner.account, Reuse::ALWAYS);
        let id = self.inner.id;
        let (batches, recall) = self
            .inner
            .ledger
            .run(move |store| Ok((store.batches(id)?, store.recall(&wish, &ids, None)?)))
            .await?;
        let own = u32::try_from(id).unwrap_or(0);
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
