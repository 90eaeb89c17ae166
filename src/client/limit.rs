//! Rate limits: calls of a class leave one by one, evenly spaced, in the order in which they asked.
//!
//! The state of a class is one number: when its last call left. The next may leave one interval
//! later. That number can lie in memory or in a ledger that several processes share, and a rate
//! that an answer corrects holds at once (a token bucket would need its debts recomputed).

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::sync::{Mutex as FairMutex, Notify};

use super::config::ClientConfig;
use crate::{api::LimitClass, error::Result, process::runtime::aside};

/// Calls leave half a percent slower than the limit, so that the network's jitter does not make
/// the server count one too many.
const CARE: f64 = 1.005;

/// No hold is longer, in microseconds: 1 hour. What lies further ahead is an API's slip, or was
/// written before the clock was set back, and would block every process on the ledger for good.
pub const LONGEST_HOLD: i64 = 3_600_000_000;

/// A last call that lies further ahead, in microseconds, means that the clock was set back: 1 minute.
/// One that lies a little ahead left while this caller waited for the shared store, which takes 30 s
/// at most.
const CLOCKS_DIFFER: i64 = 60_000_000;

/// Limits from here on are ignored: keeping one would cost more than it saves.
const AS_GOOD_AS_LIFTED: u32 = 600_000;

/// Where the time of the last call of a class is kept.
pub trait Slots: Send + Sync {
    /// Takes the next slot of `class` if it is free at `now`; otherwise says how long it is not.
    ///
    /// Times are microseconds since 1970. A last call that lies far in the future (a clock was
    /// set back) does not block.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    fn take(&self, scope: &str, class: LimitClass, now: i64, interval: i64) -> Result<Option<i64>>;

    /// Lets no call of `class` leave before `until`: the API said so.
    ///
    /// # Errors
    /// If the store cannot be written.
    fn hold(&self, scope: &str, class: LimitClass, until: i64) -> Result<()>;
}

/// The state of one class in one scope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slot {
    /// When the last call left.
    pub last: i64,
    /// Before this no call leaves.
    pub held: i64,
}

impl Slot {
    /// The rule that every store follows: `Ok` with the new state, or `Err` with the wait.
    pub fn take(self, now: i64, interval: i64) -> Result<Self, i64> {
        let clock_set_back = self.last > now.saturating_add(interval.max(CLOCKS_DIFFER));
        let spaced = if clock_set_back { now } else { self.last.saturating_add(interval) };
        let held = if self.held > now.saturating_add(LONGEST_HOLD) { now } else { self.held };
        match spaced.max(held) - now {
            wait if wait > 0 => Err(wait),
            _ => Ok(Self { last: now, held: self.held }),
        }
    }
}

/// Slots in this process's memory.
#[derive(Debug, Default)]
pub struct MemorySlots(Mutex<HashMap<(String, LimitClass), Slot>>);

impl Slots for MemorySlots {
    fn take(&self, scope: &str, class: LimitClass, now: i64, interval: i64) -> Result<Option<i64>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry((scope.to_owned(), class)).or_default();
        match slot.take(now, interval) {
            Ok(next) => {
                *slot = next;
                Ok(None)
            }
            Err(wait) => Ok(Some(wait)),
        }
    }

    fn hold(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = slots.entry((scope.to_owned(), class)).or_default();
        slot.held = slot.held.max(until);
        Ok(())
    }
}

/// The limits of one client.
pub struct Limiter {
    scope: String,
    slots: Arc<dyn Slots>,
    classes: [Class; LimitClass::ALL.len()],
}

struct Class {
    /// Requests a minute; 0 is no limit.
    per_minute: AtomicU32,
    /// What the caller wants at most, whatever the API grants; 0 is no limit.
    ceiling: u32,
    /// No call leaves before this, where there is no limit that a store would keep.
    held: AtomicI64,
    /// The caller whose turn is next; Tokio's mutex serves in the order of asking.
    turn: FairMutex<()>,
    changed: Notify,
}

impl Limiter {
    /// `scope` tells keys apart in a shared store.
    pub fn new(scope: String, config: &ClientConfig, slots: Arc<dyn Slots>) -> Self {
        let classes = LimitClass::ALL.map(|class| Class {
            per_minute: AtomicU32::new(config.limits.get(class).unwrap_or(0)),
            ceiling: config.ceilings.get(class).unwrap_or(0),
            held: AtomicI64::new(0),
            turn: FairMutex::new(()),
            changed: Notify::new(),
        });
        Self { scope, slots, classes }
    }

    fn class(&self, class: LimitClass) -> &Class {
        &self.classes[class as usize]
    }

