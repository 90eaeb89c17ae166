//! The rules of the ledger that do not depend on how it is stored.

use serde::Serialize;

use super::unit::{Unit, UnitState};
use crate::error::{Advice, Error, ErrorKind};

/// Sums over a job's batches, for its budget and its progress.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Sums {
    pub batches: u64,
    pub planned: u64,
    /// Number of batches that are sending, accepted or completed.
    pub in_flight: u64,
    pub in_doubt: u64,
    pub loaded: u64,
    pub failed: u64,
    pub skipped: u64,
    /// Cost of the batches that have ended. A batch without a readable report counts with the
    /// maximum that it may have cost, and so do earlier sendings of a batch that was sent again.
    pub spent: u64,
    /// Maximum that batches may still cost whose cost is not settled.
    pub committed: u64,
    /// Number of ids whose batch is loaded and that are in its result.
    pub returned: u64,
    pub emails: u64,
    pub phones: u64,
    /// Number of ids that the budget did not reach and no later batch took over.
    pub cut: u64,
    /// Number of ids that were answered before, for an earlier job.
    pub reused: u64,
    /// Number of ids that wait for what another job is asking for.
    pub held: u64,
}

impl Sums {
    /// Adds a unit to the sums.
    pub fn add(&mut self, unit: &Unit) {
        self.count(unit, |sum, own| *sum = sum.saturating_add(own));
    }

    /// Removes a unit from the sums.
    pub fn remove(&mut self, unit: &Unit) {
        self.count(unit, |sum, own| *sum = sum.saturating_sub(own));
    }

    fn count(&mut self, unit: &Unit, change: fn(&mut u64, u64)) {
        change(&mut self.batches, 1);
        let state = match unit.state {
            UnitState::Planned => &mut self.planned,
            UnitState::Sending | UnitState::Accepted | UnitState::Completed => &mut self.in_flight,
            UnitState::InDoubt => &mut self.in_doubt,
            UnitState::Loaded => &mut self.loaded,
            UnitState::Failed => &mut self.failed,
            UnitState::Skipped => &mut self.skipped,
        };
        change(state, 1);
        change(&mut self.spent, unit.spent());
        change(&mut self.committed, unit.committed());
        change(&mut self.returned, unit.returned.unwrap_or(0).into());
        change(&mut self.emails, unit.emails.unwrap_or(0).into());
        change(&mut self.phones, unit.phones.unwrap_or(0).into());
        change(&mut self.cut, if unit.moved { 0 } else { unit.cut.into() });
    }
}

/// What the budget allows next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// Send the next batch with this many credits.
    Send(u64),
    /// Wait until batches in flight release what they do not use.
    Wait,
    /// Less is left than one record can cost.
    Spent { left: u64 },
}

/// Decides what the next batch of `count` ids may cost.
///
/// `spent + committed + allowance <= max_credits` always holds. A batch gets the maximum that its
/// ids can cost. If less is left, it waits for batches in flight, and gets what is left once there
/// are none.
pub fn allowance(sums: &Sums, max_credits: u64, price: u64, count: u64) -> Allowance {
    let left = max_credits.saturating_sub(sums.spent.saturating_add(sums.committed));
    let price = price.max(1);
    let need = count.saturating_mul(price);
    if need <= left {
        Allowance::Send(need)
    } else if sums.in_flight > 0 {
        Allowance::Wait
    } else if left >= price {
        Allowance::Send(left)
    } else {
        Allowance::Spent { left }
    }
}

/// The error of a decision that is invalid in the batch's state, or for a batch that does not
/// exist.
pub fn undecided(number: u32, state: Option<&str>) -> Error {
    let error = |happened| Error::new(ErrorKind::Job, happened).with_batch(number);
    match state {
        None => error(format!("there is no batch {number}")),
        Some(state) => error(format!("batch {number} is {state}, which rules this decision out"))
            .advise(Advice::text(
                "a batch in doubt, or with a result that does not fit it, can be resolved, sent \
                 again or skipped; another failed one, or a skipped one, can be resolved or sent \
                 again; one whose result does not come can be resolved or skipped",
            )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_batch_gets_what_its_ids_can_cost_and_the_last_one_the_rest() {
        let mut sums = Sums::default();
        assert_eq!(allowance(&sums, 10_000, 6, 1_000), Allowance::Send(6_000));
        sums.committed = 6_000;
        sums.in_flight = 1;
        assert_eq!(allowance(&sums, 10_000, 6, 1_000), Allowance::Wait);
        sums = Sums { spent: 5_500, ..Sums::default() };
        assert_eq!(allowance(&sums, 10_000, 6, 1_000), Allowance::Send(4_500));
        sums.spent = 9_995;
        assert_eq!(allowance(&sums, 10_000, 6, 1_000), Allowance::Spent { left: 5 });
    }

    proptest! {
        /// However much batches cost, up to what they may, the budget is never exceeded, and what
        /// is left in the end is less than one record can cost.
        #[test]
        fn the_budget_is_never_exceeded(
            max_credits in 1_u64..20_000,
            price in 1_u64..20,
            counts in prop::collection::vec(1_u64..1_000, 1..40),
            costs in prop::collection::vec(0.0..1.0_f64, 40),
            ends in prop::collection::vec(any::<bool>(), 400),
        ) {
            let mut sums = Sums::default();
            let mut flying: Vec<(u64, f64)> = Vec::new();
            let (mut next, mut ends) = (0, ends.into_iter());
            loop {
                let allowed = counts.get(next).map(|count| allowance(&sums, max_credits, price, *count));
                let land = ends.next().unwrap_or(true);
                match allowed {
                    Some(Allowance::Send(credits)) if !land || flying.is_empty() => {
                        flying.push((credits, costs[next]));
                        sums.committed += credits;
                        sums.in_flight += 1;
                        next += 1;
                    }
                    Some(Allowance::Spent { left }) if flying.is_empty() => {
                        prop_assert!(left < price);
                        break;
                    }
                    _ => {
                        let Some((credits, cost)) = flying.pop() else { break };
                        sums.committed -= credits;
                        sums.in_flight -= 1;
                        sums.spent += (credits as f64 * cost) as u64;
                    }
                }
                prop_assert!(sums.spent + sums.committed <= max_credits);
            }
        }
    }
}
