//! The people and companies that the local server knows: brought by the user or made from a seed.

mod countries;
mod derive;
mod find;
mod generate;
mod load;
mod schema;
mod staff;
mod table;

use std::{path::PathBuf, sync::OnceLock};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Int32Type,
    error::ArrowError,
};

pub(super) use find::{Found, Subject};
pub(super) use table::Table;

use crate::error::{Error, Result};

/// Where people or companies come from.
#[derive(Debug, Clone)]
pub enum DirectorySource {
    /// Made from a seed: the same seed is the same directory, everywhere and for ever.
    Generated {
        /// Default 7.
        seed: u64,
        /// Default 10,000. Their ids are `P0000001` and on.
        people: usize,
        /// Default 1,000. Their ids are `C000001` and on.
        companies: usize,
    },
    /// A Parquet, CSV or Arrow IPC file. Columns are found by name ([`Directory`] lists them),
    /// missing ones are null, others are ignored; `id` (text or integer) is required.
    Path(PathBuf),
    /// Record batches with the same columns.
    Table(Vec<RecordBatch>),
}

impl Default for DirectorySource {
    fn default() -> Self {
        Self::Generated { seed: 7, people: 10_000, companies: 1_000 }
    }
}

/// People and companies, found by id in constant time.
///
/// People have `id`, `first_name`, `last_name`, `title`, `company_id`, `company_name`,
/// `company_url`, `email`, `phone_number`, `linkedin`, `country`, `city`. Companies have `id`,
/// `name`, `domain`, `linkedin`, `country`, `city`, `state`, `postal_code`, `industry`,
/// `size_range`, `founded`, `lat`, `lon`.
pub(super) struct Directory {
    people: Table,
    companies: Table,
    lookups: find::Lookups,
    staff: OnceLock<staff::Staff>,
}

impl Directory {
    /// Reads or makes both tables. Without a source for companies they are those of the people.
    pub fn build(people: &DirectorySource, companies: Option<&DirectorySource>) -> Result<Self> {
        let given = match companies {
            None => None,
            Some(DirectorySource::Path(path)) => Some(load::file(path, &schema::companies())?),
            Some(DirectorySource::Table(batches)) => {
                Some(load::table(batches, &schema::companies(), "the table of companies")?)
            }
            Some(DirectorySource::Generated { seed, companies, .. }) => {
                Some(made(generate::companies(*seed, *companies))?)
            }
        };
        let people = match people {
            DirectorySource::Path(path) => load::file(path, &schema::people())?,
            DirectorySource::Table(batches) => {
                load::table(batches, &schema::people(), "the table of people")?
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
            None => made(derive::companies(&people))?,
        };
        Ok(Self::of(people, companies))
    }

    fn of(people: Table, companies: Table) -> Self {
        let lookups = find::Lookups::default();
        Self { people, companies, lookups, staff: OnceLock::new() }
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

/// A table that was made here.
fn made(batch: Result<RecordBatch, ArrowError>) -> Result<Table> {
    let batch =
        batch.map_err(|error| Error::local(format!("the directory cannot be made: {error}")))?;
    Table::new(batch).map_err(|(id, _)| {
        Error::local(format!("the directory cannot be made: id {id:?} occurs twice"))
    })
}
