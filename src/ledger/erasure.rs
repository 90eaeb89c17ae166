//! Erasing a person from everything in the ledger, and deleting old answers.
//!
//! What was paid stays counted. An erased id leaves a placeholder, so that the rows of its job keep
//! their positions. An erased call leaves an empty request, and a marker as its answer.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::suppression::Identifier;
use crate::{
    matching::normalize::{email_key, linkedin_slug},
    results::record_id::canonical,
};

/// The first character of a placeholder, which no id of a record begins with.
const PLACEHOLDER: char = '\u{1}';
/// The answer that replaces that of an erased call.
pub(crate) const ERASED_ANSWER: &str = r#"{"lantern:erased":true}"#;

/// A placeholder that differs from every other id of every job.
pub(super) fn placeholder() -> String {
    format!("{PLACEHOLDER}{}", Uuid::new_v4())
}

/// Whether an id was erased.
pub fn is_erased(id: &str) -> bool {
    id.starts_with(PLACEHOLDER)
}

/// The person to erase.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Ids of records, in the form by which a record is known: those that were given, and those that
    /// were found with them.
    pub ids: BTreeSet<String>,
    /// What the memory knows the records of mapped calls as.
    pub records: BTreeSet<String>,
    /// The ids that were given.
    given: BTreeSet<String>,
    /// E-mail addresses in their normal form.
    emails: BTreeSet<String>,
    /// What is said of the person beside these ids and addresses.
    described: BTreeMap<Trait, BTreeSet<String>>,
}

/// A property that distinguishes people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trait {
    FirstName,
    LastName,
    FullName,
    Email,
    Linkedin,
}

impl Trait {
    /// What a field or column of this name says.
    fn of_name(name: &str) -> Option<Self> {
        match Identifier::of_name(name) {
            Some(Identifier::Email) => return Some(Self::Email),
            Some(Identifier::Linkedin) => return Some(Self::Linkedin),
            _ => {}
        }
        let letters = name.chars().filter(char::is_ascii_alphabetic);
        match letters.collect::<String>().to_ascii_lowercase().as_str() {
            "firstname" | "givenname" => Some(Self::FirstName),
            "lastname" | "surname" | "familyname" => Some(Self::LastName),
            "fullname" | "personname" | "contactname" => Some(Self::FullName),
            _ => None,
        }
    }

    /// The value by which two spellings are equal; `None` where it says nothing.
    fn value(self, text: &str) -> Option<String> {
        let plain = || text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let value = match self {
            Self::Email => email_key(text).map_or_else(plain, Into::into),
            Self::Linkedin => linkedin_slug(text).map_or_else(plain, Into::into),
            Self::FirstName | Self::LastName | Self::FullName => plain(),
        };
        Some(value).filter(|value| !value.is_empty())
    }
}

/// A request of a mapped call.
type Fields = serde_json::Map<String, Value>;

impl Person {
    pub fn new(ids: impl IntoIterator<Item = String>, emails: &[String]) -> Self {
        let emails = emails.iter().filter_map(|email| Some(email_key(email)?.into_owned()));
        let given: BTreeSet<String> =
            ids.into_iter().map(|id| canonical(&id).into_owned()).collect();
        Self { ids: given.clone(), given, emails: emails.collect(), ..Self::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.emails.is_empty()
    }

    /// Adds ids that were found, in any spelling.
    pub fn add_ids(&mut self, ids: impl IntoIterator<Item = String>) {
        self.ids.extend(ids.into_iter().map(|id| canonical(&id).into_owned()));
    }

    /// Whether a record of the person has this id.
    pub fn has_record(&self, id: &str) -> bool {
        self.ids.contains(&*canonical(id))
    }

    /// Whether a text is an e-mail address of the person.
    pub fn has_email(&self, text: &str) -> bool {
        !self.emails.is_empty()
            && text.contains('@')
            && email_key(text).is_some_and(|key| self.emails.contains(key.as_ref()))
    }

    /// Whether a text is an id of the person, in a field or column of this name.
    pub fn has_id(&self, name: &str, text: &str) -> bool {
        is_id(&self.ids, name, text)
    }

    /// Whether a request is about the person. An id that was found and not given does not prove it
    /// if the request describes somebody else: it may be the number of a row.
    pub(super) fn is_asked(&self, fields: &Fields) -> bool {
        let holds = |ids: &BTreeSet<String>| {
            fields
                .iter()
                .any(|(name, value)| self.finds(name, value, &|name, text| is_id(ids, name, text)))
        };
        let addressed = fields
            .iter()
            .any(|(name, value)| self.finds(name, value, &|_, text| self.has_email(text)));
        addressed || holds(&self.given) || holds(&self.ids) && !self.is_other(fields)
    }

    /// Whether the answer to a request is about the person.
    pub(super) fn is_answered(&self, asked: &Fields, answer: &Value) -> bool {
        self.finds("", answer, &|_, text| self.has_email(text))
            || self.finds("", answer, &|name, text| is_id(&self.given, name, text))
            || self.finds("", answer, &|name, text| self.has_id(name, text))
                && !self.is_other(asked)
    }

    /// Whether something in a value of JSON is the person, as `is` says of a text and its name.
    fn finds(&self, name: &str, value: &Value, is: &dyn Fn(&str, &str) -> bool) -> bool {
        match value {
            Value::String(text) => is(name, text),
            Value::Number(number) => is(name, &number.to_string()),
            Value::Array(items) => items.iter().any(|item| self.finds(name, item, is)),
            Value::Object(fields) => fields.iter().any(|(name, value)| self.finds(name, value, is)),
            Value::Null | Value::Bool(_) => false,
        }
    }

    /// Notes what a request about the person says of them.
    pub(super) fn describe(&mut self, fields: &Fields) {
        for (what, value) in traits(fields) {
            self.described.entry(what).or_default().insert(value);
        }
    }

    /// Whether a request describes somebody else.
    pub(super) fn is_other(&self, fields: &Fields) -> bool {
        traits(fields).any(|(what, value)| {
            self.described.get(&what).is_some_and(|known| !known.contains(&value))
        })
    }

    /// The ids by which a request names its record.
    pub(super) fn ids_of(fields: &Fields) -> impl Iterator<Item = String> {
        fields
            .iter()
            .filter(|(name, _)| matches!(name.to_ascii_lowercase().as_str(), "id" | "record_id"))
            .filter_map(|(_, id)| match id {
                Value::String(id) if !id.trim().is_empty() => Some(canonical(id).into_owned()),
                Value::Number(id) => Some(id.to_string()),
                _ => None,
            })
    }

    /// Whether a text in words, such as that of an error, names the person.
    pub fn is_named(&self, text: &str) -> bool {
        let apart = |c: char| !(c.is_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '+'));
        text.split(apart).any(|word| {
            let word = word.trim_end_matches(['.', '-']);
            self.has_record(word) || self.has_email(word)
        })
    }
}

