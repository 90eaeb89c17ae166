//! The fields of a record, under any of their usual names.

use serde_json::{Map, Value};

use crate::crm::Object;
use lantern::matching::tables::Kind;

/// Names for the same field.
const ALIKE: [(Kind, &[&str]); 6] = [
    (Kind::Email, &["email", "email_address", "work_email"]),
    (Kind::Phone, &["phone", "phone_number", "mobile", "mobile_phone"]),
    (Kind::Domain, &["domain", "website", "company_domain", "company_url", "url"]),
    (Kind::Linkedin, &["linkedin", "linkedin_id", "linkedin_url"]),
    (Kind::Company, &["company", "company_name", "account", "account_name"]),
    (Kind::Person, &["name", "full_name"]),
];

/// The kind of a field that the contract names. Other fields are recognized as in any table.
pub(crate) fn kind_of(field: &str, object: Object) -> Option<Kind> {
    match field {
        "first_name" => Some(Kind::FirstName),
        "last_name" => Some(Kind::LastName),
        "name" if object == Object::Account => Some(Kind::Company),
        _ => ALIKE.iter().find(|(_, names)| names.contains(&field)).map(|(kind, _)| *kind),
    }
}

/// The text of a field, under any of its names.
pub(crate) fn field(record: &Map<String, Value>, object: Object, name: &str) -> Option<String> {
    let kind = kind_of(name, object);
    let names: Vec<&str> = ALIKE
        .iter()
        .find(|(_, names)| names.contains(&name))
        .map_or_else(|| vec![name], |(_, names)| names.to_vec());
    value(record, name).or_else(|| names.iter().find_map(|name| value(record, name))).or_else(
        || match kind {
            Some(Kind::Person) => {
                Some(format!("{} {}", value(record, "first_name")?, value(record, "last_name")?))
            }
            // The name of an account is that of the company.
            Some(Kind::Company) if object == Object::Account => {
                value(record, "name").or_else(|| value(record, "company"))
            }
            _ => None,
        },
    )
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

/// Converts Salesforce's `FirstName` into `first_name`.
pub(crate) fn snake(name: &str) -> String {
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

    #[test]
    fn a_field_is_found_under_any_of_its_names() {
        let lead = json!({"FirstName": "Bob", "LastName": "Byron", "company_name": "Acme GmbH",
                          "website": "https://www.acme.com/x", "Email": "Bob@Acme.com"});
        let lead = lead.as_object().unwrap();
        for (name, expected) in [
            ("email", Some("Bob@Acme.com")),
            ("domain", Some("https://www.acme.com/x")),
            ("company", Some("Acme GmbH")),
            ("name", Some("Bob Byron")),
            ("phone", None),
        ] {
            assert_eq!(field(lead, Object::Lead, name).as_deref(), expected, "{name}");
        }
        let account = json!({"name": "Acme Inc."});
        let company = field(account.as_object().unwrap(), Object::Account, "company");
        assert_eq!(company.as_deref(), Some("Acme Inc."));
        assert_eq!(kind_of("name", Object::Account), Some(Kind::Company));
    }
}
