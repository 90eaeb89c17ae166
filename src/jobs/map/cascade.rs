//! A cascade: a table is matched on this machine for free, and only rows whose best pair is neither
//! certain nor unlikely are sent to `/v1/match` in AI mode, within a budget.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, UInt64Array,
    },
    datatypes::{Field, Schema},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    kind::Kind,
    memory::MapPlan,
    rows::Row,
    run::{Done, MapRequest, dry_run, rows},
};
use crate::{
    Client,
    api::matching::MatchObject,
    error::{Error, Result},
    jobs::OnInDoubt,
    ledger::{Ledger, Reuse, UnitState, suppression::Entry},
    matching::{
        self,
        found_pairs::Match,
        options::{Options, Watch},
        pipeline::{self, match_by_rules},
        results::matches::Matches,
        rules::FieldRule,
        tables::Table,
    },
    process::{runtime::run_blocking, stop::StopOnDrop, threads},
    tabular::{column_as_text, is_plain},
};

/// What is matched, and how.
pub struct Cascade {
    pub left: Table,
    /// The Salesforce records that the left rows may match.
    pub right: Table,
    /// The Salesforce object of the right records.
    pub object: MatchObject,
    /// Rules for local matching; `None` learns from the tables.
    pub groups: Option<Vec<Vec<FieldRule>>>,
    pub weights: BTreeMap<String, f64>,
    pub options: Options,
    /// The left column that identifies rows, if there is one.
    pub left_id: Option<String>,
    /// The right column with the Salesforce ids.
    pub right_id: String,
    /// Confidence from which a local match is accepted.
    pub sure: f64,
    /// Confidence below which a local pair is not a match.
    pub unsure: f64,
    /// Instructions for the language model.
    pub instructions: Option<String>,
    /// Minimum confidence that is requested from the API.
    pub threshold: Option<f64>,
    pub max_credits: u64,
    /// Fields that this version does not know, for each call of the API.
    pub extra: Map<String, Value>,
    pub rows_per_call: Option<usize>,
    pub concurrency: usize,
    pub key: Option<String>,
    pub on_in_doubt: OnInDoubt,
    /// The budget above the job.
    pub budget: Option<String>,
    /// Entries that are suppressed in this job, in addition to the ledger's list.
    pub suppress: Vec<Entry>,
    pub ledger: Ledger,
    /// Which known answers of the API are accepted.
    pub reuse: Reuse,
}

/// The outcome for a left row.
#[derive(Debug, Default)]
struct Decision {
    right: Option<u64>,
    right_id: Option<String>,
    confidence: Option<f64>,
    status: &'static str,
    decided_by: Option<&'static str>,
    /// The model that decided, according to the API.
    model: Option<String>,
    local_right: Option<u64>,
    local_confidence: Option<f64>,
    credits: i64,
    /// Whether the API's answer was known from an earlier job.
    reused: bool,
    explanation: Option<String>,
    error: Option<String>,
}

/// Matches the tables, asks the API, and returns one row per left row: the match, who decided it,
/// and its cost.
///
/// # Errors
/// If a bound is invalid, a table cannot be matched, or ids are empty or not unique, and as for
/// [`super::run`]. Nothing is lost: the same call resumes.
pub async fn cascade(client: &Client, mut cascade: Cascade) -> Result<RecordBatch> {
    check(&cascade)?;
    let right_ids = column(&cascade.right, &cascade.right_id)?;
    let left_ids = cascade.left_id.as_ref().map(|id| column(&cascade.left, id)).transpose()?;
    let by_id = by_id(&right_ids)?;
    let mut decisions = matched(&mut cascade, &right_ids).await?;
    let asked = open_rows(&decisions);
    if !asked.is_empty() {
        let candidates = candidates(&cascade, &asked)?;
        let Done { rows: answers, .. } = rows(client, ask(&cascade, candidates)).await?;
        for (row, answer) in asked.into_iter().zip(answers) {
            decided(&mut decisions[row], answer, &by_id)?;
        }
    }
    table(&decisions, left_ids)
}

/// What [`cascade`] would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CascadePlan {
    /// Rows that local matching alone decides.
    pub local_rows: u64,
    /// What becomes of the other rows.
    #[serde(flatten)]
    pub asked: MapPlan,
}

/// Matches on this machine, and says what the API would be asked.
///
/// # Errors
/// As [`cascade`], and as [`super::dry_run`].
pub async fn cascade_plan(client: &Client, mut cascade: Cascade) -> Result<CascadePlan> {
    check(&cascade)?;
    let right_ids = column(&cascade.right, &cascade.right_id)?;
    by_id(&right_ids)?;
    let decisions = matched(&mut cascade, &right_ids).await?;
    let open = open_rows(&decisions);
    let asked = dry_run(client, ask(&cascade, candidates(&cascade, &open)?)).await?;
    Ok(CascadePlan { local_rows: (decisions.len() - open.len()) as u64, asked })
}

