//! Credits: how many a tenant has, what calls cost, and transactions that include the charge.

mod account;
mod bill;
pub(crate) mod charges;
mod prices;

use chrono::Utc;
use rusqlite::Transaction;

pub(crate) use account::Account;
pub(crate) use bill::Bill;
pub(crate) use charges::Charge;
pub use prices::Prices;

use crate::{caller::Caller, refusal::Refusal};
use lantern::{api::Metering, process::sqlite::Database};

/// The credits of one tenant, and its charges.
pub(crate) struct Billing {
    pub tenant_id: i64,
    pub prices: Prices,
    pub account: Account,
    database: Database,
}

/// Why a transaction is rolled back.
#[derive(Debug)]
pub(crate) enum Stop {
    Sql(rusqlite::Error),
    Refused(Refusal),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Billing {
    pub fn new(tenant_id: i64, prices: Prices, account: Account, database: &Database) -> Self {
        Self { tenant_id, prices, account, database: database.clone() }
    }

    /// Does `work` and charges for it in one transaction, so that either both happen or neither.
    /// Blocks.
    ///
    /// # Errors
    /// If the call costs more than `max_credits` or than is left. Nothing is changed then.
    pub fn charged<T>(
        &self,
        caller: &Caller,
        max_credits: Option<u64>,
        work: impl FnOnce(&Transaction<'_>, &mut Bill) -> Result<T, Stop>,
    ) -> Result<(T, u64), Refusal> {
        let mut bill = Bill::default();
        let mut refused = None;
        let mut reserved = 0;
        let done = self.database.transact(|transaction| {
            let value = work(transaction, &mut bill)
                .and_then(|value| {
                    reserved = self.reserve(bill.total(), max_credits)?;
                    let at = Utc::now().timestamp_micros();
                    for charge in bill.charges() {
                        let workflow = bill.workflow_id.as_deref();
                        charges::write(transaction, at, &caller.request_id, charge, workflow)?;
                    }
                    Ok(value)
                })
                .map_err(|stop| match stop {
                    Stop::Sql(error) => error,
                    Stop::Refused(refusal) => {
                        refused = Some(refusal);
                        // Any error rolls the transaction back.
                        rusqlite::Error::QueryReturnedNoRows
                    }
                })?;
            Ok(value)
        });
        self.account.settle(reserved, if done.is_ok() { reserved } else { 0 });
        match (done, refused) {
            (_, Some(refusal)) => Err(refusal),
            (Ok(value), None) => Ok((value, reserved)),
            (Err(error), None) => Err(error.into()),
        }
    }

    /// Checks whether a call with this cost may begin.
    ///
    /// # Errors
    /// If it costs more than its own `max_credits` or than is left.
    pub fn affords(&self, credits: u64, max_credits: Option<u64>) -> Result<(), Refusal> {
        let reserved = self.reserve(credits, max_credits)?;
        self.account.settle(reserved, 0);
        Ok(())
    }

    /// Reserves credits until they are settled.
    ///
    /// # Errors
    /// If fewer credits are left.
    pub fn hold(&self, credits: u64) -> Result<(), Refusal> {
        self.account.reserve(credits).map_err(|short| Refusal::Credits {
            required: credits,
            available: short.available,
            reserved: short.reserved,
        })
    }

    fn reserve(&self, credits: u64, max_credits: Option<u64>) -> Result<u64, Refusal> {
        if credits == 0 {
            return Ok(0);
        }
        if let Some(most) = max_credits.filter(|most| credits > *most) {
            return Err(Refusal::OverBudget {
                required: credits,
                most,
                available: self.account.remaining(),
            });
        }
        self.hold(credits)?;
        Ok(credits)
    }

    /// The fields of an answer that give its cost.
    pub fn metering(&self, caller: &Caller, credits: u64, cached: Option<bool>) -> Metering {
        Metering {
            credits_consumed: Some(credits as f64),
            credits_remaining: Some(self.account.remaining()),
            processing_time_ms: Some(caller.started.elapsed().as_millis() as f64),
            cached,
        }
    }
}
