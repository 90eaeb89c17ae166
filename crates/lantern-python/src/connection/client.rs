//! `lantern.Client` and `lantern.AsyncClient`.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pyo3::{prelude::*, types::PyDict};

use crate::{
    answers::agents::to_python,
    answers::calls::PyMatched,
    calls::agents::{PyAgents, PyAsyncAgents, PyAsyncCredits, PyCredits},
    calls::crm::{self as calls, namespace},
    calls::enrich::{PyAsyncEnrich, PyEnrich},
    connection::sync_async::two_ways,
    conversion::arguments::{Object, Rules, send_with, word},
    conversion::error_wording::PythonFace,
    conversion::errors::OrRaise,
    conversion::tables::{Column, OutTable, column},
    functions::Paths,
    jobs::job::{PyAsyncJob, PyJob},
    jobs::map::{self, Given},
    matching::functions as matching,
};
use lantern::{
    api::{LimitClass, matching::Match},
    client::{Client, ClientConfig, RateLimits, SlotsMaker},
    error::{Error, ErrorKind, Result},
    jobs::map::{Cascade, Kind},
    jobs::{
        Job, JobOptions, Ledger, OnFailed, OnInDoubt, WaitOptions,
        ids::Ids,
        plan::{DryRun, Request, Submission},
    },
    ledger::place::without_password,
    process::runtime,
    storage::{Sources, StorageOptions},
    tabular::suggestion::did_you_mean,
};

/// What a client and its namespaces share.
#[derive(Clone)]
pub struct Shared(Arc<Parts>);

struct Parts {
    /// `None` once it is closed. Held only with the interpreter lock, so never across a fork.
    client: RwLock<Option<Client>>,
    ledger: Result<Ledger>,
    storage: StorageOptions,
    settings: Settings,
    /// Whether a local server made it: its key and its storage are open to everybody here.
    open: AtomicBool,
}

/// What a client was made from: enough to make it again elsewhere.
#[derive(Clone, Default)]
pub struct Settings {
    /// Whether the key was an argument; otherwise it came from the environment.
    pub key_given: bool,
    pub base_url: Option<String>,
    pub ledger: Option<String>,
    pub storage_options: BTreeMap<String, String>,
    pub results: Vec<String>,
    pub limits: Option<BTreeMap<String, Option<u32>>>,
    pub timeout: Option<f64>,
    pub connect_timeout: Option<f64>,
    pub read_timeout: Option<f64>,
    pub retries: Option<u32>,
    pub ca_bundle: Option<String>,
    pub proxy: Option<String>,
    pub allow_http: bool,
    pub user_agent: Option<String>,
    pub pool_size: Option<usize>,
}

/// A place as text: another one, which looks alike, must not be opened instead.
///
/// # Errors
/// The path is not UTF-8.
pub fn ledger_place(path: std::path::PathBuf) -> Result<String> {
    path.into_os_string().into_string().map_err(|path| {
        Error::config(format!("the ledger's path is not UTF-8: {}", path.display()))
            .hint("name a path that is, for example through a symbolic link")
    })
}

