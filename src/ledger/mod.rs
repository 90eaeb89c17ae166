//! The ledger: every spend is recorded before it is made.
//!
//! A [`Unit`] is what one request pays for: a batch of ids, or one mapped call. A batch goes
//! through `planned → sending → accepted → completed | failed → loaded`. A call is answered
//! immediately and goes through `planned → sending → loaded | failed`. The state `sending` is on
//! the disk before the request is sent. A unit whose sender died in that state is *in doubt*, and
//! is never sent again automatically.
//!
//! [`mod@unit`] is the state machine and [`rules`] the budget, both without a database. `store`
//! implements them in SQL once, for [`sqlite`], which serves a single machine, and for
//! [`postgres`], which serves several.

mod answer;
pub mod budgets;
mod delivery;
mod earlier_calls;
pub mod erasure;
mod group_commit;
pub mod handle;
pub mod job;
pub mod memory;
mod outbox;
pub mod owner;
pub mod packed;
pub mod place;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "postgres")]
mod postgres_connection;
#[cfg(feature = "postgres")]
mod postgres_sessions;
pub mod rules;
mod schema;
mod sql;
pub mod sqlite;
mod store;
pub mod suppression;
pub mod unit;

use std::collections::BTreeMap;

use self::memory::{
    Answer, CallAnswers, EarlierCall, HashKey, Question, Rates, Recall, Replanned, ReusedIds,
    Source, Wish,
};
pub use self::{
    budgets::{Budget, Per},
    handle::Ledger,
    job::{JobRecord, NewCalls, NewJob},
    memory::Reuse,
    store::SqlLedger,
    unit::{Accepted, Answered, Decision, Ended, Event, Loaded, MOST_SENDS, Step, Unit, UnitState},
};
use crate::{
    api::{LimitClass, agents::BatchKind},
    client::limit::slots::{Ask, Taken},
    error::Result,
};

/// A unit of a job over ids.
pub type BatchRecord = Unit;
/// The state of a batch.
pub type BatchState = UnitState;

/// A unit that this process may send now. On the disk it is in state `sending`.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub number: u32,
    /// The ids of a batch; empty for a call.
    pub ids: Vec<String>,
    pub max_credits: u64,
    pub idempotency_key: String,
    /// The latest time at which it may be sent, as it was claimed with.
    pub sending_until: i64,
    /// The first row of a call, and the number of its rows.
    pub first: u64,
    pub count: u32,
    /// The kind that it asks for, if that differs from the job's.
    pub kind: Option<BatchKind>,
}

/// The answer to a claim: a unit to send, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    Send(Claimed),
    /// Nothing can be sent until a unit in flight releases what it does not use of the budget.
    Wait,
    /// All units were sent.
    AllSent,
    /// Less of the budget is left than one record can cost.
    BudgetSpent {
        left: u64,
    },
}

/// Whether [`Store::claim`] would return a unit now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peek {
    Ready,
    Wait,
    AllSent,
    BudgetSpent { left: u64 },
}

impl From<Peek> for Claim {
    /// Nothing can be sent, for the same reason. A [`Peek::Ready`] has no unit, so the caller has
    /// to wait.
    fn from(peek: Peek) -> Self {
        match peek {
            Peek::Ready | Peek::Wait => Self::Wait,
            Peek::AllSent => Self::AllSent,
            Peek::BudgetSpent { left } => Self::BudgetSpent { left },
        }
    }
}

/// How many units to claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub most: u32,
    /// Latest time at which they may be sent, in microseconds since 1970.
    pub until: i64,
}

/// The units that were claimed, and whether there are more.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    pub units: Vec<Claimed>,
    pub then: Peek,
}

/// The outcome of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether the event was valid in the unit's state, and changed it.
    pub fits: bool,
    /// The unit after the step; `None` if no unit has this number.
    pub unit: Option<Unit>,
}

impl Outcome {
    /// Whether `run` is the unit's run now.
    fn accepted(&self, run: &Accepted) -> bool {
        // Either the run was recorded before, although that was reported as a failure, or a person
        // attached this very run.
        let known = |unit: &Unit| unit.run_id.as_ref() == Some(&run.run_id);
        self.fits || self.unit.as_ref().is_some_and(known)
    }
}

/// The outcome of a transaction on a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// One outcome for each step.
    pub outcomes: Vec<Outcome>,
    /// The units that were claimed, if a claim was wanted.
    pub claims: Option<Claims>,
    /// The sums over the job's units after the transaction.
    pub sums: rules::Sums,
    /// Maximum cost of one record, as far as the job knows.
    pub price: u64,
}

/// The units of a job that need attention.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpenUnits {
    /// Units that are accepted, completed or in doubt, beginning with those whose run was polled
    /// least recently.
    pub units: Vec<Unit>,
    /// Durations of runs that ended recently, in microseconds.
    pub took: Vec<i64>,
}

