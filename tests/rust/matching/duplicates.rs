//! The duplicates of one table: clusters, and one record of each.

use std::collections::BTreeMap;

use arrow::array::StringArray;
use lantern::matching::{
    options::{Options, Unwatched},
    pipeline::match_by_rules,
    results::{
        cluster::clusters,
        golden::{Strategy as Survivor, golden},
    },
};

use super::{rules, table, texts};

#[test]
fn many_equal_rows_are_duplicates_without_a_pair_for_each_two() {
    let rows = 100_000;
    let mut names = texts(&["Acme Inc"]).into_iter().cycle().take(rows).collect::<Vec<_>>();
    names.extend(texts(&["Acmee Inc", "Globex"]));
    let table = table("", &[("company", names)]);
    let groups = [rules(&["company:fuzzy0.85"])];
    let options = Options { spanning: true, ..Options::default() };
    let found =
        match_by_rules(&table, None, &groups, &BTreeMap::new(), &options, &Unwatched).unwrap();
    assert_eq!(found.all.len(), rows, "one for each row but the first and Globex");
    let clusters = clusters(&found);
    assert_eq!(clusters.iter().max(), Some(&1));
    assert_eq!(clusters[rows..], [0, 1]);

    let options = Options { spanning: false, ..options };
    let refused =
        match_by_rules(&table, None, &groups, &BTreeMap::new(), &options, &Unwatched).map(drop);
    let error = refused.unwrap_err();
    assert!(error.to_string().contains("(top)"), "{error}");
}

#[test]
fn golden_records_pick_by_strategy_and_say_where_from() {
    let own = table(
        "",
        &[
            ("name", texts(&["Ann", "Ann Lee", "", "Bob"])),
            ("seen", texts(&["2024", "2026", "2025", "2020"])),
        ],
    );
    let found = |strategy: &str| {
        let by = BTreeMap::from([("name".to_owned(), strategy.parse::<Survivor>().unwrap())]);
        let batch = golden(&own, &[0, 0, 0, 1], &Survivor::First, &by, true).unwrap();
        let names = batch
            .column_by_name("name")
            .unwrap()
            .as_any()
            .downcast_ref::<StringArray>()
            .unwrap()
            .clone();
        (names.value(0).to_owned(), names.value(1).to_owned())
    };
    assert_eq!(found("first").0, "Ann");
    assert_eq!(found("last").0, "Ann Lee");
    assert_eq!(found("longest"), ("Ann Lee".to_owned(), "Bob".to_owned()));
    assert_eq!(found("newest:seen").0, "Ann Lee");
    assert_eq!(found("min").0, "Ann");
    assert!("newst".parse::<Survivor>().is_err());
}

#[test]
fn duplicates_become_clusters() {
    let own = table("", &[("email", texts(&["a@x.com", "b@x.com", "A@x.com", "a@X.com", ""]))]);
    let found = match_by_rules(
        &own,
        None,
        &[rules(&["email:eq"])],
        &BTreeMap::new(),
        &Options::default(),
        &Unwatched,
    )
    .unwrap();
    assert_eq!(clusters(&found), [0, 1, 0, 0, 2]);
}
