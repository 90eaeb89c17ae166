//! Forms: `POST /v1/forms/submit`, a lead that somebody typed into a form.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Call, Effect, Invalid, LimitClass, check,
    fields::listed_map,
    lenient::answer,
    metering::{Metering, metered},
    string_enum::string_enum,
    workflows::ENRICHMENT_PREFERENCES,
};

string_enum! {
    /// The outcome of a submission.
    FormStatus, "status" { Enriched = "enriched", Pushed = "pushed", Failed = "failed" }
}

/// Checks, enriches and passes on what somebody typed into a form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmitForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[cfg_attr(feature = "openapi", schema(format = "email"))]
    pub email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_fields: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_source: Option<String>,
    #[serde(
        default,
        deserialize_with = "enrichment_preferences",
        skip_serializing_if = "Option::is_none"
    )]
    pub enrichment_preferences: Option<Map<String, Value>>,
    /// Whether the API returns the data, or pushes it to Salesforce or a marketing tool.
    #[serde(
        default,
        deserialize_with = "output_preferences",
        skip_serializing_if = "Option::is_none"
    )]
    pub output_preferences: Option<Map<String, Value>>,
}

listed_map!(enrichment_preferences, &ENRICHMENT_PREFERENCES);
listed_map!(output_preferences, &OUTPUT_PREFERENCES);

/// The names in `output_preferences`: where the lead is pushed to, and whether its data is
/// returned.
const OUTPUT_PREFERENCES: [&str; 2] = ["push_to", "return_data"];

impl Call for SubmitForm {
    type Response = FormSubmitted;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Bursts;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/forms/submit".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("email", &self.email, "a form needs the person's e-mail address")?;
        // People often type a trailing space.
        check::email("email", self.email.trim())
    }

    fn has_listed_maps(&self) -> bool {
        self.enrichment_preferences.is_some() || self.output_preferences.is_some()
    }
}

answer! {
    /// The outcome of a submission.
    #[derive(Default)]
    pub struct FormSubmitted {
        #[serde(default)]
        pub success: Option<bool>,
        /// `enriched`, `pushed` or `failed`.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<FormStatus>))]
        pub status: Option<String>,
        #[serde(default)]
        pub request_id: Option<String>,
        /// The lead with the data that was found.
        #[serde(default)]
        pub enriched_lead: Option<Map<String, Value>>,
        /// The outcome of the push, if one was requested.
        #[serde(default)]
        pub push_status: Option<String>,
        /// Whether the lead may be contacted under the GDPR.
        #[serde(default)]
        pub gdpr_safe: Option<bool>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(FormSubmitted);
