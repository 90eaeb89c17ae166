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

/// The suppression list of a ledger, for many calls: it is read again only if it has changed.
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
    /// If one of its fields names somebody on the list, or the call cannot be compared with it.
    pub fn check_call<C: Call>(&self, call: &C, extra: &Map<String, Value>) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let call = serde_json::to_value(call).map_err(|error| {
            let happened = format!(
                "the call cannot be compared with the suppression list, so it is not sent: {error}"
            );
            Error::internal(happened).caused_by(error)
        })?;
        let fields = match call {
            Value::Object(fields) => fields,
            // Nothing that is not an object has names for its values.
            other => Map::from_iter([(String::new(), other)]),
        };
        for (name, value) in fields.iter().chain(extra) {
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
    /// If it names somebody on the list, and the error then says what the answer cost, or if it
    /// cannot be compared with the list.
    pub fn check_answer<T: Serialize>(&self, answered: &Answered<T>) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let answer = serde_json::to_value(&answered.value).map_err(|error| {
            let happened = format!(
                "the answer cannot be compared with the suppression list, so it is not given back: \
                 {error}"
            );
            Error::internal(happened).caused_by(error)
        })?;
        if !self.has_json("", &answer) {
            return Ok(());
        }
        let happened = "the answer names somebody who is suppressed, so it is not given back";
        let consumed = answer.get("credits_consumed").and_then(Value::as_f64);
        Err(Error::input(happened).with_consumed(consumed).advise(Advice::text(TAKE_OFF)))
    }
}

/// The advice if a call names somebody who is suppressed.
const TAKE_OFF: &str = "take them off the ledger's list if they are to be asked about";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::Method;
    use serde::{Deserialize, Serializer, ser::Error as _};

    use super::*;
    use crate::{
        api::{Effect, Invalid, LimitClass},
        error::ErrorKind,
        ledger::suppression::Entry,
    };

    /// A call or an answer that is one text, and fails to be serialized without it.
    #[derive(Deserialize)]
    struct Odd(Option<String>);

    impl Serialize for Odd {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match &self.0 {
                Some(text) => serializer.serialize_str(text),
                None => Err(S::Error::custom("there is no text")),
            }
        }
    }

    impl Call for Odd {
        type Response = Odd;
        const METHOD: Method = Method::POST;
        const CLASS: LimitClass = LimitClass::Sync;
        const EFFECT: Effect = Effect::SpendsCredits;

        fn path(&self) -> String {
            "/v1/odd".to_owned()
        }

        fn check(&self) -> Result<(), Invalid> {
            Ok(())
        }
    }

    fn answered(value: Odd) -> Answered<Odd> {
        Answered {
            value,
            request_id: None,
            credits_remaining: None,
            attempts: 1,
            elapsed: Duration::ZERO,
        }
    }

    #[test]
    fn what_cannot_be_compared_with_the_list_does_not_pass_it() {
        let mut list = Suppressed::nobody().unwrap();
        let none = Map::new();
        assert!(list.check_call(&Odd(None), &none).is_ok());
        list.add(&Entry::of_text("ada@acme.com"));

        let error = list.check_call(&Odd(None), &none).unwrap_err();
        assert!(error.is(ErrorKind::Internal), "{error:?}");
        assert!(error.to_string().contains("not sent: there is no text"), "{error}");
        let error = list.check_answer(&answered(Odd(None))).unwrap_err();
        assert!(error.is(ErrorKind::Internal), "{error:?}");
        assert!(error.to_string().contains("not given back: there is no text"), "{error}");
    }

    #[test]
    fn a_call_or_an_answer_that_is_one_text_is_compared_too() {
        let mut list = Suppressed::nobody().unwrap();
        list.add(&Entry::of_text("ada@acme.com"));
        let (ada, bob) = ("Ada@acme.com".to_owned(), "bob@acme.com".to_owned());
        assert!(list.check_call(&Odd(Some(ada.clone())), &Map::new()).is_err());
        assert!(list.check_call(&Odd(Some(bob.clone())), &Map::new()).is_ok());
        assert!(list.check_answer(&answered(Odd(Some(ada)))).is_err());
        assert!(list.check_answer(&answered(Odd(Some(bob)))).is_ok());
    }
}
