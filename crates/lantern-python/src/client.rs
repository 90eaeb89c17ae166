//! `lantern.Client` and `lantern.AsyncClient`.

use std::{collections::BTreeMap, path::PathBuf};

use lantern_python_macros::two_ways;
use pyo3::{prelude::*, types::PyDict};

use crate::{
    answers::{record_match::PyMatched, values::to_python},
    calls::{
        agents::PyAgents, credits::PyCredits, enrich::PyEnrich, forms::PyForms, logs::PyLogs,
        routing::PyRouting, salesforce::PySalesforce, send::send_with, triggers::PyTriggers,
        workflows::PyWorkflows,
    },
    connection::{
        log,
        settings::{Settings, ledger_place},
        shared::{PyConnection, Shared},
        sync_async::TwoWays,
    },
    conversion::{
        arguments::{Object, Paths, Reused, Rules, word},
        errors::OrRaise,
        suppression,
        tables::{self, OutTable},
        whole_numbers as whole,
    },
    jobs::{
        budgets::PyBudgets,
        helpers,
        job::PyJob,
        map::{self, MapArguments, MapMemory, MapOptions},
        submit::{self, SubmitArguments, Words},
        suppression::PySuppression,
    },
    matching::{arguments as matching, model::PyModel},
};
use lantern::{
    api::matching::Match,
    jobs::{
        OnInDoubt,
        map::{Cascade, Kind},
        plan::Submission,
    },
};

/// The value of `__reduce__`: a function, and its arguments.
type Recipe<'py> = (Bound<'py, PyAny>, (Bound<'py, PyAny>, Bound<'py, PyDict>));

#[two_ways]
pub struct PyClient(pub Shared);

