//! `POST /v1/enrich/*`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::post,
};

use super::super::{
    ask,
    caller::receive,
    enrich,
    gate::behind,
    shared::{Shared, blocking},
};
use super::{Answer, documented::spending};
use lantern::api::{
    Call,
    enrich::{
        Ask, Asked, CompanyEnriched, EmailEnriched, EnrichCompany, EnrichEmail, EnrichPerson,
        EnrichPhone, PersonEnriched, PhoneEnriched, Research, Researched,
    },
};

pub(super) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let routes = Router::new()
        .route("/v1/enrich/phone", post(phone))
        .route("/v1/enrich/email", post(email))
        .route("/v1/enrich/company", post(company))
        .route("/v1/enrich/person", post(person))
        .route("/v1/enrich/ai", post(ai))
        .route("/v1/enrich/research", post(research));
    behind(routes, shared, Some(EnrichPhone::CLASS))
}

spending! {
    /// Find a person's phone number.
    phone(EnrichPhone) -> PhoneEnriched, "/v1/enrich/phone", "enrichment",
    |shared, caller, call| enrich::answer(shared, caller, call)
}
spending! {
    /// Find a person's e-mail address.
    email(EnrichEmail) -> EmailEnriched, "/v1/enrich/email", "enrichment",
    |shared, caller, call| enrich::answer(shared, caller, call)
}
spending! {
    /// Find what is known of a company.
    company(EnrichCompany) -> CompanyEnriched, "/v1/enrich/company", "enrichment",
    |shared, caller, call| enrich::answer(shared, caller, call)
}
spending! {
    /// Find what is known of a person.
    person(EnrichPerson) -> PersonEnriched, "/v1/enrich/person", "enrichment",
    |shared, caller, call| enrich::answer(shared, caller, call)
}
spending! {
    /// Ask a question about people and companies.
    ai(Ask) -> Asked, "/v1/enrich/ai", "enrichment",
    |shared, caller, call| ask::ask(shared, caller, call)
}
spending! {
    /// Research a question about people and companies.
    research(Research) -> Researched, "/v1/enrich/research", "enrichment",
    |shared, caller, call| ask::research(shared, caller, call)
}
