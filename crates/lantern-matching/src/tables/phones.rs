//! Determines the countries of phone numbers.
//!
//! `(415) 555-2671` is `+14155552671` if it is known to be in the United States: because the caller
//! says so, because another column of the row names the country, or because the numbers with a
//! country code in the same column belong to one country.

use std::{collections::HashMap, sync::Arc};

use arrow::array::{Array, ArrayRef, LargeStringBuilder};

use super::{Kind, column_text::as_text, placeholders::is_placeholder};
use crate::{
    error::Result,
    normalize::{PhoneRegion, country_code, phone_e164, phone_region},
    text,
};

/// The separator between a number and its country. No number contains it.
const WITH: char = '\u{1f}';
/// Number of phone numbers that are checked to determine the usual country.
const LOOKED_AT: usize = 2_000;

/// What is known about the countries of phone numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Regions<'a> {
    /// The country that the caller gave.
    pub default_region: Option<PhoneRegion>,
    /// The column with countries on each side.
    pub left: Option<&'a [ArrayRef]>,
    pub right: Option<&'a [ArrayRef]>,
}

impl Regions<'_> {
    /// Both columns with the country of each row after its number, if it is known.
    pub(super) fn tell(
        &self,
        name: &str,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
    ) -> Result<(Vec<ArrayRef>, Option<Vec<ArrayRef>>)> {
        // The caller's country applies to all numbers.
        let of = |countries| if self.default_region.is_some() { None } else { countries };
        let left = with_countries(name, left, of(self.left))?;
        let right = right.map(|right| with_countries(name, right, of(self.right))).transpose()?;
        Ok((left, right))
    }

    /// The country of numbers whose own country is not known.
    pub(super) fn usual(
        &self,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
    ) -> Option<PhoneRegion> {
        if self.default_region.is_some() {
            return self.default_region;
        }
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut all = 0;
        for side in [Some(left), right].into_iter().flatten() {
            let mut looked_at = 0;
            for column in side {
                let Ok(texts) = text::of(column) else { continue };
                let numbers =
                    texts.iter().flatten().filter(|text| text.trim_start().starts_with('+'));
                for number in numbers {
                    looked_at += 1;
                    if looked_at > LOOKED_AT {
                        break;
                    }
                    let number = number.split(WITH).next().unwrap_or_default();
                    if let Some(region) = phone_region(number, None) {
                        *counts.entry(region).or_default() += 1;
                        all += 1;
                    }
                }
            }
        }
        let (region, count) = counts.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)))?;
        // If the numbers belong to many countries, they show nothing about one without a country
        // code.
        if 10 * count >= 7 * all { region.parse().ok() } else { None }
    }
}

fn with_countries(
    name: &str,
    numbers: &[ArrayRef],
    countries: Option<&[ArrayRef]>,
) -> Result<Vec<ArrayRef>> {
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    numbers
        .iter()
        .enumerate()
        .map(|(chunk, column)| {
            let numbers = text::of(&as_text(name, column)?)?;
            let countries = countries.and_then(|countries| countries.get(chunk));
            let countries = countries.and_then(|column| text::of(column).ok());
            let mut out = LargeStringBuilder::new();
            let mut joined = String::new();
            for row in 0..numbers.len() {
                if numbers.is_null(row) {
                    out.append_null();
                    continue;
                }
                joined.clear();
                joined.push_str(numbers.value(row));
                if let Some(countries) = &countries
                    && row < countries.len()
                    && countries.is_valid(row)
                {
                    let country = countries.value(row);
                    let code = known
                        .entry(country.to_owned())
                        .or_insert_with(|| country_code(country).map(|code| code.to_string()));
                    if let Some(code) = code {
                        joined.push(WITH);
                        joined.push_str(code);
                    }
                }
                out.append_value(&joined);
            }
            Ok(Arc::new(out.finish()) as ArrayRef)
        })
        .collect()
}

/// Writes a number in E.164; only its digits if its country is unknown or it is not valid there.
pub(super) fn write_key(text: &str, default_region: Option<PhoneRegion>, key: &mut String) {
    let (number, region) = text
        .split_once(WITH)
        .map_or((text, None), |(number, code)| (number, code.parse::<PhoneRegion>().ok()));
    if is_placeholder(Kind::Phone, number) {
        return;
    }
    let written = [region, default_region]
        .into_iter()
        .flatten()
        .find_map(|region| phone_e164(number, Some(region)))
        .or_else(|| phone_e164(number, None));
    match written {
        Some(written) => key.push_str(&written),
        None => {
            // A number that was read as a decimal has only gained a zero.
            let number = number.trim().strip_suffix(".0").unwrap_or(number);
            key.extend(number.chars().filter(char::is_ascii_digit));
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;

    use super::*;
    use crate::tables::Values;

    fn column(texts: &[&str]) -> Vec<ArrayRef> {
        vec![Arc::new(StringArray::from(texts.to_vec())) as ArrayRef]
    }

    fn keys(values: &Values) -> (Vec<&str>, Vec<&str>) {
        let of = |side: &[u32]| side.iter().map(|&value| values.texts.get(value)).collect();
        (of(&values.left), of(&values.right))
    }

    fn of(left: &[&str], right: &[&str], regions: &Regions<'_>) -> Values {
        Values::of_phones("phone", &column(left), Some(&column(right)), regions).unwrap()
    }

    #[test]
    fn a_national_number_meets_an_international_one() {
        let values =
            of(&["(415) 555-2671"], &["+14155552671", "+1 212 555 2345"], &Regions::default());
        assert_eq!(keys(&values).0, ["+14155552671"]);
        assert_eq!(values.left[0], values.right[0]);
    }

    #[test]
    fn the_caller_says_which_country_numbers_are_of() {
        let regions = Regions { default_region: "DE".parse().ok(), ..Regions::default() };
        let values = of(&["030/901820"], &["+49 30 901820"], &regions);
        assert_eq!(values.left[0], values.right[0]);
    }

    #[test]
    fn a_column_of_countries_tells_for_each_row() {
        let countries = column(&["Germany", "UK"]);
        let regions = Regions { left: Some(&countries), ..Regions::default() };
        let values =
            of(&["030/901820", "020 7946 0958"], &["+4930901820", "+442079460958"], &regions);
        assert_eq!(keys(&values).0, ["+4930901820", "+442079460958"]);
    }

    #[test]
    fn numbers_of_many_countries_tell_nothing_of_others() {
        let values = of(
            &["415 555 2671"],
            &["+4930901820", "+442079460958", "+33142685300"],
            &Regions::default(),
        );
        assert_eq!(keys(&values).0, ["4155552671"]);
    }
}
