//! Pairs the columns of two tables that belong together.
//!
//! Columns belong together by their kinds and their names. Columns of kinds that say who a row is
//! (names, addresses, phones) may have any names if each side has one of them; amounts, categories
//! and texts belong together only if their names or their values say so. Columns that remain on
//! both sides belong together if their words are the same, or if each side has one date or amount
//! left and both are from the same time or of the same size.

use super::{
    derived::{self, Derived},
    field_spec::FieldSpec,
    identifiers,
    kind::Kind,
    pair_score::{may_be_one, merged, score},
    recognize::{Column, Meaning, Use},
    table::Table,
};
use crate::error::{Advice, Error, Result};

/// The fields of two tables, or of one, and how they were found.
#[derive(Clone, Debug)]
pub struct Pairing {
    pub fields: Vec<FieldSpec>,
    pub left: Vec<Column>,
    /// In one table, the same columns as on the left.
    pub right: Vec<Column>,
    /// Fields that only repeat others.
    pub derived: Vec<(FieldSpec, Derived)>,
}

/// Minimum share of common words of two remaining columns of texts.
const WORDS: f64 = 0.3;
/// Minimum overlap of the years of two remaining columns, as a share of the shorter span; and the
/// maximum factor between the ends of their amounts.
const SAME_YEARS: f64 = 0.5;
const SAME_SIZE: f64 = 4.0;

/// Finds the fields of two tables, or of one, without the columns that are `ignored`.
pub fn pair(left: &Table, right: Option<&Table>, ignored: &[&str]) -> Pairing {
    let of = |table: &Table| -> Vec<Column> {
        let columns = table.recognized().into_iter();
        columns.filter(|column| !ignored.contains(&column.name.as_str())).collect()
    };
    let mut lefts = of(left);
    let (mut fields, rights) = match right {
        Some(right) => {
            let mut rights = of(right);
            identifiers::compare_shared(left, right, &mut lefts, &mut rights);
            (between(&lefts, &rights), rights)
        }
        None => {
            let compared = lefts.iter().filter(|column| column.used == Use::Compared);
            let fields = compared
                .map(|column| {
                    FieldSpec::new(&column.name, Some(column.kind), &column.name, &column.name)
                })
                .collect();
            (fields, lefts.clone())
        }
    };
    fields.extend(place(&lefts, &rights));
    let derived = derived::find(left, right, &fields);
    let derived: Vec<(FieldSpec, Derived)> =
        derived.into_iter().map(|derived| (fields[derived.field].clone(), derived)).collect();
    fields.retain(|field| derived.iter().all(|(other, _)| other != field));
    Pairing { fields, left: lefts, right: rights, derived }
}

/// Latitude and longitude, if both sides have both.
fn place(left: &[Column], right: &[Column]) -> Option<FieldSpec> {
    let of = |columns: &[Column]| {
        let half = |meaning| {
            let mut found = columns.iter().filter(|column| column.used == Use::Coordinate(meaning));
            let column = found.next()?;
            Some(column.name.clone())
        };
        Some(vec![half(Meaning::Latitude)?, half(Meaning::Longitude)?])
    };
    Some(FieldSpec {
        name: "place".to_owned(),
        kind: Some(Kind::Place),
        left: of(left)?,
        right: of(right)?,
    })
}

/// Pairs of columns of two tables, the most similar first.
fn between(left: &[Column], right: &[Column]) -> Vec<FieldSpec> {
    let mut scored: Vec<(f64, usize, usize)> = Vec::new();
    for (l, one) in left.iter().enumerate() {
        for (r, other) in right.iter().enumerate() {
            if let Some(score) = score(left, right, one, other) {
                scored.push((score, l, r));
            }
        }
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut left_taken, mut right_taken) = (vec![false; left.len()], vec![false; right.len()]);
    let mut found: Vec<(usize, FieldSpec)> = Vec::new();
    for (_, l, r) in scored {
        if left_taken[l] || right_taken[r] {
            continue;
        }
        left_taken[l] = true;
        right_taken[r] = true;
        let (one, other) = (&left[l], &right[r]);
        let kind = merged(one, other);
        found.push((l, FieldSpec::new(&one.name, Some(kind), &one.name, &other.name)));
    }
    if let Some((at, field)) = whole_names(left, &left_taken, right, &right_taken) {
        let take = |columns: &[Column], taken: &mut [bool], names: &[String]| {
            for (column, taken) in columns.iter().zip(taken) {
                *taken |= names.contains(&column.name);
            }
        };
        take(left, &mut left_taken, &field.left);
        take(right, &mut right_taken, &field.right);
        found.push((at, field));
    }
    let rest = |columns: &[Column], taken: &[bool]| -> Vec<usize> {
        (0..columns.len()).filter(|&at| !taken[at] && columns[at].used == Use::Compared).collect()
    };
    let rests = (rest(left, &left_taken), rest(right, &right_taken));
    found.extend(what_is_left(left, right, rests).into_iter().map(|(l, r)| {
        let (one, other) = (&left[l], &right[r]);
        (l, FieldSpec::new(&one.name, Some(merged(one, other)), &one.name, &other.name))
    }));
    found.sort_by_key(|&(at, _)| at);
    found.into_iter().map(|(_, field)| field).collect()
}

