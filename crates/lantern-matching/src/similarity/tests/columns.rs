//! Columns of every text type, with nulls, slices, chunks and dictionaries.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, DictionaryArray, Int64Array, LargeStringArray, NullArray, StringArray,
        StringViewArray,
    },
    datatypes::{Int8Type, Int32Type, UInt16Type},
};

use crate::similarity::{Distance, Similarity};

const LEFT: [Option<&str>; 7] = [
    Some("Acme Corporation"),
    None,
    Some("Müller & Söhne"),
    Some(""),
    Some("株式会社東京"),
    Some("Acme Corporation"),
    Some("a name that is longer than thirty-two characters, and than sixty-four as well"),
];
const RIGHT: [Option<&str>; 7] = [
    Some("Acme Corp"),
    Some("x"),
    Some("Mueller und Soehne"),
    Some(""),
    Some("東京株式会社"),
    None,
    Some("a name that is longer than thirty-two letters, and than sixty-four as well"),
];

/// The same rows in every type, and as a slice of more.
fn every_type(rows: &[Option<&str>]) -> Vec<ArrayRef> {
    let padded: Vec<_> =
        [Some("before")].iter().chain(rows).chain([&Some("after"), &None]).copied().collect();
    let whole: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(padded.clone())),
        Arc::new(LargeStringArray::from(padded.clone())),
        Arc::new(StringViewArray::from(padded.clone())),
        Arc::new(padded.iter().copied().collect::<DictionaryArray<Int32Type>>()),
        Arc::new(padded.iter().copied().collect::<DictionaryArray<Int8Type>>()),
        Arc::new(nulls_among_values(&padded)),
        Arc::new(views_by_number(&padded)),
    ];
    whole.into_iter().map(|array| array.slice(1, rows.len())).collect()
}

/// A dictionary whose nulls are values, and whose values come in another order.
fn nulls_among_values(rows: &[Option<&str>]) -> DictionaryArray<UInt16Type> {
    let values: Vec<_> = rows.iter().rev().copied().collect();
    let keys: Vec<u16> = (0..rows.len()).map(|row| (rows.len() - 1 - row) as u16).collect();
    DictionaryArray::new(keys.into(), Arc::new(StringArray::from(values)))
}

fn views_by_number(rows: &[Option<&str>]) -> DictionaryArray<Int32Type> {
    let keys: Vec<i32> = (0..rows.len() as i32).collect();
    DictionaryArray::new(keys.into(), Arc::new(StringViewArray::from(rows.to_vec())))
}

#[test]
fn every_type_of_text_gives_the_same_values_beside_every_other() {
    for measure in Similarity::ALL {
        let expected: Vec<Option<f64>> = LEFT
            .iter()
            .zip(RIGHT)
            .map(|(a, b)| Some(measure.similarity((*a)?, b?, Some(0.4))))
            .collect();
        for left in every_type(&LEFT) {
            for right in every_type(&RIGHT) {
                let scores = measure.columns(&left, &right, Some(0.4)).unwrap();
                let types = (left.data_type(), right.data_type());
                assert_eq!(scores.iter().collect::<Vec<_>>(), expected, "{measure} {types:?}");
            }
        }
    }
}

#[test]
fn a_column_and_one_value_give_the_same_as_a_column_of_that_value() {
    for measure in Similarity::ALL {
        for value in ["Acme Corp", "Müller GmbH", "東京株式会社", ""] {
            let repeated = StringArray::from(vec![value; LEFT.len()]);
            for column in every_type(&LEFT) {
                let expected = measure.columns(&column, &repeated, None).unwrap();
                let scores = measure.column_with(&column, Some(value), None).unwrap();
                assert_eq!(scores, expected, "{measure} {value} {:?}", column.data_type());
            }
        }
        let scores = measure.column_with(&StringArray::from(LEFT.to_vec()), None, None).unwrap();
        assert_eq!(scores.null_count(), LEFT.len());
    }
}

