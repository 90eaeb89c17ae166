//! What a job of batches asks for each id.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::records::Columns;
use crate::{
    api::{
        agents::{AgentType, BatchKind, ContactBatch, DeepResearchBatch, Effort, EntityType},
        fields,
    },
    error::{Error, Result, Setting},
    ledger::{
        Reuse,
        memory::{Question, Wish, family, parts},
    },
};

/// What a job asks for each id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub kind: BatchKind,
    pub entity_type: EntityType,
    /// What to look for, for deep research.
    pub query_hint: String,
    pub effort: Effort,
    pub agent_type: AgentType,
    /// Fields that this version does not know. They are sent unchanged with every batch.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
    /// Which columns are which fields, if records are sent instead of ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Columns>,
}

/// The parameter of a job with the columns of its records.
const COLUMNS: &str = "records";

impl Request {
    /// A request with the defaults of its kind.
    pub fn new(kind: BatchKind) -> Self {
        Self {
            kind,
            entity_type: EntityType::Person,
            query_hint: String::new(),
            effort: Effort::Medium,
            agent_type: AgentType::General,
            extra: Map::new(),
            columns: None,
        }
    }

    /// The first parameter of deep research that was given, with its value, if this is another kind
    /// of batch, which would not send it.
    pub(super) fn unused(&self) -> Option<(Setting, &str)> {
        let usual = Self::new(self.kind);
        if self.kind == BatchKind::DeepResearch {
            None
        } else if self.query_hint != usual.query_hint {
            Some((Setting::QueryHint, &self.query_hint))
        } else if self.effort != usual.effort {
            Some((Setting::Effort, self.effort.name()))
        } else if self.agent_type != usual.agent_type {
            Some((Setting::AgentType, self.agent_type.name()))
        } else {
            None
        }
    }

    /// Maximum cost of one record, by the published or usual prices.
    pub const fn usual_price(&self) -> u64 {
        match (self.kind, self.effort) {
            (BatchKind::Email, _) => 1,
            (BatchKind::Phone, _) | (BatchKind::DeepResearch, Effort::Low) => 5,
            (BatchKind::PhoneEmail, _) => 6,
            (BatchKind::DeepResearch, Effort::Medium) => 10,
            (BatchKind::DeepResearch, Effort::High) => 20,
        }
    }

    /// The question about each id, for the memory of records.
    pub(super) fn wish(&self, account: &str, reuse: Reuse) -> Wish {
        let question = Question {
            account: account.to_owned(),
            family: family(self.kind).to_owned(),
            parameters: self.question(),
        };
        Wish { question, parts: parts(self.kind), reuse }
    }

    /// Everything that is asked apart from the ids, and the columns of the records, as the ledger
    /// stores it.
    pub(super) fn parameters(&self) -> String {
        let columns = self.columns.as_ref().map(|columns| serde_json::json!(columns));
        with_columns(self.question(), columns)
    }

    /// What the key of a job hashes. Renaming the columns of records does not change it.
    pub(super) fn hashed(&self) -> String {
        with_columns(self.question(), self.columns.as_ref().map(|_| Value::Bool(true)))
    }

    /// Everything that is asked apart from the ids.
    fn question(&self) -> String {
        let mut parameters = match self.kind {
            BatchKind::DeepResearch => serde_json::json!({
                "agent_type": self.agent_type.name(),
                "effort": self.effort.name(),
                "entity_type": self.entity_type.name(),
                "query_hint": self.query_hint,
            }),
            _ => serde_json::json!({"entity_type": self.entity_type.name()}),
        };
        if !self.extra.is_empty() {
            parameters["extra"] = Value::Object(self.extra.clone());
        }
        parameters.to_string()
    }

    /// Checks the extra fields.
    ///
    /// # Errors
    /// If this version knows one of them, because it then has an argument of its own.
    pub(super) fn check_extra(&self) -> Result<()> {
        if self.extra.is_empty() {
            return Ok(());
        }
        let written = |call: serde_json::Result<Value>| {
            call.map_err(|error| Error::input(format!("the batch cannot be written: {error}")))
        };
        match self.call(self.kind, vec!["1".to_owned()], 1) {
            BatchCall::Contact(call) => {
                let mut call = written(serde_json::to_value(call))?;
                fields::add::<ContactBatch>(&mut call, &self.extra)?;
            }
            BatchCall::DeepResearch(call) => {
                let mut call = written(serde_json::to_value(call))?;
                fields::add::<DeepResearchBatch>(&mut call, &self.extra)?;
            }
        }
        Ok(())
    }

