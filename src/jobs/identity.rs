//! The identity of a record: its fields as they are sent, without differences that do not change
//! the answer.
//!
//! The same person may be `ADA` in one table and `Ada ` in the next, and an accent may be one
//! character or two. None of that changes the question, so none of it may cause the answer to be
//! bought again. What could change the answer is kept: an option, the wording of a query, the case
//! of an id that is no UUID.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde_json::{Map, Value};

use crate::{
    ledger::memory::HashKey,
    matching::normalize::linkedin_slug,
    results::record_id::{canonical as canonical_id, earlier, is_uuid},
};

/// The fields of a record.
type Fields = Map<String, Value>;

/// The kind of value in a field, which determines how its spellings are unified.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// A name or an address, for which case does not matter.
    Name,
    /// A host name, or a URL with that host.
    Domain,
    LinkedIn,
    /// The caller's own number for the record.
    RecordId,
    /// Any other value, such as a question in plain words: every character counts.
    Text,
    /// A value that is compared exactly, as in the candidates of a match.
    Verbatim,
}

impl Holds {
    fn of(field: &str) -> Self {
        match field {
            "first_name" | "last_name" | "full_name" | "name" | "company" | "company_name"
            | "country" | "email" => Self::Name,
            "domain" | "company_domain" | "company_url" | "website" => Self::Domain,
            "linkedin" | "linkedin_id" | "linkedin_url" => Self::LinkedIn,
            OWN_NUMBER => Self::RecordId,
            _ => Self::Text,
        }
    }

    /// The form that all spellings of a value share; empty if the value is blank.
    fn normalized(self, text: &str) -> String {
        match self {
            Self::Verbatim => text.to_owned(),
            Self::RecordId => canonical_id(&Self::Text.normalized(text)).into_owned(),
            Self::Text => composed(text, ComposingNormalizerBorrowed::new_nfc()),
            Self::Name => folded(text),
            Self::Domain => host(&folded(text)).to_owned(),
            Self::LinkedIn => linkedin_slug(text).map_or_else(|| folded(text), Cow::into_owned),
        }
    }
}

/// Any of these fields identifies the record, so that the caller's own number for it does not
/// matter.
const SAY_WHOM: [&str; 12] = [
    "company",
    "company_name",
    "domain",
    "company_domain",
    "company_url",
    "website",
    "email",
    "external_ids",
    "linkedin",
    "linkedin_id",
    "linkedin_url",
    "query",
];

/// The caller's own number for a record.
const OWN_NUMBER: &str = "record_id";
/// The maximum cost of a call is not part of its question.
const BOUND: &str = "max_credits";

/// How the texts of a record are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// Spellings of the same name, address or profile are equal.
    Normalized,
    /// Every character counts, as in rules that compare exactly.
    Verbatim,
}

/// The identity of a record: 24 hexadecimal digits, which reveal nothing without the ledger's key.
/// Two records have the same identity if the API is asked the same question about both.
pub fn identity(fields: &Fields, texts: Texts, key: &HashKey) -> String {
    hex::encode(key.hash(&canonical(fields, texts)))
}

/// The other identities by which an earlier version may know a record, because it compared the ids of
/// records letter for letter.
pub fn earlier_identities(fields: &Fields, key: &HashKey) -> Vec<String> {
    let number = fields.get(OWN_NUMBER).and_then(Value::as_str).map(str::trim);
    let is_asked = |number: &&str| is_uuid(number) && !says_whom(fields);
    let Some(number) = number.filter(is_asked) else { return Vec::new() };
    let with = |number: String| {
        let mut fields = fields.clone();
        fields.insert(OWN_NUMBER.to_owned(), Value::String(number));
        hex::encode(key.hash(&json(normalized(&fields, |name| match Holds::of(name) {
            Holds::RecordId => Holds::Text,
            holds => holds,
        }))))
    };
    earlier(number).map(with).collect()
}

