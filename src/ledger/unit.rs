//! A unit is what one request pays for. All units follow the same state machine.
//!
//! In a job over ids a unit is a batch of up to 1,000 of them. In a job of mapped calls a unit is
//! one call, for one row or for a group of candidates. [`Unit::step`] is the whole state machine.
//! It is a pure function, so that every store runs the same one and tests can search all of its
//! states.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answer::Answer;
use crate::{
    api::agents::BatchKind,
    error::{Error, Result},
};

/// The state of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitState {
    /// Not sent. No credits are committed to it.
    Planned,
    /// About to be sent, or being sent, by a live process.
    Sending,
    /// Possibly sent. Its answer is unknown.
    InDoubt,
    /// The API has accepted it and returned a run id.
    Accepted,
    /// The run has completed, but its result was not fetched yet.
    Completed,
    /// The run failed, or the call was refused.
    Failed,
    /// The answer was fetched.
    Loaded,
    /// It was in doubt and was given up.
    Skipped,
}

impl UnitState {
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Sending,
        Self::InDoubt,
        Self::Accepted,
        Self::Completed,
        Self::Failed,
        Self::Loaded,
        Self::Skipped,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::InDoubt => "in_doubt",
            Self::Accepted => "accepted",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Loaded => "loaded",
            Self::Skipped => "skipped",
        }
    }

    /// Whether its state can no longer change automatically.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Loaded | Self::Failed | Self::Skipped)
    }

    /// Whether the API has it or may get it, so that its cost is not settled.
    pub const fn in_flight(self) -> bool {
        matches!(self, Self::Sending | Self::Accepted | Self::Completed)
    }
}

impl fmt::Display for UnitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for UnitState {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|state| state.name() == text).ok_or_else(|| {
            Error::ledger(format!("the ledger holds a batch in state {text:?}, which is unknown"))
        })
    }
}

/// A unit as the ledger stores it, without its ids or rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Unit {
    pub number: u32,
    /// Number of ids or rows in it.
    pub count: u32,
    pub state: UnitState,
    /// Maximum that this unit may cost; 0 before it is sent.
    pub max_credits: u64,
    /// What it cost, by the credit report or the answer.
    pub credits: Option<u64>,
    pub run_id: Option<String>,
    pub result_path: Option<String>,
    pub credits_path: Option<String>,
    /// The process that is sending it.
    #[serde(skip)]
    pub owner: Option<String>,
    /// When its sending times out and is put in doubt, in microseconds since 1970.
    #[serde(skip)]
    pub sending_until: i64,
    pub idempotency_key: String,
    /// How often it was sent. It is above 1 only if a person decided so, or the earlier sending
    /// cost nothing.
    pub sends: u32,
    /// Number of rows in the result for ids of this unit.
    pub returned: Option<u32>,
    pub emails: Option<u32>,
    pub phones: Option<u32>,
    /// Number of ids that the budget did not reach.
    pub cut: u32,
    /// Whether later units took over the ids that the budget did not reach.
    #[serde(skip)]
    pub moved: bool,
    pub error: Option<String>,
    /// Since when the API has not known the run.
    #[serde(skip)]
    pub unknown_since: Option<i64>,
    pub sent_at: Option<i64>,
    pub accepted_at: Option<i64>,
    pub finished_at: Option<i64>,
    pub loaded_at: Option<i64>,
    /// Its first row, counted from 0; 0 for a batch, which stores its ids itself.
    #[serde(skip)]
    pub first: u64,
    /// The round of the plan: 0 for the first, and higher for ids that the budget did not reach
    /// before.
    #[serde(skip)]
    pub round: u32,
    /// What earlier sendings may have cost, if the unit was sent again.
    #[serde(skip)]
    pub written_off: u64,
    /// When its run was last polled.
    #[serde(skip)]
    pub looked_at: Option<i64>,
    /// The kind that it asks for, if that differs from the job's.
    #[serde(skip)]
    pub kind: Option<BatchKind>,
    /// Number of ids that were taken out before it was sent, because another job asks for them or
    /// knows them.
    #[serde(skip)]
    pub left_out: u32,
    /// The budget above the job that its latest sending counts against.
    #[serde(skip)]
    pub budget: Option<i64>,
    /// When its answers were deleted.
    pub purged_at: Option<i64>,
}

