//! Credits: `GET /v1/credits/{usage,remaining}`.

use chrono::{DateTime, Utc};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{Call, Effect, Invalid, LimitClass, lenient::answer};

/// `GET /v1/credits/usage`: credits used in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct CreditsUsage {
    /// Start of the period, UTC.
    pub start_date: DateTime<Utc>,
    /// End of the period, UTC.
    pub end_date: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_run_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_value: Option<String>,
}

impl Call for CreditsUsage {
    type Response = Usage;
    const METHOD: Method = Method::GET;
    const CLASS: LimitClass = LimitClass::Credits;
    const EFFECT: Effect = Effect::Read;

    fn path(&self) -> String {
        "/v1/credits/usage".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.start_date > self.end_date {
            return Err(Invalid::new(
                "start_date",
                format!("start_date {} is after end_date {}", self.start_date, self.end_date),
            )
            .hint("swap them"));
        }
        Ok(())
    }
}

answer! {
    /// Credits used.
    pub struct Usage {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub tenant_id: Option<i64>,
        #[serde(default)]
        pub start_date: Option<String>,
        #[serde(default)]
        pub end_date: Option<String>,
        pub credits_used: f64,
    }
    needs credits_used;
}

/// `GET /v1/credits/remaining`: credits left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CreditsRemaining {}

impl Call for CreditsRemaining {
    type Response = Remaining;
    const METHOD: Method = Method::GET;
    const CLASS: LimitClass = LimitClass::Credits;
    const EFFECT: Effect = Effect::Read;

    fn path(&self) -> String {
        "/v1/credits/remaining".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

answer! {
    /// Credits left.
    pub struct Remaining {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub tenant_id: Option<i64>,
        pub remaining_credits: f64,
        #[serde(default)]
        pub total_credits: Option<f64>,
    }
    needs remaining_credits;
}
