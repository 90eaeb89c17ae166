//! Batches: `POST /v1/agents/{phone,email,phone-email,deep-research}`, and their runs.

use std::{fmt, str::FromStr};

use http::Method;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

mod run_status;

pub use self::run_status::{RunPhase, RunState, RunStatus};
use super::{Call, Effect, Invalid, LimitClass, fields, lenient::answer, string_enum::string_enum};

/// The maximum number of ids or records in one batch.
pub const MAX_BATCH: usize = 1000;

/// Which data a batch asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BatchKind {
    Phone,
    Email,
    PhoneEmail,
    DeepResearch,
}

impl BatchKind {
    pub const ALL: [BatchKind; 4] =
        [Self::Phone, Self::Email, Self::PhoneEmail, Self::DeepResearch];

    /// The last part of the path: `phone`, `email`, `phone-email` or `deep-research`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::PhoneEmail => "phone-email",
            Self::DeepResearch => "deep-research",
        }
    }

    /// The path of the call that submits such a batch.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Phone => "/v1/agents/phone",
            Self::Email => "/v1/agents/email",
            Self::PhoneEmail => "/v1/agents/phone-email",
            Self::DeepResearch => "/v1/agents/deep-research",
        }
    }
}

impl fmt::Display for BatchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for BatchKind {
    type Err = Invalid;

    /// Reads `phone-email` and, as Python spells names, `phone_email`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let name = text.trim().replace('_', "-");
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            Invalid::new("kind", format!("{text:?} is not a kind of batch"))
                .hint("use phone, email, phone-email or deep-research")
        })
    }
}

string_enum! {
    /// What the ids of a batch stand for.
    EntityType, "entity_type" { Person = "person", Company = "company" }
}
string_enum! {
    /// How much effort the API makes; a higher effort costs more credits.
    Effort, "effort" { Low = "low", Medium = "medium", High = "high" }
}
string_enum! {
    /// Which agent does the research.
    AgentType, "agent_type" { General = "general", Funding = "funding", Legal = "legal" }
}

/// `POST /v1/agents/{phone,email,phone-email}`: one batch of people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactBatch {
    /// Selects the path, and is not part of the body: phone, email or phone-email.
    #[serde(skip, default = "contact_default")]
    pub kind: BatchKind,
    /// 1 to 1000 ids. Exactly one of `ids` and `records` must be given.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 1000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<String>>,
    /// 1 to 1000 records, each with fields of [`RECORD_FIELDS`].
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 1000))]
    #[serde(default, deserialize_with = "records", skip_serializing_if = "Option::is_none")]
    pub records: Option<Vec<Map<String, Value>>>,
    #[serde(default = "person")]
    #[cfg_attr(feature = "openapi", schema(default = "person"))]
    pub entity_type: EntityType,
    /// Maximum credits that this batch may cost, above 0. The API stops the batch there.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub max_credits: u64,
}

/// The fields that a record may have. The contract names none; these are the names that the API's
/// other calls and its result files use for a person.
pub const RECORD_FIELDS: [&str; 18] = [
    "id",
    "record_id",
    "first_name",
    "last_name",
    "full_name",
    "title",
    "company",
    "company_name",
    "company_domain",
    "company_url",
    "domain",
    "country",
    "email",
    "phone",
    "phone_number",
    "linkedin",
    "linkedin_id",
    "linkedin_url",
];

fn records<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Map<String, Value>>>, D::Error> {
    struct Record(Map<String, Value>);
    impl<'de> Deserialize<'de> for Record {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            fields::listed(deserializer, &RECORD_FIELDS).map(Self)
        }
    }
    let read = Option::<Vec<Record>>::deserialize(deserializer)?;
    Ok(read.map(|records| records.into_iter().map(|record| record.0).collect()))
}

const fn contact_default() -> BatchKind {
    BatchKind::PhoneEmail
}

const fn person() -> EntityType {
    EntityType::Person
}

fn check_count(field: &'static str, count: usize) -> Result<(), Invalid> {
    if (1..=MAX_BATCH).contains(&count) {
        return Ok(());
    }
    Err(Invalid::new(
        field,
        format!("{field} holds {count} entries and one batch takes 1 to {MAX_BATCH}"),
    )
    .hint("split them"))
}

