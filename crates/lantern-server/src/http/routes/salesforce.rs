//! `POST /v1/salesforce/convert` and `POST /v1/triggers/salesforce`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::post,
};

use super::{Answer, spending_call::spending_call};
use crate::{
    blocking::blocking,
    crm::{Crm, convert, trigger},
    http::{middleware::guarded, request::receive, state::Parts},
};
use lantern::api::{
    Call,
    salesforce::{Convert, Converted},
    triggers::{SalesforceTrigger, Triggered},
};

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new()
        .route("/v1/salesforce/convert", post(convert_lead))
        .route("/v1/triggers/salesforce", post(trigger_enrichment));
    guarded(routes, parts, Some(Convert::CLASS))
}

spending_call! {
    /// Convert a lead to a contact and an account.
    ///
    /// A lead that is already converted is answered with `duplicate` and not changed.
    convert_lead(Convert) -> Converted, "/v1/salesforce/convert", "salesforce",
    Crm, convert::convert
}
spending_call! {
    /// Enrich records that have changed.
    trigger_enrichment(SalesforceTrigger) -> Triggered, "/v1/triggers/salesforce", "triggers",
    Crm, trigger::trigger
}
