//! The requests of a job's calls: that of each row, or that of each record if the memory knows
//! them.

use std::collections::HashMap;

use super::{kind::Fields, plan};
use crate::{
    error::{Error, Result},
    ledger::{JobRecord, Store, Unit},
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

    /// Positions of a call's requests. `records` are the records that the ledger has for it, if it
    /// has any.
    ///
    /// # Errors
    /// If the job's calls ask about records and the ledger has none for this one: it is damaged.
    pub fn places_of(&self, call: &Unit, records: Option<&[String]>) -> Result<Vec<usize>> {
        match records {
            None if self.places.is_some() => Err(without_records(call.number)),
            records => Ok(self.places(records.unwrap_or_default(), call.first, call.count)),
        }
    }

    /// The requests of a call; see [`Requests::places`].
    pub fn of(&self, records: &[String], first: u64, count: u32) -> Vec<&Fields> {
        let places = self.places(records, first, count);
        places.into_iter().filter_map(|place| self.get(place)).collect()
    }
}

/// The error of a ledger that has a call and not the records that it asks about.
pub fn without_records(call: u32) -> Error {
    Error::ledger(format!("the ledger does not say which records call {call} asks about"))
        .hint("restore the ledger from a backup")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_call_whose_records_are_lost_is_not_taken_for_one_without_records() {
        let call = Unit::planned(3, 0, 2, 2, "key".to_owned());
        let records = ["a".to_owned(), "b".to_owned()];
        let places = records.iter().cloned().zip(0..).collect();
        let by_record = Requests { rows: Vec::new(), places: Some(places) };
        assert_eq!(by_record.places_of(&call, Some(&records[1..])).unwrap(), [1]);
        assert!(by_record.places_of(&call, Some(&[])).unwrap().is_empty());
        let error = by_record.places_of(&call, None).unwrap_err();
        assert!(error.is(ErrorKind::Ledger), "{error:?}");
        assert!(error.happened().contains("call 3"), "{error}");
        let by_row = Requests::default();
        assert_eq!(by_row.places_of(&call, None).unwrap(), [2, 3]);
    }
}