#[test]
fn distances_are_counts_with_nulls() {
    for (distance, swapped) in [(Distance::Levenshtein, 2), (Distance::Osa, 1)] {
        let left = StringArray::from(vec![Some("abcd"), None, Some("same"), Some("abcdef")]);
        let right = StringViewArray::from(vec![Some("abdc"), Some("x"), Some("same"), Some("")]);
        let counts = distance.columns(&left, &right, Some(4)).unwrap();
        let counts: Vec<_> = counts.iter().collect();
        assert_eq!(counts, [Some(swapped), None, Some(0), Some(5)], "{distance}");
        let counts = distance.column_with(&left, Some("abdc"), None).unwrap();
        assert_eq!(counts.iter().next().unwrap(), Some(swapped));
        assert!(counts.is_null(1));
    }
}

#[test]
fn chunks_that_are_cut_differently_are_compared_row_by_row() {
    let whole = |rows: &[Option<&str>]| -> ArrayRef { Arc::new(StringArray::from(rows.to_vec())) };
    let (left, right) = (whole(&LEFT), whole(&RIGHT));
    let cut = |array: &ArrayRef, sizes: &[usize]| -> Vec<ArrayRef> {
        let mut from = 0;
        let mut slice = |&size: &usize| {
            from += size;
            array.slice(from - size, size)
        };
        sizes.iter().map(&mut slice).collect()
    };
    let expected = Similarity::JaroWinkler.columns(&left, &right, None).unwrap();
    let (left, right) = (cut(&left, &[3, 0, 4]), cut(&right, &[0, 1, 4, 2, 0]));
    let chunks = Similarity::JaroWinkler.chunked(&left, &right, None).unwrap();
    let rows: Vec<_> = chunks.iter().flat_map(|chunk| chunk.iter()).collect();
    assert_eq!(rows, expected.iter().collect::<Vec<_>>());
    assert!(Similarity::JaroWinkler.chunked(&left, &right[..3], None).is_err());
    assert!(Similarity::JaroWinkler.chunked(&[], &[], None).unwrap().is_empty());
}

#[test]
fn a_column_in_chunks_and_one_value_give_what_the_whole_gives() {
    let whole: ArrayRef = Arc::new(StringArray::from(LEFT.to_vec()));
    let chunks = [whole.slice(0, 3), whole.slice(3, 0), whole.slice(3, 4)];
    for value in [Some("Acme Corp"), Some(""), None] {
        let expected = Similarity::Osa.column_with(&whole, value, None).unwrap();
        let scores = Similarity::Osa.chunked_with(&chunks, value, None).unwrap();
        let rows: Vec<_> = scores.iter().flat_map(|chunk| chunk.iter()).collect();
        assert_eq!(rows, expected.iter().collect::<Vec<_>>(), "{value:?}");
        let expected = Distance::Osa.column_with(&whole, value, Some(3)).unwrap();
        let counts = Distance::Osa.chunked_with(&chunks, value, Some(3)).unwrap();
        let rows: Vec<_> = counts.iter().flat_map(|chunk| chunk.iter()).collect();
        assert_eq!(rows, expected.iter().collect::<Vec<_>>(), "{value:?}");
    }
    assert!(Similarity::Osa.chunked_with(&chunks, None, Some(2.0)).is_err());
}

#[test]
fn pairs_of_rows_are_scored_in_their_order() {
    let (left, right) = (StringArray::from(LEFT.to_vec()), StringArray::from(RIGHT.to_vec()));
    let pairs = [(6, 6), (0, 0), (1, 0), (0, 5), (0, 6)];
    let scores = Similarity::Indel.rows(&left, &right, &pairs, None).unwrap();
    let expected = pairs.map(|(a, b)| {
        Some(Similarity::Indel.similarity(LEFT[a as usize]?, RIGHT[b as usize]?, None))
    });
    assert_eq!(scores.iter().collect::<Vec<_>>(), expected);
    let message = Similarity::Indel.rows(&left, &right, &[(0, 7)], None).unwrap_err().to_string();
    assert!(message.contains("pair 0") && message.contains("7 rows"), "{message}");
}

