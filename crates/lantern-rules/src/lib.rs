//! Field rules such as `email:eq` and `company:fuzzy0.85`, with one syntax for the API, local
//! matching and the local server; and suggestions for misspelt field names.

mod field_name;
pub mod suggestion;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The error for a rule that cannot be parsed or is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule {}: {message}", quoted(.rule))]
pub struct InvalidRule {
    /// The rule as it was written.
    pub rule: String,
    /// What is wrong with it, and what to write instead.
    pub message: String,
}

/// A text in quotation marks and escaped; of a long one only the beginning, because it may be as
/// long as a file.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 200;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?} and {} bytes more", &text[..end], text.len() - end),
        None => format!("{text:?}"),
    }
}

/// How the two values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Operator {
    /// `exact`: the texts are identical.
    Exact,
    /// `eq`: the normalized values are equal.
    Eq,
    /// `contains`: one normalized value contains the other.
    Contains,
    /// `fuzzy0.85`: the normalized values have at least this similarity; above 0 and at most 1.
    Fuzzy(f64),
}

/// One rule over one field of two records. An empty or missing value matches nothing.
///
/// ```
/// use lantern_rules::{FieldRule, Operator};
///
/// let rule: FieldRule = "company:fuzzy0.85".parse().unwrap();
/// assert_eq!(rule, FieldRule::fuzzy("company", 0.85).unwrap());
/// assert_eq!(rule.op, Operator::Fuzzy(0.85));
/// let error = "company:fuzzy1.2".parse::<FieldRule>().unwrap_err();
/// assert_eq!(error.message, "similarity 1.2 must be above 0 and at most 1");
/// let spaces: FieldRule = "Account Name:eq".parse().unwrap();
/// assert_eq!(spaces.field, "Account Name");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FieldRule {
    /// The name of a field, or several names joined by `_` whose values are joined
    /// (`name_company`). It may be any text but an empty one.
    pub field: String,
    pub op: Operator,
}

impl FieldRule {
    /// `field:exact`.
    ///
    /// # Errors
    /// If the name is empty.
    pub fn exact(field: impl Into<String>) -> Result<Self, InvalidRule> {
        Self::new(field, Operator::Exact)
    }

    /// `field:eq`.
    ///
    /// # Errors
    /// If the name is empty.
    pub fn eq(field: impl Into<String>) -> Result<Self, InvalidRule> {
        Self::new(field, Operator::Eq)
    }

    /// `field:contains`.
    ///
    /// # Errors
    /// If the name is empty.
    pub fn contains(field: impl Into<String>) -> Result<Self, InvalidRule> {
        Self::new(field, Operator::Contains)
    }

    /// `field:fuzzy0.85`.
    ///
    /// # Errors
    /// If the name is empty, or the similarity is not above 0 and at most 1.
    pub fn fuzzy(field: impl Into<String>, similarity: f64) -> Result<Self, InvalidRule> {
        Self::new(field, Operator::Fuzzy(similarity))
    }

    /// # Errors
    /// If the name is empty, or the similarity is not above 0 and at most 1.
    pub fn new(field: impl Into<String>, op: Operator) -> Result<Self, InvalidRule> {
        let rule = Self { field: field.into(), op };
        rule.check()?;
        Ok(rule)
    }

    /// Checks a rule that was built in code instead of being parsed.
    ///
    /// # Errors
    /// If the name is empty, or the similarity is not above 0 and at most 1.
    pub fn check(&self) -> Result<(), InvalidRule> {
        let wrong = |message: String| Err(InvalidRule { rule: self.to_string(), message });
        if self.field.is_empty() {
            return wrong("no field before the colon; write field:op, such as email:eq".into());
        }
        match self.op {
            Operator::Fuzzy(similarity) if !(similarity > 0.0 && similarity <= 1.0) => {
                wrong(format!("similarity {similarity} must be above 0 and at most 1"))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("exact"),
            Self::Eq => f.write_str("eq"),
            Self::Contains => f.write_str("contains"),
            Self::Fuzzy(similarity) => write!(f, "fuzzy{similarity}"),
        }
    }
}

impl fmt::Display for FieldRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        field_name::write(&self.field, f)?;
        write!(f, ":{}", self.op)
    }
}

impl FromStr for FieldRule {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Self, InvalidRule> {
        let wrong = |message: String| InvalidRule { rule: text.to_owned(), message };
        let Some((field, op)) = text.trim().rsplit_once(':') else {
            return Err(wrong("no colon; write field:op, such as email:eq".into()));
        };
        let op = match op.trim() {
            "exact" => Operator::Exact,
            "eq" => Operator::Eq,
            "contains" => Operator::Contains,
            other => match other.strip_prefix("fuzzy") {
                Some("") => {
                    return Err(wrong(
                        "fuzzy needs the minimum similarity, such as fuzzy0.85".into(),
                    ));
                }
                Some(number) => {
                    // Digits and a point only: no sign, exponent, `inf` or `nan`.
                    let plain = number.bytes().all(|sign| sign.is_ascii_digit() || sign == b'.');
                    let similarity = number.parse::<f64>().ok().filter(|_| plain);
                    Operator::Fuzzy(similarity.ok_or_else(|| {
                        wrong(format!(
                            "{} is not a similarity; write for example fuzzy0.85",
                            quoted(number)
                        ))
                    })?)
                }
                None => {
                    return Err(wrong(format!(
                        "there is no operator {}; use exact, eq, contains or fuzzy0.85",
                        quoted(other)
                    )));
                }
            },
        };
        let rule = Self { field: field_name::read(field).map_err(wrong)?, op };
        rule.check().map_err(|error| wrong(error.message))?;
        Ok(rule)
    }
}