impl Shared {
    pub fn new(api_key: Option<&str>, mut settings: Settings) -> Result<Self> {
        let mut config =
            ClientConfig::resolve(api_key, settings.base_url.as_deref(), settings.allow_http)?;
        if let Some(limits) = &settings.limits {
            config.limits = limits_from(config.limits, limits)?;
            config.ceilings = limits_from(config.ceilings, limits)?;
        }
        let seconds = |name: &str, value: Option<f64>, default: Duration| match value {
            None => Ok(default),
            Some(value) => {
                Duration::try_from_secs_f64(value).ok().filter(|d| !d.is_zero()).ok_or_else(|| {
                    Error::config(format!("{name} is {value}; it is a number of seconds above 0"))
                })
            }
        };
        let timeouts = &mut config.timeouts;
        timeouts.total = seconds("timeout", settings.timeout, timeouts.total)?;
        timeouts.connect = seconds("connect_timeout", settings.connect_timeout, timeouts.connect)?;
        timeouts.read = seconds("read_timeout", settings.read_timeout, timeouts.read)?;
        if let Some(retries) = settings.retries {
            config.retry.attempts = retries.saturating_add(1);
        }
        config.pool_size = settings.pool_size.unwrap_or(config.pool_size);
        config.user_agent.clone_from(&settings.user_agent);
        config.ca_bundle = settings.ca_bundle.as_ref().map(Into::into);
        config.proxy.clone_from(&settings.proxy);
        // A ledger that cannot be opened is no obstacle to a single call; a job will say so.
        let ledger = Ledger::resolve(settings.ledger.as_deref());
        // A relative path would be another one elsewhere, or after a change of the directory.
        if let Some(given) = &mut settings.ledger
            && let Ok(ledger) = &ledger
            && !given.contains("://")
            && let Ok(path) = std::path::absolute(ledger.place())
        {
            *given = path.to_string_lossy().into_owned();
        }
        let slots: Option<SlotsMaker> = match &ledger {
            Ok(ledger) => Some(ledger.slots()),
            Err(error) => {
                tracing::warn!(%error, "rate limits are not shared with other processes");
                None
            }
        };
        let storage = StorageOptions::new(settings.storage_options.clone())?;
        Sources::new(&config.base_url, &settings.results)?;
        let client = Client::with_slots(config, slots)?;
        runtime::handle()?;
        let (client, open) = (RwLock::new(Some(client)), AtomicBool::new(false));
        Ok(Self(Arc::new(Parts { client, ledger, storage, settings, open })))
    }

    /// Says that a local server made this client, with its own key and storage.
    pub fn open(&self) {
        self.0.open.store(true, Ordering::Relaxed);
    }

    /// # Errors
    /// The client is closed.
    pub fn client(&self) -> Result<Client> {
        let client = self.0.client.read().unwrap_or_else(PoisonError::into_inner);
        client.clone().ok_or_else(|| Error::config("the client is closed; make another one"))
    }

    fn close(&self) {
        self.0.client.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    pub fn ledger(&self) -> Result<Ledger> {
        self.0.ledger.clone()
    }

    fn options(&self, on_in_doubt: &str) -> Result<JobOptions> {
        Ok(JobOptions {
            on_in_doubt: on_in_doubt.parse::<OnInDoubt>()?,
            storage: self.0.storage.clone(),
            results: self.0.settings.results.clone(),
            face: &PythonFace,
            ..JobOptions::default()
        })
    }

    fn base_url(&self) -> String {
        let client = self.0.client.read().unwrap_or_else(PoisonError::into_inner);
        client.as_ref().map(|client| client.config().base_url.to_string()).unwrap_or_default()
    }

    /// The arguments that make this client again. A key from the environment is not among them: the
    /// other side takes it from its own.
    ///
    /// # Errors
    /// The client is closed, or was given a secret, which must be in no pickle.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
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
        state.set_item("ledger", &settings.ledger)?;
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
        Ok(state)
    }
}

impl Settings {
    /// Refuses settings that hold a secret, and says where it could come from instead.
    fn without_secrets(&self) -> Result<()> {
        let refused = |what: String, hint: &'static str| {
            let happened = format!("the client cannot be pickled, because {what}");
            Err(Error::config(happened).hint(hint))
        };
        if self.key_given {
            return refused(
                "its API key was passed as api_key=, and no pickle may hold it".into(),
                "leave api_key= out and set LANTERN_API_KEY, here and where it is unpickled",
            );
        }
        if self.ledger.as_deref().is_some_and(|ledger| without_password(ledger) != ledger) {
            return refused(
                "the URL in ledger= holds a password".into(),
                "set PGPASSWORD or LANTERN_LEDGER instead, here and where it is unpickled",
            );
        }
        if self.proxy.as_deref().is_some_and(|proxy| proxy.contains('@')) {
            return refused(
                "the URL in proxy= holds a user or a password".into(),
                "set HTTPS_PROXY instead, here and where it is unpickled",
            );
        }
        if let Some(name) = self.storage_options.keys().find(|name| is_secret(name)) {
            return refused(
                format!("storage_options= holds {name:?}"),
                "set the variables of AWS instead, here and where it is unpickled",
            );
        }
        Ok(())
    }
}

/// What pickle needs: a function and its arguments.
type Recipe<'py> = (Bound<'py, PyAny>, (Bound<'py, PyAny>, Bound<'py, PyDict>));

