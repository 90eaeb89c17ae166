use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};

use super::*;
use crate::tables::{FieldSpec, Kind, Regions};

const OTHERS: [&str; 7] = ["zeta", "omega", "kappa", "fnord", "grault", "waldo", "plugh"];

/// A field whose first rows are these, among others that are not alike.
fn field(kind: Kind, role: Role, left: &str, right: &[&str]) -> Field {
    let column = |texts: Vec<&str>| vec![Arc::new(StringArray::from(texts)) as ArrayRef];
    let spec = FieldSpec::new("x", Some(kind), "x", "x");
    let left = column([&[left], &OTHERS[..]].concat());
    let right = column([right, &OTHERS[..]].concat());
    Field::of(&spec, kind, role, false, &left, Some(&right), &Regions::default()).unwrap()
}

/// How the first row of the left and a row of the right agree.
fn agreements(fields: &[Field], right: usize) -> Vec<Agreement> {
    let (mut ours, mut theirs, mut out) = (Vec::new(), Vec::new(), Vec::new());
    left_row(fields, 0, &mut ours);
    right_row(fields, right, &mut theirs);
    compare(fields, &ours, |at| theirs[at], &mut Scratch::default(), &mut out);
    out
}

#[test]
fn of_fields_that_say_where_a_row_belongs_only_the_strongest_counts() {
    // One in nine rows has the employer, two in ten the place.
    let employer = field(Kind::Text, Role::Group, "acme", &["acme", "acne inc"]);
    let place = field(Kind::Text, Role::Group, "berlin", &["berlin", "berlin"]);
    for fields in [[&employer, &place], [&place, &employer]] {
        let bits = fields.map(|field| {
            let field = std::slice::from_ref(field);
            agreements(field, 0)[0].bits
        });
        assert!(bits.iter().all(|&bits| bits > 0.0), "{bits:?}");
    }
    let fields = [employer, place];
    let [first, second] = agreements(&fields, 0)[..] else { panic!("two fields") };
    let (strong, weak) = if first.bits >= second.bits { (first, second) } else { (second, first) };
    assert_eq!((strong.counted, weak.counted), (strong.bits, 0.0));
}

#[test]
fn fields_that_say_who_a_row_is_all_count() {
    let fields = [
        field(Kind::Text, Role::Identity(1.0), "acme", &["acme"]),
        field(Kind::Text, Role::Other, "berlin", &["berlin"]),
    ];
    for agreement in agreements(&fields, 0) {
        assert!(agreement.bits > 0.0);
        assert_eq!(agreement.counted, agreement.bits);
    }
}

#[test]
fn what_is_missing_on_one_side_is_no_evidence() {
    let fields = [field(Kind::Text, Role::Other, "", &["berlin"])];
    let [agreement] = agreements(&fields, 0)[..] else { panic!("one field") };
    assert_eq!((agreement.bits, agreement.counted), (0.0, 0.0));
    let disagreement = agreements(&[field(Kind::Text, Role::Other, "acme", &["berlin"])], 0)[0];
    assert_ne!(agreement.code, disagreement.code);
}
