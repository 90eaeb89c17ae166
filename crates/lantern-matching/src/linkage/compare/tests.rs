//! Fields of a few values, compared pair by pair.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};

use super::{field::Field, role::Role, words::Scratch};
use crate::tables::{FieldSpec, Kind, Regions};

fn field(kind: Kind, left: &[&str], right: &[&str]) -> Field {
    let column = |texts: &[&str]| vec![Arc::new(StringArray::from(texts.to_vec())) as ArrayRef];
    let spec = FieldSpec::new("x", Some(kind), "x", "x");
    let (left, right) = (column(left), column(right));
    Field::of(&spec, kind, Role::Other, false, &left, Some(&right), &Regions::default()).unwrap()
}

/// The name of the level of one pair of values, among some others that are not alike.
fn level(kind: Kind, a: &str, b: &str) -> &'static str {
    const OTHERS: [&str; 6] =
        ["zeta quux", "omega plugh", "kappa xyzzy", "fnord", "grault", "waldo"];
    let mut left = vec![a];
    left.extend(OTHERS);
    let mut right = vec![b];
    right.extend(OTHERS);
    let field = field(kind, &left, &right);
    let compared =
        field.compare(field.values.left[0], field.values.right[0], &mut Scratch::default());
    kind.comparison().levels()[usize::from(compared.0) % field.levels()].name
}

#[test]
fn numbers_decide_between_names_of_the_same_words() {
    for (a, b, expected) in [
        ("Sequoia Fund 3", "Sequoia Fund 4", "numbers_differ"),
        ("Sequoia Fund III", "Sequoia Fund IV", "numbers_differ"),
        ("Sequoia Fund V", "Sequoia Fund VI", "numbers_differ"),
        ("Sequoia Fund I", "Sequoia Fund V", "numbers_differ"),
        ("Annual Report 2018", "Annual Report 2019", "numbers_differ"),
        ("Family Trust 1", "Family Trust 10", "numbers_differ"),
        ("Harbor View Unit 1204", "Harbor View Unit 1205", "numbers_differ"),
        ("Router RS388", "Router RS387", "numbers_differ"),
        ("Memory Stick 32GB", "Memory Stick 8GB", "numbers_differ"),
        ("Memory Stick 32 GB", "Memory Stick 32GB", "same"),
        ("Amber Clinic East", "Amber Clinic West", "numbers_differ"),
        ("Sequoia Fund 3", "Sequoia Fund III", "misspelled"),
        ("Sequoia Fund 3", "Sequoia Fund", "number_missing"),
        ("Sequoia Fund", "Sequoia Fund 3", "number_missing"),
        ("12 Harbor View Unit 4", "12 Harbor View Unit 5", "numbers_partly"),
        ("Malcolm Foods", "Malcolm Foods", "same"),
        ("Sequoia Fund One", "Sequoia Fund Three", "numbers_differ"),
        ("Sequoia Fund Two", "Sequoia Fund II", "misspelled"),
        ("Sequoia Fonds Eins", "Sequoia Fonds Zwei", "numbers_differ"),
        ("Fonds Sequoia Deux", "Fonds Sequoia Trois", "numbers_differ"),
        ("Sequoia Fondo Dos", "Sequoia Fondo Tres", "numbers_differ"),
        ("红杉第一基金", "红杉第二基金", "numbers_differ"),
        ("红杉基金一号", "红杉基金二号", "numbers_differ"),
        ("红杉基金一号", "红杉基金1号", "misspelled"),
    ] {
        assert_eq!(level(Kind::Text, a, b), expected, "{a} / {b}");
    }
    assert_eq!(level(Kind::Street, "12 High Street", "14 High Street"), "numbers_differ");
}

#[test]
fn names_of_companies_agree_by_words() {
    for (a, b, expected) in [
        ("Amber Ridge Foods", "Ridge Amber Foods", "rotated"),
        ("Amber Ridge Foods", "Amber Rdige Foods", "misspelled"),
        ("Massachusetts Institute Technology", "MIT", "acronym"),
        ("MIT", "Massachusetts Institute of Technology", "acronym"),
        ("Amber Ridge", "Amber Ridge Foods", "last_dropped"),
        ("Amber Ridge Foods", "Amber Ridge", "added"),
        ("华为技术", "华为技术", "same"),
        ("삼성 전자", "현대 전자", "different"),
        ("上海电气", "北京银行", "different"),
        ("北京银行", "南京银行", "exchanged"),
        ("大阪商事", "東京商事", "different"),
        ("上海电力", "北京电力", "different"),
        ("한국전력", "중국전력", "exchanged"),
        ("华为技术", "上海华为技术", "dropped"),
        ("华为技术服务", "上海华为技术", "overlap"),
    ] {
        assert_eq!(level(Kind::Company, a, b), expected, "{a} / {b}");
    }
}

