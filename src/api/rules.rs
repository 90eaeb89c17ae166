//! How `/v1/match` decides: by field rules, by groups of them, or by a language model.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{
        Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
        value::SeqAccessDeserializer,
    },
};

#[cfg(feature = "openapi")]
mod schema;

use super::{Invalid, check, unknown_fields::OR_LIST};
pub use lantern_rules::{FieldRule, InvalidRule, Operator};

/// The rules of a match call, in one of three modes.
///
/// They are read from an object, in which `mode` may be left out if the other fields determine it,
/// or from a plain list of field rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "mode", rename_all = "lowercase")]
pub enum MatchRules {
    /// A list of field rules that must all hold.
    Simple {
        rules: Vec<FieldRule>,
        /// The least confidence, 0 to 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        threshold: Option<f64>,
    },
    /// Groups of field rules.
    Grouped {
        groups: Vec<RuleGroup>,
        /// Whether one group is enough; otherwise all must hold.
        any: bool,
        /// Minimum confidence, 0 to 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        threshold: Option<f64>,
    },
    /// A language model scores each pair and explains the score.
    Ai {
        /// Minimum confidence, 0 to 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        threshold: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        instructions: Option<String>,
    },
}

impl<'de> Deserialize<'de> for MatchRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct(OR_LIST, &FIELDS, AnyForm)
    }
}

/// The fields of [`Written`], for the deserializer.
const FIELDS: [&str; 6] = ["mode", "rules", "groups", "any", "threshold", "instructions"];

struct AnyForm;

impl<'de> Visitor<'de> for AnyForm {
    type Value = MatchRules;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rules, or an object with rules, groups or the mode ai")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<MatchRules, A::Error> {
        let rules = Vec::deserialize(SeqAccessDeserializer::new(list))?;
        Ok(MatchRules::Simple { rules, threshold: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MatchRules, A::Error> {
        let written = Written::deserialize(MapAccessDeserializer::new(map))?;
        written.read().map_err(A::Error::custom)
    }
}

/// Rules in the form of an object, before they are checked.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    mode: Option<Mode>,
    #[serde(default)]
    rules: Option<Vec<FieldRule>>,
    #[serde(default)]
    groups: Option<Vec<RuleGroup>>,
    #[serde(default)]
    any: Option<bool>,
    #[serde(default)]
    threshold: Option<f64>,
    #[serde(default)]
    instructions: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Simple,
    Grouped,
    Ai,
}

impl Written {
    /// Converts the object into one of the modes. A field of another mode is an error, because it
    /// would be ignored silently.
    fn read(self) -> Result<MatchRules, String> {
        let Self { mode, rules, groups, any, threshold, instructions } = self;
        let mode = match (mode, &rules, &groups) {
            (Some(mode), ..) => mode,
            (None, Some(_), None) => Mode::Simple,
            (None, None, Some(_)) => Mode::Grouped,
            (None, Some(_), Some(_)) => return Err("rules and groups are given; give one".into()),
            (None, None, None) => {
                return Err("the mode is missing, and neither rules nor groups say which".into());
            }
        };
        let has = [
            ("rules", rules.is_some(), mode == Mode::Simple),
            ("groups", groups.is_some(), mode == Mode::Grouped),
            ("any", any.is_some(), mode == Mode::Grouped),
            ("instructions", instructions.is_some(), mode == Mode::Ai),
        ];
        let name = match mode {
            Mode::Simple => "simple",
            Mode::Grouped => "grouped",
            Mode::Ai => "ai",
        };
        if let Some((field, ..)) = has.iter().find(|(_, given, belongs)| *given && !belongs) {
            return Err(format!("the mode {name} has no {field}; leave it out"));
        }
        match mode {
            Mode::Simple => {
                let rules = rules.ok_or("the mode simple needs rules")?;
                Ok(MatchRules::Simple { rules, threshold })
            }
            Mode::Grouped => {
                let groups = groups.ok_or("the mode grouped needs groups")?;
                Ok(MatchRules::Grouped { groups, any: any.unwrap_or(true), threshold })
            }
            Mode::Ai => Ok(MatchRules::Ai { threshold, instructions }),
        }
    }
}

/// Rules that must all hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleGroup {
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub all: Vec<FieldRule>,
}

impl MatchRules {
    /// Rules that must all hold.
    pub fn simple(rules: impl IntoIterator<Item = FieldRule>) -> Self {
        Self::Simple { rules: rules.into_iter().collect(), threshold: None }
    }

    /// Groups of rules, of which at least one must match.
    pub fn any_of<G: IntoIterator<Item = FieldRule>>(groups: impl IntoIterator<Item = G>) -> Self {
        let groups =
            groups.into_iter().map(|all| RuleGroup { all: all.into_iter().collect() }).collect();
        Self::Grouped { groups, any: true, threshold: None }
    }

    /// Rules by which a language model decides.
    pub fn ai() -> Self {
        Self::Ai { threshold: None, instructions: None }
    }

    /// The same rules with a minimum confidence, 0 to 1.
    #[must_use]
    pub fn with_threshold(mut self, least: f64) -> Self {
        let (Self::Simple { threshold, .. }
        | Self::Grouped { threshold, .. }
        | Self::Ai { threshold, .. }) = &mut self;
        *threshold = Some(least);
        self
    }

    pub const fn threshold(&self) -> Option<f64> {
        match self {
            Self::Simple { threshold, .. }
            | Self::Grouped { threshold, .. }
            | Self::Ai { threshold, .. } => *threshold,
        }
    }

