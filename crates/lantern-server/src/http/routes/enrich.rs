//! `POST /v1/enrich/*`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::post,
};

use super::{Answer, spending_call::spending_call};
use crate::{
    blocking::blocking,
    enrich::{self, Enricher, questions},
    http::{middleware::guarded, request::receive, state::Parts},
};
use lantern::api::{
    Call,
    enrich::{
        Ask, Asked, CompanyEnriched, EmailEnriched, EnrichCompany, EnrichEmail, EnrichPerson,
        EnrichPhone, PersonEnriched, PhoneEnriched, Research, Researched,
    },
};

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new()
        .route("/v1/enrich/phone", post(phone))
        .route("/v1/enrich/email", post(email))
        .route("/v1/enrich/company", post(company))
        .route("/v1/enrich/person", post(person))
        .route("/v1/enrich/ai", post(ai))
        .route("/v1/enrich/research", post(research));
    guarded(routes, parts, Some(EnrichPhone::CLASS))
}

spending_call! {
    /// Find a person's phone number.
    phone(EnrichPhone) -> PhoneEnriched, "/v1/enrich/phone", "enrichment",
    Enricher, enrich::answer
}
spending_call! {
    /// Find a person's e-mail address.
    email(EnrichEmail) -> EmailEnriched, "/v1/enrich/email", "enrichment",
    Enricher, enrich::answer
}
spending_call! {
    /// Find data about a company.
    company(EnrichCompany) -> CompanyEnriched, "/v1/enrich/company", "enrichment",
    Enricher, enrich::answer
}
spending_call! {
    /// Find data about a person.
    person(EnrichPerson) -> PersonEnriched, "/v1/enrich/person", "enrichment",
    Enricher, enrich::answer
}
spending_call! {
    /// Ask a question about people and companies.
    ai(Ask) -> Asked, "/v1/enrich/ai", "enrichment",
    Enricher, questions::ask
}
spending_call! {
    /// Research a question about people and companies.
    research(Research) -> Researched, "/v1/enrich/research", "enrichment",
    Enricher, questions::research
}
