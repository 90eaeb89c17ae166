//! `/v1/match` over a table: each row is a candidate, and a call takes a chunk of candidates.

use serde_json::{Map, Value};

use super::{
    kind::{Answer, Fields, RowAnswer, Sent, Several, parsed},
    placement::{Placement, place},
};
use crate::{
    Client,
    api::{
        matching::{MAX_CANDIDATES, Match, Matched},
        rules::MatchRules,
    },
    client::CallOptions,
    error::{Error, Result},
};

/// How candidates share a call.
pub(super) const SEVERAL: Several = Several { rows_per_call: MAX_CANDIDATES, price, request };

/// The price of a candidate by these rules. Invalid rules count with the highest price; they are
/// reported when the first row is checked.
fn price(shared: &Map<String, Value>) -> u64 {
    let rules = shared.get("rules").cloned().unwrap_or_default();
    serde_json::from_value::<MatchRules>(rules).map_or(5, |rules| rules.price())
}

fn request(shared: &Map<String, Value>, rows: &[&Map<String, Value>]) -> Map<String, Value> {
    let mut request = shared.clone();
    let candidates = rows.iter().map(|row| Value::Object((*row).clone())).collect();
    request.insert("candidates".to_owned(), Value::Array(candidates));
    request
}

/// Sends a chunk. Each candidate gets its own part of the answer.
pub(super) fn send(client: Client, request: Fields, options: CallOptions) -> Sent {
    Box::pin(async move {
        let call: Match = parsed(&request)?;
        drop(request);
        let answer = client.call_with(&call, options).await?.value;
        answered(&call.candidates, answer)
    })
}

/// Reads an answer that was received elsewhere.
pub(super) fn read(request: &Fields, body: Value) -> Result<Answer> {
    let call: Match = parsed(request)?;
    let answer: Matched = serde_json::from_value(body)
        .map_err(|error| Error::input(format!("the answer cannot be read: {error}")))?;
    answered(&call.candidates, answer)
}

fn answered(candidates: &[Map<String, Value>], answer: Matched) -> Result<Answer> {
    let Placement { parts, unassigned } = place(candidates, &answer);
    // A part of the answer that belongs to no row must not be lost, so the whole answer is stored.
    let body = unassigned.as_ref().and_then(|_| serde_json::to_string(&answer).ok());
    let rows = (0..).zip(parts).map(|(at, part)| {
        let Some(mut part) = part else {
            return Ok(RowAnswer::unassigned(at, unassigned.as_deref().unwrap_or_default()));
        };
        for field in ["decided_by", "mode"] {
            if let Some(said) = answer.extra.get(field) {
                part.extra.entry(field).or_insert_with(|| said.clone());
            }
        }
        part.extra.insert("cached".to_owned(), answer.metering.cached.into());
        RowAnswer::new(&part)
    });
    Ok(Answer {
        rows: rows.collect::<Result<_, _>>()?,
        credits: answer.metering.credits_consumed,
        body,
    })
}
