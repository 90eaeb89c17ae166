//! The ledger as the rest of the crate uses it: any store, called from async code.

use std::{fmt, path::PathBuf, sync::Arc};

pub use super::place::LEDGER_VARIABLE;
#[cfg(feature = "postgres")]
use super::postgres::PostgresLedger;
use super::{
    Accepted, Event, Outcome, Step, Store, Turn, Wanted,
    group_commit::{GroupCommit, Known},
    outbox::Outbox,
    place::{self, Place},
    sqlite::SqliteLedger,
};
use crate::{
    api::LimitClass,
    client::{
        SlotsMaker,
        limit::slots::{Ask, NoSlots, Slots, Taken},
    },
    error::Result,
};

/// A handle on a ledger. Cloning is cheap.
#[derive(Clone)]
pub struct Ledger {
    store: Arc<dyn Store>,
    pub(super) outbox: Arc<Outbox>,
    commits: Arc<GroupCommit>,
    on_server: bool,
}

impl Ledger {
    /// Opens the ledger at a path, in which `~` and `$NAME` are expanded, or at a `postgresql://`
    /// URL.
    ///
    /// # Errors
    /// If it cannot be opened or written, is not a ledger, or was made by a newer version.
    pub fn open(place: &str) -> Result<Self> {
        Self::at(place::parse(place)?)
    }

    /// Opens the ledger that an argument or `LANTERN_LEDGER` names, or else the one in the user's
    /// state folder.
    ///
    /// # Errors
    /// As for [`Ledger::open`], or if there is no home folder.
    pub fn resolve(place: Option<&str>) -> Result<Self> {
        Self::at(place::resolve(place)?)
    }

    fn at(place: Place) -> Result<Self> {
        let on_server = matches!(place, Place::Postgres(_));
        let store: Arc<dyn Store> = match place {
            Place::File(path) => Arc::new(SqliteLedger::open(&path)?),
            #[cfg(feature = "postgres")]
            Place::Postgres(url) => Arc::new(PostgresLedger::open(&url, &place::state_folder()?)?),
            #[cfg(not(feature = "postgres"))]
            Place::Postgres(_) => {
                return Err(crate::error::Error::config(
                    "the ledger is in PostgreSQL, which this program was built without",
                )
                .hint(
                    "name a file for the ledger, or build with the feature `postgres` of lantern",
                ));
            }
        };
        Ok(Self { store, outbox: Arc::default(), commits: Arc::default(), on_server })
    }

    /// Whether it is on a server, so that each transaction costs round trips.
    pub fn is_on_server(&self) -> bool {
        self.on_server
    }

    /// Runs `work` on a blocking thread.
    ///
    /// # Errors
    /// If `work` fails.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.store.clone();
        crate::process::runtime::run_blocking(move || work(store.as_ref())).await
    }

    /// Runs [`Store::turn`], together with what others in this process do with the job at the same
    /// time. If the ledger is on a server, it also waits a moment for callers that arrive soon.
    ///
    /// # Errors
    /// If the ledger cannot be used. Nothing is changed then.
    pub async fn turn(&self, job: i64, steps: Vec<Step>, wanted: Option<Wanted>) -> Result<Turn> {
        self.turn_with(job, (steps, wanted), self.on_server).await
    }

    /// Like [`Ledger::turn`], for a caller that itself gathers what arrives soon.
    ///
    /// # Errors
    /// As [`Ledger::turn`].
    pub async fn turn_at_once(
        &self,
        job: i64,
        steps: Vec<Step>,
        wanted: Option<Wanted>,
    ) -> Result<Turn> {
        self.turn_with(job, (steps, wanted), false).await
    }

    async fn turn_with(
        &self,
        job: i64,
        what: (Vec<Step>, Option<Wanted>),
        patient: bool,
    ) -> Result<Turn> {
        let commits = self.commits.clone();
        self.run(move |store| commits.turn(store, job, what, patient)).await
    }

    /// What is known about a job since the last [`Ledger::turn`] of this process, without reading
    /// the ledger.
    pub fn known(&self, job: i64) -> Option<Known> {
        self.commits.known(job)
    }

    /// Runs one step as a [`Ledger::turn`].
    ///
    /// # Errors
    /// As [`Ledger::turn`].
    pub async fn step(
        &self,
        job: i64,
        number: u32,
        sending: Option<&str>,
        event: Event,
    ) -> Result<Outcome> {
        let step = Step { number, sending: sending.map(str::to_owned), event };
        let turn = self.turn(job, vec![step], None).await?;
        Ok(turn.outcomes.into_iter().next().unwrap_or(Outcome { fits: false, unit: None }))
    }

    /// Runs [`Store::accept`] as a step of [`Ledger::turn`].
    ///
    /// # Errors
    /// As [`Ledger::turn`].
    pub async fn accept(
        &self,
        job: i64,
        number: u32,
        sending: &str,
        run: &Accepted,
    ) -> Result<bool> {
        let outcome = self.step(job, number, Some(sending), Event::Accept(run.clone())).await?;
        Ok(outcome.accepted(run))
    }

    /// The store itself, for blocking callers.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// Makes rate limits that all processes on this ledger share.
    pub fn slots(&self) -> SlotsMaker {
        let ledger = self.clone();
        Arc::new(move || Arc::new(ledger.clone()))
    }

    /// Makes rate limits for a client whose ledger may not have been opened. If the ledger is a
    /// file that cannot be opened, the client has limits of its own (`None`). If it is on a server,
    /// workers on other machines use the same limits, so the client must not spend anything without
    /// them.
    pub fn slots_of(opened: &Result<Self>, place: Option<&str>) -> Option<SlotsMaker> {
        let error = match opened {
            Ok(ledger) => return Some(ledger.slots()),
            Err(error) => error.clone(),
        };
        if !place::is_server(place) {
            tracing::warn!(%error, "rate limits are not shared with other processes");
            return None;
        }
        Some(Arc::new(move || -> Arc<dyn Slots> { Arc::new(NoSlots(error.clone())) }))
    }

    pub fn place(&self) -> String {
        self.store.place()
    }

    pub fn results_folder(&self) -> PathBuf {
        self.store.results_folder()
    }
}

impl Slots for Ledger {
    fn take(&self, scope: &str, class: LimitClass, waiter: &str, ask: Ask) -> Result<Taken> {
        self.store.take_slots(scope, class, waiter, ask)
    }

    fn hold(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        self.store.hold_slot(scope, class, until)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ledger").field(&self.store.place()).finish()
    }
}
