//! `POST /v1/forms/submit`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::post,
};

use super::{
    super::{
        caller::receive,
        forms,
        gate::behind,
        shared::{Shared, blocking},
    },
    Answer,
    documented::spending,
};
use lantern::api::{
    Call,
    forms::{FormSubmitted, SubmitForm},
};

pub(super) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let routes = Router::new().route("/v1/forms/submit", post(submit));
    behind(routes, shared, Some(SubmitForm::CLASS))
}

spending! {
    /// Check, enrich and pass on what a person typed.
    submit(SubmitForm) -> FormSubmitted, "/v1/forms/submit", "forms",
    |shared, caller, call| forms::submit(shared, caller, call)
}
