//! `POST /v1/salesforce/convert` and `POST /v1/triggers/salesforce`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::post,
};

use super::{
    super::{
        caller::receive,
        crm,
        gate::behind,
        shared::{Shared, blocking},
    },
    Answer,
    documented::spending,
};
use lantern::api::{
    Call,
    salesforce::{Convert, Converted},
    triggers::{SalesforceTrigger, Triggered},
};

pub(super) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let routes = Router::new()
        .route("/v1/salesforce/convert", post(convert))
        .route("/v1/triggers/salesforce", post(trigger));
    behind(routes, shared, Some(Convert::CLASS))
}

spending! {
    /// Convert a lead to a contact and an account.
    ///
    /// A lead that is converted already answers `duplicate` and changes nothing.
    convert(Convert) -> Converted, "/v1/salesforce/convert", "salesforce",
    |shared, caller, call| crm::convert::convert(shared, caller, call)
}
spending! {
    /// Enrich records that have changed.
    trigger(SalesforceTrigger) -> Triggered, "/v1/triggers/salesforce", "triggers",
    |shared, caller, call| crm::trigger::trigger(shared, caller, call)
}