/// The rows that local matching does not decide.
fn open_rows(decisions: &[Decision]) -> Vec<usize> {
    (0..decisions.len()).filter(|&row| decisions[row].decided_by.is_none()).collect()
}

/// Matches on this machine.
async fn matched(cascade: &mut Cascade, right_ids: &[Option<String>]) -> Result<Vec<Decision>> {
    let (left, right) = (cascade.left.clone(), cascade.right.clone());
    let options = Options {
        threshold: Some(cascade.unsure),
        top: Some(1),
        ..std::mem::take(&mut cascade.options)
    };
    let (groups, weights) = (cascade.groups.take(), std::mem::take(&mut cascade.weights));
    let watch = StopOnDrop::default();
    let watched = watch.flag();
    let matches = run_blocking(move || {
        threads::run(|| match &groups {
            Some(groups) => {
                match_by_rules(&left, Some(&right), groups, &weights, &options, &Flag(watched))
            }
            None => pipeline::link(&left, Some(&right), &options, &Flag(watched)),
        })
    })
    .await?;
    drop(watch);
    local(&matches, right_ids, cascade.sure)
}

fn check(cascade: &Cascade) -> Result<()> {
    let (sure, unsure) = (cascade.sure, cascade.unsure);
    if !(0.0 < unsure && unsure <= sure && sure <= 1.0) {
        return Err(Error::input(format!("unsure is {unsure} and sure is {sure}"))
            .hint("give confidences above 0 and at most 1, with unsure at most sure"));
    }
    Ok(())
}

/// The decisions of local matching. Rows that are left to the API have no `decided_by` yet.
fn local(matches: &Matches, right_ids: &[Option<String>], sure: f64) -> Result<Vec<Decision>> {
    let mut best: Vec<Option<(usize, Match)>> = vec![None; matches.left.rows];
    for (at, found) in matches.all.iter().enumerate() {
        best[found.left as usize].get_or_insert((at, *found));
    }
    best.into_iter()
        .map(|best| {
            let Some((at, found)) = best else {
                return Ok(Decision {
                    status: "no_match",
                    decided_by: Some("local"),
                    ..Decision::default()
                });
            };
            let unsure = Decision {
                local_right: Some(found.right.into()),
                local_confidence: Some(found.confidence),
                ..Decision::default()
            };
            if found.confidence < sure {
                return Ok(unsure);
            }
            Ok(Decision {
                right: Some(found.right.into()),
                right_id: right_ids[found.right as usize].clone(),
                confidence: Some(found.confidence),
                status: "matched",
                decided_by: Some("local"),
                explanation: Some(matches.explain(at)?.sentence),
                ..unsure
            })
        })
        .collect()
}

/// The left rows to ask about, with every column that can be written as text.
fn candidates(cascade: &Cascade, rows: &[usize]) -> Result<Vec<Map<String, Value>>> {
    let mut candidates = vec![Map::new(); rows.len()];
    for field in cascade.left.schema.fields() {
        let name = field.name();
        if !is_plain(field.data_type()) {
            continue;
        }
        let texts = column(&cascade.left, name)?;
        let id = cascade.left_id.as_ref() == Some(name);
        for (candidate, &row) in candidates.iter_mut().zip(rows) {
            if let Some(text) = &texts[row] {
                let name = if id { "id" } else { name };
                candidate.insert(name.to_owned(), text.as_str().into());
            }
        }
    }
    Ok(candidates)
}

fn ask(cascade: &Cascade, candidates: Vec<Map<String, Value>>) -> MapRequest {
    let mut rules = json!({"mode": "ai"});
    if let Some(threshold) = cascade.threshold {
        rules["threshold"] = threshold.into();
    }
    if let Some(instructions) = &cascade.instructions {
        rules["instructions"] = instructions.as_str().into();
    }
    MapRequest {
        kind: Kind::of_candidates(),
        shared: Map::from_iter([
            ("object".to_owned(), cascade.object.name().into()),
            ("rules".to_owned(), rules),
        ]),
        extra: cascade.extra.clone(),
        rows: candidates,
        max_credits: cascade.max_credits,
        credits_per_row: None,
        rows_per_call: cascade.rows_per_call,
        concurrency: cascade.concurrency,
        key: cascade.key.clone(),
        on_in_doubt: cascade.on_in_doubt,
        budget: cascade.budget.clone(),
        suppress: cascade.suppress.clone(),
        ledger: cascade.ledger.clone(),
        reuse: cascade.reuse,
        sample: None,
        provenance: false,
    }
}

