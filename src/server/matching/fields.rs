//! What a field of a record is, whatever it is called, and how its values are compared.

use serde_json::{Map, Value};

use crate::{
    matching::{fields::Kind, values::key},
    server::crm::Object,
};

/// Names under which the same thing is known.
const ALIKE: [(Kind, &[&str]); 6] = [
    (Kind::Email, &["email", "email_address", "work_email"]),
    (Kind::Phone, &["phone", "phone_number", "mobile", "mobile_phone"]),
    (Kind::Domain, &["domain", "website", "company_domain", "company_url", "url"]),
    (Kind::Linkedin, &["linkedin", "linkedin_id", "linkedin_url"]),
    (Kind::Company, &["company", "company_name", "account", "account_name"]),
    (Kind::Person, &["name", "full_name"]),
];

/// What a field holds, by its name.
fn kind_of(field: &str, object: Object) -> Kind {
    match field {
        "first_name" => return Kind::FirstName,
        "last_name" => return Kind::LastName,
        "name" if object == Object::Account => return Kind::Company,
        _ => {}
    }
    ALIKE.iter().find(|(_, names)| names.contains(&field)).map_or(Kind::Text, |(kind, _)| *kind)
}

/// The value of a field, as it is and as it is compared.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub kind: Kind,
    pub raw: String,
    pub normal: String,
}

/// Looks a field up under any of its names; a composite (`name_company`) is its parts in a row.
pub(super) fn field(record: &Map<String, Value>, object: Object, name: &str) -> Option<Field> {
    let name = snake(name);
    if let Some(one) = single(record, object, &name) {
        return Some(one);
    }
    let mut parts = Vec::new();
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let mut at = 0;
    while at < words.len() {
        // The longest run of words that is a field: `first_name_company` is two.
        let (length, part) = (1..=words.len() - at).rev().find_map(|length| {
            let part = single(record, object, &words[at..at + length].join("_"))?;
            (length < words.len()).then_some((length, part))
        })?;
        parts.push(part);
        at += length;
    }
    if parts.len() < 2 {
        return None;
    }
    let join = |text: fn(&Field) -> &str| parts.iter().map(text).collect::<Vec<_>>().join(" ");
    Some(Field { kind: Kind::Text, raw: join(|part| &part.raw), normal: join(|part| &part.normal) })
}

fn single(record: &Map<String, Value>, object: Object, name: &str) -> Option<Field> {
    let kind = kind_of(name, object);
    let names: Vec<&str> = ALIKE
        .iter()
        .find(|(_, names)| names.contains(&name))
        .map_or_else(|| vec![name], |(_, names)| names.to_vec());
    let raw = value(record, name)
        .or_else(|| names.iter().find_map(|name| value(record, name)))
        .or_else(|| match kind {
            Kind::Person => {
                Some(format!("{} {}", value(record, "first_name")?, value(record, "last_name")?))
            }
            // An account's name is the company's.
            Kind::Company if object == Object::Account => {
                value(record, "name").or_else(|| value(record, "company"))
            }
            _ => None,
        })?;
    let normal = key(kind, &raw)?;
    Some(Field { kind, raw, normal })
}

fn value(record: &Map<String, Value>, name: &str) -> Option<String> {
    let found = record
        .get(name)
        .or_else(|| record.iter().find(|(own, _)| snake(own) == name).map(|(_, value)| value))?;
    match found {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `FirstName`, as Salesforce spells fields, is `first_name`.
pub(in crate::server) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    let mut before = '_';
    for sign in name.chars() {
        if sign.is_uppercase() && before != '_' && !before.is_uppercase() {
            out.push('_');
        }
        out.extend(sign.to_lowercase());
        before = sign;
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn normal(record: Value, object: Object, name: &str) -> Option<String> {
        field(record.as_object().unwrap(), object, name).map(|field| field.normal)
    }

    #[test]
    fn a_field_is_found_under_any_of_its_names() {
        let lead = json!({"FirstName": "Bob", "LastName": "Byron", "company_name": "Acme GmbH",
                          "website": "https://www.acme.com/x", "Email": "Bob@Acme.com"});
        for (name, expected) in [
            ("email", "bob@acme.com"),
            ("domain", "acme.com"),
            ("company", "acme"),
            ("name", "robert byron"),
            ("name_company", "robert byron acme"),
        ] {
            assert_eq!(
                normal(lead.clone(), Object::Lead, name).as_deref(),
                Some(expected),
                "{name}"
            );
        }
        assert_eq!(normal(lead.clone(), Object::Lead, "phone"), None);
        assert_eq!(normal(lead, Object::Lead, "name_phone"), None);
        assert_eq!(
            normal(json!({"name": "Acme Inc."}), Object::Account, "company").as_deref(),
            Some("acme")
        );
    }
}
