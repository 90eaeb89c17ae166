//! Rules on small tables: the similarity that a rule gives two values, how pairs are found, and the
//! keys of rows. `tests/rust/matching/every_pair.rs` compares the result with that of comparing
//! every pair of random tables.

use std::{collections::BTreeMap, sync::Arc};

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};

use super::{
    rule_set::{MANY_COMPARISONS, parts},
    scan::Scan,
    *,
};
use crate::{
    error::Result,
    options::{Options, Unwatched},
    tables::{FieldSpec, Kind, Table, Values},
};

type Column<'a> = (&'a str, &'a [Option<&'a str>]);

fn table(side: &'static str, columns: &[Column<'_>]) -> Table {
    let arrays = columns
        .iter()
        .map(|(name, texts)| (*name, Arc::new(StringArray::from(texts.to_vec())) as ArrayRef));
    let batch = RecordBatch::try_from_iter(arrays).unwrap();
    Table::new(batch.schema(), vec![batch], side).unwrap()
}

fn group(rules: &[&str]) -> Vec<FieldRule> {
    rules.iter().map(|rule| rule.parse().unwrap()).collect()
}

fn bind(left: &Table, right: &Table, groups: &[&[&str]]) -> Result<RuleSet> {
    let groups: Vec<_> = groups.iter().map(|rules| group(rules)).collect();
    RuleSet::bind(left, Some(right), &groups, &[], &BTreeMap::new())
}

fn refused(bound: Result<RuleSet>) -> String {
    match bound {
        Ok(_) => panic!("the rules are bound"),
        Err(error) => error.to_string(),
    }
}

const PEOPLE: [Column<'static>; 2] = [
    ("email", &[Some("ada@acme.com"), None, Some("Bob@Acme.com"), Some("eve@other.org")]),
    ("note", &[Some("Ada Byron"), Some("Bob"), None, Some("Byron")]),
];

#[test]
fn a_field_is_a_column_or_the_longest_columns_that_its_name_is_made_of() {
    let has = |name: &str| ["first_name", "first", "name", "company"].contains(&name);
    assert_eq!(parts("first_name", has), Some(vec!["first_name".to_owned()]));
    assert_eq!(
        parts("first_name_company", has),
        Some(vec!["first_name".to_owned(), "company".to_owned()])
    );
    assert_eq!(parts("company_first", has), Some(vec!["company".to_owned(), "first".to_owned()]));
    assert_eq!(parts("company_phone", has), None);
}

#[test]
fn rules_that_cannot_be_bound_are_refused() {
    let people = table("", &PEOPLE);
    assert!(refused(bind(&people, &people, &[])).contains("would match everything"));
    assert!(refused(bind(&people, &people, &[&["email:eq"], &[]])).contains("is empty"));
    let missing = refused(bind(&people, &people, &[&["emial:eq"]]));
    assert!(missing.contains("'emial'") && missing.contains("did you mean 'email'?"), "{missing}");
    let many: Vec<&[&str]> = vec![&["email:eq"]; 65];
    assert!(refused(bind(&people, &people, &many)).contains("65 groups"));

    let numbers =
        RecordBatch::try_from_iter([("size", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef)]);
    let numbers = numbers.unwrap();
    let sizes = Table::new(numbers.schema(), vec![numbers], "").unwrap();
    assert!(refused(bind(&sizes, &sizes, &[&["size:fuzzy0.8"]])).contains("holds numbers"));
    assert!(bind(&sizes, &sizes, &[&["size:eq"]]).is_ok());
}

#[test]
fn weights_belong_to_fields_that_rules_name() {
    let people = table("", &PEOPLE);
    let with = |name: &str, weight| {
        let weights = BTreeMap::from([(name.to_owned(), weight)]);
        RuleSet::bind(&people, None, &[group(&["email:eq"])], &[], &weights)
    };
    let weight = |bound: Result<RuleSet>| bound.unwrap().groups[0][0].weight;
    assert_eq!(weight(with("email", 0.25)), 0.25);
    assert!(refused(with("phone", 0.5)).contains("'phone', which no rule names"));
    for wrong in [0.0, -1.0, 1.5, f64::NAN] {
        assert!(refused(with("email", wrong)).contains("the weight of 'email'"), "{wrong}");
    }
}

