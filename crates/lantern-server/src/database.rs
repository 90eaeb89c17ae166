//! The SQLite file of a tenant: its tables, its settings, and conversions of numbers.

use std::path::Path;

use rusqlite::{OptionalExtension, Row, types::Type};

use lantern::process::sqlite::{Database, DatabaseError, Durability};

const MIGRATIONS: &[&str] = &[include_str!("schema.sql"), include_str!("schema-crm.sql")];

/// Opens the file of a tenant, or creates it.
pub(crate) fn open(path: &Path) -> Result<Database, DatabaseError> {
    Database::open(path, Durability::Normal, MIGRATIONS)
}

/// A setting in the file. `make` provides its value on first use.
pub(crate) fn setting(
    database: &Database,
    name: &str,
    make: impl FnOnce() -> String,
) -> Result<String, DatabaseError> {
    database.transact(|transaction| {
        let found = transaction
            .query_row("SELECT value FROM settings WHERE name = ?", [name], |row| row.get(0))
            .optional()?;
        if let Some(found) = found {
            return Ok(found);
        }
        let value = make();
        transaction.execute("INSERT INTO settings (name, value) VALUES (?, ?)", [name, &value])?;
        Ok(value)
    })
}

/// A count for SQLite, whose integers are signed. No count comes near the limit.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A text column, parsed.
pub(crate) fn parsed<T>(row: &Row<'_>, at: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.get::<_, String>(at)?.parse().map_err(|error| unreadable(at, error))
}

pub(crate) fn unreadable(
    at: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error))
}
