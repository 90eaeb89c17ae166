use arrow::{
    array::{
        DictionaryArray, Int32Array, Int64Array, LargeStringArray, NullArray, StringViewArray,
    },
    datatypes::{Int8Type, Int32Type, UInt16Type},
};

use super::*;

fn texts(array: &dyn Array) -> Vec<Option<String>> {
    array.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

fn expected() -> Vec<Option<String>> {
    vec![Some("acme".to_owned()), None, None, Some("acme".to_owned()), Some("muller".to_owned())]
}

const NAMES: [Option<&str>; 5] =
    [Some("Acme Inc."), None, Some("—"), Some("ACME, LLC"), Some("Müller GmbH")];

#[test]
fn every_text_type_gives_the_same_keys() -> Result<(), NormalizeError> {
    let arrays: [ArrayRef; 5] = [
        Arc::new(StringArray::from_iter(NAMES)),
        Arc::new(LargeStringArray::from_iter(NAMES)),
        Arc::new(StringViewArray::from_iter(NAMES)),
        Arc::new(NAMES.into_iter().collect::<DictionaryArray<Int8Type>>()),
        Arc::new(NAMES.into_iter().collect::<DictionaryArray<UInt16Type>>()),
    ];
    for array in arrays {
        let keys = normalize(&array, &Normalizer::CompanyKey)?;
        assert_eq!(texts(&keys), expected(), "{}", array.data_type());
    }
    Ok(())
}

#[test]
fn dictionaries_of_views_and_with_null_values_are_read() -> Result<(), NormalizeError> {
    for values in [
        Arc::new(StringViewArray::from(vec![Some("Acme Inc."), None])) as ArrayRef,
        Arc::new(LargeStringArray::from(vec![Some("Acme Inc."), None])) as ArrayRef,
    ] {
        let keys = Int32Array::from(vec![Some(0), Some(1), None, Some(0)]);
        let Ok(array) = DictionaryArray::<Int32Type>::try_new(keys, values) else {
            panic!("no dictionary")
        };
        let keys = normalize(&array, &Normalizer::CompanyKey)?;
        assert_eq!(texts(&keys), [Some("acme".to_owned()), None, None, Some("acme".to_owned())]);
        let keys = normalize(&array.slice(1, 1), &Normalizer::CompanyKey)?;
        assert_eq!(texts(&keys), [None]);
    }
    Ok(())
}

#[test]
fn slices_and_empty_and_null_arrays_keep_their_length() -> Result<(), NormalizeError> {
    let array = StringArray::from_iter(NAMES);
    let keys = normalize(&array.slice(2, 3), &Normalizer::CompanyKey)?;
    assert_eq!(texts(&keys), expected()[2..]);
    for normalizer in [Normalizer::CompanyKey, Normalizer::IsFreeEmail] {
        let empty = normalize(&array.slice(5, 0), &normalizer)?;
        assert_eq!((empty.len(), empty.data_type()), (0, &output_type(&normalizer)));
        let nulls = normalize(&NullArray::new(3), &normalizer)?;
        assert_eq!(
            (nulls.len(), nulls.null_count(), nulls.data_type()),
            (3, 3, &output_type(&normalizer))
        );
    }
    Ok(())
}

#[test]
fn a_column_in_chunks_gives_what_the_whole_gives() -> Result<(), NormalizeError> {
    let whole: ArrayRef = Arc::new(StringArray::from_iter(NAMES));
    let chunks = [whole.slice(0, 2), whole.slice(2, 0), whole.slice(2, 3)];
    let keys = normalize_chunks(&chunks, &Normalizer::CompanyKey)?;
    assert_eq!(keys.iter().map(|chunk| chunk.len()).collect::<Vec<_>>(), [2, 0, 3]);
    assert_eq!(keys.iter().flat_map(|chunk| texts(chunk)).collect::<Vec<_>>(), expected());
    Ok(())
}

#[test]
fn questions_give_booleans_and_null_for_null() -> Result<(), NormalizeError> {
    let array =
        StringViewArray::from(vec![Some("ada@gmail.com"), None, Some("ada@acme.com"), Some("")]);
    let answers = normalize(&array, &Normalizer::IsFreeEmail)?;
    assert_eq!(
        answers.as_boolean(),
        &BooleanArray::from(vec![Some(true), None, Some(false), Some(false)])
    );
    Ok(())
}

#[test]
fn many_rows_give_what_each_alone_gives() -> Result<(), NormalizeError> {
    // Repeating, nearly all distinct, sorted: with and without remembered keys.
    for distinct in [3, 700, 20_000] {
        let names: Vec<_> = (0..20_000_usize)
            .map(|row| (row % 17 != 0).then(|| format!("The Acme {} Mfg. Co.", row * 7 % distinct)))
            .collect();
        let array = StringArray::from(names.clone());
        for normalizer in [
            Normalizer::CompanyKey,
            Normalizer::PersonKey,
            Normalizer::Acronym,
            Normalizer::EmailKey,
        ] {
            let keys = normalize(&array.slice(5, 19_000), &normalizer)?;
            let mut key = String::new();
            let mut alone = |name: &str| normalizer.write(name, &mut key).then(|| key.clone());
            let alone: Vec<_> =
                names[5..19_005].iter().map(|name| name.as_deref().and_then(&mut alone)).collect();
            assert_eq!(texts(&keys), alone, "{normalizer}, {distinct} distinct");
        }
    }
    Ok(())
}

#[test]
fn repeats_are_told_from_distinct_values() {
    let few = StringArray::from_iter_values((0..100_000).map(|row| format!("{}", row % 500)));
    let all = StringArray::from_iter_values((0..100_000).map(|row| row.to_string()));
    let sorted = StringArray::from_iter_values((0..100_000).map(|row| (row / 100).to_string()));
    assert!(repeats(&few, 10_000));
    assert!(!repeats(&all, 10_000));
    assert!(repeats(&sorted, 10_000));
}

#[test]
fn a_column_that_is_not_text_is_an_error_that_names_its_type() {
    let error = normalize(&Int64Array::from(vec![1]), &Normalizer::CompanyKey)
        .map_err(|error| error.to_string());
    assert!(
        matches!(&error, Err(text) if text.contains("Int64") && text.contains("company_key") && text.contains("cast")),
        "{error:?}"
    );
}