#[test]
fn a_field_is_made_of_the_columns_that_it_is_given() {
    let left = table("left", &[("mail", &[Some("ada@acme.com")])]);
    let right = table("right", &[("address", &[Some("ADA@acme.com"), Some("bob@acme.com")])]);
    let spec = FieldSpec::new("email", Some(Kind::Email), "mail", "address");
    let rules =
        RuleSet::bind(&left, Some(&right), &[group(&["email:eq"])], &[spec], &BTreeMap::new());
    let rules = rules.unwrap();
    assert!(rules.hold(0, 0) && !rules.hold(0, 1));
}

#[test]
fn what_is_missing_matches_nothing() {
    let people = table("", &PEOPLE);
    for rule in ["email:exact", "email:eq", "email:contains", "email:fuzzy0.1"] {
        let rules = bind(&people, &people, &[&[rule]]).unwrap();
        for row in 0..4 {
            assert!(!rules.hold(1, row), "{rule}");
            assert_eq!(rules.hold(row, row), row != 1, "{rule}");
        }
    }
}

#[test]
fn an_operator_compares_what_it_says() {
    let people = table("", &PEOPLE);
    let says = |rule: &str, left: &[Option<&str>], right: &[Option<&str>]| {
        let (left, right) = (table("left", &[("note", left)]), table("right", &[("note", right)]));
        let rules = bind(&left, &right, &[&[rule]]).unwrap();
        let bound = &rules.groups[0][0];
        let values = rules.values(bound).unwrap();
        rules.holds(bound, values.left[0], values.right[0])
    };
    // `exact` compares the values as they are, and the other operators compare normalized values.
    assert_eq!(says("note:exact", &[Some("Ada")], &[Some("ada")]), None);
    assert_eq!(says("note:eq", &[Some("Ada")], &[Some(" ada ")]), Some(1.0));
    // Either value may contain the other.
    assert_eq!(says("note:contains", &[Some("Ada Byron")], &[Some("Byron")]), Some(0.9));
    assert_eq!(says("note:contains", &[Some("Byron")], &[Some("Ada Byron")]), Some(0.9));
    assert_eq!(says("note:contains", &[Some("Byron")], &[Some("Ada")]), None);
    // `fuzzy` gives the similarity of the values if it reaches the minimum.
    assert_eq!(says("note:fuzzy0.9", &[Some("Byron")], &[Some("Byron")]), Some(1.0));
    let alike = says("note:fuzzy0.5", &[Some("Byron")], &[Some("Byrom")]).unwrap();
    assert!((0.5..1.0).contains(&alike), "{alike}");
    assert_eq!(says("note:fuzzy0.99", &[Some("Byron")], &[Some("Byrom")]), None);
    assert!(!bind(&people, &people, &[&["note:eq"]]).unwrap().compares_likeness());
    assert!(bind(&people, &people, &[&["note:contains"]]).unwrap().compares_likeness());
}

#[test]
fn a_group_holds_if_all_its_rules_do_and_one_group_is_enough() {
    let left = table("left", &[("a", &[Some("1"), Some("1"), Some("2")]), ("b", &[Some("x"); 3])]);
    let right = table("right", &[("a", &[Some("1")]), ("b", &[Some("y")])]);
    let both = bind(&left, &right, &[&["a:eq", "b:eq"]]).unwrap();
    let either = bind(&left, &right, &[&["a:eq"], &["b:eq"]]).unwrap();
    for row in 0..3 {
        assert!(!both.hold(row, 0));
        assert_eq!(either.hold(row, 0), row < 2);
    }
}

#[test]
fn a_plan_joins_where_it_can_and_scans_the_rule_with_the_fewest_values() {
    let left = table(
        "left",
        &[
            ("email", &[Some("a@x.com"), Some("a@x.com"), Some("b@x.com"), None]),
            ("note", &[Some("one"), Some("two"), Some("three"), Some("four")]),
            ("side", &[Some("n"), Some("s"), Some("n"), Some("s")]),
        ],
    );
    let plan = |groups: &[&[&str]]| bind(&left, &left, groups).unwrap().plan();

    let joined = &plan(&[&["note:fuzzy0.8", "email:eq"]])[0];
    assert_eq!((joined.join.as_slice(), &joined.scan), (&["email:eq".to_owned()][..], &None));
    // Two rows of each side share an address, which gives four pairs; a third row has its own.
    assert_eq!(joined.candidates, 5);

    let scanned = &plan(&[&["note:fuzzy0.8", "side:contains"]])[0];
    assert_eq!(scanned.scan.as_deref(), Some("side:contains"));
    assert_eq!((scanned.candidates, scanned.join.len()), (4, 0));
    assert!(scanned.candidates < MANY_COMPARISONS && scanned.warning.is_none());
}

