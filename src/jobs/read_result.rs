//! Reads the result of a batch, and compares it with what was asked for and what was paid.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};

use super::records::RowAssigner;
use crate::{
    api::agents::BatchKind,
    error::{Error, Result},
    ledger::{
        Loaded,
        memory::{Answer, EMAIL, PHONE, Parts, UNCERTAIN, WHOLE, found, parts},
    },
    results::{
        Answers, CreditsReport, Settled, found as results_found, identify, parse_credits, settle,
        settle_records,
    },
};

/// What a result is.
pub(super) enum Outcome {
    Loaded(Loaded),
    /// It cannot be the result of this batch, and fetching it again would not change that.
    Foreign {
        why: String,
        credits: Option<u64>,
    },
}

/// Normalizes a result, by the ids that were asked for or by the records that were sent.
pub(super) fn settled(
    path: &Path,
    name: &str,
    kind: BatchKind,
    (asked, assigner): (&[String], Option<&RowAssigner>),
) -> Result<Settled> {
    match assigner {
        None => settle(path, name, kind, asked),
        Some(assigner) => {
            settle_records(path, name, kind, asked, &|rows| assigner.assign(asked, rows))
        }
    }
}

/// What is known about the cost of a batch.
pub(super) struct Paid<'a> {
    pub report: Option<&'a CreditsReport>,
    pub max_credits: u64,
    /// Maximum cost of one record, as far as the job knows.
    pub price: u64,
}

/// The credit report that an earlier version stored; `None` if it stored none.
pub(super) fn kept_report(path: &Path) -> Result<Option<CreditsReport>> {
    let place = path.display().to_string();
    match std::fs::read(path) {
        Ok(bytes) => parse_credits(&bytes, &place).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::results(&place, None, error.to_string()).caused_by(error)),
    }
}

/// Reads one result and compares it with what was asked for and what was paid.
pub(super) fn read_batch(
    path: &Path,
    name: &str,
    kind: BatchKind,
    (asked, assigner): (&[String], Option<&RowAssigner>),
    paid: &Paid<'_>,
) -> Result<Outcome> {
    let report = paid.report;
    let answers = match settled(path, name, kind, (asked, assigner))? {
        Settled::Answers(answers) => answers,
        Settled::Unidentified(ids) => {
            return Ok(Outcome::Foreign {
                why: format!("the result {name} does not fit its batch: {ids}"),
                credits: report.and_then(|report| report.spent).map(|spent| spent.total),
            });
        }
    };
    let rows = &answers.rows;
    let returned: HashSet<&str> = match rows.column_by_name("id") {
        Some(ids) => ids.as_string::<i32>().iter().flatten().collect(),
        None => HashSet::new(),
    };
    // If rows of records could not be assigned, they may be those of the ids that seem to be
    // missing.
    let all_assigned = assigner.is_none() || answers.unrequested == 0;
    let bought = report.map(|report| Bought::of(report, &answers, asked));
    let lost = bought.as_ref().filter(|_| all_assigned);
    if let Some(lost) = lost.and_then(|bought| bought.lost(asked, &returned)) {
        return Err(Error::results(
            name,
            None,
            format!("{name} lacks id {lost:?}, which was paid for according to the credit report"),
        )
        .hint("fetch the file again, because it is truncated"));
    }
    if answers.unrequested > 0 {
        tracing::warn!(
            file = name,
            rows = answers.unrequested,
            "the result holds ids that were not asked for"
        );
    }
    let [of_email, of_phone] = results_found::ANSWERS;
    let how_many = |pair: [&str; 2]| -> Option<u32> {
        u32::try_from(results_found::found(rows, pair)?.true_count()).ok()
    };
    let spent = report.and_then(|report| report.spent);
    let credits = spent.map(|spent| spent.total);
    let dearest = spent.map(|spent| spent.most_per_record);
    // If the credits are almost used up, the ids missing at the end of a batch were not reached.
    // All other missing ids were left out by the API, as it does with ids that it cannot use. A
    // result with as many rows as there are ids was not cut by the budget.
    let short = returned.len() < asked.len() && answers.held < asked.len();
    let unreached = short
        && answers.unrequested == 0
        && match credits {
            Some(credits) => {
                paid.max_credits.saturating_sub(credits) < dearest.unwrap_or(0).max(paid.price)
            }
            // Without a report, only a batch that could not pay for all of its ids counts as cut.
            None => paid.max_credits < (asked.len() as u64).saturating_mul(paid.price),
        };
    let cut_ids = if unreached {
        let last = asked.iter().rposition(|id| returned.contains(id.as_str()));
        asked[last.map_or(0, |last| last + 1)..].to_vec()
    } else {
        Vec::new()
    };
    let mut answered = records(&answers, kind, asked, bought.as_ref());
    if !all_assigned {
        // Rows that could be those of several records may be theirs, so they are not bought again.
        for answer in answered.iter_mut().filter(|answer| answer.flags == 0) {
            answer.flags = parts(kind) | UNCERTAIN;
        }
    }
    Ok(Outcome::Loaded(Loaded {
        credits,
        returned: u32::try_from(returned.len()).unwrap_or(u32::MAX),
        emails: how_many(of_email),
        phones: how_many(of_phone),
        cut_ids,
        dearest,
        records: answered,
    }))
}

