//! `POST /v1/match`: candidates against the records of the CRM.
//!
//! [`score::hits`] is the one place that decides which records a candidate is.

pub(super) mod fields;
pub(super) mod score;

use serde_json::{Map, Value};

use super::{
    caller::Caller,
    crm::{
        Object,
        record::{self, text},
    },
    refusal::Refusal,
    shared::Shared,
};
use crate::api::{
    matching::{CandidateMatches, Match, Matched, RecordMatch},
    rules::MatchRules,
};

/// The most records that one candidate's answer holds.
const MOST: usize = 50;

/// The least confidence where an AI mode names none.
const AI_THRESHOLD: f64 = 0.5;

/// Matches candidates. Blocks.
pub(super) fn answer(shared: &Shared, caller: &Caller, call: &Match) -> Result<Matched, Refusal> {
    shared.crm_ready()?;
    let object = Object::from(call.object);
    let count = call.candidates.len() as u64;
    let (results, credits) = shared.charged(caller, call.max_credits, |transaction, bill| {
        bill.add_many("match", count, count * call.rules.price());
        let records = record::list(transaction, object, "", usize::MAX)?;
        let prepared = score::Records::new(object, &records);
        let results = call.candidates.iter().enumerate();
        Ok(results.map(|(at, one)| matched(&prepared, &call.rules, at, one)).collect())
    })?;
    let decided_by = match call.rules {
        MatchRules::Ai { .. } => "the local scorer over all known fields, without a language model",
        _ => "rules",
    };
    Ok(Matched {
        success: Some(true),
        results,
        metering: shared.metering(caller, credits, Some(false)),
        extra: Map::from_iter([
            ("mode".to_owned(), call.rules.mode().into()),
            ("decided_by".to_owned(), decided_by.into()),
        ]),
    })
}

fn matched(
    records: &score::Records<'_>,
    rules: &MatchRules,
    at: usize,
    candidate: &Map<String, Value>,
) -> CandidateMatches {
    let default = if matches!(rules, MatchRules::Ai { .. }) { AI_THRESHOLD } else { 0.0 };
    let least = rules.threshold().unwrap_or(default);
    let hits = score::hits(records, rules, candidate);
    let id = ["id", "record_id", "Id"].iter().find_map(|field| match candidate.get(*field)? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    CandidateMatches {
        candidate_index: at,
        candidate_id: id,
        matches: hits
            .into_iter()
            .filter(|hit| hit.confidence >= least)
            .take(MOST)
            .map(|hit| RecordMatch {
                sf_id: text(records.record(hit.row), "id").map(str::to_owned),
                confidence: Some((hit.confidence * 1e4).round() / 1e4),
                matched_rules: hit.rules,
                explanation: Some(hit.explanation),
                extra: Map::new(),
            })
            .collect(),
        extra: Map::new(),
    }
}