/// A run that the API has accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Accepted {
    pub run_id: String,
    pub result_path: String,
    pub credits_path: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ended {
    Completed,
    /// The reason, and what it cost nevertheless, if its credit report says so.
    Failed {
        why: String,
        credits: Option<u64>,
    },
}

impl Ended {
    /// A failure with an unknown cost.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed { why: why.into(), credits: None }
    }
}

/// The outcome of loading a batch's result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Loaded {
    pub credits: Option<u64>,
    pub returned: u32,
    pub emails: Option<u32>,
    pub phones: Option<u32>,
    /// Ids that are not in the result because the budget did not reach them.
    pub cut_ids: Vec<String>,
    /// Cost of the most expensive record, if the report gives it.
    pub dearest: Option<u64>,
    /// The answer to each id, in the order in which they were asked for.
    pub records: Vec<Answer>,
}

/// The answer to a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Answered {
    /// What it cost, by its answer. If the answer does not say so, the maximum that it may have
    /// cost counts.
    pub credits: Option<u64>,
    /// Why it failed, if the answer says that it failed.
    pub failure: Option<String>,
    /// The answer to each row as JSON, as far as there is one.
    pub rows: Vec<String>,
    /// The answer as it was received, if it could not be read.
    pub body: Option<String>,
    /// What is recorded in the memory for each row; empty for a call that is not remembered.
    pub records: Vec<Answer>,
}

/// A person's decision about a unit in doubt, or one that failed, has a wrong run, or never gets
/// its result.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Send it again, at the risk of paying twice. What the earlier sending may have cost stays
    /// counted against the budget. Valid for a unit in doubt, failed or skipped.
    Resend,
    /// Give it up. Its credits count as spent. Valid for a unit in doubt, accepted or completed, and
    /// for one with a foreign result.
    Skip,
    /// It did arrive, and this is its run. Valid for a batch in doubt, skipped, failed, accepted or
    /// completed.
    Attach(Accepted),
    /// Like [`Decision::Attach`], for a run that has ended: its result is fetched without asking
    /// the API about the run.
    AttachEnded(Accepted),
    /// It did arrive, and this is its answer. Valid for a call in doubt, skipped or failed.
    Answer(Answered),
}

/// An event in the life of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Event {
    /// A process takes it in order to send it.
    Claim { owner: String, until: i64, credits: u64 },
    /// Others ask for or know everything that it asks for, so there is nothing left to send.
    Spare,
    /// The request was not sent, or was refused without a cost and may be sent again. The unit is
    /// as if it had never been claimed, even if its sender was considered dead in the meantime.
    Release { error: String },
    /// The API returned a run.
    Accept(Accepted),
    /// The API answered the call.
    Answer(Answered),
    /// It is unknown whether the request arrived. `run_id` is the run named in an answer that was
    /// otherwise unusable.
    Doubt { error: String, run_id: Option<String>, body: Option<String> },
    /// The process that sends it is dead or takes too long. Ignored if the unit was claimed again
    /// since.
    Lose { owner: Option<String>, until: i64, error: String },
    /// A person decided about it.
    Decide(Decision),
    /// A run has ended.
    Finish { run_id: String, end: Ended },
    /// The result of a run was fetched.
    Load { run_id: String, loaded: Loaded },
    /// The result of a run was fetched and does not answer what was asked. The batch is not sent
    /// again automatically, and no other job asks for its records before a person has decided.
    Fail { run_id: String, error: String, credits: Option<u64> },
    /// The API knows the run of a batch, or does not know it.
    Look { run_id: String, known: bool },
    /// Why a completed batch could not be loaded this time.
    Note { error: String },
}

impl Event {
    /// The event of a sending that was refused, and cost what its answer says. If it cost nothing,
    /// the unit is sent again. Otherwise it has failed: another sending would be paid for, too, so
    /// that a person decides about it.
    pub fn refused(error: String, consumed: Option<f64>) -> Self {
        match consumed.map_or(0, |credits| credits.ceil() as u64) {
            0 => Self::Release { error },
            credits => Self::Answer(Answered {
                credits: Some(credits),
                failure: Some(error),
                ..Answered::default()
            }),
        }
    }
}

/// An event, and the unit that it applies to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    pub number: u32,
    /// The idempotency key of the sending that is meant. The event is ignored if the unit was sent
    /// again since.
    pub sending: Option<String>,
    pub event: Event,
}

/// Maximum number of automatic sendings of a unit: if the caller has decided in advance to resend,
/// or if it failed and cost nothing.
pub const MOST_SENDS: u32 = 3;

