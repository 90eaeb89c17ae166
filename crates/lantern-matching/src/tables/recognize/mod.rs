//! What a column holds: first by what its values look like, then by what its name says.
//!
//! Values that have a form of their own (e-mail addresses, URLs, days, amounts, phone numbers)
//! decide alone. Where the form is that of many kinds, the name decides among these, by all its
//! words together and not by one of them.

mod name;
mod sample;

pub use self::{
    name::{ColumnName, Meaning},
    sample::Sample,
};

use arrow::array::ArrayRef;

use super::{kind::Kind, table::Table};

/// What a column is good for in matching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It says something about who or what a row is.
    Compared,
    /// It numbers the rows of this table.
    Identifier,
    /// It says who looks after the row.
    Owner,
    /// It says when something was done with the row.
    Event,
    /// Free text, of which two are seldom alike.
    LongText,
    /// A latitude or a longitude: compared together, as a place.
    Coordinate(Meaning),
    /// It has no values.
    Empty,
    /// It has values of a type that is not compared.
    Unreadable,
}

impl Use {
    /// Why a column is not compared, in words.
    pub const fn why_not(self) -> Option<&'static str> {
        match self {
            Self::Compared => None,
            Self::Identifier => {
                Some("each row has a value of its own, which identifies it in this table alone")
            }
            Self::Owner => Some("it says who looks after a row, not who it is"),
            Self::Event => Some("it says when something was done with a row, not who it is"),
            Self::LongText => Some("it is free text, of which two are seldom alike"),
            Self::Coordinate(_) => Some("it is compared with its other half, as a place"),
            Self::Empty => Some("it has no values"),
            Self::Unreadable => Some("values of its type are not compared; cast it to text first"),
        }
    }
}

/// A column as recognized.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub used: Use,
    /// What the kind was told by, in words.
    pub because: Vec<String>,
    pub words: ColumnName,
    pub sample: Sample,
}

impl Table {
    /// What a column seems to hold; none for one that tells nothing about who a row is.
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.column(name).ok()?;
        let column = self.recognize_column(name, self.about());
        (column.used == Use::Compared).then_some(column.kind)
    }

    /// What all columns seem to hold.
    pub fn recognized(&self) -> Vec<Column> {
        let about = self.about();
        self.names().into_iter().map(|name| self.recognize_column(name, about)).collect()
    }

    /// The column that says in which country a row is, where one does.
    pub fn countries(&self) -> Option<Vec<ArrayRef>> {
        let says = |name: &&str| ColumnName::of(name).says(Meaning::Country);
        self.names().into_iter().filter(says).find_map(|name| {
            let column = self.column(name).ok()?;
            (Sample::of(name, &column).countries >= 0.5).then_some(column)
        })
    }

    fn about(&self) -> About {
        let names: Vec<ColumnName> = self.names().into_iter().map(ColumnName::of).collect();
        About::of(&names)
    }

    fn recognize_column(&self, name: &str, about: About) -> Column {
        let words = ColumnName::of(name);
        let column = self.column(name).unwrap_or_default();
        let mut sample = Sample::of(name, &column);
        let (kind, used, because) = recognize(&words, &sample, about);
        sample.count_missing(kind, name, &column);
        Column { name: name.to_owned(), kind, used, because, words, sample }
    }
}

/// What the rows of a table seem to be, by its other columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    People,
    Companies,
    Products,
    Anything,
}

impl About {
    fn of(names: &[ColumnName]) -> Self {
        let (mut people, mut companies, mut products) = (0, 0, 0);
        for words in names {
            let only = |meanings: &[Meaning]| words.says_any(meanings);
            let part_of_a_name = only(&[Meaning::First, Meaning::Last])
                && !only(&[Meaning::Event, Meaning::LastTime, Meaning::Date])
                || only(&[Meaning::First]) && only(&[Meaning::Name]);
            people += i32::from(part_of_a_name) * 2 + i32::from(only(&[Meaning::Birth])) * 2;
            companies += i32::from(only(&[Meaning::Web]) || only(&[Meaning::Founded]));
            companies += words
                .words
                .iter()
                .filter(|word| {
                    matches!(
                        word.as_str(),
                        "employees"
                            | "revenue"
                            | "industry"
                            | "duns"
                            | "vat"
                            | "headcount"
                            | "umsatz"
                            | "branche"
                            | "mitarbeiter"
                            | "ticker"
                    )
                })
                .count() as i32;
            products += words
                .words
                .iter()
                .filter(|word| {
                    matches!(
                        word.as_str(),
                        "price"
                            | "brand"
                            | "sku"
                            | "manufacturer"
                            | "preis"
                            | "prix"
                            | "precio"
                            | "ean"
                            | "model"
                    )
                })
                .count() as i32;
        }
        let most = people.max(companies).max(products);
        match most {
            0 => Self::Anything,
            _ if people == most => Self::People,
            _ if products == most && products > companies => Self::Products,
            _ => Self::Companies,
        }
    }
}

