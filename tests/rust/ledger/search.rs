//! All histories of a small job with two clients, an API and a person, searched exhaustively.
//!
//! The ledger is the real code: [`Unit::step`], [`allowance`] and [`Sums`]. Around it, at any
//! moment, a client may crash, a request or an answer may be lost (it never arrives), an answer may
//! arrive twice or late, the clock may jump, and a person may resend or give up. `docs/ledger.md`
//! describes what is checked.

use std::{
    collections::{HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

use lantern::ledger::{
    Accepted, Answered, Decision, Ended, Event, Loaded, Step, Unit, UnitState,
    rules::{Allowance, Sums, allowance},
};

const UNITS: u32 = 2;
/// The maximum cost of a unit. The budget pays for both units, and for sending one of them again.
const PRICE: u64 = 2;
const BUDGET: u64 = 6;
/// How long a sending may take, on a clock that jumps by more.
const LONGEST: i64 = 10;
const JUMP: i64 = 100;

/// What is paid: a run that is polled later, or a call that is answered immediately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Batch,
    Call,
}

/// One sending of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sending {
    number: u32,
    key: String,
    credits: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Client {
    Idle,
    /// It was claimed, and the request was not sent yet.
    Claimed(Sending),
    /// The request was sent.
    Waiting(Sending),
    Dead,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct World {
    kind: Kind,
    now: i64,
    units: Vec<Unit>,
    sums: Sums,
    clients: [Client; 2],
    /// Requests in transit to the API, and its answers in transit back.
    requests: Vec<Sending>,
    answers: Vec<Sending>,
    /// What the API accepted and was paid for: the sending, and its cost.
    paid: Vec<(Sending, u64)>,
    /// How often each unit's request was sent, and how often a person decided to resend it.
    left: Vec<u32>,
    resent: Vec<u32>,
    jumps: u32,
    crashes: u32,
}

fn key(number: u32, resent: u32) -> String {
    format!("unit {number}, sending {resent}")
}

impl World {
    fn new(kind: Kind) -> Self {
        let units: Vec<Unit> =
            (1..=UNITS).map(|number| Unit::planned(number, 0, 1, 0, key(number, 0))).collect();
        let mut sums = Sums::default();
        units.iter().for_each(|unit| sums.add(unit));
        Self {
            kind,
            now: 0,
            units,
            sums,
            clients: [Client::Idle, Client::Idle],
            requests: Vec::new(),
            answers: Vec::new(),
            paid: Vec::new(),
            left: vec![0; UNITS as usize],
            resent: vec![0; UNITS as usize],
            jumps: 0,
            crashes: 0,
        }
    }

    /// A step of the ledger, in the way in which a store runs it.
    fn step(&mut self, number: u32, sending: Option<&str>, event: Event) -> bool {
        let at = number as usize - 1;
        let step = Step { number, sending: sending.map(str::to_owned), event };
        let Some(mut after) = self.units[at].step(&step, self.now) else { return false };
        // No rule depends on these times, and without them there are fewer states.
        after.sent_at = None;
        after.accepted_at = None;
        after.finished_at = None;
        after.loaded_at = None;
        after.looked_at = None;
        if matches!(step.event, Event::Decide(Decision::Resend)) {
            // In the real ledger it is a random name.
            self.resent[at] += 1;
            after.idempotency_key = key(number, self.resent[at]);
        }
        self.sums.remove(&self.units[at]);
        self.sums.add(&after);
        self.units[at] = after;
        true
    }

    /// All events that can happen next.
    fn next(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut add = |change: &dyn Fn(&mut Self) -> bool| {
            let mut world = self.clone();
            if change(&mut world) {
                world.requests.sort_by(|a, b| a.key.cmp(&b.key));
                world.answers.sort_by(|a, b| a.key.cmp(&b.key));
                world.paid.sort_by(|a, b| a.0.key.cmp(&b.0.key));
                all.push(world);
            }
        };
        for (at, client) in self.clients.iter().enumerate() {
            match client {
                Client::Idle => add(&|world| world.claim(at)),
                Client::Claimed(sending) => {
                    add(&|world| {
                        world.left[sending.number as usize - 1] += 1;
                        world.requests.push(sending.clone());
                        world.clients[at] = Client::Waiting(sending.clone());
                        true
                    });
                    add(&|world| {
                        let error = String::new();
                        world.step(sending.number, Some(&sending.key), Event::Release { error });
                        world.clients[at] = Client::Idle;
                        true
                    });
                }
                Client::Waiting(sending) => {
                    add(&|world| {
                        let event = Event::Doubt { error: String::new(), run_id: None, body: None };
                        world.step(sending.number, Some(&sending.key), event);
                        world.clients[at] = Client::Idle;
                        true
                    });
                }
                Client::Dead => add(&|world| {
                    world.clients[at] = Client::Idle;
                    true
                }),
            }
            if !matches!(client, Client::Idle | Client::Dead) && self.crashes < 1 {
                add(&|world| {
                    world.crashes += 1;
                    world.clients[at] = Client::Dead;
                    true
                });
            }
        }
        for (at, request) in self.requests.iter().enumerate() {
            // It arrives, or stays in transit forever, which means that it is lost.
            let cost = request.credits.div_ceil(2);
            add(&|world| {
                let request = world.requests.remove(at);
                world.paid.push((request.clone(), cost));
                world.answers.push(request);
                true
            });
        }
        for answer in &self.answers {
            // Its sender receives it, possibly twice, because it stays in transit.
            for (client, state) in self.clients.iter().enumerate() {
                if *state == Client::Waiting(answer.clone()) {
                    add(&|world| {
                        world.answered(answer);
                        world.clients[client] = Client::Idle;
                        true
                    });
                }
            }
            // A client that gave it up may record it late, and so may one that has recorded it
            // before.
            add(&|world| world.answered(answer));
        }
        for unit in &self.units {
            let number = unit.number;
            add(&|world| world.find_doubt(number));
            if self.resent.iter().sum::<u32>() == 0 {
                add(&|world| world.step(number, None, Event::Decide(Decision::Resend)));
            }
            add(&|world| world.step(number, None, Event::Decide(Decision::Skip)));
            let Some(run_id) = unit.run_id.clone() else { continue };
            add(&|world| {
                let end = Ended::Completed;
                world.step(number, None, Event::Finish { run_id: run_id.clone(), end })
            });
            add(&|world| {
                let end = Ended::Failed { why: String::new(), credits: None };
                world.step(number, None, Event::Finish { run_id: run_id.clone(), end })
            });
            add(&|world| {
                let cost = world.cost(&run_id);
                let loaded = Loaded { credits: Some(cost), ..Loaded::default() };
                world.step(number, None, Event::Load { run_id: run_id.clone(), loaded })
            });
        }
        // Far ahead, and back again. A batch has more states of its own, so its clock only jumps
        // ahead.
        let most_jumps = if self.kind == Kind::Call { 2 } else { 1 };
        if self.jumps < most_jumps {
            let to = if self.jumps == 0 { JUMP } else { 0 };
            add(&|world| {
                world.jumps += 1;
                world.now = to;
                true
            });
        }
        all
    }

    fn claim(&mut self, client: usize) -> bool {
        let Some(unit) = self.units.iter().find(|unit| unit.state == UnitState::Planned) else {
            return false;
        };
        let Allowance::Send(credits) = allowance(&self.sums, BUDGET, PRICE, unit.count.into())
        else {
            return false;
        };
        let sending = Sending { number: unit.number, key: unit.idempotency_key.clone(), credits };
        let (owner, until) = (client.to_string(), self.now + LONGEST);
        self.step(sending.number, None, Event::Claim { owner, until, credits });
        self.clients[client] = Client::Claimed(sending);
        true
    }

    fn answered(&mut self, sending: &Sending) -> bool {
        let event = match self.kind {
            Kind::Batch => Event::Accept(Accepted {
                run_id: sending.key.clone(),
                result_path: String::new(),
                credits_path: None,
            }),
            Kind::Call => {
                let credits = Some(self.cost(&sending.key));
                Event::Answer(Answered { credits, ..Answered::default() })
            }
        };
        self.step(sending.number, Some(&sending.key), event)
    }

    fn cost(&self, key: &str) -> u64 {
        self.paid.iter().filter(|(sending, _)| sending.key == key).map(|(_, cost)| cost).sum()
    }

    fn find_doubt(&mut self, number: u32) -> bool {
        let unit = self.units[number as usize - 1].clone();
        let lives = self.clients.iter().enumerate().any(|(at, client)| {
            unit.owner.as_ref() == Some(&at.to_string()) && *client != Client::Dead
        });
        // A restarted client is another owner, and no client knows what it sent before.
        let known = self.clients.iter().any(|client| match client {
            Client::Claimed(own) | Client::Waiting(own) => own.key == unit.idempotency_key,
            Client::Idle | Client::Dead => false,
        });
        if lives && known && unit.sending_until >= self.now {
            return false;
        }
        let (owner, until) = (unit.owner.clone(), unit.sending_until);
        let event = Event::Lose { owner, until, error: String::new() };
        self.step(number, Some(&unit.idempotency_key), event)
    }

    /// What must hold in every state.
    fn check(&self) {
        let mut again = Sums::default();
        self.units.iter().for_each(|unit| again.add(unit));
        assert_eq!(self.sums, again, "the sums are those of the units");
        let counted = self.sums.spent + self.sums.committed;
        assert!(counted <= BUDGET, "{counted} of {BUDGET} credits are counted");
        let paid: u64 = self.paid.iter().map(|(_, cost)| cost).sum();
        assert!(paid <= counted, "the API was paid {paid}, and {counted} are counted");
        for (at, left) in self.left.iter().enumerate() {
            assert!(
                *left <= 1 + self.resent[at],
                "unit {} left {left} times, and a person sent it again {} times",
                at + 1,
                self.resent[at]
            );
        }
        for unit in &self.units {
            let open = self.clients.iter().any(|client| match client {
                Client::Claimed(own) | Client::Waiting(own) => own.number == unit.number,
                Client::Idle | Client::Dead => false,
            });
            assert!(
                open || unit.state != UnitState::Planned || unit.max_credits == 0,
                "nothing is committed for a unit that is not sent"
            );
        }
    }

    /// Whether nothing more can happen to any unit automatically or within the budget.
    fn is_over(&self) -> bool {
        self.units.iter().all(|unit| unit.state.ended() || unit.state == UnitState::Planned)
    }
}

fn hash(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}

/// Searches all histories. Returns the number of states.
fn search(kind: Kind) -> usize {
    let first = World::new(kind);
    // A state is known by its hash: two of the same among some 100,000 are not to be expected.
    let mut seen = HashSet::from([hash(&first)]);
    let mut open = VecDeque::from([first]);
    while let Some(world) = open.pop_front() {
        world.check();
        let next = world.next();
        assert!(!next.is_empty() || world.is_over(), "nothing can happen any more: {world:?}");
        open.extend(next.into_iter().filter(|after| seen.insert(hash(after))));
    }
    seen.len()
}

#[test]
fn no_history_of_two_batches_pays_twice_or_beyond_the_budget() {
    println!("{} states", search(Kind::Batch));
}

#[test]
fn no_history_of_two_calls_pays_twice_or_beyond_the_budget() {
    println!("{} states", search(Kind::Call));
}
