//! Interprets names of columns, in many languages and spellings.
//!
//! A name is split into words (`Billing_PostalCode__c`, `firstname`, `Telefonnummer`), each of
//! which has meanings. No word decides on its own: `recognize` compares the meanings of all words
//! with what the values look like.

use std::{collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

use crate::normalize;

/// What a word in the name of a column can mean; the order is that of `data/column_words.txt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Meaning {
    Email,
    Phone,
    Web,
    Linkedin,
    Company,
    /// A site, a branch, a store.
    PlaceOf,
    Name,
    First,
    Last,
    Middle,
    Person,
    Address,
    Street,
    City,
    State,
    Country,
    Postal,
    Birth,
    Founded,
    /// The time at which something was done with the row.
    Event,
    /// Last, as in "last activity".
    LastTime,
    Date,
    Amount,
    Latitude,
    Longitude,
    Id,
    Code,
    LongText,
    /// The person who is responsible for the row.
    Owner,
    List,
    Flag,
    Category,
    Product,
}

impl Meaning {
    const ALL: [(&'static str, Self); 33] = [
        ("email", Self::Email),
        ("phone", Self::Phone),
        ("web", Self::Web),
        ("linkedin", Self::Linkedin),
        ("company", Self::Company),
        ("place_of", Self::PlaceOf),
        ("name", Self::Name),
        ("first", Self::First),
        ("last", Self::Last),
        ("middle", Self::Middle),
        ("person", Self::Person),
        ("address", Self::Address),
        ("street", Self::Street),
        ("city", Self::City),
        ("state", Self::State),
        ("country", Self::Country),
        ("postal", Self::Postal),
        ("birth", Self::Birth),
        ("founded", Self::Founded),
        ("event", Self::Event),
        ("last_time", Self::LastTime),
        ("date", Self::Date),
        ("amount", Self::Amount),
        ("latitude", Self::Latitude),
        ("longitude", Self::Longitude),
        ("id", Self::Id),
        ("code", Self::Code),
        ("long_text", Self::LongText),
        ("owner", Self::Owner),
        ("list", Self::List),
        ("flag", Self::Flag),
        ("category", Self::Category),
        ("product", Self::Product),
    ];
}

/// The words of a name and what they mean.
#[derive(Clone, Debug, Default)]
pub struct ColumnName {
    /// Folded, in order, without numbers.
    pub words: Vec<String>,
    meanings: Vec<Means>,
}

/// The meanings of a word, and the lines of the lexicon with words of the same meaning.
#[derive(Clone, Copy, Debug, Default)]
struct Means {
    meanings: u64,
    synonyms: u64,
}

/// Meanings whose words stand for different things: a price is not a revenue, although both are
/// amounts.
const BROAD: [Meaning; 12] = [
    Meaning::Amount,
    Meaning::Code,
    Meaning::Id,
    Meaning::Category,
    Meaning::Product,
    Meaning::Event,
    Meaning::Date,
    Meaning::Flag,
    Meaning::LongText,
    Meaning::Owner,
    Meaning::Founded,
    Meaning::PlaceOf,
];

/// Meanings of words that change the meaning of the words before them: "address type" is not an
/// address.
const SORTS: [Meaning; 4] = [Meaning::Category, Meaning::Flag, Meaning::Product, Meaning::LongText];

/// Words behind which a name says more about the words before.
const PREPOSITIONS: [&str; 17] = [
    "of", "in", "at", "for", "de", "du", "des", "d", "del", "della", "di", "da", "do", "der",
    "von", "van", "fur",
];

static LEXICON: LazyLock<HashMap<String, Means, FixedState>> = LazyLock::new(|| {
    let mut lexicon: HashMap<String, Means, FixedState> = HashMap::default();
    let lines = include_str!("../data/column_words.txt").lines();
    for (number, line) in lines.filter(|line| !line.starts_with('#')).enumerate() {
        let Some((title, words)) = line.split_once(':') else { continue };
        let title_of = title.split('/').next().unwrap_or(title);
        let Some(&(_, meaning)) = Meaning::ALL.iter().find(|(name, _)| *name == title_of) else {
            continue;
        };
        let narrow = title != title_of || !BROAD.contains(&meaning);
        for word in words.split_whitespace() {
            let means = lexicon.entry(fold(word)).or_default();
            means.meanings |= 1 << meaning as u8;
            if narrow {
                means.synonyms |= 1 << (number % 64);
            }
        }
    }
    lexicon
});

fn fold(word: &str) -> String {
    let mut folded = String::new();
    normalize::write_words(word, &mut folded);
    folded
}

impl ColumnName {
    pub fn of(name: &str) -> Self {
        // The suffix that Salesforce adds to names of custom fields.
        let name = ["__c", "__pc", "__r"]
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .unwrap_or(name);
        let mut found = Self::default();
        for word in words_of(name) {
            let word = fold(&word);
            let plain = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
            for part in plain.split(' ').filter(|part| !part.is_empty()) {
                if LEXICON.contains_key(part) {
                    found.push(part);
                } else if let Some(parts) = apart(part) {
                    parts.into_iter().for_each(|part| found.push(part));
                } else {
                    found.push(part);
                }
            }
        }
        found
    }

