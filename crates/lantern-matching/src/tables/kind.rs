//! Kinds of columns: what the values of a column are, and how values of a kind are normalized and
//! compared.

use std::{fmt, str::FromStr};

use crate::{
    error::{Error, Result},
    normalize::Normalizer,
    similarity::Similarity,
};

/// What a field contains, which decides how its values are normalized and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A company's name.
    Company,
    /// A person's whole name.
    Person,
    /// Given names only.
    FirstName,
    /// A surname only.
    LastName,
    Email,
    Phone,
    /// A domain, a URL or the domain of an e-mail address.
    Domain,
    /// A LinkedIn profile or company page.
    Linkedin,
    Country,
    /// A state, a province or another short category.
    Category,
    Postal,
    Street,
    City,
    /// A date, such as a date of birth.
    Date,
    /// Digits or an identifier: registration numbers, house numbers.
    Code,
    /// A price, a revenue, a number of employees: compared by how close they are.
    Amount,
    /// Latitude and longitude.
    Place,
    /// Several names in one value: authors, owners, keywords.
    List,
    /// Any other text.
    Text,
}

/// How two normalized values of a kind are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Word by word, weighted by the evidence of each word.
    Words,
    /// Word by word, by given and family names.
    Person,
    /// Name by name, in any order.
    List,
    /// Letter by letter.
    Letters,
    /// The name before the at sign and the domain after it.
    Email,
    /// Label and suffix.
    Domain,
    /// Digit by digit.
    Digits,
    /// Year, month and day.
    Date,
    /// By how close two amounts are.
    Amount,
    /// By the distance of two places.
    Place,
    /// Equal or not.
    Equality,
}

impl Comparison {
    /// Whether values are compared word by word, taking the rarity of words into account.
    pub const fn is_by_words(self) -> bool {
        matches!(self, Self::Words | Self::Person | Self::List)
    }
}

impl Kind {
    pub const ALL: [Self; 19] = [
        Self::Company,
        Self::Person,
        Self::FirstName,
        Self::LastName,
        Self::Email,
        Self::Phone,
        Self::Domain,
        Self::Linkedin,
        Self::Country,
        Self::Category,
        Self::Postal,
        Self::Street,
        Self::City,
        Self::Date,
        Self::Code,
        Self::Amount,
        Self::Place,
        Self::List,
        Self::Text,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Person => "person",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Domain => "domain",
            Self::Linkedin => "linkedin",
            Self::Country => "country",
            Self::Category => "category",
            Self::Postal => "postal",
            Self::Street => "street",
            Self::City => "city",
            Self::Date => "date",
            Self::Code => "code",
            Self::Amount => "amount",
            Self::Place => "place",
            Self::List => "list",
            Self::Text => "text",
        }
    }

    /// How values of this kind are compared.
    pub const fn comparison(self) -> Comparison {
        match self {
            Self::Company | Self::Street | Self::Text => Comparison::Words,
            Self::Person => Comparison::Person,
            Self::List => Comparison::List,
            Self::Domain => Comparison::Domain,
            Self::Email => Comparison::Email,
            Self::FirstName | Self::LastName | Self::Linkedin | Self::City => Comparison::Letters,
            Self::Phone | Self::Postal | Self::Code => Comparison::Digits,
            Self::Date => Comparison::Date,
            Self::Amount => Comparison::Amount,
            Self::Place => Comparison::Place,
            Self::Country | Self::Category => Comparison::Equality,
        }
    }

    /// The similarity of `fuzzy` rules: token sort for names of several words, Jaro-Winkler for
    /// single names, normalized Levenshtein for everything else. All are symmetric and in 0..1.
    pub const fn similarity(self) -> Similarity {
        match self {
            Self::Company | Self::Person => Similarity::TokenSort,
            Self::FirstName | Self::LastName => Similarity::JaroWinkler,
            _ => Similarity::Levenshtein,
        }
    }

    /// The confidence that a rule on such a field gives if it holds, 0 to 1, unless weights are
    /// given.
    pub const fn weight(self) -> f64 {
        match self {
            Self::Email | Self::Linkedin => 0.97,
            Self::Phone => 0.9,
            Self::Domain | Self::Person => 0.75,
            Self::Company => 0.65,
            Self::LastName => 0.55,
            Self::FirstName | Self::City | Self::Postal => 0.4,
            Self::Country | Self::Category | Self::Amount => 0.2,
            Self::Street | Self::Date | Self::Code | Self::Place | Self::List | Self::Text => 0.5,
        }
    }

    /// The normalizer of this kind; `None` for kinds whose values are only folded to lower case
    /// without accents.
    pub const fn normalizer(self) -> Option<Normalizer> {
        Some(match self {
            Self::Company => Normalizer::CompanyKey,
            Self::Person => Normalizer::PersonKey,
            Self::FirstName => Normalizer::FirstNameKey,
            Self::LastName => Normalizer::LastNameKey,
            Self::Email => Normalizer::EmailKey,
            Self::Phone => Normalizer::PhoneE164 { default_region: None },
            Self::Domain => Normalizer::CompanyDomainKey,
            Self::Linkedin => Normalizer::LinkedinSlug,
            Self::Country => Normalizer::CountryCode,
            Self::Street => Normalizer::StreetKey,
            Self::Postal
            | Self::Category
            | Self::City
            | Self::Date
            | Self::Code
            | Self::Amount
            | Self::Place
            | Self::List
            | Self::Text => return None,
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let wanted = name.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|kind| kind.name() == wanted).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::input(format!("there is no kind of field called '{name}'"))
                .hint(format!("use one of {names}"))
        })
    }
}
