//! Data by country for the generated directory: names, cities, telephone numbering plans, legal
//! forms, and words in names of companies.
//!
//! People and companies are invented, but a number or an address may exist by chance, so never call
//! or write to what the directory generates.

mod asia_pacific;
mod central_europe;
mod north_america;
mod northern_europe;
mod southern_europe;

use std::sync::LazyLock;

/// One country, as written in the files beside this one. Lists are separated by `, `.
pub(super) struct CountryText {
    pub name: &'static str,
    /// Percentage of companies that are in this country.
    pub share: u32,
    pub first_names: &'static str,
    pub last_names: &'static str,
    /// Legal forms; frequent ones are repeated.
    pub legal_forms: &'static str,
    pub domains: &'static str,
    /// Lines of business in names of companies.
    pub trades: &'static str,
    /// Mobile numbers of the numbering plan in E.164: `#` is any digit, `N` is 2 to 9, `H` is 6 to
    /// 9.
    pub phones: &'static str,
    pub cities: &'static [City],
}

/// A city with its region, its coordinates, and its postal codes (`#` is a digit).
#[derive(Debug)]
pub(super) struct City {
    pub name: &'static str,
    pub region: &'static str,
    pub lat: f64,
    pub lon: f64,
    pub postal: &'static str,
}

const fn city(
    name: &'static str,
    region: &'static str,
    lat: f64,
    lon: f64,
    postal: &'static str,
) -> City {
    City { name, region, lat, lon, postal }
}

/// One country with its lists split.
pub(super) struct Country {
    pub name: &'static str,
    pub share: u32,
    pub first_names: Vec<&'static str>,
    pub last_names: Vec<&'static str>,
    pub legal_forms: Vec<&'static str>,
    pub domains: Vec<&'static str>,
    pub trades: Vec<&'static str>,
    pub phones: Vec<&'static str>,
    pub cities: &'static [City],
}

/// All countries. A seed depends on their order, so new ones must be added at the end.
pub(super) static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let list = |text: &'static str| -> Vec<&'static str> {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
    };
    [
        &north_america::UNITED_STATES,
        &northern_europe::UNITED_KINGDOM,
        &central_europe::GERMANY,
        &southern_europe::FRANCE,
        &southern_europe::SPAIN,
        &southern_europe::ITALY,
        &northern_europe::NETHERLANDS,
        &northern_europe::SWEDEN,
        &central_europe::POLAND,
        &north_america::BRAZIL,
        &asia_pacific::INDIA,
        &asia_pacific::JAPAN,
        &north_america::CANADA,
        &asia_pacific::AUSTRALIA,
    ]
    .into_iter()
    .map(|written| Country {
        name: written.name,
        share: written.share,
        first_names: list(written.first_names),
        last_names: list(written.last_names),
        legal_forms: list(written.legal_forms),
        domains: list(written.domains),
        trades: list(written.trades),
        phones: list(written.phones),
        cities: written.cities,
    })
    .collect()
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::directory::generate::spelling::ascii;

    #[test]
    fn each_country_has_many_distinct_names() {
        for country in COUNTRIES.iter() {
            for (what, list, least) in [
                ("first names", &country.first_names, 40),
                ("last names", &country.last_names, 60),
                ("trades", &country.trades, 8),
            ] {
                let distinct: HashSet<_> = list.iter().collect();
                assert_eq!(distinct.len(), list.len(), "{}: {what} repeat", country.name);
                assert!(list.len() >= least, "{}: {} {what}", country.name, list.len());
            }
            assert!(country.cities.len() >= 6, "{}", country.name);
        }
        assert_eq!(COUNTRIES.iter().map(|country| country.share).sum::<u32>(), 100);
    }

    #[test]
    fn every_letter_of_a_name_has_an_ascii_spelling() {
        for country in COUNTRIES.iter() {
            for name in country.first_names.iter().chain(&country.last_names).chain(&country.trades)
            {
                let spelled = ascii(name);
                assert!(
                    spelled.is_ascii() && spelled.len() + 1 >= name.chars().count(),
                    "{name} became {spelled}"
                );
            }
        }
    }
}
