//! The people and companies that the local server knows, provided by the user or generated from a
//! seed.

mod company_lookup;
mod countries;
mod employers;
mod generate;
mod import;
mod person_lookup;
mod schema;
mod staff;
mod table;

use std::{path::PathBuf, sync::OnceLock};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Int32Type,
    error::ArrowError,
};

pub(crate) use company_lookup::FoundBy;
pub(crate) use generate::dice::Dice;
pub(crate) use import::read_file;
pub(crate) use person_lookup::{Found, Subject, host, slug};
pub(crate) use table::Table;

use lantern::error::{Error, Result};

/// The source of people or companies.
///
/// People have `id`, `first_name`, `last_name`, `title`, `company_id`, `company_name`,
/// `company_url`, `email`, `phone_number`, `linkedin`, `country`, `city`. Companies have `id`,
/// `name`, `domain`, `linkedin`, `country`, `city`, `state`, `postal_code`, `industry`,
/// `size_range`, `founded`, `lat`, `lon`. All are texts, except for the last three.
#[derive(Debug, Clone)]
pub enum DirectorySource {
    /// Generated from a seed. The same seed always gives the same directory.
    Generated {
        /// Default 7.
        seed: u64,
        /// Default 10,000. Their ids are numbered from `P0000001`.
        people: usize,
        /// Default 1,000. Their ids are numbered from `C000001`.
        companies: usize,
    },
    /// A Parquet, CSV or Arrow IPC file. Columns are found by name; missing ones are null and
    /// others are ignored. `id` (text or integer) is required.
    Path(PathBuf),
    /// Record batches with the same columns.
    Table(Vec<RecordBatch>),
}

impl Default for DirectorySource {
    fn default() -> Self {
        Self::Generated { seed: 7, people: 10_000, companies: 1_000 }
    }
}

/// People and companies, which are found by id in constant time.
pub(crate) struct Directory {
    people: Table,
    companies: Table,
    lookups: person_lookup::Lookups,
    firms: company_lookup::Lookups,
    staff: OnceLock<staff::Staff>,
}

impl Directory {
    /// Reads or generates both tables. Without a source for companies, they are those of the
    /// people.
    pub fn build(people: &DirectorySource, companies: Option<&DirectorySource>) -> Result<Self> {
        let given = match companies {
            None => None,
            Some(DirectorySource::Path(path)) => Some(import::file(path, &schema::companies())?),
            Some(DirectorySource::Table(batches)) => {
                Some(import::table(batches, &schema::companies(), "the table of companies")?)
            }
            Some(DirectorySource::Generated { seed, companies, .. }) => {
                Some(made(generate::companies(*seed, *companies))?)
            }
        };
        let people = match people {
            DirectorySource::Path(path) => import::file(path, &schema::people())?,
            DirectorySource::Table(batches) => {
                import::table(batches, &schema::people(), "the table of people")?
            }
            DirectorySource::Generated { seed, people, companies } => {
                let companies = match given {
                    Some(given) => given,
                    None => made(generate::companies(*seed, *companies))?,
                };
                let people = made(generate::people(*seed, *people, &companies))?;
                return Ok(Self::of(people, companies));
            }
        };
        let companies = match given {
            Some(given) => given,
            None => made(employers::companies(&people))?,
        };
        Ok(Self::of(people, companies))
    }

    fn of(people: Table, companies: Table) -> Self {
        let lookups = person_lookup::Lookups::default();
        Self {
            people,
            companies,
            lookups,
            firms: company_lookup::Lookups::default(),
            staff: OnceLock::new(),
        }
    }

    pub fn people(&self) -> &Table {
        &self.people
    }

    pub fn companies(&self) -> &Table {
        &self.companies
    }
}

impl Directory {
    /// The year in which a company was founded.
    pub fn founded(&self, company: usize) -> Option<i32> {
        let years =
            self.companies.batch().column_by_name("founded")?.as_primitive_opt::<Int32Type>()?;
        years.is_valid(company).then(|| years.value(company))
    }
}

