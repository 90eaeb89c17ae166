//! Parts of answers, as frozen objects.

use pyo3::{prelude::*, types::PyDict};

use crate::{
    answers::agents::to_python,
    answers::macros::{Figure, Json, part, shown},
};
use lantern::api::{enrich, matching, routing};

part! {
    PyHeadquarters = "Headquarters", enrich::Headquarters,
    {
        city: Option<String> = |value: &enrich::Headquarters| value.city.clone(),
        state: Option<String> = |value: &enrich::Headquarters| value.state.clone(),
        country: Option<String> = |value: &enrich::Headquarters| value.country.clone(),
        postal_code: Option<String> = |value: &enrich::Headquarters| value.postal_code.clone(),
    }
}

part! {
    PyGeo = "Geo", enrich::Geo,
    {
        lat: Option<Figure> = |value: &enrich::Geo| value.lat.map(Figure),
        lon: Option<Figure> = |value: &enrich::Geo| value.lon.map(Figure),
        county: Option<String> = |value: &enrich::Geo| value.county.clone(),
    }
}

part! {
    PyEnrichedCompany = "EnrichedCompany", enrich::EnrichedCompany,
    {
        name: Option<String> = |value: &enrich::EnrichedCompany| value.name.clone(),
        domain: Option<String> = |value: &enrich::EnrichedCompany| value.domain.clone(),
        linkedin_url: Option<String> = |value: &enrich::EnrichedCompany| value.linkedin_url.clone(),
        hq: Option<PyHeadquarters> = |value: &enrich::EnrichedCompany| value.hq.clone().map(PyHeadquarters),
        size_range: Option<String> = |value: &enrich::EnrichedCompany| value.size_range.clone(),
        industry: Option<String> = |value: &enrich::EnrichedCompany| value.industry.clone(),
        geo: Option<PyGeo> = |value: &enrich::EnrichedCompany| value.geo.clone().map(PyGeo),
        last_verified_at: Option<String> = |value: &enrich::EnrichedCompany| value.last_verified_at.clone(),
    }
}

part! {
    PyEnrichedPerson = "EnrichedPerson", enrich::EnrichedPerson,
    {
        full_name: Option<String> = |value: &enrich::EnrichedPerson| value.full_name.clone(),
        email: Option<String> = |value: &enrich::EnrichedPerson| value.email.clone(),
        email_confidence: Option<Figure> = |value: &enrich::EnrichedPerson| value.email_confidence.map(Figure),
        email_status: Option<String> = |value: &enrich::EnrichedPerson| value.email_status.clone(),
        phone: Option<String> = |value: &enrich::EnrichedPerson| value.phone.clone(),
        title: Option<String> = |value: &enrich::EnrichedPerson| value.title.clone(),
        linkedin_url: Option<String> = |value: &enrich::EnrichedPerson| value.linkedin_url.clone(),
        job_last_seen_at: Option<String> = |value: &enrich::EnrichedPerson| value.job_last_seen_at.clone(),
    }
}

part! {
    PyTokenUsage = "TokenUsage", enrich::TokenUsage,
    {
        prompt_tokens: Option<Figure> = |value: &enrich::TokenUsage| value.prompt_tokens.map(Figure),
        completion_tokens: Option<Figure> = |value: &enrich::TokenUsage| value.completion_tokens.map(Figure),
        total_tokens: Option<Figure> = |value: &enrich::TokenUsage| value.total_tokens.map(Figure),
    }
}

part! {
    PyRecordMatch = "RecordMatch", matching::RecordMatch,
    {
        sf_id: Option<String> = |value: &matching::RecordMatch| value.sf_id.clone(),
        confidence: Option<Figure> = |value: &matching::RecordMatch| value.confidence.map(Figure),
        matched_rules: Vec<String> = |value: &matching::RecordMatch| value.matched_rules.clone(),
        explanation: Option<String> = |value: &matching::RecordMatch| value.explanation.clone(),
    }
}

part! {
    PyCandidateMatches = "CandidateMatches", matching::CandidateMatches,
    {
        candidate_index: Option<usize> = |value: &matching::CandidateMatches| value.candidate_index,
        candidate_id: Option<String> = |value: &matching::CandidateMatches| value.candidate_id.clone(),
        matches: Vec<PyRecordMatch> = |value: &matching::CandidateMatches| value.matches.iter().cloned().map(PyRecordMatch).collect(),
    }
}

part! {
    PyPoolUser = "PoolUser", routing::PoolUser,
    {
        id: String = |value: &routing::PoolUser| value.id.clone(),
        name: Option<String> = |value: &routing::PoolUser| value.name.clone(),
        active: Option<bool> = |value: &routing::PoolUser| value.active,
        assigned: Option<Figure> = |value: &routing::PoolUser| value.assigned.map(Figure),
    }
}

part! {
    PyPool = "Pool", routing::Pool,
    {
        pool: String = |value: &routing::Pool| value.pool.clone(),
        users: Vec<PyPoolUser> = |value: &routing::Pool| value.users.iter().cloned().map(PyPoolUser).collect(),
        sequence: Option<Figure> = |value: &routing::Pool| value.sequence.map(Figure),
    }
}
