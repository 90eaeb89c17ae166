//! Converts columns of simple types to text and back.
//!
//! Arrow's general cast does the same, but adds two megabytes to the library.

use std::{str::FromStr, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, LargeStringArray,
        LargeStringBuilder, PrimitiveArray, StringArray, StringViewArray, UInt64Array, make_array,
        new_null_array,
    },
    compute::take,
    datatypes::{
        DataType, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type,
        Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
    error::ArrowError,
    util::display::{ArrayFormatter, FormatOptions},
};

/// Strings stay as they are; integers, floats, booleans and dates are written as Arrow writes them;
/// null stays null.
///
/// # Errors
/// If the type cannot be written as text, such as a list, or a decimal has more digits than its type
/// allows.
pub fn of(column: &dyn Array) -> Result<LargeStringArray, ArrowError> {
    match column.data_type() {
        DataType::LargeUtf8 => Ok(column.as_string::<i64>().clone()),
        DataType::Utf8 => Ok(column.as_string::<i32>().iter().collect()),
        DataType::Utf8View => Ok(column.as_string_view().iter().collect()),
        DataType::Null => Ok(std::iter::repeat_n(None::<&str>, column.len()).collect()),
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            let values: ArrayRef = Arc::new(of(dictionary.values())?);
            let keys: UInt64Array = if dictionary.values().is_empty() {
                std::iter::repeat_n(None, column.len()).collect()
            } else {
                let keys = dictionary.normalized_keys();
                let valid = |(row, key): (usize, usize)| column.is_valid(row).then_some(key as u64);
                keys.into_iter().enumerate().map(valid).collect()
            };
            Ok(take(&values, &keys, None)?.as_string::<i64>().clone())
        }
        kind if kind.is_nested() || kind.is_binary() => {
            Err(ArrowError::CastError(format!("a value of type {kind} has no text")))
        }
        _ => {
            check_digits(column)?;
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(column, &options)?;
            let mut texts = LargeStringBuilder::with_capacity(column.len(), 8 * column.len());
            for row in 0..column.len() {
                if column.is_null(row) {
                    texts.append_null();
                } else {
                    formatter.value(row).write(&mut texts)?;
                    texts.append_value("");
                }
            }
            Ok(texts.finish())
        }
    }
}

/// Arrow writes only as many digits as the type of a decimal allows, which makes another number of a
/// longer one. DuckDB passes on such numbers.
fn check_digits(column: &dyn Array) -> Result<(), ArrowError> {
    match column.data_type() {
        DataType::Decimal128(precision, _) => {
            column.as_primitive::<Decimal128Type>().validate_decimal_precision(*precision)
        }
        DataType::Decimal256(precision, _) => {
            column.as_primitive::<Decimal256Type>().validate_decimal_precision(*precision)
        }
        _ => Ok(()),
    }
}

/// Converts texts into a column of strings, numbers, booleans, or a dictionary of those.
///
/// # Errors
/// If a text is not a value of the type, or the type is not supported.
pub fn to(texts: &LargeStringArray, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    Ok(match data_type {
        DataType::LargeUtf8 => Arc::new(texts.clone()),
        DataType::Utf8 => Arc::new(texts.iter().collect::<StringArray>()),
        DataType::Utf8View => Arc::new(texts.iter().collect::<StringViewArray>()),
        DataType::Null => new_null_array(data_type, texts.len()),
        DataType::Int8 => numbers::<Int8Type>(texts)?,
        DataType::Int16 => numbers::<Int16Type>(texts)?,
        DataType::Int32 => numbers::<Int32Type>(texts)?,
        DataType::Int64 => numbers::<Int64Type>(texts)?,
        DataType::UInt8 => numbers::<UInt8Type>(texts)?,
        DataType::UInt16 => numbers::<UInt16Type>(texts)?,
        DataType::UInt32 => numbers::<UInt32Type>(texts)?,
        DataType::UInt64 => numbers::<UInt64Type>(texts)?,
        DataType::Float32 => numbers::<Float32Type>(texts)?,
        DataType::Float64 => numbers::<Float64Type>(texts)?,
        DataType::Boolean => flags(texts)?,
        DataType::Decimal128(precision, 0) => {
            let whole = numbers::<Decimal128Type>(texts)?;
            Arc::new(
                whole
                    .as_primitive::<Decimal128Type>()
                    .clone()
                    .with_precision_and_scale(*precision, 0)?,
            )
        }
        DataType::Dictionary(key, value) => dictionary(texts, data_type, key, value)?,
        kind => return Err(ArrowError::CastError(format!("text cannot become {kind}"))),
    })
}

/// Booleans, as Arrow's cast reads them.
fn flags(texts: &LargeStringArray) -> Result<ArrayRef, ArrowError> {
    let flag = |text: &str| match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err(ArrowError::CastError(format!("{text:?} is neither true nor false"))),
    };
    let flags: BooleanArray =
        texts.iter().map(|text| text.map(flag).transpose()).collect::<Result<_, _>>()?;
    Ok(Arc::new(flags))
}

