//! The ledger: every spend is written down before it is made.
//!
//! A [`Unit`] is what one request pays for: a batch of ids, or one mapped call. It goes
//! `planned → sending → accepted → completed | failed → loaded`, and a call, which is answered at
//! once, `planned → sending → loaded | failed`. `sending` is on the disk before the request leaves; a
//! unit whose sender died in that state is *in doubt* and is never sent again by itself.
//!
//! [`mod@unit`] is the state machine and [`rules`] the budget, both without a database; `store` keeps
//! them in SQL, once for [`sqlite`], which a single machine needs, and [`postgres`], for several.

pub mod budgets;
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
/// How far a batch is.
pub type BatchState = UnitState;

/// A unit that this process may now send: it is in state `sending` on the disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub number: u32,
    /// The ids of a batch; empty for a call.
    pub ids: Vec<String>,
    pub max_credits: u64,
    pub idempotency_key: String,
    /// The end of its time to be sent, as it was claimed with.
    pub sending_until: i64,
    /// The first row of a call, and how many it holds.
    pub first: u64,
    pub count: u32,
    /// What it asks, where that is not what its job asks.
    pub kind: Option<BatchKind>,
}

/// Whether there is something to send.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    Send(Claimed),
    /// Nothing until a unit in flight gives back what it does not use.
    Wait,
    /// All units are sent.
    AllSent,
    /// Less is left of the budget than one record can cost.
    BudgetSpent {
        left: u64,
    },
}

/// Whether [`Store::claim`] would give a unit now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peek {
    Ready,
    Wait,
    AllSent,
    BudgetSpent { left: u64 },
}

impl From<Peek> for Claim {
    /// Nothing to send, for the same reason. [`Peek::Ready`] says nothing of a unit and waits.
    fn from(peek: Peek) -> Self {
        match peek {
            Peek::Ready | Peek::Wait => Self::Wait,
            Peek::AllSent => Self::AllSent,
            Peek::BudgetSpent { left } => Self::BudgetSpent { left },
        }
    }
}

/// How many units are to be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub most: u32,
    /// Until when they are sent, in microseconds since 1970.
    pub until: i64,
}

/// What was claimed, and whether more could be.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    pub units: Vec<Claimed>,
    pub then: Peek,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The event fitted the unit's state and changed it.
    pub fits: bool,
    /// The unit as it is now; `None` if there is none of this number.
    pub unit: Option<Unit>,
}

impl Outcome {
    /// Whether `run` is the unit's run now.
    fn accepted(&self, run: &Accepted) -> bool {
        // Written before, though that was reported as a failure; or a person named this very run.
        let known = |unit: &Unit| unit.run_id.as_ref() == Some(&run.run_id);
        self.fits || self.unit.as_ref().is_some_and(known)
    }
}

/// What a transaction on a job did.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// One for each step.
    pub outcomes: Vec<Outcome>,
    /// What was claimed, if that was wanted.
    pub claims: Option<Claims>,
}

/// The units of a job with which something is to be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpenUnits {
    /// Those that are accepted, completed or in doubt: first those whose run was not asked for the
    /// longest.
    pub units: Vec<Unit>,
    /// How long runs took that ended lately, in microseconds.
    pub took: Vec<i64>,
}

/// What batches asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// The most that one record costs, as far as the job knows.
    pub price: u64,
    /// Their ids, by the number of the batch.
    pub ids: BTreeMap<u32, Vec<String>>,
}

/// The end of a batch's run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    pub number: u32,
    pub run_id: String,
    pub end: Ended,
}

/// What is known of a sending whose outcome is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doubt<'a> {
    pub error: &'a str,
    /// The run that an answer named which could not be used otherwise.
    pub run_id: Option<&'a str>,
    /// The answer as it came, where it could not be read.
    pub body: Option<&'a str>,
}

