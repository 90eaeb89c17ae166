//! The progress of a job, for people and for programs.

use std::fmt;

use serde::Serialize;

use super::job_key;
use crate::ledger::{Budget, JobRecord, rules::Sums};

/// What a job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Batches are in flight, or can still be sent.
    Running,
    /// A batch is in doubt, a person has to decide, and nothing else is in flight.
    InDoubt,
    /// Everything that the budget reaches is loaded, and there are ids that it does not reach.
    BudgetSpent,
    /// All batches are loaded, failed or skipped.
    Done,
}

impl JobState {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::InDoubt => "in_doubt",
            Self::BudgetSpent => "budget_spent",
            Self::Done => "done",
        }
    }

    /// Whether the state can no longer change automatically.
    pub const fn ended(self) -> bool {
        !matches!(self, Self::Running)
    }
}

/// The state of a job at one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    pub key: String,
    pub kind: String,
    pub state: JobState,
    pub rows: u64,
    /// Number of distinct ids.
    pub ids: u64,
    pub max_credits: u64,
    /// The budget above the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    #[serde(flatten)]
    pub sums: Sums,
    /// Seconds until there is something to do; 0 if there is nothing.
    pub next: f64,
    /// States of runs in flight that this version does not know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

impl Progress {
    /// The progress according to the ledger.
    pub fn new(job: &JobRecord, sums: Sums) -> Self {
        let own = job.max_credits.saturating_sub(sums.spent + sums.committed);
        let left = job.budget.as_ref().map_or(own, |budget| own.min(budget.left));
        let unsent = sums.planned > 0 || sums.cut > 0;
        let affordable = left >= job.price;
        let waits = sums.held > 0 && sums.in_doubt == 0;
        let state = if sums.in_flight > 0 || waits || (unsent && affordable && sums.in_doubt == 0) {
            JobState::Running
        } else if sums.in_doubt > 0 {
            JobState::InDoubt
        } else if unsent {
            JobState::BudgetSpent
        } else {
            JobState::Done
        };
        Self {
            key: job.key.clone(),
            kind: job.kind.clone(),
            state,
            rows: job.rows,
            ids: job.ids,
            max_credits: job.max_credits,
            budget: job.budget.clone(),
            sums,
            next: 0.0,
            unknown: Vec::new(),
        }
    }

    /// The budget above the job, if it keeps the job from sending more.
    pub fn short_of(&self) -> Option<&Budget> {
        let counted = self.sums.spent + self.sums.committed;
        let own = self.max_credits.saturating_sub(counted);
        self.budget
            .as_ref()
            .filter(|budget| self.state == JobState::BudgetSpent && budget.left < own)
    }

    /// Number of ids that were answered, for this job or an earlier one.
    pub fn answered(&self) -> u64 {
        self.sums.returned + self.sums.reused
    }

    /// The answered ids, as a fraction of all ids.
    pub fn share(&self) -> f64 {
        if self.ids == 0 { 1.0 } else { self.answered() as f64 / self.ids as f64 }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sums = &self.sums;
        write!(
            f,
            "{} [{}] {}: {} of {} ids answered, {} of {} batches loaded",
            job_key::shown(&self.key),
            self.kind,
            self.state.name().replace('_', " "),
            self.answered(),
            self.ids,
            sums.loaded,
            sums.batches,
        )?;
        for (count, words) in [
            (sums.reused, "ids answered before"),
            (sums.held, "ids asked by another job"),
            (sums.in_flight, "in flight"),
            (sums.in_doubt, "in doubt"),
            (sums.failed, "failed"),
            (sums.skipped, "skipped"),
        ] {
            if count > 0 {
                write!(f, ", {count} {words}")?;
            }
        }
        if !self.unknown.is_empty() {
            write!(
                f,
                " (the API reports the unknown state {:?}, which counts as running)",
                self.unknown
            )?;
        }
        write!(f, ", {} of {} credits spent", sums.spent, self.max_credits)?;
        match self.short_of() {
            Some(budget) => write!(f, "; {budget}"),
            None => Ok(()),
        }
    }
}
