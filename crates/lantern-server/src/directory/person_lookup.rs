//! Looks up people of the directory.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::{
    Directory,
    generate::spelling::ascii,
    table::{Index, Table},
};

/// What a record of a batch says about a person. Empty fields count as absent.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub id: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// Name or website of the company.
    pub company: Option<String>,
    pub email: Option<String>,
    /// Slug or URL of the profile.
    pub linkedin: Option<String>,
}

/// The outcome of a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Row(usize),
    /// The fields were sufficient, but nobody has them.
    Nobody,
    /// The fields were insufficient, or the id is unknown, so the record is skipped.
    Skipped,
}

impl Subject {
    /// Reads a record, with the field names of the API's calls.
    pub fn of(record: &Map<String, Value>) -> Self {
        let text = |names: &[&str]| {
            names.iter().find_map(|name| match record.get(*name)? {
                Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
                Value::Number(number) if !number.is_f64() => Some(number.to_string()),
                _ => None,
            })
        };
        Self {
            id: text(&["id", "record_id"]),
            first_name: text(&["first_name"]),
            last_name: text(&["last_name"]),
            company: text(&["company", "company_name", "domain", "company_domain", "company_url"]),
            email: text(&["email"]),
            linkedin: text(&["linkedin", "linkedin_id", "linkedin_url"]),
        }
    }
}

/// Indexes that are built on first use.
#[derive(Default)]
pub(super) struct Lookups {
    email: OnceLock<Index>,
    linkedin: OnceLock<Index>,
    name: OnceLock<Index>,
}

impl Directory {
    /// Finds a person by id, name and company, LinkedIn profile, or e-mail address, whichever is
    /// given first in this order.
    pub fn find(&self, subject: &Subject) -> Found {
        if let Some(row) = subject.id.as_deref().and_then(|id| self.people().row(id)) {
            return Found::Row(row);
        }
        let mut tried = false;
        if let (Some(first), Some(last), Some(company)) =
            (&subject.first_name, &subject.last_name, &subject.company)
        {
            tried = true;
            if let Some(row) = self.by_name(first, last, company) {
                return Found::Row(row);
            }
        }
        if let Some(linkedin) = &subject.linkedin {
            tried = true;
            if let Some(row) = self.person_by_profile(linkedin) {
                return Found::Row(row);
            }
        }
        if let Some(email) = &subject.email {
            tried = true;
            if let Some(row) = self.person_by_email(email) {
                return Found::Row(row);
            }
        }
        if tried { Found::Nobody } else { Found::Skipped }
    }

    /// The person with this name at this company, which is given by name or website.
    pub fn person_by_name(&self, first: &str, last: &str, company: &str) -> Option<usize> {
        self.by_name(first, last, company)
    }

    /// The person with this LinkedIn profile, given as slug or URL.
    pub fn person_by_profile(&self, linkedin: &str) -> Option<usize> {
        self.by_key(&self.lookups.linkedin, "linkedin", linkedin, profile)
    }

    /// The person with this e-mail address.
    pub fn person_by_email(&self, email: &str) -> Option<usize> {
        self.by_key(&self.lookups.email, "email", email, |email| email.to_lowercase())
    }

    /// Everybody with this name.
    pub fn people_called(&self, first: &str, last: &str) -> Vec<usize> {
        let people = self.people();
        let wanted = full_name(first, last);
        let mut rows: Vec<usize> = self
            .names()
            .rows(&wanted)
            .filter(|&row| name_of(people, row).as_ref() == Some(&wanted))
            .collect();
        rows.sort_unstable();
        rows
    }

    fn names(&self) -> &Index {
        let people = self.people();
        self.lookups.name.get_or_init(|| indexed(people, |row| name_of(people, row)))
    }

    fn by_key(
        &self,
        index: &OnceLock<Index>,
        column: &str,
        wanted: &str,
        key: impl Fn(&str) -> String,
    ) -> Option<usize> {
        let people = self.people();
        let index = index.get_or_init(|| indexed(people, |row| people.text(column, row).map(&key)));
        let wanted = key(wanted);
        index
            .rows(&wanted)
            .filter(|&row| people.text(column, row).map(&key).as_ref() == Some(&wanted))
            .min()
    }

    fn by_name(&self, first: &str, last: &str, company: &str) -> Option<usize> {
        let people = self.people();
        let index = self.names();
        let wanted = full_name(first, last);
        let (brand, website) = (letters(company), host(company).to_lowercase());
        let works_there = |row| {
            let at = |column| people.text(column, row);
            let brand_fits = !brand.is_empty()
                && at("company_name").is_some_and(|name| {
                    let name = letters(name);
                    // `Nordwind Logistik` matches `Nordwind Logistik GmbH`.
                    name == brand || (brand.len() > 3 && name.starts_with(&brand))
                });
            brand_fits || at("company_url").is_some_and(|url| host(url) == website)
        };
        index
            .rows(&wanted)
            .filter(|&row| name_of(people, row).as_ref() == Some(&wanted) && works_there(row))
            .min()
    }
}

pub(super) fn indexed(people: &Table, key: impl Fn(usize) -> Option<String>) -> Index {
    let mut index = Index::with_capacity(people.len());
    for row in 0..people.len() {
        if let Some(key) = key(row) {
            index.insert(&key, row);
        }
    }
    index
}

/// The letters and digits of a text, in lower case.
fn letters(text: &str) -> String {
    ascii(text).chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn name_of(people: &Table, row: usize) -> Option<String> {
    Some(full_name(people.text("first_name", row)?, people.text("last_name", row)?))
}

fn full_name(first: &str, last: &str) -> String {
    format!("{} {}", letters(first), letters(last))
}

/// The slug of a LinkedIn profile, given as slug or URL, in the form in which profiles are
/// compared.
fn profile(linkedin: &str) -> String {
    slug(linkedin).to_lowercase()
}

/// The slug of a LinkedIn profile, given as slug or URL.
pub(crate) fn slug(linkedin: &str) -> &str {
    let path = linkedin.split(['?', '#']).next().unwrap_or(linkedin).trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

/// The host of a website without `www.`, given as URL or host.
pub(crate) fn host(website: &str) -> &str {
    let rest = website.split_once("://").map_or(website, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or(rest);
    host.strip_prefix("www.").unwrap_or(host)
}
