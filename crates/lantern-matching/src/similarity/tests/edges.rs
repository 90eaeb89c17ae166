//! Values and behaviour at the edges, each of which rapidfuzz was asked about.

use crate::similarity::{Distance, Similarity, token_set, token_sort};

#[test]
fn two_empty_strings_are_equal_except_where_they_are_nothing_to_compare() {
    for measure in Similarity::ALL {
        let has_nothing_to_compare = matches!(
            measure,
            Similarity::TokenSet
                | Similarity::PartialTokenSet
                | Similarity::WRatio
                | Similarity::Names
        );
        let expected = if has_nothing_to_compare { 0.0 } else { 1.0 };
        assert_eq!(measure.similarity("", "", None), expected, "{measure}");
        assert_eq!(measure.similarity("", "", Some(1.0)), expected, "{measure}");
        assert_eq!(measure.similarity("", "a", None), 0.0, "{measure}");
        assert_eq!(measure.similarity("a", "", None), 0.0, "{measure}");
        assert_eq!(measure.prepare("").similarity("", None), expected, "{measure}");
        assert_eq!(measure.similarity("é", "é", Some(1.0)), 1.0, "{measure}");
    }
    assert_eq!(Distance::Levenshtein.distance("", "abc", None), 3);
    assert_eq!(Distance::Levenshtein.distance("", "abc", Some(1)), 2);
}

#[test]
fn the_prefix_bonus_begins_above_seven_tenths() {
    // Jaro 0.611: no bonus, though both begin with "abcd".
    let (a, b) = ("abcdefgh", "abcdxyzuvwst");
    let jaro = Similarity::Jaro.similarity(a, b, None);
    assert!((0.6..0.7).contains(&jaro), "{jaro}");
    assert_eq!(Similarity::JaroWinkler.similarity(a, b, None), jaro);
    let (a, b) = ("martha", "marhta");
    assert!((Similarity::Jaro.similarity(a, b, None) - 0.944_444_444_444_444_4).abs() < 1e-12);
    assert!(
        (Similarity::JaroWinkler.similarity(a, b, None) - 0.961_111_111_111_111_1).abs() < 1e-12
    );
}

#[test]
fn words_are_separated_as_rapidfuzz_does() {
    assert_eq!(token_sort::similarity(" a\tb\u{1C}c ", "c b a", None), 1.0);
    assert_eq!(token_sort::similarity("a\u{2003}b", "b a", None), 1.0);
    // A no-break space separates words only beside a character beyond Latin-1.
    assert!(token_sort::similarity("a\u{A0}b", "b a", None) < 1.0);
    assert_eq!(token_sort::similarity("a\u{A0}東", "東 a", None), 1.0);
    assert_eq!(token_set::similarity("a a b", "b a c", None), 1.0);
    assert_eq!(token_set::similarity(" ", " ", None), 0.0);
}

#[test]
fn a_distance_beyond_the_cutoff_is_the_cutoff_plus_one() {
    let (a, b) = ("abcd", "badc");
    assert_eq!(Distance::Osa.distance(a, b, None), 2);
    assert_eq!(Distance::Osa.distance(a, b, Some(1)), 2);
    assert_eq!(Distance::Osa.distance(a, b, Some(0)), 1);
    assert_eq!(Distance::Levenshtein.distance("kitten", "sitting", Some(2)), 3);
    assert_eq!(Distance::Levenshtein.distance("kitten", "sitting", Some(u32::MAX)), 3);
}

#[test]
fn a_name_is_read_in_any_spelling_and_an_unknown_one_is_told_the_known() {
    for measure in Similarity::ALL {
        assert_eq!(measure.name().parse::<Similarity>().unwrap(), measure);
    }
    assert_eq!("Jaro-Winkler".parse::<Similarity>().unwrap(), Similarity::JaroWinkler);
    assert_eq!("OSA_distance".parse::<Distance>().unwrap(), Distance::Osa);
    let message = "soundalike".parse::<Similarity>().unwrap_err().to_string();
    assert!(message.contains("'soundalike'") && message.contains("jaro_winkler, levenshtein"));
    let message = "jaro".parse::<Distance>().unwrap_err().to_string();
    assert!(message.contains("levenshtein_distance, osa_distance"));
}

/// A text of so many megabytes, with an edit here and there.
fn long(megabytes: usize, alphabet: &str, edits: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut seed = 7_u64;
    let mut text = String::new();
    while text.len() < megabytes << 20 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(alphabet[(seed >> 33) as usize % alphabet.len()]);
    }
    for edit in 0..edits {
        let at = text.len() / (edits + 1) * (edit + 1);
        let at = (at..).find(|&at| text.is_char_boundary(at)).unwrap();
        text.insert(at, '!');
    }
    text
}

#[test]
fn ten_megabytes_are_compared_in_linear_memory() {
    let (a, b) = (long(10, "abcdefgh  ", 0), long(10, "abcdefgh  ", 5));
    assert_eq!(Distance::Levenshtein.distance(&a, &b, None), 5);
    assert_eq!(Distance::Osa.distance(&a, &b, Some(3)), 4);
    for measure in [Similarity::Indel, Similarity::JaroWinkler, Similarity::Prefix] {
        let similarity = measure.similarity(&a, &b, None);
        assert!((0.1..1.0).contains(&similarity), "{measure}: {similarity}");
    }
}

#[test]
fn a_short_string_is_compared_with_ten_megabytes() {
    let b = long(10, "abcdefgh  ", 5);
    for measure in Similarity::ALL {
        let similarity = measure.similarity("abc!def", &b, None);
        assert!((0.0..=1.0).contains(&similarity), "{measure}: {similarity}");
    }
}

#[test]
fn the_q_grams_of_long_texts_are_counted_beyond_the_room_made_for_them() {
    // More different q-grams than a table has room for at first, on either side.
    let alphabet: String = ('\u{4E00}'..'\u{9000}').collect();
    let (a, b) = (long(1, &alphabet, 0), long(1, &alphabet, 9));
    for measure in [Similarity::QgramJaccard, Similarity::QgramCosine] {
        let expected = super::reference::similarity(measure, &a, &b);
        assert!((measure.similarity(&a, &b, None) - expected).abs() < 1e-9, "{measure}");
        assert!((measure.similarity("abc", &b, None)).abs() < 1e-9, "{measure}");
    }
}

#[test]
fn long_texts_of_many_different_characters_are_compared() {
    let alphabet: String = ('\u{4E00}'..'\u{9000}').collect();
    let (a, b) = (long(1, &alphabet, 0), long(1, &alphabet, 9));
    assert_eq!(Distance::Levenshtein.distance(&a, &b, None), 9);
    assert!(Similarity::Jaro.similarity(&a, &b, None) > 0.99);
    assert!(Similarity::Indel.similarity(&a, &b, Some(0.99)) > 0.99);
}
