//! Matching tables: rules lose no pair, learning finds what is true, and bad input is reported.

mod duplicates;
mod every_pair;
mod learned;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, StringViewArray};
use lantern::matching::{
    error::ErrorKind,
    options::{Options, Unwatched},
    pipeline::{link, match_by_rules},
    rules::{FieldRule, RuleSet},
    tables::{FieldSpec, Kind, Table},
};

fn table(side: &'static str, columns: &[(&str, Vec<Option<String>>)]) -> Table {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.iter().map(|(name, values)| {
        (*name, Arc::new(StringArray::from(values.clone())) as ArrayRef, true)
    }))
    .unwrap();
    Table::new(batch.schema(), vec![batch], side).unwrap()
}

fn texts(of: &[&str]) -> Vec<Option<String>> {
    of.iter().map(|text| (!text.is_empty()).then(|| (*text).to_owned())).collect()
}

fn rules(of: &[&str]) -> Vec<FieldRule> {
    of.iter().map(|rule| rule.parse().unwrap()).collect()
}

fn by_rules(
    left: &Table,
    right: Option<&Table>,
    groups: &[Vec<FieldRule>],
    options: &Options,
) -> Vec<(u32, u32, f64)> {
    match_by_rules(left, right, groups, &BTreeMap::new(), options, &Unwatched)
        .unwrap()
        .all
        .iter()
        .map(|found| (found.left, found.right, found.confidence))
        .collect()
}

#[test]
fn keys_are_of_what_is_joined_on_and_rows_that_cannot_match_have_none() {
    let own = table(
        "",
        &[
            ("company", texts(&["Acme Inc", "ACME", "", "Globex"])),
            ("domain", texts(&["acme.com", "www.acme.com", "acme.com", ""])),
        ],
    );
    let groups = [rules(&["domain:eq", "company:fuzzy0.8"]), rules(&["company:fuzzy0.9"])];
    let keys = RuleSet::bind(&own, None, &groups, &[], &BTreeMap::new()).unwrap().row_keys();
    assert_eq!(keys.get(0), keys.get(1));
    assert_eq!(keys.profiles[0], keys.profiles[1]);
    assert_eq!([keys.get(0).len(), keys.get(2).len(), keys.get(3).len()], [2, 0, 1]);
    assert_eq!(keys.get(3)[0], keys.get(0)[1], "without a join, all rows share the group's key");
}

#[test]
fn top_keeps_the_surest_and_breaks_ties_by_row() {
    let left = table("left", &[("company", texts(&["Acme Foods"]))]);
    let right =
        table("right", &[("company", texts(&["Acme Food", "Acme Foods Inc", "Acme Foods"]))]);
    let groups = [rules(&["company:fuzzy0.8"])];
    let options = Options { top: Some(2), ..Options::default() };
    let found: Vec<u32> =
        by_rules(&left, Some(&right), &groups, &options).iter().map(|pair| pair.1).collect();
    assert_eq!(found, [1, 2]);
}

#[test]
fn a_million_equal_names_are_matched_at_once() {
    let many = || texts(&["Acme Inc"]).into_iter().cycle().take(1_000_000).collect::<Vec<_>>();
    let (left, right) =
        (table("left", &[("company", many())]), table("right", &[("company", many())]));
    let groups = [rules(&["company:eq", "company:fuzzy0.9"])];
    let options = Options { top: Some(1), ..Options::default() };
    let found =
        match_by_rules(&left, Some(&right), &groups, &BTreeMap::new(), &options, &Unwatched)
            .unwrap();
    assert_eq!(found.all.len(), 1_000_000);
    assert_eq!(found.compared, 1, "rows with the same values are compared once");
    let plan = RuleSet::bind(&left, Some(&right), &groups, &[], &BTreeMap::new()).unwrap().plan();
    assert_eq!(plan[0].candidates, 1_000_000_000_000);
    assert!(plan[0].warning.is_some());
}