impl Unit {
    /// A planned unit.
    pub fn planned(
        number: u32,
        round: u32,
        count: u32,
        first: u64,
        idempotency_key: String,
    ) -> Self {
        Self {
            number,
            count,
            state: UnitState::Planned,
            max_credits: 0,
            credits: None,
            run_id: None,
            result_path: None,
            credits_path: None,
            owner: None,
            sending_until: 0,
            idempotency_key,
            sends: 0,
            returned: None,
            emails: None,
            phones: None,
            cut: 0,
            moved: false,
            error: None,
            unknown_since: None,
            sent_at: None,
            accepted_at: None,
            finished_at: None,
            loaded_at: None,
            first,
            round,
            written_off: 0,
            looked_at: None,
            kind: None,
            left_out: 0,
            budget: None,
            purged_at: None,
        }
    }

    /// A batch as it was claimed, as far as the claim contains its values.
    pub fn claimed(claim: &super::Claimed) -> Self {
        let count = u32::try_from(claim.ids.len()).unwrap_or(u32::MAX).max(claim.count);
        let key = claim.idempotency_key.clone();
        Self {
            state: UnitState::Sending,
            max_credits: claim.max_credits,
            sending_until: claim.sending_until,
            sends: 1,
            kind: claim.kind,
            ..Self::planned(claim.number, 0, count, claim.first, key)
        }
    }

    /// What it adds to the sum that was spent. If the cost of an ended unit is unknown, the maximum
    /// that it may have cost counts.
    pub fn spent(&self) -> u64 {
        let own = if self.state.ended() { self.credits.unwrap_or(self.max_credits) } else { 0 };
        own.saturating_add(self.written_off)
    }

    /// Whether its result was fetched and does not answer what was asked. It was probably paid for, so
    /// that nobody buys the same records again before a person has decided.
    pub fn has_foreign_result(&self) -> bool {
        self.state == UnitState::Failed && self.returned.is_some()
    }

    /// The maximum that it may still cost.
    pub fn committed(&self) -> u64 {
        let open = self.state.in_flight() || self.state == UnitState::InDoubt;
        if open { self.max_credits } else { 0 }
    }