/// Finds which of the remaining columns belong together although their names do not show it.
fn what_is_left(
    left: &[Column],
    right: &[Column],
    (lefts, rights): (Vec<usize>, Vec<usize>),
) -> Vec<(usize, usize)> {
    let mut scored: Vec<(f64, usize, usize)> = Vec::new();
    for &l in &lefts {
        for &r in &rights {
            let (one, other) = (&left[l], &right[r]);
            let alone = || {
                let count = |columns: &[Column], rest: &[usize]| {
                    rest.iter().filter(|&&at| columns[at].kind == one.kind).count()
                };
                count(left, &lefts) == 1 && count(right, &rights) == 1
            };
            let score = match (one.kind, other.kind) {
                (Kind::Date, Kind::Date) => {
                    (alone() && are_of_one_time(one, other)).then_some(WORDS)
                }
                (Kind::Amount, Kind::Amount) => {
                    (alone() && are_of_one_size(one, other)).then_some(WORDS)
                }
                (a, b) if is_of_words(a) && is_of_words(b) && (a == b || may_share_words(a, b)) => {
                    let common = one.sample.words_in_common(&other.sample);
                    (common >= WORDS).then_some(common)
                }
                _ => None,
            };
            scored.extend(score.map(|score| (score, l, r)));
        }
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (_, l, r) in scored {
        if found.iter().all(|&(one, other)| one != l && other != r) {
            found.push((l, r));
        }
    }
    found
}

/// Kinds for which common words show that two columns contain the same.
const fn is_of_words(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Text | Kind::List | Kind::Company | Kind::Person | Kind::Street | Kind::Category
    )
}

/// Whether columns of two kinds may contain the same if their words are the same.
const fn may_share_words(one: Kind, other: Kind) -> bool {
    may_be_one(one, other)
        || matches!((one, other), (Kind::Company, Kind::Category) | (Kind::Category, Kind::Company))
}

/// Whether the dates of two columns are from the same time, and their names do not show that they
/// mean different things.
fn are_of_one_time(one: &Column, other: &Column) -> bool {
    let says = |column: &Column| {
        [Meaning::Birth, Meaning::Founded, Meaning::Event].map(|meaning| column.words.says(meaning))
    };
    let (a, b) = (says(one), says(other));
    let known = a.contains(&true) && b.contains(&true);
    let both_whole = (one.sample.days >= 0.5) == (other.sample.days >= 0.5);
    let (Some(a_years), Some(b_years)) = (one.sample.years_between, other.sample.years_between)
    else {
        return false;
    };
    let common = a_years.1.min(b_years.1) - a_years.0.max(b_years.0) + 1.0;
    let shorter = (a_years.1 - a_years.0).min(b_years.1 - b_years.0) + 1.0;
    (!known || a == b) && both_whole && common >= SAME_YEARS * shorter
}

/// Whether the amounts of two columns are of the same size, and their names do not show that they
/// mean different things.
fn are_of_one_size(one: &Column, other: &Column) -> bool {
    let (Some(a), Some(b)) = (one.sample.amounts_between, other.sample.amounts_between) else {
        return false;
    };
    let near = |a: f64, b: f64| {
        let (a, b) = (a.abs().max(1.0), b.abs().max(1.0));
        a.max(b) / a.min(b) <= SAME_SIZE
    };
    !(one.words.is_narrow() && other.words.is_narrow()) && near(a.0, b.0) && near(a.1, b.1)
}

