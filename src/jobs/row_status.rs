//! The status of each row of a result, and why it has no answer.

use std::collections::HashMap;

use super::{
    ids::lacks,
    progress::Progress,
    records::{self, Columns},
};
use crate::{
    error::{Advice, Face},
    ledger::{BatchRecord, BatchState},
};

/// The reason given for a suppressed row.
pub(super) const SUPPRESSED: &str =
    "this person or company is suppressed, so nothing is sent and no answer is given back";

/// The reason given for a record without a row in the result.
const NO_ROW: &str = "no row of the result is certainly that of this record: the API left it out, or \
                      its row could be that of several records";

/// The status of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum RowStatus {
    /// It has an answer in which something was found.
    Found,
    /// The API searched and found nothing.
    NotFound,
    /// Its call was answered.
    Done,
    /// It is not in the result, because the API left it out.
    Missing,
    /// The budget did not reach it.
    OverBudget,
    /// It is not sent or not answered yet.
    Pending,
    /// Its batch failed.
    Failed,
    /// Its batch may have been sent, and a person has to decide.
    InDoubt,
    /// Its batch was in doubt and was given up.
    Skipped,
    /// Its id is null or empty, so it is not sent.
    NoId,
    /// Its record lacks fields that the call needs, so it is not sent.
    Incomplete,
    /// It is suppressed, so it is not sent and its answer is not returned.
    Suppressed,
    /// It had an answer, which was deleted.
    Erased,
}

impl RowStatus {
    pub(super) const ALL: [Self; 13] = [
        Self::Found,
        Self::NotFound,
        Self::Done,
        Self::Missing,
        Self::OverBudget,
        Self::Pending,
        Self::Failed,
        Self::InDoubt,
        Self::Skipped,
        Self::NoId,
        Self::Incomplete,
        Self::Suppressed,
        Self::Erased,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NotFound => "not_found",
            Self::Done => "done",
            Self::Missing => "missing",
            Self::OverBudget => "over_budget",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
            Self::Skipped => "skipped",
            Self::NoId => "no_id",
            Self::Incomplete => "incomplete",
            Self::Suppressed => "suppressed",
            Self::Erased => "erased",
        }
    }

    /// Why there is no answer, with advice in the words of a face; `None` if there is an answer.
    pub fn reason(self, job: &str, face: &dyn Face) -> Option<String> {
        let job = || job.to_owned();
        let (happened, advice) = match self {
            Self::Found | Self::NotFound | Self::Done => return None,
            Self::Missing => (
                "the API left this id out of the result, perhaps because it does not know it",
                None,
            ),
            Self::OverBudget => {
                ("the budget was used up before this id", Some(Advice::RaiseBudget))
            }
            Self::Pending => ("not answered yet", Some(Advice::WaitAgain { job: job() })),
            Self::Failed => ("its batch failed", Some(Advice::ResendBatches { job: job() })),
            Self::InDoubt => (
                "its batch may have been sent",
                Some(Advice::DecideBatches { job: job(), batches: Vec::new() }),
            ),
            Self::Skipped => ("its batch was skipped", None),
            Self::NoId => ("the id is null or empty, so nothing was sent", None),
            Self::Incomplete => {
                ("a field that the call needs is missing, so nothing was sent", None)
            }
            Self::Suppressed => (SUPPRESSED, None),
            Self::Erased => ("its answer was deleted, or the person was erased", None),
        };
        Some(match advice {
            Some(advice) => format!("{happened}; {}", face.advice(&advice)),
            None => happened.to_owned(),
        })
    }

    /// Like [`RowStatus::reason`], but takes the job's progress into account.
    pub fn reason_in(self, progress: &Progress, face: &dyn Face) -> Option<String> {
        match (self, progress.short_of()) {
            (Self::OverBudget, Some(budget)) => {
                let advice = Advice::RaiseTeamBudget { budget: budget.name.clone() };
                Some(format!("{budget}; {}", face.advice(&advice)))
            }
            _ => self.reason(&progress.key, face),
        }
    }

    /// Whether there is an answer, whether or not something was found.
    pub const fn is_answered(self) -> bool {
        matches!(self, Self::Found | Self::NotFound | Self::Done)
    }
}