    /// Decodes what the ledger stores.
    ///
    /// # Errors
    /// If the ledger contains values that this version does not know.
    pub fn from_ledger(kind: &str, parameters: &str) -> Result<Self> {
        let mut request = Self::new(kind.parse()?);
        let unknown =
            |what: String| Error::ledger(format!("the ledger's job cannot be read: {what}"));
        let fields: Map<String, Value> =
            serde_json::from_str(parameters).map_err(|error| unknown(error.to_string()))?;
        for (name, value) in fields {
            let odd = || unknown(format!("parameter {name:?} is of another type"));
            let text = || value.as_str().ok_or_else(odd);
            match name.as_str() {
                "agent_type" => request.agent_type = text()?.parse()?,
                "effort" => request.effort = text()?.parse()?,
                "entity_type" => request.entity_type = text()?.parse()?,
                "query_hint" => request.query_hint = text()?.to_owned(),
                "extra" => request.extra = value.as_object().cloned().ok_or_else(odd)?,
                COLUMNS => {
                    let columns = serde_json::from_value(value);
                    request.columns = Some(columns.map_err(|error| unknown(error.to_string()))?);
                }
                _ => return Err(unknown(format!("parameter {name:?} is not known"))),
            }
        }
        Ok(request)
    }

    /// Like [`Request::call`], for records.
    pub fn call_of_records(
        &self,
        kind: BatchKind,
        records: Vec<Map<String, Value>>,
        max_credits: u64,
    ) -> BatchCall {
        BatchCall::Contact(ContactBatch {
            kind,
            ids: None,
            records: Some(records),
            entity_type: self.entity_type,
            max_credits,
        })
    }

    /// The call for one batch, which may ask for a part of what the job asks for.
    pub fn call(&self, kind: BatchKind, ids: Vec<String>, max_credits: u64) -> BatchCall {
        match kind {
            BatchKind::DeepResearch => BatchCall::DeepResearch(DeepResearchBatch {
                ids,
                entity_type: self.entity_type,
                query_hint: self.query_hint.clone(),
                effort: self.effort,
                agent_type: self.agent_type,
                max_credits,
            }),
            kind => BatchCall::Contact(ContactBatch {
                kind,
                ids: Some(ids),
                records: None,
                entity_type: self.entity_type,
                max_credits,
            }),
        }
    }
}

/// Adds the columns of the records to a question, for the ledger.
fn with_columns(question: String, columns: Option<Value>) -> String {
    match (columns, serde_json::from_str(&question)) {
        (Some(columns), Ok(Value::Object(mut fields))) => {
            fields.insert(COLUMNS.to_owned(), columns);
            Value::Object(fields).to_string()
        }
        _ => question,
    }
}

/// One batch, ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchCall {
    Contact(ContactBatch),
    DeepResearch(DeepResearchBatch),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_request_comes_back_from_the_ledger_as_it_was() {
        let mut request = Request::new(BatchKind::DeepResearch);
        request.entity_type = EntityType::Company;
        request.query_hint = "funding \"rounds\"".into();
        request.effort = Effort::High;
        request.extra.insert("priority".into(), serde_json::json!({"level": 2}));
        request.columns = Some([("first_name".to_owned(), "First".to_owned())].into());
        let back = Request::from_ledger(request.kind.name(), &request.parameters()).unwrap();
        assert_eq!(back, request);
    }

    #[test]
    fn a_request_that_the_ledger_holds_in_another_form_is_not_taken_for_a_shorter_one() {
        for (parameters, name) in [
            (r#"{"query_hint": 7}"#, "query_hint"),
            (r#"{"effort": null}"#, "effort"),
            (r#"{"extra": ["priority"]}"#, "extra"),
        ] {
            let error = Request::from_ledger("deep-research", parameters).unwrap_err();
            assert!(error.is(ErrorKind::Ledger), "{error:?}");
            assert!(error.happened().contains(name), "{error}");
        }
    }
}