#[test]
fn floats_match_as_numbers_and_gaps_match_nothing() {
    let floats = |values: &[f64]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    let of = |side, values| {
        let batch = RecordBatch::try_from_iter([("code", floats(values))]).unwrap();
        Table::new(batch.schema(), vec![batch], side).unwrap()
    };
    let left = of("left", &[12.0, 12.5, f64::NAN, f64::INFINITY]);
    let right = of("right", &[12.9, f64::NAN, f64::INFINITY, 12.5, 12.0]);
    for rule in ["code:exact", "code:eq"] {
        let found = by_rules(&left, Some(&right), &[rules(&[rule])], &Options::default());
        let pairs: Vec<_> = found.iter().map(|pair| (pair.0, pair.1)).collect();
        assert_eq!(pairs, [(0, 4), (1, 3)], "{rule}");
    }
}

#[test]
fn approximate_matching_finds_most_and_says_how_many() {
    let words = ["harbor", "summit", "maple", "quarry", "falcon", "cedar", "willow", "prairie"];
    let mut names = Vec::new();
    for a in words {
        for b in words {
            names.extend(words.map(|c| format!("{a} {b} {c}")));
        }
    }
    let right: Vec<&str> = names.iter().map(String::as_str).collect();
    let misspelled: Vec<String> =
        names.iter().step_by(3).map(|name| name.replacen('r', "", 1)).collect();
    let left: Vec<&str> = misspelled.iter().map(String::as_str).collect();
    let (left, right) = (
        table("left", &[("company", texts(&left))]),
        table("right", &[("company", texts(&right))]),
    );
    let groups = [rules(&["company:fuzzy0.9"])];
    let run = |approximate| {
        let options = Options { approximate, ..Options::default() };
        match_by_rules(&left, Some(&right), &groups, &BTreeMap::new(), &options, &Unwatched)
            .unwrap()
    };
    let (all, most) = (run(false), run(true));
    assert_eq!(all.recall, None);
    let pairs: BTreeSet<_> = all.all.iter().map(|found| (found.left, found.right)).collect();
    let found = most.all.iter().filter(|found| pairs.contains(&(found.left, found.right))).count();
    assert_eq!(found, most.all.len(), "nothing is found that is none");
    let share = found as f64 / all.all.len() as f64;
    assert!((most.recall.unwrap() - share).abs() < 0.05, "{:?} {share}", most.recall);
    assert!(share > 0.9, "{share}");
}

#[test]
fn a_composite_field_is_its_parts_joined() {
    let left = table("left", &[("name", texts(&["Ann Lee"])), ("company", texts(&["Acme"]))]);
    let right = table(
        "right",
        &[("name", texts(&["Ann Lee", "Ann Lee"])), ("company", texts(&["Globex", "Acme"]))],
    );
    let found = by_rules(&left, Some(&right), &[rules(&["name_company:eq"])], &Options::default());
    assert_eq!(found.iter().map(|pair| pair.1).collect::<Vec<_>>(), [1]);
}

#[test]
fn contributions_of_rules_add_up_to_the_confidence() {
    let a = table("left", &[("company", texts(&["Acme Foods"])), ("domain", texts(&["acme.com"]))]);
    let b =
        table("right", &[("company", texts(&["Acme Food"])), ("domain", texts(&["www.acme.com"]))]);
    let groups = [rules(&["company:fuzzy0.8", "domain:eq"]), rules(&["domain:eq"])];
    let found =
        match_by_rules(&a, Some(&b), &groups, &BTreeMap::new(), &Options::default(), &Unwatched)
            .unwrap();
    let explained = found.explain(0).unwrap();
    let sum: f64 = explained.contributions.iter().map(|part| part.weight).sum();
    assert!((sum - explained.confidence).abs() < 1e-12);
    assert_eq!(explained.contributions.len(), 2);
}

