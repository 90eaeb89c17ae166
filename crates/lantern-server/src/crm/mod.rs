//! The CRM of the local server: accounts, contacts, leads, opportunities, users, pools and
//! activities, in the tenant's SQLite file.

pub(crate) mod convert;
pub(crate) mod editing;
pub(crate) mod enrichment;
pub(crate) mod ids;
mod import;
pub(crate) mod leads;
mod object;
mod pool_rows;
pub(crate) mod pools;
pub(crate) mod record;
pub(crate) mod routing_log;
pub(crate) mod search;
mod seed;
mod table;
pub(crate) mod trigger;

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;

pub use import::{CrmSource, CrmSources};
pub(crate) use object::Object;
use record::Record;

use crate::{billing::Billing, directory::Directory, refusal::Refusal};
use lantern::{
    error::Error,
    process::sqlite::{Database, DatabaseError},
};

/// The CRM of one tenant.
pub(crate) struct Crm {
    database: Database,
    pub directory: Arc<Directory>,
    pub billing: Arc<Billing>,
    beginning: InitialRecords,
    /// Whether the tables are known to be filled.
    filled: Mutex<bool>,
}

/// What a new CRM is filled with.
pub(crate) struct InitialRecords {
    pub size: CrmSize,
    pub seed: u64,
    /// The number after which ids begin.
    pub first_id: u64,
    imported: import::Imported,
}

impl InitialRecords {
    /// # Errors
    /// If records cannot be read.
    pub fn new(
        size: CrmSize,
        seed: u64,
        first_id: u64,
        records: &CrmSources,
    ) -> Result<Self, Error> {
        Ok(Self { size, seed, first_id, imported: import::Imported::read(records)? })
    }
}

/// Number of records that are generated from the directory for a new data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrmSize {
    /// Default 300.
    pub accounts: usize,
    /// Default 600.
    pub contacts: usize,
    /// Default 600, a third of which are duplicates of contacts in another spelling.
    pub leads: usize,
    /// Default 12, of which one in six is inactive.
    pub users: usize,
}

impl Default for CrmSize {
    fn default() -> Self {
        Self { accounts: 300, contacts: 600, leads: 600, users: 12 }
    }
}

/// Whether the CRM of a data folder was filled before.
pub(crate) fn is_filled(database: &Database) -> Result<bool, DatabaseError> {
    database.with(|connection| {
        connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM settings WHERE name = 'crm')",
            [],
            |row| row.get(0),
        )
    })
}

impl Crm {
    pub fn new(
        database: &Database,
        directory: Arc<Directory>,
        billing: Arc<Billing>,
        beginning: InitialRecords,
        filled: bool,
    ) -> Self {
        let database = database.clone();
        Self { database, directory, billing, beginning, filled: Mutex::new(filled) }
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Whether the CRM was used, so that something may have changed.
    pub fn in_use(&self) -> bool {
        *self.filled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fills the CRM on its first use. Blocks.
    pub fn ready(&self) -> Result<(), Refusal> {
        let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        if !*filled {
            self.database.transact(|transaction| {
                seed::fill(transaction, &self.directory, &self.beginning)
            })?;
            *filled = true;
        }
        Ok(())
    }

    /// Records of a kind in the order of their ids, beginning after the id `after`. Blocks.
    pub fn list(&self, object: Object, after: &str, limit: usize) -> Result<Vec<Record>, Refusal> {
        self.ready()?;
        Ok(self.database.with(|connection| record::list(connection, object, after, limit))?)
    }

    /// Every record of a kind. Blocks.
    pub fn all(&self, object: Object) -> Result<Vec<Record>, Refusal> {
        self.list(object, "", usize::MAX)
    }

    /// The record with an id. Blocks.
    pub fn read(&self, object: Object, id: &str) -> Result<Option<Record>, Refusal> {
        self.ready()?;
        Ok(self.database.with(|connection| record::read(connection, object, id))?)
    }

    /// All records of a kind as a table. `name` is the name of the kind or of its table. Blocks.
    pub fn table(&self, name: &str) -> Result<RecordBatch, Error> {
        let object = editing::object(name).map_err(|refusal| Error::config(refusal.message()))?;
        let unusable = |error: &dyn std::fmt::Display| {
            Error::local(format!("the CRM cannot be read: {error}"))
        };
        let records = self.all(object).map_err(|refusal| unusable(&refusal.message()))?;
        table::table(object, &records).map_err(|error| unusable(&error))
    }
}
