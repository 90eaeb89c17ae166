//! What a job of calls asks, as the ledger stores it.

use super::{
    kind::{Fields, Kind},
    plan,
};
use crate::{
    error::{Error, Result},
    ledger::JobRecord,
};

/// What a job of calls asks.
#[derive(Debug, Clone)]
pub struct CallsOf {
    pub kind: &'static Kind,
    /// What all rows share.
    pub shared: Fields,
    /// Fields that this version does not know, for each call.
    pub extra: Fields,
}

impl CallsOf {
    /// Reads what the ledger stores; `None` for a job over ids.
    ///
    /// # Errors
    /// If the ledger contains values that this version does not know.
    pub fn from_ledger(record: &JobRecord) -> Result<Option<Self>> {
        // Only a column of ids has a type.
        if !record.id_type.is_empty() {
            return Ok(None);
        }
        let unreadable = |error: &dyn std::fmt::Display| {
            Error::ledger(format!("the ledger's job {:?} cannot be read: {error}", record.key))
                .hint("upgrade lantern")
        };
        let kind = Kind::named(&record.kind).map_err(|error| unreadable(&error))?;
        let (shared, extra) =
            plan::read_parameters(&record.parameters).map_err(|error| unreadable(&error))?;
        Ok(Some(Self { kind, shared, extra }))
    }
}
