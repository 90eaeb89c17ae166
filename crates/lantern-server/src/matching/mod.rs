//! `POST /v1/match`: matches candidates with the records of the CRM.
//!
//! With rules, local matching decides. In AI mode the configured language model decides, or else a
//! model that local matching learns.

mod by_language_model;
mod learned;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    caller::Caller,
    crm::{
        Crm, Object,
        record::{Record, text},
        search::{Hit, MAX_HITS, by_rules, cannot_match},
    },
    language_model::LanguageModel,
    refusal::Refusal,
};
use lantern::api::{
    matching::{CandidateMatches, Match, Matched, RecordMatch},
    rules::MatchRules,
};

/// Answers `POST /v1/match`.
pub(crate) struct Matcher {
    pub crm: Arc<Crm>,
    pub model: Option<Arc<LanguageModel>>,
}

/// Default minimum confidence in AI mode.
const AI_THRESHOLD: f64 = 0.5;

/// Matches candidates. Blocks.
pub(crate) fn answer(matcher: &Matcher, caller: &Caller, call: &Match) -> Result<Matched, Refusal> {
    let (crm, billing) = (&matcher.crm, &matcher.crm.billing);
    let object = Object::from(call.object);
    let count = call.candidates.len() as u64;
    let price = count * call.rules.price();
    billing.affords(price, call.max_credits)?;
    let records = crm.all(object)?;
    let (hits, decided_by) = hits(matcher, object, &records, call)?;
    let (results, credits) = billing.charged(caller, call.max_credits, |_, bill| {
        bill.add_many("match", count, price);
        Ok((0..).zip(hits).map(|(at, hits)| matched(&records, call, at, hits)).collect())
    })?;
    Ok(Matched {
        success: Some(true),
        results,
        metering: billing.metering(caller, credits, Some(false)),
        extra: Map::from_iter([
            ("mode".to_owned(), call.rules.mode().into()),
            ("decided_by".to_owned(), decided_by.into()),
        ]),
    })
}

/// The records that match each candidate, and who decided.
fn hits(
    matcher: &Matcher,
    object: Object,
    records: &[Record],
    call: &Match,
) -> Result<(Vec<Vec<Hit>>, String), Refusal> {
    let MatchRules::Ai { threshold, instructions } = &call.rules else {
        let (groups, least) = (call.rules.alternatives(), call.rules.threshold().unwrap_or(0.0));
        let hits = by_rules::hits(object, records, &call.candidates, &groups, least)
            .map_err(cannot_match)?;
        return Ok((hits, "rules".to_owned()));
    };
    if let Some(model) = &matcher.model {
        let hits = by_language_model::hits(
            model,
            object,
            records,
            &call.candidates,
            instructions.as_deref(),
        )?;
        return Ok((hits, model.title()));
    }
    let least = threshold.unwrap_or(AI_THRESHOLD);
    let hits =
        learned::hits(object, records, &call.candidates, least, MAX_HITS).map_err(cannot_match)?;
    Ok((hits, "the learned local model, without a language model".to_owned()))
}

fn matched(records: &[Record], call: &Match, at: usize, hits: Vec<Hit>) -> CandidateMatches {
    let default = if matches!(call.rules, MatchRules::Ai { .. }) { AI_THRESHOLD } else { 0.0 };
    let least = call.rules.threshold().unwrap_or(default);
    let candidate = &call.candidates[at];
    let id = ["id", "record_id", "Id"].iter().find_map(|field| match candidate.get(*field)? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    CandidateMatches {
        candidate_index: Some(at),
        candidate_id: id,
        matches: hits
            .into_iter()
            .filter(|hit| hit.confidence >= least)
            .take(MAX_HITS)
            .map(|hit| RecordMatch {
                sf_id: text(&records[hit.row], "id").map(str::to_owned),
                confidence: Some((hit.confidence * 1e4).round() / 1e4),
                matched_rules: hit.rules,
                explanation: Some(hit.explanation),
                extra: Map::new(),
            })
            .collect(),
        extra: Map::new(),
    }
}
