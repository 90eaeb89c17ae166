//! Python bindings, which do nothing but convert.

#![allow(clippy::too_many_arguments, reason = "these are the keywords of Python's functions")]

mod answers;
mod calls;
mod client;
mod command;
mod connection;
mod conversion;
mod jobs;
mod matching;
mod plugin;
mod results;
mod show;

use pyo3::prelude::*;

/// The compiled part of `lantern`; its public names are those of the package `lantern`.
#[pymodule(gil_used = false)]
mod _lantern {
    #[pymodule_export]
    use super::answers::agents::{PyBatchAccepted, PyRunState};
    #[pymodule_export]
    use super::answers::credits::{PyRemaining, PyUsage};
    #[pymodule_export]
    use super::answers::crm::{
        PyAssigned, PyConverted, PyFormSubmitted, PyLogCounts, PyPool, PyPoolUser, PyRetention,
        PyTriggered, PyWorkflowTriggered,
    };
    #[pymodule_export]
    use super::answers::enriched::{
        PyAsked, PyCompanyEnriched, PyEmailEnriched, PyEnrichedCompany, PyEnrichedPerson, PyGeo,
        PyHeadquarters, PyPersonEnriched, PyPhoneEnriched, PyResearched, PyTokenUsage,
    };
    #[pymodule_export]
    use super::answers::record_match::{PyCandidateMatches, PyMatched, PyRecordMatch};
    #[pymodule_export]
    use super::calls::agents::{PyAgents, PyAsyncAgents};
    #[pymodule_export]
    use super::calls::credits::{PyAsyncCredits, PyCredits};
    #[pymodule_export]
    use super::calls::enrich::{PyAsyncEnrich, PyEnrich};
    #[pymodule_export]
    use super::calls::forms::{PyAsyncForms, PyForms};
    #[pymodule_export]
    use super::calls::logs::{PyAsyncLogs, PyLogs};
    #[pymodule_export]
    use super::calls::routing::{PyAsyncRouting, PyRouting};
    #[pymodule_export]
    use super::calls::salesforce::{PyAsyncSalesforce, PySalesforce};
    #[pymodule_export]
    use super::calls::triggers::{PyAsyncTriggers, PyTriggers};
    #[pymodule_export]
    use super::calls::workflows::{PyAsyncWorkflows, PyWorkflows};
    #[pymodule_export]
    use super::client::{PyAsyncClient, PyClient};
    #[pymodule_export]
    use super::command::main;
    #[pymodule_export]
    use super::connection::local_server::PyLocalServer;
    #[pymodule_export]
    use super::connection::shared::PyConnection;
    #[pymodule_export]
    use super::conversion::errors::every_error;
    #[pymodule_export]
    use super::jobs::budgets::{PyAsyncBudgets, PyBudgets};
    #[pymodule_export]
    use super::jobs::erasure::{forget, purge};
    #[pymodule_export]
    use super::jobs::job::{PyAsyncJob, PyJob};
    #[pymodule_export]
    use super::jobs::list::jobs;
    #[pymodule_export]
    use super::jobs::progress::{PyProgress, PySummary};
    #[pymodule_export]
    use super::jobs::suppression::{PyAsyncSuppression, PySuppression};
    #[pymodule_export]
    use super::matching::describe::describe;
    #[pymodule_export]
    use super::matching::duplicates::PyDuplicates;
    #[pymodule_export]
    use super::matching::evaluation::{PyEvaluation, evaluate};
    #[pymodule_export]
    use super::matching::explanation::PyExplanation;
    #[pymodule_export]
    use super::matching::functions::{dedupe, explain, learn, match_};
    #[pymodule_export]
    use super::matching::matches::PyMatches;
    #[pymodule_export]
    use super::matching::model::PyModel;
    #[pymodule_export]
    use super::matching::normalize::{functions, normalize, normalizers};
    #[pymodule_export]
    use super::matching::row_keys::{bound_fields, row_keys};
    #[pymodule_export]
    use super::matching::rules::{explain_plan, field_rule, rule_text};
    #[pymodule_export]
    use super::matching::similarity::{distance, similarity};
    #[pymodule_export]
    use super::matching::threshold::{PyAtPrecision, at_precision};
    #[pymodule_export]
    use super::results::read_results;
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::connection::interpreter::claim(module.py())?;
        lantern::process::runtime::install_crypto();
        lantern::error::set_face(&crate::conversion::error_wording::PythonFace);
        lantern_cli::logging::embed(Box::new(crate::connection::log::ForPython));
        crate::connection::sync_async::end_with_interpreter(module.py())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("__debug_build__", cfg!(debug_assertions))
    }
}
