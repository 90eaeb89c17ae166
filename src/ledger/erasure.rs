//! Erasing: a person from everything that the ledger holds, and the answers of units that are old.
//!
//! What was paid stays counted. An id that is erased leaves a placeholder, so that the rows of its job keep
//! their places; a call that is erased leaves an empty request and a marker as its answer.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::suppression::Identifier;
use crate::matching::normalize::email_key;

/// How the placeholder of an erased id begins: no id of a record does.
const PLACEHOLDER: char = '\u{1}';
/// The answer of a call that was erased.
pub(crate) const ERASED_ANSWER: &str = r#"{"lantern:erased":true}"#;

/// A placeholder that no other id of any job has.
pub(super) fn placeholder() -> String {
    format!("{PLACEHOLDER}{}", Uuid::new_v4())
}

/// Whether an id was erased.
pub fn is_erased(id: &str) -> bool {
    id.starts_with(PLACEHOLDER)
}

/// Whom to erase.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Ids of records, as they were sent.
    pub ids: BTreeSet<String>,
    /// E-mail addresses in their normal form.
    emails: BTreeSet<String>,
}

impl Person {
    pub fn new(ids: impl IntoIterator<Item = String>, emails: &[String]) -> Self {
        let emails = emails.iter().filter_map(|email| Some(email_key(email)?.into_owned()));
        Self { ids: ids.into_iter().collect(), emails: emails.collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.emails.is_empty()
    }

    /// Whether a text is an e-mail address of the person.
    pub fn has_email(&self, text: &str) -> bool {
        !self.emails.is_empty()
            && text.contains('@')
            && email_key(text).is_some_and(|key| self.emails.contains(key.as_ref()))
    }

    /// Whether a field or column of this name holds the person's id in this text.
    pub fn has_id(&self, name: &str, text: &str) -> bool {
        Identifier::of_name(name) == Some(Identifier::Id) && self.ids.contains(text)
    }

    /// Whether something in a value of JSON is the person.
    pub(super) fn is_in(&self, name: &str, value: &Value) -> bool {
        match value {
            Value::String(text) => self.has_email(text) || self.has_id(name, text),
            Value::Number(number) => self.has_id(name, &number.to_string()),
            Value::Array(items) => items.iter().any(|item| self.is_in(name, item)),
            Value::Object(fields) => fields.iter().any(|(name, value)| self.is_in(name, value)),
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// Whether a text in words, such as that of an error, names the person.
    pub(super) fn is_named(&self, text: &str) -> bool {
        let apart = |c: char| !(c.is_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '+'));
        text.split(apart).any(|word| {
            let word = word.trim_end_matches(['.', '-']);
            self.ids.contains(word) || self.has_email(word)
        })
    }
}

/// What was erased from a ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Places in the lists of ids of jobs.
    pub ids: u64,
    /// Rows of mapped calls: what they asked and what they were answered.
    pub calls: u64,
    /// Paid answers that could not be read.
    pub unread: u64,
    /// Entries of the memory of records.
    pub memory: u64,
    /// Texts of errors that named the person.
    pub errors: u64,
    /// Rows that were left, because they are on their way, or wait to be sent together with others.
    pub under_way: u64,
}

impl Erased {
    pub(super) fn add(&mut self, other: Self) {
        self.ids += other.ids;
        self.calls += other.calls;
        self.unread += other.unread;
        self.memory += other.memory;
        self.errors += other.errors;
        self.under_way += other.under_way;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_by_id_and_by_any_spelling_of_an_address() {
        let person = Person::new(["P7".to_owned()], &["Ada.Byron@GoogleMail.com".to_owned()]);
        let value =
            serde_json::json!({"person": {"email": "adabyron@gmail.com"}, "record_id": "P8"});
        assert!(person.is_in("", &value));
        assert!(person.is_in("", &serde_json::json!([{"record_id": "P7"}])));
        assert!(!person.is_in("", &serde_json::json!({"name": "P7", "record_id": "P77"})));
        assert!(person.is_named("row P7: no such record"));
        assert!(person.is_named("no mailbox <ada.byron@gmail.com>."));
        assert!(!person.is_named("row P77: no such record"));
        assert!(is_erased(&placeholder()) && placeholder() != placeholder() && !is_erased("P7"));
    }
}