/// Each of these fields is enough to say whom a record is about.
const SAY_WHOM: [&str; 6] = ["id", "record_id", "linkedin", "linkedin_id", "linkedin_url", "email"];
/// Each of these fields says for whom a person works.
const COMPANY: [&str; 5] = ["company_name", "company", "company_domain", "company_url", "domain"];

/// The API skips records that lack what it needs, and says nothing about them.
fn check_records(records: &[Map<String, Value>]) -> Result<(), Invalid> {
    check_count("records", records.len())?;
    for (at, record) in records.iter().enumerate() {
        let has = |name: &&str| match record.get(*name) {
            None | Some(Value::Null) => false,
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(_) => true,
        };
        // What seems to be missing may be misspelt, which is reported by its name.
        let is_misspelt = record.keys().any(|name| !RECORD_FIELDS.contains(&name.as_str()));
        if is_misspelt || SAY_WHOM.iter().any(has) {
            continue;
        }
        let in_full = has(&"full_name");
        let lacks: Vec<&str> = [
            ("first_name", in_full || has(&"first_name")),
            ("last_name", in_full || has(&"last_name")),
            ("company_name", COMPANY.iter().any(has)),
        ]
        .into_iter()
        .filter_map(|(name, is_there)| (!is_there).then_some(name))
        .collect();
        if !lacks.is_empty() {
            let place = format!("records[{at}]");
            let message = format!("{place} lacks {}", lacks.join(" and "));
            return Err(Invalid::new(place, message).hint(
                "give first_name, last_name and company_name, or one of linkedin, email and id",
            ));
        }
    }
    Ok(())
}

fn check_ids(ids: &[String]) -> Result<(), Invalid> {
    check_count("ids", ids.len())?;
    match ids.iter().position(|id| id.trim().is_empty()) {
        None => Ok(()),
        Some(at) => {
            Err(Invalid::new("ids", format!("ids[{at}] is empty")).hint("leave empty ids out"))
        }
    }
}

fn check_credits(max_credits: u64) -> Result<(), Invalid> {
    if max_credits == 0 {
        return Err(Invalid::new("max_credits", "max_credits is 0").hint("give at least 1"));
    }
    // The contract declares `max_credits` as int64.
    if i64::try_from(max_credits).is_err() {
        return Err(Invalid::new("max_credits", "max_credits is above 9223372036854775807"));
    }
    Ok(())
}

impl Call for ContactBatch {
    type Response = BatchAccepted;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Batches;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        self.kind.path().to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        match (&self.ids, &self.records) {
            (Some(ids), None) => check_ids(ids)?,
            (None, Some(records)) => check_records(records)?,
            (None, None) => {
                return Err(
                    Invalid::new("ids", "neither ids nor records is given").hint("give one")
                );
            }
            (Some(_), Some(_)) => {
                return Err(Invalid::new("ids", "both ids and records are given").hint("give one"));
            }
        }
        if self.entity_type != EntityType::Person {
            return Err(Invalid::new(
                "entity_type",
                format!("entity_type of a {} batch is person", self.kind),
            )
            .hint("use deep-research for companies"));
        }
        check_credits(self.max_credits)
    }

    fn has_listed_maps(&self) -> bool {
        self.records.is_some()
    }
}

/// `POST /v1/agents/deep-research`: one batch of people or companies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeepResearchBatch {
    /// 1 to 1000 ids.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 1000))]
    pub ids: Vec<String>,
    pub entity_type: EntityType,
    /// What to look for, in plain words.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(default = ""))]
    pub query_hint: String,
    #[serde(default = "medium")]
    #[cfg_attr(feature = "openapi", schema(default = "medium"))]
    pub effort: Effort,
    #[serde(default = "general")]
    #[cfg_attr(feature = "openapi", schema(default = "general"))]
    pub agent_type: AgentType,
    /// Maximum credits that this batch may cost, above 0. The API stops the batch there.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub max_credits: u64,
}

const fn medium() -> Effort {
    Effort::Medium
}

const fn general() -> AgentType {
    AgentType::General
}

impl Call for DeepResearchBatch {
    type Response = BatchAccepted;
    const METHOD: Method = Method::POST;
    const CLASS: LimitClass = LimitClass::Batches;
    const EFFECT: Effect = Effect::SpendsCredits;

    fn path(&self) -> String {
        BatchKind::DeepResearch.path().to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        check_ids(&self.ids)?;
        check_credits(self.max_credits)
    }
}