    /// Requests a minute that hold now; `None` is no limit.
    pub fn per_minute(&self, class: LimitClass) -> Option<u32> {
        match self.class(class).per_minute.load(Ordering::Relaxed) {
            0 => None,
            some => Some(some),
        }
    }

    /// Waits for the turn of one call. `Ok(Err(wait))` if the API asked for no call for longer than
    /// `patience`: nobody should sit in a call for that.
    ///
    /// # Errors
    /// If the shared store cannot be read or written.
    pub async fn acquire(
        &self,
        class: LimitClass,
        patience: Duration,
    ) -> Result<Result<(), Duration>> {
        let own = self.class(class);
        if self.per_minute(class).is_none() && own.held.load(Ordering::Relaxed) == 0 {
            return Ok(Ok(()));
        }
        let _turn = own.turn.lock().await;
        let mut held = Duration::ZERO;
        loop {
            let changed = own.changed.notified();
            let Some(wait) = self.try_take(class).await? else { return Ok(Ok(())) };
            // The one whose turn it is waits one interval at most, unless the class is held. Holds
            // that follow each other count together, or they could go on for ever.
            let interval = self.per_minute(class).map_or(0, interval);
            let beyond = wait.saturating_sub(Duration::from_micros(interval.unsigned_abs()));
            if held + beyond > patience {
                return Ok(Err(wait));
            }
            held += beyond;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = changed => {}
            }
        }
    }

    /// Takes a slot if one is free and nobody waits for it; otherwise says how long it will be.
    ///
    /// # Errors
    /// If the shared store cannot be read or written.
    pub async fn try_acquire(&self, class: LimitClass) -> Result<Option<Duration>> {
        let Ok(_turn) = self.class(class).turn.try_lock() else {
            return Ok(Some(Duration::from_millis(100)));
        };
        self.try_take(class).await
    }

    /// Takes a place among calls of a class that together take at most a `share` of its limit, so that
    /// others get through; otherwise says how long it will be. The call still needs a slot.
    ///
    /// # Errors
    /// If the shared store cannot be read or written.
    pub async fn try_share(&self, class: LimitClass, share: f64) -> Result<Option<Duration>> {
        let Some(per_minute) = self.per_minute(class) else { return Ok(None) };
        let interval = interval(per_minute) as f64 / share.clamp(0.001, 1.0);
        self.take_from(format!("{}/looks", self.scope), class, interval as i64).await
    }

    async fn try_take(&self, class: LimitClass) -> Result<Option<Duration>> {
        let Some(per_minute) = self.per_minute(class) else {
            let wait = self.class(class).held.load(Ordering::Relaxed).saturating_sub(now());
            // A hold that nobody would set was set before the clock was set back.
            return Ok((1..=LONGEST_HOLD).contains(&wait).then(|| micros(wait)));
        };
        self.take_from(self.scope.clone(), class, interval(per_minute)).await
    }

    async fn take_from(
        &self,
        scope: String,
        class: LimitClass,
        interval: i64,
    ) -> Result<Option<Duration>> {
        let slots = self.slots.clone();
        let wait = aside(move || slots.take(&scope, class, now(), interval)).await?;
        Ok(wait.map(micros))
    }

    /// Notes what an answer's `X-RateLimit-Limit` says.
    pub fn correct(&self, class: LimitClass, per_minute: u32) {
        let own = self.class(class);
        let per_minute = match own.ceiling {
            0 => per_minute,
            ceiling => per_minute.min(ceiling),
        };
        if per_minute >= AS_GOOD_AS_LIFTED {
            if own.per_minute.swap(0, Ordering::Relaxed) != 0 {
                own.changed.notify_waiters();
            }
            return;
        }
        if per_minute > 0 && own.per_minute.swap(per_minute, Ordering::Relaxed) != per_minute {
            tracing::debug!(class = class.name(), per_minute, "the API states another rate limit");
            own.changed.notify_waiters();
        }
    }

    /// Notes a 429: nothing of this class leaves for `wait`.
    ///
    /// # Errors
    /// If the shared store cannot be written.
    pub async fn hold(&self, class: LimitClass, wait: Duration) -> Result<()> {
        let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX).min(LONGEST_HOLD);
        let until = now().saturating_add(wait);
        if self.per_minute(class).is_none() {
            self.class(class).held.fetch_max(until, Ordering::Relaxed);
            return Ok(());
        }
        let (slots, scope) = (self.slots.clone(), self.scope.clone());
        aside(move || slots.hold(&scope, class, until)).await
    }
}

fn micros(wait: i64) -> Duration {
    Duration::from_micros(u64::try_from(wait).unwrap_or(0))
}

/// Microseconds between two calls.
fn interval(per_minute: u32) -> i64 {
    (60e6 * CARE / f64::from(per_minute)) as i64
}

