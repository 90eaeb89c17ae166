//! What the values of a column look like: the shares of a sample that have the form of an address, a
//! number, a day, a name.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use arrow::array::{Array, ArrayRef};
use foldhash::fast::FixedState;

use crate::{
    normalize,
    script::{has_dense, letters},
    tables::{Kind, amounts, column_text::as_text, dates, placeholders::is_placeholder},
    text,
};

/// Number of values in the sample, which are spread over the column.
const LOOKED_AT: usize = 1_000;

static COMPANY_WORDS: LazyLock<HashSet<&'static str, FixedState>> =
    LazyLock::new(|| words_of(include_str!("../data/company_hints.txt")));
static GIVEN_NAMES: LazyLock<HashSet<&'static str, FixedState>> = LazyLock::new(|| {
    let mut names = words_of(include_str!("../data/given_names.txt"));
    let nicknames = include_str!("../../normalize/data/nicknames.txt").lines();
    for line in nicknames.filter(|line| !line.starts_with('#')) {
        names.extend(line.split([':', ' ']).filter(|name| !name.is_empty()));
    }
    names
});

fn words_of(text: &'static str) -> HashSet<&'static str, FixedState> {
    text.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
}

/// Looks at values spread over a column. Returns the type of those that cannot be read.
fn for_each_sampled(
    name: &str,
    column: &[ArrayRef],
    mut look: impl FnMut(Option<&str>),
) -> Option<String> {
    let rows: usize = column.iter().map(|chunk| chunk.len()).sum();
    let step = rows.div_ceil(LOOKED_AT).max(1);
    let mut at = 0_usize;
    for chunk in column {
        let first = at.next_multiple_of(step) - at;
        at += chunk.len();
        if first >= chunk.len() {
            continue;
        }
        let Ok(all) = as_text(name, chunk).and_then(|all| Ok(text::of(&all)?)) else {
            return Some(chunk.data_type().to_string());
        };
        for row in (first..all.len()).step_by(step) {
            look(all.is_valid(row).then(|| all.value(row).trim()));
        }
    }
    None
}

/// Shares of the values that look like something, 0 to 1, and means over them.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Number of values in the sample, and the share of rows without a value.
    pub known: usize,
    pub nulls: f64,
    /// The type of the values, if it cannot be compared, such as a duration.
    pub unreadable: Option<String>,
    pub emails: f64,
    pub hosts: f64,
    pub linkedin: f64,
    pub days: f64,
    pub years: f64,
    pub times_of_day: f64,
    pub phones: f64,
    pub amounts: f64,
    pub fractions: f64,
    pub currencies: f64,
    /// Only digits and punctuation between them.
    pub digits: f64,
    pub long_digits: f64,
    /// With a digit at all.
    pub numbered: f64,
    pub identifiers: f64,
    pub degrees: f64,
    pub flags: f64,
    pub countries: f64,
    pub states: f64,
    pub streets: f64,
    pub companies: f64,
    /// Two to four words with capitals and no digits.
    pub full_names: f64,
    /// The share of these whose first or last word is a known given name.
    pub given_names: f64,
    /// Whether many of the full names begin as others do, and many end as others do, as names of
    /// people do in each language.
    pub shares_names: bool,
    /// One or two words without digits.
    pub single_names: f64,
    pub known_single_names: f64,
    pub lists: f64,
    pub comma_lists: f64,
    pub long: f64,
    pub words: f64,
    pub letters: f64,
    /// The number of distinct values per value, and whether all values are distinct.
    pub distinct: f64,
    pub each_its_own: bool,
    /// Whole numbers that count the rows.
    pub counts_rows: bool,
    /// Some of the distinct values, folded, to compare two columns.
    pub values: HashSet<String, FixedState>,
    /// Between which years its days are, and between which numbers its amounts: eight in ten of them.
    pub years_between: Option<(f64, f64)>,
    pub amounts_between: Option<(f64, f64)>,
}

impl Sample {
    pub fn of(name: &str, column: &[ArrayRef]) -> Self {
        let mut texts: Vec<String> = Vec::new();
        let (mut looked_at, mut missing) = (0_usize, 0_usize);
        let unreadable = for_each_sampled(name, column, |value| {
            looked_at += 1;
            match value {
                Some(value) if !is_placeholder(Kind::Text, value) => texts.push(value.to_owned()),
                _ => missing += 1,
            }
        });
        let mut sample = Self::of_texts(&texts);
        sample.nulls = missing as f64 / looked_at.max(1) as f64;
        sample.unreadable = unreadable;
        sample
    }

