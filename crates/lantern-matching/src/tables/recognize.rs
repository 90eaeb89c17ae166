//! What a column holds, recognized from its name and its values.

use arrow::array::{Array, ArrayRef};

use super::{kind::Kind, table::Table, values::as_text};
use crate::{normalize, text};

/// How many rows are looked at to tell what a column holds.
const LOOKED_AT: usize = 1_000;

impl Table {
    /// What a column seems to hold; none for one that tells nothing about who a row is.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        let column = self.column(name).ok()?;
        let sample = Sample::of(name, &column);
        if sample.known == 0 {
            return None;
        }
        let words = words_of(name);
        let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
        if has(&["email", "mail"]) {
            return Some(if has(&["domain"]) || sample.at < 0.5 {
                Kind::Domain
            } else {
                Kind::Email
            });
        }
        if has(&["linkedin"]) {
            return Some(Kind::Linkedin);
        }
        if has(&["domain", "website", "url", "web", "homepage", "site"]) {
            return Some(Kind::Domain);
        }
        if has(&["phone", "mobile", "tel", "telephone", "cell", "fax"]) {
            return Some(Kind::Phone);
        }
        if has(&["dob", "birthdate", "birthday"])
            || (has(&["birth"]) && has(&["date", "day", "of"]))
        {
            return Some(if sample.long_digits > 0.5 { Kind::Date } else { Kind::Code });
        }
        if has(&[
            "created",
            "updated",
            "modified",
            "timestamp",
            "at",
            "notes",
            "note",
            "description",
            "comment",
            "comments",
            // Digits do not tell how far apart two places are.
            "lat",
            "latitude",
            "lon",
            "lng",
            "longitude",
        ]) {
            return None;
        }
        if has(&["first", "given", "fname", "forename", "firstname", "vorname", "prenom"]) {
            return Some(Kind::FirstName);
        }
        if has(&["last", "surname", "lname", "family", "lastname", "nachname"]) {
            return Some(Kind::LastName);
        }
        if has(&["country"]) {
            return Some(Kind::Country);
        }
        if has(&["postcode", "zip", "postal", "plz", "zipcode"]) {
            return Some(Kind::Postal);
        }
        if has(&["state", "province", "region", "gender", "sex", "industry"]) {
            return Some(Kind::Category);
        }
        if has(&["city", "town", "suburb", "locality"]) {
            return Some(Kind::City);
        }
        if has(&[
            "company",
            "account",
            "organization",
            "organisation",
            "employer",
            "firm",
            "business",
            "org",
        ]) && !has(&["id", "number", "no", "key", "type", "size"])
        {
            return Some(Kind::Company);
        }
        if has(&["id", "uuid", "guid", "key", "rec", "record", "row", "index"]) {
            return (!sample.each_its_own).then_some(Kind::Code);
        }
        if has(&["street", "address", "addr"]) && sample.digits < 0.9 {
            return Some(Kind::Street);
        }
        if has(&["name", "fullname"]) {
            return Some(
                if sample.companies > 0.1 || !has_person_word(&words) && sample.companies > 0.03 {
                    Kind::Company
                } else {
                    Kind::Person
                },
            );
        }
        sample.kind()
    }
}

fn has_person_word(words: &[String]) -> bool {
    words.iter().any(|word| {
        matches!(word.as_str(), "contact" | "person" | "full" | "fullname" | "customer")
    })
}

pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let starts = letter.is_uppercase() && before.is_lowercase();
        if starts || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Shares of the values that look like something.
struct Sample {
    known: usize,
    at: f64,
    digits: f64,
    long_digits: f64,
    companies: f64,
    words: f64,
    distinct: f64,
    long: f64,
    each_its_own: bool,
}

impl Sample {
    fn of(name: &str, column: &[ArrayRef]) -> Self {
        let mut values = Vec::new();
        for chunk in column {
            if values.len() >= LOOKED_AT {
                break;
            }
            let chunk = chunk.slice(0, chunk.len().min(LOOKED_AT));
            let Ok(text) = as_text(name, &chunk).and_then(|text| Ok(text::of(&text)?)) else {
                break;
            };
            values.extend(
                text.iter()
                    .flatten()
                    .map(str::trim)
                    .filter(|text| !text.is_empty())
                    .map(str::to_owned),
            );
        }
        let known = values.len();
        let share = |holds: &dyn Fn(&str) -> bool| {
            values.iter().filter(|value| holds(value)).count() as f64 / known.max(1) as f64
        };
        let mut distinct = values.clone();
        distinct.sort_unstable();
        distinct.dedup();
        Self {
            known,
            at: share(&|text| text.contains('@')),
            digits: share(&|text| {
                text.bytes().all(|byte| byte.is_ascii_digit() || b"-./ ".contains(&byte))
            }),
            long_digits: share(&|text| text.bytes().filter(u8::is_ascii_digit).count() >= 6),
            companies: share(&|text| normalize::legal_form(text).is_some()),
            words: values.iter().map(|text| text.split_whitespace().count()).sum::<usize>() as f64
                / known.max(1) as f64,
            distinct: distinct.len() as f64 / known.max(1) as f64,
            long: share(&|text| text.len() > 120),
            each_its_own: distinct.len() == known && known > 1,
        }
    }

    fn kind(&self) -> Option<Kind> {
        if self.long > 0.5 {
            return None;
        }
        Some(if self.at > 0.5 {
            Kind::Email
        } else if self.digits > 0.8 {
            Kind::Code
        } else if self.companies > 0.2 {
            Kind::Company
        } else if self.distinct < 0.05 && self.words < 2.0 && self.known > 100 {
            Kind::Category
        } else {
            Kind::Text
        })
    }
}
