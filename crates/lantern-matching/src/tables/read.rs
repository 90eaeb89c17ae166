//! Reads a text into the key by which a field compares it: the text is normalized by its kind; a
//! placeholder for a missing value has no key.

use super::{
    amounts::{self, Separators},
    dates::{self, Order},
    interned_texts::Texts,
    kind::Kind,
    phones,
    placeholders::is_placeholder,
};
use crate::{
    normalize::{self, Normalizer, PhoneRegion},
    script::has_dense,
};

/// The word between the names of a list.
pub const SEPARATOR: &str = ";";

/// How the texts of a column are read.
#[derive(Clone, Copy, Debug)]
pub enum Reader {
    /// As the texts are.
    AsItIs,
    /// By the kind's normalizer only, because what rules join on must not depend on other rows.
    OfRules { kind: Kind, normalizer: Option<Normalizer> },
    /// As the other values of the column show that they are meant.
    OfColumn { kind: Kind, normalizer: Option<Normalizer>, order: Order, separators: Separators },
    /// Phone numbers with the country of each, as [`phones::Regions`] writes them.
    OfPhones { default_region: Option<PhoneRegion> },
}

impl Reader {
    pub fn of_rules(kind: Kind) -> Self {
        Self::OfRules { kind, normalizer: kind.normalizer() }
    }

    /// How to read a column with these distinct texts.
    pub fn of_column(kind: Kind, spellings: &Texts) -> Self {
        let texts = || {
            (0..spellings.len()).map(|number| {
                #[expect(clippy::cast_possible_truncation, reason = "numbers of texts fit")]
                spellings.get(number as u32)
            })
        };
        Self::OfColumn {
            kind,
            // Given names keep their spelling; their nicknames are aliases.
            normalizer: if kind == Kind::FirstName { None } else { kind.normalizer() },
            order: if kind == Kind::Date { dates::order(texts()) } else { Order::default() },
            separators: if kind == Kind::Amount {
                amounts::separators(texts())
            } else {
                Separators::default()
            },
        }
    }

    pub const fn of_phones(default_region: Option<PhoneRegion>) -> Self {
        Self::OfPhones { default_region }
    }

    /// Writes the key of a text; nothing if it has none.
    pub fn write(&self, text: &str, key: &mut String) {
        key.clear();
        match *self {
            Self::AsItIs => key.push_str(text),
            Self::OfRules { kind, normalizer } => write_key(kind, normalizer, text, key),
            Self::OfPhones { default_region } => phones::write_key(text, default_region, key),
            Self::OfColumn { kind, .. } if is_placeholder(kind, text) => {}
            Self::OfColumn { kind: Kind::Date, order, .. } => match dates::read(text, order) {
                Some(day) => day.write(key),
                None => normalize::write_words(text, key),
            },
            Self::OfColumn { kind: Kind::Amount, separators, .. } => {
                if let Some(amount) = amounts::read(text, separators) {
                    amounts::write(amount, key);
                }
            }
            Self::OfColumn { kind: Kind::Place, .. } => write_place(text, key),
            Self::OfColumn { kind: Kind::List, .. } => write_list(text, key),
            Self::OfColumn { kind, normalizer, .. } => {
                write_key(kind, normalizer, text, key);
                // In scripts in which a syllable is a character, spaces carry no information: 김 민수
                // is 김민수.
                if kind == Kind::Person && has_dense(key) {
                    key.retain(|letter| letter != ' ');
                }
            }
        }
    }
}

fn write_key(kind: Kind, normalizer: Option<Normalizer>, text: &str, key: &mut String) {
    if let Some(normalizer) = normalizer {
        let written = normalizer.write(text, key);
        // A phone number without a country can still be compared by its digits; a country that is
        // not recognized is kept as it is.
        if written && !key.is_empty() {
            return;
        }
        key.clear();
        if matches!(kind, Kind::Domain | Kind::Email | Kind::Linkedin) {
            return;
        }
    }
    if matches!(kind, Kind::Phone | Kind::Date) {
        key.extend(text.chars().filter(char::is_ascii_digit));
        if !key.is_empty() {
            return;
        }
    }
    normalize::write_words(text, key);
}

