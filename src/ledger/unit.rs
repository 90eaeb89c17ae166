//! A unit is what one request pays for, and the one state machine that every unit follows.
//!
//! A unit of a table of ids is a batch of up to 1,000 of them; a unit of mapped calls is one call,
//! which holds one row or a group of candidates. [`Unit::step`] is the whole machine: it is a plain
//! function, so that the stores run it, and the tests search it to its end.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::memory::Answer;
use crate::{
    api::agents::BatchKind,
    error::{Error, Result},
};

/// How far a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitState {
    /// Not sent; nothing is committed for it.
    Planned,
    /// About to be sent, or being sent, by a process that lives.
    Sending,
    /// May have been sent; its answer is not known.
    InDoubt,
    /// The API has it and answered a run id.
    Accepted,
    /// The run is done; its result is not here yet.
    Completed,
    /// The run failed, or the call was refused.
    Failed,
    /// The answer is here.
    Loaded,
    /// It was in doubt and is given up.
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

    /// Nothing more will happen to it by itself.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Loaded | Self::Failed | Self::Skipped)
    }

    /// The API has it, or may get it, and it is not settled what it costs.
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

/// A unit as the ledger has it, without the ids or rows that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Unit {
    pub number: u32,
    /// Ids or rows in it.
    pub count: u32,
    pub state: UnitState,
    /// What this unit may cost; 0 before it is sent.
    pub max_credits: u64,
    /// What it cost, as the credit report or the answer says.
    pub credits: Option<u64>,
    pub run_id: Option<String>,
    pub result_path: Option<String>,
    pub credits_path: Option<String>,
    /// The process that sends it.
    #[serde(skip)]
    pub owner: Option<String>,
    /// Microseconds since 1970; a sending that lasts longer is in doubt.
    #[serde(skip)]
    pub sending_until: i64,
    pub idempotency_key: String,
    /// How often it was sent: above 1 only if a person said so, or where it cost nothing.
    pub sends: u32,
    /// Rows that the result holds for ids of this unit.
    pub returned: Option<u32>,
    pub emails: Option<u32>,
    pub phones: Option<u32>,
    /// Ids that the budget did not reach.
    pub cut: u32,
    /// Whether later units took the ids that the budget did not reach.
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
    /// The first of its rows, counted from 0; 0 for a batch, which holds its ids itself.
    #[serde(skip)]
    pub first: u64,
    /// 0 for the first plan; later ones take what the budget did not reach.
    #[serde(skip)]
    pub round: u32,
    /// What earlier sendings of a unit that was sent again may have cost.
    #[serde(skip)]
    pub written_off: u64,
    /// When its run was last asked for.
    #[serde(skip)]
    pub looked_at: Option<i64>,
    /// What it asks, where that is not what its job asks.
    #[serde(skip)]
    pub kind: Option<BatchKind>,
    /// Ids that were taken out before it was sent, because another job asks for them or knows them.
    #[serde(skip)]
    pub left_out: u32,
    /// The budget above the job that its latest sending is counted against.
    #[serde(skip)]
    pub budget: Option<i64>,
    /// When its answers were deleted.
    pub purged_at: Option<i64>,
}

/// What the ledger says of a run that the API accepted.
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
    /// Why, and what it cost nevertheless, if its credit report says so.
    Failed {
        why: String,
        credits: Option<u64>,
    },
}

impl Ended {
    /// A failure of which is not known what it cost.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed { why: why.into(), credits: None }
    }
}

/// What loading a batch found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Loaded {
    pub credits: Option<u64>,
    pub returned: u32,
    pub emails: Option<u32>,
    pub phones: Option<u32>,
    /// Ids that were asked for, are not in the result, and that the budget did not reach.
    pub cut_ids: Vec<String>,
    /// The most expensive record, if the report says so.
    pub dearest: Option<u64>,
    /// What each of the ids was answered, in the order in which they were asked.
    pub records: Vec<Answer>,
}

