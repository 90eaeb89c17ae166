//! The slots of the rate limits, which all processes on a ledger share.

use super::{
    super::sql::{Database, Session, Statement, sql},
    SqlLedger,
};
use crate::{api::LimitClass, client::limit::Slot, error::Result};

impl<D: Database> SqlLedger<D> {
    /// [`super::Store::take_slot`].
    pub(super) fn take(
        &self,
        scope: &str,
        class: LimitClass,
        now: i64,
        interval: i64,
    ) -> Result<Option<i64>> {
        self.transact(|session| {
            let slot = self.slot(session, scope, class)?;
            match slot.take(now, interval) {
                Err(wait) => Ok(Some(wait)),
                Ok(next) => {
                    session.commit(vec![put_slot(scope, class, next)])?;
                    Ok(None)
                }
            }
        })
    }

    /// [`super::Store::hold_slot`].
    pub(super) fn hold(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        self.transact(|session| {
            let slot = self.slot(session, scope, class)?;
            let next = Slot { held: slot.held.max(until), ..slot };
            session.commit(vec![put_slot(scope, class, next)])?;
            Ok(())
        })
    }

    /// A slot, which no other process changes before the transaction ends.
    fn slot(&self, session: &mut dyn Session, scope: &str, class: LimitClass) -> Result<Slot> {
        let new = Slot::default();
        let lock = self.database.for_update();
        let found = session.run(vec![
            sql!(
                "INSERT INTO lantern_slots (scope, class, last, held) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT DO NOTHING",
                scope,
                class.name(),
                new.last,
                new.held,
            ),
            sql!(
                format!(
                    "SELECT last, held FROM lantern_slots WHERE scope = ?1 AND class = ?2{lock}"
                ),
                scope,
                class.name(),
            ),
        ])?;
        match found.into_iter().flatten().next() {
            None => Ok(new),
            Some(row) => {
                let mut row = row.read();
                Ok(Slot { last: row.next()?, held: row.next()? })
            }
        }
    }
}

fn put_slot(scope: &str, class: LimitClass, slot: Slot) -> Statement {
    sql!(
        "UPDATE lantern_slots SET last = ?3, held = ?4 WHERE scope = ?1 AND class = ?2",
        scope,
        class.name(),
        slot.last,
        slot.held,
    )
}
