//! Matching tables: rules lose no pair, learning finds what is true, and bad input is reported.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, StringViewArray};
use lantern::matching::{
    error::ErrorKind,
    linkage::{learn, learn::Model},
    normalize::{company_key, domain_key, first_name_key},
    options::{Options, Unwatched},
    pipeline::{link, match_by_rules},
    results::{
        cluster::clusters,
        golden::{Strategy as Survivor, golden},
    },
    rules::{FieldRule, Operator, RuleSet},
    similarity::Similarity,
    tables::{FieldSpec, Kind, Table},
};
use proptest::prelude::*;

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

/// The result of a rule by its definition alone; `None` if it does not match.
fn says(rule: &FieldRule, a: Option<&str>, b: Option<&str>) -> Option<f64> {
    let (a, b) = (a.filter(|text| !text.is_empty())?, b.filter(|text| !text.is_empty())?);
    if rule.op == Operator::Exact {
        return (a == b).then_some(1.0);
    }
    let (key, measure): (fn(&str) -> Option<String>, Similarity) = match rule.field.as_str() {
        "company" => (|text| company_key(text).map(Into::into), Similarity::TokenSort),
        "first_name" => (|text| first_name_key(text).map(Into::into), Similarity::JaroWinkler),
        _ => (|text| domain_key(text).map(Into::into), Similarity::Levenshtein),
    };
    let (a, b) = (key(a)?, key(b)?);
    match rule.op {
        Operator::Exact | Operator::Eq => (a == b).then_some(1.0),
        Operator::Contains => (a.contains(&b) || b.contains(&a)).then_some(0.9),
        Operator::Fuzzy(least) => {
            let similarity = measure.similarity(&a, &b, None);
            (similarity >= least).then_some(similarity)
        }
    }
}

const COLUMNS: [(&str, f64); 3] = [("company", 0.65), ("first_name", 0.4), ("domain", 0.75)];

fn value(column: usize) -> BoxedStrategy<Option<String>> {
    let text = match column {
        0 => prop::collection::vec(
            prop::sample::select(vec![
                "Acme", "Acne", "Foods", "Food", "Amber", "Umber", "GmbH", "Inc", "The",
            ]),
            1..4,
        )
        .prop_map(|words| words.join(" "))
        .boxed(),
        1 => "(ann|anna|anne|hanna|bob|rob|xi)[a-c]?".prop_map(|text| text).boxed(),
        _ => "(acme|acne|amber|umbra)[a-b]?\\.(com|de)".prop_map(|text| text).boxed(),
    };
    prop_oneof![8 => text.prop_map(Some), 1 => Just(None), 1 => Just(Some(String::new()))].boxed()
}

fn rows() -> impl Strategy<Value = Vec<[Option<String>; 3]>> {
    prop::collection::vec((value(0), value(1), value(2)).prop_map(|(a, b, c)| [a, b, c]), 0..24)
}

fn rule() -> impl Strategy<Value = FieldRule> {
    let op = prop_oneof![
        Just(Operator::Exact),
        Just(Operator::Eq),
        Just(Operator::Contains),
        (1..=100_u32).prop_map(|percent| Operator::Fuzzy(f64::from(percent) / 100.0)),
    ];
    (0..3_usize, op).prop_map(|(column, op)| FieldRule::new(COLUMNS[column].0, op).unwrap())
}

