//! Frames matched with each other and with themselves.

use lantern::{error::ErrorKind, matching::results::golden::Strategy};
use lantern_polars::{MatchOptions, dedupe, match_frames};
use polars::prelude::*;

fn leads() -> DataFrame {
    let first = df!("lead" => [10, 11], "email" => ["ada@acme.com", "bob@globex.com"]).unwrap();
    let second = df!("lead" => [12, 13], "email" => [Some("eve@initech.com"), None]).unwrap();
    let leads = first.vstack(&second).unwrap();
    assert_eq!(leads.first_col_n_chunks(), 2);
    leads
}

fn contacts() -> DataFrame {
    df!("contact" => ["c1", "c2", "c3"], "email" => ["EVE@initech.com", "nobody@x.org", " ada@acme.com"])
        .unwrap()
}

fn by_email() -> MatchOptions {
    MatchOptions {
        left_id: Some("lead".to_owned()),
        right_id: Some("contact".to_owned()),
        ..MatchOptions::by_rules(["email:eq"]).unwrap()
    }
}

#[test]
fn pairs_have_the_rows_and_ids_of_both_frames_with_their_types() {
    let contacts = contacts();
    let kind = DataType::from_categories(Categories::global());
    let contacts = contacts.lazy().with_column(col("contact").cast(kind.clone()));
    let matches = match_frames(leads().lazy(), &contacts, &by_email()).unwrap();
    let pairs = matches.frame().unwrap();
    assert_eq!(
        pairs.get_column_names(),
        ["left", "right", "left_id", "right_id", "confidence", "rules"]
    );
    assert_eq!(pairs.column("left").unwrap().u64().unwrap().to_vec(), [Some(0), Some(2)]);
    assert_eq!(pairs.column("right").unwrap().u64().unwrap().to_vec(), [Some(2), Some(0)]);
    assert_eq!(pairs.column("left_id").unwrap().i32().unwrap().to_vec(), [Some(10), Some(12)]);
    assert_eq!(pairs.column("right_id").unwrap().dtype(), &kind);
    let ids = pairs.column("right_id").unwrap().cast(&DataType::String).unwrap();
    assert_eq!(ids.str().unwrap().iter().collect::<Vec<_>>(), [Some("c3"), Some("c1")]);
    let rules = pairs.column("rules").unwrap().list().unwrap().get_as_series(0).unwrap();
    assert_eq!(rules.str().unwrap().get(0), Some("email:eq"));
    assert_eq!(matches.len(), 2);
    assert!(matches.explain(0).unwrap().sentence.contains("match"));
}

#[test]
fn rows_without_a_match_are_the_frames_own() {
    let (leads, contacts) = (leads(), contacts());
    let matches = match_frames(&leads, &contacts, &by_email()).unwrap();
    let left = matches.unmatched_left().unwrap();
    assert!(left.equals_missing(
        &df!("lead" => [11, 13], "email" => [Some("bob@globex.com"), None]).unwrap()
    ));
    assert!(matches.unmatched_right().unwrap().equals(&contacts.slice(1, 1)));
}

#[test]
fn frames_without_rows_match_nothing() {
    let (leads, contacts) = (leads(), contacts());
    let matches = match_frames(leads.slice(0, 0), &contacts, &by_email()).unwrap();
    assert!(matches.is_empty());
    let pairs = matches.frame().unwrap();
    assert_eq!(pairs.shape(), (0, 6));
    assert_eq!(pairs.column("left_id").unwrap().dtype(), &DataType::Int32);
    assert!(matches.unmatched_right().unwrap().equals(&contacts));
    let none = dedupe(leads.slice(0, 0), &MatchOptions::by_rules(["email:eq"]).unwrap()).unwrap();
    assert_eq!(none.frame().unwrap().height(), 0);
    assert_eq!(none.golden(&Strategy::First, &[]).unwrap().height(), 0);
}

#[test]
fn groups_of_rules_are_alternatives() {
    let left =
        df!("email" => [Some("a@x.com"), None], "phone" => [None, Some("+15145550100")]).unwrap();
    let right =
        df!("email" => [None, Some("A@x.com")], "phone" => [Some("514 555 0100"), None]).unwrap();
    let how = MatchOptions::by_rules(["email:eq"]).unwrap();
    assert_eq!(match_frames(&left, &right, &how).unwrap().len(), 1);
    let how = how.or_rules(["phone:contains"]).unwrap();
    let pairs = match_frames(&left, &right, &how).unwrap().frame().unwrap();
    assert_eq!(pairs.height(), 2);
}

