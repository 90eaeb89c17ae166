//! Converts countries to ISO 3166-1 alpha-2, and states of the United States to their codes.

use std::{cell::RefCell, collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

use super::{
    tables,
    words::{Marks, Words},
};

/// Increases whenever the code of any text changes.
pub const COUNTRY_CODE_VERSION: u32 = 1;
/// Increases whenever the code of any text changes.
pub const US_STATE_VERSION: u32 = 1;

/// The country or state of a folded name or code.
#[derive(Clone, Copy)]
struct Entry {
    code: &'static str,
    is_name: bool,
}

type Table = HashMap<Box<str>, Entry, FixedState>;

static COUNTRIES: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    let mut words = Words::default();
    let lines = || tables::colon_lines(include_str!("data/country_names.txt"));
    for (codes, _) in lines() {
        let mut codes = codes.split_whitespace();
        let Some(code) = codes.next() else { continue };
        for code_too in codes.chain([code]).filter(|code| *code != "-") {
            let entry = Entry { code, is_name: false };
            table.entry(code_too.to_ascii_lowercase().into_boxed_str()).or_insert(entry);
        }
    }
    add_names(&mut table, lines(), &mut words);
    table
});

static STATES: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    let lines = || tables::colon_lines(include_str!("data/us_states.txt"));
    for (code, _) in lines() {
        table.insert(code.to_ascii_lowercase().into_boxed_str(), Entry { code, is_name: false });
    }
    add_names(&mut table, lines(), &mut Words::default());
    table
});

fn add_names(
    table: &mut Table,
    lines: impl Iterator<Item = (&'static str, &'static str)>,
    words: &mut Words,
) {
    let mut folded = String::new();
    for (codes, names) in lines {
        let Some(code) = codes.split_whitespace().next() else { continue };
        for name in names.split(';') {
            words.read(name);
            join(words, 0..words.list.len(), |_| true, &mut folded);
            table.entry(folded.as_str().into()).or_insert(Entry { code, is_name: true });
        }
    }
}

thread_local! {
    static SCRATCH: RefCell<(Words, String)> = RefCell::default();
}

/// Maximum length of a name, folded and without spaces.
const LONGEST: usize = 200;

/// The ISO 3166-1 alpha-2 code of a country (`XK` for Kosovo), from its name in English, in its own
/// languages and in some thirty others, from common variants and abbreviations, and from ISO codes
/// of two or three letters or three digits.
pub fn country_code(text: &str) -> Option<&'static str> {
    find(text, &COUNTRIES, true)
}

/// The code of a state or territory of the United States, from its name, an abbreviation or the
/// code itself.
pub fn us_state(text: &str) -> Option<&'static str> {
    find(text, &STATES, false)
}

fn find(text: &str, table: &Table, places: bool) -> Option<&'static str> {
    SCRATCH.with_borrow_mut(|(words, folded)| {
        words.read(text);
        if words.text.len() > LONGEST {
            return None;
        }
        let all = 0..words.list.len();
        join(words, all.clone(), |_| true, folded);
        if let Some(entry) = table.get(folded.as_str()) {
            // "n/a" is not Namibia.
            return (entry.is_name || !text.contains('/')).then_some(entry.code);
        }
        let bracketed = |marks: Marks| marks.contains(Marks::BRACKETED);
        if words.list.iter().any(|word| bracketed(word.marks)) {
            join(words, all.clone(), |marks| !bracketed(marks), folded);
            if let Some(entry) = table.get(folded.as_str()) {
                return Some(entry.code);
            }
        }
        // "Toronto, Canada"; but the GA of "Atlanta, GA" is not Gabon.
        let comma = words.list.iter().rposition(|word| word.marks.contains(Marks::AFTER_COMMA));
        let last = comma.filter(|at| places && *at > 0)?;
        join(words, last..words.list.len(), |_| true, folded);
        table.get(folded.as_str()).filter(|entry| entry.is_name).map(|entry| entry.code)
    })
}

