//! Recognizes numbers that belong to one person: a social security number, a passport, a patient.
//!
//! Other numbers are shared by colleagues or families: those of a customer or a policy. The first
//! names distinguish the two: nearly all rows that share a personal number have the same first
//! name.

use std::sync::Arc;

use super::{Grade, field::Field, role::Role, words::Scratch};
use crate::tables::{Kind, NULL};

/// The share of matches that may differ in such a number.
pub const MOST_DIFFERENT: f64 = 0.1;
/// Minimum and maximum number of checked pairs of rows that share a number.
const FEWEST: usize = 20;
const MOST: usize = 2_000;
/// Maximum number of rows that share a number.
const MOST_SHARING: u32 = 10;
/// Minimum share of these pairs with the same first name, apart from its spelling. If half of the
/// rows have a match and the others only colleagues, about half have it.
const SAME_NAME: f64 = 0.8;

/// The positions of the fields with personal numbers.
pub fn numbers(fields: &[Field]) -> Vec<usize> {
    let of_kind = |kind: Kind| {
        fields.iter().find(|field| field.kind == kind && matches!(field.role, Role::Identity(_)))
    };
    let Some(name) = of_kind(Kind::FirstName).or_else(|| of_kind(Kind::Person)) else {
        return Vec::new();
    };
    let last = of_kind(Kind::LastName);
    let is_number = |field: &Field| field.kind == Kind::Code && field.role == Role::Other;
    (0..fields.len())
        .filter(|&at| is_number(&fields[at]) && go_together(name, last, &fields[at]))
        .collect()
}

/// Whether rows that share a number have the same name.
fn go_together(name: &Field, last: Option<&Field>, number: &Field) -> bool {
    let values = &number.values;
    let one_table = Arc::ptr_eq(&values.left, &values.right);
    let mut scratch = Scratch::default();
    // The last row of the right with each number; in one table, the last one so far.
    let mut rows = vec![NULL; values.texts.len()];
    if !one_table {
        for (row, &value) in (0_u32..).zip(values.right.iter()) {
            if value != NULL {
                rows[value as usize] = row;
            }
        }
    }
    let (mut known, mut same) = (0_usize, 0_usize);
    for (row, &value) in (0_u32..).zip(values.left.iter()) {
        if known == MOST {
            break;
        }
        if value == NULL || values.right_counts[value as usize] > MOST_SHARING {
            continue;
        }
        let other = rows[value as usize];
        if one_table {
            rows[value as usize] = row;
        }
        if other == NULL {
            continue;
        }
        let (own, theirs) = (name.values.left[row as usize], name.values.right[other as usize]);
        if own == NULL || theirs == NULL {
            continue;
        }
        known += 1;
        let level = usize::from(name.compare(own, theirs, &mut scratch).0) % name.levels();
        let grade = name.kind.comparison().levels()[level].grade;
        let is_swapped = last.is_some_and(|last| {
            let surname = last.values.right[other as usize];
            surname != NULL && last.values.texts.get(surname) == name.values.texts.get(own)
        });
        same += usize::from(matches!(grade, Grade::Same | Grade::Alike) || is_swapped);
    }
    known >= FEWEST && same as f64 >= SAME_NAME * known as f64
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, StringArray};

    use super::*;
    use crate::tables::{FieldSpec, Regions};

    fn field(kind: Kind, role: Role, left: Vec<String>, right: Option<Vec<String>>) -> Field {
        let column = |texts: Vec<String>| [Arc::new(StringArray::from(texts)) as ArrayRef];
        let spec = FieldSpec::new("x", Some(kind), "x", "x");
        let (left, right) = (column(left), right.map(column));
        let right = right.as_ref().map(<[ArrayRef; 1]>::as_slice);
        Field::of(&spec, kind, role, false, &left, right, &Regions::default()).unwrap()
    }

    fn names(from: usize, count: usize) -> Vec<String> {
        // Names that differ in every letter.
        let letter = |at: usize| char::from(b'a' + u8::try_from(at % 26).unwrap());
        let name =
            |at: usize| -> String { (1..7).map(|place| letter(at * place + at / 26)).collect() };
        (from..from + count).map(name).collect()
    }

    fn codes(count: usize) -> Vec<String> {
        (0..count).map(|at| format!("{}", 1_000_003 + at * 7_919)).collect()
    }

    fn found(left: Vec<String>, right: Vec<String>) -> Vec<usize> {
        let count = left.len();
        numbers(&[
            field(Kind::FirstName, Role::Identity(0.05), left, Some(right)),
            field(Kind::Code, Role::Other, codes(count), Some(codes(count))),
        ])
    }

    #[test]
    fn a_number_is_personal_if_whoever_shares_it_has_the_same_name() {
        assert_eq!(found(names(0, 100), names(0, 100)), [1]);
        assert!(found(names(0, 100), names(300, 100)).is_empty());
        // Half of them are known, and the others are colleagues.
        let half: Vec<String> = names(0, 50).into_iter().chain(names(300, 50)).collect();
        assert!(found(half, names(0, 100)).is_empty());
        // Too few to tell.
        assert!(found(names(0, 10), names(0, 10)).is_empty());
    }

    #[test]
    fn copies_in_one_table_tell_as_well() {
        let twice = |texts: Vec<String>| [texts.clone(), texts].concat();
        let personal = numbers(&[
            field(Kind::FirstName, Role::Identity(0.05), twice(names(0, 60)), None),
            field(Kind::Code, Role::Other, twice(codes(60)), None),
        ]);
        assert_eq!(personal, [1]);
        let of_families = numbers(&[
            field(Kind::FirstName, Role::Identity(0.05), names(0, 120), None),
            field(Kind::Code, Role::Other, twice(codes(60)), None),
        ]);
        assert!(of_families.is_empty());
    }
}