/// The normalized fields of a record, as JSON with sorted keys.
fn canonical(fields: &Fields, texts: Texts) -> String {
    let mut kept = normalized(fields, |name| match texts {
        Texts::Normalized => Holds::of(name),
        Texts::Verbatim => Holds::Verbatim,
    });
    let says_whom = kept.keys().any(|name| SAY_WHOM.contains(&name.as_str()));
    if texts == Texts::Normalized && says_whom {
        kept.retain(|name, _| name != OWN_NUMBER);
    }
    json(kept)
}

/// The fields that are not empty, each normalized by what it holds.
fn normalized(fields: &Fields, holds: impl Fn(&str) -> Holds) -> Fields {
    let kept = fields.iter().filter(|(name, _)| *name != BOUND);
    kept.filter_map(|(name, value)| Some((name.clone(), plain(value, holds(name))?))).collect()
}

/// Whether a field other than the caller's own number identifies the record.
fn says_whom(fields: &Fields) -> bool {
    fields.iter().any(|(name, value)| {
        SAY_WHOM.contains(&name.as_str()) && plain(value, Holds::of(name)).is_some()
    })
}

/// Fields as JSON with sorted keys.
fn json(fields: Fields) -> String {
    let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
    fields.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    Value::Object(fields.into_iter().collect()).to_string()
}

/// The normalized form of a value, with sorted keys; `None` if it is empty.
fn plain(value: &Value, holds: Holds) -> Option<Value> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => {
            let text = holds.normalized(text);
            if text.is_empty() && holds != Holds::Verbatim {
                return None;
            }
            Value::String(text)
        }
        // Positions in a list matter, so empty items are kept.
        Value::Array(items) => {
            let item = |item| plain(item, holds).unwrap_or(Value::Null);
            Value::Array(items.iter().map(item).collect())
        }
        Value::Object(within) => {
            let mut kept: Vec<(&String, Value)> = within
                .iter()
                .filter_map(|(name, value)| Some((name, plain(value, holds)?)))
                .collect();
            if kept.is_empty() {
                return None;
            }
            kept.sort_unstable_by(|a, b| a.0.cmp(b.0));
            Value::Object(kept.into_iter().map(|(name, value)| (name.clone(), value)).collect())
        }
        other => other.clone(),
    })
}

/// An object as JSON with sorted keys and otherwise unchanged.
pub fn sorted_json(fields: &Fields) -> String {
    plain(&Value::Object(fields.clone()), Holds::Verbatim)
        .unwrap_or_else(|| Value::Object(Fields::new()))
        .to_string()
}

/// Composes the characters of a text, and removes surrounding spaces.
fn composed(text: &str, normalizer: ComposingNormalizerBorrowed<'_>) -> String {
    normalizer.normalize(text).trim().to_owned()
}