type Recognized = (Kind, Use, Vec<String>);

/// The kind of a column, its use, and why.
fn recognize(name: &ColumnName, sample: &Sample, about: About) -> Recognized {
    let mut because = Vec::new();
    if let Some(data_type) = &sample.unreadable {
        return (Kind::Text, Use::Unreadable, vec![format!("it is of type {data_type}")]);
    }
    if sample.known == 0 {
        return (Kind::Text, Use::Empty, vec!["all its values are missing".to_owned()]);
    }
    let found = by_form(name, sample, &mut because)
        .or_else(|| by_digits(name, sample, &mut because))
        .or_else(|| by_name(name, sample, &mut because))
        .unwrap_or_else(|| of_names(name, sample, about, &mut because));
    (found.0, found.1, because)
}

fn values(because: &mut Vec<String>, share: f64, look: &str) {
    because.push(format!("{:.0} % of its values look like {look}", 100.0 * share));
}

fn says(because: &mut Vec<String>, name: &ColumnName, what: &str) {
    because.push(format!("its name ('{}') says {what}", name.words.join(" ")));
}

/// Forms that leave no doubt.
fn by_form(name: &ColumnName, sample: &Sample, because: &mut Vec<String>) -> Option<(Kind, Use)> {
    use Meaning as M;
    const MOST: f64 = 0.6;
    if sample.emails >= MOST {
        values(because, sample.emails, "e-mail addresses");
        return Some((Kind::Email, Use::Compared));
    }
    if sample.linkedin >= MOST || (name.says(M::Linkedin) && sample.words < 1.2) {
        values(because, sample.linkedin, "LinkedIn pages");
        return Some((Kind::Linkedin, Use::Compared));
    }
    if sample.hosts >= MOST || (sample.hosts >= 0.3 && name.says(M::Web)) {
        values(because, sample.hosts, "domains or URLs");
        return Some((Kind::Domain, Use::Compared));
    }
    if sample.days >= 0.7 {
        values(because, sample.days, "days");
        let when = name.says_any(&[M::Event, M::LastTime, M::Person, M::Owner])
            || (sample.times_of_day >= 0.5 && !name.says_any(&[M::Birth, M::Founded]));
        if when && !name.says(M::Birth) {
            says(because, name, "when something was done");
            return Some((Kind::Date, Use::Event));
        }
        return Some((Kind::Date, Use::Compared));
    }
    if sample.identifiers >= 0.8 {
        values(because, sample.identifiers, "keys of a database");
        let used = if sample.each_its_own { Use::Identifier } else { Use::Compared };
        return Some((Kind::Code, used));
    }
    if sample.flags >= 0.95 && sample.values.len() <= 3 && sample.known > 3 {
        values(because, sample.flags, "yes or no");
        return Some((Kind::Category, Use::Compared));
    }
    if sample.currencies >= 0.5 {
        values(because, sample.currencies, "amounts of money");
        return Some((Kind::Amount, Use::Compared));
    }
    None
}

/// Values of digits, which may be many things.
fn by_digits(name: &ColumnName, sample: &Sample, because: &mut Vec<String>) -> Option<(Kind, Use)> {
    use Meaning as M;
    if sample.phones >= 0.6 || (name.says(M::Phone) && sample.long_digits >= 0.5) {
        values(because, sample.phones.max(sample.long_digits), "phone numbers");
        if name.says(M::Phone) {
            says(because, name, "so too");
        }
        return Some((Kind::Phone, Use::Compared));
    }
    let amount = name.says(M::Amount) && !name.says_any(&[M::Id, M::Phone, M::Postal]);
    if sample.digits < 0.8 && !(amount && sample.amounts >= 0.8) {
        return None;
    }
    values(because, sample.digits.max(sample.amounts), "numbers");
    let counted = |because: &mut Vec<String>, kind, used, what| {
        says(because, name, what);
        Some((kind, used))
    };
    if name.says(M::Postal) && !name.says(M::Amount) {
        return counted(because, Kind::Postal, Use::Compared, "postal codes");
    }
    for (meaning, what) in [(M::Latitude, "a latitude"), (M::Longitude, "a longitude")] {
        if name.says(meaning) && sample.degrees >= 0.5 {
            return counted(because, Kind::Place, Use::Coordinate(meaning), what);
        }
    }
    let born = !amount
        && (!name.only_describes(&[M::Birth]) || sample.years.max(sample.long_digits) >= 0.5);
    if name.says(M::Birth) && born {
        return counted(because, Kind::Date, Use::Compared, "a day of birth");
    }
    if sample.years >= 0.9 && !amount && !name.says_any(&[M::Id, M::Code]) {
        values(because, sample.years, "years");
        return Some((Kind::Date, Use::Compared));
    }
    if amount {
        return counted(because, Kind::Amount, Use::Compared, "an amount");
    }
    if name.says(M::Id) || (sample.each_its_own && sample.counts_rows) {
        let its_own = sample.distinct > 0.98;
        if its_own {
            because.push("each row has a value of its own".to_owned());
            return Some((Kind::Code, Use::Identifier));
        }
        return Some((Kind::Code, Use::Compared));
    }
    if name.says_any(&[M::Street, M::Address]) && sample.long_digits < 0.5 {
        return counted(because, Kind::Code, Use::Compared, "a house number");
    }
    if name.says(M::Code) || sample.long_digits >= 0.5 {
        return Some((Kind::Code, Use::Compared));
    }
    if sample.fractions >= 0.3 {
        values(because, sample.fractions, "amounts with fractions");
        return Some((Kind::Amount, Use::Compared));
    }
    Some((Kind::Code, Use::Compared))
}