    /// Also counts placeholders of a kind as missing: `000-000-0000` is not a phone number.
    pub fn count_missing(&mut self, kind: Kind, name: &str, column: &[ArrayRef]) {
        let (mut looked_at, mut missing) = (0_usize, 0_usize);
        for_each_sampled(name, column, |value| {
            looked_at += 1;
            missing += usize::from(value.is_none_or(|value| is_placeholder(kind, value)));
        });
        self.nulls = missing as f64 / looked_at.max(1) as f64;
    }

    /// What these values look like.
    pub fn of_texts(texts: &[String]) -> Self {
        let known = texts.len();
        let share = |is: &dyn Fn(&str) -> bool| {
            texts.iter().filter(|text| is(text)).count() as f64 / known.max(1) as f64
        };
        let mean = |of: &dyn Fn(&str) -> usize| {
            texts.iter().map(|text| of(text)).sum::<usize>() as f64 / known.max(1) as f64
        };
        let order = dates::order(texts.iter().map(String::as_str));
        let separators = amounts::separators(texts.iter().map(String::as_str));
        let mut counts: HashMap<&str, usize, FixedState> = HashMap::default();
        for text in texts {
            *counts.entry(text).or_default() += 1;
        }
        let full: Vec<&String> = texts.iter().filter(|text| is_full_name(text)).collect();
        let given = full.iter().filter(|text| has_given_name(text)).count();
        Self {
            known,
            nulls: 0.0,
            unreadable: None,
            emails: share(&|text| normalize::is_valid_email(text) || looks_like_email(text)),
            hosts: share(&is_host),
            linkedin: share(&|text| text.to_ascii_lowercase().contains("linkedin.com/")),
            days: share(&|text| {
                !is_plain_number(text) && dates::read(text, order).is_some_and(dates::Day::is_whole)
                    || text.len() == 8
                        && is_plain_number(text)
                        && (text.starts_with("19") || text.starts_with("20"))
                        && dates::read(text, order).is_some()
            }),
            years: share(&|text| {
                let year = text.strip_suffix(".0").unwrap_or(text).parse::<u32>();
                year.is_ok_and(|year| (1500..=2100).contains(&year))
            }),
            times_of_day: share(&|text| text.contains(':') && text.len() >= 15),
            phones: share(&is_phone),
            amounts: share(&|text| amounts::read(text, separators).is_some()),
            fractions: share(&|text| {
                text.rsplit_once(['.', ',']).is_some_and(|(_, after)| {
                    (1..=2).contains(&after.len()) && is_plain_number(after) && after != "0"
                }) && amounts::read(text, separators).is_some()
            }),
            currencies: share(&|text| {
                text.contains(['$', '€', '£', '¥', '₺', '₹'])
                    && amounts::read(text, separators).is_some()
            }),
            digits: share(&|text| {
                text.bytes().any(|byte| byte.is_ascii_digit())
                    && text.bytes().all(|byte| byte.is_ascii_digit() || b"-./ +(),".contains(&byte))
            }),
            long_digits: share(&|text| digits_of(text) >= 6),
            numbered: share(&|text| text.contains(char::is_numeric)),
            identifiers: share(&is_identifier),
            degrees: share(&|text| {
                text.parse::<f64>().is_ok_and(|degree| degree.abs() <= 180.0) && text.contains('.')
            }),
            flags: share(&|text| {
                matches!(
                    text.to_lowercase().as_str(),
                    "true"
                        | "false"
                        | "yes"
                        | "no"
                        | "y"
                        | "n"
                        | "t"
                        | "f"
                        | "0"
                        | "1"
                        | "ja"
                        | "nein"
                        | "oui"
                        | "non"
                        | "si"
                        | "evet"
                        | "hayir"
                )
            }),
            countries: share(&|text| normalize::country_code(text).is_some()),
            states: share(&|text| normalize::us_state(text).is_some()),
            streets: share(&is_street),
            companies: share(&is_company),
            full_names: full.len() as f64 / known.max(1) as f64,
            given_names: given as f64 / full.len().max(1) as f64,
            shares_names: shares_names(&full),
            single_names: share(&|text| {
                text.split_whitespace().count() <= 2
                    && text.chars().all(|c| c.is_alphabetic() || " -'.’".contains(c))
            }),
            known_single_names: share(&|text| GIVEN_NAMES.contains(fold(text).as_str())),
            lists: share(&|text| text.matches([';', '|']).count() >= 1),
            comma_lists: share(&|text| text.contains(", ")),
            long: share(&|text| text.len() > 120),
            words: mean(&|text| text.split_whitespace().count()),
            letters: mean(&|text| letters(text)),
            distinct: counts.len() as f64 / known.max(1) as f64,
            each_its_own: counts.len() == known && known > 1,
            counts_rows: counts_rows(texts),
            values: texts.iter().map(|text| fold(text)).collect(),
            years_between: between(texts, &|text| {
                let year = |day: dates::Day| f64::from(day.year);
                dates::read(text.strip_suffix(".0").unwrap_or(text), order).map(year)
            }),
            amounts_between: between(texts, &|text| amounts::read(text, separators)),
        }
    }

