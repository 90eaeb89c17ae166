//! Slots that a process has taken from the shared store and not used yet.
//!
//! Asking the store costs a transaction, and round trips if it is on a server. A process that sends
//! many calls therefore takes more slots than it can use at once: as many as it will need shortly,
//! judging by how many it has used lately.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use super::slots::{AHEAD, Grant};
use crate::process::clock::now;

/// A process asks for as many slots as it used in this fraction of the last second.
const PART: u32 = 2;

/// A process asks for at least the slots of this time, in microseconds: a twentieth of a second. In a
/// class with a high limit few of them are lost if it does not use them.
const LEAST: i64 = AHEAD / 20;

/// Maximum time by which a slot may be ahead when it is kept, in microseconds: 1 minute.
const FARTHEST: i64 = 60_000_000;

/// Slots that were taken and not used yet; see the module.
#[derive(Debug, Default)]
pub struct Granted(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The times at which further calls may leave, in ascending order.
    departures: VecDeque<i64>,
    /// When the last call may leave for which the store has granted this process a slot.
    last: i64,
    /// The beginning of the second in which used slots are counted, and how many were used in it
    /// and in the second before.
    since: i64,
    used: u32,
    before: u32,
}

impl State {
    fn turn(&mut self, now: i64) {
        let passed = now.saturating_sub(self.since);
        if !(0..AHEAD).contains(&passed) {
            self.before = if (0..2 * AHEAD).contains(&passed) { self.used } else { 0 };
            (self.since, self.used) = (now, 0);
        }
    }

    fn note(&mut self, used: usize) {
        self.turn(now());
        self.used = self.used.saturating_add(u32::try_from(used).unwrap_or(u32::MAX));
    }
}

impl Granted {
    fn state<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Removes up to `most` slots that are kept here and returns them, none of them before `held`,
    /// the end of a hold. Slots whose time is long past are discarded, because calls that left for
    /// all of them at once would exceed the limit. Slots far in the future are discarded too: they
    /// were taken before the clock was set back.
    pub fn drain(&self, most: u32, held: i64) -> Vec<i64> {
        let now = now();
        let (oldest, latest) = (now.saturating_sub(AHEAD).max(held), now.saturating_add(FARTHEST));
        self.state(|state| {
            state.departures.retain(|departure| (oldest..=latest).contains(departure));
            let most = state.departures.len().min(most as usize);
            state.note(most);
            state.departures.drain(..most).collect()
        })
    }

    /// How many slots to ask for if `most` can be used at once, and calls are `interval`
    /// microseconds apart.
    pub fn worth(&self, most: u32, interval: i64) -> u32 {
        let least = u32::try_from(LEAST / interval.max(1)).unwrap_or(u32::MAX);
        self.state(|state| {
            state.turn(now());
            most.max(least).max(state.used.max(state.before) / PART)
        })
    }

    /// How long, in microseconds, the store would certainly refuse another slot: others can only
    /// have taken further ones since this process was granted its last. Slots may be taken `ahead`
    /// of their time.
    pub fn refused_for(&self, interval: i64, ahead: i64) -> Option<i64> {
        let now = now();
        let last = self.state(|state| state.last);
        if last > now.saturating_add(FARTHEST) {
            // The clock was set back since.
            return None;
        }
        Some(last.saturating_add(interval).saturating_sub(ahead).saturating_sub(now))
            .filter(|wait| *wait > 0)
    }

    /// Returns up to `most` of the granted slots and keeps the others.
    pub fn keep_rest(&self, grant: Grant, most: u32) -> Vec<i64> {
        let mut departures: Vec<i64> = grant.departures().collect();
        let rest = departures.split_off(departures.len().min(most.max(1) as usize));
        self.state(|state| {
            state.note(departures.len());
            if let Some(last) = rest.last().or(departures.last()) {
                state.last = *last;
            }
            state.departures.extend(rest);
        });
        departures
    }

    /// Takes back slots that were not used.
    pub fn give_back(&self, departures: impl IntoIterator<Item = i64>) {
        self.state(|state| {
            state.departures.extend(departures);
            state.departures.make_contiguous().sort_unstable();
        });
    }

    pub fn clear(&self) {
        self.state(|state| state.departures.clear());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_used_many_slots_asks_for_more_than_it_can_use_at_once() {
        let granted = Granted::default();
        assert_eq!(granted.worth(3, 100_000), 3);
        assert_eq!(granted.worth(3, 1_000), 50, "those of a twentieth of a second");
        let grant = Grant { first: now(), interval: 10_000, count: 100 };
        assert_eq!(granted.keep_rest(grant, 60).len(), 60);
        assert_eq!(granted.worth(3, 100_000), 30);
        assert_eq!(granted.worth(60, 100_000), 60);
        assert_eq!(granted.drain(500, 0).len(), 40, "the rest lay here");
        assert!(granted.drain(1, 0).is_empty());
    }

    #[test]
    fn the_store_is_not_asked_before_it_can_grant_another_slot() {
        let granted = Granted::default();
        assert_eq!(granted.refused_for(10_000_000, AHEAD), None, "nothing was granted yet");
        granted.keep_rest(Grant { first: now(), interval: 10_000_000, count: 2 }, 1);
        let wait = granted.refused_for(10_000_000, AHEAD).unwrap();
        assert!((18_000_000..=19_000_000).contains(&wait), "{wait}");
        assert_eq!(granted.refused_for(10_000, 60_000_000), None, "the limit was raised");
    }

    #[test]
    fn slots_whose_time_is_long_over_are_given_up() {
        let granted = Granted::default();
        granted.give_back([now() - 2 * AHEAD, now()]);
        assert_eq!(granted.drain(9, 0).len(), 1);
    }
}