    fn push(&mut self, word: &str) {
        // `e-mail` is one word.
        if let Some(last) =
            self.words.last_mut().filter(|last| *last == "e" && word.starts_with("mail"))
        {
            *last = "email".to_owned();
            if let Some(meaning) = self.meanings.last_mut() {
                *meaning = LEXICON.get("email").copied().unwrap_or_default();
            }
            return;
        }
        self.words.push(word.to_owned());
        self.meanings.push(LEXICON.get(word).copied().unwrap_or_default());
    }

    /// Whether one of its words can mean this.
    pub fn says(&self, meaning: Meaning) -> bool {
        self.meanings.iter().any(|all| all.meanings & 1 << meaning as u8 != 0)
    }

    /// Whether one of its words can mean one of these.
    pub fn says_any(&self, meanings: &[Meaning]) -> bool {
        meanings.iter().any(|&meaning| self.says(meaning))
    }

    /// Whether every word can mean one of these, and there is one.
    pub fn says_only(&self, meanings: &[Meaning]) -> bool {
        let wanted = meanings.iter().fold(0, |all, &meaning| all | 1_u64 << meaning as u8);
        !self.meanings.is_empty() && self.meanings.iter().all(|all| all.meanings & wanted != 0)
    }

    /// Whether the words that can mean one of these are followed by what they only say more about: a
    /// street performer is a performer. A word after a preposition says more about those before it
    /// (`ville de livraison`).
    pub fn only_describes(&self, meanings: &[Meaning]) -> bool {
        let of = |all: &[Meaning]| all.iter().fold(0, |all, &one| all | 1_u64 << one as u8);
        let (wanted, sorts) = (of(meanings), of(&SORTS));
        let Some(last) = self.meanings.iter().rposition(|all| all.meanings & wanted != 0) else {
            return false;
        };
        self.words.get(last + 1).is_some_and(|word| !PREPOSITIONS.contains(&word.as_str()))
            && self.meanings[last + 1..]
                .iter()
                .any(|all| all.meanings == 0 || all.meanings & sorts != 0)
    }

    /// Whether it is more specific than a broad category: a price, and not an amount.
    pub fn is_narrow(&self) -> bool {
        self.meanings.iter().any(|means| means.synonyms != 0)
    }

