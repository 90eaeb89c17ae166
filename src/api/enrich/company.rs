//! `POST /v1/enrich/company`: data about a company.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        Call, Effect, Invalid, LimitClass,
        agents::Effort,
        check,
        lenient::answer,
        metering::{Metering, metered, number},
    },
    RECORD_ID,
};

/// Looks up a company by its domain, or by its name if no domain is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrichCompany {
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub record_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Ids of other systems, such as `sf_account_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ids: Option<BTreeMap<String, String>>,
    /// `low` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(default = "low"))]
    pub effort: Option<Effort>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub max_credits: Option<u64>,
}

impl Call for EnrichCompany {
    type Response = CompanyEnriched;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/enrich/company".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("record_id", &self.record_id, RECORD_ID)?;
        check::max_credits(self.max_credits)
    }
}

answer! {
    /// The company that was found, or the answer that none was.
    #[derive(Default)]
    pub struct CompanyEnriched {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub record_id: Option<String>,
        #[serde(default)]
        pub company: Option<EnrichedCompany>,
        /// Confidence of the match, 0 to 1.
        #[serde(default, with = "number")]
        pub confidence: Option<f64>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(CompanyEnriched);

answer! {
    /// Data about a company.
    #[derive(Default)]
    pub struct EnrichedCompany {
        #[serde(default)]
        pub name: Option<String>,
        #[serde(default)]
        pub domain: Option<String>,
        #[serde(default)]
        pub linkedin_url: Option<String>,
        #[serde(default)]
        pub hq: Option<Headquarters>,
        /// Range of the number of employees, such as `500+`.
        #[serde(default)]
        pub size_range: Option<String>,
        #[serde(default)]
        pub industry: Option<String>,
        #[serde(default)]
        pub geo: Option<Geo>,
        /// When the data was last verified, as an ISO 8601 time.
        #[serde(default)]
        pub last_verified_at: Option<String>,
    }
}

answer! {
    /// Location of a company's headquarters.
    #[derive(Default)]
    pub struct Headquarters {
        #[serde(default)]
        pub city: Option<String>,
        #[serde(default)]
        pub state: Option<String>,
        #[serde(default)]
        pub country: Option<String>,
        #[serde(default)]
        pub postal_code: Option<String>,
    }
}

answer! {
    /// Coordinates in degrees.
    #[derive(Default)]
    pub struct Geo {
        #[serde(default, with = "number")]
        pub lat: Option<f64>,
        #[serde(default, with = "number")]
        pub lon: Option<f64>,
        #[serde(default)]
        pub county: Option<String>,
    }
}