    /// Groups of rules of which at least one must match as a whole; empty for a language model.
    pub fn alternatives(&self) -> Vec<Vec<FieldRule>> {
        match self {
            Self::Simple { rules, .. } => vec![rules.clone()],
            Self::Grouped { groups, any: true, .. } => {
                groups.iter().map(|group| group.all.clone()).collect()
            }
            Self::Grouped { groups, .. } => {
                vec![groups.iter().flat_map(|group| group.all.clone()).collect()]
            }
            Self::Ai { .. } => Vec::new(),
        }
    }

    /// The name of the mode: `simple`, `grouped` or `ai`.
    pub const fn mode(&self) -> &'static str {
        match self {
            Self::Simple { .. } => "simple",
            Self::Grouped { .. } => "grouped",
            Self::Ai { .. } => "ai",
        }
    }

    /// Price of one candidate, in credits.
    pub const fn price(&self) -> u64 {
        match self {
            Self::Simple { .. } => 1,
            Self::Grouped { .. } => 2,
            Self::Ai { .. } => 5,
        }
    }

    /// Checks the rules against the contract.
    ///
    /// # Errors
    /// If there are no rules, a group is empty, a rule is invalid, or the threshold is outside 0 to
    /// 1.
    pub fn check(&self) -> Result<(), Invalid> {
        check::threshold(self.threshold())?;
        match self {
            Self::Simple { rules, .. } if rules.is_empty() => {
                Err(Invalid::new("rules", "rules is empty")
                    .hint("give at least one, such as email:eq"))
            }
            Self::Simple { rules, .. } => each(rules),
            Self::Grouped { groups, .. } if groups.is_empty() => {
                Err(Invalid::new("rules", "groups is empty")
                    .hint("give at least one group of rules"))
            }
            Self::Grouped { groups, .. } => {
                if let Some(at) = groups.iter().position(|group| group.all.is_empty()) {
                    return Err(Invalid::new(
                        "rules",
                        format!("groups[{at}] holds no rules and would match everything"),
                    )
                    .hint("fill it"));
                }
                groups.iter().try_for_each(|group| each(&group.all))
            }
            Self::Ai { .. } => Ok(()),
        }
    }
}

/// Checks rules that were built in code instead of being parsed.
pub(super) fn each(rules: &[FieldRule]) -> Result<(), Invalid> {
    rules
        .iter()
        .try_for_each(|rule| rule.check().map_err(|error| Invalid::new("rules", error.to_string())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_three_modes_are_spelled_as_the_contract_does() {
        let rule = |text: &str| text.parse::<FieldRule>().unwrap();
        let simple =
            MatchRules::simple([rule("email:eq"), rule("company:fuzzy0.85")]).with_threshold(0.8);
        let grouped = MatchRules::any_of([
            vec![rule("email:eq")],
            vec![rule("name:fuzzy0.9"), rule("company:fuzzy0.85")],
        ])
        .with_threshold(0.8);
        let ai =
            MatchRules::Ai { threshold: Some(0.8), instructions: Some("optional text".into()) };
        for (rules, spelled) in [
            (
                simple,
                json!({"mode": "simple", "rules": ["email:eq", "company:fuzzy0.85"], "threshold": 0.8}),
            ),
            (
                grouped,
                json!({"mode": "grouped", "groups": [{"all": ["email:eq"]}, {"all": ["name:fuzzy0.9", "company:fuzzy0.85"]}], "any": true, "threshold": 0.8}),
            ),
            (ai, json!({"mode": "ai", "threshold": 0.8, "instructions": "optional text"})),
        ] {
            assert!(rules.check().is_ok());
            assert_eq!(serde_json::to_value(&rules).unwrap(), spelled);
            assert_eq!(serde_json::from_value::<MatchRules>(spelled).unwrap(), rules);
        }
    }

    #[test]
    fn a_plain_list_and_an_object_without_a_mode_are_read() {
        let rule = |text: &str| text.parse::<FieldRule>().unwrap();
        let read = |json: serde_json::Value| serde_json::from_value::<MatchRules>(json);
        let simple = MatchRules::simple([rule("email:eq")]);
        assert_eq!(read(json!(["email:eq"])).unwrap(), simple);
        assert_eq!(read(json!({"rules": ["email:eq"]})).unwrap(), simple);
        let groups = MatchRules::any_of([[rule("email:eq")]]);
        assert_eq!(read(json!({"groups": [{"all": ["email:eq"]}]})).unwrap(), groups);
        let text = r#"["email:eq"]"#;
        assert_eq!(serde_json::from_str::<MatchRules>(text).unwrap(), simple);
    }

    #[test]
    fn fields_of_another_mode_are_refused() {
        for (rules, said) in [
            (json!({}), "the mode is missing"),
            (json!({"rules": ["a:eq"], "groups": []}), "give one"),
            (json!({"mode": "ai", "rules": ["a:eq"]}), "the mode ai has no rules"),
            (json!({"mode": "simple", "rules": ["a:eq"], "any": true}), "simple has no any"),
            (json!({"groups": [], "instructions": "x"}), "grouped has no instructions"),
            (json!({"mode": "simple"}), "needs rules"),
            (json!("email:eq"), "a list of rules"),
        ] {
            let error = serde_json::from_value::<MatchRules>(rules).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn rules_that_would_match_everything_are_refused() {
        assert!(MatchRules::simple([]).check().unwrap_err().message.contains("rules is empty"));
        let empty = MatchRules::any_of([Vec::new()]).check().unwrap_err();
        assert!(empty.message.contains("groups[0]"), "{empty}");
        assert_eq!(MatchRules::ai().with_threshold(1.5).check().unwrap_err().field, "threshold");
        let bad = FieldRule { field: "a".into(), op: Operator::Fuzzy(1.2) };
        let error = MatchRules::simple([bad]).check().unwrap_err();
        assert!(error.message.contains("must be above 0 and at most 1"), "{error}");
    }
}
