//! Answers to enrichment calls: people, companies, and answers to questions.

use pyo3::prelude::*;

use super::{
    macros::{answer, part},
    values::{Figure, Json},
};
use lantern::{
    api::{Metered, enrich},
    client::Answered,
};

answer! {
    PyPhoneEnriched = "PhoneEnriched", value: enrich::PhoneEnriched,
    {
        record_id: Option<String>,
        first_name: Option<String>,
        last_name: Option<String>,
        company: Option<String>,
        email: Option<String>,
        linkedin_id: Option<String>,
        phone_number: Option<String>,
        confidence: Option<String>,
    }
    metered by metering
}

answer! {
    PyEmailEnriched = "EmailEnriched", value: enrich::EmailEnriched,
    {
        record_id: Option<String>,
        first_name: Option<String>,
        last_name: Option<String>,
        company: Option<String>,
        email: Option<String>,
        confidence: Option<String>,
    }
    metered by metering
}

answer! {
    PyCompanyEnriched = "CompanyEnriched", value: enrich::CompanyEnriched,
    {
        record_id: Option<String>,
        company: Option<PyEnrichedCompany> = value.company.clone().map(PyEnrichedCompany),
        confidence: Option<Figure> = value.confidence.map(Figure),
    }
    metered by metering
}

answer! {
    PyPersonEnriched = "PersonEnriched", value: enrich::PersonEnriched,
    {
        record_id: Option<String>,
        person: Option<PyEnrichedPerson> = value.person.clone().map(PyEnrichedPerson),
        confidence: Option<Figure> = value.confidence.map(Figure),
    }
    metered by metering
}

part! {
    PyEnrichedCompany = "EnrichedCompany", value: enrich::EnrichedCompany,
    {
        name: Option<String>,
        domain: Option<String>,
        linkedin_url: Option<String>,
        hq: Option<PyHeadquarters> = value.hq.clone().map(PyHeadquarters),
        size_range: Option<String>,
        industry: Option<String>,
        geo: Option<PyGeo> = value.geo.clone().map(PyGeo),
        last_verified_at: Option<String>,
    }
}

part! {
    PyEnrichedPerson = "EnrichedPerson", value: enrich::EnrichedPerson,
    {
        full_name: Option<String>,
        email: Option<String>,
        email_confidence: Option<Figure> = value.email_confidence.map(Figure),
        email_status: Option<String>,
        phone: Option<String>,
        title: Option<String>,
        linkedin_url: Option<String>,
        job_last_seen_at: Option<String>,
    }
}

part! {
    PyHeadquarters = "Headquarters", value: enrich::Headquarters,
    {
        city: Option<String>,
        state: Option<String>,
        country: Option<String>,
        postal_code: Option<String>,
    }
}

part! {
    PyGeo = "Geo", value: enrich::Geo,
    {
        lat: Option<Figure> = value.lat.map(Figure),
        lon: Option<Figure> = value.lon.map(Figure),
        county: Option<String>,
    }
}

answer! {
    PyAsked = "Asked", value: enrich::Asked,
    {
        query: Option<String>,
        response: Json = Json::of(&value.response),
        confidence: Option<Figure> = value.confidence.map(Figure),
        token_usage: Option<PyTokenUsage> = value.token_usage.clone().map(PyTokenUsage),
    }
    metered by metering
}

answer! {
    PyResearched = "Researched", value: enrich::Researched,
    {
        query: Option<String>,
        response: Json = Json::of(&value.response),
        confidence: Option<Figure> = value.confidence.map(Figure),
        token_usage: Option<PyTokenUsage> = value.token_usage.clone().map(PyTokenUsage),
        agent_used: Option<String>,
    }
    metered by metering
}

part! {
    PyTokenUsage = "TokenUsage", value: enrich::TokenUsage,
    {
        prompt_tokens: Option<Figure> = value.prompt_tokens.map(Figure),
        completion_tokens: Option<Figure> = value.completion_tokens.map(Figure),
        total_tokens: Option<Figure> = value.total_tokens.map(Figure),
    }
}