#[test]
fn empty_and_one_sided_tables_give_no_match() {
    let none = table("left", &[("company", Vec::new())]);
    let some = table("right", &[("company", texts(&["Acme", "", "Globex"]))]);
    let nulls = table("left", &[("company", vec![None; 5])]);
    for (left, right) in [(&none, &some), (&some, &none), (&nulls, &some), (&none, &none)] {
        let options = Options {
            fields: vec![FieldSpec::new("company", Some(Kind::Company), "company", "company")],
            top: Some(1),
            ..Options::default()
        };
        assert!(link(left, Some(right), &options, &Unwatched).unwrap().all.is_empty());
        assert!(by_rules(left, Some(right), &[rules(&["company:fuzzy0.5"])], &options).is_empty());
    }
    assert_eq!(
        link(
            &some,
            Some(&none),
            &Options {
                fields: vec![FieldSpec::new("company", None, "company", "company")],
                ..Options::default()
            },
            &Unwatched
        )
        .unwrap()
        .unmatched_left(),
        [0, 1, 2]
    );
}

fn refused(rule: &str, options: &Options) -> String {
    let a = table("left", &[("company", texts(&["Acme"]))]);
    let groups = [rules(&[rule])];
    match match_by_rules(&a, Some(&a), &groups, &BTreeMap::new(), options, &Unwatched) {
        Err(error) if error.kind() == ErrorKind::Input => error.to_string(),
        other => panic!("{:?}", other.map(|found| found.all)),
    }
}

#[test]
fn bad_input_is_one_sentence_that_says_what_to_do() {
    let plain = Options::default();
    let error = refused("compny:eq", &plain);
    assert!(
        error.contains("no column 'compny'") && error.contains("did you mean 'company'?"),
        "{error}"
    );
    let beyond = Options { threshold: Some(1.5), ..Options::default() };
    assert!(refused("company:eq", &beyond).contains("threshold is 1.5"));
    let none = Options { top: Some(0), ..Options::default() };
    assert!(refused("company:eq", &none).contains("top is 0"));
    let numbers = RecordBatch::try_from_iter([(
        "company",
        Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef,
    )])
    .unwrap();
    let numbers = Table::new(numbers.schema(), vec![numbers], "left").unwrap();
    let error = match_by_rules(
        &numbers,
        None,
        &[rules(&["company:fuzzy0.9"])],
        &BTreeMap::new(),
        &plain,
        &Unwatched,
    )
    .err()
    .unwrap()
    .to_string();
    assert!(error.contains("holds numbers") && error.contains("cast it to text"), "{error}");
    let weights = BTreeMap::from([("phone".to_owned(), 0.5)]);
    let a = table("left", &[("company", texts(&["Acme"]))]);
    let error =
        match_by_rules(&a, Some(&a), &[rules(&["company:eq"])], &weights, &plain, &Unwatched)
            .err()
            .unwrap()
            .to_string();
    assert!(error.contains("weight for 'phone'"), "{error}");
}

#[test]
fn very_long_texts_are_matched() {
    let long = "amber ridge ".repeat(900_000);
    let a = table("left", &[("company", vec![Some(long.clone()), Some("Acme".into())])]);
    let b = table("right", &[("company", vec![Some("Acme Inc".into()), Some(long)])]);
    let found = by_rules(&a, Some(&b), &[rules(&["company:eq"])], &Options::default());
    assert_eq!(found.iter().map(|pair| (pair.0, pair.1)).collect::<Vec<_>>(), [(0, 1), (1, 0)]);
}

#[test]
fn chunks_slices_and_views_give_what_one_array_gives() {
    let names = ["Acme", "Globex Inc", "Initech", "Umbrella", "Acme GmbH"];
    let whole = table("left", &[("company", texts(&names))]);
    let view: ArrayRef = Arc::new(StringViewArray::from(names.to_vec()));
    let batch = RecordBatch::try_from_iter([("company", view)]).unwrap();
    let parts = vec![batch.slice(0, 2), batch.slice(2, 0), batch.slice(2, 3)];
    let chunked = Table::new(batch.schema(), parts, "left").unwrap();
    let groups = [rules(&["company:eq"])];
    let right = table("right", &[("company", texts(&["acme", "globex"]))]);
    assert_eq!(
        by_rules(&whole, Some(&right), &groups, &Options::default()),
        by_rules(&chunked, Some(&right), &groups, &Options::default())
    );
}
