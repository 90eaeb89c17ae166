//! `lantern.LocalServer`.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use lantern_python_macros::documented;
use pyo3::{exceptions::PyValueError, prelude::*, types::PyDict};
use serde_json::{Map, Value};

use crate::{
    answers::values::to_python,
    connection::{settings::limits_from, shared::Shared},
    conversion::arguments::Object,
    conversion::errors::OrRaise,
    conversion::tables::{self, OutTable},
    conversion::whole_numbers as whole,
    matching::arguments as matching,
};
use lantern::{
    error::{Error, Result},
    tabular::suggestion::did_you_mean,
};
use lantern_server::{
    CrmSource, CrmSources, DirectorySource, FaultRule, Limits, LocalServer, ModelEndpoint, Prices,
    ServerConfig,
};

#[documented]
#[pyclass(frozen, weakref, module = "lantern", name = "LocalServer")]
pub struct PyLocalServer {
    server: LocalServer,
    limits: Limits,
    ledger: PathBuf,
    /// The folder of the ledger, for a server without a data folder.
    _folder: Option<tempfile::TempDir>,
}

/// Parses people or companies: a file, or a table.
fn directory(source: &Bound<'_, PyAny>, name: &str) -> PyResult<DirectorySource> {
    if let Ok(path) = source.extract::<PathBuf>() {
        return Ok(DirectorySource::Path(path));
    }
    tables::check(source, name)?;
    Ok(DirectorySource::Table(tables::read(source)?.0))
}

/// Parses records of the CRM by kind, each a file or a table.
fn crm_records(given: BTreeMap<String, Bound<'_, PyAny>>) -> PyResult<CrmSources> {
    given
        .into_iter()
        .map(|(kind, source)| {
            let source = match source.extract::<PathBuf>() {
                Ok(path) => CrmSource::Path(path),
                Err(_) => {
                    tables::check(&source, &format!("crm[{kind:?}]"))?;
                    CrmSource::Table(matching::table(&source, "given")?.batches)
                }
            };
            Ok((kind, source))
        })
        .collect()
}

/// The argument `limits`: `"api"`, `"off"`, or requests a minute by class.
enum GivenLimits {
    Word(String),
    Each(BTreeMap<String, Option<u32>>),
}

fn given_limits(value: &Bound<'_, PyAny>) -> PyResult<Option<GivenLimits>> {
    match value.extract::<String>() {
        Ok(word) => Ok(Some(GivenLimits::Word(word))),
        Err(_) => Ok(whole::limits(value)?.map(GivenLimits::Each)),
    }
}

fn limits(given: Option<GivenLimits>) -> Result<Limits> {
    let each = match given {
        None => return Ok(Limits::default()),
        Some(GivenLimits::Word(word)) => {
            return match word.as_str() {
                "api" => Ok(Limits::default()),
                "off" => Ok(Limits::LIFTED),
                _ => Err(Error::config(format!("limits is {word:?}")).hint(
                    "use \"api\", \"off\", or a dictionary such as {\"batches\": 60, \
                           \"sync\": None}",
                )),
            };
        }
        Some(GivenLimits::Each(each)) => limits_from(Limits::default(), &each)?,
    };
    Ok(Limits {
        sync: each.sync,
        batches: each.batches,
        credits: each.credits,
        bursts: each.bursts,
    })
}

fn prices(given: Option<BTreeMap<String, u32>>) -> Result<Prices> {
    let mut prices = Prices::default();
    for (name, price) in given.unwrap_or_default() {
        *(match name.as_str() {
            "phone" => &mut prices.phone,
            "email" => &mut prices.email,
            "company" => &mut prices.company,
            "person" => &mut prices.person,
            _ => {
                let meant = did_you_mean(&name, ["phone", "email", "company", "person"]);
                return Err(Error::config(format!("there is no price {name:?}{meant}"))
                    .hint("the prices are phone, email, company and person"));
            }
        }) = price;
    }
    Ok(prices)
}