    /// Which share of the words of one column is in the other as well, of the column that has less of
    /// the other.
    pub fn words_in_common(&self, other: &Self) -> f64 {
        let share = |one: &Self, other: &Self| {
            let mut known: HashSet<&str, FixedState> = HashSet::default();
            other.values.iter().for_each(|value| {
                each_word(value, |word| {
                    known.insert(word);
                });
            });
            let (mut all, mut common) = (0_u32, 0_u32);
            for value in &one.values {
                each_word(value, |word| {
                    all += 1;
                    common += u32::from(known.contains(word));
                });
            }
            f64::from(common) / f64::from(all.max(1))
        };
        share(self, other).min(share(other, self))
    }

    /// The share of the fewer distinct values that the other column has as well.
    pub fn overlap(&self, other: &Self) -> f64 {
        let fewer = self.values.len().min(other.values.len());
        self.values.intersection(&other.values).count() as f64 / fewer.max(1) as f64
    }
}

/// Between which numbers eight in ten of the texts are, where most are numbers.
fn between(texts: &[String], read: &dyn Fn(&str) -> Option<f64>) -> Option<(f64, f64)> {
    let mut numbers: Vec<f64> = texts.iter().filter_map(|text| read(text)).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| numbers[((numbers.len() - 1) as f64 * share).round() as usize];
    (!numbers.is_empty() && 2 * numbers.len() > texts.len()).then(|| (at(0.1), at(0.9)))
}

/// Calls `word` for the words of a folded text, and for every two neighbouring letters where a letter
/// is a syllable or a word.
fn each_word<'a>(text: &'a str, mut word: impl FnMut(&'a str)) {
    for part in text.split(' ') {
        if !has_dense(part) {
            word(part);
            continue;
        }
        let ends = part.char_indices().skip(2).map(|(at, _)| at).chain([part.len()]);
        for ((begin, _), end) in part.char_indices().zip(ends) {
            word(&part[begin..end]);
        }
    }
}

fn fold(text: &str) -> String {
    let mut folded = String::new();
    normalize::write_words(text, &mut folded);
    folded
}

fn is_plain_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits_of(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace)
    })
}

fn is_host(text: &str) -> bool {
    if text.contains(char::is_whitespace) || text.contains('@') || !text.contains('.') {
        return false;
    }
    let url =
        text.contains("://") || text.get(..4).is_some_and(|www| www.eq_ignore_ascii_case("www."));
    // The name of a file looks like a domain but for its ending.
    let known = |domain: &str| lantern_suffixes::public_suffix(domain).section.is_some();
    url || (text.chars().any(char::is_alphabetic)
        && normalize::domain_key(text).is_some_and(|domain| known(&domain)))
}

/// A plus sign, brackets, or groups of digits as phone numbers have them.
fn is_phone(text: &str) -> bool {
    let digits = digits_of(text);
    if !(7..=16).contains(&digits) || text.chars().filter(|c| c.is_alphabetic()).count() > 4 {
        return false;
    }
    let groups = text.split([' ', '-', '.', '/']).filter(|group| digits_of(group) > 0).count();
    text.starts_with('+')
        || (text.contains('(') && text.contains(')'))
        || (groups >= 3 && digits >= 9)
        || (text.starts_with('0') && digits >= 9 && groups >= 2)
}