answer! {
    /// The answer to every kind of batch: the run that works on it.
    pub struct BatchAccepted {
        /// The id of the run. All examples show a UUID, but the contract allows any text.
        pub run_id: String,
        /// Where the result CSV will be written: `s3://bucket/key`.
        pub result_path: String,
        /// Where the credit report will be written: `s3://bucket/key`.
        #[serde(default)]
        pub credits_csv_path: Option<String>,
    }
    needs run_id;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(ids: usize) -> ContactBatch {
        ContactBatch {
            kind: BatchKind::Phone,
            ids: Some((0..ids).map(|id| id.to_string()).collect()),
            records: None,
            entity_type: EntityType::Person,
            max_credits: 1,
        }
    }

    #[test]
    fn a_batch_holds_1_to_1000_ids() {
        assert!(batch(1).check().is_ok());
        assert!(batch(1000).check().is_ok());
        assert_eq!(batch(0).check().unwrap_err().field, "ids");
        let error = batch(1001).check().unwrap_err();
        assert!(error.message.contains("1001 entries"), "{error}");
    }

    #[test]
    fn a_batch_needs_credits_and_no_empty_ids() {
        let mut call = batch(2);
        call.max_credits = 0;
        assert_eq!(call.check().unwrap_err().field, "max_credits");
        let mut call = batch(2);
        call.ids = Some(vec!["1".into(), " ".into()]);
        assert!(call.check().unwrap_err().message.contains("ids[1]"));
    }

    #[test]
    fn a_record_says_whom_it_is_about() {
        let lacking = |record: Value| {
            let good = serde_json::json!({"id": "1"});
            let records = [good, record].map(|record| record.as_object().unwrap().clone());
            let call = ContactBatch { ids: None, records: Some(records.into()), ..batch(1) };
            call.check().err().map(|invalid| invalid.message)
        };
        let named = serde_json::json!({"first_name": "Ada", "last_name": "Byron"});
        assert_eq!(lacking(named).unwrap(), "records[1] lacks company_name");
        for empty in [
            serde_json::json!({}),
            serde_json::json!({"first_name": " ", "linkedin": null, "title": "Owner"}),
        ] {
            let said = lacking(empty).unwrap();
            assert_eq!(said, "records[1] lacks first_name and last_name and company_name");
        }
        for enough in [
            serde_json::json!({"first_name": "Ada", "last_name": "Byron", "domain": "acme.com"}),
            serde_json::json!({"full_name": "Ada Byron", "company": "Acme"}),
            serde_json::json!({"linkedin_url": "https://www.linkedin.com/in/ada"}),
            serde_json::json!({"email": "ada@acme.com"}),
            serde_json::json!({"record_id": 7}),
            // Reported by its name.
            serde_json::json!({"frist_name": "Ada"}),
        ] {
            assert_eq!(lacking(enough), None);
        }
    }

    #[test]
    fn the_body_holds_no_kind_and_no_nulls() {
        let body = serde_json::to_value(batch(1)).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"ids": ["0"], "entity_type": "person", "max_credits": 1})
        );
    }

    #[test]
    fn a_run_has_any_text_for_its_id() {
        let accepted = |body: serde_json::Value| serde_json::from_value::<BatchAccepted>(body);
        assert_eq!(accepted(serde_json::json!({"run_id": "run/7 a"})).unwrap().run_id, "run/7 a");
        let read = accepted(serde_json::json!({"run_id": 7, "result_path": ["x"]})).unwrap();
        assert_eq!((read.run_id.as_str(), read.result_path.as_str()), ("7", ""));
        assert!(accepted(serde_json::json!({"run_id": "", "result_path": "x"})).is_err());
        let path = |id: &str| RunStatus { run_id: id.into() }.path();
        assert_eq!(path("run/7 a"), "/v1/agents/runs/run%2F7%20a/status");
        assert!(RunStatus { run_id: "..".into() }.check().is_err());
    }

    #[test]
    fn words_say_what_they_take() {
        assert_eq!("phone_email".parse::<BatchKind>().unwrap(), BatchKind::PhoneEmail);
        let error = "max".parse::<Effort>().unwrap_err();
        assert_eq!(error.to_string(), "effort is \"max\"; use low or medium or high");
    }
}