/// Whether a storage option is, or may hold, a secret.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "token", "access_key", "password", "credential", "proxy", "customer_key"]
        .iter()
        .any(|word| name.contains(word))
}

/// `{"batches": 60, "sync": None}`: a limit that is left out stays as it is.
pub fn limits_from(
    mut limits: RateLimits,
    given: &BTreeMap<String, Option<u32>>,
) -> Result<RateLimits> {
    for (name, value) in given {
        if *value == Some(0) {
            return Err(Error::config(format!(
                "the limit of {name:?} is 0; write requests a minute, or None for no limit"
            )));
        }
        *(match name.as_str() {
            "sync" => &mut limits.sync,
            "batches" => &mut limits.batches,
            "credits" => &mut limits.credits,
            "bursts" => &mut limits.bursts,
            _ => {
                let meant = did_you_mean(name, LimitClass::ALL.map(LimitClass::name));
                return Err(Error::config(format!(
                    "there is no limit {name:?}{meant}; the limits are sync, batches, credits and \
                     bursts"
                )));
            }
        }) = *value;
    }
    Ok(limits)
}

/// How long `submit` works on a job that it has written down.
const SUBMIT: Duration = Duration::from_secs(5);

/// What a job is to do, as its caller says it.
struct Asked {
    submission: Submission,
    on_in_doubt: String,
}

/// The ids of a column. Millions of them take seconds: on a thread for that, so that Ctrl-C is heeded.
async fn ids_of(column: Column) -> Result<(String, Ids)> {
    runtime::aside(move || {
        let ids = Ids::read(&column.name, column.data_type(), &column.chunks)?;
        Ok((column.name, ids))
    })
    .await
}

async fn submit(shared: Shared, asked: Asked, column: Column) -> Result<Job> {
    let (column, ids) = ids_of(column).await?;
    let options = shared.options(&asked.on_in_doubt)?;
    let (client, ledger) = (shared.client()?, shared.ledger()?);
    let job = Job::submit(&client, &ledger, &asked.submission, &column, &ids, options).await?;
    // It sends what may leave now. How the job goes is the business of those who wait for it.
    let options = WaitOptions { timeout: Some(SUBMIT), on_failed: OnFailed::Keep };
    match job.poll_with(options).await {
        // Runs of an earlier submission may hang; a wait says so, and nothing is sent by it.
        Err(error) if !error.is(ErrorKind::Timeout) => Err(error),
        _ => Ok(job),
    }
}

async fn dry_run(shared: Shared, asked: Asked, column: Column) -> Result<DryRun> {
    let (column, ids) = ids_of(column).await?;
    let (client, ledger) = (shared.client()?, shared.ledger()?);
    Job::dry_run(&client, &ledger, &asked.submission, &column, &ids).await
}

pub async fn load(shared: Shared, key: String, on_in_doubt: String, spend: bool) -> Result<Job> {
    let options = JobOptions { spend, ..shared.options(&on_in_doubt)? };
    Job::load(&shared.client()?, &shared.ledger()?, &key, options).await
}

pub fn job_to_python(py: Python<'_>, job: Job) -> PyResult<Py<PyAny>> {
    Ok(Py::new(py, PyJob(job))?.into_any())
}

pub fn async_job_to_python(py: Python<'_>, job: Job) -> PyResult<Py<PyAny>> {
    Ok(Py::new(py, PyAsyncJob(job))?.into_any())
}

fn dry_run_to_python(py: Python<'_>, dry_run: DryRun) -> PyResult<Py<PyAny>> {
    to_python(py, &dry_run)
}