fn numbers<T: ArrowPrimitiveType<Native: FromStr>>(
    texts: &LargeStringArray,
) -> Result<ArrayRef, ArrowError> {
    let number = |text: &str| {
        let written = text.trim();
        // A whole number that was written as a float.
        let written = if T::DATA_TYPE.is_integer() {
            written.strip_suffix(".0").unwrap_or(written)
        } else {
            written
        };
        written.parse::<T::Native>().map_err(|_| {
            ArrowError::CastError(format!("{text:?} is no value of type {}", T::DATA_TYPE))
        })
    };
    let parsed: PrimitiveArray<T> =
        texts.iter().map(|text| text.map(number).transpose()).collect::<Result<_, _>>()?;
    Ok(Arc::new(parsed))
}

fn dictionary(
    texts: &LargeStringArray,
    data_type: &DataType,
    key: &DataType,
    value: &DataType,
) -> Result<ArrayRef, ArrowError> {
    let mut places = std::collections::HashMap::new();
    let mut distinct: Vec<&str> = Vec::new();
    let keys: LargeStringArray = texts
        .iter()
        .map(|text| {
            text.map(|text| {
                let place = *places.entry(text).or_insert_with(|| {
                    distinct.push(text);
                    distinct.len() - 1
                });
                place.to_string()
            })
        })
        .collect();
    let values = to(&LargeStringArray::from(distinct), value)?;
    let keys = to(&keys, key)?.to_data().into_builder();
    Ok(make_array(keys.data_type(data_type.clone()).add_child_data(values.to_data()).build()?))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array, ListArray,
        NullArray, StringArray, StringViewArray,
    };

    use super::*;

    fn texts(column: &dyn Array) -> Vec<Option<String>> {
        of(column).unwrap().iter().map(|text| text.map(str::to_owned)).collect()
    }

    #[test]
    fn any_simple_column_is_text() {
        let dictionary: DictionaryArray<Int8Type> =
            [Some("x"), None, Some("y"), Some("x")].into_iter().collect();
        let of_nulls: DictionaryArray<Int8Type> = [None::<&str>, None].into_iter().collect();
        let columns: [(ArrayRef, &[Option<&str>]); 9] = [
            (Arc::new(StringArray::from(vec![Some("a"), None])), &[Some("a"), None]),
            (Arc::new(StringViewArray::from(vec![Some("a"), None])), &[Some("a"), None]),
            (Arc::new(Int64Array::from(vec![Some(-7), None])), &[Some("-7"), None]),
            (Arc::new(Float64Array::from(vec![1.5])), &[Some("1.5")]),
            (Arc::new(BooleanArray::from(vec![true])), &[Some("true")]),
            (Arc::new(Date32Array::from(vec![0])), &[Some("1970-01-01")]),
            (Arc::new(NullArray::new(1)), &[None]),
            (Arc::new(dictionary.slice(1, 3)), &[None, Some("y"), Some("x")]),
            (Arc::new(of_nulls), &[None, None]),
        ];
        for (column, expected) in columns {
            let expected: Vec<_> = expected.iter().map(|text| text.map(str::to_owned)).collect();
            assert_eq!(texts(&column), expected, "{}", column.data_type());
        }
    }

    #[test]
    fn texts_become_what_they_were() {
        let ids = LargeStringArray::from(vec![Some("7"), None, Some("8"), Some("7")]);
        let of = |kind: &DataType| Box::new(kind.clone());
        let (int, text) = (DataType::Int8, DataType::Utf8);
        for kind in [
            DataType::Utf8View,
            DataType::UInt16,
            DataType::Float64,
            DataType::Decimal128(38, 0),
            DataType::Dictionary(of(&int), of(&text)),
            DataType::Dictionary(of(&DataType::UInt32), of(&int)),
        ] {
            let column = to(&ids, &kind).unwrap();
            assert_eq!(column.data_type(), &kind);
            let back = super::of(&column).unwrap();
            let back: Vec<_> =
                back.iter().map(|text| text.map(|t| t.trim_end_matches(".0"))).collect();
            assert_eq!(back, [Some("7"), None, Some("8"), Some("7")], "{kind}");
        }
        let error = to(&LargeStringArray::from(vec!["1999.5"]), &DataType::Int32).unwrap_err();
        assert!(error.to_string().contains("\"1999.5\" is no value of type Int32"), "{error}");
    }

    #[test]
    fn flags_are_read_as_people_write_them() {
        let written = LargeStringArray::from(vec![Some("Yes"), None, Some("0"), Some(" true ")]);
        let flags = to(&written, &DataType::Boolean).unwrap();
        let flags: Vec<_> = flags.as_boolean().iter().collect();
        assert_eq!(flags, [Some(true), None, Some(false), Some(true)]);
        let error = to(&LargeStringArray::from(vec!["maybe"]), &DataType::Boolean).unwrap_err();
        assert!(error.to_string().contains("\"maybe\" is neither true nor false"), "{error}");
    }

    #[test]
    fn a_decimal_that_its_type_cannot_hold_has_no_text() {
        let long = Decimal128Array::from(vec![12_345]);
        let cut = long.clone().with_precision_and_scale(4, 2).unwrap();
        assert!(of(&cut).is_err());
        let whole = long.with_precision_and_scale(5, 2).unwrap();
        assert_eq!(texts(&whole), [Some("123.45".to_owned())]);
    }

    #[test]
    fn a_list_has_no_text() {
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
        assert!(of(&list).unwrap_err().to_string().contains("has no text"));
    }
}
