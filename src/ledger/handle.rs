//! The ledger as the rest of the crate uses it: any store, from async code.

use std::{fmt, path::PathBuf, sync::Arc};

pub use super::place::LEDGER_VARIABLE;
#[cfg(feature = "postgres")]
use super::postgres::PostgresLedger;
use super::{
    Store,
    outbox::Outbox,
    place::{self, Place},
    sqlite::SqliteLedger,
};
use crate::{
    api::LimitClass,
    client::{SlotsMaker, limit::Slots},
    error::Result,
};

/// A handle on a ledger. Cloning is cheap.
#[derive(Clone)]
pub struct Ledger {
    store: Arc<dyn Store>,
    pub(super) outbox: Arc<Outbox>,
}

impl Ledger {
    /// Opens the ledger at a path, in which `~` and `$NAME` are expanded, or at a `postgresql://` URL.
    ///
    /// # Errors
    /// If it cannot be opened or written, is not a ledger, or was made by a newer version.
    pub fn open(place: &str) -> Result<Self> {
        Self::at(place::parse(place)?)
    }

    /// Opens the ledger that an argument, `LANTERN_LEDGER` or the user's state folder names.
    ///
    /// # Errors
    /// As for [`Ledger::open`]. Also if there is no home folder.
    pub fn resolve(place: Option<&str>) -> Result<Self> {
        Self::at(place::resolve(place)?)
    }

    fn at(place: Place) -> Result<Self> {
        let store: Arc<dyn Store> = match place {
            Place::File(path) => Arc::new(SqliteLedger::open(&path)?),
            #[cfg(feature = "postgres")]
            Place::Postgres(url) => Arc::new(PostgresLedger::open(&url, &place::state_folder()?)?),
            #[cfg(not(feature = "postgres"))]
            Place::Postgres(_) => {
                return Err(crate::error::Error::config(
                    "this program was built without PostgreSQL",
                )
                .hint(
                    "name a file for the ledger, or build with the feature `postgres` of lantern",
                ));
            }
        };
        Ok(Self { store, outbox: Arc::default() })
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
        crate::process::runtime::aside(move || work(store.as_ref())).await
    }

    /// The ledger itself, for blocking callers.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// Rate limits that all processes on this ledger share.
    pub fn slots(&self) -> SlotsMaker {
        let ledger = self.clone();
        Arc::new(move || Arc::new(ledger.clone()))
    }

    pub fn place(&self) -> String {
        self.store.place()
    }

    pub fn results_folder(&self) -> PathBuf {
        self.store.results_folder()
    }
}

impl Slots for Ledger {
    fn take(&self, scope: &str, class: LimitClass, now: i64, interval: i64) -> Result<Option<i64>> {
        self.store.take_slot(scope, class, now, interval)
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