#[test]
fn names_of_people_agree_by_given_and_family_names() {
    for (a, b, expected) in [
        ("Ada Byron", "Byron, Ada", "same"),
        ("Ada Byron", "Byron Ada", "rotated"),
        ("Ada Byron", "Ada Biron", "misspelled"),
        ("A. Byron", "Ada Byron", "initials"),
        ("Ada Byron", "Clara Byron", "family_only"),
        ("Ada Byron", "Ada Miller", "given_only"),
        ("Ada Byron", "Karl Miller", "different"),
        ("Maria Lopez", "Maria Garcia Lopez", "dropped"),
        ("王小明", "李小明", "given_only"),
        ("王小明", "王大伟", "family_only"),
        ("김민수", "김 민수", "same"),
        ("김민수", "이영희", "different"),
    ] {
        assert_eq!(level(Kind::Person, a, b), expected, "{a} / {b}");
    }
}

#[test]
fn lists_are_sets() {
    for (a, b, expected) in [
        ("Ada Byron, Karl Miller", "Ada Byron, Karl Miller", "same"),
        ("Ada Byron, Karl Miller", "Karl Miller; Ada Byron", "rotated"),
        ("Ada Byron, Zoe Miller", "A. Byron, Z. Miller", "initials"),
        ("Ada Byron, Karl Miller", "Ada Byron, Karl Miller, Zoe King", "dropped"),
        ("Ada Byron, Karl Miller, Zoe King", "Zoe King, Ada Byron", "added"),
        ("Ada Byron, Karl Miller", "Ada Byron, Zoe King", "overlap"),
        ("Ada Byron, Karl Miller", "Zoe King, Luc Petit", "different"),
    ] {
        assert_eq!(level(Kind::List, a, b), expected, "{a} / {b}");
    }
}

#[test]
fn equal_values_are_the_top_level_in_every_kind() {
    for (kind, text) in [
        (Kind::Company, "Amber Ridge Foods 3"),
        (Kind::Person, "Ada Byron"),
        (Kind::FirstName, "Ada"),
        (Kind::LastName, "Byron"),
        (Kind::Email, "ada@byron.org"),
        (Kind::Phone, "+14155552671"),
        (Kind::Domain, "byron.org"),
        (Kind::City, "London"),
        (Kind::Postal, "10115"),
        (Kind::Date, "1815-12-10"),
        (Kind::Amount, "1,200"),
        (Kind::Place, "52.52 13.405"),
        (Kind::List, "Ada Byron; Karl Miller"),
        (Kind::Country, "Germany"),
        (Kind::Text, "Sony PSLX350H"),
    ] {
        assert_eq!(level(kind, text, text), "same", "{kind}");
    }
}

#[test]
fn words_that_the_other_side_never_has_erase_nothing() {
    let others: Vec<String> =
        (0..60_u8).map(|at| format!("{0}{0}{0}", char::from(b'a' + at % 26))).collect();
    let mut left = vec!["amber ridge foods qx99 zyzzy"];
    let mut right = vec!["amber ridge foods wholesale deals"];
    left.extend(others.iter().map(String::as_str));
    right.extend(others.iter().map(String::as_str));
    let field = field(Kind::Text, &left, &right);
    let (code, bits) =
        field.compare(field.values.left[0], field.values.right[0], &mut Scratch::default());
    let level = field.kind.comparison().levels()[usize::from(code) % field.levels()];
    assert_eq!(level.name, "overlap");
    assert!(bits > 0.0);
}

#[test]
fn long_words_with_an_error_are_spellings_of_each_other() {
    let long = "donaudampfschifffahrtsgesellschaft";
    for wrong in [
        "donaudampfschifffahrtsgeselschaft",
        "donaudampfschiffahrtsgesellschaft",
        "dnoaudampfschifffahrtsgesellschaft",
        "donaudampfschifffahrtsgesellschafft",
    ] {
        let field = field(Kind::Text, &[wrong, "x"], &[long, "y"]);
        let vocabulary = field.vocabulary.as_ref().unwrap();
        let of = |word: &str| vocabulary.words.find(word).unwrap();
        assert!(vocabulary.spellings(of(wrong)).any(|other| other == of(long)), "{wrong}");
    }
}

#[test]
fn swapped_names_are_a_level_of_their_own() {
    let spec = |name: &str, kind| FieldSpec::new(name, Some(kind), name, name);
    let column = |texts: &[&str]| vec![Arc::new(StringArray::from(texts.to_vec())) as ArrayRef];
    let make = |name, kind, left: &[&str], right: &[&str]| {
        let (left, right) = (column(left), column(right));
        let regions = Regions::default();
        let spec = spec(name, kind);
        Field::of(&spec, kind, Role::Other, false, &left, Some(&right), &regions).unwrap()
    };
    let mut fields = vec![
        make("first", Kind::FirstName, &["Miller", "Ada"], &["Karl", "Ada"]),
        make("last", Kind::LastName, &["Karl", "Byron"], &["Miller", "Miller"]),
    ];
    super::swapped::link(&mut fields);
    let names = |left: usize, right: usize| {
        let left: Vec<u32> = fields.iter().map(|field| field.values.left[left]).collect();
        let of = |at: usize| fields[at].values.right[right];
        let mut out = Vec::new();
        super::evidence::compare(&fields, &left, of, &mut Scratch::default(), &mut out);
        let name =
            |at: usize| fields[at].kind.comparison().levels()[usize::from(out[at].code)].name;
        (name(0), name(1))
    };
    assert_eq!(names(0, 0), ("swapped", "swapped"));
    assert_eq!(names(1, 1), ("same", "different"));
    assert_eq!(names(1, 0), ("different", "different"));
}