#[test]
fn without_rules_a_model_is_learned() {
    let people = 60;
    let name = |n: usize| {
        format!("{} Holdings {}", ["Acme", "Globex", "Initech", "Umbrella"][n % 4], n * 7919)
    };
    let left = df!("company" => (0..people).map(name).collect::<Vec<_>>(), "city" => (0..people).map(|n| format!("City {}", n % 9)).collect::<Vec<_>>()).unwrap();
    let right = left.reverse();
    let matches = match_frames(&left, &right, &MatchOptions::default()).unwrap();
    assert!(matches.len() > people * 9 / 10, "{}", matches.len());
    let pairs = matches.frame().unwrap();
    assert_eq!(pairs.column("rules").unwrap().null_count(), pairs.height());
    for (left, right) in pairs
        .column("left")
        .unwrap()
        .u64()
        .unwrap()
        .iter()
        .flatten()
        .zip(pairs.column("right").unwrap().u64().unwrap().iter().flatten())
    {
        assert_eq!(left + right, people as u64 - 1);
    }
}

#[test]
fn golden_records_keep_the_types_of_the_frame() {
    let days =
        Series::new("day".into(), [19_000_i32, 19_002, 19_001]).cast(&DataType::Date).unwrap();
    let kind = DataType::from_categories(Categories::global());
    let stage = Series::new("stage".into(), [None, Some("won"), Some("won")]).cast(&kind).unwrap();
    let frame = DataFrame::new_infer_height(vec![
        Series::new("id".into(), [1_i64, 2, 3]).into(),
        Series::new("email".into(), ["a@x.com", "b@x.com", "A@x.com"]).into(),
        days.clone().into(),
        stage.into(),
        Series::new_null("nothing".into(), 3).into(),
    ])
    .unwrap();
    let how = MatchOptions {
        left_id: Some("id".to_owned()),
        ..MatchOptions::by_rules(["email:eq"]).unwrap()
    };
    let duplicates = dedupe(&frame, &how).unwrap();
    let clusters = duplicates.frame().unwrap();
    assert_eq!(clusters.get_column_names(), ["row", "id", "cluster", "rows"]);
    assert_eq!(duplicates.clusters(), [0, 1, 0]);
    assert_eq!(
        clusters.column("rows").unwrap().u64().unwrap().to_vec(),
        [Some(2), Some(1), Some(2)]
    );

    let golden = duplicates.golden(&Strategy::First, &[("day", Strategy::Max)]).unwrap();
    assert_eq!(golden.shape(), (2, 12));
    for column in frame.columns() {
        assert_eq!(golden.column(column.name()).unwrap().dtype(), column.dtype());
    }
    assert_eq!(golden.column("id").unwrap().i64().unwrap().to_vec(), [Some(1), Some(2)]);
    assert_eq!(golden.column("stage").unwrap().null_count(), 0);
    assert_eq!(golden.column("day_row").unwrap().u64().unwrap().to_vec(), [Some(2), Some(1)]);
    assert!(duplicates.golden(&Strategy::First, &[("no", Strategy::Max)]).is_err());
}

#[test]
fn what_cannot_be_matched_says_why() {
    let (leads, contacts) = (leads(), contacts());
    let how = MatchOptions { right_id: Some("contacts".to_owned()), ..by_email() };
    let error = match_frames(&leads, &contacts, &how).err().unwrap();
    assert!(error.to_string().contains("did you mean \"contact\"?"), "{error}");
    let error = MatchOptions::by_rules(["email:same"]).err().unwrap();
    assert!(error.is(ErrorKind::Validation), "{error}");
    let how =
        MatchOptions { weights: [("email".to_owned(), 0.5)].into(), ..MatchOptions::default() };
    let error = match_frames(&leads, &contacts, &how).err().unwrap();
    assert!(error.to_string().contains("leave the weights out"), "{error}");
    let empty = MatchOptions::by_rules::<&str>([]).unwrap();
    assert!(match_frames(&leads, &contacts, &empty).is_err());
}
