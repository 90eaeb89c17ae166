//! Single calls and the ledger's list of those who are never sent and never given back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    api::Call,
    client::Answered,
    error::{Advice, Error, Result},
    ledger::{Ledger, suppression::Suppressed},
};

/// The list of a ledger as somebody reads it who makes many calls: again only if it has changed.
#[derive(Default)]
pub struct ListOfLedger(Mutex<Option<Seen>>);

/// A list, and what it was when it was read.
type Seen = ((u64, i64), Arc<Suppressed>);

impl ListOfLedger {
    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The list that holds for all jobs.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn read(&self, ledger: &Ledger) -> Result<Arc<Suppressed>> {
        let known = self.seen().clone();
        let seen = ledger
            .run(move |store| {
                let state = store.suppressed_state(None)?;
                match known.filter(|(before, _)| *before == state) {
                    Some(known) => Ok(known),
                    None => Ok((state, Arc::new(store.suppressed(None)?))),
                }
            })
            .await?;
        let list = Arc::clone(&seen.1);
        *self.seen() = Some(seen);
        Ok(list)
    }
}

impl Suppressed {
    /// Says whether a single call may be sent.
    ///
    /// # Errors
    /// If one of its fields names somebody on the list.
    pub fn check_call<C: Call>(&self, call: &C, extra: &Map<String, Value>) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let fields = serde_json::to_value(call).unwrap_or_default();
        let all = fields.as_object().into_iter().flatten().chain(extra);
        for (name, value) in all {
            if self.has_json(name, value) {
                return Err(Error::input(format!(
                    "field {name:?} names somebody who is suppressed, so the call is not sent"
                ))
                .with_field(name)
                .advise(Advice::text(TAKE_OFF)));
            }
        }
        Ok(())
    }

    /// Says whether the answer to a single call may be given back.
    ///
    /// # Errors
    /// If it names somebody on the list. The error says what the answer cost.
    pub fn check_answer<T: Serialize>(&self, answered: &Answered<T>) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let answer = serde_json::to_value(&answered.value).unwrap_or_default();
        if !self.has_json("", &answer) {
            return Ok(());
        }
        let happened = "the answer names somebody who is suppressed, so it is not given back";
        let consumed = answer.get("credits_consumed").and_then(Value::as_f64);
        Err(Error::input(happened).with_consumed(consumed).advise(Advice::text(TAKE_OFF)))
    }
}

/// What is to be done about somebody who is suppressed.
const TAKE_OFF: &str = "take them off the ledger's list if they are to be asked about";