/// Words, where the name says of what.
fn by_name(name: &ColumnName, sample: &Sample, because: &mut Vec<String>) -> Option<(Kind, Use)> {
    use Meaning as M;
    let mut take = |kind, used, what: &str| {
        says(because, name, what);
        Some((kind, used))
    };
    let people = sample.full_names >= 0.6 && sample.given_names >= 0.2;
    if name.says(M::LongText) && (sample.words > 5.0 || sample.long > 0.3) || sample.long > 0.5 {
        return take(Kind::Text, Use::LongText, "free text, as its length does");
    }
    if name.says(M::List)
        && (sample.lists + sample.comma_lists > 0.1 || !name.says_any(&[M::Owner]))
        && sample.words > 1.0
    {
        return take(Kind::List, Use::Compared, "several names");
    }
    if sample.lists >= 0.4 && sample.words > 1.0 {
        values(because, sample.lists, "lists");
        return Some((Kind::List, Use::Compared));
    }
    if name.says(M::Owner) {
        return if people || name.says_only(&[M::Owner, M::Name, M::Company, M::Person]) {
            take(Kind::Person, Use::Owner, "who looks after a row")
        } else {
            take(Kind::Category, Use::Owner, "who looks after a row")
        };
    }
    if name.says_any(&[M::Address, M::Street])
        && !name.says_any(&[M::City, M::State, M::Country, M::Postal])
        && (!name.only_describes(&[M::Address, M::Street])
            || sample.numbered.max(sample.streets) >= 0.3)
    {
        return take(Kind::Street, Use::Compared, "an address");
    }
    if name.says(M::Postal)
        && sample.letters <= 12.0
        && sample.words <= 2.5
        && sample.numbered >= 0.5
    {
        return take(Kind::Postal, Use::Compared, "postal codes");
    }
    if name.says(M::Birth)
        && sample.years < 0.5
        && !name.says_any(&[M::City, M::Country, M::PlaceOf])
        && sample.single_names < 0.5
    {
        return take(Kind::Date, Use::Compared, "a day of birth");
    }
    if name.says(M::Country) && sample.countries >= 0.2 {
        return take(Kind::Country, Use::Compared, "a country");
    }
    if name.says(M::City)
        && sample.companies < 0.3
        && !(people && name.says(M::Name))
        && (!name.only_describes(&[M::City]) || sample.single_names >= 0.6)
    {
        return take(Kind::City, Use::Compared, "a city");
    }
    if name.says_any(&[M::State, M::Country])
        && sample.words < 4.0
        && (!name.only_describes(&[M::State, M::Country]) || sample.states >= 0.3)
    {
        return take(Kind::Category, Use::Compared, "a region");
    }
    if name.says(M::Amount) && sample.amounts >= 0.5 {
        return take(Kind::Amount, Use::Compared, "an amount");
    }
    let short = sample.words <= 1.5 && sample.single_names >= 0.6;
    let given = name.says(M::First) && !name.says_any(&[M::LastTime])
        || name.says(M::First) && name.says(M::Name);
    let described = name.only_describes(&[M::First]) && sample.known_single_names < 0.2;
    if given && short && !name.says(M::Company) && !described {
        return take(Kind::FirstName, Use::Compared, "given names");
    }
    if name.says(M::Middle) && short {
        return take(Kind::FirstName, Use::Compared, "middle names");
    }
    // The last purchase is no family name.
    let latest = name.says(M::LastTime) && name.only_describes(&[M::Last]) && !name.says(M::Name);
    let family = name.says(M::Last)
        && !latest
        && !name.says_any(&[M::Event, M::Date, M::Amount, M::Email, M::Phone]);
    if family
        && sample.words <= 2.5
        && sample.single_names >= 0.5
        && !(name.says_only(&[M::Last, M::LastTime]) && sample.distinct < 0.05)
    {
        return take(Kind::LastName, Use::Compared, "family names");
    }
    if name.says(M::Id) && !name.says(M::Name) && sample.words < 1.5 {
        let used = if sample.distinct > 0.98 { Use::Identifier } else { Use::Compared };
        return take(Kind::Code, used, "an identifier");
    }
    if name.says(M::Code) && sample.words < 2.0 && !name.says(M::Name) && sample.letters < 30.0 {
        return take(Kind::Code, Use::Compared, "an identifier");
    }
    if name.says(M::Category) && sample.distinct < 0.3 && sample.words < 4.0 && sample.known > 20 {
        return take(Kind::Category, Use::Compared, "a category, as its few values do");
    }
    None
}