/// What batches ask for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestedIds {
    /// Maximum cost of one record, as far as the job knows.
    pub price: u64,
    /// Ids by the number of the batch.
    pub ids: BTreeMap<u32, Vec<String>>,
}

/// The end of a batch's run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    pub number: u32,
    pub run_id: String,
    pub end: Ended,
}

/// What is known about a sending with an unknown outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doubt<'a> {
    pub error: &'a str,
    /// The run named in an answer that was otherwise unusable.
    pub run_id: Option<&'a str>,
    /// The answer, if it could not be read.
    pub body: Option<&'a str>,
}

/// A database that stores the ledger. Every method runs at most one transaction, and blocks.
///
/// [`Store::turn`] is the only way to change units; the methods below it run its single steps.
pub trait Store: Send + Sync {
    /// Records a job, or finds the existing one with its account and key. Returns whether it is
    /// new.
    fn create(&self, job: &NewJob) -> Result<(JobRecord, bool)>;
    fn find(&self, account: &str, key: &str) -> Result<Option<JobRecord>>;
    /// All jobs, the newest first, with the sums over their units, after [`Store::find_doubt`].
    fn jobs(&self, account: Option<&str>) -> Result<Vec<(JobRecord, rules::Sums)>>;
    /// A job with the sums over its units.
    fn state(&self, job: i64) -> Result<(JobRecord, rules::Sums)>;
    /// All units of a job, in order, after [`Store::find_doubt`].
    fn batches(&self, job: i64) -> Result<Vec<Unit>>;
    /// The units in some states, beginning with those whose run was polled least recently.
    fn units_in(&self, job: i64, states: &[UnitState]) -> Result<Vec<Unit>>;
    /// The units that need attention, after [`Store::find_doubt`].
    fn open_units(&self, job: i64) -> Result<OpenUnits>;
    /// [`Store::state`], after [`Store::find_doubt`].
    fn overview(&self, job: i64) -> Result<(JobRecord, rules::Sums)>;
    /// What some batches ask for.
    fn asked(&self, job: i64, numbers: &[u32]) -> Result<RequestedIds>;
    /// The ids that a batch asks for.
    fn batch_ids(&self, job: i64, number: u32) -> Result<Vec<String>>;
    /// Like [`Store::batch_ids`], with the ids that were taken out before the batch was sent.
    fn planned_ids(&self, job: i64, number: u32) -> Result<Vec<String>>;
    /// The ids of the first plan, in order: those of all batches, and those that were known.
    fn all_ids(&self, job: i64) -> Result<Vec<String>>;
    /// The key of the hashes. Without it nobody can find out whose record a hash belongs to.
    fn hash_key(&self) -> Result<HashKey>;
    /// What the memory knows about ids, ignoring what the job `except` itself asks.
    fn recall(&self, wish: &Wish, ids: &[String], except: Option<i64>) -> Result<Recall>;
    /// What records of a question have cost.
    fn rates(&self, wish: &Wish) -> Result<Rates>;
    /// Adds the answers of a question's units to the memory.
    fn remember(&self, question: i64) -> Result<()>;
    /// Plans ids of a job again that were held back, as far as what they waited for is settled.
    fn replan(&self, job: i64) -> Result<Replanned>;
    /// The ids of a job whose answers were known, with the round of the plan that found them.
    fn reused(&self, job: i64) -> Result<Vec<ReusedIds>>;
    /// The units that hold answers, each with its job.
    fn sources(&self, sources: &[Source]) -> Result<Vec<(Source, JobRecord, Unit)>>;
    /// Loaded units of a question that the memory does not know, because an earlier version loaded
    /// them.
    fn unremembered(&self, wish: &Wish) -> Result<Vec<(JobRecord, Unit)>>;
    /// Adds the answers of such a unit to the memory.
    fn remember_earlier(&self, job: i64, number: u32, answers: &[Answer]) -> Result<()>;
    /// What each unit of a job asks for, if the job has a question.
    fn unit_ids(&self, job: i64) -> Result<BTreeMap<u32, Vec<String>>>;
    /// The requests and answers of mapped calls. Calls that were deleted are left out.
    fn answers_of(&self, sources: &[Source]) -> Result<Vec<(Source, CallAnswers)>>;
    /// Jobs of mapped calls with units that the memory does not know, because an earlier version
    /// made them.
    fn unremembered_calls(&self, account: &str, kind: &str) -> Result<Vec<JobRecord>>;
    /// Adds the calls of such a job to the memory.
    fn remember_calls(&self, job: i64, question: &Question, calls: &[EarlierCall]) -> Result<()>;
    fn row_ids(&self, job: i64) -> Result<Vec<u8>>;
    /// The requests of mapped calls, in the form of [`NewCalls::requests`].
    fn requests(&self, job: i64) -> Result<Vec<Vec<u8>>>;
    /// The answers of calls, by unit: a JSON list with an answer for each row.
    fn answers(&self, job: i64) -> Result<BTreeMap<u32, Vec<u8>>>;
    /// Answers that could not be read, as they were received, by unit.
    fn bodies(&self, job: i64) -> Result<BTreeMap<u32, Vec<u8>>>;
    /// Adopts the budget and the order of rows of a newer submission of the job.
    fn resubmit(&self, job: i64, submission: &NewJob) -> Result<()>;