/// First and last names on one side, and whole names on the other.
fn whole_names(
    left: &[Column],
    left_taken: &[bool],
    right: &[Column],
    right_taken: &[bool],
) -> Option<(usize, FieldSpec)> {
    let find = |columns: &[Column], taken: &[bool], kind| {
        columns.iter().zip(taken).position(|(column, &taken)| {
            !taken && column.used == Use::Compared && column.kind == kind
        })
    };
    let parts = |columns, taken| {
        Some([find(columns, taken, Kind::FirstName)?, find(columns, taken, Kind::LastName)?])
    };
    let names = |columns: &[Column], at: &[usize]| -> Vec<String> {
        at.iter().map(|&at| columns[at].name.clone()).collect()
    };
    let (at, left, right) = match (parts(left, left_taken), parts(right, right_taken)) {
        (Some(of), _) if let Some(whole) = find(right, right_taken, Kind::Person) => {
            (of[0], names(left, &of), names(right, &[whole]))
        }
        (_, Some(of)) if let Some(whole) = find(left, left_taken, Kind::Person) => {
            (whole, names(left, &[whole]), names(right, &of))
        }
        _ => return None,
    };
    Some((at, FieldSpec { name: "name".to_owned(), kind: Some(Kind::Person), left, right }))
}

/// Pairs the columns of two tables that belong together.
///
/// # Errors
/// If no two columns belong together.
pub fn pair_columns(left: &Table, right: &Table, ignored: &[&str]) -> Result<Vec<FieldSpec>> {
    let fields = pair(left, Some(right), ignored).fields;
    if fields.is_empty() {
        return Err(Error::input(format!(
            "no column of the left table ({}) belongs to one of the right ({})",
            left.names().join(", "),
            right.names().join(", ")
        ))
        .advise(Advice::NameFields));
    }
    Ok(fields)
}

