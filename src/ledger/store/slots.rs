//! The slots of the rate limits, which all processes on a ledger share, and the queue of processes
//! that wait for one.

use super::{
    super::sql::{Database, Row, Session, Statement, sql},
    SqlLedger,
};
use crate::{
    api::LimitClass,
    client::limit::slots::{Ask, Place, Slot, Taken, Waiter, kept_until},
    error::Result,
};

impl<D: Database> SqlLedger<D> {
    /// [`super::Store::take_slots`].
    pub(super) fn take(
        &self,
        scope: &str,
        class: LimitClass,
        waiter: &str,
        ask: Ask,
    ) -> Result<Taken> {
        self.transact(|session| {
            let (slot, waiters) = self.slot(session, scope, class)?;
            let (taken, mut writes) = match slot.take(ask, Place::of(waiter, &waiters, ask.now)) {
                Ok((next, grant)) => (Ok(grant), vec![put_slot(scope, class, next)]),
                Err(refused) if waiter.is_empty() => return Ok(Err(refused)),
                Err(refused) => {
                    let until = kept_until(ask.now, refused.wait);
                    (Err(refused), vec![put_waiter(scope, class, waiter, ask.now, until)])
                }
            };
            // Removes this process from the queue, and those that did not come back in time.
            let gone = |other: &Waiter| {
                other.until < ask.now || taken.is_ok() && other.name.as_str() == waiter
            };
            if waiters.iter().any(gone) {
                let own = if taken.is_ok() { waiter } else { "" };
                writes.push(sql!(
                    "DELETE FROM lantern_waiters \
                     WHERE scope = ?1 AND class = ?2 AND (until < ?3 OR waiter = ?4)",
                    scope,
                    class.name(),
                    ask.now,
                    own,
                ));
            }
            session.commit(writes)?;
            Ok(taken)
        })
    }

    /// [`super::Store::hold_slot`].
    pub(super) fn hold(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        self.transact(|session| {
            let (slot, _) = self.slot(session, scope, class)?;
            let next = Slot { held: slot.held.max(until), ..slot };
            session.commit(vec![put_slot(scope, class, next)])?;
            Ok(())
        })
    }

    /// The state of a slot, locked until the transaction ends, and the processes that wait for it.
    fn slot(
        &self,
        session: &mut dyn Session,
        scope: &str,
        class: LimitClass,
    ) -> Result<(Slot, Vec<Waiter>)> {
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
            sql!(
                "SELECT waiter, since, until FROM lantern_waiters WHERE scope = ?1 AND class = ?2",
                scope,
                class.name(),
            ),
        ])?;
        let mut found = found.into_iter().skip(1);
        let slot = match found.next().unwrap_or_default().into_iter().next() {
            None => new,
            Some(row) => {
                let mut row = row.read();
                Slot { last: row.next()?, held: row.next()? }
            }
        };
        let waiter = |row: Row| {
            let mut row = row.read();
            Ok(Waiter { name: row.next()?, since: row.next()?, until: row.next()? })
        };
        let waiters = found.next().unwrap_or_default().into_iter().map(waiter);
        Ok((slot, waiters.collect::<Result<_>>()?))
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

/// Stores the place of a waiting process. If it is already waiting, it keeps the time since when.
fn put_waiter(scope: &str, class: LimitClass, waiter: &str, now: i64, until: i64) -> Statement {
    sql!(
        "INSERT INTO lantern_waiters (scope, class, waiter, since, until) \
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (scope, class, waiter) \
         DO UPDATE SET until = excluded.until, since = CASE WHEN lantern_waiters.until < ?4 \
         THEN excluded.since ELSE lantern_waiters.since END",
        scope,
        class.name(),
        waiter,
        now,
        until,
    )
}
