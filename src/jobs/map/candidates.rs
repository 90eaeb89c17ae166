//! `/v1/match` over a table: each row is a candidate, and a call takes a chunk of them.

use serde_json::{Map, Value};

use super::kind::{Answer, RowAnswer, Sent, Several, parsed};
use crate::{
    Client,
    api::{
        matching::{CandidateMatches, MAX_CANDIDATES, Match},
        rules::MatchRules,
    },
    client::CallOptions,
};

/// How candidates share a call.
pub(super) const SEVERAL: Several = Several { rows_per_call: MAX_CANDIDATES, price, request };

/// What a candidate costs by these rules. Rules that cannot be read count as the dearest; the check of
/// the first row reports them.
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

/// The results in the order of their candidates: by index, else by the candidate's `id`, else, where
/// there are as many, in the order in which they came.
fn placed(
    candidates: &[Map<String, Value>],
    results: Vec<CandidateMatches>,
) -> Vec<CandidateMatches> {
    let mut parts: Vec<CandidateMatches> = (0..candidates.len())
        .map(|at| CandidateMatches { candidate_index: Some(at), ..CandidateMatches::default() })
        .collect();
    let in_order = results.len() == parts.len();
    let unnumbered = results.iter().all(|result| result.candidate_index.is_none());
    for (order, mut result) in results.into_iter().enumerate() {
        let by_id = |id: &str| {
            let has_id = |fields: &Map<String, Value>| match fields.get("id") {
                Some(Value::String(own)) => own == id,
                Some(Value::Number(own)) => own.to_string() == id,
                _ => false,
            };
            let mut found = (0..candidates.len()).filter(|at| has_id(&candidates[*at]));
            found.next().filter(|_| found.next().is_none())
        };
        let id = result.candidate_id.clone().or_else(|| {
            result.extra.get("candidate_id").filter(|id| id.is_number()).map(Value::to_string)
        });
        let at = result
            .candidate_index
            .or_else(|| id.as_deref().and_then(by_id))
            .or_else(|| (unnumbered && in_order).then_some(order));
        match at.and_then(|at| parts.get_mut(at)) {
            Some(part) => {
                result.candidate_index = at;
                *part = result;
            }
            None => tracing::error!(
                index = result.candidate_index,
                "a result of match belongs to no candidate of the call"
            ),
        }
    }
    parts
}

/// Sends a chunk; each candidate has its own part of the answer.
pub(super) fn send(client: Client, request: Map<String, Value>, options: CallOptions) -> Sent {
    Box::pin(async move {
        let call: Match = parsed(&request)?;
        drop(request);
        let answer = client.call_with(&call, options).await?.value;
        let parts = placed(&call.candidates, answer.results);
        let rows = parts.into_iter().map(|mut part| {
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
        })
    })
}
