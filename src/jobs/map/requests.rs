//! The requests of a job's calls: that of each row, or that of each record if the memory knows
//! them.

use std::collections::HashMap;

use super::{kind::Fields, plan};
use crate::{
    error::Result,
    ledger::{JobRecord, Store},
};

/// The requests of a job.
#[derive(Debug, Default)]
pub struct Requests {
    rows: Vec<Fields>,
    /// Position of each record's request; `None` for a job whose calls identify rows by number.
    places: Option<HashMap<String, usize>>,
}

impl Requests {
    /// Reads the requests from the ledger.
    ///
    /// # Errors
    /// If the ledger cannot be read, or is damaged.
    pub fn read(store: &dyn Store, job: &JobRecord) -> Result<Self> {
        let rows = plan::unpack(store.requests(job.id)?)?;
        Self::new(store, job, rows)
    }

    /// Uses `rows`, the requests in the order of the plan.
    ///
    /// # Errors
    /// If the ledger cannot be read, or is damaged.
    pub fn new(store: &dyn Store, job: &JobRecord, rows: Vec<Fields>) -> Result<Self> {
        let places = match job.question {
            None => None,
            Some(_) => Some(store.all_ids(job.id)?.into_iter().zip(0..).collect()),
        };
        Ok(Self { rows, places })
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All requests, in the order of the plan.
    pub fn rows(&self) -> &[Fields] {
        &self.rows
    }

    pub fn get(&self, place: usize) -> Option<&Fields> {
        self.rows.get(place)
    }

    /// Positions of a call's requests: those of the records that it asks about, or of `count` rows
    /// from `first` on.
    pub fn places(&self, records: &[String], first: u64, count: u32) -> Vec<usize> {
        match &self.places {
            Some(places) => records.iter().filter_map(|id| places.get(id).copied()).collect(),
            None => {
                let first = usize::try_from(first).unwrap_or(usize::MAX);
                (0..count as usize).map(|at| first.saturating_add(at)).collect()
            }
        }
    }

    /// The requests of a call; see [`Requests::places`].
    pub fn of(&self, records: &[String], first: u64, count: u32) -> Vec<&Fields> {
        let places = self.places(records, first, count);
        places.into_iter().filter_map(|place| self.get(place)).collect()
    }
}