/// What a credit report says was paid for, and which ids of the batch that is.
pub(super) struct Bought<'a> {
    report: &'a CreditsReport,
    /// The ids that the report names as paid.
    ids: Vec<&'a str>,
    /// The position of each among the ids of the batch, if they are recognized.
    places: Option<Vec<Option<usize>>>,
}

impl<'a> Bought<'a> {
    /// If the report names records by the API's own ids, they are mapped to the ledger's.
    pub fn of(report: &'a CreditsReport, answers: &Answers, asked: &'a [String]) -> Self {
        let own = |id: &String| {
            let place = answers.own_ids.get(id)?;
            asked.get(*place).map(String::as_str)
        };
        let ids: Vec<&str> = report.paid_ids.iter().map(|id| own(id).unwrap_or(id)).collect();
        let places = identify(asked, &ids).ok().map(|identified| identified.asked);
        Self { report, ids, places }
    }

    /// An id that was asked for and paid for, but has no row. The report may spell ids differently.
    fn lost(&self, asked: &'a [String], returned: &HashSet<&str>) -> Option<&'a str> {
        let lost = |at: &usize| Some(asked[*at].as_str()).filter(|id| !returned.contains(id));
        match &self.places {
            Some(places) => places.iter().flatten().find_map(lost),
            // A report whose ids cannot be recognized says nothing about the result.
            None => {
                let exact = |id: &&str| asked.iter().position(|asked| asked == id);
                self.ids.iter().filter_map(exact).find_map(|at| lost(&at))
            }
        }
    }
}

/// The answer to each id, and its cost if the report gives it.
pub(super) fn records(
    results: &Answers,
    kind: BatchKind,
    asked: &[String],
    bought: Option<&Bought<'_>>,
) -> Vec<Answer> {
    let rows: &RecordBatch = &results.rows;
    let positions: HashMap<&str, usize> =
        asked.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let mut answers = vec![Answer::default(); asked.len()];
    let columns: Vec<(BooleanArray, Parts)> = results_found::ANSWERS
        .into_iter()
        .zip([EMAIL, PHONE])
        .filter_map(|(pair, part)| Some((results_found::found(rows, pair)?, part)))
        .collect();
    let ids = rows.column_by_name("id").and_then(|ids| ids.as_string_opt::<i32>());
    for (row, id) in ids.into_iter().flatten().enumerate() {
        let Some(at) = id.and_then(|id| positions.get(id)) else { continue };
        let mut own = parts(kind);
        if own == WHOLE {
            own |= found(WHOLE);
        }
        let asked_of = own;
        for (column, part) in columns.iter().filter(|(_, part)| asked_of & part != 0) {
            if !column.is_null(row) && column.value(row) {
                own |= found(*part);
            }
        }
        answers[*at].flags |= own;
    }
    // A report with ambiguous columns says nothing about the cost of any id.
    if let Some(bought) = bought.filter(|bought| bought.report.spent.is_some())
        && let Some(places) = &bought.places
    {
        // Records that the report does not name cost nothing.
        answers.iter_mut().for_each(|answer| answer.credits = Some(0));
        for (at, credits) in places.iter().zip(&bought.report.paid) {
            if let Some(at) = at {
                let credits = u16::try_from(*credits).unwrap_or(u16::MAX);
                let sum = answers[*at].credits.unwrap_or(0).saturating_add(credits);
                answers[*at].credits = Some(sum);
            }
        }
    }
    answers
}
