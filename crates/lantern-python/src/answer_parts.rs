//! Parts of answers, as frozen objects.

use pyo3::{prelude::*, types::PyDict};

use super::{
    answer_kinds::{Figure, part, shown},
    answers::to_python,
};
use lantern::api::{enrich, matching, routing};

part! {
    /// Where a company has its seat.
    PyHeadquarters = "Headquarters", enrich::Headquarters,
    {
        /// The city.
        city: Option<String> = |value: &enrich::Headquarters| value.city.clone(),
        /// The state or region.
        state: Option<String> = |value: &enrich::Headquarters| value.state.clone(),
        /// The country.
        country: Option<String> = |value: &enrich::Headquarters| value.country.clone(),
        /// The postal code.
        postal_code: Option<String> = |value: &enrich::Headquarters| value.postal_code.clone(),
    }
}

part! {
    /// A place on earth.
    PyGeo = "Geo", enrich::Geo,
    {
        /// Degrees north.
        lat: Option<Figure> = |value: &enrich::Geo| value.lat.map(Figure),
        /// Degrees east.
        lon: Option<Figure> = |value: &enrich::Geo| value.lon.map(Figure),
        /// The county.
        county: Option<String> = |value: &enrich::Geo| value.county.clone(),
    }
}

part! {
    /// What is known of a company.
    PyEnrichedCompany = "EnrichedCompany", enrich::EnrichedCompany,
    {
        /// Its name.
        name: Option<String> = |value: &enrich::EnrichedCompany| value.name.clone(),
        /// Its domain.
        domain: Option<String> = |value: &enrich::EnrichedCompany| value.domain.clone(),
        /// Its page on LinkedIn.
        linkedin_url: Option<String> = |value: &enrich::EnrichedCompany| value.linkedin_url.clone(),
        /// Where it has its seat.
        hq: Option<PyHeadquarters> = |value: &enrich::EnrichedCompany| value.hq.clone().map(PyHeadquarters),
        /// Employees, such as ``500+``.
        size_range: Option<String> = |value: &enrich::EnrichedCompany| value.size_range.clone(),
        /// What it does.
        industry: Option<String> = |value: &enrich::EnrichedCompany| value.industry.clone(),
        /// Where it is.
        geo: Option<PyGeo> = |value: &enrich::EnrichedCompany| value.geo.clone().map(PyGeo),
        /// When this was last verified, ISO 8601.
        last_verified_at: Option<String> = |value: &enrich::EnrichedCompany| value.last_verified_at.clone(),
    }
}

part! {
    /// What is known of a person.
    PyEnrichedPerson = "EnrichedPerson", enrich::EnrichedPerson,
    {
        /// The full name.
        full_name: Option<String> = |value: &enrich::EnrichedPerson| value.full_name.clone(),
        /// The e-mail address.
        email: Option<String> = |value: &enrich::EnrichedPerson| value.email.clone(),
        /// How sure the address is, 0 to 1.
        email_confidence: Option<Figure> = |value: &enrich::EnrichedPerson| value.email_confidence.map(Figure),
        /// ``valid``, ``accept_all``, ``risky``, ``invalid`` or ``unknown``.
        email_status: Option<String> = |value: &enrich::EnrichedPerson| value.email_status.clone(),
        /// The phone number.
        phone: Option<String> = |value: &enrich::EnrichedPerson| value.phone.clone(),
        /// What the person does.
        title: Option<String> = |value: &enrich::EnrichedPerson| value.title.clone(),
        /// The profile on LinkedIn.
        linkedin_url: Option<String> = |value: &enrich::EnrichedPerson| value.linkedin_url.clone(),
        /// When the person was last seen in this job, ISO 8601.
        job_last_seen_at: Option<String> = |value: &enrich::EnrichedPerson| value.job_last_seen_at.clone(),
    }
}

part! {
    /// What a language model read and wrote.
    PyTokenUsage = "TokenUsage", enrich::TokenUsage,
    {
        /// Tokens read.
        prompt_tokens: Option<Figure> = |value: &enrich::TokenUsage| value.prompt_tokens.map(Figure),
        /// Tokens written.
        completion_tokens: Option<Figure> = |value: &enrich::TokenUsage| value.completion_tokens.map(Figure),
        /// Both.
        total_tokens: Option<Figure> = |value: &enrich::TokenUsage| value.total_tokens.map(Figure),
    }
}

part! {
    /// One Salesforce record that a candidate may be.
    PyRecordMatch = "RecordMatch", matching::RecordMatch,
    {
        /// The record's id.
        sf_id: Option<String> = |value: &matching::RecordMatch| value.sf_id.clone(),
        /// How sure it is, 0 to 1.
        confidence: Option<Figure> = |value: &matching::RecordMatch| value.confidence.map(Figure),
        /// The rules that hold.
        matched_rules: Vec<String> = |value: &matching::RecordMatch| value.matched_rules.clone(),
        /// Why, in words.
        explanation: Option<String> = |value: &matching::RecordMatch| value.explanation.clone(),
    }
}

part! {
    /// What was found for one candidate.
    PyCandidateMatches = "CandidateMatches", matching::CandidateMatches,
    {
        /// The candidate's place in the request, from 0.
        candidate_index: usize = |value: &matching::CandidateMatches| value.candidate_index,
        /// The candidate's ``id``, if it has one.
        candidate_id: Option<String> = |value: &matching::CandidateMatches| value.candidate_id.clone(),
        /// The most confident first.
        matches: Vec<PyRecordMatch> = |value: &matching::CandidateMatches| value.matches.iter().cloned().map(PyRecordMatch).collect(),
    }
}

part! {
    /// A user of a pool.
    PyPoolUser = "PoolUser", routing::PoolUser,
    {
        /// The user's id.
        id: String = |value: &routing::PoolUser| value.id.clone(),
        /// The user's name.
        name: Option<String> = |value: &routing::PoolUser| value.name.clone(),
        /// Whether the user gets records.
        active: Option<bool> = |value: &routing::PoolUser| value.active,
        /// How many records of this pool the user got.
        assigned: Option<Figure> = |value: &routing::PoolUser| value.assigned.map(Figure),
    }
}

part! {
    /// Users who take turns: what ``client.routing.pools`` and ``put_pool`` answer.
    PyPool = "Pool", routing::Pool,
    {
        /// Its name.
        pool: String = |value: &routing::Pool| value.pool.clone(),
        /// In the order of their turns.
        users: Vec<PyPoolUser> = |value: &routing::Pool| value.users.iter().cloned().map(PyPoolUser).collect(),
        /// How many records were assigned.
        sequence: Option<Figure> = |value: &routing::Pool| value.sequence.map(Figure),
    }
}
