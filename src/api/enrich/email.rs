//! `POST /v1/enrich/email`: a person's e-mail address.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        Call, Effect, Invalid, LimitClass, check,
        lenient::answer,
        metering::{Metering, metered},
    },
    RECORD_ID,
};

/// Looks for an e-mail address by name and company.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrichEmail {
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub record_id: String,
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub first_name: String,
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub last_name: String,
    /// Name or website of the company.
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub company: String,
    /// Domain of the company. If absent, the API takes it from `company`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkedin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub max_credits: Option<u64>,
}

impl Call for EnrichEmail {
    type Response = EmailEnriched;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/enrich/email".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("record_id", &self.record_id, RECORD_ID)?;
        check::required("first_name", &self.first_name, "give the full name of the person")?;
        check::required("last_name", &self.last_name, "give the full name of the person")?;
        check::required("company", &self.company, "give the company's name or website")?;
        check::max_credits(self.max_credits)
    }
}

answer! {
    /// The e-mail address that was found, or the answer that none was.
    #[derive(Default)]
    pub struct EmailEnriched {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub record_id: Option<String>,
        #[serde(default)]
        pub first_name: Option<String>,
        #[serde(default)]
        pub last_name: Option<String>,
        #[serde(default)]
        pub company: Option<String>,
        #[serde(default)]
        pub email: Option<String>,
        /// `high`, `medium` or `low`.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<super::Grade>))]
        pub confidence: Option<String>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(EmailEnriched);
