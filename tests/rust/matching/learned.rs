//! Models that are learned from tables, with labels and without.

use lantern::matching::{
    linkage::{learn, learn::Model},
    options::{Options, Unwatched},
    pipeline::link,
    tables::{FieldSpec, Table},
};

use super::table;

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