#[two_ways]
impl PyClient {
    #[new]
    #[pyo3(signature = (
        api_key=None, base_url=None, *, ledger=None, storage_options=None, limits=None,
        timeout=None, connect_timeout=None, read_timeout=None, retries=None, ca_bundle=None,
        proxy=None, allow_http=false, user_agent=None, pool_size=None, results=None,
        poll_share=None
    ))]
    fn new(
        py: Python<'_>,
        api_key: Option<String>,
        base_url: Option<String>,
        ledger: Option<PathBuf>,
        storage_options: Option<BTreeMap<String, String>>,
        #[pyo3(from_py_with = whole::limits)] limits: Option<BTreeMap<String, Option<u32>>>,
        timeout: Option<f64>,
        connect_timeout: Option<f64>,
        read_timeout: Option<f64>,
        #[pyo3(from_py_with = whole::optional::retries)] retries: Option<u32>,
        ca_bundle: Option<PathBuf>,
        proxy: Option<String>,
        allow_http: bool,
        user_agent: Option<String>,
        #[pyo3(from_py_with = whole::optional::pool_size)] pool_size: Option<usize>,
        results: Option<Paths>,
        poll_share: Option<f64>,
    ) -> PyResult<Self> {
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let ledger = ledger.map(ledger_place).transpose().or_raise(py)?;
        let settings = Settings {
            key_given: api_key.is_some(),
            base_url,
            ledger,
            storage_options: storage_options.unwrap_or_default(),
            results: results.map(Paths::into_texts).unwrap_or_default(),
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
            poll_share,
        };
        // Connecting to a ledger on a server may take a while, so the interpreter lock is released.
        let made = py.detach(|| Shared::new(api_key.as_deref(), settings)).or_raise(py);
        log::hand_over(py)?;
        made.map(Self)
    }

    #[getter]
    fn base_url(&self) -> String {
        self.0.base_url()
    }

    /// The connection that jobs and the local server take from a client.
    #[getter]
    fn _connection(&self) -> PyConnection {
        PyConnection(self.0.clone())
    }

    #[getter]
    fn ledger(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.0.ledger().or_raise(py)?.place())
    }

    #[getter]
    fn agents(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyAgents::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn credits(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyCredits::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn budgets(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyBudgets::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn suppress(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PySuppression::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn enrich(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyEnrich::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn salesforce(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PySalesforce::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn routing(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyRouting::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn triggers(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyTriggers::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn logs(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyLogs::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn workflows(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyWorkflows::like::<Self>(py, self.0.clone())
    }

    #[getter]
    fn forms(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        PyForms::like::<Self>(py, self.0.clone())
    }

    #[pyo3(name = "match", signature = (
        *, object, candidates, rules, context=None, max_credits=None, extra=None
    ))]
    fn match_records(
        &self,
        py: Python<'_>,
        object: &str,
        candidates: Vec<Object>,
        rules: Rules,
        context: Option<Object>,
        #[pyo3(from_py_with = whole::optional::max_credits)] max_credits: Option<u64>,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = Match {
            object: word(py, object)?,
            candidates: candidates.into_iter().map(|one| one.0).collect(),
            rules: rules.0,
            context: context.map(|context| context.0),
            max_credits,
        };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyMatched::convert)
    }

    #[pyo3(signature = (
        table, call, *, columns, max_credits, arguments=None, credits_per_call=None,
        rows_per_call=None, concurrency=8, key=None, on_in_doubt="raise", extra=None,
        budget=None, suppress=None,
        reuse=Reused::Flag(true), retry_not_found=None, sample=None, dry_run=false,
        provenance=false
    ))]
    fn map(
        &self,
        py: Python<'_>,
        table: &Bound<'_, PyAny>,
        call: &str,
        columns: BTreeMap<String, String>,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        arguments: Option<Object>,
        #[pyo3(from_py_with = whole::optional::credits_per_call)] credits_per_call: Option<u64>,
        #[pyo3(from_py_with = whole::optional::rows_per_call)] rows_per_call: Option<usize>,
        #[pyo3(from_py_with = whole::concurrency)] concurrency: usize,
        key: Option<String>,
        on_in_doubt: &str,
        extra: Option<Object>,
        budget: Option<String>,
        suppress: Option<&Bound<'_, PyAny>>,
        reuse: Reused,
        retry_not_found: Option<String>,
        #[pyo3(from_py_with = whole::optional::sample)] sample: Option<usize>,
        dry_run: bool,
        provenance: bool,
    ) -> PyResult<Py<PyAny>> {
        let wanted = (sample, provenance);
        let memory = MapMemory::new(py, &reuse, retry_not_found.as_deref(), wanted)?;
        let options = MapOptions {
            max_credits,
            concurrency,
            key,
            on_in_doubt,
            extra,
            budget,
            suppress: suppression::optional(suppress)?,
            memory,
        };
        let given = MapArguments {
            call: Kind::named(call).or_raise(py)?.name,
            arguments: arguments.map(|arguments| arguments.0).unwrap_or_default(),
            credits_per_call,
            rows_per_call,
            options,
        };
        tables::check(table, "table")?;
        let asked = given.read(&self.0, table, &columns)?;
        map::work::<Self>(py, self.0.clone(), asked, dry_run)
    }

    #[pyo3(signature = (
        leads, *, id="id", match_policy=None, merge_policy=None,
        set_owner_round_robin_pool=None, max_credits, concurrency=8, key=None,
        on_in_doubt="raise", extra=None, budget=None, suppress=None,
        dry_run=false, provenance=false
    ))]
    fn convert_leads(
        &self,
        py: Python<'_>,
        leads: &Bound<'_, PyAny>,
        id: &str,
        match_policy: Option<Object>,
        merge_policy: Option<Object>,
        set_owner_round_robin_pool: Option<String>,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        #[pyo3(from_py_with = whole::concurrency)] concurrency: usize,
        key: Option<String>,
        on_in_doubt: &str,
        extra: Option<Object>,
        budget: Option<String>,
        suppress: Option<&Bound<'_, PyAny>>,
        dry_run: bool,
        provenance: bool,
    ) -> PyResult<Py<PyAny>> {
        let memory = MapMemory { provenance, ..MapMemory::default() };
        let options = MapOptions {
            max_credits,
            concurrency,
            key,
            on_in_doubt,
            extra,
            budget,
            suppress: suppression::optional(suppress)?,
            memory,
        };
        tables::check(leads, "leads")?;
        let asked = helpers::convert_leads(
            &self.0,
            leads,
            id,
            match_policy,
            merge_policy,
            set_owner_round_robin_pool,
            options,
        )?;
        map::work::<Self>(py, self.0.clone(), asked, dry_run)
    }

    #[pyo3(signature = (
        records, *, object, pool, id="id", exclude_inactive=true, reset_rules=None,
        max_credits, concurrency=8, key=None, on_in_doubt="raise", extra=None,
        budget=None, suppress=None,
        dry_run=false, provenance=false
    ))]
    fn assign(
        &self,
        py: Python<'_>,
        records: &Bound<'_, PyAny>,
        object: &str,
        pool: &str,
        id: &str,
        exclude_inactive: bool,
        reset_rules: Option<Object>,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        #[pyo3(from_py_with = whole::concurrency)] concurrency: usize,
        key: Option<String>,
        on_in_doubt: &str,
        extra: Option<Object>,
        budget: Option<String>,
        suppress: Option<&Bound<'_, PyAny>>,
        dry_run: bool,
        provenance: bool,
    ) -> PyResult<Py<PyAny>> {
        let memory = MapMemory { provenance, ..MapMemory::default() };
        let options = MapOptions {
            max_credits,
            concurrency,
            key,
            on_in_doubt,
            extra,
            budget,
            suppress: suppression::optional(suppress)?,
            memory,
        };
        tables::check(records, "records")?;
        let asked = helpers::assign(
            &self.0,
            records,
            object,
            pool,
            id,
            exclude_inactive,
            reset_rules,
            options,
        )?;
        map::work::<Self>(py, self.0.clone(), asked, dry_run)
    }

    #[pyo3(signature = (
        records, workflow_id, *, columns=None, source_system=None,
        enrichment_preferences=None, max_credits, concurrency=8, key=None,
        on_in_doubt="raise", extra=None, budget=None, suppress=None,
        dry_run=false, provenance=false
    ))]
    fn trigger(
        &self,
        py: Python<'_>,
        records: &Bound<'_, PyAny>,
        workflow_id: &str,
        columns: Option<BTreeMap<String, String>>,
        source_system: Option<String>,
        enrichment_preferences: Option<Object>,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        #[pyo3(from_py_with = whole::concurrency)] concurrency: usize,
        key: Option<String>,
        on_in_doubt: &str,
        extra: Option<Object>,
        budget: Option<String>,
        suppress: Option<&Bound<'_, PyAny>>,
        dry_run: bool,
        provenance: bool,
    ) -> PyResult<Py<PyAny>> {
        let memory = MapMemory { provenance, ..MapMemory::default() };
        let options = MapOptions {
            max_credits,
            concurrency,
            key,
            on_in_doubt,
            extra,
            budget,
            suppress: suppression::optional(suppress)?,
            memory,
        };
        tables::check(records, "records")?;
        let asked = helpers::trigger(
            &self.0,
            records,
            workflow_id,
            columns,
            source_system,
            enrichment_preferences,
            options,
        )?;
        map::work::<Self>(py, self.0.clone(), asked, dry_run)
    }

    #[pyo3(signature = (
        forms, *, columns=None, additional_fields=None, form_source=None,
        enrichment_preferences=None, output_preferences=None, max_credits, concurrency=8,
        key=None, on_in_doubt="raise", extra=None,
        budget=None, suppress=None,
        dry_run=false, provenance=false
    ))]
    fn submit_forms(
        &self,
        py: Python<'_>,
        forms: &Bound<'_, PyAny>,
        columns: Option<BTreeMap<String, String>>,
        additional_fields: Option<Object>,
        form_source: Option<String>,
        enrichment_preferences: Option<Object>,
        output_preferences: Option<Object>,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        #[pyo3(from_py_with = whole::concurrency)] concurrency: usize,
        key: Option<String>,
        on_in_doubt: &str,
        extra: Option<Object>,
        budget: Option<String>,
        suppress: Option<&Bound<'_, PyAny>>,
        dry_run: bool,
        provenance: bool,
    ) -> PyResult<Py<PyAny>> {
        let memory = MapMemory { provenance, ..MapMemory::default() };
        let options = MapOptions {
            max_credits,
            concurrency,
            key,
            on_in_doubt,
            extra,
            budget,
            suppress: suppression::optional(suppress)?,
            memory,
        };
        tables::check(forms, "forms")?;
        let asked = helpers::submit_forms(
            &self.0,
            forms,
            columns,
            additional_fields,
            form_source,
            enrichment_preferences,
            output_preferences,
            options,
        )?;
        map::work::<Self>(py, self.0.clone(), asked, dry_run)
    }

    #[pyo3(signature = (
        left, right, rules=None, *, object="account", sure=0.95, unsure=0.05, max_credits,
        fields=None, left_id=None, right_id="id", weights=None, model=None,
        instructions=None, threshold=None, rows_per_call=None, concurrency=8, key=None,
        on_in_doubt="raise", extra=None, budget=None, suppress=None,
        reuse=Reused::Flag(true), retry_not_found=None, dry_run=false
    ))]
    fn match_cascade(
        &self,
        py: Python<'_>,
        left: &Bound<'_, PyAny>,
        right: &Bound<'_, PyAny>,
        rules: Option<&Bound<'_, PyAny>>,
        object: &str,
        sure: f64,
        unsure: f64,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        fields: Option<&Bound<'_, PyAny>>,
        left_id: Option<String>,
        right_id: &str,
        weights: Option<BTreeMap<String, f64>>,
        model: Option<PyRef<'_, PyModel>>,
        instructions: Option<String>,
        threshold: Option<f64>,
        #[pyo3(from_py_with = whole::optional::rows_per_call)] rows_per_call: Option<usize>,
        #[pyo3(from_py_with = whole::concurrency)] concurrency: usize,
        key: Option<String>,
        on_in_doubt: &str,
        extra: Option<Object>,
        budget: Option<String>,
        suppress: Option<&Bound<'_, PyAny>>,
        reuse: Reused,
        retry_not_found: Option<String>,
        dry_run: bool,
    ) -> PyResult<Py<PyAny>> {
        let (left, right) = (matching::table(left, "left")?, matching::table(right, "right")?);
        let ids = [left_id.as_deref(), Some(right_id)];
        let options =
            matching::options(py, fields, ids, None, None, false, model.as_deref(), Vec::new())?;
        let (groups, weights) = (matching::groups(py, rules)?, weights.unwrap_or_default());
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
            extra: extra.map(|extra| extra.0).unwrap_or_default(),
            rows_per_call,
            concurrency,
            key,
            on_in_doubt: on_in_doubt.parse().or_raise(py)?,
            budget,
            suppress: suppression::optional(suppress)?,
            ledger: self.0.ledger().or_raise(py)?,
            reuse: reuse.read(retry_not_found.as_deref()).or_raise(py)?,
        };
        if dry_run {
            let work = map::cascade_planned(self.0.clone(), asked);
            return Self::drive(py, work, |py, plan| to_python(py, &plan));
        }
        Self::drive(py, map::cascaded(self.0.clone(), asked), OutTable::convert)
    }

    #[pyo3(signature = (
        table, kind, *, id="id", columns=None, max_credits, key=None, entity_type="person",
        query_hint="", effort="medium", agent_type="general", batch_size=1000,
        credits_per_id=None, on_in_doubt="raise", dry_run=false, extra=None,
        reuse=Reused::Flag(true), retry_not_found=None, sample=None, budget=None,
        suppress=None
    ))]
    fn submit(
        &self,
        py: Python<'_>,
        table: &Bound<'_, PyAny>,
        kind: &str,
        id: &str,
        columns: Option<BTreeMap<String, String>>,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        key: Option<String>,
        entity_type: &str,
        query_hint: &str,
        effort: &str,
        agent_type: &str,
        #[pyo3(from_py_with = whole::batch_size)] batch_size: usize,
        #[pyo3(from_py_with = whole::optional::credits_per_id)] credits_per_id: Option<u64>,
        on_in_doubt: &str,
        dry_run: bool,
        extra: Option<Object>,
        reuse: Reused,
        retry_not_found: Option<String>,
        #[pyo3(from_py_with = whole::optional::sample)] sample: Option<usize>,
        budget: Option<String>,
        suppress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let words = Words { kind, entity_type, query_hint, effort, agent_type };
        let mut request = words.request().or_raise(py)?;
        request.extra = extra.map(|extra| extra.0).unwrap_or_default();
        let submission = Submission {
            request,
            max_credits,
            key,
            batch_size,
            price: credits_per_id,
            reuse: reuse.read(retry_not_found.as_deref()).or_raise(py)?,
            sample,
            suppress: suppression::optional(suppress)?,
            budget,
        };
        on_in_doubt.parse::<OnInDoubt>().or_raise(py)?;
        let asked = SubmitArguments { submission, on_in_doubt: on_in_doubt.to_owned() };
        tables::check(table, "table")?;
        let input = submit::Input::of(table, id, columns, asked.submission.request.kind)?;
        let shared = self.0.clone();
        if dry_run {
            let work = submit::dry_run(shared, asked, input);
            return Self::drive(py, work, |py, plan| to_python(py, &plan));
        }
        let work = submit::submit(shared, asked, input);
        Self::drive(py, work, PyJob::like::<Self>)
    }

    #[pyo3(signature = (key, *, on_in_doubt="raise", spend=true))]
    fn job(
        &self,
        py: Python<'_>,
        key: String,
        on_in_doubt: &str,
        spend: bool,
    ) -> PyResult<Py<PyAny>> {
        let work = submit::load(self.0.clone(), key, on_in_doubt.to_owned(), spend);
        Self::drive(py, work, PyJob::like::<Self>)
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

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        let _ = memo;
        slf
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Recipe<'py>> {
        let py = slf.py();
        let make = py.import("lantern._pickling")?.getattr("make_client")?;
        Ok((make, (slf.get_type().into_any(), slf.get().0.state(py)?)))
    }

    #[blocking]
    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[blocking]
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

    #[awaited]
    fn __aenter__(slf: Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let own = slf.into_any().unbind();
        Self::drive(py, async move { Ok(own) }, |_, own| Ok(own))
    }

    #[awaited]
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