    /// The unit after an event at `now`, in microseconds since 1970. Returns `None`, and changes
    /// nothing, if the event is invalid in its state or is about another sending or run.
    pub fn step(&self, step: &Step, now: i64) -> Option<Self> {
        use UnitState as S;
        if step.sending.as_ref().is_some_and(|sending| *sending != self.idempotency_key) {
            return None;
        }
        let from = |states: &[UnitState]| states.contains(&self.state);
        let own_run = |run_id: &str| self.run_id.as_deref() == Some(run_id);
        let mut unit = self.clone();
        match &step.event {
            Event::Claim { owner, until, credits } if from(&[S::Planned]) => {
                unit.state = S::Sending;
                unit.max_credits = *credits;
                unit.owner = Some(owner.clone());
                unit.sending_until = *until;
                unit.sends += 1;
                unit.sent_at = Some(now);
                unit.error = None;
            }
            Event::Spare if from(&[S::Planned]) => {
                unit.state = S::Loaded;
                unit.credits = Some(0);
                unit.returned = Some(0);
                unit.error = None;
                unit.loaded_at = Some(now);
            }
            Event::Release { error } if from(&[S::Sending, S::InDoubt]) => {
                unit.state = S::Planned;
                unit.max_credits = 0;
                unit.owner = None;
                unit.sends = unit.sends.saturating_sub(1);
                unit.sent_at = None;
                unit.run_id = None;
                unit.error = Some(error.clone());
            }
            // A sending that was considered dead, or was even given up, is accepted nevertheless,
            // because its run is now known.
            Event::Accept(run) if from(&[S::Sending, S::InDoubt, S::Skipped]) => {
                unit.attach(run, now);
            }
            Event::Answer(answer) if from(&[S::Sending, S::InDoubt, S::Skipped]) => {
                unit.answer(answer, now);
            }
            Event::Doubt { error, run_id, .. } if from(&[S::Sending, S::InDoubt]) => {
                unit.state = S::InDoubt;
                unit.owner = None;
                unit.error = Some(error.clone());
                unit.run_id.clone_from(run_id);
            }
            Event::Lose { owner, until, error }
                if from(&[S::Sending]) && self.owner == *owner && self.sending_until == *until =>
            {
                unit.state = S::InDoubt;
                unit.owner = None;
                unit.error = Some(error.clone());
            }
            // What the earlier sending may have cost stays counted, so that the budget covers both.
            Event::Decide(Decision::Resend) if from(&[S::InDoubt, S::Failed, S::Skipped]) => {
                let lost = self.credits.unwrap_or(self.max_credits);
                unit = Self {
                    sends: self.sends,
                    kind: self.kind,
                    left_out: self.left_out,
                    budget: self.budget,
                    written_off: self.written_off.saturating_add(lost),
                    ..Self::planned(
                        self.number,
                        self.round,
                        self.count,
                        self.first,
                        Uuid::new_v4().to_string(),
                    )
                };
                unit.sent_at = self.sent_at;
            }
            Event::Decide(Decision::Skip)
                if from(&[S::InDoubt, S::Accepted, S::Completed]) || self.has_foreign_result() =>
            {
                unit.state = S::Skipped;
                unit.finished_at = Some(now);
            }
            // Also from states in which a wrong run was attached before.
            Event::Decide(Decision::Attach(run))
                if from(&[S::InDoubt, S::Skipped, S::Failed, S::Accepted, S::Completed]) =>
            {
                unit.attach(run, now);
            }
            Event::Decide(Decision::AttachEnded(run))
                if from(&[S::InDoubt, S::Skipped, S::Failed, S::Accepted, S::Completed]) =>
            {
                unit.attach(run, now);
                unit.state = S::Completed;
                unit.finished_at = Some(now);
            }
            Event::Decide(Decision::Answer(answer))
                if from(&[S::InDoubt, S::Skipped, S::Failed]) =>
            {
                unit.answer(answer, now);
            }
            Event::Finish { run_id, end } if from(&[S::Accepted]) && own_run(run_id) => {
                unit.finished_at = Some(now);
                unit.looked_at = Some(now);
                match end {
                    Ended::Completed => {
                        unit.state = S::Completed;
                        unit.error = None;
                    }
                    Ended::Failed { why, credits } => {
                        unit.state = S::Failed;
                        unit.error = Some(why.clone());
                        unit.credits = *credits;
                    }
                }
            }
            Event::Load { run_id, loaded } if from(&[S::Completed]) && own_run(run_id) => {
                unit.state = S::Loaded;
                unit.credits = loaded.credits;
                unit.returned = Some(loaded.returned);
                unit.emails = loaded.emails;
                unit.phones = loaded.phones;
                unit.cut = u32::try_from(loaded.cut_ids.len()).unwrap_or(u32::MAX);
                unit.error = None;
                unit.loaded_at = Some(now);
            }
            Event::Fail { run_id, error, credits } if from(&[S::Completed]) && own_run(run_id) => {
                unit.state = S::Failed;
                unit.credits = *credits;
                // There is a result, and no row of it is known to belong to the unit.
                unit.returned = Some(0);
                unit.error = Some(error.clone());
            }
            Event::Look { run_id, known } if from(&[S::Accepted]) && own_run(run_id) => {
                unit.looked_at = Some(now);
                unit.unknown_since =
                    if *known { None } else { Some(self.unknown_since.unwrap_or(now)) };
            }
            Event::Note { error } if from(&[S::Completed, S::Accepted]) => {
                unit.error = Some(error.clone());
            }
            _ => return None,
        }
        Some(unit)
    }

    fn attach(&mut self, run: &Accepted, now: i64) {
        self.state = UnitState::Accepted;
        self.run_id = Some(run.run_id.clone());
        self.result_path = Some(run.result_path.clone());
        self.credits_path.clone_from(&run.credits_path);
        self.owner = None;
        self.error = None;
        self.accepted_at = Some(now);
        self.finished_at = None;
        self.unknown_since = None;
        self.looked_at = None;
        // The cost and the result of a failed unit belong to its former run.
        self.credits = None;
        self.returned = None;
    }

    fn answer(&mut self, answer: &Answered, now: i64) {
        self.state = if answer.failure.is_some() { UnitState::Failed } else { UnitState::Loaded };
        self.credits = Some(answer.credits.unwrap_or(self.max_credits));
        self.owner = None;
        self.error.clone_from(&answer.failure);
        self.returned = match answer.failure {
            Some(_) => None,
            None => Some(self.count.saturating_sub(self.left_out)),
        };
        self.finished_at = Some(now);
        self.loaded_at = answer.failure.is_none().then_some(now);
    }
}
