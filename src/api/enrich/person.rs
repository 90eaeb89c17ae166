//! `POST /v1/enrich/person`: data about a person.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        Call, Effect, Invalid, LimitClass,
        agents::Effort,
        check,
        lenient::answer,
        metering::{Metering, metered, number},
        string_enum::string_enum,
    },
    RECORD_ID,
};

string_enum! {
    /// Whether mail to an address is delivered.
    EmailStatus, "email_status" {
        Valid = "valid", AcceptAll = "accept_all", Risky = "risky", Invalid = "invalid",
        Unknown = "unknown",
    }
}

/// Looks up a person by name and company.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrichPerson {
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub record_id: String,
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub first_name: String,
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub last_name: String,
    /// A domain, such as `acme.com`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, format = "hostname"))]
    pub company_domain: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "email"))]
    pub email: Option<String>,
    /// Slug or URL of the LinkedIn profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkedin_id: Option<String>,
    /// `low` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(default = "low"))]
    pub effort: Option<Effort>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub max_credits: Option<u64>,
}

impl Call for EnrichPerson {
    type Response = PersonEnriched;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/enrich/person".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("record_id", &self.record_id, RECORD_ID)?;
        check::required("first_name", &self.first_name, "give the full name of the person")?;
        check::required("last_name", &self.last_name, "give the full name of the person")?;
        check::required("company_domain", &self.company_domain, "give the company's website")?;
        check::domain("company_domain", &self.company_domain)?;
        self.email.as_deref().map_or(Ok(()), |email| check::email("email", email))?;
        check::max_credits(self.max_credits)
    }
}

answer! {
    /// The person that was found, or the answer that none was.
    #[derive(Default)]
    pub struct PersonEnriched {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub record_id: Option<String>,
        #[serde(default)]
        pub person: Option<EnrichedPerson>,
        /// Confidence of the match, 0 to 1.
        #[serde(default, with = "number")]
        pub confidence: Option<f64>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(PersonEnriched);

answer! {
    /// Data about a person.
    #[derive(Default)]
    pub struct EnrichedPerson {
        #[serde(default)]
        pub full_name: Option<String>,
        #[serde(default)]
        pub email: Option<String>,
        /// Confidence of the e-mail address, 0 to 1.
        #[serde(default, with = "number")]
        pub email_confidence: Option<f64>,
        /// `valid`, `accept_all`, `risky`, `invalid` or `unknown`.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<EmailStatus>))]
        pub email_status: Option<String>,
        #[serde(default)]
        pub phone: Option<String>,
        #[serde(default)]
        pub title: Option<String>,
        #[serde(default)]
        pub linkedin_url: Option<String>,
        /// When the person was last seen in this job, as an ISO 8601 time.
        #[serde(default)]
        pub job_last_seen_at: Option<String>,
    }
}