fn rules(texts: Vec<String>) -> Result<Vec<FaultRule>> {
    texts.iter().map(|text| Ok(text.parse::<FaultRule>()?)).collect()
}

/// The fields that were given as keywords.
fn keywords(fields: Option<&Bound<'_, PyDict>>) -> PyResult<Map<String, Value>> {
    let Some(fields) = fields else { return Ok(Map::new()) };
    Ok(fields.as_any().extract::<Object>()?.0)
}

#[documented]
#[pymethods]
impl PyLocalServer {
    #[new]
    #[pyo3(signature = (
        host="127.0.0.1", port=0, *, s3_port=0, data=None, key=None, people=None,
        companies=None, seed=7, size=10_000, limits=None, prices=None, credits=1_000_000.0,
        faults=Vec::new(), work_delay=0.0, workflows=None, webhook=None,
        crm=None, tenants=Vec::new(), model_url=None, model=None, model_key=None
    ))]
    fn new(
        py: Python<'_>,
        host: &str,
        #[pyo3(from_py_with = whole::port)] port: u16,
        #[pyo3(from_py_with = whole::s3_port)] s3_port: u16,
        data: Option<PathBuf>,
        key: Option<String>,
        people: Option<&Bound<'_, PyAny>>,
        companies: Option<&Bound<'_, PyAny>>,
        #[pyo3(from_py_with = whole::seed)] seed: u64,
        #[pyo3(from_py_with = whole::size)] size: usize,
        #[pyo3(from_py_with = given_limits)] limits: Option<GivenLimits>,
        #[pyo3(from_py_with = whole::prices)] prices: Option<BTreeMap<String, u32>>,
        credits: f64,
        faults: Vec<String>,
        work_delay: f64,
        workflows: Option<PathBuf>,
        webhook: Option<String>,
        crm: Option<BTreeMap<String, Bound<'_, PyAny>>>,
        tenants: Vec<String>,
        model_url: Option<String>,
        model: Option<String>,
        model_key: Option<String>,
    ) -> PyResult<Self> {
        if model_url.is_none() && (model.is_some() || model_key.is_some()) {
            return Err(Error::config("model and model_key need a model_url").hint("give it too"))
                .or_raise(py);
        }
        let limits = self::limits(limits).or_raise(py)?;
        let work_delay = Duration::try_from_secs_f64(work_delay)
            .map_err(|_| PyValueError::new_err("work_delay is a number of seconds, at least 0"))?;
        let people = match people {
            Some(people) => directory(people, "people")?,
            None => {
                DirectorySource::Generated { seed, people: size, companies: (size / 10).max(1) }
            }
        };
        let config = ServerConfig {
            host: host.to_owned(),
            port,
            s3_port,
            data: data.clone(),
            key,
            people,
            companies: companies.map(|given| directory(given, "companies")).transpose()?,
            limits,
            prices: self::prices(prices).or_raise(py)?,
            credits,
            faults: rules(faults).or_raise(py)?,
            work_delay,
            workflows,
            webhook,
            tenants,
            crm_records: crm_records(crm.unwrap_or_default())?,
            model: model_url.map(|url| ModelEndpoint {
                url,
                model,
                key: model_key.map(Into::into),
            }),
            ..ServerConfig::default()
        };
        let (folder, ledger) = match data {
            Some(data) => (None, data.join("ledger.sqlite")),
            None => {
                let folder = tempfile::tempdir()
                    .map_err(|error| {
                        Error::local(format!("no temporary folder can be created: {error}"))
                    })
                    .or_raise(py)?;
                let ledger = folder.path().join("ledger.sqlite");
                (Some(folder), ledger)
            }
        };
        let server = py.detach(|| LocalServer::start_blocking(config)).or_raise(py)?;
        Ok(Self { server, limits, ledger, _folder: folder })
    }

    #[getter]
    fn url(&self) -> String {
        self.server.url()
    }

    #[getter]
    fn key(&self) -> &str {
        self.server.key()
    }

    #[getter]
    fn storage_options(&self) -> BTreeMap<String, String> {
        self.server.storage_options()
    }

    fn people(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let people = py.detach(|| self.server.people());
        OutTable::convert(py, people.into())
    }

    fn companies(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let companies = py.detach(|| self.server.companies());
        OutTable::convert(py, companies.into())
    }

    fn runs(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let runs = py.detach(|| self.server.runs()).or_raise(py)?;
        OutTable::convert(py, runs.into())
    }

    fn crm(&self, py: Python<'_>, objects: &str) -> PyResult<Py<PyAny>> {
        let records = py.detach(|| self.server.crm(objects)).or_raise(py)?;
        OutTable::convert(py, records.into())
    }

    #[pyo3(signature = (objects, /, **fields))]
    fn crm_add(
        &self,
        py: Python<'_>,
        objects: &str,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let fields = keywords(fields)?;
        let made = py.detach(|| self.server.crm_add(objects, &fields)).or_raise(py)?;
        to_python(py, &made)
    }

    #[pyo3(signature = (id, /, **fields))]
    fn crm_set(
        &self,
        py: Python<'_>,
        id: &str,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let fields = keywords(fields)?;
        let changed = py.detach(|| self.server.crm_set(id, &fields)).or_raise(py)?;
        to_python(py, &changed)
    }

    #[getter]
    fn credits_used(&self, py: Python<'_>) -> f64 {
        py.detach(|| self.server.credits_used())
    }

    #[pyo3(signature = (**options))]
    fn client<'py>(
        &self,
        py: Python<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.make(py, "Client", options)
    }

    #[pyo3(signature = (**options))]
    fn async_client<'py>(
        &self,
        py: Python<'py>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.make(py, "AsyncClient", options)
    }

    fn add_fault(&self, py: Python<'_>, rule: &str) -> PyResult<()> {
        let rule = rule.parse::<FaultRule>().map_err(Error::from).or_raise(py)?;
        self.server.add_fault(rule);
        Ok(())
    }

    fn clear_faults(&self) {
        self.server.set_faults(Vec::new());
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.server.stop_blocking());
    }

    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (exc_type=None, exc=None, tb=None))]
    fn __exit__(
        &self,
        py: Python<'_>,
        exc_type: Option<&Bound<'_, PyAny>>,
        exc: Option<&Bound<'_, PyAny>>,
        tb: Option<&Bound<'_, PyAny>>,
    ) {
        let _ = (exc_type, exc, tb);
        self.stop(py);
    }

    fn __repr__(&self) -> String {
        format!("LocalServer({:?})", self.server.url())
    }
}

