//! Which columns of two tables belong together.

use super::{kind::Kind, recognize::words_of, table::Table};
use crate::error::{Error, Result};

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
