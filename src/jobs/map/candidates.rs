//! `/v1/match` over a table: each row is a candidate, and a call takes a chunk of candidates.

use http::Method;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value};

use super::{
    kind::{Answer, Fields, RowAnswer, Sent, Several, parsed},
    placement::{Placement, has_matches, place, unassigned},
};
use crate::{
    Client,
    api::{
        Call, Effect, Invalid, LimitClass,
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

/// The call of a chunk, whose answer is also kept as it was received.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Chunk(Match);

impl Call for Chunk {
    type Response = Received;
    const METHOD: Method = Match::METHOD;
    const CLASS: LimitClass = Match::CLASS;
    const EFFECT: Effect = Match::EFFECT;

    fn path(&self) -> String {
        self.0.path()
    }

    fn check(&self) -> Result<(), Invalid> {
        self.0.check()
    }
}

/// An answer, as it was read and as it was received.
struct Received {
    answer: Matched,
    fields: Fields,
}

impl<'de> Deserialize<'de> for Received {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        let answer =
            serde_json::from_value(Value::Object(fields.clone())).map_err(D::Error::custom)?;
        Ok(Self { answer, fields })
    }
}

impl Received {
    /// Whether it has results, of whatever form. An answer without them does not say that nothing
    /// matches.
    fn has_results(&self) -> bool {
        let listed = self.fields.get("results").is_some_and(|results| !results.is_null());
        listed || has_matches(&self.fields)
    }
}

/// Sends a chunk. Each candidate gets its own part of the answer.
pub(super) fn send(client: Client, request: Fields, options: CallOptions) -> Sent {
    Box::pin(async move {
        let call = Chunk(parsed(&request)?);
        drop(request);
        let received = client.call_with(&call, options).await?.value;
        answered(&call.0.candidates, &received)
    })
}

/// Reads an answer that was received elsewhere.
pub(super) fn read(request: &Fields, body: Value) -> Result<Answer> {
    let call: Match = parsed(request)?;
    let received: Received = serde_json::from_value(body)
        .map_err(|error| Error::input(format!("the answer cannot be read: {error}")))?;
    answered(&call.candidates, &received)
}

fn answered(candidates: &[Map<String, Value>], received: &Received) -> Result<Answer> {
    let answer = &received.answer;
    let Placement { parts, unassigned } = if received.has_results() {
        place(candidates, answer)
    } else {
        unassigned(candidates.len(), "the answer has no results".to_owned())
    };
    // A part of the answer that belongs to no row must not be lost, so the whole answer is stored.
    let body = unassigned.as_ref().and_then(|_| serde_json::to_string(&received.fields).ok());
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
