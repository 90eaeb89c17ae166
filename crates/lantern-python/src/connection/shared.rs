//! The state that a client shares with its namespaces and jobs.

use std::{
    path::Path,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use pyo3::{intern, prelude::*, types::PyDict};

use super::settings::Settings;
use crate::conversion::{error_wording::PythonFace, errors::OrRaise, expected::wrong};
use lantern::{
    client::Client,
    error::{Error, Result},
    jobs::{JobOptions, Ledger, OnInDoubt, single_calls::ListOfLedger},
    ledger::{
        place::{LEDGER_VARIABLE, without_password},
        suppression::Suppressed,
    },
    process::{runtime, termination},
    storage::{Sources, StorageOptions},
};

/// A client's connections, ledger and settings.
#[derive(Clone)]
pub struct Shared(Arc<Parts>);

struct Parts {
    /// `None` once it is closed. It is locked only while the interpreter lock is held, so never
    /// across a fork.
    client: RwLock<Option<Client>>,
    ledger: Result<Ledger>,
    /// The ledger's place, if an argument or the environment names one that a pickle may contain.
    named: Option<String>,
    storage: StorageOptions,
    settings: Settings,
    /// Whether a local server made it, so that its key and its storage options are not the user's
    /// secrets.
    open: AtomicBool,
    /// Who is never sent and never given back.
    list: ListOfLedger,
}

/// A [`Shared`] as a Python object, by which other classes get it from either client.
#[pyclass(frozen, name = "_Connection", module = "lantern._lantern")]
pub struct PyConnection(pub Shared);

impl Shared {
    pub fn new(api_key: Option<&str>, mut settings: Settings) -> Result<Self> {
        let config = settings.configuration(api_key)?;
        // Single calls work without a ledger. If it cannot be opened, that is reported by a job.
        let ledger = Ledger::resolve(settings.ledger.as_deref());
        // A relative path would mean another file in another working directory.
        if let Some(given) = &mut settings.ledger
            && let Ok(ledger) = &ledger
            && !given.contains("://")
            && let Ok(path) = std::path::absolute(ledger.place())
        {
            *given = path.to_string_lossy().into_owned();
        }
        let slots = Ledger::slots_of(&ledger, settings.ledger.as_deref());
        let named = settings.ledger.clone().or_else(|| named_by_environment(&ledger));
        let storage = StorageOptions::new(settings.storage_options.clone())?;
        Sources::new(&config.base_url, &settings.results)?;
        let client = Client::with_slots(config, slots)?;
        runtime::handle()?;
        termination::await_paid_calls();
        let (client, open) = (RwLock::new(Some(client)), AtomicBool::new(false));
        let list = ListOfLedger::default();
        Ok(Self(Arc::new(Parts { client, ledger, named, storage, settings, open, list })))
    }

    /// The state of the client that was passed as `client=`.
    ///
    /// # Errors
    /// If the argument is not a client.
    pub fn of(client: &Bound<'_, PyAny>) -> PyResult<Self> {
        let connection = client.getattr_opt(intern!(client.py(), "_connection"))?;
        match connection.as_ref().map(|connection| connection.cast::<PyConnection>()) {
            Some(Ok(connection)) => Ok(connection.get().0.clone()),
            _ => Err(wrong("client", "lantern.Client or lantern.AsyncClient", client)),
        }
    }

    /// Marks this client as made by a local server, with that server's key and storage.
    pub fn open(&self) {
        self.0.open.store(true, Ordering::Relaxed);
    }

    /// # Errors
    /// If the client is closed.
    pub fn client(&self) -> Result<Client> {
        let client = self.0.client.read().unwrap_or_else(PoisonError::into_inner);
        client.clone().ok_or_else(|| Error::config("the client is closed").hint("make another one"))
    }

    pub fn close(&self) {
        self.0.client.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// # Errors
    /// If the ledger could not be opened.
    pub fn ledger(&self) -> Result<Ledger> {
        self.0.ledger.clone()
    }

    /// Who is never sent and never given back. Nobody, if the ledger could not be opened: single calls
    /// work without one.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn suppressed(&self) -> Result<Arc<Suppressed>> {
        match &self.0.ledger {
            Ok(ledger) => self.0.list.read(ledger).await,
            Err(_) => Ok(Arc::new(Suppressed::nobody()?)),
        }
    }

    /// How its jobs work.
    ///
    /// # Errors
    /// If `on_in_doubt` is not a valid value.
    pub fn job_options(&self, on_in_doubt: &str) -> Result<JobOptions> {
        Ok(JobOptions {
            on_in_doubt: on_in_doubt.parse::<OnInDoubt>()?,
            storage: self.0.storage.clone(),
            results: self.0.settings.results.clone(),
            face: &PythonFace,
            ..JobOptions::default()
        })
    }

    pub fn base_url(&self) -> String {
        let client = self.0.client.read().unwrap_or_else(PoisonError::into_inner);
        client.as_ref().map(|client| client.config().base_url.to_string()).unwrap_or_default()
    }

    /// The arguments that make this client again. A key from the environment is not among them,
    /// because the other process takes it from its own environment.
    ///
    /// # Errors
    /// If the client is closed or was given a secret, which a pickle must not contain.
    pub fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let settings = &self.0.settings;
        let client = self.client().or_raise(py)?;
        let open = self.0.open.load(Ordering::Relaxed);
        if !open {
            settings.without_secrets().or_raise(py)?;
        }
        let state = PyDict::new(py);
        state.set_item("base_url", client.config().base_url.as_str())?;
        if open {
            state.set_item("api_key", client.config().api_key.expose())?;
        }
        state.set_item("ledger", &self.0.named)?;
        state.set_item("storage_options", &settings.storage_options)?;
        state.set_item("results", &settings.results)?;
        state.set_item("limits", &settings.limits)?;
        state.set_item("timeout", settings.timeout)?;
        state.set_item("connect_timeout", settings.connect_timeout)?;
        state.set_item("read_timeout", settings.read_timeout)?;
        state.set_item("retries", settings.retries)?;
        state.set_item("ca_bundle", &settings.ca_bundle)?;
        state.set_item("proxy", &settings.proxy)?;
        state.set_item("allow_http", settings.allow_http)?;
        state.set_item("user_agent", &settings.user_agent)?;
        state.set_item("pool_size", settings.pool_size)?;
        state.set_item("poll_share", settings.poll_share)?;
        Ok(state)
    }
}

/// The place that `LANTERN_LEDGER` names, unless it contains a password, which the other process
/// takes from its own environment.
fn named_by_environment(ledger: &Result<Ledger>) -> Option<String> {
    let named = std::env::var(LEDGER_VARIABLE).ok().filter(|named| !named.trim().is_empty())?;
    let place = ledger.as_ref().ok()?.place();
    // A file has one absolute path; a server keeps the text that named it.
    if Path::new(&place).is_absolute() {
        Some(place)
    } else {
        (without_password(&named) == named).then_some(named)
    }
}
