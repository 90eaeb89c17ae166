//! Python bindings: conversion and nothing else.

mod answer_kinds;
pub mod answer_parts;
pub mod answers;
pub mod call_answers;
pub mod calls;
pub mod client;
pub mod conversion;
pub mod describe;
pub mod drive;
pub mod enrich;
pub mod errors;
mod face;
pub mod functions;
mod given;
pub mod html;
pub mod job;
pub mod keys;
pub mod log;
pub mod map;
pub mod matching;
pub mod namespaces;
pub mod normalize;
pub mod plugin;
pub mod server;
pub mod show;
pub mod similarity;
pub mod tables;
pub mod texts;

use pyo3::prelude::*;

/// The compiled part of `lantern`; its public names are those of the package `lantern`.
#[pymodule(gil_used = false)]
mod _lantern {
    #[pymodule_export]
    use super::answer_parts::{
        PyCandidateMatches, PyEnrichedCompany, PyEnrichedPerson, PyGeo, PyHeadquarters, PyPool,
        PyPoolUser, PyRecordMatch, PyTokenUsage,
    };
    #[pymodule_export]
    use super::answers::{PyBatchAccepted, PyRemaining, PyRunState, PyUsage};
    #[pymodule_export]
    use super::call_answers::{
        PyAsked, PyAssigned, PyCompanyEnriched, PyConverted, PyEmailEnriched, PyFormSubmitted,
        PyLogCounts, PyMatched, PyPersonEnriched, PyPhoneEnriched, PyResearched, PyRetention,
        PyTriggered, PyWorkflowTriggered,
    };
    #[pymodule_export]
    use super::calls::{
        PyAsyncForms, PyAsyncLogs, PyAsyncRouting, PyAsyncSalesforce, PyAsyncTriggers,
        PyAsyncWorkflows, PyForms, PyLogs, PyRouting, PySalesforce, PyTriggers, PyWorkflows,
    };
    #[pymodule_export]
    use super::client::{PyAsyncClient, PyClient};
    #[pymodule_export]
    use super::describe::describe;
    #[pymodule_export]
    use super::enrich::{PyAsyncEnrich, PyEnrich};
    #[pymodule_export]
    use super::errors::every_error;
    #[pymodule_export]
    use super::functions::{jobs, main, read_results};
    #[pymodule_export]
    use super::job::{PyAsyncJob, PyJob, PyProgress, PySummary};
    #[pymodule_export]
    use super::keys::{bound_fields, row_keys};
    #[pymodule_export]
    use super::matching::{
        PyDuplicates, PyExplanation, PyMatches, PyModel, dedupe, explain_plan, field_rule, learn,
        match_,
    };
    #[pymodule_export]
    use super::namespaces::{PyAgents, PyAsyncAgents, PyAsyncCredits, PyCredits};
    #[pymodule_export]
    use super::normalize::{functions, normalize, normalizers};
    #[pymodule_export]
    use super::server::PyLocalServer;
    #[pymodule_export]
    use super::similarity::{distance, similarity};
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        lantern::process::runtime::install_crypto();
        lantern_cli::logging::embed(Box::new(super::log::ForPython));
        super::drive::end_with_interpreter(module.py())?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("__debug_build__", cfg!(debug_assertions))
    }
}