impl PyLocalServer {
    fn make<'py>(
        &self,
        py: Python<'py>,
        class: &str,
        options: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let arguments = PyDict::new(py);
        arguments.set_item("api_key", self.server.key())?;
        arguments.set_item("base_url", self.server.url())?;
        arguments.set_item("storage_options", self.server.storage_options())?;
        arguments.set_item("ledger", &self.ledger)?;
        let limits = PyDict::new(py);
        limits.set_item("sync", self.limits.sync)?;
        limits.set_item("batches", self.limits.batches)?;
        limits.set_item("credits", self.limits.credits)?;
        limits.set_item("bursts", self.limits.bursts)?;
        arguments.set_item("limits", limits)?;
        if let Some(options) = options {
            // Another tenant can only read its own results.
            if let Some(key) = options.get_item("api_key")?
                && let Ok(key) = key.extract::<String>()
                && let Some(own) = self.server.storage_options_by(&key)
            {
                arguments.set_item("storage_options", own)?;
            }
            arguments.update(options.as_mapping())?;
        }
        let client = py.import("lantern")?.getattr(class)?.call((), Some(&arguments))?;
        let own =
            |name: &str| options.is_none_or(|options| !options.contains(name).unwrap_or(true));
        if own("api_key") && own("storage_options") {
            Shared::of(&client)?.open();
        }
        Ok(client)
    }
}
