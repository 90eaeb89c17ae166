//! Enriches records of the CRM from the directory.

use super::{
    Crm, Object,
    record::{Record, text},
};
use crate::directory::host;

/// What was found for a record.
pub(crate) struct Found {
    /// The service that is charged for it.
    pub service: &'static str,
    /// The price; 0 if nothing was found.
    pub price: u64,
    /// Values for fields that are empty in the record.
    pub fields: Record,
}

/// Looks up values for the empty fields of a record.
pub(crate) fn missing(crm: &Crm, object: Object, before: &Record) -> Found {
    let directory = &crm.directory;
    let own = |field| text(before, field);
    let mut changes = Record::new();
    let mut fill = |field: &'static str, value: Option<&str>| {
        if own(field).is_none()
            && let Some(value) = value
        {
            changes.insert(field.to_owned(), value.into());
        }
    };
    let (service, price) = match object {
        Object::Lead | Object::Contact => {
            let by_name = |company: Option<&str>| {
                directory.person_by_name(own("first_name")?, own("last_name")?, company?)
            };
            let row = by_name(own("domain"))
                .or_else(|| by_name(own("company")))
                .or_else(|| directory.person_by_profile(own("linkedin")?))
                .or_else(|| directory.person_by_email(own("email")?));
            if let Some(row) = row {
                let people = directory.people();
                let known = |column| people.text(column, row);
                fill("first_name", known("first_name"));
                fill("last_name", known("last_name"));
                fill("email", known("email"));
                fill("phone", known("phone_number"));
                fill("title", known("title"));
                fill("linkedin", known("linkedin"));
                fill("company", known("company_name"));
                fill("domain", known("company_url").map(host));
                fill("country", known("country"));
                fill("city", known("city"));
            }
            ("person", crm.billing.prices.person)
        }
        Object::Account => {
            let company = directory.company(own("domain"), own("name"), own("country"));
            if let Some((row, _)) = company {
                let companies = directory.companies();
                let known = |column| companies.text(column, row);
                for field in [
                    "name",
                    "domain",
                    "linkedin",
                    "industry",
                    "size_range",
                    "country",
                    "state",
                    "city",
                    "postal_code",
                ] {
                    fill(field, known(field));
                }
            }
            ("company", crm.billing.prices.company)
        }
        // An opportunity has no fields that could be looked up.
        _ => ("person", 0),
    };
    let price = if changes.is_empty() { 0 } else { u64::from(price) };
    Found { service, price, fields: changes }
}
