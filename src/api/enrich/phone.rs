//! `POST /v1/enrich/phone`: a person's phone number.

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

/// Looks for a phone number by name and company, by LinkedIn profile, or by e-mail address,
/// whichever is given first in this order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrichPhone {
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub record_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Name or website of the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Slug of the LinkedIn profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkedin_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub max_credits: Option<u64>,
}

impl Call for EnrichPhone {
    type Response = PhoneEnriched;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/enrich/phone".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("record_id", &self.record_id, RECORD_ID)?;
        check::max_credits(self.max_credits)?;
        let name = [
            ("first_name", check::given(&self.first_name)),
            ("last_name", check::given(&self.last_name)),
            ("company", check::given(&self.company) || check::given(&self.domain)),
        ];
        let missing: Vec<&'static str> =
            name.iter().filter(|(_, given)| !given).map(|(field, _)| *field).collect();
        if missing.is_empty() || check::given(&self.linkedin_id) || check::given(&self.email) {
            return Ok(());
        }
        Err(Invalid::new(
            missing[0],
            format!(
                "{} missing: give first_name, last_name and company, or linkedin_id, or email",
                match missing.as_slice() {
                    [one] => format!("{one} is"),
                    [some @ .., last] => format!("{} and {last} are", some.join(", ")),
                    [] => String::new(),
                }
            ),
        ))
    }
}

answer! {
    /// The phone number that was found, or the answer that none was.
    #[derive(Default)]
    pub struct PhoneEnriched {
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
        /// The e-mail address that was sent, or one that was found.
        #[serde(default)]
        pub email: Option<String>,
        /// The slug that was sent, or one that was found.
        #[serde(default)]
        pub linkedin_id: Option<String>,
        /// The number, in E.164 where possible. The API may name the field `phone`.
        #[serde(default)]
        pub phone_number or "phone": Option<String>,
        /// `high`, `medium` or `low`.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<super::Grade>))]
        pub confidence: Option<String>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(PhoneEnriched);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_what_would_do() {
        let mut call = EnrichPhone { record_id: "1".into(), ..EnrichPhone::default() };
        let error = call.check().unwrap_err();
        assert_eq!(error.field, "first_name");
        assert_eq!(
            error.message,
            "first_name, last_name and company are missing: give first_name, last_name and \
             company, or linkedin_id, or email"
        );
        call.first_name = Some("Ada".into());
        call.company = Some("Acme".into());
        assert!(call.check().unwrap_err().message.starts_with("last_name is missing"));
        call.last_name = Some("Byron".into());
        assert!(call.check().is_ok());
        let by_email = EnrichPhone {
            record_id: "1".into(),
            email: Some("ada@acme.com".into()),
            ..EnrichPhone::default()
        };
        assert!(by_email.check().is_ok());
        assert_eq!(
            EnrichPhone { record_id: " ".into(), ..by_email }.check().unwrap_err().field,
            "record_id"
        );
    }

    #[test]
    fn phone_is_a_second_spelling_of_phone_number() {
        for body in [
            r#"{"phone": "+14155552671", "eta": 1}"#,
            r#"{"phone_number": null, "phone": "+14155552671", "eta": 1}"#,
            r#"{"phone_number": "+14155552671", "phone": "other", "eta": 1}"#,
        ] {
            let read: PhoneEnriched = serde_json::from_str(body).unwrap();
            assert_eq!(read.phone_number.as_deref(), Some("+14155552671"), "{body}");
            assert_eq!(read.extra["eta"], 1);
        }
    }
}
