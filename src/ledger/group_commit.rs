//! Group commit: combines the changes that several tasks of this process make to a job at the same
//! time into one transaction.
//!
//! A transaction waits for the disk, or for a remote server. While one is in progress, further
//! callers queue up, and the first of them does the work of all. So a job on a slow ledger makes
//! few large transactions, and one on a fast ledger many small ones. If the ledger is on a server,
//! a transaction also waits for callers that arrive soon, half as long as the transaction before
//! took: changes of a job come in groups, so this costs each of them little and saves a round trip
//! for each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{Outcome, Step, Store, Turn, Wanted, rules::Sums};
use crate::{
    error::{Error, Result},
    process::per_process::PerProcess,
};

/// Maximum number of steps in one transaction, not counting those of its first caller.
const MOST_STEPS: usize = 500;
/// Maximum time to wait for further callers.
const LONGEST_WAIT: Duration = Duration::from_millis(25);

/// The waiting callers of this process, by job.
#[derive(Default)]
pub struct GroupCommit(PerProcess<Mutex<HashMap<i64, Arc<Queue>>>>);

/// The callers that wait to change one job.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Vec<Caller>>,
    /// Held by the caller that does the work. The value is the duration of the last transaction.
    at_work: Mutex<Duration>,
    known: Mutex<Option<Known>>,
}

/// What the last transaction of this process on a job found out about it.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    pub sums: Sums,
    /// Maximum cost of one record, as far as the job knows.
    pub price: u64,
    /// When the transaction ended.
    pub at: Instant,
}

struct Caller {
    steps: Vec<Step>,
    wanted: Option<Wanted>,
    answer: Arc<Mutex<Option<Result<Turn>>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl GroupCommit {
    fn queue(&self, job: i64) -> Arc<Queue> {
        let mut queues = lock(self.0.get_or_init(Mutex::default));
        Arc::clone(queues.entry(job).or_default())
    }

    /// What is known about a job without reading the ledger; `None` before the first transaction.
    pub fn known(&self, job: i64) -> Option<Known> {
        *lock(&self.queue(job).known)
    }

    /// Runs [`Store::turn`], possibly together with other callers. Blocks. If `patient`, it may
    /// wait for callers that arrive soon.
    ///
    /// # Errors
    /// As [`Store::turn`].
    pub fn turn(
        &self,
        store: &dyn Store,
        job: i64,
        (steps, wanted): (Vec<Step>, Option<Wanted>),
        patient: bool,
    ) -> Result<Turn> {
        let queue = self.queue(job);
        let answer = Arc::default();
        lock(&queue.waiting).push(Caller { steps, wanted, answer: Arc::clone(&answer) });
        let mut took = lock(&queue.at_work);
        loop {
            if let Some(answer) = lock(&answer).take() {
                return answer;
            }
            if patient {
                std::thread::sleep((*took / 2).min(LONGEST_WAIT));
            }
            let begun = Instant::now();
            let callers = first(&mut lock(&queue.waiting));
            if callers.is_empty() {
                return Err(Error::ledger("a transaction of the ledger was interrupted"));
            }
            if let Some((sums, price)) = work(store, job, callers) {
                *lock(&queue.known) = Some(Known { sums, price, at: Instant::now() });
            }
            *took = begun.elapsed();
        }
    }
}

/// Takes the callers that have waited longest and fit into one transaction, with at most one that
/// wants to claim units.
fn first(waiting: &mut Vec<Caller>) -> Vec<Caller> {
    let (mut steps, mut claims) = (0, 0);
    let fits = |caller: &&Caller| {
        steps += caller.steps.len();
        claims += usize::from(caller.wanted.is_some());
        claims <= 1 && steps <= MOST_STEPS
    };
    let count = waiting.iter().take_while(fits).count();
    let count = count.max(1).min(waiting.len());
    waiting.drain(..count).collect()
}

/// Does the work of all callers in one transaction. Returns the sums of the job after it, and the
/// price of a record.
fn work(store: &dyn Store, job: i64, callers: Vec<Caller>) -> Option<(Sums, u64)> {
    let steps: Vec<Step> = callers.iter().flat_map(|caller| caller.steps.clone()).collect();
    let wanted = callers.iter().find_map(|caller| caller.wanted);
    match store.turn(job, &steps, wanted) {
        Ok(turn) => {
            let Turn { outcomes, mut claims, sums, price } = turn;
            let mut outcomes = outcomes.into_iter();
            for caller in callers {
                let outcomes: Vec<Outcome> = outcomes.by_ref().take(caller.steps.len()).collect();
                let claims = caller.wanted.and_then(|_| claims.take());
                *lock(&caller.answer) = Some(Ok(Turn { outcomes, claims, sums, price }));
            }
            Some((sums, price))
        }
        // A claim that is refused (because the ledger was replaced) must not keep the other callers
        // from recording what they paid for, so they are tried one by one. A ledger that cannot be
        // reached fails for all of them.
        Err(error) if callers.len() > 1 && !error.facts().passing => {
            for caller in callers {
                *lock(&caller.answer) = Some(store.turn(job, &caller.steps, caller.wanted));
            }
            None
        }
        Err(error) => {
            for caller in callers {
                *lock(&caller.answer) = Some(Err(error.clone()));
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(steps: usize, claims: bool) -> Caller {
        let event = super::super::Event::Note { error: "x".into() };
        let step = Step { number: 1, sending: None, event };
        let wanted = claims.then_some(Wanted { most: 1, until: 0 });
        Caller { steps: vec![step; steps], wanted, answer: Arc::default() }
    }

    fn sizes(mut waiting: Vec<Caller>) -> Vec<usize> {
        let mut sizes = Vec::new();
        while !waiting.is_empty() {
            sizes.push(first(&mut waiting).len());
        }
        sizes
    }

    #[test]
    fn those_who_wait_share_a_transaction_in_which_one_claims() {
        let calls = [(1, false), (0, true), (2, false), (0, true), (1, false)];
        let waiting = |calls: &[(usize, bool)]| {
            calls.iter().map(|(steps, claims)| caller(*steps, *claims)).collect()
        };
        assert_eq!(sizes(waiting(&calls)), [3, 2]);
        assert_eq!(sizes(waiting(&[(400, false), (400, false)])), [1, 1]);
        assert_eq!(sizes(waiting(&[(4_000, false), (1, true)])), [1, 1]);
    }
}