impl Serialize for FieldRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for FieldRule {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(PATTERN))
            .description(Some(
                "field:op, op one of exact, eq, contains, fuzzy0.85; a name that begins or ends with a space, or begins with a quotation mark, stands in quotation marks",
            ))
            .examples(["email:eq", "company:fuzzy0.85", "Account Name:eq"])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for FieldRule {}

/// The OpenAPI pattern for the text of a rule.
#[cfg(feature = "openapi")]
const PATTERN: &str = concat!(
    r#"^("([^"]|"")+"|[^\s"\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?)"#,
    r":(exact|eq|contains|fuzzy(0?\.[0-9]*[1-9][0-9]*|1(\.0*)?))$"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        text.parse::<FieldRule>().unwrap_err().message
    }

    #[test]
    fn every_operator_is_read_and_written_alike() {
        for text in ["email:exact", "email:eq", "name:contains", "company:fuzzy0.85", "a:fuzzy1"] {
            let rule: FieldRule = text.parse().unwrap();
            assert_eq!(rule.to_string(), text);
            assert_eq!(serde_json::to_value(&rule).unwrap(), text);
            assert_eq!(serde_json::from_value::<FieldRule>(text.into()).unwrap(), rule);
        }
        let composite: FieldRule = " name_company : fuzzy.8 ".parse().unwrap();
        assert_eq!(composite, FieldRule::fuzzy("name_company", 0.8).unwrap());
    }

    #[test]
    fn names_of_columns_may_hold_anything() {
        for (text, field) in [
            ("Account Name:eq", "Account Name"),
            ("crm:Account Name:eq", "crm:Account Name"),
            ("a:eq:eq", "a:eq"),
            ("::eq", ":"),
            (r#"5" pipe:eq"#, r#"5" pipe"#),
            (r#"" Name ":eq"#, " Name "),
            (r#"" ":eq"#, " "),
            (r#""""":eq"#, "\""),
            (r#""""Name""":eq"#, r#""Name""#),
            ("\"two\nlines\":eq", "two\nlines"),
            ("会社 名:eq", "会社 名"),
        ] {
            let rule: FieldRule = text.parse().unwrap();
            assert_eq!(rule.field, field);
            assert_eq!(rule.to_string(), text);
        }
        for field in
            ["a", " a", "a ", "\"", "\"a\"", "a\"", ":", "a:", " : ", "\u{a0}x", "\t", "a\u{85}"]
        {
            for op in [Operator::Exact, Operator::Eq, Operator::Contains, Operator::Fuzzy(0.85)] {
                let rule = FieldRule::new(field, op).unwrap();
                assert_eq!(rule.to_string().parse(), Ok(rule), "{field:?}");
            }
        }
        assert_eq!(r#" "a b" : eq "#.parse(), FieldRule::eq("a b"));
    }

    #[test]
    fn a_similarity_is_above_0_and_at_most_1() {
        assert_eq!(message("company:fuzzy1.2"), "similarity 1.2 must be above 0 and at most 1");
        assert_eq!(message("company:fuzzy0"), "similarity 0 must be above 0 and at most 1");
        for text in ["a:fuzzy-0.5", "a:fuzzynan", "a:fuzzyinf", "a:fuzzy1e-1", "a:fuzzy0.8.1"] {
            assert!(message(text).contains("is not a similarity"), "{text}");
        }
        assert!(FieldRule::fuzzy("a", f64::NAN).is_err());
    }

    #[test]
    fn what_is_no_rule_says_what_to_write() {
        assert_eq!(message("email"), "no colon; write field:op, such as email:eq");
        assert!(message(":eq").starts_with("no field before the colon"));
        assert!(message("email:like").contains("use exact, eq, contains or fuzzy0.85"));
        assert!(message("a:fuzzy").contains("needs the minimum similarity"));
        assert!(message("a\nb:eq").contains("quotation marks"));
        for text in [r#""a:eq"#, r#""a"b:eq"#, r#""a"":eq"#, r#"":eq"#] {
            assert!(message(text).contains("ends with one"), "{text}");
        }
        assert!(message(r#""":eq"#).starts_with("no field before the colon"));
        for text in
            ["x".repeat(1 << 20), "é".repeat(500) + ":eqq", format!("a:{}", "\u{1f}".repeat(900))]
        {
            let error = text.parse::<FieldRule>().unwrap_err().to_string();
            assert!(error.len() < 4_000 && error.contains(" bytes more"), "{error}");
        }
        let error = "x".parse::<FieldRule>().unwrap_err();
        assert!(error.to_string().starts_with("rule \"x\": no colon"), "{error}");
    }
}
