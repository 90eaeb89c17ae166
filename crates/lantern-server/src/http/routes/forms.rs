//! `POST /v1/forms/submit`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::post,
};

use super::{Answer, spending_call::spending_call};
use crate::{
    blocking::blocking,
    http::{middleware::guarded, request::receive, state::Parts},
    workflows::{Workflows, forms},
};
use lantern::api::{
    Call,
    forms::{FormSubmitted, SubmitForm},
};

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new().route("/v1/forms/submit", post(submit));
    guarded(routes, parts, Some(SubmitForm::CLASS))
}

spending_call! {
    /// Check, enrich and pass on what somebody typed into a form.
    submit(SubmitForm) -> FormSubmitted, "/v1/forms/submit", "forms",
    Workflows, forms::submit
}