impl From<BatchState> for RowStatus {
    /// The status of an id that has no row in a result.
    fn from(state: BatchState) -> Self {
        match state {
            BatchState::Planned
            | BatchState::Sending
            | BatchState::Accepted
            | BatchState::Completed => Self::Pending,
            BatchState::InDoubt => Self::InDoubt,
            BatchState::Failed => Self::Failed,
            BatchState::Skipped => Self::Skipped,
            BatchState::Loaded => Self::Missing,
        }
    }
}

/// Why rows have no answer.
pub(super) struct Reasons {
    /// The reason for each status.
    of_status: [Option<String>; RowStatus::ALL.len()],
    /// The reason for each set of fields that a record may lack.
    of_lacks: Vec<String>,
}

impl Reasons {
    pub fn new(progress: &Progress, face: &dyn Face, columns: Option<&Columns>) -> Self {
        let of_lacks = columns.map_or_else(Vec::new, |columns| {
            (0..=0x7f).map(|lacks| records::reason(lacks, columns)).collect()
        });
        let mut of_status = RowStatus::ALL.map(|status| status.reason_in(progress, face));
        if columns.is_some() {
            of_status[RowStatus::Missing as usize] = Some(NO_ROW.to_owned());
        }
        Self { of_status, of_lacks }
    }

    /// Why a row with this id has no answer.
    pub fn of(&self, id: u32, status: RowStatus) -> Option<&str> {
        let lacks = lacks(id).and_then(|lacks| self.of_lacks.get(usize::from(lacks)));
        lacks.map(String::as_str).or(self.of_status[status as usize].as_deref())
    }
}

/// The status of a row that has no id.
pub(super) const fn without_id(id: u32) -> RowStatus {
    if lacks(id).is_some() { RowStatus::Incomplete } else { RowStatus::NoId }
}

/// What is known of ids before results are looked at.
pub(super) struct StatusPlan<'a> {
    pub batches: &'a [BatchRecord],
    pub later: &'a [(u32, Vec<String>)],
    pub progress: &'a Progress,
}

impl StatusPlan<'_> {
    pub fn status(&self, batch: &BatchRecord) -> RowStatus {
        let ended = self.progress.state.ended();
        match batch.state {
            BatchState::Planned if ended && self.progress.sums.in_doubt == 0 => {
                RowStatus::OverBudget
            }
            state => state.into(),
        }
    }

    pub fn statuses(&self, ids: &[String]) -> Vec<RowStatus> {
        let mut statuses = Vec::with_capacity(ids.len());
        for batch in self.batches.iter().filter(|batch| batch.round == 0) {
            let first = statuses.len();
            // Ids that were taken out wait for other jobs, or are in a later batch.
            let status = if batch.left_out > 0 { RowStatus::Pending } else { self.status(batch) };
            statuses.resize(first + batch.count as usize, status);
            // The ids that the budget did not reach are the last ones of the batch.
            let cut = statuses.len() - (batch.cut as usize).min(statuses.len() - first);
            if batch.state == BatchState::Loaded && batch.left_out == 0 {
                statuses[cut..].fill(RowStatus::OverBudget);
            }
        }
        // They are followed by the ids that were known.
        statuses.resize(ids.len(), RowStatus::Pending);
        if self.later.is_empty() {
            return statuses;
        }
        let positions: HashMap<&str, usize> =
            ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        for (number, again) in self.later {
            let Some(batch) = self.batches.iter().find(|batch| batch.number == *number) else {
                continue;
            };
            let reached = again.len() - (batch.cut as usize).min(again.len());
            for (at, id) in again.iter().enumerate() {
                if let Some(position) = positions.get(id.as_str()) {
                    statuses[*position] = if batch.state == BatchState::Loaded && at >= reached {
                        RowStatus::OverBudget
                    } else {
                        self.status(batch)
                    };
                }
            }
        }
        statuses
    }
}