/// A database that keeps the ledger. Every method is at most one transaction and blocks.
///
/// [`Store::turn`] is the one way in which units change; the methods below it are its single steps.
pub trait Store: Send + Sync {
    /// Writes a job down, or finds the one that has its account and key.
    fn create(&self, job: &NewJob) -> Result<(JobRecord, bool)>;
    fn find(&self, account: &str, key: &str) -> Result<Option<JobRecord>>;
    /// All jobs, the newest first, with their units' sums, after [`Store::find_doubt`].
    fn jobs(&self, account: Option<&str>) -> Result<Vec<(JobRecord, rules::Sums)>>;
    /// A job with its units' sums.
    fn state(&self, job: i64) -> Result<(JobRecord, rules::Sums)>;
    /// All units of a job, in order, after [`Store::find_doubt`].
    fn batches(&self, job: i64) -> Result<Vec<Unit>>;
    /// The units in some states: those first whose run was not asked for the longest.
    fn units_in(&self, job: i64, states: &[UnitState]) -> Result<Vec<Unit>>;
    /// The units with which something is to be done, after [`Store::find_doubt`].
    fn open_units(&self, job: i64) -> Result<OpenUnits>;
    /// [`Store::state`], after [`Store::find_doubt`].
    fn overview(&self, job: i64) -> Result<(JobRecord, rules::Sums)>;
    /// What some batches asked.
    fn asked(&self, job: i64, numbers: &[u32]) -> Result<Asked>;
    /// The ids that a batch asks.
    fn batch_ids(&self, job: i64, number: u32) -> Result<Vec<String>>;
    /// The ids of the first plan, in order: those of all batches, and those that were known.
    fn all_ids(&self, job: i64) -> Result<Vec<String>>;
    /// The key without which nobody can tell from a hash whose it is.
    fn hash_key(&self) -> Result<HashKey>;
    /// What the memory says of ids, apart from what the job `except` asks itself.
    fn recall(&self, wish: &Wish, ids: &[String], except: Option<i64>) -> Result<Recall>;
    /// What records of a question have cost.
    fn rates(&self, wish: &Wish) -> Result<Rates>;
    /// Takes into the memory what units of a question were answered.
    fn remember(&self, question: i64) -> Result<()>;
    /// Plans ids of a job again that were held back, once what they waited for is settled.
    fn replan(&self, job: i64) -> Result<Replanned>;
    /// The ids of a job that were known, with the round of the plan that found them.
    fn reused(&self, job: i64) -> Result<Vec<ReusedIds>>;
    /// The units that hold answers, each with its job.
    fn sources(&self, sources: &[Source]) -> Result<Vec<(Source, JobRecord, Unit)>>;
    /// Loaded units of a question of which the memory knows nothing: an earlier version loaded them.
    fn unremembered(&self, wish: &Wish) -> Result<Vec<(JobRecord, Unit)>>;
    /// Gives the memory the answers of such a unit.
    fn remember_earlier(&self, job: i64, number: u32, answers: &[Answer]) -> Result<()>;
    /// What each unit of a job asks, where the job has a question.
    fn unit_ids(&self, job: i64) -> Result<BTreeMap<u32, Vec<String>>>;
    /// What mapped calls asked and were answered. Those that are gone are left out.
    fn answers_of(&self, sources: &[Source]) -> Result<Vec<(Source, CallAnswers)>>;
    /// Jobs of mapped calls with units of which the memory knows nothing: an earlier version made them.
    fn unremembered_calls(&self, account: &str, kind: &str) -> Result<Vec<JobRecord>>;
    /// Gives the memory the calls of such a job.
    fn remember_calls(&self, job: i64, question: &Question, calls: &[EarlierCall]) -> Result<()>;
    fn row_ids(&self, job: i64) -> Result<Vec<u8>>;
    /// The requests of mapped calls, as [`NewCalls::requests`].
    fn requests(&self, job: i64) -> Result<Vec<Vec<u8>>>;
    /// What calls answered, by unit: a JSON list with an answer for each row.
    fn answers(&self, job: i64) -> Result<BTreeMap<u32, Vec<u8>>>;
    /// The answers that could not be read, as they came, by unit.
    fn bodies(&self, job: i64) -> Result<BTreeMap<u32, Vec<u8>>>;
    /// The newest submission's budget and order of rows hold.
    fn resubmit(&self, job: i64, submission: &NewJob) -> Result<()>;

    /// Looks whether there is a unit to claim, without claiming it.
    fn peek(&self, job: i64) -> Result<Peek>;
    /// Does steps, and then claims units if `wanted`, in one transaction.
    fn turn(&self, job: i64, steps: &[Step], wanted: Option<Wanted>) -> Result<Turn>;
    /// Turns the sendings of dead processes, and those that last too long, into `in_doubt`.
    fn find_doubt(&self, job: i64) -> Result<()>;

    /// All budgets above jobs, by name.
    fn budgets(&self) -> Result<Vec<Budget>>;
    /// A budget by its name.
    fn budget(&self, name: &str) -> Result<Budget>;
    /// Makes a budget, or changes it.
    fn set_budget(&self, name: &str, max_credits: u64, per: Option<Per>) -> Result<Budget>;
    /// Gives a budget another name. Its jobs stay below it.
    fn rename_budget(&self, name: &str, new: &str) -> Result<Budget>;
    /// Removes a budget. Its jobs send nothing more until they get another one.
    fn remove_budget(&self, name: &str) -> Result<()>;

    /// Adds entries to the list of those who are never sent and never given back. Answers how many name
    /// something.
    fn suppress(&self, entries: &[suppression::Entry]) -> Result<u64>;
    /// Takes entries from that list. Answers how many were there.
    fn unsuppress(&self, entries: &[suppression::Entry]) -> Result<u64>;
    /// The list that holds for a job: the ledger's, and its own.
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
    /// Deletes the answers of units that were loaded before a moment, in microseconds since 1970, and
    /// answers which units these are: their files are still there.
    fn purge(&self, before: i64) -> Result<Vec<(JobRecord, Unit)>>;
    /// Overwrites what was deleted. False if others hold the ledger, so that it is only overwritten with
    /// time.
    fn scrub(&self) -> Result<bool>;
    /// The value of a setting that all processes on the ledger share.
    fn setting(&self, name: &str) -> Result<Option<String>>;
    fn set_setting(&self, name: &str, value: Option<&str>) -> Result<()>;
    /// Removes what dead processes left behind. Answers how many files.
    fn remove_leftovers(&self) -> Result<u64>;