two_ways! {
    PyClient = "Client", PyAsyncClient = "AsyncClient", Shared,
    {
        #[new]
        #[pyo3(signature = (
            api_key=None, base_url=None, *, ledger=None, storage_options=None, limits=None,
            timeout=None, connect_timeout=None, read_timeout=None, retries=None, ca_bundle=None,
            proxy=None, allow_http=false, user_agent=None, pool_size=None, results=None
        ))]
        #[allow(clippy::too_many_arguments)]
        fn new(
            py: Python<'_>,
            api_key: Option<String>,
            base_url: Option<String>,
            ledger: Option<std::path::PathBuf>,
            storage_options: Option<BTreeMap<String, String>>,
            limits: Option<BTreeMap<String, Option<u32>>>,
            timeout: Option<f64>,
            connect_timeout: Option<f64>,
            read_timeout: Option<f64>,
            retries: Option<u32>,
            ca_bundle: Option<std::path::PathBuf>,
            proxy: Option<String>,
            allow_http: bool,
            user_agent: Option<String>,
            pool_size: Option<usize>,
            results: Option<Paths>,
        ) -> PyResult<Self> {
            let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
            let ledger = ledger.map(ledger_place).transpose().or_raise(py)?;
            let settings = Settings {
                key_given: api_key.is_some(),
                base_url,
                ledger,
                storage_options: storage_options.unwrap_or_default(),
                results: match results {
                    None => Vec::new(),
                    Some(Paths::One(place)) => vec![text(place)],
                    Some(Paths::Many(places)) => places.into_iter().map(text).collect(),
                },
                limits,
                timeout,
                connect_timeout,
                read_timeout,
                retries,
                ca_bundle: ca_bundle.map(text),
                proxy,
                allow_http,
                user_agent,
                pool_size,
            };
            // A ledger on a server is asked, which may take a while.
            let made = py.detach(|| Shared::new(api_key.as_deref(), settings)).or_raise(py);
            crate::connection::log::hand_over(py)?;
            made.map(Self)
        }

        #[getter]
        fn base_url(&self) -> String {
            self.0.base_url()
        }

        #[getter]
        fn ledger(&self, py: Python<'_>) -> PyResult<String> {
            Ok(self.0.ledger().or_raise(py)?.place())
        }

        #[getter]
        fn agents(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            let shared = self.0.clone();
            if Self::AWAITED {
                return Ok(Py::new(py, PyAsyncAgents(shared))?.into_any());
            }
            Ok(Py::new(py, PyAgents(shared))?.into_any())
        }

        #[getter]
        fn credits(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            let shared = self.0.clone();
            if Self::AWAITED {
                return Ok(Py::new(py, PyAsyncCredits(shared))?.into_any());
            }
            Ok(Py::new(py, PyCredits(shared))?.into_any())
        }

        #[getter]
        fn enrich(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            namespace!(Self, py, self.0, PyEnrich, PyAsyncEnrich)
        }

        #[getter]
        fn salesforce(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            namespace!(Self, py, self.0, calls::PySalesforce, calls::PyAsyncSalesforce)
        }

        #[getter]
        fn routing(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            namespace!(Self, py, self.0, calls::PyRouting, calls::PyAsyncRouting)
        }

        #[getter]
        fn triggers(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            namespace!(Self, py, self.0, calls::PyTriggers, calls::PyAsyncTriggers)
        }

        #[getter]
        fn logs(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            namespace!(Self, py, self.0, calls::PyLogs, calls::PyAsyncLogs)
        }

        #[getter]
        fn workflows(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            namespace!(Self, py, self.0, calls::PyWorkflows, calls::PyAsyncWorkflows)
        }

        #[getter]
        fn forms(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            namespace!(Self, py, self.0, calls::PyForms, calls::PyAsyncForms)
        }

        #[pyo3(name = "match", signature = (
            *, object, candidates, rules, context=None, max_credits=None, extra=None
        ))]
        #[allow(clippy::too_many_arguments)]
        fn match_records(
            &self,
            py: Python<'_>,
            object: &str,
            candidates: Vec<Object>,
            rules: Rules,
            context: Option<Object>,
            max_credits: Option<u64>,
            extra: Option<Object>,
        ) -> PyResult<Py<PyAny>> {
            let call = Match {
                object: word(py, object)?,
                candidates: candidates.into_iter().map(|one| one.0).collect(),
                rules: rules.0,
                context: context.map(|context| context.0),
                max_credits,
            };
            Self::drive(py, send_with(self.0.client(), call, extra), PyMatched::convert)
        }

        #[pyo3(signature = (
            table, call, *, columns, max_credits, arguments=None, credits_per_call=None,
            rows_per_call=None, concurrency=8, key=None, on_in_doubt="raise"
        ))]
        #[allow(clippy::too_many_arguments)]
        fn map(
            &self,
            py: Python<'_>,
            table: &Bound<'_, PyAny>,
            call: &str,
            columns: BTreeMap<String, String>,
            max_credits: u64,
            arguments: Option<Object>,
            credits_per_call: Option<u64>,
            rows_per_call: Option<usize>,
            concurrency: usize,
            key: Option<String>,
            on_in_doubt: &str,
        ) -> PyResult<Py<PyAny>> {
            let given = Given {
                call: Kind::named(call).or_raise(py)?.name,
                arguments: arguments.map(|arguments| arguments.0).unwrap_or_default(),
                max_credits,
                credits_per_call,
                rows_per_call,
                concurrency,
                key,
                on_in_doubt: on_in_doubt.to_owned(),
            };
            let asked = given.read(&self.0, table, &columns)?;
            Self::drive(py, map::mapped(self.0.clone(), asked), OutTable::convert)
        }

        #[pyo3(signature = (
            leads, *, id="id", match_policy=None, merge_policy=None,
            set_owner_round_robin_pool=None, max_credits, concurrency=8, key=None,
            on_in_doubt="raise"
        ))]
        #[allow(clippy::too_many_arguments)]
        fn convert_leads(
            &self,
            py: Python<'_>,
            leads: &Bound<'_, PyAny>,
            id: &str,
            match_policy: Option<Object>,
            merge_policy: Option<Object>,
            set_owner_round_robin_pool: Option<String>,
            max_credits: u64,
            concurrency: usize,
            key: Option<String>,
            on_in_doubt: &str,
        ) -> PyResult<Py<PyAny>> {
            let arguments = [
                ("match_policy", map::value(match_policy)),
                ("merge_policy", map::value(merge_policy)),
                ("set_owner_round_robin_pool", set_owner_round_robin_pool.into()),
            ];
            let (most, how) = ((max_credits, concurrency), (key, on_in_doubt));
            let given = Given::helper("salesforce.convert", arguments, most, how);
            let columns = BTreeMap::from([("lead_sf_id".to_owned(), id.to_owned())]);
            let asked = given.read(&self.0, leads, &columns)?;
            Self::drive(py, map::mapped(self.0.clone(), asked), OutTable::convert)
        }

        #[pyo3(signature = (
            records, *, object, pool, id="id", exclude_inactive=true, reset_rules=None,
            max_credits, concurrency=8, key=None, on_in_doubt="raise"
        ))]
        #[allow(clippy::too_many_arguments)]
        fn assign(
            &self,
            py: Python<'_>,
            records: &Bound<'_, PyAny>,
            object: &str,
            pool: &str,
            id: &str,
            exclude_inactive: bool,
            reset_rules: Option<Object>,
            max_credits: u64,
            concurrency: usize,
            key: Option<String>,
            on_in_doubt: &str,
        ) -> PyResult<Py<PyAny>> {
            // 1 for an assignment, 1 more with reset rules.
            let price = 1 + u64::from(reset_rules.is_some());
            let arguments = [
                ("object", object.into()),
                ("pool", pool.into()),
                ("exclude_inactive", exclude_inactive.into()),
                ("reset_rules", map::value(reset_rules)),
            ];
            let (most, how) = ((max_credits, concurrency), (key, on_in_doubt));
            let given = Given::helper("routing.assign", arguments, most, how);
            let columns = BTreeMap::from([("sf_id".to_owned(), id.to_owned())]);
            let given = Given { credits_per_call: Some(price), ..given };
            let asked = given.read(&self.0, records, &columns)?;
            Self::drive(py, map::mapped(self.0.clone(), asked), OutTable::convert)
        }

        #[pyo3(signature = (
            records, workflow_id, *, columns=None, source_system=None,
            enrichment_preferences=None, max_credits, concurrency=8, key=None,
            on_in_doubt="raise"
        ))]
        #[allow(clippy::too_many_arguments)]
        fn trigger(
            &self,
            py: Python<'_>,
            records: &Bound<'_, PyAny>,
            workflow_id: &str,
            columns: Option<BTreeMap<String, String>>,
            source_system: Option<String>,
            enrichment_preferences: Option<Object>,
            max_credits: u64,
            concurrency: usize,
            key: Option<String>,
            on_in_doubt: &str,
        ) -> PyResult<Py<PyAny>> {
            let arguments = [
                ("workflow_id", workflow_id.into()),
                ("source_system", source_system.into()),
                ("enrichment_preferences", map::value(enrichment_preferences)),
            ];
            let (most, how) = ((max_credits, concurrency), (key, on_in_doubt));
            let given = Given::helper("workflows.trigger", arguments, most, how);
            let columns = match columns {
                None => map::all_columns(records, "record_data")?,
                Some(columns) => columns
                    .into_iter()
                    .map(|(field, column)| (format!("record_data.{field}"), column))
                    .collect(),
            };
            let asked = given.read(&self.0, records, &columns)?;
            Self::drive(py, map::mapped(self.0.clone(), asked), OutTable::convert)
        }

        #[pyo3(signature = (
            forms, *, columns=None, additional_fields=None, form_source=None,
            enrichment_preferences=None, output_preferences=None, max_credits, concurrency=8,
            key=None, on_in_doubt="raise"
        ))]
        #[allow(clippy::too_many_arguments)]
        fn submit_forms(
            &self,
            py: Python<'_>,
            forms: &Bound<'_, PyAny>,
            columns: Option<BTreeMap<String, String>>,
            additional_fields: Option<Object>,
            form_source: Option<String>,
            enrichment_preferences: Option<Object>,
            output_preferences: Option<Object>,
            max_credits: u64,
            concurrency: usize,
            key: Option<String>,
            on_in_doubt: &str,
        ) -> PyResult<Py<PyAny>> {
            let arguments = [
                ("additional_fields", map::value(additional_fields)),
                ("form_source", form_source.into()),
                ("enrichment_preferences", map::value(enrichment_preferences)),
                ("output_preferences", map::value(output_preferences)),
            ];
            let (most, how) = ((max_credits, concurrency), (key, on_in_doubt));
            let given = Given::helper("forms.submit", arguments, most, how);
            let columns = match columns {
                None => map::known_columns(forms, &["name", "email", "company", "phone", "title"])?,
                Some(columns) => columns,
            };
            let asked = given.read(&self.0, forms, &columns)?;
            Self::drive(py, map::mapped(self.0.clone(), asked), OutTable::convert)
        }

        #[pyo3(signature = (
            left, right, rules=None, *, object="account", sure=0.95, unsure=0.6, max_credits,
            fields=None, left_id=None, right_id="id", weights=None, model=None,
            instructions=None, threshold=None, rows_per_call=None, concurrency=8, key=None,
            on_in_doubt="raise"
        ))]
        #[allow(clippy::too_many_arguments)]
        fn match_cascade(
            &self,
            py: Python<'_>,
            left: &Bound<'_, PyAny>,
            right: &Bound<'_, PyAny>,
            rules: Option<&Bound<'_, PyAny>>,
            object: &str,
            sure: f64,
            unsure: f64,
            max_credits: u64,
            fields: Option<&Bound<'_, PyAny>>,
            left_id: Option<String>,
            right_id: &str,
            weights: Option<BTreeMap<String, f64>>,
            model: Option<PyRef<'_, matching::PyModel>>,
            instructions: Option<String>,
            threshold: Option<f64>,
            rows_per_call: Option<usize>,
            concurrency: usize,
            key: Option<String>,
            on_in_doubt: &str,
        ) -> PyResult<Py<PyAny>> {
            let (left, right) = (matching::table(left, "left")?, matching::table(right, "right")?);
            let ids = [left_id.as_deref(), Some(right_id)];
            let options = matching::options(
                py, fields, ids, None, None, false, model.as_deref(), None,
            )?;
            let groups = matching::groups(py, rules)?;
            let weights = weights.unwrap_or_default();
            if groups.is_none() {
                matching::no_weights(py, &weights)?;
            }
            let asked = Cascade {
                left,
                right,
                object: word(py, object)?,
                groups,
                weights,
                options,
                left_id,
                right_id: right_id.to_owned(),
                sure,
                unsure,
                instructions,
                threshold,
                max_credits,
                rows_per_call,
                concurrency,
                key,
                on_in_doubt: on_in_doubt.parse().or_raise(py)?,
                ledger: self.0.ledger().or_raise(py)?.clone(),
            };
            Self::drive(py, map::cascaded(self.0.clone(), asked), OutTable::convert)
        }

        #[pyo3(signature = (
            table, kind, *, id="id", max_credits, key=None, entity_type="person",
            query_hint="", effort="medium", agent_type="general", batch_size=1000,
            credits_per_id=None, on_in_doubt="raise", dry_run=false
        ))]
        #[allow(clippy::too_many_arguments)]
        fn submit(
            &self,
            py: Python<'_>,
            table: &Bound<'_, PyAny>,
            kind: &str,
            id: &str,
            max_credits: u64,
            key: Option<String>,
            entity_type: &str,
            query_hint: &str,
            effort: &str,
            agent_type: &str,
            batch_size: usize,
            credits_per_id: Option<u64>,
            on_in_doubt: &str,
            dry_run: bool,
        ) -> PyResult<Py<PyAny>> {
            let asked = || -> Result<Asked> {
                let mut request = Request::new(kind.parse()?);
                request.entity_type = entity_type.parse()?;
                request.query_hint = query_hint.to_owned();
                request.effort = effort.parse()?;
                request.agent_type = agent_type.parse()?;
                on_in_doubt.parse::<OnInDoubt>()?;
                let submission = Submission {
                    request,
                    max_credits,
                    key,
                    batch_size,
                    price: credits_per_id,
                };
                Ok(Asked { submission, on_in_doubt: on_in_doubt.to_owned() })
            };
            let asked = asked().or_raise(py)?;
            let column = column(table, id)?;
            let shared = self.0.clone();
            if dry_run {
                return Self::drive(py, self::dry_run(shared, asked, column), dry_run_to_python);
            }
            let convert = if Self::AWAITED { async_job_to_python } else { job_to_python };
            Self::drive(py, submit(shared, asked, column), convert)
        }

        #[pyo3(signature = (key, *, on_in_doubt="raise", spend=true))]
        fn job(
            &self,
            py: Python<'_>,
            key: String,
            on_in_doubt: &str,
            spend: bool,
        ) -> PyResult<Py<PyAny>> {
            let convert = if Self::AWAITED { async_job_to_python } else { job_to_python };
            Self::drive(py, load(self.0.clone(), key, on_in_doubt.to_owned(), spend), convert)
        }

        fn close(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            self.0.close();
            Self::drive(py, async { Ok(()) }, |py, ()| Ok(py.None()))
        }

        fn __repr__(&self) -> String {
            let name = if Self::AWAITED { "AsyncClient" } else { "Client" };
            match self.0.client() {
                Ok(_) => format!("{name}({:?}, api_key=***)", self.0.base_url()),
                Err(_) => format!("{name}(closed)"),
            }
        }

        fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
            slf
        }

        fn __deepcopy__<'py>(
            slf: Bound<'py, Self>,
            memo: &Bound<'py, PyAny>,
        ) -> Bound<'py, Self> {
            let _ = memo;
            slf
        }

        fn __reduce__<'py>(
            slf: &Bound<'py, Self>,
        ) -> PyResult<Recipe<'py>> {
            let py = slf.py();
            let make = py.import("lantern._pickling")?.getattr("make_client")?;
            Ok((make, (slf.get_type().into_any(), slf.get().0.state(py)?)))
        }
    },
    blocking {
        fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
            slf
        }

        #[pyo3(signature = (exc_type=None, exc=None, tb=None))]
        fn __exit__(
            &self,
            exc_type: Option<&Bound<'_, PyAny>>,
            exc: Option<&Bound<'_, PyAny>>,
            tb: Option<&Bound<'_, PyAny>>,
        ) {
            let _ = (exc_type, exc, tb);
            self.0.close();
        }
    },
    awaited {
        fn __aenter__(slf: Bound<'_, Self>) -> PyResult<Py<PyAny>> {
            let py = slf.py();
            let own = slf.into_any().unbind();
            Self::drive(py, async move { Ok(own) }, |_, own| Ok(own))
        }

        #[pyo3(signature = (exc_type=None, exc=None, tb=None))]
        fn __aexit__(
            &self,
            py: Python<'_>,
            exc_type: Option<&Bound<'_, PyAny>>,
            exc: Option<&Bound<'_, PyAny>>,
            tb: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<Py<PyAny>> {
            let _ = (exc_type, exc, tb);
            self.close(py)
        }
    }
}
