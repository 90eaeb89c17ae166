//! The answer of `client.match`.

use pyo3::prelude::*;

use super::{
    macros::{answer, part},
    values::Figure,
};
use lantern::{
    api::{Metered, matching},
    client::Answered,
};

answer! {
    PyMatched = "Matched", value: matching::Matched,
    {
        results: Vec<PyCandidateMatches> = value.results.iter().cloned().map(PyCandidateMatches).collect(),
    }
    metered by metering
}

part! {
    PyCandidateMatches = "CandidateMatches", value: matching::CandidateMatches,
    {
        candidate_index: Option<usize> = value.candidate_index,
        candidate_id: Option<String>,
        matches: Vec<PyRecordMatch> = value.matches.iter().cloned().map(PyRecordMatch).collect(),
    }
}

part! {
    PyRecordMatch = "RecordMatch", value: matching::RecordMatch,
    {
        sf_id: Option<String>,
        confidence: Option<Figure> = value.confidence.map(Figure),
        matched_rules: Vec<String>,
        explanation: Option<String>,
    }
}