fn is_id(ids: &BTreeSet<String>, name: &str, text: &str) -> bool {
    Identifier::of_name(name) == Some(Identifier::Id) && ids.contains(&*canonical(text))
}

/// The properties in a request that distinguish people.
fn traits(fields: &Fields) -> impl Iterator<Item = (Trait, String)> {
    fields.iter().filter_map(|(name, value)| {
        let what = Trait::of_name(name)?;
        Some((what, what.value(value.as_str()?)?))
    })
}

/// What was erased from a ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Number of ids in jobs.
    pub ids: u64,
    /// Number of rows of mapped calls, whose requests and answers were erased.
    pub calls: u64,
    /// Number of paid answers that could not be read.
    pub unread: u64,
    /// Number of entries in the memory of records.
    pub memory: u64,
    /// Number of error texts that mentioned the person.
    pub errors: u64,
    /// Number of rows that were left because they are in flight, or are planned together with
    /// others.
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
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_person_is_found_by_id_and_by_any_spelling_of_an_address() {
        let person = Person::new(["P7".to_owned()], &["Ada.Byron@GoogleMail.com".to_owned()]);
        let value = json!({"person": {"email": "adabyron@gmail.com"}, "record_id": "P8"});
        let nothing = Fields::new();
        assert!(person.is_answered(&nothing, &value) && person.is_asked(&fields(value)));
        assert!(person.is_answered(&nothing, &json!([{"record_id": "P7"}])));
        assert!(!person.is_answered(&nothing, &json!({"name": "P7", "record_id": "P77"})));
        assert!(person.is_named("row P7: no such record"));
        assert!(person.is_named("no mailbox <ada.byron@gmail.com>."));
        assert!(!person.is_named("row P77: no such record"));
        assert!(is_erased(&placeholder()) && placeholder() != placeholder() && !is_erased("P7"));
    }

    #[test]
    fn a_person_is_found_by_a_uuid_in_any_case() {
        let lower = "8c6f2a10-0b1d-4e5f-9abc-def012345678";
        let upper = lower.to_uppercase();
        for (given, other) in [(lower, upper.as_str()), (upper.as_str(), lower)] {
            let person = Person::new([given.to_owned()], &[]);
            assert!(person.has_record(other) && person.has_id("id", other));
            assert!(person.is_named(&format!("row {other}: no such record")));
            assert!(person.is_asked(&fields(json!({"record_id": other}))));
        }
        let mut person = Person::new([], &["ada@acme.com".to_owned()]);
        person.add_ids([upper]);
        assert!(person.has_record(lower) && !person.has_record(&lower[1..]));
    }

    #[test]
    fn an_id_that_was_found_is_no_proof_beside_somebody_else() {
        let mut person = Person::new([], &["ada@acme.com".to_owned()]);
        let own = fields(json!({"record_id": "3", "first_name": "Ada", "last_name": "Byron"}));
        person.describe(&own);
        person.ids.extend(Person::ids_of(&own));
        assert!(person.is_asked(&own));
        let other = fields(json!({"record_id": "3", "FirstName": "Bob"}));
        let same = fields(json!({"record_id": "3", "First Name": " ADA ", "domain": "acme.com"}));
        assert!(person.is_other(&other) && !person.is_other(&same));
        assert!(person.is_asked(&same) && !person.is_asked(&other));
        let echo = json!({"record_id": "3", "email": "bob@acme.com"});
        assert!(!person.is_answered(&other, &echo) && person.is_answered(&same, &echo));
        // One that was given is.
        let mut person = Person::new(["3".to_owned()], &[]);
        person.describe(&own);
        assert!(person.is_asked(&other));
    }
}