/// What a call answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Answered {
    /// What it says that it cost; where it says nothing, all that it may have cost counts.
    pub credits: Option<u64>,
    /// Why it failed, where it says so.
    pub failure: Option<String>,
    /// Its answer to each row, as JSON, as far as there is one.
    pub rows: Vec<String>,
    /// The answer as it came, where it could not be read as what it should be.
    pub body: Option<String>,
    /// What the memory of records is told of each row; empty for a call that is not remembered.
    pub records: Vec<Answer>,
}

/// What is to be done with a unit in doubt; and where a failed one is to be sent again, a run is the
/// wrong one, or its result never comes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Send it again, at the risk of paying twice: what the former sending may have cost stays
    /// counted against the budget. For a unit in doubt, failed or skipped.
    Resend,
    /// Give it up; its credits count as spent. For a unit in doubt, accepted or completed.
    Skip,
    /// It did arrive: this is its run. For a batch in doubt, skipped, failed, accepted or completed.
    Attach(Accepted),
    /// It did arrive: this is its answer. For a call in doubt, skipped or failed.
    Answer(Answered),
}

/// Something that happened to a unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Event {
    /// A process takes it to send it.
    Claim { owner: String, until: i64, credits: u64 },
    /// Others ask for all that it asks, or know it: there is nothing left to send.
    Spare,
    /// The request did not leave, or was refused without a cost and may be sent again: the unit is as
    /// if never claimed, also if it was taken for dead meanwhile.
    Release { error: String },
    /// The API answered a run.
    Accept(Accepted),
    /// The API answered the call.
    Answer(Answered),
    /// Nobody knows whether the request arrived. `run_id` is the run that an answer named which could
    /// not be used otherwise.
    Doubt { error: String, run_id: Option<String>, body: Option<String> },
    /// The process that sent it is dead, or takes too long: unless it was claimed anew since.
    Lose { owner: Option<String>, until: i64, error: String },
    /// A person decided about it.
    Decide(Decision),
    /// A run ended.
    Finish { run_id: String, end: Ended },
    /// The result of a run is here.
    Load { run_id: String, loaded: Loaded },
    /// The result of a run is here, and is no answer to what was asked: the batch is not sent again by
    /// itself.
    Fail { run_id: String, error: String, credits: Option<u64> },
    /// The API knows the run of a batch, or does not.
    Look { run_id: String, known: bool },
    /// Why a completed batch could not be loaded this time.
    Note { error: String },
}

/// An event, and the unit that it happened to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    pub number: u32,
    /// The sending that is meant, by its idempotency key. A unit that was sent again since is left
    /// alone.
    pub sending: Option<String>,
    pub event: Event,
}

/// How often a unit is sent by itself: where a caller said in advance to send it again, or where it
/// failed and cost nothing.
pub const MOST_SENDS: u32 = 3;

impl Unit {
    /// A unit that is planned.
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

    /// A batch as it was claimed, as far as the claim says.
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

    /// What it counts with among what is spent. What an ended unit cost is not always known; then all
    /// that it may have cost counts.
    pub fn spent(&self) -> u64 {
        let own = if self.state.ended() { self.credits.unwrap_or(self.max_credits) } else { 0 };
        own.saturating_add(self.written_off)
    }

    /// What it may still cost.
    pub fn committed(&self) -> u64 {
        let open = self.state.in_flight() || self.state == UnitState::InDoubt;
        if open { self.max_credits } else { 0 }
    }

    /// The unit after an event, at `now` in microseconds since 1970; `None` where the event does not
    /// fit its state, or is about another sending or run, and changes nothing.
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
            // A sending that was taken for dead, or even given up, is accepted all the same: here is
            // the run.
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
            // What the former sending may have cost stays counted: the budget covers both.
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
            Event::Decide(Decision::Skip) if from(&[S::InDoubt, S::Accepted, S::Completed]) => {
                unit.state = S::Skipped;
                unit.finished_at = Some(now);
            }
            // Also from where a wrong run was attached before.
            Event::Decide(Decision::Attach(run))
                if from(&[S::InDoubt, S::Skipped, S::Failed, S::Accepted, S::Completed]) =>
            {
                unit.attach(run, now);
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
        // What a failed call cost is the former run's.
        self.credits = None;
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
