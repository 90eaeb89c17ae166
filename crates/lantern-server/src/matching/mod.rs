//! `POST /v1/match`: candidates against the records of the CRM.
//!
//! Local matching decides by rules which records a candidate is; in AI mode a language model does,
//! where one is configured, or else what local matching learns.

mod asked;
pub(super) mod by_rules;
pub(super) mod fields;
mod learned;

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use serde_json::{Map, Value};

use super::{
    caller::Caller,
    crm::{
        Object,
        record::{self, Record, text},
    },
    refusal::Refusal,
    shared::Shared,
};
use lantern::{
    api::{
        matching::{CandidateMatches, Match, Matched, RecordMatch},
        rules::MatchRules,
    },
    error::Error,
    matching::tables::Table,
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
    let price = count * call.rules.price();
    shared.affords(price, call.max_credits)?;
    let records = shared
        .store
        .database()
        .with(|connection| record::list(connection, object, "", usize::MAX))?;
    let (hits, decided_by) = hits(shared, object, &records, call)?;
    let (results, credits) = shared.charged(caller, call.max_credits, |_, bill| {
        bill.add_many("match", count, price);
        Ok((0..).zip(hits).map(|(at, hits)| matched(&records, call, at, hits)).collect())
    })?;
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

/// For each candidate the records that it may be, and who says so.
fn hits(
    shared: &Shared,
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
    if let Some(model) = &shared.model {
        let hits = asked::hits(model, object, records, &call.candidates, instructions.as_deref())?;
        return Ok((hits, model.title()));
    }
    let least = threshold.unwrap_or(AI_THRESHOLD);
    let hits =
        learned::hits(object, records, &call.candidates, least, MOST).map_err(cannot_match)?;
    Ok((hits, "the learned local model, without a language model".to_owned()))
}

/// A record that a candidate may be.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub row: usize,
    pub confidence: f64,
    pub rules: Vec<String>,
    pub explanation: String,
}

/// Some fields of records, as a table of texts.
fn table(
    object: Object,
    records: &[Record],
    names: &[&str],
    side: &'static str,
) -> lantern::error::Result<Table> {
    let columns = names.iter().map(|name| -> ArrayRef {
        let texts =
            records.iter().map(|record| fields::field(record, object, &fields::snake(name)));
        Arc::new(texts.collect::<StringArray>())
    });
    let columns = columns.collect();
    let fields: Vec<Field> =
        names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
    Ok(Table::new(batch.schema(), vec![batch], side)?)
}

pub(super) fn cannot_match(error: Error) -> Refusal {
    match error {
        Error::Input { message, .. } => Refusal::field("rules", "value_error", message),
        error => Refusal::Internal(format!("the records cannot be matched: {error}")),
    }
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
        candidate_index: at,
        candidate_id: id,
        matches: hits
            .into_iter()
            .filter(|hit| hit.confidence >= least)
            .take(MOST)
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
