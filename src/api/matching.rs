//! Matching: `POST /v1/match`, records against those of Salesforce.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Call, Effect, Invalid, LimitClass, check,
    lenient::answer,
    metering::{Metering, metered, number},
    rules::MatchRules,
    string_enum::string_enum,
};

string_enum! {
    /// The Salesforce object that candidates are compared with.
    MatchObject, "object" { Account = "account", Contact = "contact", Lead = "lead" }
}

/// The maximum number of candidates in one call.
pub const MAX_CANDIDATES: usize = 100;

/// Looks for the Salesforce records that match each candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Match {
    pub object: MatchObject,
    /// 1 to 100 records: maps of field to value.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    pub candidates: Vec<Map<String, Value>>,
    pub rules: MatchRules,
    /// The Salesforce instance, org id and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub max_credits: Option<u64>,
}

impl Call for Match {
    type Response = Matched;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/match".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.candidates.is_empty() {
            return Err(
                Invalid::new("candidates", "candidates is empty").hint("give the records to match")
            );
        }
        check::at_most("candidates", self.candidates.len(), MAX_CANDIDATES)?;
        if let Some(at) = self.candidates.iter().position(Map::is_empty) {
            return Err(Invalid::new("candidates", format!("candidates[{at}] holds no fields"))
                .hint("give at least those of the rules"));
        }
        self.rules.check()?;
        check::max_credits(self.max_credits)
    }
}

answer! {
    /// The matches of all candidates.
    #[derive(Default)]
    pub struct Matched {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub results: Vec<CandidateMatches>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(Matched);

answer! {
    /// The matches of one candidate.
    #[derive(Default)]
    pub struct CandidateMatches {
        /// Position of the candidate in the request, from 0, if the answer gives it.
        #[serde(default)]
        pub candidate_index: Option<usize>,
        /// The candidate's `id`, if it has one.
        #[serde(default)]
        pub candidate_id: Option<String>,
        /// The matches, in order of descending confidence.
        #[serde(default)]
        pub matches: Vec<RecordMatch>,
    }
}

answer! {
    /// A Salesforce record that matches a candidate.
    #[derive(Default)]
    pub struct RecordMatch {
        #[serde(default)]
        pub sf_id: Option<String>,
        /// 0 to 1.
        #[serde(default, with = "number")]
        pub confidence: Option<f64>,
        #[serde(default)]
        pub matched_rules: Vec<String>,
        #[serde(default)]
        pub explanation: Option<String>,
    }
}