#[test]
fn words_may_be_written_as_one() {
    for (a, b, expected) in [
        ("Lumix camera dmctz5k", "Lumix camera dmc tz5 k", "spaced"),
        ("Lumix camera dmc tz5 k", "Lumix camera dmctz5k", "spaced"),
        ("Hewlett Packard Store", "HewlettPackard Store", "spaced"),
        ("Lumix camera dmctz5k", "Lumix camera dmc tz7 k", "numbers_differ"),
    ] {
        assert_eq!(level(Kind::Text, a, b), expected, "{a} / {b}");
    }
}

/// The name of the level of the first value of the left and each of the right, and the bits.
fn levels(field: &Field) -> Vec<(&'static str, f32)> {
    let of = |&other: &u32| {
        let (code, bits) = field.compare(field.values.left[0], other, &mut Scratch::default());
        let levels = field.kind.comparison().levels();
        (levels[usize::from(code) % field.levels()].name, bits)
    };
    field.values.right.iter().map(of).collect()
}

/// Companies of one table.
fn companies(names: &[&str]) -> Field {
    let column = vec![Arc::new(StringArray::from(names.to_vec())) as ArrayRef];
    let spec = FieldSpec::new("x", Some(Kind::Company), "x", "x");
    let regions = Regions::default();
    Field::of(&spec, Kind::Company, Role::Other, false, &column, None, &regions).unwrap()
}

#[test]
fn companies_of_a_family_differ_by_a_word_that_others_have() {
    let names = |of: &[&str]| -> Vec<&str> {
        levels(&companies(of)).into_iter().map(|(name, _)| name).collect()
    };
    let found = names(&[
        "Wexford Dorn Plumbing",
        "Wexford Dorn Pharmacy",
        "Lemar Plumbing",
        "Kor Pharmacy",
    ]);
    assert_eq!(found[..2], ["same", "exchanged"]);
    let found =
        names(&["Wexford Dorn", "Wexford Dorn Plumbing", "Wexford Dorn Pharmacy", "Kor Bank"]);
    assert_eq!(found[..3], ["same", "exchanged", "exchanged"]);
    let found = names(&["Wexford Dorn", "Wexford Dorn Plumbing", "Lemar Pharmacy", "Kor Bank"]);
    assert_eq!(found[..2], ["same", "last_dropped"]);
}

#[test]
fn a_shortened_name_tells_less_where_several_others_begin_so() {
    let right = [
        "Wexford Dorn Plumbing",
        "Wexford Dorn Pharmacy",
        "Wexford Dorn Roofing",
        "Lemar Bank",
        "Kor Bank",
        "Fenmor Bank",
        "Gulhav Bank",
        "Jiskor Bank",
    ];
    // Of eight rows, two others may be meant as well: 2 bits.
    let (level, bits) = levels(&field(Kind::Company, &["Wexford Dorn"], &right))[0];
    assert_eq!(level, "last_dropped");
    assert!((bits - 2.0).abs() < 1e-6, "{bits}");
    let right = [&right[..1], &right[3..]].concat();
    let (level, bits) = levels(&field(Kind::Company, &["Wexford Dorn"], &right))[0];
    assert_eq!(level, "last_dropped");
    assert!(bits > 4.0, "{bits}");
}

#[test]
fn names_of_sites_may_have_a_few_words_in_common() {
    // Among many rows, the name of a place is rare and the other words are common.
    let mut rows: Vec<String> = [
        "Firmin Community Services",
        "Firmin School of the West Side",
        "Grault Community Services",
        "Waldo Services",
    ]
    .map(str::to_owned)
    .into();
    rows.extend((0..60).map(|at| {
        let of = ["Community Services", "School of the West Side", "Services 4"];
        format!("Name{at} {}", of[at % 3])
    }));
    let level = |role: Role, a: usize, b: usize| {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let column = vec![Arc::new(StringArray::from(rows)) as ArrayRef];
        let spec = FieldSpec::new("x", Some(Kind::Company), "x", "x");
        let regions = Regions::default();
        let field = Field::of(&spec, Kind::Company, role, false, &column, None, &regions).unwrap();
        let of = |row: usize| field.values.left[row];
        let compared = field.compare(of(a), of(b), &mut Scratch::default());
        Kind::Company.comparison().levels()[usize::from(compared.0) % field.levels()].name
    };
    assert_eq!(level(Role::Identity(0.15), 0, 1), "little");
    // The trade alone is common, and an employer is another one.
    assert_eq!(level(Role::Identity(0.15), 2, 3), "different");
    assert_eq!(level(Role::Group, 0, 1), "different");
}
