//! Slots: the times at which calls of a class may leave, and the rule by which every store grants
//! them.
//!
//! A store knows when the latest call leaves, and until when the API asked for no calls. Slots are
//! granted in groups of up to one second, and up to one second ahead of their time. So a remote
//! store costs one round trip for many calls, and its latency delays none of them. Processes that
//! find no free slot wait in a queue, so that each gets its turn.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    api::LimitClass,
    error::{Error, Result},
};

/// Maximum length of a hold, in microseconds: 1 hour. A longer one is an error of the API, or was
/// written before the clock was set back, and would block every process on the ledger indefinitely.
pub const LONGEST_HOLD: i64 = 3_600_000_000;

/// How long before its time a slot may be taken, in microseconds, and the span from which slots are
/// taken at once: 1 second. It is not longer because slots that a process takes and does not use
/// are lost.
pub const AHEAD: i64 = 1_000_000;

/// A process that shares the slots with others takes up to this many at once, so that each costs it
/// fewer requests to the store, as long as all others have had a turn within [`TURNS`].
const FEW: i64 = 5;

/// How long a process waits at most for its next turn because others take a few slots at once, in
/// microseconds: 4 seconds.
const TURNS: i64 = 4_000_000;

/// If the latest call is further ahead than this, in microseconds, the clock was set back: 1
/// minute. A call that is only a little ahead was taken early, or left while this caller waited for
/// the shared store, which takes at most 30 s.
const CLOCKS_DIFFER: i64 = 60_000_000;

/// How long the place of a waiting process is kept after the time at which it should have come
/// back.
const PATIENCE: i64 = 1_000_000;

/// A process that waits behind others comes back after at most this time, because the others may be
/// gone.
const LOOK_AGAIN: i64 = 5_000_000;

/// A process's request for slots of a class. Durations are in microseconds, and times are in
/// microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    pub now: i64,
    /// Time between two calls.
    pub interval: i64,
    /// Maximum number of slots that it can use. It gets at least one, or is refused.
    pub most: u32,
    /// How long before its time a slot may be taken; see [`AHEAD`].
    pub ahead: i64,
}

/// Slots that a process was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// When the first call may leave.
    pub first: i64,
    pub interval: i64,
    pub count: u32,
}

impl Grant {
    /// The times at which the calls may leave.
    pub fn departures(self) -> impl Iterator<Item = i64> {
        (0..i64::from(self.count)).map(move |at| self.first.saturating_add(at * self.interval))
    }
}

/// The answer if there is no slot for a process now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// When to ask again, in microseconds from now.
    pub wait: i64,
    /// How much of the wait is because the API asked for no calls; the rest is for the rate limit.
    pub held: i64,
}

/// The slots that were granted, or when to ask again.
pub type Taken = std::result::Result<Grant, Refused>;

/// A store that keeps, for each class, the times at which calls leave.
pub trait Slots: Send + Sync {
    /// Takes slots of `class` for the process `waiter`, or returns when to ask again.
    ///
    /// A latest call that is far in the future (because a clock was set back) does not block.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    fn take(&self, scope: &str, class: LimitClass, waiter: &str, ask: Ask) -> Result<Taken>;

    /// Lets no call of `class` leave before `until`, because the API said so.
    ///
    /// # Errors
    /// If the store cannot be written.
    fn hold(&self, scope: &str, class: LimitClass, until: i64) -> Result<()>;
}

/// The state of one class in one scope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slot {
    /// When the latest call that has a slot leaves.
    pub last: i64,
    /// No call leaves before this time.
    pub held: i64,
}

/// A process that waits for slots of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiter {
    pub name: String,
    pub since: i64,
    /// Until when its place in the queue is kept.
    pub until: i64,
}

/// How many processes wait before and behind the one that asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    pub before: u32,
    pub behind: u32,
}

