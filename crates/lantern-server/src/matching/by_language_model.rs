//! AI matching by a language model, which is shown a candidate and the records that are most
//! similar.

use serde_json::{Map, Value, json};

use crate::{
    crm::{
        Object,
        record::{Record, text},
        search::{Hit, by_rules, cannot_match},
    },
    language_model::{LanguageModel, ModelAnswer, Question, confidence},
    refusal::Refusal,
};
use lantern::matching::rules::FieldRule;

/// Number of records that the model is shown for each candidate.
const SHOWN: usize = 10;

/// Rules that select the records to show.
const LOOKED_AT: [&str; 6] =
    ["email:eq", "linkedin:eq", "phone:eq", "name:fuzzy0.8", "company:fuzzy0.8", "domain:eq"];

const TASK: &str = "You decide which records of a CRM are the same person or company as a \
    candidate. You are given the candidate and the records that look most like it. Answer \
    {\"matches\": [{\"sf_id\": \"the record's id\", \"confidence\": 0.0 to 1.0, \"explanation\": \
    \"one sentence\"}]}, the most confident first, and leave out what is somebody else.";

/// The records that match each candidate according to the model. Blocks.
pub(super) fn hits(
    model: &LanguageModel,
    object: Object,
    records: &[Record],
    candidates: &[Map<String, Value>],
    instructions: Option<&str>,
) -> Result<Vec<Vec<Hit>>, Refusal> {
    let looked_at: Vec<Vec<FieldRule>> =
        LOOKED_AT.iter().filter_map(|rule| Some(vec![rule.parse().ok()?])).collect();
    let mut shortlists =
        by_rules::hits(object, records, candidates, &looked_at, 0.0).map_err(cannot_match)?;
    for shortlist in &mut shortlists {
        shortlist.truncate(SHOWN);
    }
    let task = match instructions {
        Some(instructions) => format!("{TASK}\n\n{instructions}"),
        None => TASK.to_owned(),
    };
    // A candidate without any similar record is not sent to the model.
    let asked: Vec<usize> =
        (0..candidates.len()).filter(|&at| !shortlists[at].is_empty()).collect();
    let questions = asked.iter().map(|&at| {
        let shown: Vec<_> = shortlists[at].iter().map(|hit| shown(&records[hit.row])).collect();
        let data = json!({"candidate": candidates[at], "records": shown});
        Question { task: task.clone(), data }
    });
    let answers = model.ask(questions.collect())?;
    let mut hits = vec![Vec::new(); candidates.len()];
    for (at, answer) in asked.into_iter().zip(answers) {
        hits[at] = read(&answer, records, &shortlists[at])?;
    }
    Ok(hits)
}

/// A record without its empty fields.
fn shown(record: &Map<String, Value>) -> Map<String, Value> {
    record
        .iter()
        .filter(|(field, value)| {
            !value.is_null() && !["created_at", "modified_at", "owner_id"].contains(&field.as_str())
        })
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}

/// Reads the model's answer. Records that the model was not shown are ignored.
fn read(answer: &ModelAnswer, records: &[Record], shortlist: &[Hit]) -> Result<Vec<Hit>, Refusal> {
    let matches = answer.object.as_ref().and_then(|object| object.get("matches")?.as_array());
    let matches = matches.ok_or_else(|| {
        let said: String = answer.text.chars().take(120).collect();
        Refusal::Internal(format!(
            "the language model's answer does not have the requested form ({said:?}); nothing was charged"
        ))
    })?;
    let mut hits: Vec<Hit> = Vec::new();
    for one in matches {
        let id = one.get("sf_id").and_then(Value::as_str);
        let known = shortlist.iter().find(|hit| text(&records[hit.row], "id") == id);
        let Some((known, confidence)) = known.zip(confidence(one.get("confidence"))) else {
            continue;
        };
        if hits.iter().any(|hit| hit.row == known.row) {
            continue;
        }
        let explanation = one.get("explanation").and_then(Value::as_str);
        hits.push(Hit {
            row: known.row,
            confidence,
            rules: Vec::new(),
            explanation: explanation.unwrap_or_default().to_owned(),
        });
    }
    // Records are in the order of their ids, which decides between equal confidences.
    hits.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.row.cmp(&b.row)));
    Ok(hits)
}
