//! Finds columns that consist of others: a full name of first and last names, the domain of an
//! e-mail address, the city of an address. They repeat evidence, which must count only once.

use std::collections::HashSet;

use super::{column_text::as_text, field_spec::FieldSpec, kind::Kind, table::Table};
use crate::{normalize, text};

/// Number of rows that are checked.
const LOOKED_AT: usize = 500;
/// Minimum share of the rows in which a column consists of others.
const MOST: f64 = 0.95;
/// Maximum share of its rows in which the others are missing.
const MISSING: f64 = 0.03;
/// Minimum number of rows in which it is seen.
const LEAST_ROWS: usize = 3;

/// A field that consists of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// Its number among the fields.
    pub field: usize,
    /// The names of the fields of which it consists.
    pub of: Vec<String>,
}

/// The words of some rows of a field; `None` for a row without a value.
struct Words(Vec<Option<HashSet<String>>>);

/// Finds the fields that only repeat others, on both sides.
pub fn find(left: &Table, right: Option<&Table>, fields: &[FieldSpec]) -> Vec<Derived> {
    if fields.len() < 2 {
        return Vec::new();
    }
    let sides: Vec<Vec<Words>> = [Some(left), right]
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(side, table)| {
            let of = |field: &FieldSpec| {
                let columns = if side == 0 { &field.left } else { &field.right };
                words(table, columns, field.kind == Some(Kind::Email))
            };
            fields.iter().map(of).collect()
        })
        .collect();
    let mut found: Vec<Derived> = Vec::new();
    // Wholes are checked before parts: a name that consists of its parts, then parts of an address.
    let may_be_made = |kind| is_text(kind) && kind != Some(Kind::Email);
    let mut order: Vec<usize> =
        (0..fields.len()).filter(|&at| may_be_made(fields[at].kind)).collect();
    let length = |at: usize| -> usize {
        sides.iter().flat_map(|side| side[at].0.iter().flatten()).map(HashSet::len).sum()
    };
    order.sort_by_key(|&at| std::cmp::Reverse(length(at)));
    for at in order {
        let gone = |other: usize| found.iter().any(|derived| derived.field == other);
        let others: Vec<usize> = (0..fields.len())
            .filter(|&other| other != at && is_text(fields[other].kind) && !gone(other))
            .filter(|&other| {
                sides.iter().all(|side| share_of_parts(&side[other], &side[at]) >= MOST)
            })
            .collect();
        // A whole that consists of its parts, which are known in the same rows.
        if !others.is_empty() && sides.iter().all(|side| is_made_of(&side[at], &others, side)) {
            let of = others.iter().map(|&other| fields[other].name.clone()).collect();
            found.push(Derived { field: at, of });
            continue;
        }
        // A part of another field, which contains more.
        let whole = (0..fields.len()).find(|&other| {
            other != at
                && !gone(other)
                && may_hold(fields[other].kind, fields[at].kind)
                && sides.iter().all(|side| is_made_of(&side[at], &[other], side))
        });
        if let Some(whole) = whole {
            found.push(Derived { field: at, of: vec![fields[whole].name.clone()] });
        }
    }
    found
}

/// Kinds that are compared as words here.
const fn is_text(kind: Option<Kind>) -> bool {
    !matches!(
        kind,
        Some(Kind::Date | Kind::Code | Kind::Amount | Kind::Place | Kind::Phone | Kind::Linkedin)
    )
}

/// Kinds whose values contain those of others in addition to their own.
const fn may_hold(whole: Option<Kind>, part: Option<Kind>) -> bool {
    match whole {
        Some(Kind::Street | Kind::Text) => {
            matches!(
                part,
                Some(Kind::City | Kind::Category | Kind::Postal | Kind::Country | Kind::Street)
            )
        }
        Some(Kind::Email) => matches!(part, Some(Kind::Domain)),
        Some(Kind::Person) => matches!(part, Some(Kind::FirstName | Kind::LastName | Kind::Person)),
        _ => false,
    }
}

/// The share of the rows with both the part and the whole in which the whole contains all words of
/// the part.
fn share_of_parts(part: &Words, whole: &Words) -> f64 {
    let rows = part.0.iter().zip(&whole.0).filter_map(|(a, b)| Some((a.as_ref()?, b.as_ref()?)));
    let (mut known, mut within) = (0_usize, 0_usize);
    for (part, whole) in rows {
        known += 1;
        within += usize::from(part.is_subset(whole));
    }
    if known < LEAST_ROWS { 0.0 } else { within as f64 / known as f64 }
}

