use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};

use super::*;
use crate::{
    linkage::compare::role::Role,
    tables::{FieldSpec, Kind, Regions},
};

fn field(left: &[String], right: Option<&[String]>) -> Field {
    let column = |texts: &[String]| vec![Arc::new(StringArray::from(texts.to_vec())) as ArrayRef];
    let spec = FieldSpec::new("x", Some(Kind::Text), "x", "x");
    let right = right.map(column);
    let (alone, left) = (right.is_none(), column(left));
    let regions = Regions::default();
    Field::of(&spec, Kind::Text, Role::Other, alone, &left, right.as_deref(), &regions).unwrap()
}

/// The rows that are candidates of the first of the left, the best first.
fn candidates(left: &str, right: &[String], limits: Limits) -> Vec<u32> {
    let fields = [field(&[left.to_owned()], Some(right))];
    let index = Index::of(&fields, right.len(), false);
    let own = [fields[0].values.left[0]];
    let mut scratch = Scratch::default();
    let found = index.candidates(&own, u32::MAX, limits, &mut scratch);
    found.iter().map(|&(_, row)| row).collect()
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|&text| text.to_owned()).collect()
}

const SOME: Limits = Limits { least: 3, most: 3 };

#[test]
fn rows_with_a_word_in_common_are_candidates_and_those_with_more_come_first() {
    let right = texts(&["omega", "alpha", "alpha beta", "alpha beta gamma", ""]);
    assert_eq!(candidates("alpha beta gamma", &right, SOME), [3, 2, 1]);
    assert!(candidates("delta", &right, SOME).is_empty());
    assert!(candidates("", &right, SOME).is_empty());
}

#[test]
fn a_row_has_no_more_candidates_than_it_may() {
    let right: Vec<String> = (0..50).map(|number| format!("alpha unlike{number}")).collect();
    for most in [1, 5, 20] {
        let found = candidates("alpha", &right, Limits { least: most, most });
        assert_eq!(found.len(), most);
    }
}

#[test]
fn a_frequent_word_counts_only_together_with_another() {
    let frequent = FREQUENT as usize + 1;
    // Half of the rows have one frequent word, half the other, and one row has both.
    let mut right: Vec<String> = (0..frequent).map(|number| format!("alpha a{number}")).collect();
    right.extend((0..frequent).map(|number| format!("beta b{number}")));
    right.push("alpha beta".into());
    let both = u32::try_from(right.len()).unwrap() - 1;
    assert_eq!(candidates("alpha beta", &right, SOME), [both]);
    assert!(candidates("alpha", &right, SOME).is_empty());
}

#[test]
fn a_misspelt_word_finds_what_it_stands_for() {
    let mut right = texts(&["johnson", "johnson", "jackson"]);
    right.extend((0..20).map(|number| format!("unlike{number}")));
    let found = candidates("jonhson", &right, SOME);
    assert_eq!(found, [0, 1]);
}

#[test]
fn within_one_table_a_row_finds_those_before_it() {
    let rows = texts(&["alpha one", "omega", "alpha two", "alpha three"]);
    let fields = [field(&rows, None)];
    let index = Index::of(&fields, rows.len(), true);
    let mut scratch = Scratch::default();
    let mut found = |row: u32| {
        let own = [fields[0].values.left[row as usize]];
        let found = index.candidates(&own, row, SOME, &mut scratch);
        let mut rows: Vec<u32> = found.iter().map(|&(_, row)| row).collect();
        rows.sort_unstable();
        rows
    };
    assert!(found(0).is_empty());
    assert_eq!(found(2), [0]);
    assert_eq!(found(3), [0, 2]);
}
