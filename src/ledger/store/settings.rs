//! Settings that all processes on a ledger share.

use super::{
    super::sql::{Database, Reader, sql},
    SqlLedger,
};
use crate::error::Result;

impl<D: Database> SqlLedger<D> {
    pub(super) fn read_setting(&self, name: &str) -> Result<Option<String>> {
        let text = "SELECT value FROM lantern_settings WHERE name = ?1";
        self.one(sql!(text, name), Reader::next)
    }

    pub(super) fn put_setting(&self, name: &str, value: Option<&str>) -> Result<()> {
        self.transact(|session| {
            session.commit(vec![match value {
                None => sql!("DELETE FROM lantern_settings WHERE name = ?1", name),
                Some(value) => sql!(
                    "INSERT INTO lantern_settings (name, value) VALUES (?1, ?2) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    name,
                    value
                ),
            }])?;
            Ok(())
        })
    }
}
