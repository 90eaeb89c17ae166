//! What linkage promises of tables that nobody tuned it to.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, new_null_array};
use arrow::datatypes::DataType;

use super::{
    Linked,
    candidates::{Index, Limits, Scratch},
    compare::evidence::left_row,
    learn::Model,
};
use crate::{
    error::Result,
    found_pairs::Match,
    options::{Options, Unwatched},
    pipeline::link,
    results::Matches,
    tables::Table,
};

type Row = Vec<(&'static str, String)>;

fn table(rows: &[Row]) -> Table {
    let names: Vec<&str> = rows[0].iter().map(|(name, _)| *name).collect();
    let columns = names.iter().enumerate().map(|(at, name)| {
        let texts: StringArray = rows.iter().map(|row| Some(row[at].1.as_str())).collect();
        (*name, Arc::new(texts) as ArrayRef)
    });
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    Table::new(batch.schema(), vec![batch], "").unwrap()
}

fn top(count: Option<usize>) -> Options {
    Options { top: count, ..Options::default() }
}

fn matched(left: &Table, right: &Table) -> Matches {
    link(left, Some(right), &top(Some(1)), &Unwatched).unwrap()
}

/// A name that each number has for itself, made of syllables that others have, too.
fn name(number: usize) -> String {
    const PARTS: [&str; 16] = [
        "bar", "cel", "dor", "fen", "gul", "hav", "jis", "kor", "lem", "min", "nov", "pra", "qui",
        "ros", "tav", "wex",
    ];
    let mixed = number.wrapping_mul(40_503) % 65_536;
    [12, 8, 4, 0].iter().map(|shift| PARTS[mixed >> shift & 15]).collect()
}

fn person(number: usize, employer: usize) -> Row {
    vec![
        ("name", format!("{} {}", name(number % 90), name(3_000 + number))),
        ("email", format!("{}@{}.com", name(3_000 + number), name(20_000 + employer))),
        ("company", format!("{} {}", name(20_000 + employer), name(30_000 + employer))),
        ("phone", format!("+4930{:07}", 1_000_003 + employer * 7_919)),
    ]
}

fn people(numbers: impl Iterator<Item = (usize, usize)>, columns: &[&str]) -> Table {
    let rows: Vec<Row> = numbers
        .map(|(number, employer)| {
            let row = person(number, employer);
            row.into_iter().filter(|(name, _)| columns.contains(name)).collect()
        })
        .collect();
    table(&rows)
}

const COLUMNS: [&[&str]; 5] = [
    &["name", "company"],
    &["name", "phone"],
    &["email", "company"],
    &["email", "phone"],
    &["name", "company", "phone"],
];

#[test]
fn nobody_matches_a_colleague() {
    for columns in COLUMNS {
        let right = people((0..300).map(|at| (at, at)), columns);
        let strangers = people((0..300).map(|at| (1_000 + at, at)), columns);
        let wrong = matched(&strangers, &right).all.len();
        assert!(wrong <= 3, "{columns:?}: {wrong} of 300 strangers");
    }
}

#[test]
fn those_who_are_known_are_found_among_colleagues_of_others() {
    for columns in COLUMNS {
        let right = people((0..300).map(|at| (at, at)), columns);
        let number = |at| if at < 150 { at } else { 1_000 + at };
        let half = people((0..300).map(|at| (number(at), at)), columns);
        let (known, others): (Vec<Match>, Vec<Match>) =
            matched(&half, &right).all.iter().partition(|found| found.left < 150);
        assert!(known.len() >= 143, "{columns:?}: {} of 150 known", known.len());
        assert!(known.iter().all(|found| found.left == found.right), "{columns:?}");
        assert!(others.len() <= 3, "{columns:?}: {} of 150 strangers", others.len());
    }
}

#[test]
fn copies_in_one_column_are_found_however_few() {
    for column in ["email", "phone"] {
        for copies in [1, 30, 300] {
            let numbers = (0..300).chain(0..copies);
            let one = people(numbers.map(|at| (at, at)), &[column]);
            let found = link(&one, None, &Options::default(), &Unwatched).unwrap();
            let pairs: Vec<_> = found.all.iter().map(|pair| (pair.left, pair.right)).collect();
            let copies = u32::try_from(copies).unwrap();
            let expected: Vec<_> = (0..copies).map(|at| (300 + at, at)).collect();
            assert_eq!(pairs, expected, "{column}");
        }
    }
}

#[test]
fn copies_are_found_where_values_are_told_apart_by_a_number() {
    let site = |at: usize| vec![("domain", format!("acme{at}.com"))];
    let one = table(&(0..300).chain(0..60).map(site).collect::<Vec<Row>>());
    let found = link(&one, None, &Options::default(), &Unwatched).unwrap();
    let pairs: Vec<_> = found.all.iter().map(|pair| (pair.left, pair.right)).collect();
    assert_eq!(pairs, (0..60).map(|at| (300 + at, at)).collect::<Vec<_>>());
}

#[test]
fn copies_on_the_right_add_up_their_shares_and_the_tie_is_said() {
    let columns = &["name", "email", "company"];
    let left = people((0..200).map(|at| (at, at)), columns);
    let right = people((0..200).chain(0..200).map(|at| (at, at)), columns);
    let found = matched(&left, &right);
    assert_eq!(found.all.len(), 200);
    assert!(found.all.iter().all(|pair| pair.confidence > 0.9 && pair.ties == 1));
    assert!(found.warnings.iter().any(|text| text.contains("copies")), "{:?}", found.warnings);
}

#[test]
fn all_matches_are_given_where_all_are_asked_for() {
    let columns = &["name", "email"];
    let left = people((0..100).map(|at| (at, at)), columns);
    let right = people((0..100).flat_map(|at| vec![(at, at); 20]), columns);
    let found = link(&left, Some(&right), &top(None), &Unwatched).unwrap();
    assert_eq!(found.all.len(), 2_000);
    assert!(found.recall.is_some_and(|recall| recall > 0.95), "{:?}", found.recall);
}

#[test]
fn very_many_copies_of_one_record_are_candidates() {
    let one = people((0..400).map(|at| (if at < 200 { 0 } else { at }, at)), &["name"]);
    let fields = super::fields(&one, None, &Options::default()).unwrap();
    let index = Index::of(&fields, 400, true);
    let mut values = Vec::new();
    left_row(&fields, 199, &mut values);
    let mut scratch = Scratch::default();
    let limits = Limits { least: 8, most: 64 };
    let found = index.candidates(&values, 199, limits, &mut scratch);
    assert!(found.len() >= 60, "{}", found.len());
    assert!(found.iter().all(|&(_, row)| row < 199));
}

#[test]
fn tables_without_values_give_no_match_and_no_error() {
    let some = people((0..5).map(|at| (at, at)), &["name", "company"]);
    let empty = Table::new(some.schema.clone(), Vec::new(), "").unwrap();
    let nulls = some
        .schema
        .fields()
        .iter()
        .map(|field| (field.name().as_str(), new_null_array(&DataType::Utf8, 3)));
    let nulls =
        RecordBatch::try_from_iter_with_nullable(nulls.map(|(name, array)| (name, array, true)));
    let nulls = nulls.unwrap();
    let nulls = Table::new(nulls.schema(), vec![nulls], "").unwrap();
    for (left, right) in [(&empty, &some), (&some, &empty), (&nulls, &some), (&some, &nulls)] {
        assert!(matched(left, right).all.is_empty());
    }
    assert!(link(&empty, None, &Options::default(), &Unwatched).unwrap().all.is_empty());
    assert!(link(&nulls, None, &Options::default(), &Unwatched).unwrap().all.is_empty());
}

#[test]
fn a_saved_model_knows_its_fields() -> Result<()> {
    let columns = &["name", "company", "phone"];
    let right = people((0..200).map(|at| (at, at)), columns);
    let left = people((0..200).map(|at| (at, at)), columns);
    let model = super::learn(&left, Some(&right), &top(Some(1)), &Unwatched)?;
    let model = Model::from_json(&model.to_json()?)?;
    let options = Options { model: Some(model), ..top(Some(1)) };
    for at in [0, 7, 150] {
        let mut row = person(at, at);
        row.reverse();
        row.push(("note", "call again".to_owned()));
        let found = link(&table(&[row]), Some(&right), &options, &Unwatched)?;
        assert_eq!(found.all.len(), 1, "row {at}");
        assert_eq!(found.all[0].right as usize, at);
    }
    let none = Table::new(left.schema.clone(), Vec::new(), "")?;
    assert!(link(&none, Some(&right), &options, &Unwatched)?.all.is_empty());
    Ok(())
}

#[test]
fn labels_bind_the_result() {
    let columns = &["name", "company"];
    let right = people((0..100).map(|at| (at, at)), columns);
    let left = people((0..100).map(|at| (at, at)), columns);
    let options = Options { labels: vec![(3, 3, false), (4, 90, true)], ..top(Some(1)) };
    let found = link(&left, Some(&right), &options, &Unwatched).unwrap();
    let of = |row: u32| found.all.iter().find(|pair| pair.left == row).copied();
    assert_eq!(of(3).map(|pair| pair.right), None);
    assert_eq!(of(4).map(|pair| (pair.right, pair.confidence)), Some((90, 1.0)));
    let again = people((0..100).chain(0..1).map(|at| (at, at)), columns);
    let options = Options { labels: vec![(0, 100, false)], ..Options::default() };
    assert!(link(&again, None, &options, &Unwatched).unwrap().all.is_empty());
}

#[test]
fn the_same_tables_give_the_same_result() {
    let right = people((0..300).map(|at| (at, at)), &["name", "company"]);
    let left = people((150..450).map(|at| (at, at)), &["name", "company"]);
    let once = matched(&left, &right).all;
    assert!(once.len() >= 140);
    assert_eq!(matched(&left, &right).all, once);
}

#[test]
fn contributions_add_up_to_the_confidence() {
    let right = people((0..200).map(|at| (at, at)), &["name", "company"]);
    let left = people((100..300).map(|at| (at, at)), &["name", "company"]);
    let found = matched(&left, &right);
    let explained = found.explain(0).unwrap();
    if explained.confidence < 0.999_999 {
        let bits: f64 = explained.contributions.iter().map(|part| part.weight).sum();
        let confidence = 1.0 / (1.0 + (-bits).exp2());
        assert!((confidence - explained.confidence).abs() < 1e-3, "{explained:?}");
    }
}

#[test]
fn learning_finds_how_many_rows_match() {
    let columns = &["name", "company"];
    let right = people((0..300).map(|at| (at, at)), columns);
    for known in [0_usize, 60, 270] {
        let left =
            people((0..300).map(|at| (if at < known { at } else { 1_000 + at }, at)), columns);
        let linked: Linked = super::link(&left, Some(&right), &top(Some(1)), &Unwatched).unwrap();
        let share = known as f64 / 300.0;
        assert!((linked.model.matched - share).abs() < 0.1, "{} for {share}", linked.model.matched);
    }
}

fn company(number: usize, with: &[(&'static str, String)]) -> Row {
    let mut row = vec![("company", format!("{} {}", name(number), name(40_000 + number % 12)))];
    row.extend(with.iter().cloned());
    row
}

#[test]
fn subsidiaries_are_not_their_holding_though_they_share_its_domain() {
    let domain = |number: usize| ("domain", format!("{}.com", name(number)));
    let mut rows: Vec<Row> =
        (0..300).map(|at| company(at, &[domain(at), ("city", name(50_000 + at % 40))])).collect();
    rows.extend(rows.clone());
    for at in 0..60 {
        let mut row = company(at, &[domain(at), ("city", name(50_000 + (at + 7) % 40))]);
        row[0].1 = format!("{} {} {}", name(at), name(60_000 + at % 9), name(40_000 + at % 12));
        rows.push(row);
    }
    let found = link(&table(&rows), None, &Options::default(), &Unwatched).unwrap();
    let (copies, others): (Vec<Match>, Vec<Match>) =
        found.all.iter().partition(|pair| pair.left == pair.right + 300 && pair.left < 600);
    assert!(copies.len() >= 285, "{} of 300 copies", copies.len());
    assert!(others.len() <= 40, "{} subsidiaries", others.len());
}

#[test]
#[ignore = "not reached: none of the 6 copies is found; calibration takes 10 bits of their 4.8"]
fn names_of_a_family_are_no_copies_where_copies_are_equal() {
    let mut rows: Vec<Row> = (0..300).map(|at| company(at, &[])).collect();
    rows.extend((0..6).map(|at| company(at, &[])));
    rows.extend((100..140).map(|at| {
        vec![(
            "company",
            format!("{} {} {}", name(at), name(60_000 + at % 9), name(40_000 + at % 12)),
        )]
    }));
    let found = link(&table(&rows), None, &Options::default(), &Unwatched).unwrap();
    let (copies, others): (Vec<Match>, Vec<Match>) =
        found.all.iter().partition(|pair| pair.left == pair.right + 300);
    assert_eq!(copies.len(), 6);
    assert!(others.len() <= 1, "{} of a family", others.len());
}

/// Companies that are told apart by their names, in some cities.
fn in_a_city(at: usize, company: String) -> Row {
    vec![("company", company), ("city", name(50_000 + at % 12))]
}

#[test]
fn names_of_one_word_are_found_with_a_typing_error_beside_a_city() {
    let rows = (0..200).map(|at| in_a_city(at, name(at * 97)));
    let right = table(&rows.collect::<Vec<Row>>());
    let typed = |at: usize| {
        let mut letters: Vec<char> = name(at * 97).chars().collect();
        letters.swap(4, 5);
        in_a_city(at, letters.into_iter().collect())
    };
    let found = matched(&table(&(0..200).map(typed).collect::<Vec<Row>>()), &right).all;
    let right = found.iter().filter(|pair| pair.left == pair.right).count();
    assert!(right >= 150, "{right} of 200");
    assert!(found.len() - right <= 5, "{} wrong", found.len() - right);
}

#[test]
fn rows_that_are_copies_of_each_other_have_one_match_together() {
    let columns = &["name", "email", "company"];
    let left = people((0..100).chain(0..100).map(|at| (at, at)), columns);
    let right = people((0..100).map(|at| (at, at)), columns);
    let found = matched(&left, &right);
    assert_eq!(found.all.len(), 200);
    assert!(found.all.iter().all(|pair| pair.confidence > 0.9), "{:?}", found.all);
}

#[test]
#[ignore = "not reached: all 50 near misses are given; learning believes that 99.9 % of rows match"]
fn where_each_row_has_one_match_near_misses_are_left_to_their_own() {
    // Titles of a series, told apart by one word; every other one is missing on the right.
    let title = |at: usize| {
        let word = |from: usize, of: usize| name(from + of);
        vec![(
            "title",
            format!(
                "{} {} {} {}",
                word(0, at / 2),
                word(3_000, at / 2 % 50),
                word(9_000, at / 2 % 90),
                word(20_000, at)
            ),
        )]
    };
    let left = table(&(0..400).map(title).collect::<Vec<Row>>());
    let right = table(&(0..400).filter(|at| at % 8 != 1).map(title).collect::<Vec<Row>>());
    let found = matched(&left, &right);
    let number = |right: usize| (0..400).filter(|at| at % 8 != 1).nth(right).unwrap();
    let (own, wrong): (Vec<Match>, Vec<Match>) =
        found.all.iter().partition(|pair| pair.left as usize == number(pair.right as usize));
    assert!(own.len() >= 340, "{} of 350", own.len());
    assert!(wrong.len() <= 5, "{} of 50", wrong.len());
}

#[test]
fn columns_that_most_rows_share_are_said_to_name_nobody() {
    let rows = |from: usize| -> Vec<Row> {
        (from..from + 200).map(|at| vec![("city", name(50_000 + at % 23))]).collect()
    };
    let found = matched(&table(&rows(0)), &table(&rows(90)));
    assert!(
        found.warnings.iter().any(|text| text.contains("who a row is")),
        "{:?}",
        found.warnings
    );
}

#[test]
fn two_rows_are_matched_as_well_as_many() {
    let row = |name: Option<&str>, email: &str| (name.map(str::to_owned), email.to_owned());
    let of = |rows: &[(Option<String>, String)]| {
        let names: StringArray = rows.iter().map(|row| row.0.clone()).collect();
        let emails: StringArray = rows.iter().map(|row| Some(row.1.clone())).collect();
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("name", Arc::new(names) as ArrayRef, true),
            ("email", Arc::new(emails) as ArrayRef, true),
        ]);
        let batch = batch.unwrap();
        Table::new(batch.schema(), vec![batch], "").unwrap()
    };
    let left = of(&[row(Some("Ada Byron"), "ada@byron.org"), row(None, "carl@gauss.de")]);
    let right =
        of(&[row(Some("Ada Byron"), "ada@byron.org"), row(Some("Carl Gauss"), "carl@gauss.de")]);
    let found = matched(&left, &right);
    let pairs: Vec<_> = found.all.iter().map(|pair| (pair.left, pair.right)).collect();
    assert_eq!(pairs, [(0, 0), (1, 1)], "{:?}", found.all);
}

/// A record of a person with a name that some share, and with one or both of their addresses.
fn record(number: usize, has_email: bool, has_phone: bool) -> Row {
    let given = |has: bool, value: String| if has { value } else { String::new() };
    vec![
        ("name", format!("{} {}", name(number % 40), name(3_000 + number % 90))),
        ("email", given(has_email, format!("{}@post.com", name(20_000 + number)))),
        ("phone", given(has_phone, format!("+4930{:07}", 1_000_003 + number * 7_919))),
    ]
}

#[test]
fn two_records_with_nothing_but_a_name_in_common_are_one_if_a_third_has_what_each_has() {
    let mut rows: Vec<Row> = (0..200).map(|at| record(at, true, false)).collect();
    rows.extend((0..200).map(|at| record(at, false, true)));
    // Every other person has a third record, with both.
    rows.extend((0..200).step_by(2).map(|at| record(at, true, true)));
    let found = link(&table(&rows), None, &Options::default(), &Unwatched).unwrap();
    let of_two = found.all.iter().filter(|pair| pair.left < 400 && pair.left == pair.right + 200);
    let (with_third, alone): (Vec<Match>, Vec<Match>) =
        of_two.partition(|pair| pair.right % 2 == 0);
    assert!(with_third.len() >= 95, "{} of 100 with a third record", with_third.len());
    assert!(alone.len() <= 3, "{} of 100 without one", alone.len());
}

/// Two rows of each of 150 companies: what the first list calls it and what the second one does, with
/// where it is.
fn named_twice(names: impl Fn(usize, usize) -> String, place: impl Fn(usize) -> usize) -> Table {
    let rows: Vec<Row> = (0..300)
        .map(|row| {
            let (at, list) = (row % 150, row / 150);
            let of = place(at);
            vec![
                ("company", names(at, list)),
                ("street", format!("{} Street {}", name(50_000 + of % 23), 1 + of)),
                ("phone", format!("+4930{:07}", 1_000_003 + of * 7_919)),
            ]
        })
        .collect();
    table(&rows)
}

#[test]
fn a_site_is_found_under_the_name_of_its_organisation_and_under_that_of_its_place() {
    let word = |from: usize, at: usize| name(from + at);
    let sites = named_twice(
        |at, list| match list {
            0 => format!("{} {} Center", word(0, at), word(60_000, at % 9)),
            _ => format!("{} {} {}", word(20_000, at % 40), word(0, at), word(61_000, at % 7)),
        },
        |at| at,
    );
    let found = link(&sites, None, &Options::default(), &Unwatched).unwrap();
    let (same, others): (Vec<Match>, Vec<Match>) =
        found.all.iter().partition(|pair| pair.left == pair.right + 150);
    assert!(same.len() >= 135, "{} of 150 sites", same.len());
    assert!(others.len() <= 3, "{} others", others.len());
    assert!(same.iter().all(|pair| pair.confidence < 0.9), "a part of the names differs");
}

#[test]
fn tenants_of_one_building_are_not_one_though_they_share_a_trade() {
    // Ten buildings with a porter's phone, and twelve trades.
    let tenants = named_twice(
        |at, list| format!("{} {}", name(150 * list + at), name(60_000 + (at + list) % 12)),
        |at| at % 10,
    );
    let found = link(&tenants, None, &Options::default(), &Unwatched).unwrap();
    assert!(found.all.len() <= 3, "{} tenants", found.all.len());
}

#[test]
fn what_may_be_a_subsidiary_is_never_sure() {
    let trade = |number: usize| name(60_000 + number % 10);
    let mut rows: Vec<Row> = Vec::new();
    for at in 0..120 {
        for branch in 0..1 + at % 3 {
            rows.push(vec![
                ("company", format!("{} {}", name(at), trade(at + 3 * branch))),
                ("street", format!("{} Street {}", name(50_000 + at % 23), 1 + at)),
                ("phone", format!("+4930{:07}", 1_000_003 + at * 7_919)),
            ]);
        }
    }
    let first = rows.len();
    rows.extend(rows.clone().into_iter().step_by(3));
    let found = link(&table(&rows), None, &Options::default(), &Unwatched).unwrap();
    let sure: Vec<&Match> = found.all.iter().filter(|pair| pair.confidence >= 0.9).collect();
    let copy = |pair: &&&Match| {
        pair.left as usize >= first && 3 * (pair.left as usize - first) == pair.right as usize
    };
    assert!(sure.len() >= first / 4, "{} of {} copies", sure.len(), first.div_ceil(3));
    assert_eq!(sure.iter().filter(copy).count(), sure.len(), "only copies are sure");
    // What is explained is what was found.
    for at in 0..found.all.len() {
        let explained = found.explain(at).unwrap();
        let bits: f64 = explained.contributions.iter().map(|part| part.weight).sum();
        let confidence = 1.0 / (1.0 + (-bits).exp2());
        assert!((confidence - explained.confidence).abs() < 1e-3, "{explained:?}");
    }
}

#[test]
fn a_misspelled_name_beside_its_employer_is_found() {
    // Many have the given names, and the family names come again.
    let person = |at: usize| format!("{} {}", name(at % 12), name(3_000 + at % 40));
    let rows = |misspelled: bool| -> Table {
        let rows: Vec<Row> = (0..300)
            .map(|at| {
                let mut name = person(at);
                if misspelled && at % 3 == 0 {
                    let last = name.pop().unwrap();
                    let before = name.pop().unwrap();
                    name.extend([last, before]);
                }
                vec![("name", name), ("company", format!("{} {}", self::name(20_000 + at), at))]
            })
            .collect();
        table(&rows)
    };
    let found = matched(&rows(true), &rows(false));
    let right = found.all.iter().filter(|pair| pair.left == pair.right).count();
    assert!(right >= 285, "{right} of 300");
    assert!(found.all.len() <= right + 3, "{} others", found.all.len() - right);
}

#[test]
fn firms_of_two_places_are_not_one_though_they_share_a_trade() {
    for (left, right) in [
        (["北京银行", "上海电力", "广州证券"], ["南京银行", "北京电力", "杭州证券"]),
        (["大阪商事", "京都製薬", "広島運輸"], ["東京商事", "横浜製薬", "福岡運輸"]),
        (["한국전력", "서울은행", "부산건설"], ["중국전력", "대구은행", "울산건설"]),
        (
            ["红杉第一基金", "高瓴基金一号", "启明三期"],
            ["红杉第二基金", "高瓴基金二号", "启明四期"],
        ),
        (
            ["Sequoia Fund One", "Amber Series Two", "Wexford Fonds Drei"],
            ["Sequoia Fund Three", "Amber Series Five", "Wexford Fonds Vier"],
        ),
    ] {
        for rows in [1, 3] {
            let of = |names: &[&str]| {
                let rows: Vec<Row> =
                    names[..rows].iter().map(|&name| vec![("company", name.to_owned())]).collect();
                table(&rows)
            };
            let found = matched(&of(&left), &of(&right)).all;
            assert!(found.is_empty(), "{left:?} {right:?}: {found:?}");
        }
    }
}

#[test]
fn what_only_one_list_has_tells_companies_of_a_shared_phrase_apart() {
    let of = |names: &[(&str, &str)], right: bool| {
        let others = (0..60).map(|at| format!("{} {}", name(at), name(500 + at)));
        let pick = |&(one, other): &(&str, &str)| if right { other } else { one }.to_owned();
        let rows: Vec<Row> =
            names.iter().map(pick).chain(others).map(|name| vec![("company", name)]).collect();
        table(&rows)
    };
    let names = [
        ("University of Lindmark", "University of Torvald"),
        ("Royal Hotel Brenna", "Royal Hotel Olsin"),
        ("General Spindles", "General Kettles"),
        // Of a long name, a word that is garbled does not make another.
        (
            "Nordby Tidal Works Chartered Keel Company Hafn",
            "Nordby Tidal Works Chartered Xq Company Hafn",
        ),
    ];
    let found = matched(&of(&names, false), &of(&names, true)).all;
    let wrong: Vec<_> = found.iter().filter(|pair| pair.left < 3).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(found.len(), 61);
}