    /// Whose credits a key spends at a place, as far as it was remembered.
    fn account(&self, place: &str, key: &str) -> Result<Option<String>>;
    /// Remembers it, and answers what is remembered: the first stays.
    fn remember_account(&self, place: &str, key: &str, account: &str) -> Result<String>;

    /// Takes slots of a rate limit for the process `waiter`, which gets a place in their queue if none is
    /// free; one without a name gets none.
    fn take_slots(&self, scope: &str, class: LimitClass, waiter: &str, ask: Ask) -> Result<Taken>;
    fn hold_slot(&self, scope: &str, class: LimitClass, until: i64) -> Result<()>;

    /// Where results are kept beside the ledger.
    fn results_folder(&self) -> std::path::PathBuf;
    /// The ledger's place, without credentials.
    fn place(&self) -> String;

    /// One step of [`Store::turn`].
    fn step(&self, job: i64, number: u32, sending: Option<&str>, event: Event) -> Result<Outcome> {
        let step = Step { number, sending: sending.map(str::to_owned), event };
        let turn = self.turn(job, &[step], None)?;
        Ok(turn.outcomes.into_iter().next().unwrap_or(Outcome { fits: false, unit: None }))
    }

    /// Takes a slot that is free at `now`, or says how long it is not.
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

    /// Takes the next unit that the budget allows and writes it down as `sending`.
    fn claim(&self, job: i64, sending_until: i64) -> Result<Claim> {
        Ok(self.claim_some(job, Wanted { most: 1, until: sending_until })?.into())
    }

    /// [`Store::claim`], for several units at once.
    fn claim_some(&self, job: i64, wanted: Wanted) -> Result<Claims> {
        let turn = self.turn(job, &[], Some(wanted))?;
        Ok(turn.claims.unwrap_or(Claims { units: Vec::new(), then: Peek::Wait }))
    }

    /// [`Event::Release`]. Here and below `sending` is the claim's idempotency key.
    fn release(&self, job: i64, number: u32, sending: &str, error: &str) -> Result<()> {
        let event = Event::Release { error: error.to_owned() };
        self.step(job, number, Some(sending), event).map(drop)
    }

    /// Writes down which run the API answered; false if the unit was sent again in the meantime, so
    /// that this run is one too many.
    fn accept(&self, job: i64, number: u32, sending: &str, run: &Accepted) -> Result<bool> {
        let outcome = self.step(job, number, Some(sending), Event::Accept(run.clone()))?;
        Ok(outcome.accepted(run))
    }

    /// [`Event::Doubt`].
    fn doubt(&self, job: i64, number: u32, sending: &str, doubt: Doubt<'_>) -> Result<()> {
        let event = Event::Doubt {
            error: doubt.error.to_owned(),
            run_id: doubt.run_id.map(str::to_owned),
            body: doubt.body.map(str::to_owned),
        };
        self.step(job, number, Some(sending), event).map(drop)
    }

    /// A person decided about a unit: see [`Decision`].
    fn decide(&self, job: i64, number: u32, decision: &Decision) -> Result<()> {
        // A sending whose process died is decided about as what it is.
        self.find_doubt(job)?;
        let outcome = self.step(job, number, None, Event::Decide(decision.clone()))?;
        if outcome.fits {
            return Ok(());
        }
        Err(rules::undecided(number, outcome.unit.map(|unit| unit.state.name())))
    }

    /// How runs ended; one that is no longer its batch's run is left out.
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

    /// The result of `run_id` is here; nothing is noted if that is no longer the batch's run.
    fn load(&self, job: i64, number: u32, run_id: &str, loaded: &Loaded) -> Result<()> {
        let event = Event::Load { run_id: run_id.to_owned(), loaded: loaded.clone() };
        self.step(job, number, None, event).map(drop)
    }

    /// The result of `run_id` is here and is no answer to what was asked.
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

    /// Notes whether the API knows the run of a batch. Answers since when it does not, in microseconds
    /// since 1970.
    fn unknown(&self, job: i64, number: u32, run_id: &str, unknown: bool) -> Result<Option<i64>> {
        let event = Event::Look { run_id: run_id.to_owned(), known: !unknown };
        let outcome = self.step(job, number, None, event)?;
        Ok(outcome.unit.filter(|_| outcome.fits).and_then(|unit| unit.unknown_since))
    }

    /// Notes why a completed batch could not be loaded this time.
    fn note(&self, job: i64, number: u32, error: &str) -> Result<()> {
        self.step(job, number, None, Event::Note { error: error.to_owned() }).map(drop)
    }
}
