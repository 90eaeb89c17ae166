//! How well two columns belong together, by their kinds, names and values, and as what kind they are
//! compared.

use super::{
    kind::Kind,
    recognize::{Column, Meaning, Use},
};

/// Minimum similarity of the names of columns that have nothing else in common.
const ALIKE: f64 = 0.6;
/// Which share of the values of one column another must have, to belong to it without its name.
const OVERLAP: f64 = 0.3;
const LEAST_VALUES: usize = 5;

/// How well two columns belong together; `None` if they do not.
pub(super) fn score(
    left: &[Column],
    right: &[Column],
    one: &Column,
    other: &Column,
) -> Option<f64> {
    if one.used != Use::Compared || other.used != Use::Compared {
        return None;
    }
    let alike = one.words.alike(&other.words);
    let same_kind = one.kind == other.kind;
    // Columns with the same name contain the same, whatever their values look like.
    if alike > 0.99 {
        return Some(4.0 + f64::from(u8::from(same_kind)));
    }
    if !same_kind && !may_be_one(one.kind, other.kind) && of_whom(one, other).is_none() {
        return None;
    }
    let bonus = if same_kind { 0.5 } else { 0.0 };
    if alike >= ALIKE {
        return Some(2.0 + alike + bonus);
    }
    let fewer = one.sample.values.len().min(other.sample.values.len());
    let overlap = one.sample.overlap(&other.sample);
    if says_who(one.kind) && says_who(other.kind) {
        // A fax is not a phone, and a second address is not the first, if a side has several.
        let count = |columns: &[Column], kind| {
            columns.iter().filter(|of| of.used == Use::Compared && of.kind == kind).count()
        };
        let alone = count(left, one.kind) == 1 || count(right, other.kind) == 1;
        return alone.then_some(1.0 + alike + bonus + 0.5 * overlap);
    }
    let by_values =
        same_kind && one.kind != Kind::Amount && fewer >= LEAST_VALUES && overlap >= OVERLAP;
    by_values.then_some(alike + overlap)
}

/// Kinds that say who or where a row is, of which a table usually has one column.
const fn says_who(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Company
            | Kind::Person
            | Kind::FirstName
            | Kind::LastName
            | Kind::Email
            | Kind::Phone
            | Kind::Domain
            | Kind::Linkedin
            | Kind::Country
            | Kind::Postal
            | Kind::Street
            | Kind::City
    )
}

/// Kinds that are mistaken for each other, or of which one is a part of the other.
pub(super) const fn may_be_one(one: Kind, other: Kind) -> bool {
    matches!(
        (one, other),
        (Kind::Email, Kind::Domain)
            | (Kind::Domain, Kind::Email)
            | (Kind::Company, Kind::Text)
            | (Kind::Text, Kind::Company)
            | (Kind::Person, Kind::Text)
            | (Kind::Text, Kind::Person)
            | (Kind::Street, Kind::Text)
            | (Kind::Text, Kind::Street)
            | (Kind::City, Kind::Category | Kind::Text)
            | (Kind::Category | Kind::Text, Kind::City)
            | (Kind::Code, Kind::Phone | Kind::Postal | Kind::Amount | Kind::Text)
            | (Kind::Phone | Kind::Postal | Kind::Amount | Kind::Text, Kind::Code)
            | (Kind::Category, Kind::Text | Kind::Country)
            | (Kind::Text | Kind::Country, Kind::Category)
            | (Kind::List, Kind::Text | Kind::Person)
            | (Kind::Text | Kind::Person, Kind::List)
    )
}

/// Maximum share of values that are clearly companies in a column of people.
const OF_COMPANIES: f64 = 0.1;

/// If one column is called just "name", and the other one says whose name it is, the kind of the
/// other one.
fn of_whom(one: &Column, other: &Column) -> Option<Kind> {
    let is_name = |kind| matches!(kind, Kind::Company | Kind::Person);
    let is_bare = |column: &Column| {
        column.words.says_only(&[Meaning::Name]) && column.sample.companies < OF_COMPANIES
    };
    if !is_name(one.kind) || !is_name(other.kind) {
        return None;
    }
    match (is_bare(one), is_bare(other)) {
        (true, false) => Some(other.kind),
        (false, true) => Some(one.kind),
        _ => None,
    }
}

/// The kind by which a pair of columns is compared.
pub(super) fn merged(one: &Column, other: &Column) -> Kind {
    let (a, b) = (one.kind, other.kind);
    if a == b {
        return a;
    }
    let pair = [a, b];
    let either = |kind| pair.contains(&kind);
    if either(Kind::Email) && either(Kind::Domain) {
        return Kind::Domain;
    }
    if let Some(kind) = of_whom(one, other) {
        return kind;
    }
    for kind in [
        Kind::Company,
        Kind::Phone,
        Kind::Postal,
        Kind::Amount,
        Kind::List,
        Kind::Person,
        Kind::Street,
        Kind::City,
        Kind::Country,
    ] {
        if either(kind) {
            // A company and a person are told apart by whichever has more values to tell it by.
            return kind;
        }
    }
    if one.sample.known >= other.sample.known { a } else { b }
}
