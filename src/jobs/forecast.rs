//! What a submission would do: how many records are known, what the others may cost, and whether the budget
//! above the job would refuse it.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::ids::{EMPTY, Ids, NOT_SAMPLED, lacks};
use crate::{
    api::agents::BatchKind,
    error::{Error, RustFace},
    ledger::{
        Budget, NewJob,
        memory::{Rates, Recall, Recalled, kind_of},
        suppression::Suppressed,
    },
};

/// What a submission would do, without doing it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DryRun {
    pub key: String,
    pub kind: String,
    pub rows: u64,
    /// Distinct ids.
    pub ids: u64,
    /// Ids of which the answer is known, so that they are not sent.
    pub known_ids: u64,
    /// Ids that another job is asking for now.
    pub in_flight_ids: u64,
    /// Ids that would be sent, in whole or for a part of what is asked.
    pub new_ids: u64,
    /// Ids on a list of those who are never sent and never given back.
    pub suppressed_ids: u64,
    /// Rows without an id.
    pub without_id: u64,
    /// Rows whose record lacks what the call needs.
    pub incomplete: u64,
    /// Rows whose id stands in an earlier row.
    pub duplicates: u64,
    pub batches: u64,
    /// The most that the ids to be sent can cost, within the budget.
    pub most_credits: u64,
    /// What they will probably cost, by what the ledger has seen of such ids; `None` if it has seen none.
    pub likely_credits: Option<u64>,
    /// Nine times in ten it is not less, and not more than this.
    pub likely_least: Option<u64>,
    pub likely_most: Option<u64>,
    /// Records that this is estimated from.
    pub seen_records: u64,
    /// Ids that the budget surely reaches.
    pub ids_within_budget: u64,
    /// How long the rate limit of batches makes it last at least, in seconds.
    pub least_seconds: f64,
    /// Whether the ledger has this job already; then nothing is planned anew.
    pub known: bool,
    /// The budget above the job, with what is left of it now.
    pub budget: Option<Budget>,
    /// Why the job would be refused; `None` if it would be taken.
    pub refused: Option<String>,
}

/// What bounds a job beside its own budget.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// The budget above it.
    pub above: Option<Budget>,
    /// The rate limit of its calls.
    pub per_minute: Option<u32>,
    /// Whether the ledger has the job.
    pub known: bool,
}

impl Bounds {
    /// The most that the job may cost.
    pub fn most(&self, max_credits: u64) -> u64 {
        self.above.as_ref().map_or(max_credits, |above| max_credits.min(above.left))
    }

    /// Why a new job that asks for some records, each of which can cost `price`, is refused; `None` if
    /// it is not.
    pub fn refused(&self, max_credits: u64, price: u64, asked: u64) -> Option<Error> {
        let above = self.above.as_ref().filter(|above| above.left < price)?;
        (!self.known && max_credits > 0 && asked > 0).then(|| above.refused(price))
    }

    /// How long the rate limit makes so many calls last at least, in seconds.
    pub fn least_seconds(&self, calls: u64) -> f64 {
        let spacing = self.per_minute.map_or(0.0, |per_minute| 60.0 / f64::from(per_minute));
        spacing * calls.saturating_sub(1) as f64
    }
}

/// How many records would be asked of which a plan says whether they are `out`.
pub(super) fn asked(recall: &Recall, out: &[bool]) -> u64 {
    let open = recall.of.iter().zip(out).filter(|(recalled, out)| recalled.missing != 0 && !**out);
    open.count() as u64
}

/// The ids of a submission that are not sent.
pub(super) fn suppressed_ids(list: &Suppressed, ids: &[String]) -> Vec<bool> {
    if list.is_empty() {
        return vec![false; ids.len()];
    }
    ids.iter().map(|id| list.has_id(id)).collect()
}

impl DryRun {
    /// `out` says of each id whether it is suppressed.
    pub(super) fn new(
        job: &NewJob,
        ids: &Ids,
        recall: &Recall,
        out: &[bool],
        rates: &Rates,
        bounds: Bounds,
    ) -> Self {
        let count = ids.unique.len() as u64;
        let number = |pick: fn(&Recalled) -> bool| {
            let own = recall.of.iter().zip(out);
            own.filter(|(recalled, out)| !**out && pick(recalled)).count() as u64
        };
        let suppressed_ids = out.iter().filter(|out| **out).count() as u64;
        let known_ids = number(|recalled| recalled.missing == 0);
        let in_flight_ids = number(|recalled| recalled.missing != 0 && recalled.in_flight);
        // What another job asks for now may fail there.
        let asked = asked(recall, out);
        let own: BatchKind = job.kind.parse().unwrap_or(BatchKind::PhoneEmail);
        let mut kinds = BTreeMap::new();
        for (recalled, _) in recall.of.iter().zip(out).filter(|(_, out)| !**out) {
            if recalled.missing != 0 && !recalled.in_flight {
                *kinds.entry(kind_of(own, recalled.missing).name()).or_insert(0_u64) += 1;
            }
        }
        let likely = rates.estimate(&kinds, job.price);
        let most = bounds.most(job.max_credits);
        let bounded = |credits: f64| (credits.round().max(0.0) as u64).min(most);
        let rows = |pick: fn(u32) -> bool| ids.of_row.iter().filter(|id| pick(**id)).count() as u64;
        let without_id = rows(|id| id >= EMPTY);
        let incomplete = rows(|id| lacks(id).is_some());
        let all = job.rows - rows(|id| id == NOT_SAMPLED);
        let hidden = ids.unique.iter().zip(out).filter(|(_, out)| **out).map(|(id, _)| id);
        let hidden: HashSet<&String> = hidden.collect();
        let is_sent = |batch: &&Vec<String>| batch.iter().any(|id| !hidden.contains(id));
        let batches = job.batches.iter().filter(is_sent).count() as u64;
        let refused = bounds.refused(job.max_credits, job.price, asked);
        Self {
            key: job.key.clone(),
            kind: job.kind.clone(),
            rows: all,
            ids: count,
            known_ids,
            in_flight_ids,
            new_ids: asked - in_flight_ids,
            suppressed_ids,
            without_id,
            incomplete,
            duplicates: all - without_id - incomplete - count,
            batches,
            most_credits: asked.saturating_mul(job.price).min(most),
            likely_credits: likely.map(|(mean, _)| bounded(mean)),
            likely_least: likely.map(|(mean, off)| bounded(mean - off)),
            likely_most: likely.map(|(mean, off)| bounded(mean + off)),
            seen_records: rates.records(kinds.keys().copied()),
            ids_within_budget: known_ids + asked.min(most / job.price),
            least_seconds: bounds.least_seconds(batches),
            known: bounds.known,
            refused: refused.map(|error| error.without_advice(&RustFace)),
            budget: bounds.above,
        }
    }
}
