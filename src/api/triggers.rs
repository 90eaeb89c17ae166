//! Triggers: `POST /v1/triggers/salesforce`, which reports records that have changed in Salesforce.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Call, Effect, Invalid, LimitClass, check,
    lenient::answer,
    metering::{Metering, metered, number},
    string_enum::string_enum,
};

string_enum! {
    /// A Salesforce object, as Salesforce spells it.
    SalesforceObject, "object" {
        Lead = "Lead", Contact = "Contact", Account = "Account", Opportunity = "Opportunity",
    }
}

string_enum! {
    /// What happened to the records.
    TriggerEvent, "event" {
        AfterInsert = "after_insert", AfterUpdate = "after_update",
        AfterUndelete = "after_undelete",
    }
}

string_enum! {
    /// The outcome of a trigger.
    WorkflowStatus, "workflow_status" {
        Started = "started", Queued = "queued", Failed = "failed",
    }
}

/// The maximum number of records in one call.
pub const MAX_RECORDS: usize = 100;

/// Enriches records that have changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SalesforceTrigger {
    pub object: SalesforceObject,
    /// 1 to 100 Salesforce ids.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub ids: Vec<String>,
    pub event: TriggerEvent,
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub org_id: String,
}

impl Call for SalesforceTrigger {
    type Response = Triggered;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/triggers/salesforce".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("org_id", &self.org_id, "give the Salesforce org's id")?;
        if self.ids.is_empty() {
            return Err(
                Invalid::new("ids", "ids is empty").hint("give the records that have changed")
            );
        }
        check::at_most("ids", self.ids.len(), MAX_RECORDS)?;
        match self.ids.iter().position(|id| id.trim().is_empty()) {
            Some(at) => {
                Err(Invalid::new("ids", format!("ids[{at}] is empty")).hint("leave it out"))
            }
            None => Ok(()),
        }
    }
}

answer! {
    /// The outcome of a trigger.
    #[derive(Default)]
    pub struct Triggered {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default, with = "number")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub processed_count: Option<f64>,
        /// Ids of the enrichment jobs that were started.
        #[serde(default)]
        pub enrichment_jobs: Vec<String>,
        /// `started`, `queued` or `failed`.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<WorkflowStatus>))]
        pub workflow_status: Option<String>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(Triggered);