/// Names of companies, people and things, which look much alike.
fn of_names(
    name: &ColumnName,
    sample: &Sample,
    about: About,
    because: &mut Vec<String>,
) -> (Kind, Use) {
    use Meaning as M;
    let people = sample.full_names * (0.3 + sample.given_names);
    let said_company =
        name.says_any(&[M::Company, M::PlaceOf]) && !name.says_any(&[M::Category, M::Amount]);
    let said_person = name.says(M::Person) && !name.says(M::Company);
    let said_product = name.says(M::Product) && !name.says(M::Company);
    let said_name = name.says(M::Name);
    // A few values that come again and again say of which sort a row is, and not what it is called.
    let few = sample.distinct < 0.05 && sample.known > 100 && sample.words < 8.0;
    if few && !said_name && !name.says_any(&[M::Company, M::Person]) {
        because.push(format!("it has {} different values", sample.values.len()));
        return (Kind::Category, Use::Compared);
    }
    if sample.companies >= 0.15 && !said_product && (sample.companies > people || said_company) {
        values(because, sample.companies, "names of organisations");
        return (Kind::Company, Use::Compared);
    }
    if sample.full_names >= 0.6 && sample.given_names >= 0.25 && !said_product {
        values(because, sample.full_names, "names of people");
        return (Kind::Person, Use::Compared);
    }
    if said_company && (said_name || name.says_only(&[M::Company, M::PlaceOf, M::Name])) {
        says(because, name, "an organisation");
        return (Kind::Company, Use::Compared);
    }
    if said_product {
        says(because, name, "a thing");
        return (Kind::Text, Use::Compared);
    }
    if said_person && (said_name || name.says_only(&[M::Person])) && sample.words <= 5.0 {
        says(because, name, "a person");
        return (Kind::Person, Use::Compared);
    }
    if said_company
        && !name.only_describes(&[M::Company, M::PlaceOf])
        && sample.words > 1.3
        && sample.distinct > 0.05
    {
        says(because, name, "something of an organisation");
        return (Kind::Company, Use::Compared);
    }
    if said_name && sample.known_single_names >= 0.5 && sample.words <= 1.5 {
        values(because, sample.known_single_names, "given names");
        return (Kind::FirstName, Use::Compared);
    }
    if said_name {
        return match about {
            About::People => {
                because.push("other columns are of people".to_owned());
                (Kind::Person, Use::Compared)
            }
            About::Products => {
                because.push("other columns are of products".to_owned());
                (Kind::Text, Use::Compared)
            }
            // People and their employers, in a language whose given names are not known here.
            About::Companies
                if sample.full_names >= 0.9 && sample.companies < 0.02 && sample.shares_names =>
            {
                values(because, sample.full_names, "names of people");
                (Kind::Person, Use::Compared)
            }
            About::Companies => {
                because.push("other columns are of organisations".to_owned());
                (Kind::Company, Use::Compared)
            }
            About::Anything if sample.full_names >= 0.6 && sample.companies < 0.02 => {
                values(because, sample.full_names, "names of people");
                (Kind::Person, Use::Compared)
            }
            About::Anything => {
                because.push(
                    "it is a name, and few of its values look like names of people".to_owned(),
                );
                (Kind::Company, Use::Compared)
            }
        };
    }
    if sample.streets >= 0.5 {
        values(because, sample.streets, "streets with house numbers");
        return (Kind::Street, Use::Compared);
    }
    if sample.countries >= 0.9 && sample.letters > 3.0 {
        values(because, sample.countries, "countries");
        return (Kind::Country, Use::Compared);
    }
    if sample.states >= 0.9 {
        values(because, sample.states, "states");
        return (Kind::Category, Use::Compared);
    }
    if sample.known_single_names >= 0.5 {
        values(because, sample.known_single_names, "given names");
        return (Kind::FirstName, Use::Compared);
    }
    because.push("its values have no form of their own".to_owned());
    (Kind::Text, Use::Compared)
}

#[cfg(test)]
mod tests;