/// Whether all words of a field are in the others, row by row.
fn is_made_of(field: &Words, others: &[usize], side: &[Words]) -> bool {
    let (mut known, mut made, mut alone) = (0_usize, 0_usize, 0_usize);
    for (row, words) in field.0.iter().enumerate() {
        let Some(words) = words else { continue };
        let of: Vec<&HashSet<String>> =
            others.iter().filter_map(|&other| side[other].0[row].as_ref()).collect();
        if of.is_empty() {
            alone += 1;
            continue;
        }
        known += 1;
        made += usize::from(words.iter().all(|word| of.iter().any(|other| other.contains(word))));
    }
    known >= LEAST_ROWS
        && made as f64 >= MOST * known as f64
        && alone as f64 <= MISSING * (known + alone) as f64
}

/// The words of some rows. The word of an e-mail address is its domain.
fn words(table: &Table, columns: &[String], email: bool) -> Words {
    let Ok(chunks) = table.joined(columns) else { return Words(Vec::new()) };
    let step = table.rows.div_ceil(LOOKED_AT).max(1);
    let mut rows = Vec::new();
    let mut at = 0_usize;
    let mut folded = String::new();
    for (chunk, column) in chunks.iter().enumerate() {
        let all = as_text(&columns[0], column).and_then(|all| Ok(text::of(&all)?));
        let Ok(all) = all else { return Words(Vec::new()) };
        let count = table.batches[chunk].num_rows();
        let first = at.next_multiple_of(step) - at;
        at += count;
        for row in (first..count).step_by(step) {
            let value = arrow::array::Array::is_valid(&all, row).then(|| all.value(row));
            rows.push(value.filter(|value| !value.trim().is_empty()).map(|value| {
                if email {
                    let domain = normalize::email_domain(value);
                    return domain.into_iter().map(|domain| domain.into_owned()).collect();
                }
                if let Some(domain) = host(value) {
                    return HashSet::from([domain]);
                }
                normalize::write_words(value, &mut folded);
                folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
            }));
        }
    }
    Words(rows)
}

/// The host of a URL or a domain, in the form of an e-mail address.
fn host(value: &str) -> Option<String> {
    if value.contains(char::is_whitespace) || !value.contains('.') {
        return None;
    }
    normalize::domain_key(value).map(|domain| domain.into_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;

    type Column<'a> = (&'a str, Kind, &'a dyn Fn(usize) -> String);

    fn kept(columns: &[Column<'_>]) -> Vec<String> {
        let made = columns.iter().map(|(name, _, value)| {
            let texts: StringArray = (0..50).map(|row| Some(value(row))).collect();
            (*name, Arc::new(texts) as ArrayRef)
        });
        let batch = RecordBatch::try_from_iter(made).unwrap();
        let table = Table::new(batch.schema(), vec![batch], "").unwrap();
        let specs: Vec<FieldSpec> = columns
            .iter()
            .map(|&(name, kind, _)| FieldSpec::new(name, Some(kind), name, name))
            .collect();
        let derived = find(&table, None, &specs);
        let is_kept = |at: usize| derived.iter().all(|derived| derived.field != at);
        (0..specs.len()).filter(|&at| is_kept(at)).map(|at| specs[at].name.clone()).collect()
    }

    #[test]
    fn a_whole_name_is_its_parts() {
        let left = kept(&[
            ("Name", Kind::Person, &|row| format!("First{row} Last{}", row % 7)),
            ("FirstName", Kind::FirstName, &|row| format!("First{row}")),
            ("LastName", Kind::LastName, &|row| format!("Last{}", row % 7)),
        ]);
        assert_eq!(left, ["FirstName", "LastName"]);
    }

    #[test]
    fn an_email_address_holds_its_domain_and_not_the_name() {
        let left = kept(&[
            ("first", Kind::FirstName, &|row| format!("ada{row}")),
            ("email", Kind::Email, &|row| format!("ada{row}@acme{row}.com")),
            ("website", Kind::Domain, &|row| format!("https://www.acme{row}.com")),
        ]);
        assert_eq!(left, ["first", "email"]);
    }

    #[test]
    fn columns_of_their_own_stay() {
        let left = kept(&[
            ("name", Kind::Company, &|row| format!("Firm {row}")),
            ("city", Kind::City, &|row| format!("Town{}", row % 5)),
        ]);
        assert_eq!(left, ["name", "city"]);
    }
}