    /// Checks whether there is a unit to claim, without claiming it.
    fn peek(&self, job: i64) -> Result<Peek>;
    /// Runs steps, and then claims units if `wanted`, in one transaction.
    fn turn(&self, job: i64, steps: &[Step], wanted: Option<Wanted>) -> Result<Turn>;
    /// Puts units in doubt whose sender has died, or whose sending takes too long.
    fn find_doubt(&self, job: i64) -> Result<()>;

    /// All budgets above jobs, by name.
    fn budgets(&self) -> Result<Vec<Budget>>;
    /// A budget by its name.
    fn budget(&self, name: &str) -> Result<Budget>;
    /// Creates or changes a budget.
    fn set_budget(&self, name: &str, max_credits: u64, per: Option<Per>) -> Result<Budget>;
    /// Renames a budget. Its jobs stay below it.
    fn rename_budget(&self, name: &str, new: &str) -> Result<Budget>;
    /// Removes a budget. Its jobs send nothing more until they get another one.
    fn remove_budget(&self, name: &str) -> Result<()>;

    /// Adds entries to the list of records that are never sent and never returned. Returns how many
    /// of them are valid.
    fn suppress(&self, entries: &[suppression::Entry]) -> Result<u64>;
    /// Removes entries from that list. Returns how many of them were in it.
    fn unsuppress(&self, entries: &[suppression::Entry]) -> Result<u64>;
    /// The entries that apply to a job: those of the ledger's list, and its own.
    fn suppressed(&self, job: Option<i64>) -> Result<suppression::Suppressed>;
    /// How many entries hold for a job, or for all jobs, and when the last one was added: the list is the
    /// same for as long as both are.
    fn suppressed_state(&self, job: Option<i64>) -> Result<(u64, i64)>;
    /// How many entries of each kind the ledger's list has.
    fn suppressed_kinds(&self) -> Result<Vec<(suppression::Identifier, u64)>>;

    /// The person as mapped calls know them: with the ids that stand beside what is known of them, and
    /// the records that are asked about them.
    fn recognize(&self, person: &erasure::Person) -> Result<erasure::Person>;
    /// Erases a person, as [`Store::recognize`] found them, from all jobs and from the memory of
    /// records. What was paid stays counted.
    fn erase(&self, person: &erasure::Person) -> Result<erasure::Erased>;
    /// Deletes the answers of units that were loaded before a time, in microseconds since 1970.
    /// Returns these units; their files still exist.
    fn purge(&self, before: i64) -> Result<Vec<(JobRecord, Unit)>>;
    /// Overwrites what was deleted. Returns false if others are using the ledger, so that deleted
    /// data is only overwritten over time.
    fn scrub(&self) -> Result<bool>;
    /// The value of a setting that all processes on the ledger share.
    fn setting(&self, name: &str) -> Result<Option<String>>;
    fn set_setting(&self, name: &str, value: Option<&str>) -> Result<()>;
    /// Removes what dead processes left behind. Returns the number of files removed.
    fn remove_leftovers(&self) -> Result<u64>;

    /// The account whose credits a key spends at a base URL, if it was recorded.
    fn account(&self, place: &str, key: &str) -> Result<Option<String>>;
    /// Records that account, and returns the recorded one: the first entry is kept.
    fn remember_account(&self, place: &str, key: &str, account: &str) -> Result<String>;

    /// Takes slots of a rate limit for the process `waiter`, which is queued if no slot is free.
    /// With an empty name it is not queued.
    fn take_slots(&self, scope: &str, class: LimitClass, waiter: &str, ask: Ask) -> Result<Taken>;
    fn hold_slot(&self, scope: &str, class: LimitClass, until: i64) -> Result<()>;

    /// The folder in which results are stored beside the ledger.
    fn results_folder(&self) -> std::path::PathBuf;
    /// The ledger's location, without credentials.
    fn place(&self) -> String;

    /// Runs one step as a [`Store::turn`].
    fn step(&self, job: i64, number: u32, sending: Option<&str>, event: Event) -> Result<Outcome> {
        let step = Step { number, sending: sending.map(str::to_owned), event };
        let turn = self.turn(job, &[step], None)?;
        Ok(turn.outcomes.into_iter().next().unwrap_or(Outcome { fits: false, unit: None }))
    }