/// A UUID, a key of a database, a Salesforce id.
fn is_identifier(text: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let uuid = text.len() == 36 && text.split('-').count() == 5 && text.split('-').all(hex);
    let mixed = text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    uuid || (mixed && matches!(text.len(), 15 | 18 | 20 | 24 | 32 | 40))
}

/// A house number and words, one of which may mean `street` in some language.
fn is_street(text: &str) -> bool {
    static STREETS: LazyLock<HashSet<&'static str, FixedState>> = LazyLock::new(|| {
        let lines = include_str!("../../normalize/data/street_words.txt").lines();
        let words = lines.filter(|line| !line.starts_with('#'));
        let mut words: HashSet<_, _> =
            words.flat_map(|line| line.split([':', ' '])).filter(|word| word.len() > 1).collect();
        words.extend(["rue", "via", "straat", "sokak", "cadde", "caddesi", "sokagi", "mah"]);
        words
    });
    if !text.contains(|letter: char| letter.is_ascii_digit()) || text.len() > 120 {
        return false;
    }
    let folded = fold(text);
    folded.split(' ').any(|word| {
        STREETS.contains(word)
            || [
                "strasse", "str", "gasse", "platz", "weg", "allee", "straat", "laan", "gatan",
                "vej",
            ]
            .iter()
            .any(|ending| word.len() > ending.len() + 2 && word.ends_with(ending))
    })
}

fn is_company(text: &str) -> bool {
    normalize::legal_form(text).is_some()
        || fold(text).split(' ').any(|word| COMPANY_WORDS.contains(word))
        || ["公司", "集团", "株式会社", "有限会社", "주식회사", "银行", "銀行", "大学"]
            .iter()
            .any(|word| text.contains(word))
}

fn is_full_name(text: &str) -> bool {
    if has_dense(text) {
        // A name without a space is short; of two words, each is.
        let mut words = text.split_whitespace().map(letters);
        return match (words.next(), words.next(), words.next()) {
            (Some(whole), None, _) => (2..=5).contains(&whole) && !is_company(text),
            (Some(family), Some(given), None) => family <= 4 && given <= 6 && !is_company(text),
            _ => false,
        };
    }
    let mut words = text.split_whitespace();
    let count = words.clone().count();
    (2..=4).contains(&count)
        && words.all(|word| word.chars().all(|c| c.is_alphabetic() || "-'.,’".contains(c)))
        && !is_company(text)
}

/// Whether at most half of the first words are distinct, and at most half of the last words. A few
/// names say nothing.
fn shares_names(full: &[&String]) -> bool {
    const FEW: usize = 30;
    let distinct = |word: fn(&str) -> Option<&str>| {
        let words: HashSet<&str, FixedState> = full.iter().filter_map(|text| word(text)).collect();
        words.len()
    };
    full.len() >= FEW
        && 2 * distinct(|text| text.split_whitespace().next()) <= full.len()
        && 2 * distinct(|text| text.split_whitespace().next_back()) <= full.len()
}

fn has_given_name(text: &str) -> bool {
    let folded = fold(text);
    let mut words = folded.split(' ');
    let (first, last) = (words.next(), words.next_back());
    [first, last].into_iter().flatten().any(|word| GIVEN_NAMES.contains(word))
}

/// Whether whole numbers rise or fall by the same step from row to row.
fn counts_rows(texts: &[String]) -> bool {
    let numbers: Vec<i64> = texts
        .iter()
        .filter_map(|text| text.strip_suffix(".0").unwrap_or(text).parse().ok())
        .collect();
    texts.len() >= 3
        && numbers.len() == texts.len()
        && numbers[1].checked_sub(numbers[0]).is_some_and(|step| {
            step != 0 && numbers.windows(2).all(|pair| pair[1].checked_sub(pair[0]) == Some(step))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_differ_by_one_step_count_rows() {
        let counts = |numbers: &[i64]| {
            let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
            counts_rows(&texts)
        };
        assert!(counts(&[1, 2, 3]) && counts(&[10, 8, 6]));
        assert!(!counts(&[1, 2, 4]) && !counts(&[5, 5, 5]) && !counts(&[1, 2]));
        // Their differences are larger than any number.
        assert!(!counts(&[i64::MIN, i64::MAX, i64::MIN]));
        let quarter = 1 << 62;
        assert!(!counts(&[i64::MIN, quarter, 0, -quarter]));
    }
}
