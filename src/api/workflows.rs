//! Workflows: `POST /v1/workflows/{workflow_id}/trigger`.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Call, Effect, Invalid, LimitClass, check,
    fields::listed_map,
    lenient::answer,
    metering::{Metering, metered},
    string_enum::string_enum,
};

string_enum! {
    /// The outcome of a trigger.
    TriggerStatus, "status" { Triggered = "triggered", Queued = "queued", Failed = "failed" }
}

/// Runs a workflow on a record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TriggerWorkflow {
    /// Part of the path, not of the body.
    #[serde(default, skip_serializing)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub workflow_id: String,
    /// The record: a lead, contact, opportunity, or anything else.
    pub record_data: Map<String, Value>,
    /// The system that the record comes from, such as `eloqua`, `cdp` or `data_lake`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_system: Option<String>,
    #[serde(
        default,
        deserialize_with = "enrichment_preferences",
        skip_serializing_if = "Option::is_none"
    )]
    pub enrichment_preferences: Option<Map<String, Value>>,
}

listed_map!(enrichment_preferences, &ENRICHMENT_PREFERENCES);

/// The names in `enrichment_preferences` of workflows and forms: whether the record is enriched.
pub(super) const ENRICHMENT_PREFERENCES: [&str; 1] = ["enrich"];

impl Call for TriggerWorkflow {
    type Response = WorkflowTriggered;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Bursts;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        format!("/v1/workflows/{}/trigger", check::path_part(&self.workflow_id))
    }

    fn check(&self) -> Result<(), Invalid> {
        check::name_in_path("workflow_id", &self.workflow_id)?;
        if self.record_data.is_empty() {
            return Err(Invalid::new("record_data", "record_data is empty").hint("give the record"));
        }
        Ok(())
    }

    fn has_listed_maps(&self) -> bool {
        self.enrichment_preferences.is_some()
    }
}

answer! {
    /// The outcome of a trigger.
    #[derive(Default)]
    pub struct WorkflowTriggered {
        #[serde(default)]
        pub success: Option<bool>,
        /// `triggered`, `queued` or `failed`.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<TriggerStatus>))]
        pub status: Option<String>,
        #[serde(default)]
        pub request_id: Option<String>,
        #[serde(default)]
        pub workflow_id: Option<String>,
        #[serde(default)]
        pub enrichment_job_id: Option<String>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(WorkflowTriggered);