/// The right row of each id, by the id's first 15 characters; the other 3 are check characters.
fn by_id(ids: &[Option<String>]) -> Result<HashMap<&str, usize>> {
    let mut rows = HashMap::with_capacity(ids.len());
    for (row, id) in ids.iter().enumerate() {
        let Some(id) = id else { continue };
        if let Some(first) = rows.insert(short(id), row) {
            return Err(Error::input(format!(
                "right rows {first} and {row} have the same id {id:?}"
            ))
            .hint("leave duplicates out"));
        }
    }
    Ok(rows)
}

fn short(id: &str) -> &str {
    if id.len() == 18 && id.is_ascii() { &id[..15] } else { id }
}

/// Applies the API's answer to a row.
fn decided(decision: &mut Decision, row: Row, right: &HashMap<&str, usize>) -> Result<()> {
    (decision.credits, decision.reused) = (row.credits, row.reused);
    let answer = row.answer()?;
    decision.error.clone_from(&row.error);
    let answer = match (row.state, answer) {
        (UnitState::Loaded, Some(answer)) => answer,
        (state, _) => {
            decision.status = match state {
                _ if row.suppressed => "suppressed",
                _ if row.erased => "erased",
                UnitState::Planned => "over_budget",
                UnitState::InDoubt => "in_doubt",
                _ => "failed",
            };
            return Ok(());
        }
    };
    decision.decided_by = Some("api");
    let text = |place: &str| answer.pointer(place).and_then(Value::as_str).map(str::to_owned);
    decision.model = text("/decided_by");
    let Some(id) = text("/matches/0/sf_id") else {
        decision.status = "no_match";
        return Ok(());
    };
    decision.status = "matched";
    decision.confidence = answer.pointer("/matches/0/confidence").and_then(Value::as_f64);
    decision.explanation = text("/matches/0/explanation");
    decision.right = right.get(short(&id)).map(|&row| row as u64);
    decision.right_id = Some(id);
    Ok(())
}

fn column(table: &Table, name: &str) -> Result<Vec<Option<String>>> {
    let chunks = table.column(name)?;
    let kind = table.schema.field_with_name(name)?.data_type();
    column_as_text(name, kind, &chunks)
}

fn table(decisions: &[Decision], left_ids: Option<Vec<Option<String>>>) -> Result<RecordBatch> {
    let texts = |of: fn(&Decision) -> Option<&str>| -> ArrayRef {
        Arc::new(decisions.iter().map(of).collect::<StringArray>())
    };
    let numbers = |of: fn(&Decision) -> Option<f64>| -> ArrayRef {
        Arc::new(decisions.iter().map(of).collect::<Float64Array>())
    };
    let rows = |of: fn(&Decision) -> Option<u64>| -> ArrayRef {
        Arc::new(decisions.iter().map(of).collect::<UInt64Array>())
    };
    let credits: Int64Array = decisions.iter().map(|one| Some(one.credits)).collect();
    let reused: BooleanArray = decisions.iter().map(|one| Some(one.reused)).collect();
    let left_ids = left_ids.unwrap_or_else(|| vec![None; decisions.len()]);
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("left", Arc::new(UInt64Array::from_iter_values(0..decisions.len() as u64)), false),
        ("left_id", Arc::new(StringArray::from(left_ids)), true),
        ("status", texts(|one| Some(one.status)), false),
        ("decided_by", texts(|one| one.decided_by), true),
        ("right", rows(|one| one.right), true),
        ("right_id", texts(|one| one.right_id.as_deref()), true),
        ("confidence", numbers(|one| one.confidence), true),
        ("credits", Arc::new(credits), false),
        ("reused", Arc::new(reused), false),
        ("explanation", texts(|one| one.explanation.as_deref()), true),
        ("model", texts(|one| one.model.as_deref()), true),
        ("local_right", rows(|one| one.local_right), true),
        ("local_confidence", numbers(|one| one.local_confidence), true),
        ("error", texts(|one| one.error.as_deref()), true),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column, null)| Field::new(*name, column.data_type().clone(), *null))
        .collect();
    let columns = columns.into_iter().map(|(_, column, _)| column).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// Ends local matching once nobody awaits its result.
struct Flag(Arc<AtomicBool>);

impl Watch for Flag {
    fn look(&self, _: u64, _: u64) -> matching::error::Result<()> {
        if self.0.load(Ordering::Relaxed) {
            Err(matching::error::Error::interrupted())
        } else {
            Ok(())
        }
    }
}
