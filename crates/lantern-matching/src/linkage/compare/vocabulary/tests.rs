use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};

use super::*;

fn vocabulary(kind: Kind, left: &[&str], right: Option<&[&str]>) -> (Vocabulary, Values) {
    let column = |texts: &[&str]| vec![Arc::new(StringArray::from(texts.to_vec())) as ArrayRef];
    let right = right.map(column);
    let values = Values::of(kind, "x", &column(left), right.as_deref()).unwrap();
    (Vocabulary::of(&values, kind), values)
}

fn word(vocabulary: &Vocabulary, text: &str) -> u32 {
    vocabulary.words.find(text).unwrap_or_else(|| panic!("no word {text}"))
}

fn words_of(vocabulary: &Vocabulary, value: u32) -> Vec<&str> {
    vocabulary.tokens(value).iter().map(|&word| vocabulary.words.get(word)).collect()
}

fn spellings_of<'a>(vocabulary: &'a Vocabulary, text: &str) -> Vec<&'a str> {
    let word = word(vocabulary, text);
    vocabulary.spellings(word).map(|other| vocabulary.words.get(other)).collect()
}

#[test]
fn the_fewer_rows_have_a_word_the_more_it_tells() {
    let right =
        ["red apple", "red pear", "red plum", "red fig", "green apple", "blue", "tan", "gray"];
    let (words, _) = vocabulary(Kind::Text, &["red"], Some(&right));
    let of = |text: &str| {
        let word = word(&words, text) as usize;
        (words.counts[word], words.bits[word])
    };
    assert_eq!(of("red"), (4, 1.0));
    assert_eq!(of("apple"), (2, 2.0));
    assert_eq!(of("plum"), (1, 3.0));
}

#[test]
fn a_value_has_its_words_in_order_and_a_missing_one_has_none() {
    let (words, values) = vocabulary(Kind::Text, &["beta alpha beta"], Some(&["alpha"]));
    assert_eq!(words_of(&words, values.left[0]), ["beta", "alpha", "beta"]);
    assert!(words.tokens(NULL).is_empty());
    assert!(words.acronym(NULL).is_none() && !words.is_of_a_family(NULL));
}

#[test]
fn a_quantity_is_one_word_however_it_is_written() {
    let (words, values) = vocabulary(Kind::Text, &["disk 32 gb"], Some(&["disk 32gb"]));
    assert_eq!(words_of(&words, values.left[0]), words_of(&words, values.right[0]));
    assert!(words.is_shared(word(&words, "32gb")));
}

#[test]
fn a_word_is_shared_if_both_sides_have_it() {
    let (words, _) = vocabulary(Kind::Text, &["left both"], Some(&["right both"]));
    let shared = |text: &str| words.is_shared(word(&words, text));
    assert_eq!([shared("left"), shared("right"), shared("both")], [false, false, true]);
    // Of one table, two of its rows.
    let (words, _) = vocabulary(Kind::Text, &["once twice", "twice"], None);
    assert!(words.is_shared(word(&words, "twice")) && !words.is_shared(word(&words, "once")));
}

#[test]
fn a_rare_word_is_a_spelling_of_a_frequent_one_that_is_a_typing_error_away() {
    let mut right = vec!["johnson"; 9];
    right.extend(["jonhson", "johnsen", "jackson", "smith"]);
    let (words, _) = vocabulary(Kind::Person, &["johnson"], Some(&right));
    for rare in ["jonhson", "johnsen"] {
        assert_eq!(spellings_of(&words, rare), ["johnson"], "{rare}");
    }
    assert!(spellings_of(&words, "jackson").is_empty());
    assert!(spellings_of(&words, "johnson").is_empty());
}

#[test]
fn numbers_and_short_words_have_no_spellings() {
    let mut right = vec!["12345 abc"; 9];
    right.push("12346 abd");
    let (words, _) = vocabulary(Kind::Text, &["12345 abc"], Some(&right));
    for text in ["12346", "abd"] {
        assert!(spellings_of(&words, text).is_empty(), "{text}");
    }
}

#[test]
fn words_beyond_any_key_of_letters_are_found_by_their_halves() {
    let long = "abcdefghijklmnopqrstuvwxyzabcdef";
    let wrong = "abcdefghijklmnopqrstuvwxyzabcdeg";
    let mut right = vec![long; 9];
    right.push(wrong);
    let (words, _) = vocabulary(Kind::Text, &[long], Some(&right));
    assert_eq!(spellings_of(&words, wrong), [long]);
}

#[test]
fn edits_are_counted_up_to_a_bound() {
    let (words, _) = vocabulary(Kind::Text, &["kitten sitten sitting"], Some(&["x"]));
    let edits = |a: &str, b: &str, most| words.edits(word(&words, a), word(&words, b), most);
    assert_eq!(edits("kitten", "kitten", 1), 0);
    assert_eq!(edits("kitten", "sitten", 1), 1);
    assert_eq!(edits("kitten", "sitting", 3), 3);
    assert!(edits("kitten", "sitting", 1) > 1);
}

#[test]
fn one_error_is_a_letter_or_a_swap() {
    for (a, b) in [("ab", "ab"), ("ab", "abc"), ("abc", "ac"), ("abc", "axc"), ("abc", "acb")] {
        assert!(Distance::Osa.distance(a, b, Some(1)) <= 1, "{a} {b}");
        assert!(Distance::Osa.distance(b, a, Some(1)) <= 1, "{b} {a}");
    }
    for (a, b) in [("abc", "cba"), ("abcd", "ab"), ("abcd", "badc"), ("abc", "xyc")] {
        assert!(Distance::Osa.distance(a, b, Some(1)) > 1, "{a} {b}");
    }
}

#[test]
fn an_acronym_is_found_where_another_value_has_it() {
    let left = ["international business machines", "bank of america corporation"];
    let (words, values) = vocabulary(Kind::Company, &left, Some(&["ibm", "unlike"]));
    let acronym = |value| words.acronym(value).map(|word| words.words.get(word));
    assert_eq!(acronym(values.left[0]), Some("ibm"));
    assert_eq!(acronym(values.left[1]), None);
}

#[test]
fn a_name_with_several_longer_ones_is_of_a_family() {
    let right = ["acme", "acme north", "acme south", "zeta", "zeta north"];
    let (words, values) = vocabulary(Kind::Company, &["acme"], Some(&right));
    let family: Vec<bool> = values.right.iter().map(|&value| words.is_of_a_family(value)).collect();
    assert_eq!(family, [true, false, false, false, false]);
}
