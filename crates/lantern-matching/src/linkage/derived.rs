//! Columns made of others, which count once: `Name` of `FirstName` and `LastName`, the domain of
//! an e-mail address, the city of an address.

use std::collections::HashSet;

use crate::{
    error::Result,
    normalize::write_words,
    tables::{FieldSpec, Kind, Table, values::as_text},
    text,
};

/// How many rows are looked at, and in which share of them a column is made of others.
const LOOKED_AT: usize = 500;
const MOSTLY: f64 = 0.95;
/// In how many rows at least both are known.
const FEWEST: usize = 10;

/// Leaves out the fields that are made of others.
///
/// # Errors
/// If a column cannot be read as text.
pub fn leave_out(
    left: &Table,
    right: Option<&Table>,
    mut specs: Vec<FieldSpec>,
) -> Result<Vec<FieldSpec>> {
    let mut sides = vec![words(left, &specs, |spec| &spec.left)?];
    if let Some(right) = right {
        sides.push(words(right, &specs, |spec| &spec.right)?);
    }
    let length = |at: usize| -> usize {
        sides.iter().flat_map(|side| side[at].iter()).map(HashSet::len).sum()
    };
    // The whole before its parts: without it they stay.
    let mut order: Vec<usize> = (0..specs.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(length(at)), std::cmp::Reverse(at)));
    let mut kept = vec![true; specs.len()];
    for at in order {
        let kind = specs[at].kind.unwrap_or(Kind::Text);
        if matches!(kind, Kind::Email | Kind::Linkedin | Kind::Phone) {
            continue;
        }
        // An address made of a name does not stand for the name.
        let may_hold = |other: usize| {
            let holder = specs[other].kind.unwrap_or(Kind::Text);
            other != at
                && kept[other]
                && match holder {
                    Kind::Email => kind == Kind::Domain,
                    Kind::Domain | Kind::Linkedin => false,
                    _ => kind != Kind::Domain,
                }
        };
        let holders: Vec<usize> = (0..specs.len()).filter(|&other| may_hold(other)).collect();
        if !holders.is_empty() && sides.iter().all(|side| is_made_of(side, at, &holders)) {
            kept[at] = false;
        }
    }
    let mut kept = kept.into_iter();
    specs.retain(|_| kept.next().unwrap_or(true));
    Ok(specs)
}

/// Whether the words of a column are those of others, in most rows in which it is known.
fn is_made_of(side: &[Vec<HashSet<String>>], at: usize, holders: &[usize]) -> bool {
    let (mut known, mut held) = (0, 0);
    for (row, own) in side[at].iter().enumerate() {
        if own.is_empty() {
            continue;
        }
        known += 1;
        let has = |word: &String| holders.iter().any(|&other| side[other][row].contains(word));
        held += usize::from(own.iter().all(has));
    }
    known >= FEWEST && held as f64 >= MOSTLY * known as f64
}

/// The words of the first rows of each field.
fn words(
    table: &Table,
    specs: &[FieldSpec],
    columns: impl Fn(&FieldSpec) -> &Vec<String>,
) -> Result<Vec<Vec<HashSet<String>>>> {
    specs
        .iter()
        .map(|spec| {
            let mut rows = Vec::new();
            for chunk in table.joined(columns(spec))? {
                let head = chunk.slice(0, chunk.len().min(LOOKED_AT - rows.len()));
                let texts = text::of(&as_text(&spec.name, &head)?)?;
                let mut key = String::new();
                rows.extend(texts.iter().map(|text| {
                    key.clear();
                    let text = text.unwrap_or("").replace(['.', '@', '/', '-', '_'], " ");
                    write_words(&text, &mut key);
                    let site = |word: &&str| !matches!(*word, "www" | "http" | "https" | "");
                    key.split(' ').filter(site).map(str::to_owned).collect()
                }));
                if rows.len() >= LOOKED_AT {
                    break;
                }
            }
            Ok(rows)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;

    type Column<'a> = (&'a str, Kind, &'a dyn Fn(usize) -> String);

    fn left_over(columns: &[Column<'_>]) -> Vec<String> {
        let made = columns.iter().map(|(name, _, value)| {
            let texts: StringArray = (0..50).map(|row| Some(value(row))).collect();
            (*name, Arc::new(texts) as ArrayRef)
        });
        let batch = RecordBatch::try_from_iter(made).unwrap();
        let table = Table::new(batch.schema(), vec![batch], "").unwrap();
        let specs = columns
            .iter()
            .map(|&(name, kind, _)| FieldSpec::new(name, Some(kind), name, name))
            .collect();
        let left = leave_out(&table, None, specs).unwrap();
        left.into_iter().map(|spec| spec.name).collect()
    }

    #[test]
    fn a_whole_name_is_its_parts() {
        let left = left_over(&[
            ("Name", Kind::Person, &|row| format!("First{row} Last{}", row % 7)),
            ("FirstName", Kind::FirstName, &|row| format!("First{row}")),
            ("LastName", Kind::LastName, &|row| format!("Last{}", row % 7)),
        ]);
        assert_eq!(left, ["FirstName", "LastName"]);
    }

    #[test]
    fn an_email_address_holds_its_domain_and_not_the_name() {
        let left = left_over(&[
            ("first", Kind::FirstName, &|row| format!("ada{row}")),
            ("email", Kind::Email, &|row| format!("ada{row}@acme{row}.com")),
            ("website", Kind::Domain, &|row| format!("https://www.acme{row}.com")),
        ]);
        assert_eq!(left, ["first", "email"]);
    }

    #[test]
    fn columns_of_their_own_stay() {
        let left = left_over(&[
            ("name", Kind::Company, &|row| format!("Firm {row}")),
            ("city", Kind::City, &|row| format!("Town{}", row % 5)),
        ]);
        assert_eq!(left, ["name", "city"]);
    }
}
