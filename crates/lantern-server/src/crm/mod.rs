//! The CRM of the local server: accounts, contacts, leads, opportunities, users, pools and
//! activities, in the server's own SQLite file.

pub(super) mod convert;
pub(super) mod edit;
mod given;
pub(super) mod ids;
pub(super) mod leads;
pub(super) mod log;
mod pool_rows;
pub(super) mod pools;
pub(super) mod record;
mod seed;
mod table;
pub(super) mod trigger;

use std::sync::{Mutex, PoisonError};

use arrow::array::RecordBatch;
pub use given::{CrmSource, CrmSources};
use rusqlite::Transaction;

use super::{directory::Directory, refusal::Refusal, shared::Shared};
use lantern::{
    api::{matching::MatchObject, routing::RoutedObject, triggers::SalesforceObject},
    error::Error,
    process::sqlite::{Database, DatabaseError},
};

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Object {
    Account,
    Contact,
    Lead,
    Opportunity,
    User,
    Task,
    Note,
}

impl Object {
    pub const ALL: [Self; 7] = [
        Self::Account,
        Self::Contact,
        Self::Lead,
        Self::Opportunity,
        Self::User,
        Self::Task,
        Self::Note,
    ];

    /// As Salesforce spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::Contact => "Contact",
            Self::Lead => "Lead",
            Self::Opportunity => "Opportunity",
            Self::User => "User",
            Self::Task => "Task",
            Self::Note => "Note",
        }
    }

    /// How ids of the kind begin.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Account => "001",
            Self::Contact => "003",
            Self::Lead => "00Q",
            Self::Opportunity => "006",
            Self::User => "005",
            Self::Task => "00T",
            Self::Note => "002",
        }
    }

    pub const fn table(self) -> &'static str {
        match self {
            Self::Account => "accounts",
            Self::Contact => "contacts",
            Self::Lead => "leads",
            Self::Opportunity => "opportunities",
            Self::User => "users",
            Self::Task => "tasks",
            Self::Note => "notes",
        }
    }

    /// The fields of a record, without its id and times.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Account => &[
                "name",
                "domain",
                "phone",
                "linkedin",
                "industry",
                "size_range",
                "country",
                "state",
                "city",
                "postal_code",
                "owner_id",
            ],
            Self::Contact => &[
                "account_id",
                "first_name",
                "last_name",
                "email",
                "phone",
                "title",
                "linkedin",
                "company",
                "domain",
                "country",
                "city",
                "owner_id",
            ],
            Self::Lead => &[
                "first_name",
                "last_name",
                "email",
                "phone",
                "title",
                "linkedin",
                "company",
                "domain",
                "country",
                "city",
                "source",
                "status",
                "converted_account_id",
                "converted_contact_id",
                "owner_id",
            ],
            Self::Opportunity => &["account_id", "name", "stage", "amount", "owner_id"],
            Self::User => &["name", "email", "active"],
            Self::Task => &["parent_id", "subject", "status", "owner_id"],
            Self::Note => &["parent_id", "title", "body", "owner_id"],
        }
    }

    pub fn named(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|object| object.name().eq_ignore_ascii_case(text) || object.table() == text)
    }
}

impl From<SalesforceObject> for Object {
    fn from(object: SalesforceObject) -> Self {
        match object {
            SalesforceObject::Lead => Self::Lead,
            SalesforceObject::Contact => Self::Contact,
            SalesforceObject::Account => Self::Account,
            SalesforceObject::Opportunity => Self::Opportunity,
        }
    }
}

impl From<RoutedObject> for Object {
    fn from(object: RoutedObject) -> Self {
        match object {
            RoutedObject::Lead => Self::Lead,
            RoutedObject::Contact => Self::Contact,
            RoutedObject::Account => Self::Account,
            RoutedObject::Opportunity => Self::Opportunity,
        }
    }
}

impl From<MatchObject> for Object {
    fn from(object: MatchObject) -> Self {
        match object {
            MatchObject::Lead => Self::Lead,
            MatchObject::Contact => Self::Contact,
            MatchObject::Account => Self::Account,
        }
    }
}

/// Whether the CRM of a data folder was filled before.
pub(super) fn is_filled(database: &Database) -> Result<bool, DatabaseError> {
    database.with(|connection| {
        connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM settings WHERE name = 'crm')",
            [],
            |row| row.get(0),
        )
    })
}

impl Shared {
    /// All records of a kind as a table; `name` is that of the kind or of its table. Blocks.
    pub fn crm_table(&self, name: &str) -> Result<RecordBatch, Error> {
        let object = edit::object(name).map_err(|refusal| Error::config(refusal.message()))?;
        let unusable = |error: &dyn std::fmt::Display| {
            Error::local(format!("the CRM cannot be read: {error}"))
        };
        self.crm_ready().map_err(|refusal| unusable(&refusal.message()))?;
        let records = self
            .store
            .database()
            .with(|connection| record::list(connection, object, "", usize::MAX))
            .map_err(|error| unusable(&error))?;
        table::table(object, &records).map_err(|error| unusable(&error))
    }
}

/// The CRM's state beside its tables.
pub(super) struct Crm {
    /// Whether the tables are known to be filled.
    ready: Mutex<bool>,
    size: CrmSize,
    seed: u64,
    /// The number after which ids begin.
    first_id: u64,
    given: given::Given,
}

/// How many records are made from the directory when a data folder is first used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrmSize {
    /// Default 300.
    pub accounts: usize,
    /// Default 600.
    pub contacts: usize,
    /// Default 600, a third of them duplicates of contacts, spelled otherwise.
    pub leads: usize,
    /// Default 12, of which one in six is inactive.
    pub users: usize,
}

impl Default for CrmSize {
    fn default() -> Self {
        Self { accounts: 300, contacts: 600, leads: 600, users: 12 }
    }
}

impl Crm {
    /// # Errors
    /// Records that cannot be read.
    pub fn new(
        size: CrmSize,
        seed: u64,
        first_id: u64,
        given: &CrmSources,
        ready: bool,
    ) -> Result<Self, Error> {
        // A data folder that has a CRM goes on with it.
        let given = if ready { given::Given::default() } else { given::Given::read(given)? };
        Ok(Self { ready: Mutex::new(ready), size, seed, first_id, given })
    }

    /// Fills an empty CRM from the directory, once in the life of a data folder.
    fn prepare(
        &self,
        transaction: &Transaction<'_>,
        directory: &Directory,
    ) -> rusqlite::Result<()> {
        seed::fill(transaction, directory, (self.size, self.seed, self.first_id), &self.given)
    }
}

impl Shared {
    /// Whether the CRM was asked for anything since the server started.
    pub fn crm_in_use(&self) -> bool {
        *self.crm.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The CRM is filled when it is first asked for anything. Blocks.
    pub fn crm_ready(&self) -> Result<(), Refusal> {
        let mut ready = self.crm.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if !*ready {
            self.store
                .database()
                .transact(|transaction| self.crm.prepare(transaction, &self.directory))?;
            *ready = true;
        }
        Ok(())
    }
}
