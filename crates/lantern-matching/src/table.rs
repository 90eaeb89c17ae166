//! A table as matching reads it: named columns in chunks, and fields made of them.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, LargeStringArray, RecordBatch, StringBuilder},
    datatypes::SchemaRef,
};

use super::{fields::Kind, normalize, values::as_text};
use crate::{
    error::{Error, Result},
    text,
};

/// How many rows are looked at to tell what a column holds.
const LOOKED_AT: usize = 1_000;

/// A table whose columns are matched.
#[derive(Clone, Debug)]
pub struct Table {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
    pub rows: usize,
    /// `left` or `right` in errors, or nothing where there is only one table.
    pub side: &'static str,
}

impl Table {
    /// # Errors
    /// A table of more than four billion rows.
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>, side: &'static str) -> Result<Self> {
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        if rows >= u32::MAX as usize {
            return Err(Error::input(format!(
                "the {side} table has {rows} rows, and at most {} can be matched at once; match it in parts",
                u32::MAX - 1
            )));
        }
        Ok(Self { schema, batches, rows, side })
    }

    pub fn names(&self) -> Vec<&str> {
        self.schema.fields().iter().map(|field| field.name().as_str()).collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.schema.index_of(name).is_ok()
    }

    /// # Errors
    /// There is no such column; the error names the nearest.
    pub fn column(&self, name: &str) -> Result<Vec<ArrayRef>> {
        let at = self.schema.index_of(name).map_err(|_| self.no_column(name))?;
        Ok(self.batches.iter().map(|batch| batch.column(at).clone()).collect())
    }

    fn no_column(&self, name: &str) -> Error {
        let names = self.names();
        let near = names.iter().min_by_key(|other| strsim::damerau_levenshtein(other, name));
        let hint = match near {
            Some(near) if strsim::damerau_levenshtein(near, name) <= 3 => {
                format!("; did you mean '{near}'?")
            }
            _ => String::new(),
        };
        let side = if self.side.is_empty() { String::new() } else { format!("{} ", self.side) };
        let columns =
            names.iter().take(20).map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        Error::input(format!(
            "the {side}table has no column '{name}'{hint} (its columns: {columns})"
        ))
        .with_column(name)
    }

    /// One column, or several as one text each with spaces between.
    ///
    /// # Errors
    /// There is no such column, or it cannot be read as text.
    pub fn joined(&self, names: &[String]) -> Result<Vec<ArrayRef>> {
        if let [name] = names {
            return self.column(name);
        }
        let columns: Vec<Vec<ArrayRef>> =
            names.iter().map(|name| self.column(name)).collect::<Result<_>>()?;
        (0..self.batches.len())
            .map(|chunk| {
                let parts: Vec<LargeStringArray> = columns
                    .iter()
                    .zip(names)
                    .map(|(column, name)| {
                        text::of(&as_text(name, &column[chunk])?).map_err(Error::from)
                    })
                    .collect::<Result<_>>()?;
                let mut joined = StringBuilder::new();
                let mut all = String::new();
                for row in 0..self.batches[chunk].num_rows() {
                    all.clear();
                    for part in &parts {
                        if part.is_valid(row) && !part.value(row).trim().is_empty() {
                            if !all.is_empty() {
                                all.push(' ');
                            }
                            all.push_str(part.value(row).trim());
                        }
                    }
                    joined.append_option((!all.is_empty()).then_some(&all));
                }
                Ok(Arc::new(joined.finish()) as ArrayRef)
            })
            .collect()
    }

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

fn words_of(name: &str) -> Vec<String> {
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

/// A field to be compared: a name, what it holds, and the columns of each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    pub name: String,
    pub kind: Option<Kind>,
    pub left: Vec<String>,
    pub right: Vec<String>,
}

impl FieldSpec {
    pub fn new(name: &str, kind: Option<Kind>, left: &str, right: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            left: vec![left.to_owned()],
            right: vec![right.to_owned()],
        }
    }
}

/// The columns of two tables that belong together: those of one name, and those that alone hold a
/// kind on their side.
///
/// # Errors
/// No two columns belong together.
pub fn pair_columns(left: &Table, right: &Table, ignored: &[&str]) -> Result<Vec<FieldSpec>> {
    let usable = |table: &Table| -> Vec<(String, Kind)> {
        table
            .names()
            .into_iter()
            .filter(|name| !ignored.contains(name))
            .filter_map(|name| Some((name.to_owned(), table.kind(name)?)))
            .collect()
    };
    let (mut lefts, mut rights) = (usable(left), usable(right));
    let mut specs = Vec::new();
    lefts.retain(|(name, kind)| {
        let Some(at) = rights.iter().position(|(other, _)| words_of(other) == words_of(name))
        else {
            return true;
        };
        let (other, other_kind) = rights.remove(at);
        let kind = if *kind == other_kind { *kind } else { merged(*kind, other_kind) };
        specs.push(FieldSpec::new(name, Some(kind), name, &other));
        false
    });
    // An e-mail address has the domain that the other side has by itself.
    for (name, kind) in lefts {
        let alike = |other: Kind| {
            other == kind
                || matches!(
                    (kind, other),
                    (Kind::Email, Kind::Domain) | (Kind::Domain, Kind::Email)
                )
                || matches!(
                    (kind, other),
                    (Kind::Company, Kind::Person | Kind::Text)
                        | (Kind::Person | Kind::Text, Kind::Company)
                )
        };
        let at = rights
            .iter()
            .position(|(_, other)| *other == kind)
            .or_else(|| rights.iter().position(|(_, other)| alike(*other)));
        if let Some(at) = at {
            let (other, other_kind) = rights.remove(at);
            specs.push(FieldSpec::new(&name, Some(merged(kind, other_kind)), &name, &other));
        }
    }
    if specs.is_empty() {
        return Err(Error::input(format!(
            "no column of the left table ({}) belongs to one of the right ({}); name them with fields=",
            left.names().join(", "),
            right.names().join(", ")
        )));
    }
    Ok(specs)
}

fn merged(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (Kind::Email, Kind::Domain) | (Kind::Domain, Kind::Email) => Kind::Domain,
        (Kind::Company, _) | (_, Kind::Company) => Kind::Company,
        (one, _) => one,
    }
}

/// The columns of one table that tell who a row is.
///
/// # Errors
/// There is none.
pub fn own_columns(table: &Table, ignored: &[&str]) -> Result<Vec<FieldSpec>> {
    let specs: Vec<FieldSpec> = table
        .names()
        .into_iter()
        .filter(|name| !ignored.contains(name))
        .filter_map(|name| Some(FieldSpec::new(name, Some(table.kind(name)?), name, name)))
        .collect();
    if specs.is_empty() {
        return Err(Error::input(format!(
            "no column of the table ({}) tells who a row is; name some with fields=",
            table.names().join(", ")
        )));
    }
    Ok(specs)
}