/// The table for a generated batch.
fn made(batch: Result<RecordBatch, ArrowError>) -> Result<Table> {
    let batch = batch
        .map_err(|error| Error::local(format!("the directory cannot be generated: {error}")))?;
    Table::new(batch).map_err(|(id, _)| {
        Error::local(format!("the directory cannot be generated: id {id:?} occurs twice"))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    fn generated(people: usize, companies: usize) -> Directory {
        Directory::build(&DirectorySource::Generated { seed: 7, people, companies }, None).unwrap()
    }

    fn share(directory: &Directory, column: &str) -> f64 {
        let people = directory.people();
        let filled = (0..people.len()).filter(|&row| people.text(column, row).is_some()).count();
        filled as f64 / people.len() as f64
    }

    #[test]
    fn a_seed_is_the_same_directory_and_another_seed_another() {
        let (one, two) = (generated(500, 60), generated(500, 60));
        assert_eq!(one.people().batch(), two.people().batch());
        assert_eq!(one.companies().batch(), two.companies().batch());
        let source = DirectorySource::Generated { seed: 8, people: 500, companies: 60 };
        let other = Directory::build(&source, None).unwrap();
        assert_ne!(one.people().batch(), other.people().batch());
    }

    #[test]
    fn more_people_are_the_same_people_and_some_more() {
        let (few, many) = (generated(100, 50), generated(1_000, 50));
        assert_eq!(few.people().batch(), &many.people().batch().slice(0, 100));
    }

    #[test]
    fn the_default_directory_has_the_shares_that_it_says() {
        let directory = Directory::build(&DirectorySource::default(), None).unwrap();
        assert_eq!((directory.people().len(), directory.companies().len()), (10_000, 1_000));
        let (email, phone) = (share(&directory, "email"), share(&directory, "phone_number"));
        assert!((0.68..0.72).contains(&email), "{email}");
        assert!((0.38..0.42).contains(&phone), "{phone}");
        let people = directory.people();
        let distinct = |column: &str| {
            (0..people.len()).filter_map(|row| people.text(column, row)).collect::<HashSet<_>>()
        };
        assert!(distinct("country").len() >= 10);
        assert_eq!(distinct("linkedin").len(), 10_000);
        assert_eq!(distinct("email").len() as f64, email * 10_000.0);
        assert!(distinct("first_name").len() > 400);
    }

    #[test]
    fn addresses_are_at_the_company_and_numbers_are_e164() {
        let directory = generated(3_000, 300);
        let people = directory.people();
        let calling: HashMap<&str, (&str, std::ops::RangeInclusive<usize>)> = HashMap::from([
            ("United States", ("+1", 12..=12)),
            ("Canada", ("+1", 12..=12)),
            ("Brazil", ("+55", 14..=14)),
            ("United Kingdom", ("+447", 13..=13)),
            ("Netherlands", ("+316", 12..=12)),
            ("Sweden", ("+467", 12..=12)),
            ("Germany", ("+491", 13..=14)),
            ("Poland", ("+48", 12..=12)),
            ("France", ("+33", 12..=12)),
            ("Spain", ("+346", 12..=12)),
            ("Italy", ("+393", 13..=13)),
            ("India", ("+919", 13..=13)),
            ("Japan", ("+81", 13..=13)),
            ("Australia", ("+614", 12..=12)),
        ]);
        for row in 0..people.len() {
            let at = |column| people.text(column, row);
            if let Some(email) = at("email") {
                let domain = person_lookup::host(at("company_url").unwrap());
                let (local, host) = email.split_once('@').unwrap();
                assert_eq!(host, domain, "{email}");
                assert!(email.is_ascii() && local.len() > 1, "{email}");
            }
            if let Some(phone) = at("phone_number") {
                let (prefix, length) = &calling[at("country").unwrap()];
                assert!(phone.starts_with(prefix) && length.contains(&phone.len()), "{phone}");
                assert!(phone[1..].bytes().all(|digit| digit.is_ascii_digit()), "{phone}");
            }
        }
    }

    #[test]
    fn a_person_is_found_by_id_name_profile_and_address() {
        let directory = generated(2_000, 100);
        let people = directory.people();
        let row = (0..people.len()).find(|&row| people.text("email", row).is_some()).unwrap();
        let own = |column: &str| people.text(column, row).map(str::to_owned);
        let subjects = [
            Subject { id: own("id"), ..Subject::default() },
            Subject { email: own("email").map(|email| email.to_uppercase()), ..Subject::default() },
            Subject {
                linkedin: own("linkedin").map(|slug| format!("https://linkedin.com/in/{slug}/")),
                ..Subject::default()
            },
        ];
        for subject in subjects {
            assert_eq!(directory.find(&subject), Found::Row(row), "{subject:?}");
        }
        for company in ["company_name", "company_url"] {
            let subject = Subject {
                first_name: own("first_name"),
                last_name: own("last_name"),
                company: own(company),
                ..Subject::default()
            };
            let Found::Row(found) = directory.find(&subject) else { panic!("{subject:?}") };
            for column in ["first_name", "last_name", "company_id"] {
                assert_eq!(people.text(column, found), people.text(column, row));
            }
        }
        let nobody = Subject { email: Some("nobody@nowhere.example".into()), ..Subject::default() };
        assert_eq!(directory.find(&nobody), Found::Nobody);
        let nothing = Subject { first_name: own("first_name"), ..Subject::default() };
        assert_eq!(directory.find(&nothing), Found::Skipped);
        let unknown = Subject { id: Some("P9999999".into()), ..Subject::default() };
        assert_eq!(directory.find(&unknown), Found::Skipped);
    }

    #[test]
    fn everybody_works_somewhere() {
        let directory = generated(300, 20);
        let staff: usize = (0..20).map(|company| directory.people_of(company).count()).sum();
        assert_eq!(staff, 300);
        let company = directory.company_of(0).unwrap();
        assert_eq!(
            directory.companies().text("id", company),
            directory.people().text("company_id", 0)
        );
    }

    #[test]
    #[ignore = "measures; run with --release -- --ignored --nocapture"]
    fn how_long_a_directory_takes() {
        for people in [10_000, 1_000_000] {
            let start = std::time::Instant::now();
            let directory = generated(people, people / 10);
            eprintln!("{people} people: {:?}", start.elapsed());
            let bytes = directory.people().batch().get_array_memory_size();
            eprintln!("  {} MB of people", bytes >> 20);
        }
    }
}