/// A name in lower case, with compatibility characters unified and single spaces.
fn folded(text: &str) -> String {
    let text = composed(text, ComposingNormalizerBorrowed::new_nfkc()).to_lowercase();
    // Converting to lower case may decompose characters again.
    let text = composed(&text, ComposingNormalizerBorrowed::new_nfc());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The host of a URL, without `www`.
fn host(text: &str) -> &str {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['/', '?', '#']).next().unwrap_or(text);
    let text = text.strip_prefix("www.").unwrap_or(text);
    text.trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key() -> HashKey {
        HashKey("k".to_owned())
    }

    fn name(fields: Value) -> String {
        identity(fields.as_object().unwrap(), Texts::Normalized, &key())
    }

    #[test]
    fn nobody_can_tell_whose_a_name_is_without_the_key() {
        let fields = json!({"email": "ada@acme.com"});
        let other = HashKey("another".to_owned());
        let [own, other] = [key(), other]
            .map(|key| identity(fields.as_object().unwrap(), Texts::Normalized, &key));
        assert_eq!((own.len(), other.len()), (24, 24));
        assert_ne!(own, other);
    }

    #[test]
    fn spellings_of_the_same_are_one_question() {
        let same = [
            json!({"record_id": "1", "first_name": "José", "email": "jose@acme.com"}),
            json!({"record_id": "2", "first_name": " JOSE\u{301} ", "email": "Jose@Acme.com\n"}),
            json!({"email": "ｊｏｓｅ@acme.com", "first_name": "josé", "last_name": null}),
            json!({"email": "jose@acme.com", "first_name": "José", "last_name": "  "}),
            json!({"email": "jose@acme.com", "first_name": "José", "max_credits": 7}),
            json!({"email": "jose@acme.com", "first_name": "José", "options": {"x": null}}),
        ];
        for other in &same[1..] {
            assert_eq!(name(other.clone()), name(same[0].clone()), "{other}");
        }
        let urls = ["acme.com", "https://www.Acme.com/about?x", "ACME.COM.", "http://acme.com"];
        for url in urls {
            assert_eq!(name(json!({"domain": url})), name(json!({"domain": "acme.com"})), "{url}");
        }
        let profiles = ["ada-byron", "https://uk.linkedin.com/in/Ada-Byron/?trk=x"];
        let [slug, url] = profiles.map(|profile| name(json!({"linkedin_id": profile})));
        assert_eq!(slug, url);
    }

    #[test]
    fn what_may_change_the_answer_is_another_question() {
        let all = [
            json!({"record_id": "1", "domain": "acme.com"}),
            json!({"record_id": "1", "domain": "acme.com", "effort": "high"}),
            json!({"record_id": "1", "domain": "acme.com", "external_ids": {"sf": "001a"}}),
            json!({"record_id": "1", "domain": "acme.com", "external_ids": {"sf": "001A"}}),
            json!({"record_id": "1", "domain": "shop.acme.com"}),
            json!({"record_id": "1", "company_name": "acme.com"}),
            json!({"record_id": "1", "country": "India"}),
            json!({"record_id": "2", "country": "India"}),
            json!({"query": "Who is IT?"}),
            json!({"query": "who is it?"}),
            json!({"query": "who is it?", "options": {"format_json": true}}),
        ];
        let names: std::collections::HashSet<String> = all.iter().cloned().map(name).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn a_uuid_is_one_record_in_every_case_also_where_an_earlier_version_wrote_it() {
        let lower = "8c6f2a10-0b1d-4e5f-9abc-def012345678";
        let upper = lower.to_uppercase();
        let of = |id: &str| json!({"record_id": id, "country": "India"});
        assert_eq!(name(of(lower)), name(of(&upper)));
        assert_ne!(name(of("a1")), name(of("A1")));
        let earlier = |fields: Value| earlier_identities(fields.as_object().unwrap(), &key());
        let plain = format!(r#"{{"country":"india","record_id":"{upper}"}}"#);
        let written = hex::encode(key().hash(&plain));
        assert_eq!(earlier(of(lower)), std::slice::from_ref(&written));
        assert_eq!(earlier(of(&upper)), [written]);
        // The number of somebody who is named does not matter.
        assert!(earlier(json!({"record_id": upper, "email": "ada@acme.com"})).is_empty());
        assert!(earlier(of("A1")).is_empty());
    }

    #[test]
    fn what_is_matched_exactly_counts_with_every_letter() {
        let verbatim =
            |fields: Value| identity(fields.as_object().unwrap(), Texts::Verbatim, &key());
        let one = json!({"id": "1", "email": "A@acme.com"});
        assert_eq!(verbatim(one.clone()), verbatim(json!({"email": "A@acme.com", "id": "1"})));
        for other in
            [json!({"id": "1", "email": "a@acme.com"}), json!({"id": "2", "email": "A@acme.com"})]
        {
            assert_ne!(verbatim(one.clone()), verbatim(other));
        }
    }

    #[test]
    fn parameters_are_the_same_in_any_order() {
        let one = json!({"b": [1, {"d": 1, "c": null}], "a": ""});
        assert_eq!(sorted_json(one.as_object().unwrap()), r#"{"a":"","b":[1,{"d":1}]}"#);
    }
}