#[test]
fn rows_that_match_have_a_key_in_common() {
    let people = table("", &PEOPLE);
    let rules = bind(&people, &people, &[&["email:eq"], &["note:contains"]]).unwrap();
    let keys = rules.row_keys();
    let shares = |a: usize, b: usize| keys.get(a).iter().any(|key| keys.get(b).contains(key));
    for left in 0..4 {
        for right in 0..4 {
            assert!(!rules.hold(left, right) || shares(left, right), "{left} {right}");
        }
    }
    // A row without an address and without a note cannot match.
    let nobody = table("", &[("email", &[None]), ("note", &[None])]);
    let keys = bind(&nobody, &nobody, &[&["email:eq"], &["note:contains"]]).unwrap().row_keys();
    assert!(keys.get(0).is_empty());
}

#[test]
fn keys_are_the_same_in_every_part_of_a_table() {
    let whole = table("", &PEOPLE);
    let last = table("", &[("email", &PEOPLE[0].1[3..]), ("note", &PEOPLE[1].1[3..])]);
    let keys = |table: &Table| {
        bind(table, table, &[&["email:eq"], &["note:fuzzy0.8"]]).unwrap().row_keys()
    };
    assert_eq!(keys(&whole).get(3), keys(&last).get(0));
    assert_eq!(keys(&whole).profiles[3], keys(&last).profiles[0]);
}

/// Texts of all lengths that share letters, and some with letters outside of ASCII.
fn texts() -> Vec<Option<String>> {
    let words = ["ann", "anna", "hannah", "müller", "mueller", "muller gmbh", "gmbh muller", ""];
    let mut texts: Vec<Option<String>> = words.iter().map(|word| Some((*word).into())).collect();
    for repeats in [1, 5, 20] {
        texts.push(Some("ab".repeat(repeats)));
        texts.push(Some(format!("{}c", "ab".repeat(repeats))));
        texts.push(Some("ba".repeat(repeats)));
    }
    texts
}

#[test]
fn a_scan_leaves_nothing_out_that_a_rule_lets_pass() {
    let array: Vec<ArrayRef> = vec![Arc::new(StringArray::from(texts()))];
    for kind in [Kind::Text, Kind::Company, Kind::Email, Kind::Person, Kind::Domain] {
        let values = Values::keys(kind, "note", &array, None).unwrap();
        let all: Vec<u32> = (0..u32::try_from(values.texts.len()).unwrap()).collect();
        let measure = kind.similarity();
        for op in [Operator::Contains, Operator::Fuzzy(0.3), Operator::Fuzzy(0.8)] {
            let scan = Scan::new(Some(&values.texts), &all, kind, op);
            for &value in &all {
                let text = values.texts.get(value);
                let passes = |other: &&u32| {
                    let other = values.texts.get(**other);
                    match op {
                        Operator::Fuzzy(least) => {
                            text == other || measure.similarity(text, other, None) >= least
                        }
                        _ => text.contains(other) || other.contains(text),
                    }
                };
                let expected: Vec<u32> = all.iter().filter(passes).copied().collect();
                let mut found = Vec::new();
                scan.find(value, |other| found.push(other));
                found.sort_unstable();
                assert_eq!(found, expected, "{kind} {op:?} {text:?}");
            }
        }
    }
}

#[test]
fn pairs_are_found_surest_first_and_say_which_groups_hold() {
    let left = table("left", &PEOPLE);
    let right = table(
        "right",
        &[
            ("email", &[Some("eve@other.org"), Some("ada@acme.com"), None]),
            ("note", &[Some("Byron"), Some("Ada Byron"), Some("Ada Byron")]),
        ],
    );
    let rules = bind(&left, &right, &[&["email:eq"], &["note:eq"]]).unwrap();
    let found =
        |options: &Options| find(&left, Some(&right), &rules, options, &Unwatched).unwrap().all;
    let all = found(&Options::default());
    let pairs: Vec<_> = all.iter().map(|found| (found.left, found.right, found.rules)).collect();
    assert_eq!(pairs, [(0, 1, 0b11), (0, 2, 0b10), (3, 0, 0b11)]);
    assert!(all[0].confidence > all[1].confidence);

    let top = found(&Options { top: Some(1), ..Options::default() });
    assert_eq!(top, [all[0], all[2]]);
    let sure = found(&Options { threshold: Some(all[0].confidence), ..Options::default() });
    assert!(sure.iter().all(|found| found.confidence >= all[0].confidence) && sure.len() < 3);
}