    /// The similarity of two names, 0 to 1: the share of their meanings and words that are the
    /// same.
    pub fn alike(&self, other: &Self) -> f64 {
        if self.words.is_empty() || other.words.is_empty() {
            return 0.0;
        }
        if self.words == other.words {
            return 1.0;
        }
        let mut taken = vec![false; other.words.len()];
        let mut common = 0.0;
        for (word, means) in self.words.iter().zip(&self.meanings) {
            let best = other
                .words
                .iter()
                .zip(&other.meanings)
                .enumerate()
                .filter(|&(at, _)| !taken[at])
                .map(|(at, (other, others))| {
                    let same: f64 = if word == other {
                        1.0
                    } else if means.synonyms & others.synonyms != 0 {
                        0.8
                    } else {
                        0.0
                    };
                    (at, same)
                })
                .max_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((at, same)) = best.filter(|&(_, same)| same > 0.0) {
                taken[at] = true;
                common += same;
            }
        }
        2.0 * common / (self.words.len() + other.words.len()) as f64
    }
}

/// The words of the lexicon of which `word` consists, as few as possible.
fn apart(word: &str) -> Option<Vec<&str>> {
    const SHORTEST: usize = 2;
    const LONGEST: usize = 40;
    let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
    if starts.len() > LONGEST {
        return None;
    }
    // For every beginning, the fewest words of which it consists.
    let mut best: Vec<Option<(usize, usize)>> = vec![None; starts.len()];
    best[0] = Some((0, 0));
    for end in 1..starts.len() {
        for begin in 0..end {
            let Some((count, _)) = best[begin] else { continue };
            let part = &word[starts[begin]..starts[end]];
            // German joins words with an s or an n.
            let joint = matches!(part, "s" | "n" | "es" | "or" | "of" | "de")
                && begin > 0
                && end + 1 < starts.len();
            let known = (part.chars().count() >= SHORTEST || !part.is_ascii())
                && LEXICON.contains_key(part);
            if (known || joint) && best[end].is_none_or(|(fewest, _)| count + 1 < fewest) {
                best[end] = Some((count + 1, begin));
            }
        }
    }
    let (count, _) = best[starts.len() - 1]?;
    if count < 2 {
        return None;
    }
    let mut parts = Vec::with_capacity(count);
    let mut end = starts.len() - 1;
    while end > 0 {
        let (_, begin) = best[end]?;
        let part = &word[starts[begin]..starts[end]];
        if LEXICON.contains_key(part) {
            parts.push(part);
        }
        end = begin;
    }
    parts.reverse();
    Some(parts)
}

/// The words of a name as it is written: separated by spaces, punctuation and capitals.
fn words_of(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let after = letters.get(at + 1);
        // `firstName`; and `URLName`, where the last capital begins the next word.
        let starts = letter.is_uppercase()
            && (before.is_some_and(char::is_lowercase)
                || (before.is_some_and(char::is_uppercase)
                    && after.is_some_and(|after| after.is_lowercase())));
        if starts || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(letter);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_however_they_are_written() {
        for (name, words) in [
            ("firstName", vec!["first", "name"]),
            ("FIRST_NAME", vec!["first", "name"]),
            ("firstname", vec!["firstname"]),
            ("BillingPostalCode", vec!["billing", "postal", "code"]),
            ("emailaddress1", vec!["emailaddress"]),
            ("Annual_Revenue__c", vec!["annual", "revenue"]),
            ("APIName", vec!["api", "name"]),
            ("E-Mail", vec!["email"]),
            ("websiteurl", vec!["website", "url"]),
            ("numberofemployees", vec!["number", "employees"]),
            ("Telefonnummer", vec!["telefon", "nummer"]),
        ] {
            assert_eq!(ColumnName::of(name).words, words, "{name}");
        }
    }

    #[test]
    fn words_mean_the_same_in_many_languages() {
        for (name, meaning) in [
            ("Vorname", Meaning::First),
            ("prénom", Meaning::First),
            ("Apellidos", Meaning::Last),
            ("soyadı", Meaning::Last),
            ("PLZ", Meaning::Postal),
            ("Straße", Meaning::Street),
            ("ciudad", Meaning::City),
            ("şehir", Meaning::City),
            ("公司", Meaning::Company),
            ("전화", Meaning::Phone),
            ("電話番号", Meaning::Phone),
            ("телефон", Meaning::Phone),
            ("Umsatz", Meaning::Amount),
        ] {
            assert!(ColumnName::of(name).says(meaning), "{name} {:?}", ColumnName::of(name));
        }
    }

    #[test]
    fn what_follows_a_word_may_be_what_the_name_is_of() {
        let describes = |name, meaning| ColumnName::of(name).only_describes(&[meaning]);
        for (name, meaning) in [
            ("Street Performer", Meaning::Street),
            ("Address Type", Meaning::Address),
            ("city_tour", Meaning::City),
            ("First Language", Meaning::First),
        ] {
            assert!(describes(name, meaning), "{name}");
        }
        for (name, meaning) in [
            ("Street", Meaning::Street),
            ("Billing Street", Meaning::Street),
            ("Street Address", Meaning::Street),
            ("City Name", Meaning::City),
            ("ville de livraison", Meaning::City),
            ("City of Birth", Meaning::City),
            ("Performer", Meaning::Street),
        ] {
            assert!(!describes(name, meaning), "{name}");
        }
    }

    #[test]
    fn names_are_alike_by_words_and_meanings() {
        let alike = |a, b| ColumnName::of(a).alike(&ColumnName::of(b));
        assert!((alike("Phone", "phone") - 1.0).abs() < 1e-9);
        assert!(alike("Phone", "Telefon") > 0.7);
        assert!(alike("Billing City", "billing_city") > 0.9);
        assert!(alike("Billing City", "Billing Street") < alike("Billing City", "City"));
        assert!(alike("employees", "founded") < 0.1);
    }
}
