use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};

use super::*;
use crate::{
    linkage::compare::role::Role,
    tables::{FieldSpec, Kind, Regions},
};

const LIMITS: Limits = Limits { least: 3, most: 3 };

fn field(left: &[&str], right: &[&str]) -> Field {
    let column = |texts: &[&str]| vec![Arc::new(StringArray::from(texts.to_vec())) as ArrayRef];
    let spec = FieldSpec::new("x", Some(Kind::Text), "x", "x");
    let (left, right) = (column(left), column(right));
    let regions = Regions::default();
    Field::of(&spec, Kind::Text, Role::Other, false, &left, Some(&right), &regions).unwrap()
}

/// Two fields: each row of the left has two, one or no row of the right with a word in common.
fn fields() -> [Field; 2] {
    let right = ["alpha", "alpha beta", "gamma", "omega"];
    [
        field(&["alpha", "gamma", "delta", "beta alpha"], &right),
        field(&["x", "y", "z", "x"], &["x", "x", "y", "z1"]),
    ]
}

fn pairs_of(fields: &[Field], rows: &[u32]) -> Pairs {
    Pairs::find(fields, &Index::of(fields, 4, false), rows, LIMITS)
}

/// The pairs of the row at a place: which row it is, and those of the right.
fn row(pairs: &Pairs, at: usize) -> Vec<(u32, u32)> {
    let (begin, end) = (pairs.starts[at], pairs.starts[at + 1]);
    (begin..end).map(|pair| (pairs.left[pair], pairs.right[pair])).collect()
}

#[test]
fn every_row_has_its_candidates_in_the_order_of_the_rows() {
    let fields = fields();
    let pairs = pairs_of(&fields, &[0, 1, 2, 3]);
    assert_eq!(pairs.starts.len(), 5);
    assert_eq!(pairs.starts.last(), Some(&pairs.len()));
    for at in 0..4_u32 {
        assert!(row(&pairs, at as usize).iter().all(|&(left, _)| left == at), "{at}");
    }
    assert!(row(&pairs, 1).contains(&(1, 2)));
    assert!(row(&pairs, 2).is_empty());
    // Of rows that are asked for apart, the pairs are the same.
    let some = pairs_of(&fields, &[3, 1]);
    assert_eq!(row(&some, 0), row(&pairs, 3));
    assert_eq!(row(&some, 1), row(&pairs, 1));
    assert!(pairs_of(&fields, &[]).is_empty());
}

#[test]
fn every_pair_has_a_cell_and_bits_for_each_field() {
    let fields = fields();
    let pairs = pairs_of(&fields, &[0, 1, 2, 3]);
    assert_eq!(pairs.cells.len(), pairs.len() * fields.len());
    assert_eq!(pairs.bits.len(), pairs.len() * fields.len());
    let of = |left, right| {
        let pair = (0..pairs.len())
            .find(|&pair| (pairs.left[pair], pairs.right[pair]) == (left, right))
            .unwrap();
        (pairs.cells[pair * 2], pairs.bits[pair * 2])
    };
    // What is the same tells more than what has a word in common.
    assert_ne!(of(0, 0).0, of(0, 1).0);
    assert!(of(0, 0).1 >= of(0, 1).1);
}

#[test]
fn of_many_rows_the_pairs_of_some_are_taken_whole() {
    let fields = fields();
    let all = pairs_of(&fields, &[0, 1, 2, 3]);
    let (rows, some) = all.every(3, &[0, 1, 2, 3], fields.len());
    assert_eq!(rows, [0, 3]);
    assert_eq!(row(&some, 0), row(&all, 0));
    assert_eq!(row(&some, 1), row(&all, 3));
    let of = |pairs: &Pairs, at: usize| {
        pairs.cells[pairs.starts[at] * 2..pairs.starts[at + 1] * 2].to_vec()
    };
    assert_eq!(of(&some, 1), of(&all, 3));
    assert_eq!(some.bits.len(), some.len() * fields.len());
}

#[test]
fn a_cell_is_a_level_and_a_bin_of_bits() {
    let bins = u16::try_from(BINS).unwrap();
    // Bits that single out one row are in the middle, and each bin is of two bits.
    assert_eq!(cell(0, 10.0, 1024.0), bins / 2);
    assert_eq!(cell(3, 10.0, 1024.0), 3 * bins + bins / 2);
    assert_eq!(cell(0, 12.0, 1024.0), bins / 2 + 1);
    assert_eq!(cell(0, 6.0, 1024.0), bins / 2 - 2);
    // Beyond the bins, the last one counts.
    assert_eq!(cell(1, 1000.0, 1024.0), 2 * bins - 1);
    assert_eq!(cell(1, -1000.0, 1024.0), bins);
}
