//! Salesforce: `POST /v1/salesforce/convert`.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Call, Effect, Invalid, LimitClass, check,
    lenient::answer,
    metering::{Metering, metered},
    rules::{self, FieldRule},
    string_enum::string_enum,
};

string_enum! {
    /// What happens to a lead whose contact already exists.
    OnContactMatch, "on_contact_match" {
        /// Notes and activities move to the contact, and the history of its owner is kept.
        MergeLeadIntoContact = "merge_lead_into_contact",
        CreateSeparateContact = "create_separate_contact",
    }
}

string_enum! {
    /// What happens to a lead whose account already exists.
    OnAccountMatch, "on_account_match" {
        AttachToAccount = "attach_to_account",
        CreateSeparateAccount = "create_separate_account",
    }
}

string_enum! {
    /// The outcome of a conversion.
    ConvertStatus, "status" {
        Converted = "converted",
        Failed = "failed",
        /// The lead was converted before, and nothing was changed.
        Duplicate = "duplicate",
    }
}

/// Converts a lead to a contact and an account, after looking for existing ones, so that no
/// duplicate is created.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Convert {
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub lead_sf_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_policy: Option<MatchPolicy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_policy: Option<MergePolicy>,
    /// The pool from which the owner is taken in turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_owner_round_robin_pool: Option<String>,
    /// What to log. The contract does not describe its form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<Value>,
}

/// The rules by which an existing contact and account are looked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchPolicy {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<MatchBy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<MatchBy>,
}

/// Rules that must all match, and whether a record is created if nothing matches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchBy {
    #[serde(default)]
    pub by: Vec<FieldRule>,
    #[serde(default = "yes")]
    #[cfg_attr(feature = "openapi", schema(default = true))]
    pub create_if_no_match: bool,
}

const fn yes() -> bool {
    true
}

impl Default for MatchBy {
    fn default() -> Self {
        Self { by: Vec::new(), create_if_no_match: true }
    }
}

/// What to do with an existing contact or account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergePolicy {
    /// `merge_lead_into_contact` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(default = "merge_lead_into_contact"))]
    pub on_contact_match: Option<OnContactMatch>,
    /// `attach_to_account` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(default = "attach_to_account"))]
    pub on_account_match: Option<OnAccountMatch>,
}

impl Call for Convert {
    type Response = Converted;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    /// The API itself calls it idempotent: a lead that is already converted is answered with
    /// `duplicate`.
    const EFFECT: Effect = Effect::Idempotent;
    /// Its answer has the metering fields.
    const CAN_COST: bool = true;

    fn path(&self) -> String {
        "/v1/salesforce/convert".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("lead_sf_id", &self.lead_sf_id, "give the lead's Salesforce id")?;
        if let Some(policy) = &self.match_policy {
            for by in [&policy.contact, &policy.account].into_iter().flatten() {
                rules::each(&by.by)?;
            }
        }
        match &self.set_owner_round_robin_pool {
            Some(pool) => {
                check::required("set_owner_round_robin_pool", pool, "name a pool, or leave it out")
            }
            None => Ok(()),
        }
    }
}

answer! {
    /// The outcome of a conversion.
    #[derive(Default)]
    pub struct Converted {
        #[serde(default)]
        pub success: Option<bool>,
        /// `converted`, `failed` or `duplicate`.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<ConvertStatus>))]
        pub status: Option<String>,
        #[serde(default)]
        pub account_id: Option<String>,
        #[serde(default)]
        pub contact_id: Option<String>,
        #[serde(default)]
        pub owner_id: Option<String>,
        /// The steps that were taken, in order.
        #[serde(default)]
        pub actions: Vec<String>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(Converted);
