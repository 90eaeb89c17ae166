//! `GET /openapi.json`: the API as an OpenAPI document, generated from the types.

use axum::Json;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use lantern::api::API_VERSION;

use super::{
    agents, credits, enrich, forms, logs, matching, oauth, routing, salesforce, workflows,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lantern, on this machine",
        version = API_VERSION,
        description = "The Lantern API as the local server implements it.",
    ),
    paths(
        agents::phone,
        agents::email,
        agents::phone_email,
        agents::deep_research,
        agents::status,
        credits::usage,
        credits::remaining,
        enrich::phone,
        enrich::email,
        enrich::company,
        enrich::person,
        enrich::ai,
        enrich::research,
        matching::match_records,
        salesforce::convert_lead,
        salesforce::trigger_enrichment,
        routing::assign,
        routing::list_pools,
        routing::put_pool,
        routing::delete_pool,
        logs::routing,
        logs::stats,
        logs::retention,
        logs::set_retention,
        workflows::trigger,
        forms::submit,
        oauth::token,
    ),
    components(schemas(
        lantern::api::logs::LogAction,
        lantern::api::logs::LogFormat,
        lantern::api::triggers::SalesforceObject,
    )),
    modifiers(&Key),
)]
pub(super) struct Document;

/// The API key.
struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("key", SecurityScheme::Http(key));
    }
}

pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