/// Microseconds since 1970, by the wall clock that processes share.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ApiKey, RateLimits};

    const PATIENT: Duration = Duration::from_secs(120);

    fn limiter(change: impl FnOnce(&mut ClientConfig)) -> Arc<Limiter> {
        let url = "https://api.example.com".parse().unwrap();
        let mut config = ClientConfig::new(ApiKey::new("key").unwrap(), url);
        change(&mut config);
        Arc::new(Limiter::new("t".into(), &config, Arc::new(MemorySlots::default())))
    }

    #[test]
    fn a_limit_that_the_user_set_lower_than_the_api_stays() {
        let limiter = limiter(|config| config.limit(&"sync=20".parse().unwrap()));
        limiter.correct(LimitClass::Sync, 600);
        assert_eq!(limiter.per_minute(LimitClass::Sync), Some(20));
        limiter.correct(LimitClass::Sync, u32::MAX);
        assert_eq!(limiter.per_minute(LimitClass::Sync), Some(20));
        limiter.correct(LimitClass::Sync, 5);
        assert_eq!(limiter.per_minute(LimitClass::Sync), Some(5));
        limiter.correct(LimitClass::Credits, 600);
        assert_eq!(limiter.per_minute(LimitClass::Credits), Some(600));
    }

    #[tokio::test]
    async fn a_429_holds_a_class_that_has_no_limit() {
        let limiter = limiter(|config| config.limits = RateLimits::LIFTED);
        assert_eq!(limiter.try_acquire(LimitClass::Sync).await.unwrap(), None);
        limiter.hold(LimitClass::Sync, Duration::from_secs(600)).await.unwrap();
        assert!(limiter.try_acquire(LimitClass::Sync).await.unwrap().is_some());
        assert!(limiter.acquire(LimitClass::Sync, PATIENT).await.unwrap().is_err());
        assert_eq!(limiter.try_acquire(LimitClass::Credits).await.unwrap(), None);
    }

    #[tokio::test]
    async fn looks_take_their_share_of_the_limit_and_no_more() {
        let limiter = limiter(|config| config.limits.sync = Some(60));
        assert_eq!(limiter.try_share(LimitClass::Sync, 0.5).await.unwrap(), None);
        let wait = limiter.try_share(LimitClass::Sync, 0.5).await.unwrap().unwrap();
        assert!(wait > Duration::from_millis(1_500), "{wait:?}: two seconds at 30 a minute");
        // Their share leaves slots to others.
        assert_eq!(limiter.try_acquire(LimitClass::Sync).await.unwrap(), None);
    }

    #[test]
    fn slots_are_an_interval_apart_and_a_corrected_rate_holds_at_once() {
        let first = Slot::default().take(1_000, 600).unwrap();
        assert_eq!(first.take(1_100, 600), Err(500));
        assert!(first.take(1_100, 50).is_ok(), "a higher rate frees the next slot");
        assert!(first.take(1_600, 600).is_ok());
    }

    #[test]
    fn a_hold_blocks_and_a_clock_set_back_does_not() {
        let held = Slot { last: 0, held: 5_000 };
        assert_eq!(held.take(1_000, 10), Err(4_000));
        let future = Slot { last: 61_000_000, held: 0 };
        assert!(future.take(1_000, 10).is_ok());
        let just_left = Slot { last: 2_000, held: 0 };
        assert_eq!(just_left.take(1_000, 10), Err(1_010), "it left while this one asked");
        let held = Slot { last: 0, held: 1_001 + LONGEST_HOLD };
        assert!(held.take(1_000, 10).is_ok(), "a hold that nobody would set does not block");
    }

    #[tokio::test]
    async fn turns_are_served_in_the_order_of_asking() {
        let limiter = limiter(|config| config.limits.sync = Some(6_000));
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for n in 0..8 {
            let (limiter, order) = (limiter.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                limiter.acquire(LimitClass::Sync, PATIENT).await.unwrap().unwrap();
                order.lock().unwrap().push(n);
            }));
            tokio::task::yield_now().await;
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..8).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_waiting_call_leaves_when_the_limit_is_raised() {
        let limiter = limiter(|_| ());
        limiter.acquire(LimitClass::Batches, PATIENT).await.unwrap().unwrap();
        let waiting = {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.acquire(LimitClass::Batches, PATIENT).await })
        };
        while limiter.class(LimitClass::Batches).turn.try_lock().is_ok() {
            tokio::task::yield_now().await;
        }
        limiter.correct(LimitClass::Batches, 6_000);
        tokio::time::timeout(Duration::from_secs(5), waiting)
            .await
            .unwrap()
            .unwrap()
            .unwrap()
            .unwrap();
    }
}