impl Place {
    /// The place of the process `name` in the queue, first come, first served. A process that is
    /// not in the queue yet is behind all others.
    pub fn of(name: &str, waiters: &[Waiter], now: i64) -> Self {
        let since = waiters.iter().find(|waiter| waiter.name == name).map(|waiter| waiter.since);
        let own = (since.unwrap_or(i64::MAX), name);
        let mut place = Self::default();
        for waiter in waiters.iter().filter(|waiter| waiter.name != name && waiter.until >= now) {
            if (waiter.since, waiter.name.as_str()) < own {
                place.before += 1;
            } else {
                place.behind += 1;
            }
        }
        place
    }
}

/// Until when the place of a process that was told to come back after `wait` is kept.
pub fn kept_until(now: i64, wait: i64) -> i64 {
    now.saturating_add(wait).saturating_add(PATIENCE)
}

impl Slot {
    /// The rule that every store follows: returns the new state and the granted slots, or when to
    /// ask again.
    pub fn take(self, ask: Ask, place: Place) -> std::result::Result<(Self, Grant), Refused> {
        let Ask { now, interval, most, ahead } = ask;
        let clock_set_back = self.last > now.saturating_add(interval.max(CLOCKS_DIFFER));
        let spaced = if clock_set_back { now } else { self.last.saturating_add(interval) };
        let held = if self.held > now.saturating_add(LONGEST_HOLD) { now } else { self.held };
        // The API may extend its hold, so no slot is taken before the hold has ended.
        let ahead = if held > now { 0 } else { ahead };
        let free = spaced.max(held).max(now);
        let early = (free - now - ahead).max(0);
        // The slots of one second are shared among those who wait.
        let sharers = i64::from(place.before + place.behind) + 1;
        let in_span = |span: i64| span / interval.max(1);
        let few = FEW.min(in_span(TURNS) / sharers).min(in_span(AHEAD));
        let group = (in_span(AHEAD) / sharers).max(few).clamp(1, i64::from(most.max(1)));
        if early > 0 || place.before > 0 {
            let others = i64::from(place.before).saturating_mul(group).saturating_mul(interval);
            let wait = early.saturating_add(others.min(LOOK_AGAIN)).max(1);
            return Err(Refused { wait, held: (held - now).max(0) });
        }
        let last = free.saturating_add((group - 1).saturating_mul(interval));
        let count = u32::try_from(group).unwrap_or(1);
        Ok((Self { last, held: self.held }, Grant { first: free, interval, count }))
    }
}

/// A store that refuses everything with an error, because the store that processes share cannot be
/// opened.
pub struct NoSlots(pub Error);

impl Slots for NoSlots {
    fn take(&self, _: &str, _: LimitClass, _: &str, _: Ask) -> Result<Taken> {
        Err(self.0.clone())
    }

    fn hold(&self, _: &str, _: LimitClass, _: i64) -> Result<()> {
        // Only this process is held back, and it spends nothing.
        Ok(())
    }
}

/// Slots in this process's memory. Callers within one process are already served in the order in
/// which they asked, so there is no queue.
#[derive(Debug, Default)]
pub struct MemorySlots(Mutex<HashMap<(String, LimitClass), Slot>>);