fn as_table(side: &'static str, rows: &[[Option<String>; 3]]) -> Table {
    let columns: Vec<(&str, Vec<Option<String>>)> = (0..3)
        .map(|column| (COLUMNS[column].0, rows.iter().map(|row| row[column].clone()).collect()))
        .collect();
    table(side, &columns)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rules_find_what_comparing_every_pair_finds(
        left in rows(),
        right in rows(),
        groups in prop::collection::vec(prop::collection::vec(rule(), 1..4), 1..4),
        threshold in prop_oneof![Just(None), (0..=10_u32).prop_map(|tenth| Some(f64::from(tenth) / 10.0))],
        itself in any::<bool>(),
    ) {
        let specs: Vec<FieldSpec> = [Kind::Company, Kind::FirstName, Kind::Domain]
            .into_iter()
            .zip(COLUMNS)
            .map(|(kind, (name, _))| FieldSpec::new(name, Some(kind), name, name))
            .collect();
        let options = Options { threshold, fields: specs, ..Options::default() };
        let right = if itself { left.clone() } else { right };
        let mut expected = Vec::new();
        for (at, one) in left.iter().enumerate() {
            for (other_at, other) in right.iter().enumerate() {
                if itself && other_at >= at {
                    continue;
                }
                let sure = groups.iter().filter_map(|group| {
                    let mut open = 1.0;
                    for rule in group {
                        let column = COLUMNS.iter().position(|(name, _)| *name == rule.field).unwrap();
                        let alike = says(rule, one[column].as_deref(), other[column].as_deref())?;
                        open *= 1.0 - COLUMNS[column].1 * alike;
                    }
                    Some(1.0 - open)
                }).fold(None, |best: Option<f64>, sure| Some(best.map_or(sure, |best| best.max(sure))));
                if let Some(sure) = sure && sure >= threshold.unwrap_or(0.0) {
                    expected.push((at as u32, other_at as u32, sure));
                }
            }
        }
        let left_table = as_table("left", &left);
        let right_table = as_table("right", &right);
        let mut found = by_rules(&left_table, (!itself).then_some(&right_table), &groups, &options);
        found.sort_by_key(|pair| (pair.0, pair.1));
        prop_assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert_eq!((found.0, found.1), (expected.0, expected.1));
            prop_assert!((found.2 - expected.2).abs() < 1e-12);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_that_match_have_a_key_in_common_whatever_table_they_are_in(
        left in rows(),
        right in rows(),
        groups in prop::collection::vec(prop::collection::vec(rule(), 1..4), 1..4),
    ) {
        let fields = [Kind::Company, Kind::FirstName, Kind::Domain]
            .into_iter()
            .zip(COLUMNS)
            .map(|(kind, (name, _))| FieldSpec::new(name, Some(kind), name, name))
            .collect();
        let options = Options { fields, ..Options::default() };
        let keyed = |rows: &[[Option<String>; 3]]| {
            let table = as_table("", rows);
            RuleSet::bind(&table, None, &groups, &options.fields, &BTreeMap::new()).unwrap().row_keys()
        };
        let (lefts, rights) = (keyed(&left), keyed(&right));
        let (left_table, right_table) = (as_table("left", &left), as_table("right", &right));
        for (one, other, _) in by_rules(&left_table, Some(&right_table), &groups, &options) {
            let (one, other) = (lefts.get(one as usize), rights.get(other as usize));
            prop_assert!(one.iter().any(|key| other.contains(key)));
        }
        for (at, row) in left.iter().enumerate() {
            let alone = keyed(std::slice::from_ref(row));
            prop_assert_eq!(alone.get(0), lefts.get(at));
            prop_assert_eq!(alone.profiles[0], lefts.profiles[at]);
        }
    }

    #[test]
    fn top_is_the_beginning_of_what_every_match_gives(
        left in rows(),
        right in rows(),
        groups in prop::collection::vec(prop::collection::vec(rule(), 1..4), 1..4),
        top in 1..4_usize,
    ) {
        let (left, right) = (as_table("left", &left), as_table("right", &right));
        let found = |top| by_rules(&left, Some(&right), &groups, &Options { top, ..Options::default() });
        let mut expected = found(None);
        let mut given = BTreeMap::new();
        expected.retain(|&(left, ..)| {
            let count = given.entry(left).or_insert(0);
            *count += 1;
            *count <= top
        });
        prop_assert_eq!(found(Some(top)), expected);
    }
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
    assert!(error.to_string().contains("give top="), "{error}");
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

fn people(count: usize) -> (Table, Table) {
    let first =
        ["ann", "bob", "carl", "dora", "emil", "fay", "gus", "hilda", "ivan", "jane", "karl"];
    let last = [
        "smith", "jones", "miller", "garcia", "weber", "rossi", "dubois", "novak", "larsen", "kim",
        "olsen", "lopez", "fischer",
    ];
    let name = |row: usize| {
        (
            first[row * 7 % 11].to_owned(),
            format!("{}{}", last[row * 5 % 13], ["", "s", "er"][row / 13 % 3]),
        )
    };
    let make = |side, twist: bool| {
        let firsts = (0..count).map(|row| Some(name(row).0)).collect();
        let lasts = (0..count)
            .map(|row| {
                let mut last = name(row).1;
                if twist && row % 4 == 0 {
                    last.insert(2, 'x');
                }
                Some(last)
            })
            .collect();
        let births = (0..count)
            .map(|row| Some(format!("19{:02}-{:02}-{:02}", row % 97, row % 12 + 1, row % 28 + 1)))
            .collect();
        table(side, &[("first_name", firsts), ("last_name", lasts), ("birth_date", births)])
    };
    (make("left", true), make("right", false))
}

#[test]
fn learning_without_labels_finds_the_same_people() {
    let (left, right) = people(2_000);
    let options = Options { top: Some(1), ..Options::default() };
    let found = link(&left, Some(&right), &options, &Unwatched).unwrap();
    let right_ones = found.all.iter().filter(|found| found.left == found.right).count();
    assert!(right_ones > 1_960, "{right_ones}");
    assert!(found.all.len() - right_ones < 20, "{}", found.all.len() - right_ones);
}

#[test]
fn contributions_add_up_to_the_log_odds() {
    let (left, right) = people(500);
    let found =
        link(&left, Some(&right), &Options { top: Some(1), ..Options::default() }, &Unwatched)
            .unwrap();
    for at in [0, 7, 100] {
        let explained = found.explain(at).unwrap();
        let sum: f64 = explained.contributions.iter().map(|part| part.weight).sum();
        let sure = explained.confidence;
        if sure < 1.0 - 1e-6 {
            assert!((sum - (sure / (1.0 - sure)).log2()).abs() < 0.05, "{explained:?}");
        } else {
            assert!(sum > 19.0, "{explained:?}");
        }
        assert!(explained.sentence.contains("with confidence"), "{}", explained.sentence);
    }
    assert!(found.explain(1_000_000).is_err());
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
fn a_model_is_saved_and_read_and_gives_the_same() {
    let (left, right) = people(500);
    let options = Options { top: Some(1), ..Options::default() };
    let model = learn(&left, Some(&right), &options, &Unwatched).unwrap();
    let read = Model::from_json(&model.to_json().unwrap()).unwrap();
    assert_eq!(read, model);
    let again = Options { model: Some(read), ..options.clone() };
    let with = link(&left, Some(&right), &again, &Unwatched).unwrap();
    let without = link(&left, Some(&right), &options, &Unwatched).unwrap();
    assert_eq!(with.all, without.all);
}

#[test]
fn a_model_of_another_version_or_of_other_fields_is_refused() {
    let (left, right) = people(200);
    let model = learn(&left, Some(&right), &Options::default(), &Unwatched).unwrap();
    let version = format!("\"version\": {}", model.version);
    let old = model.to_json().unwrap().replacen(&version, "\"version\": 99", 1);
    let error = Model::from_json(&old).unwrap_err().to_string();
    assert!(error.contains("version 99") && error.contains("learn it again"), "{error}");
    assert!(Model::from_json("{}").is_err());
    assert!(Model::from_json("no json").is_err());
    let options = Options {
        model: Some(model),
        fields: vec![FieldSpec::new("last_name", None, "last_name", "last_name")],
        ..Options::default()
    };
    let error = link(&left, Some(&right), &options, &Unwatched).err().unwrap().to_string();
    assert!(error.contains("was learned on the fields"), "{error}");
}

#[test]
fn labels_change_what_is_learned() {
    let (left, right) = people(600);
    let plain =
        learn(&left, Some(&right), &Options { top: Some(1), ..Options::default() }, &Unwatched)
            .unwrap();
    let labels = (0..200).map(|row| (row, row, false)).collect();
    let told = learn(
        &left,
        Some(&right),
        &Options { top: Some(1), labels, ..Options::default() },
        &Unwatched,
    )
    .unwrap();
    assert!(told.matched < plain.matched - 0.1, "{} {}", told.matched, plain.matched);
}

#[test]
fn a_label_beyond_the_tables_is_refused() {
    let (left, right) = people(200);
    let options = Options { labels: vec![(5, 7_000, true)], ..Options::default() };
    let error = learn(&left, Some(&right), &options, &Unwatched).err().unwrap().to_string();
    assert!(error.contains("right row 7000") && error.contains("correct the labels"), "{error}");
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
