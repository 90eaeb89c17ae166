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

/// Sends a chunk; each candidate has its own part of the answer.
pub(super) fn send(client: Client, request: Map<String, Value>, options: CallOptions) -> Sent {
    Box::pin(async move {
        let call: Match = parsed(&request)?;
        drop(request);
        let answer = client.call_with(&call, options).await?.value;
        let mut parts: Vec<CandidateMatches> = (0..call.candidates.len())
            .map(|at| CandidateMatches { candidate_index: at, ..CandidateMatches::default() })
            .collect();
        for result in answer.results {
            if let Some(part) = parts.get_mut(result.candidate_index) {
                *part = result;
            }
        }
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