impl Slots for MemorySlots {
    fn take(&self, scope: &str, class: LimitClass, _waiter: &str, ask: Ask) -> Result<Taken> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry((scope.to_owned(), class)).or_default();
        Ok(slot.take(ask, Place::default()).map(|(next, grant)| {
            *slot = next;
            grant
        }))
    }

    fn hold(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry((scope.to_owned(), class)).or_default();
        slot.held = slot.held.max(until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request for one slot, none of it ahead of its time.
    fn one(now: i64, interval: i64) -> Ask {
        Ask { now, interval, most: 1, ahead: 0 }
    }

    fn take(slot: Slot, ask: Ask) -> Result<Slot, i64> {
        slot.take(ask, Place::default()).map(|(slot, _)| slot).map_err(|refused| refused.wait)
    }

    #[test]
    fn slots_are_an_interval_apart_and_a_corrected_rate_holds_at_once() {
        let first = take(Slot::default(), one(1_000, 600)).unwrap();
        assert_eq!(take(first, one(1_100, 600)), Err(500));
        assert!(take(first, one(1_100, 50)).is_ok(), "a higher rate frees the next slot");
        assert!(take(first, one(1_600, 600)).is_ok());
    }

    #[test]
    fn a_hold_blocks_and_a_clock_set_back_does_not() {
        let held = Slot { last: 0, held: 5_000 };
        assert_eq!(take(held, one(1_000, 10)), Err(4_000));
        let ahead = Ask { ahead: AHEAD, ..one(1_000, 10) };
        assert_eq!(take(held, ahead), Err(4_000), "a hold is waited for to its end");
        let future = Slot { last: 61_000_000, held: 0 };
        assert!(take(future, one(1_000, 10)).is_ok());
        let just_left = Slot { last: 2_000, held: 0 };
        assert_eq!(take(just_left, one(1_000, 10)), Err(1_010), "it left while this one asked");
        let held = Slot { last: 0, held: 1_001 + LONGEST_HOLD };
        assert!(take(held, one(1_000, 10)).is_ok(), "a hold that nobody would set does not block");
    }

    #[test]
    fn slots_are_taken_in_groups_of_a_second_and_a_second_before_their_time() {
        let ask = Ask { now: 10_000_000, interval: 10_000, most: 1_000, ahead: AHEAD };
        let (slot, grant) = Slot::default().take(ask, Place::default()).unwrap();
        assert_eq!((grant.first, grant.count, slot.last), (10_000_000, 100, 10_990_000));
        let few = Ask { most: 3, ..ask };
        let (next, grant) = slot.take(few, Place::default()).unwrap();
        let departures: Vec<i64> = grant.departures().collect();
        assert_eq!(departures, [11_000_000, 11_010_000, 11_020_000]);
        assert_eq!(take(next, few), Err(30_000), "nothing is taken more than a second ahead");
        let slow = Ask { now: 100_000_000, interval: 60_000_000, ..ask };
        let (_, grant) = Slot::default().take(slow, Place::default()).unwrap();
        assert_eq!(grant.count, 1, "a slow class gives one at a time");
    }

    #[test]
    fn who_came_first_is_served_first_and_the_newest_last() {
        let waiter = |name: &str, since, until| Waiter { name: name.into(), since, until };
        let waiting = [waiter("a", 5, 100), waiter("b", 3, 100), waiter("dead", 1, 40)];
        assert_eq!(Place::of("b", &waiting, 50), Place { before: 0, behind: 1 });
        assert_eq!(Place::of("a", &waiting, 50), Place { before: 1, behind: 0 });
        assert_eq!(Place::of("new", &waiting, 50), Place { before: 2, behind: 0 });
        // The slot is free, but it is `b`'s turn: `a` comes back after `b` has had its group.
        let free = Slot::default();
        let ask = Ask { now: 50, interval: 10_000, most: 8, ahead: AHEAD };
        let refused = free.take(ask, Place { before: 1, behind: 0 }).unwrap_err();
        assert_eq!(refused, Refused { wait: 80_000, held: 0 });
        let (_, grant) =
            free.take(Ask { most: 1_000, ..ask }, Place { before: 0, behind: 3 }).unwrap();
        assert_eq!(grant.count, 25, "a quarter of a second's slots, where four processes wait");
    }

    #[test]
    fn who_shares_a_slow_class_takes_a_few_slots_at_once_if_the_others_need_not_wait_long() {
        let group = |interval, behind| {
            let ask = Ask { now: 100_000_000, interval, most: 8, ahead: AHEAD };
            Slot::default().take(ask, Place { before: 0, behind }).unwrap().1.count
        };
        assert_eq!(group(50_000, 7), 5, "all eight have had a turn after two seconds");
        assert_eq!(group(50_000, 63), 1, "each of 64 waits for three seconds");
        assert_eq!(group(500_000, 7), 1, "two slots a second");
        assert_eq!(group(500_000, 1), 2, "no more than those of a second");
        assert_eq!(group(60_000_000, 0), 1);
    }
}