/// Writes words without spaces between them, and without "and" and "the".
fn join(
    words: &Words,
    range: std::ops::Range<usize>,
    keep: impl Fn(Marks) -> bool,
    folded: &mut String,
) {
    folded.clear();
    // On its own, AND is the code of Andorra.
    let several = range.len() > 1;
    for word in &words.list[range] {
        let text = words.of(*word);
        if keep(word.marks) && !(several && matches!(text, "the" | "and")) {
            folded.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_variants_and_codes_of_countries_are_known() {
        for (code, texts) in [
            (
                "US",
                &[
                    "US",
                    "USA",
                    "usa",
                    "U.S.",
                    "U.S.A.",
                    "United States",
                    "The United States of America",
                    "840",
                    "America",
                    "Estados Unidos",
                    "États-Unis",
                    "Vereinigte Staaten",
                    "アメリカ",
                    "美国",
                    "Соединенные Штаты",
                    "United States (US)",
                ][..],
            ),
            (
                "GB",
                &[
                    "GB",
                    "UK",
                    "U.K.",
                    "GBR",
                    "826",
                    "United Kingdom",
                    "Great Britain",
                    "England",
                    "Scotland",
                    "Wales",
                    "Northern Ireland",
                    "Royaume-Uni",
                    "Großbritannien",
                    "Vereinigtes Königreich",
                    "Reino Unido",
                    "London, UK",
                ],
            ),
            (
                "DE",
                &[
                    "DE",
                    "DEU",
                    "276",
                    "Germany",
                    "Deutschland",
                    "GERMANY",
                    "Allemagne",
                    "Alemania",
                    "Germania",
                    "Duitsland",
                    "Niemcy",
                    "Federal Republic of Germany",
                    "ドイツ",
                    "Berlin, Germany",
                    "Germany (Deutschland)",
                ],
            ),
            ("FR", &["France", "FRA", "Frankreich", "Francia", "250"]),
            ("ES", &["Spain", "España", "Espana", "Spanien", "ESP"]),
            (
                "NL",
                &[
                    "Netherlands",
                    "The Netherlands",
                    "Holland",
                    "Nederland",
                    "Niederlande",
                    "Pays-Bas",
                ],
            ),
            ("CH", &["Switzerland", "Schweiz", "Suisse", "Svizzera", "CHE"]),
            ("AT", &["Austria", "Österreich", "Oesterreich", "AUT"]),
            ("AU", &["Australia", "AUS", "036"]),
            ("CZ", &["Czech Republic", "Czechia", "Česká republika", "Česko", "Tschechien"]),
            (
                "KR",
                &[
                    "South Korea",
                    "Korea",
                    "Republic of Korea",
                    "Korea, Republic of",
                    "대한민국",
                    "KOR",
                ],
            ),
            ("KP", &["North Korea", "DPRK", "Korea, Democratic People's Republic of"]),
            ("CN", &["China", "PRC", "P.R. China", "中国", "中國", "People's Republic of China"]),
            ("TW", &["Taiwan", "Taiwan, Province of China", "台灣", "Taiwan (ROC)"]),
            ("HK", &["Hong Kong", "Hong Kong SAR", "HKG", "香港"]),
            ("RU", &["Russia", "Russian Federation", "Россия", "RUS"]),
            ("AE", &["UAE", "U.A.E.", "United Arab Emirates", "الإمارات العربية المتحدة"]),
            ("CI", &["Ivory Coast", "Côte d'Ivoire", "Cote d’Ivoire", "Cote d Ivoire"]),
            (
                "CD",
                &[
                    "DRC",
                    "DR Congo",
                    "Congo, The Democratic Republic of the",
                    "Democratic Republic of the Congo",
                ],
            ),
            ("CG", &["Congo", "Republic of the Congo"]),
            ("VN", &["Vietnam", "Viet Nam", "Việt Nam"]),
            ("TR", &["Turkey", "Türkiye", "TUR"]),
            ("XK", &["Kosovo", "XK"]),
            ("IE", &["Ireland", "Éire", "Republic of Ireland"]),
            ("BA", &["Bosnia and Herzegovina", "Bosnia & Herzegovina", "Bosnia-Herzegovina"]),
            ("MK", &["Macedonia", "North Macedonia"]),
            ("BR", &["Brazil", "Brasil", "Brasilien"]),
            ("JP", &["Japan", "日本", "Japon", "JPN"]),
            ("IN", &["India", "IND", "Indien", "भारत"]),
            ("GR", &["Greece", "Ελλάδα", "Griechenland", "EL"]),
            ("CA", &["Canada", "Toronto, Canada", "Kanada"]),
            ("CR", &["CR", "Costa Rica"]),
        ] {
            for text in texts {
                assert_eq!(country_code(text), Some(code), "{text}");
            }
        }
    }

    #[test]
    fn text_that_names_no_country_has_no_code() {
        for text in [
            "",
            " ",
            "n/a",
            "Atlantis",
            "XX",
            "ZZZ",
            "999",
            "44",
            "Atlanta, GA",
            "Paris, TX",
            "EU",
            "Europe",
            "-",
            "1",
        ] {
            assert_eq!(country_code(text), None, "{text}");
        }
    }

    #[test]
    fn every_country_is_known_by_its_codes() {
        let mut count = 0;
        for (codes, names) in tables::colon_lines(include_str!("data/country_names.txt")) {
            let codes: Vec<_> = codes.split_whitespace().collect();
            for code in codes.iter().filter(|code| **code != "-") {
                assert_eq!(country_code(code), Some(codes[0]), "{code}");
            }
            assert!(
                country_code(names.split(';').next().unwrap_or_default()) == Some(codes[0]),
                "{names}"
            );
            count += 1;
        }
        assert_eq!(count, 250);
    }

    #[test]
    fn states_are_known_by_name_abbreviation_and_code() {
        for (code, texts) in [
            ("CA", &["CA", "ca", "California", "Calif.", "CALIFORNIA"][..]),
            ("NY", &["NY", "N.Y.", "New York"]),
            ("DC", &["DC", "D.C.", "District of Columbia", "Washington, DC"]),
            ("MA", &["Mass.", "Massachusetts"]),
            ("WV", &["W. Va.", "West Virginia"]),
            ("PR", &["Puerto Rico"]),
        ] {
            for text in texts {
                assert_eq!(us_state(text), Some(code), "{text}");
            }
        }
        for text in ["", "Ontario", "XX", "New", "Paris, TX"] {
            assert_eq!(us_state(text), None, "{text}");
        }
    }
}
