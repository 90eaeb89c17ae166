//! The ledger as the rest of the crate uses it: any store, from async code.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

#[cfg(feature = "postgres")]
use super::postgres::PostgresLedger;
use super::{Store, sqlite::SqliteLedger};
use crate::{
    api::LimitClass,
    client::{SlotsMaker, limit::Slots},
    error::{Error, Result},
};

/// Where the ledger is looked for when none is named.
pub const LEDGER_VARIABLE: &str = "LANTERN_LEDGER";

/// A handle on a ledger. Cloning is cheap.
#[derive(Clone)]
pub struct Ledger(Arc<dyn Store>);

impl Ledger {
    /// Opens the ledger at a path, or at a `postgresql://` URL.
    ///
    /// # Errors
    /// It cannot be opened or written, is none, or is of a newer version.
    pub fn open(place: &str) -> Result<Self> {
        match place.split_once("://") {
            None => Ok(Self(Arc::new(SqliteLedger::open(Path::new(place))?))),
            #[cfg(feature = "postgres")]
            Some(("postgresql" | "postgres", _)) => {
                Ok(Self(Arc::new(PostgresLedger::open(place, &state_folder()?)?)))
            }
            #[cfg(not(feature = "postgres"))]
            Some(("postgresql" | "postgres", _)) => Err(Error::config(
                "this program was built without PostgreSQL; name a file for the ledger, or build \
                 with the feature `postgres` of the crate lantern",
            )),
            Some((scheme, _)) => Err(Error::config(format!(
                "there are no ledgers at {scheme}://; name a file, or a database as \
                 postgresql://user:password@host:5432/database"
            ))),
        }
    }

    /// Opens the ledger that an argument, `LANTERN_LEDGER` or the user's state folder names.
    ///
    /// # Errors
    /// As [`Ledger::open`], or there is no home folder.
    pub fn resolve(place: Option<&str>) -> Result<Self> {
        let from_environment =
            std::env::var(LEDGER_VARIABLE).ok().filter(|place| !place.is_empty());
        match place.map(str::to_owned).or(from_environment) {
            Some(place) => Self::open(&place),
            None => Self::open(&state_folder()?.join("ledger.sqlite").to_string_lossy()),
        }
    }

    /// Runs `work` on a blocking thread.
    ///
    /// # Errors
    /// What `work` fails with.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.0.clone();
        match crate::process::runtime::aside(move || work(store.as_ref())).await {
            Ok(done) => done,
            Err(error) => Err(Error::ledger(format!("the ledger's thread ended: {error}"))),
        }
    }

    /// The ledger itself, for blocking callers.
    pub fn store(&self) -> &dyn Store {
        self.0.as_ref()
    }

    /// Rate limits that all processes on this ledger share.
    pub fn slots(&self) -> SlotsMaker {
        let ledger = self.clone();
        Arc::new(move || Arc::new(ledger.clone()))
    }

    pub fn place(&self) -> String {
        self.0.place()
    }

    pub fn results_folder(&self) -> PathBuf {
        self.0.results_folder()
    }

    /// The file in which this machine keeps the rows of mapped calls.
    pub fn calls(&self) -> PathBuf {
        self.0.calls()
    }
}

impl Slots for Ledger {
    fn take(&self, scope: &str, class: LimitClass, now: i64, interval: i64) -> Result<Option<i64>> {
        self.0.take_slot(scope, class, now, interval)
    }

    fn hold(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        self.0.hold_slot(scope, class, until)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ledger").field(&self.0.place()).finish()
    }
}

/// `$XDG_STATE_HOME/lantern`, by default below `~/.local/state`.
fn state_folder() -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = set("XDG_STATE_HOME").map(PathBuf::from).or_else(|| {
        let home = set("HOME").or_else(|| set("USERPROFILE"))?;
        Some(PathBuf::from(home).join(".local/state"))
    });
    let state = state.ok_or_else(|| {
        Error::config(format!("there is no home folder for the ledger; set {LEDGER_VARIABLE}"))
    })?;
    Ok(state.join("lantern"))
}
