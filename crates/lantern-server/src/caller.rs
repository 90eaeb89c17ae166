//! Who calls, and what the call is charged: a request on its way through the server.

use std::time::Instant;

use axum::extract::Request;
use chrono::Utc;
use rusqlite::Transaction;
use serde::de::DeserializeOwned;

use super::{
    refusal::Refusal,
    routes::body,
    shared::Shared,
    store::{Charge, write_charge},
};
use lantern::api::{Call, Invalid, Metering};

/// What is known of a request beside its body.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub request_id: String,
    pub idempotency_key: Option<String>,
    pub started: Instant,
}

impl Caller {
    pub fn of(request: &Request, request_id: String, started: Instant) -> Self {
        let key = request.headers().get("idempotency-key");
        Self {
            request_id,
            idempotency_key: key.map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned()),
            started,
        }
    }

    /// A caller that is the server itself.
    pub fn own() -> Self {
        Self {
            request_id: uuid::Uuid::new_v4().to_string(),
            idempotency_key: None,
            started: Instant::now(),
        }
    }
}

/// Reads a call and checks it.
pub(super) async fn receive<C: Call + DeserializeOwned>(
    request: Request,
) -> Result<(Caller, C), Refusal> {
    receive_with(request, |_: &mut C| {}).await
}

/// Reads a call, fills in what its path says, and checks it.
pub(super) async fn receive_with<C: Call + DeserializeOwned>(
    request: Request,
    fill: impl FnOnce(&mut C),
) -> Result<(Caller, C), Refusal> {
    let caller = caller(&request);
    let mut call: C = body::json(request).await?;
    fill(&mut call);
    call.check().map_err(|invalid| refused("body", invalid))?;
    Ok((caller, call))
}

pub(super) fn caller(request: &Request) -> Caller {
    request.extensions().get::<Caller>().cloned().unwrap_or_else(Caller::own)
}

/// A 422 for a request that does not hold to the contract.
pub(super) fn refused(root: &str, invalid: Invalid) -> Refusal {
    Refusal::invalid(vec![root.into(), invalid.field.into()], "value_error", invalid.message)
}

/// Why a transaction is given up.
#[derive(Debug)]
pub(super) enum Stop {
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

/// What a call costs.
#[derive(Debug, Default)]
pub(super) struct Bill {
    charges: Vec<Charge>,
    /// The workflow that the credits are used by.
    pub workflow_id: Option<String>,
}

impl Bill {
    pub fn add(&mut self, service: &'static str, credits: u64) {
        self.add_many(service, 1, credits);
    }

    pub fn add_many(&mut self, service: &'static str, records: u64, credits: u64) {
        if credits == 0 {
            return;
        }
        match self.charges.iter_mut().find(|charge| charge.service == service) {
            Some(charge) => {
                charge.records += records;
                charge.credits += credits;
            }
            None => self.charges.push(Charge { service, records, credits }),
        }
    }

    pub fn total(&self) -> u64 {
        self.charges.iter().map(|charge| charge.credits).sum()
    }
}

impl Shared {
    /// Does `work` and charges for it in one transaction: both or neither. Blocks.
    ///
    /// A call that costs more than `max_credits`, or than is left, is refused and changes nothing.
    pub fn charged<T>(
        &self,
        caller: &Caller,
        max_credits: Option<u64>,
        work: impl FnOnce(&Transaction<'_>, &mut Bill) -> Result<T, Stop>,
    ) -> Result<(T, u64), Refusal> {
        let mut bill = Bill::default();
        let mut refused = None;
        let mut reserved = 0;
        let done = self.store.database().transact(|transaction| {
            let value = work(transaction, &mut bill)
                .and_then(|value| {
                    reserved = self.reserve(bill.total(), max_credits)?;
                    let at = Utc::now().timestamp_micros();
                    for charge in &bill.charges {
                        let workflow = bill.workflow_id.as_deref();
                        write_charge(transaction, at, &caller.request_id, charge, workflow)?;
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

    /// Whether a call that will cost this much may be begun.
    ///
    /// # Errors
    /// It costs more than its own `max_credits`, or than is left.
    pub fn affords(&self, credits: u64, max_credits: Option<u64>) -> Result<(), Refusal> {
        let reserved = self.reserve(credits, max_credits)?;
        self.account.settle(reserved, 0);
        Ok(())
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
        self.account.reserve(credits).map_err(|short| Refusal::Credits {
            required: credits,
            available: short.available,
            reserved: short.reserved,
        })?;
        Ok(credits)
    }

    /// What an answer says of its cost.
    pub fn metering(&self, caller: &Caller, credits: u64, cached: Option<bool>) -> Metering {
        Metering {
            credits_consumed: Some(credits as f64),
            credits_remaining: Some(self.account.remaining()),
            processing_time_ms: Some(caller.started.elapsed().as_millis() as f64),
            cached,
        }
    }
}
