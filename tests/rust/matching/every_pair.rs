//! Rules against comparing every pair, on random tables.

use std::collections::BTreeMap;

use lantern::matching::{
    normalize::{company_key, domain_key, first_name_key},
    options::Options,
    rules::{FieldRule, Operator, RuleSet},
    similarity::Similarity,
    tables::{FieldSpec, Kind, Table},
};
use proptest::prelude::*;

use super::{by_rules, table};

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