/// The columns of one table that say who a row is.
///
/// # Errors
/// If there is no such column.
pub fn own_columns(table: &Table, ignored: &[&str]) -> Result<Vec<FieldSpec>> {
    let fields = pair(table, None, ignored).fields;
    if fields.is_empty() {
        return Err(Error::input(format!(
            "no column of the table ({}) tells who a row is",
            table.names().join(", ")
        ))
        .advise(Advice::NameFields));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{ArrayRef, RecordBatch, StringArray},
        datatypes::{DataType, Field, Schema},
    };

    use super::*;

    fn table(columns: &[(&str, &[&str])]) -> Table {
        let fields: Vec<Field> =
            columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let arrays = columns
            .iter()
            .map(|(_, values)| Arc::new(StringArray::from(values.to_vec())) as ArrayRef);
        let batch = RecordBatch::try_new(schema.clone(), arrays.collect()).unwrap();
        Table::new(schema, vec![batch], "").unwrap()
    }

    fn paired(left: &Table, right: &Table) -> Vec<(Vec<String>, Vec<String>)> {
        let fields = pair(left, Some(right), &[]).fields;
        fields.into_iter().map(|field| (field.left, field.right)).collect()
    }

    fn one(left: &str, right: &str) -> (Vec<String>, Vec<String>) {
        (vec![left.to_owned()], vec![right.to_owned()])
    }

    #[test]
    fn unrelated_columns_of_one_kind_are_not_compared() {
        let left =
            table(&[("company", &["Acme Inc", "Globex Ltd"]), ("employees", &["120", "2010"])]);
        let right = table(&[("name", &["Acme Inc", "Globex Ltd"]), ("founded", &["1990", "2010"])]);
        assert_eq!(paired(&left, &right), [one("company", "name")]);
        let right = table(&[("name", &["Acme Inc", "Globex Ltd"]), ("revenue", &["120", "2010"])]);
        assert_eq!(paired(&left, &right), [one("company", "name")]);
    }

    #[test]
    fn what_is_left_belongs_together_by_its_values() {
        let words = |from: usize| -> Vec<String> {
            let of = |at: usize| ["drill", "saw", "lamp", "chair", "table", "clock"][at % 6];
            (from..from + 30).map(|at| format!("{} {} {at}", of(at), of(at / 6))).collect()
        };
        let days = |from: u32, of: &dyn Fn(u32, u32) -> String| -> Vec<String> {
            (0..30).map(|at| of(from + at % 20, 1 + at % 12)).collect()
        };
        let texts = |values: &[String]| -> Vec<&'static str> {
            values.iter().map(|value| &*value.clone().leak()).collect()
        };
        let iso = |year, month| format!("{year}-{month:02}-15");
        let dotted = |year, month| format!("15.{month:02}.{year}");
        let (things, others) = (texts(&words(0)), texts(&words(10)));
        let (when, born) = (texts(&days(1960, &iso)), texts(&days(1962, &dotted)));
        let later = texts(&days(2001, &iso));
        let left = table(&[("bezeichner", &things), ("ДР", &when)]);
        let right = table(&[("gegenstand", &others), ("Birth date", &born)]);
        assert_eq!(
            paired(&left, &right),
            [one("bezeichner", "gegenstand"), one("ДР", "Birth date")]
        );
        // Days of another time, and days of which each column says another thing.
        let right = table(&[("gegenstand", &others), ("day", &later)]);
        assert_eq!(paired(&left, &right), [one("bezeichner", "gegenstand")]);
        let left = table(&[("bezeichner", &things), ("founded", &when)]);
        let right = table(&[("gegenstand", &others), ("Birth date", &born)]);
        assert_eq!(paired(&left, &right), [one("bezeichner", "gegenstand")]);
    }

    #[test]
    fn a_bare_name_is_that_of_whoever_the_other_side_names() {
        // No list knows these names, so that only the other side says that they are people.
        let left = table(&[("Name", &["Qorvath Ilmes", "Brent Ozwaldt", "Ulk Mirenna"])]);
        let right = table(&[("Contact", &["Qorvath Ilmes", "Ted Ulm", "Ulk Mirenna"])]);
        let fields = pair(&left, Some(&right), &[]).fields;
        assert_eq!(fields.len(), 1);
        assert_eq!(fields[0].kind, Some(Kind::Person));
        let left = table(&[("Name", &["Acme GmbH", "Globex Ltd", "Initech Inc"])]);
        assert!(pair(&left, Some(&right), &[]).fields.is_empty());
    }

    #[test]
    fn columns_of_one_meaning_are_compared_in_any_language() {
        let left =
            table(&[("Firma", &["Acme GmbH", "Globex AG"]), ("Mitarbeiter", &["120", "20"])]);
        let right = table(&[("Company", &["Acme Inc", "Globex"]), ("Employees", &["120", "30"])]);
        assert_eq!(
            paired(&left, &right),
            [one("Firma", "Company"), one("Mitarbeiter", "Employees")]
        );
    }

    #[test]
    fn first_and_last_names_meet_whole_names() {
        let left = table(&[("first", &["Anna", "Robert"]), ("last", &["Schmidt", "Smith"])]);
        let right = table(&[("full name", &["Anna Schmidt", "Bob Smith"])]);
        let both = vec!["first".to_owned(), "last".to_owned()];
        assert_eq!(paired(&left, &right), [(both, vec!["full name".to_owned()])]);
    }

    #[test]
    fn columns_made_of_others_count_once() {
        let columns: [(&str, &[&str]); 5] = [
            ("Name", &["Anna Schmidt", "Robert Smith", "Zoe King", "Luc Petit"]),
            ("FirstName", &["Anna", "Robert", "Zoe", "Luc"]),
            ("LastName", &["Schmidt", "Smith", "King", "Petit"]),
            ("Email", &["anna@acme.com", "bob@globex.com", "z@king.org", "luc@petit.fr"]),
            ("Domain", &["acme.com", "globex.com", "king.org", "petit.fr"]),
        ];
        let found = pair(&table(&columns), None, &[]);
        let names: Vec<&str> = found.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["FirstName", "LastName", "Email"]);
        let (whole, derived) = &found.derived[0];
        assert_eq!(whole.name, "Name");
        assert_eq!(derived.of, ["FirstName", "LastName"]);
    }

    #[test]
    fn a_city_of_an_address_counts_once() {
        let table = table(&[
            (
                "Address",
                &["1 High St, London", "2 Main St, Paris", "3 Low Rd, Rome", "4 A St, Oslo"],
            ),
            ("City", &["London", "Paris", "Rome", "Oslo"]),
        ]);
        let found = pair(&table, None, &[]);
        assert_eq!(found.fields.len(), 1);
        assert_eq!(found.fields[0].name, "Address");
    }
}