/// Writes `latitude longitude` in degrees; nothing for a point that is not on earth, and for 0 0,
/// which is a placeholder.
fn write_place(text: &str, key: &mut String) {
    use std::fmt::Write;
    let mut numbers = text
        .split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '(' | ')'))
        .filter(|part| !part.is_empty())
        .map(str::parse::<f64>);
    let (Some(Ok(latitude)), Some(Ok(longitude)), None) =
        (numbers.next(), numbers.next(), numbers.next())
    else {
        return;
    };
    let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
    if on_earth && (latitude != 0.0 || longitude != 0.0) {
        // Writing to a string cannot fail. The fifth decimal is about a metre.
        let _ = write!(key, "{latitude:.5} {longitude:.5}");
    }
}

/// Writes the names of a list with a separator between them.
fn write_list(text: &str, key: &mut String) {
    let by_comma = !text.contains([';', '|', '\n']);
    let mut name = String::new();
    let parts = text
        .split(|letter| matches!(letter, ';' | '|' | '\n' | '、') || (by_comma && letter == ','))
        .flat_map(|part| part.split(" and "))
        .flat_map(|part| part.split(" & "));
    for part in parts {
        let written = Normalizer::PersonKey.write(part, &mut name);
        if !written {
            normalize::write_words(part, &mut name);
        }
        if name.is_empty() || is_placeholder(Kind::List, &name) {
            continue;
        }
        if !key.is_empty() {
            key.push(' ');
            key.push_str(SEPARATOR);
            key.push(' ');
        }
        key.push_str(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: Kind, column: &[&str], text: &str) -> String {
        let mut spellings = Texts::default();
        for text in column {
            spellings.number(text);
        }
        let mut key = String::new();
        Reader::of_column(kind, &spellings).write(text, &mut key);
        key
    }

    #[test]
    fn values_are_read_as_their_column_shows() {
        assert_eq!(key(Kind::Date, &["12/31/1990"], "01/02/1990"), "1990-01-02");
        assert_eq!(key(Kind::Date, &["31/12/1990"], "01/02/1990"), "1990-02-01");
        assert_eq!(key(Kind::Amount, &["12,50"], "1.234"), "1234");
        assert_eq!(key(Kind::Amount, &["12.50"], "$1.234"), "1.234");
        assert_eq!(key(Kind::Place, &[], "52.52, 13.405"), "52.52000 13.40500");
        assert_eq!(key(Kind::Place, &[], "0.0 0.0"), "");
        assert_eq!(key(Kind::Place, &[], "91 13"), "");
    }

    #[test]
    fn placeholders_are_nothing() {
        for (kind, text) in [
            (Kind::Company, "N/A"),
            (Kind::Email, "test@test.com"),
            (Kind::Date, "1900-01-01"),
            (Kind::Amount, "-"),
            (Kind::List, "unknown"),
        ] {
            assert_eq!(key(kind, &[], text), "", "{kind} {text}");
        }
    }

    #[test]
    fn lists_are_names_with_separators() {
        assert_eq!(
            key(Kind::List, &[], "Viswanath Poosala, Yannis Ioannidis"),
            "viswanath poosala ; yannis ioannidis"
        );
        assert_eq!(key(Kind::List, &[], "Byron, Ada; Smith, Bob"), "ada byron ; robert smith");
        assert_eq!(key(Kind::List, &[], "Ada Byron and Bob Smith"), "ada byron ; robert smith");
    }

    #[test]
    fn a_space_in_a_korean_name_says_nothing() {
        assert_eq!(key(Kind::Person, &[], "김 민수"), key(Kind::Person, &[], "김민수"));
    }
}
