//! Enrichment of one record: it is looked up in the directory, cached by `record_id`, and paid
//! once.

mod company;
mod email;
mod person;
mod phone;
pub(crate) mod questions;
pub(crate) mod research;

use std::sync::Arc;

use chrono::{SecondsFormat, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{
    billing::{Bill, Billing, Stop},
    caller::Caller,
    directory::Directory,
    language_model::LanguageModel,
    refusal::Refusal,
};
use lantern::api::{Call, Metered};

/// Answers `POST /v1/enrich/*`.
pub(crate) struct Enricher {
    pub billing: Arc<Billing>,
    pub directory: Arc<Directory>,
    pub model: Option<Arc<LanguageModel>>,
}

/// An enrichment that the directory can answer.
pub(crate) trait Enrichment: Call {
    /// The call's name in the cache of answers.
    const NAME: &'static str;

    fn record_id(&self) -> &str;
    fn max_credits(&self) -> Option<u64>;

    /// The question, without the parts that do not change its answer.
    fn question(&self) -> Self;

    /// Looks up the answer, and adds its cost to the bill.
    fn look_up(&self, enricher: &Enricher, bill: &mut Bill) -> Self::Response;
}

/// What is the same for all calls about one record: the name of the call, the record, and the budget,
/// which does not change the answer.
macro_rules! about_a_record {
    ($name:literal) => {
        const NAME: &'static str = $name;

        fn record_id(&self) -> &str {
            &self.record_id
        }

        fn max_credits(&self) -> Option<u64> {
            self.max_credits
        }

        fn question(&self) -> Self {
            Self { max_credits: None, ..self.clone() }
        }
    };
}
pub(crate) use about_a_record;

/// Answers an enrichment. Blocks.
///
/// The same question about the same `record_id` gets the same answer, free of charge. Another
/// question with the same id is looked up again.
pub(crate) fn answer<C>(
    enricher: &Enricher,
    caller: &Caller,
    call: &C,
) -> Result<C::Response, Refusal>
where
    C: Enrichment,
    C::Response: Metered + Serialize + DeserializeOwned,
{
    let question = json(&call.question())?;
    let ((mut answer, cached), credits) =
        enricher.billing.charged(caller, call.max_credits(), |transaction, bill| {
            if let Some(known) = known(transaction, C::NAME, call.record_id(), &question)? {
                return Ok((known, true));
            }
            let answer = call.look_up(enricher, bill);
            // A record that is not found costs nothing, and may be found later.
            if bill.total() > 0 {
                transaction
                    .prepare_cached(
                        "INSERT OR REPLACE INTO answers (call, record_id, question, answer, at) \
                         VALUES (?, ?, ?, ?, ?)",
                    )?
                    .execute(params![
                        C::NAME,
                        call.record_id(),
                        question,
                        json(&answer)?,
                        Utc::now().timestamp_micros()
                    ])?;
            }
            Ok((answer, false))
        })?;
    *answer.metering_mut() = enricher.billing.metering(caller, credits, Some(cached));
    Ok(answer)
}

fn known<T: DeserializeOwned>(
    transaction: &Transaction<'_>,
    call: &str,
    record_id: &str,
    question: &str,
) -> Result<Option<T>, Stop> {
    let answer: Option<String> = transaction
        .prepare_cached(
            "SELECT answer FROM answers WHERE call = ? AND record_id = ? AND question = ?",
        )?
        .query_row([call, record_id, question], |row| row.get(0))
        .optional()?;
    // An answer in another format, from an older version, is looked up again.
    Ok(answer.and_then(|answer| serde_json::from_str(&answer).ok()))
}

fn json(value: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(value)
        .map_err(|error| Refusal::Internal(format!("the answer cannot be written: {error}")))
}

/// The current time, as answers write it.
pub(crate) fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The URL of a LinkedIn page.
fn linkedin_url(kind: &str, slug: &str) -> String {
    if slug.contains("://") {
        return slug.to_owned();
    }
    format!("https://www.linkedin.com/{kind}/{slug}")
}