#[test]
fn many_rows_on_all_cores_give_what_few_rows_give() {
    let names: Vec<String> =
        (0..20_000).map(|i| format!("Company {} {}", i * 7919 % 1000, i % 13)).collect();
    let others: Vec<String> =
        (0..20_000).map(|i| format!("Compny {} {}", i * 31 % 1000, i % 7)).collect();
    let left = StringArray::from_iter_values(&names);
    let right = StringArray::from_iter_values(&others);
    for measure in Similarity::ALL {
        let scores = measure.columns(&left, &right, None).unwrap();
        for row in [0, 1023, 1024, 4095, 4096, 12_345, 19_999] {
            let expected = measure.similarity(&names[row], &others[row], None);
            assert_eq!(scores.value(row), expected, "{measure} row {row}");
        }
    }
}

#[test]
fn repeated_values_of_dictionaries_are_told_apart_from_nulls() {
    let rows: Vec<Option<&str>> =
        (0..5000).map(|i| [Some("Acme"), None, Some("Acne"), Some("Beta")][i % 4]).collect();
    let left: DictionaryArray<Int32Type> = rows.iter().copied().collect();
    let right: DictionaryArray<Int32Type> = rows.iter().rev().copied().collect();
    let plain = StringArray::from(rows.clone());
    let reversed = StringArray::from(rows.iter().rev().copied().collect::<Vec<_>>());
    let by_value = Similarity::JaroWinkler.columns(&left, &right, None).unwrap();
    let by_row = Similarity::JaroWinkler.columns(&plain, &reversed, None).unwrap();
    assert_eq!(by_value.iter().collect::<Vec<_>>(), by_row.iter().collect::<Vec<_>>());
}

#[test]
fn columns_without_rows_or_without_values_are_no_error() {
    let empty = StringArray::from(Vec::<&str>::new());
    assert_eq!(Similarity::Jaro.columns(&empty, &empty, None).unwrap().len(), 0);
    let (nulls, text) = (NullArray::new(3), StringArray::from(vec!["a", "b", "c"]));
    assert_eq!(Similarity::Jaro.columns(&nulls, &text, None).unwrap().null_count(), 3);
    let nothing: DictionaryArray<Int32Type> = vec![None::<&str>; 3].into_iter().collect();
    assert_eq!(Similarity::Jaro.columns(&text, &nothing, None).unwrap().null_count(), 3);
    assert_eq!(Similarity::Jaro.column_with(&nothing, Some("a"), None).unwrap().null_count(), 3);
}

#[test]
fn what_is_not_text_is_an_error_that_names_the_type_and_the_cast() {
    let (numbers, text) = (Int64Array::from(vec![1]), StringArray::from(vec!["1"]));
    let message = Similarity::Jaro.columns(&text, &numbers, None).unwrap_err().to_string();
    assert!(message.contains("the right column is of type Int64"), "{message}");
    assert!(message.contains(".cast(pl.String)"), "{message}");
    let by_number: DictionaryArray<Int32Type> =
        DictionaryArray::new(vec![0].into(), Arc::new(Int64Array::from(vec![1])));
    assert!(Similarity::Jaro.column_with(&by_number, Some("1"), None).is_err());
}

#[test]
fn columns_of_unequal_length_and_wrong_cutoffs_are_errors() {
    let (two, one) = (StringArray::from(vec!["a", "b"]), StringArray::from(vec!["a"]));
    let message = Similarity::Jaro.columns(&two, &one, None).unwrap_err().to_string();
    assert!(message.contains("2 rows") && message.contains("right one 1"), "{message}");
    for cutoff in [-0.1, 1.1, 85.0, f64::NAN] {
        let message = Similarity::Jaro.columns(&two, &two, Some(cutoff)).unwrap_err().to_string();
        assert!(message.contains("between 0 and 1"), "{message}");
    }
}
