//! `POST /v1/enrich/{ai,research}`: a question in plain words.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{
    Call, Effect, Invalid, LimitClass,
    agents::{AgentType, Effort},
    check,
    lenient::answer,
    metering::{Metering, metered, number},
};

/// The maximum number of characters in a question.
pub const MAX_QUERY: usize = 8000;

/// The form of the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskOptions {
    /// Whether the answer is a JSON object instead of text; false by default.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = false))]
    pub format_json: bool,
}

/// `POST /v1/enrich/ai`: asks a question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ask {
    /// 1 to 8000 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 8000))]
    pub query: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<AskOptions>,
    /// `low` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(default = "low"))]
    pub effort: Option<Effort>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub max_credits: Option<u64>,
}

impl Call for Ask {
    type Response = Asked;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/enrich/ai".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("query", &self.query, "write the question")?;
        let length = self.query.chars().count();
        if length > MAX_QUERY {
            return Err(Invalid::new(
                "query",
                format!("query has {length} characters and may have {MAX_QUERY}"),
            )
            .hint("shorten it"));
        }
        check::max_credits(self.max_credits)
    }
}

/// `POST /v1/enrich/research`: asks a question that needs research.
///
/// The API takes neither an effort nor a maximum cost for this call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Research {
    #[cfg_attr(feature = "openapi", schema(min_length = 1))]
    pub query: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<AskOptions>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<AgentType>,
}

impl Call for Research {
    type Response = Researched;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        "/v1/enrich/research".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check::required("query", &self.query, "write the question")
    }
}

answer! {
    /// Tokens that a language model read and wrote.
    #[derive(Default)]
    pub struct TokenUsage {
        #[serde(default, with = "number")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub prompt_tokens: Option<f64>,
        #[serde(default, with = "number")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub completion_tokens: Option<f64>,
        #[serde(default, with = "number")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub total_tokens: Option<f64>,
    }
}

answer! {
    /// An answer as text, or as an object if `format_json` was set.
    #[derive(Default)]
    pub struct Asked {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub query: Option<String>,
        /// Text, or an object if `format_json` was set.
        #[serde(default)]
        pub response: Value,
        /// Confidence of the answer, 0 to 1.
        #[serde(default, with = "number")]
        pub confidence: Option<f64>,
        #[serde(default)]
        pub token_usage: Option<TokenUsage>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(Asked);

answer! {
    /// The result of the research.
    #[derive(Default)]
    pub struct Researched {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub query: Option<String>,
        /// Text, or an object if `format_json` was set.
        #[serde(default)]
        pub response: Value,
        /// Confidence of the answer, 0 to 1.
        #[serde(default, with = "number")]
        pub confidence: Option<f64>,
        #[serde(default)]
        pub token_usage: Option<TokenUsage>,
        /// The agent that did the research.
        #[serde(default)]
        pub agent_used: Option<String>,
        #[serde(flatten)]
        pub metering: Metering,
    }
}

metered!(Researched);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_1_to_8000_characters() {
        let ask = |query: String| Ask { query, ..Ask::default() }.check();
        assert!(ask("ü".repeat(8000)).is_ok());
        assert!(ask("ü".repeat(8001)).unwrap_err().message.contains("8001 characters"));
        assert_eq!(ask(" ".into()).unwrap_err().field, "query");
    }
}
