//! Python bindings: conversion and nothing else.

mod answers;
mod calls;
mod connection;
mod conversion;
mod functions;
mod jobs;
mod matching;
mod plugin;
mod show;

use pyo3::prelude::*;

/// The compiled part of `lantern`; its public names are those of the package `lantern`.
#[pymodule(gil_used = false)]
mod _lantern {
    #[pymodule_export]
    use super::answers::agents::{PyBatchAccepted, PyRemaining, PyRunState, PyUsage};
    #[pymodule_export]
    use super::answers::calls::{
        PyAsked, PyAssigned, PyCompanyEnriched, PyConverted, PyEmailEnriched, PyFormSubmitted,
        PyLogCounts, PyMatched, PyPersonEnriched, PyPhoneEnriched, PyResearched, PyRetention,
        PyTriggered, PyWorkflowTriggered,
    };
    #[pymodule_export]
    use super::answers::parts::{
        PyCandidateMatches, PyEnrichedCompany, PyEnrichedPerson, PyGeo, PyHeadquarters, PyPool,
        PyPoolUser, PyRecordMatch, PyTokenUsage,
    };
    #[pymodule_export]
    use super::calls::agents::{PyAgents, PyAsyncAgents, PyAsyncCredits, PyCredits};
    #[pymodule_export]
    use super::calls::crm::{
        PyAsyncForms, PyAsyncLogs, PyAsyncRouting, PyAsyncSalesforce, PyAsyncTriggers,
        PyAsyncWorkflows, PyForms, PyLogs, PyRouting, PySalesforce, PyTriggers, PyWorkflows,
    };
    #[pymodule_export]
    use super::calls::enrich::{PyAsyncEnrich, PyEnrich};
    #[pymodule_export]
    use super::connection::client::{PyAsyncClient, PyClient};
    #[pymodule_export]
    use super::connection::local_server::PyLocalServer;
    #[pymodule_export]
    use super::conversion::errors::every_error;
    #[pymodule_export]
    use super::functions::{jobs, main, read_results};
    #[pymodule_export]
    use super::jobs::job::{PyAsyncJob, PyJob, PyProgress, PySummary};
    #[pymodule_export]
    use super::matching::describe::describe;
    #[pymodule_export]
    use super::matching::functions::{
        PyDuplicates, PyExplanation, PyMatches, PyModel, dedupe, explain_plan, field_rule, learn,
        match_,
    };
    #[pymodule_export]
    use super::matching::normalize::{functions, normalize, normalizers};
    #[pymodule_export]
    use super::matching::row_keys::{bound_fields, row_keys};
    #[pymodule_export]
    use super::matching::similarity::{distance, similarity};
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        lantern::process::runtime::install_crypto();
        lantern_cli::logging::embed(Box::new(crate::connection::log::ForPython));
        crate::connection::sync_async::end_with_interpreter(module.py())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("__debug_build__", cfg!(debug_assertions))
    }
}