    /// Takes a slot that is free at `now`, or returns how long to wait for one.
    fn take_slot(
        &self,
        scope: &str,
        class: LimitClass,
        now: i64,
        interval: i64,
    ) -> Result<Option<i64>> {
        let ask = Ask { now, interval, most: 1, ahead: 0 };
        Ok(self.take_slots(scope, class, "", ask)?.err().map(|refused| refused.wait))
    }

    fn sums(&self, job: i64) -> Result<rules::Sums> {
        Ok(self.state(job)?.1)
    }

    /// Claims the next unit that the budget allows, and records it as `sending`.
    fn claim(&self, job: i64, sending_until: i64) -> Result<Claim> {
        Ok(self.claim_some(job, Wanted { most: 1, until: sending_until })?.into())
    }

    /// [`Store::claim`], for several units at once.
    fn claim_some(&self, job: i64, wanted: Wanted) -> Result<Claims> {
        let turn = self.turn(job, &[], Some(wanted))?;
        Ok(turn.claims.unwrap_or(Claims { units: Vec::new(), then: Peek::Wait }))
    }

    /// Runs [`Event::Release`]. Here and below `sending` is the idempotency key of the claim.
    fn release(&self, job: i64, number: u32, sending: &str, error: &str) -> Result<()> {
        let event = Event::Release { error: error.to_owned() };
        self.step(job, number, Some(sending), event).map(drop)
    }

    /// Records the run that the API answered. Returns false if the unit was sent again in the
    /// meantime, so that there is one run too many.
    fn accept(&self, job: i64, number: u32, sending: &str, run: &Accepted) -> Result<bool> {
        let outcome = self.step(job, number, Some(sending), Event::Accept(run.clone()))?;
        Ok(outcome.accepted(run))
    }

    /// Runs [`Event::Doubt`].
    fn doubt(&self, job: i64, number: u32, sending: &str, doubt: Doubt<'_>) -> Result<()> {
        let event = Event::Doubt {
            error: doubt.error.to_owned(),
            run_id: doubt.run_id.map(str::to_owned),
            body: doubt.body.map(str::to_owned),
        };
        self.step(job, number, Some(sending), event).map(drop)
    }

    /// Applies a person's decision about a unit: see [`Decision`].
    fn decide(&self, job: i64, number: u32, decision: &Decision) -> Result<()> {
        // A sending whose process has died must first be put in doubt, since that determines which
        // decisions are valid.
        self.find_doubt(job)?;
        let outcome = self.step(job, number, None, Event::Decide(decision.clone()))?;
        if outcome.fits {
            return Ok(());
        }
        Err(rules::undecided(number, outcome.unit.map(|unit| unit.state.name())))
    }

    /// Records how runs ended. A run that is no longer that of its batch is ignored.
    fn finish(&self, job: i64, ended: &[Finished]) -> Result<()> {
        if ended.is_empty() {
            return Ok(());
        }
        let steps: Vec<Step> = ended
            .iter()
            .map(|ended| Step {
                number: ended.number,
                sending: None,
                event: Event::Finish { run_id: ended.run_id.clone(), end: ended.end.clone() },
            })
            .collect();
        self.turn(job, &steps, None).map(drop)
    }

    /// Records that the result of `run_id` was fetched. Nothing changes if that is no longer the
    /// batch's run.
    fn load(&self, job: i64, number: u32, run_id: &str, loaded: &Loaded) -> Result<()> {
        let event = Event::Load { run_id: run_id.to_owned(), loaded: loaded.clone() };
        self.step(job, number, None, event).map(drop)
    }

    /// Records that the result of `run_id` was fetched and does not answer what was asked.
    fn fail(
        &self,
        job: i64,
        number: u32,
        run_id: &str,
        error: &str,
        credits: Option<u64>,
    ) -> Result<()> {
        let (run_id, error) = (run_id.to_owned(), error.to_owned());
        self.step(job, number, None, Event::Fail { run_id, error, credits }).map(drop)
    }

    /// Records whether the API knows the run of a batch. Returns since when it does not, in
    /// microseconds since 1970.
    fn unknown(&self, job: i64, number: u32, run_id: &str, unknown: bool) -> Result<Option<i64>> {
        let event = Event::Look { run_id: run_id.to_owned(), known: !unknown };
        let outcome = self.step(job, number, None, event)?;
        Ok(outcome.unit.filter(|_| outcome.fits).and_then(|unit| unit.unknown_since))
    }

    /// Records why a completed batch could not be loaded this time.
    fn note(&self, job: i64, number: u32, error: &str) -> Result<()> {
        self.step(job, number, None, Event::Note { error: error.to_owned() }).map(drop)
    }
}
