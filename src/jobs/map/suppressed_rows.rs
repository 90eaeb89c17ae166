//! Rows of a table of calls that are not sent, because they name somebody who is suppressed.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{kind::Fields, requests::Requests};
use crate::{
    error::{Error, Result},
    ledger::{Event, Ledger, Step, Store, UnitState, suppression::Suppressed},
};

/// How often a table of calls looks whether the list has changed.
const LOOK: Duration = Duration::from_secs(1);
/// Units that one transaction sets aside.
const UNITS: usize = 1_000;

/// The rows of a table of calls that must not be sent, by their places among its requests.
pub struct SuppressedRows {
    suppressed: Suppressed,
    /// What the list was, and when it was looked at.
    state: (u64, i64),
    looked: Instant,
    rows: HashSet<usize>,
}

impl SuppressedRows {
    /// The list that holds for a job.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn of(ledger: &Ledger, job: i64) -> Result<Self> {
        let read = move |store: &dyn Store| {
            Ok::<_, Error>((store.suppressed_state(Some(job))?, store.suppressed(Some(job))?))
        };
        let (state, suppressed) = ledger.run(read).await?;
        Ok(Self { suppressed, state, looked: Instant::now(), rows: HashSet::new() })
    }

    /// Whether a row is not sent.
    pub fn has(&self, row: usize) -> bool {
        self.rows.contains(&row)
    }

    /// The rows of some requests that name somebody on the list.
    pub fn rows_of(&self, requests: &Requests) -> HashSet<usize> {
        let named = |fields: &Fields| {
            fields.iter().any(|(name, value)| self.suppressed.has_json(name, value))
        };
        (0..)
            .zip(requests.rows())
            .filter(|(_, fields)| !self.suppressed.is_empty() && named(fields))
            .map(|(row, _)| row)
            .collect()
    }

    /// Finds the rows of the list, and sets the units aside that hold no others.
    ///
    /// # Errors
    /// If the ledger cannot be used, or is damaged.
    pub async fn look(
        &mut self,
        ledger: &Ledger,
        job: i64,
        requests: &Arc<Requests>,
    ) -> Result<()> {
        self.rows = self.rows_of(requests);
        if self.rows.is_empty() {
            return Ok(());
        }
        let (suppressed, requests) = (self.rows.clone(), Arc::clone(requests));
        let spare = move |store: &dyn Store| {
            let planned = store.units_in(job, &[UnitState::Planned])?;
            let mut asked = store.unit_ids(job)?;
            let mut steps = Vec::new();
            for unit in planned {
                let records = asked.remove(&unit.number);
                let places = requests.places_of(&unit, records.as_deref())?;
                if !places.is_empty() && places.iter().all(|at| suppressed.contains(at)) {
                    steps.push(Step { number: unit.number, sending: None, event: Event::Spare });
                }
            }
            for part in steps.chunks(UNITS) {
                store.turn(job, part, None)?;
            }
            Ok::<_, Error>(())
        };
        ledger.run(spare).await
    }

    /// [`SuppressedRows::look`], if the list has changed since a while ago.
    ///
    /// # Errors
    /// As [`SuppressedRows::look`].
    pub async fn look_again(
        &mut self,
        ledger: &Ledger,
        job: i64,
        requests: &Arc<Requests>,
    ) -> Result<()> {
        if self.looked.elapsed() < LOOK {
            return Ok(());
        }
        self.looked = Instant::now();
        if ledger.run(move |store| store.suppressed_state(Some(job))).await? == self.state {
            return Ok(());
        }
        let rows_before = std::mem::take(&mut self.rows);
        *self = Self { rows: rows_before, ..Self::of(ledger, job).await? };
        self.look(ledger, job, requests).await
    }
}
