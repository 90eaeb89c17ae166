//! Rate limits: calls of a class leave one by one, evenly spaced, in the order in which they asked.
//!
//! The state of a class is one number: the time at which its latest call leaves. The next call may
//! leave one interval later. The number is kept in memory, or in a ledger that several processes
//! share ([`slots`]). If an answer corrects the rate, the correction applies immediately; the debts
//! of a token bucket would have to be computed anew.

mod granted;
pub mod slots;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Mutex as FairMutex, Notify};
use uuid::Uuid;

pub use self::slots::{LONGEST_HOLD, MemorySlots, Slots};
use self::{
    granted::Granted,
    slots::{AHEAD, Ask, Refused, Taken},
};
use super::config::ClientConfig;
use crate::{
    api::LimitClass,
    error::Result,
    process::{clock::now, runtime::run_blocking},
};

/// Calls are sent half a percent more slowly than the limit allows, so that the network's jitter
/// does not make the server count one too many.
const CARE: f64 = 1.005;

/// A limit this high or higher counts as none, because enforcing it would cost more than it saves.
const AS_GOOD_AS_LIFTED: u32 = 600_000;

/// How soon to ask again if another caller of this process is waiting for the same class.
const TAKEN: Duration = Duration::from_millis(100);

/// The limits of one client.
pub struct Limiter {
    scope: String,
    /// This process's name in the queue of those that share the slots.
    waiter: String,
    slots: Arc<dyn Slots>,
    /// Slots in memory for calls that cost nothing, used while the shared slots are not available.
    alone: Arc<MemorySlots>,
    classes: [Class; LimitClass::ALL.len()],
}

struct Class {
    /// Requests a minute; 0 means no limit.
    per_minute: AtomicU32,
    /// Upper limit set by the caller, whatever the API grants; 0 means none.
    ceiling: u32,
    /// No call leaves before this time, because the API told this process to wait.
    held: AtomicI64,
    /// Number of callers that wait for a slot, including the one whose turn is next.
    asking: AtomicU32,
    /// Held by the caller whose turn is next. Tokio's mutex serves callers in the order in which
    /// they asked.
    turn: FairMutex<()>,
    /// Slots that were taken and not used yet.
    granted: Granted,
    /// The same for the share of the limit that is for polling.
    looks: Granted,
    changed: Notify,
}

impl Class {
    /// Until when the API asked for no calls, or a time that is past. A hold that is implausibly
    /// far ahead was set before the clock was set back, and is ignored.
    fn held_until(&self, now: i64) -> i64 {
        let held = self.held.load(Ordering::Relaxed);
        if held > now.saturating_add(LONGEST_HOLD) { 0 } else { held }
    }

    /// Takes up to `most` slots that are kept here, none of them before the end of a hold.
    fn drain(&self, most: u32) -> Vec<i64> {
        let now = now();
        self.granted.drain(most, self.held_until(now))
    }
}

/// Counts a caller for as long as it waits.
struct Asking<'a>(&'a AtomicU32);

impl<'a> Asking<'a> {
    fn new(asking: &'a AtomicU32) -> Self {
        asking.fetch_add(1, Ordering::Relaxed);
        Self(asking)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The times at which calls may leave, in microseconds since 1970, or else how long to wait before
/// asking again.
pub type Departures = std::result::Result<Vec<i64>, Duration>;

impl Limiter {
    /// `scope` distinguishes keys in a shared store.
    pub fn new(scope: String, config: &ClientConfig, slots: Arc<dyn Slots>) -> Self {
        let classes = LimitClass::ALL.map(|class| Class {
            per_minute: AtomicU32::new(config.limits.get(class).unwrap_or(0)),
            ceiling: config.ceilings.get(class).unwrap_or(0),
            held: AtomicI64::new(0),
            asking: AtomicU32::new(0),
            turn: FairMutex::new(()),
            granted: Granted::default(),
            looks: Granted::default(),
            changed: Notify::new(),
        });
        let waiter = Uuid::new_v4().to_string();
        Self { scope, waiter, slots, alone: Arc::default(), classes }
    }

    fn class(&self, class: LimitClass) -> &Class {
        &self.classes[class as usize]
    }

    /// Requests a minute that are currently allowed; `None` means no limit.
    pub fn per_minute(&self, class: LimitClass) -> Option<u32> {
        match self.class(class).per_minute.load(Ordering::Relaxed) {
            0 => None,
            some => Some(some),
        }
    }

    /// Waits until it is the turn of one call. Returns `Ok(Err(wait))` if the API asked for no
    /// calls for longer than `patience`, which is too long to wait within a call. With `shared`,
    /// the call must not leave without a slot from the shared store.
    ///
    /// # Errors
    /// If the shared store cannot be read or written.
    pub async fn acquire(
        &self,
        class: LimitClass,
        patience: Duration,
        shared: bool,
    ) -> Result<Result<(), Duration>> {
        let own = self.class(class);
        if self.per_minute(class).is_none() && own.held.load(Ordering::Relaxed) == 0 {
            return Ok(Ok(()));
        }
        let _asking = Asking::new(&own.asking);
        let _turn = own.turn.lock().await;
        let mut held = Duration::ZERO;
        loop {
            let changed = own.changed.notified();
            let refused = match self.next(class, shared).await? {
                Ok(departure) => {
                    sleep_until(departure).await;
                    let now = now();
                    if own.held_until(now) <= now {
                        return Ok(Ok(()));
                    }
                    // In the meantime another call was told that none may leave, so the slot is not
                    // used.
                    continue;
                }
                Err(refused) => refused,
            };
            // Successive holds are counted together; otherwise a call could wait for them forever.
            let beyond = micros(refused.held.min(refused.wait));
            if held + beyond > patience {
                return Ok(Err(micros(refused.wait)));
            }
            held += beyond;
            tokio::select! {
                () = tokio::time::sleep(micros(refused.wait)) => {}
                () = changed => {}
            }
        }
    }

    /// Takes a slot if one is free and nobody waits for it; otherwise returns how long to wait.
    ///
    /// # Errors
    /// If the shared store cannot be read or written.
    pub async fn try_acquire(&self, class: LimitClass) -> Result<Option<Duration>> {
        let own = self.class(class);
        let Ok(_turn) = own.turn.try_lock() else { return Ok(Some(TAKEN)) };
        if self.per_minute(class).is_none() {
            return Ok(self.held_back(class).map(|refused| micros(refused.wait)));
        }
        let taken = self.take(class, 1, 0, true).await?;
        Ok(taken.err().map(|refused| micros(refused.wait)))
    }

    /// Takes up to `most` slots, at least one; otherwise returns how long to wait before asking
    /// again. The slots lie within one second, or within two if they may be taken `early`.
    ///
    /// # Errors
    /// If the shared store cannot be read or written.
    pub async fn try_acquire_some(
        &self,
        class: LimitClass,
        most: u32,
        early: bool,
    ) -> Result<Departures> {
        let own = self.class(class);
        let Ok(_turn) = own.turn.try_lock() else { return Ok(Err(TAKEN)) };
        if self.per_minute(class).is_none() {
            return Ok(match self.held_back(class) {
                None => Ok(vec![now(); most.max(1) as usize]),
                Some(refused) => Err(micros(refused.wait)),
            });
        }
        let here = own.drain(most);
        if !here.is_empty() {
            return Ok(Ok(here));
        }
        let (interval, ahead) = (self.interval(class), ahead(early));
        if let Some(wait) = own.granted.refused_for(interval, ahead) {
            return Ok(Err(micros(wait)));
        }
        let taken = self.take(class, own.granted.worth(most, interval), ahead, true).await?;
        Ok(taken
            .map(|grant| own.granted.keep_rest(grant, most))
            .map_err(|refused| micros(refused.wait)))
    }

    /// Returns slots that are not needed after all, for other calls of this process.
    pub fn give_back(&self, class: LimitClass, departures: impl IntoIterator<Item = i64>) {
        if self.per_minute(class).is_none() {
            return;
        }
        self.class(class).granted.give_back(departures);
    }

    /// Takes slots for calls of a class that together may use at most a `share` of its limit, so
    /// that other calls are not starved; otherwise returns how long to wait. The calls themselves
    /// still need ordinary slots.
    /// # Errors
    /// If the shared store cannot be read or written.
    pub async fn try_share(
        &self,
        class: LimitClass,
        share: f64,
        most: u32,
        early: bool,
    ) -> Result<Departures> {
        let Some(per_minute) = self.per_minute(class) else {
            return Ok(Ok(vec![now(); most.max(1) as usize]));
        };
        let looks = &self.class(class).looks;
        let here = looks.drain(most, 0);
        if !here.is_empty() {
            return Ok(Ok(here));
        }
        let interval = (interval(per_minute) as f64 / share.clamp(0.001, 1.0)) as i64;
        if let Some(wait) = looks.refused_for(interval, ahead(early)) {
            return Ok(Err(micros(wait)));
        }
        let scope = format!("{}/looks", self.scope);
        let wanted = (interval, looks.worth(most, interval), ahead(early));
        let taken = self.take_from(scope, class, wanted, true).await?;
        Ok(taken.map(|grant| looks.keep_rest(grant, most)).map_err(|refused| micros(refused.wait)))
    }

    /// The time at which the next call may leave. The caller must hold the turn.
    async fn next(&self, class: LimitClass, shared: bool) -> Result<Result<i64, Refused>> {
        let own = self.class(class);
        if let Some(refused) = self.held_back(class) {
            return Ok(Err(refused));
        }
        if self.per_minute(class).is_none() {
            return Ok(Ok(now()));
        }
        if let Some(departure) = own.drain(1).pop() {
            return Ok(Ok(departure));
        }
        let interval = self.interval(class);
        if let Some(wait) = own.granted.refused_for(interval, AHEAD) {
            return Ok(Err(Refused { wait, held: 0 }));
        }
        // One request to the store serves everybody who waits.
        let most = own.granted.worth(own.asking.load(Ordering::Relaxed).max(1), interval);
        let taken = self.take(class, most, AHEAD, shared).await?;
        Ok(taken.map(|grant| {
            own.granted.keep_rest(grant, 1);
            grant.first
        }))
    }

    /// The hold of a class, if this process was told to wait.
    fn held_back(&self, class: LimitClass) -> Option<Refused> {
        let now = now();
        let wait = self.class(class).held_until(now).saturating_sub(now);
        (wait > 0).then_some(Refused { wait, held: wait })
    }

    /// Microseconds between two calls of a class; 0 if it has no limit.
    fn interval(&self, class: LimitClass) -> i64 {
        self.per_minute(class).map_or(0, interval)
    }

    async fn take(&self, class: LimitClass, most: u32, ahead: i64, shared: bool) -> Result<Taken> {
        let wanted = (self.interval(class), most, ahead);
        self.take_from(self.scope.clone(), class, wanted, shared).await
    }

    async fn take_from(
        &self,
        scope: String,
        class: LimitClass,
        (interval, most, ahead): (i64, u32, i64),
        shared: bool,
    ) -> Result<Taken> {
        let (slots, waiter) = (self.slots.clone(), self.waiter.clone());
        let (name, ask) = (scope.clone(), move || Ask { now: now(), interval, most, ahead });
        let taken = run_blocking(move || slots.take(&name, class, &waiter, ask())).await;
        match taken {
            // A call that costs nothing need not fail because the ledger is unavailable.
            Err(error) if !shared => {
                tracing::warn!(%error, "the rate limit is not shared with other processes now");
                self.alone.take(&scope, class, &self.waiter, ask())
            }
            done => done,
        }
    }

    /// Adopts the limit that an answer's `X-RateLimit-Limit` gives.
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

    /// Reacts to a 429: no call of this class leaves for `wait`.
    ///
    /// # Errors
    /// If the shared store cannot be written.
    pub async fn hold(&self, class: LimitClass, wait: Duration) -> Result<()> {
        let own = self.class(class);
        let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX).min(LONGEST_HOLD);
        let now = now();
        let until = now.saturating_add(wait);
        // The local hold is set first, so that no call of this process leaves while the store is
        // being updated. A hold from before the clock was set back must not win as the later one.
        let later = |held: i64| {
            Some(if held > now.saturating_add(LONGEST_HOLD) { until } else { held.max(until) })
        };
        let _ = own.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        own.granted.clear();
        if self.per_minute(class).is_some() {
            let (slots, scope) = (self.slots.clone(), self.scope.clone());
            run_blocking(move || slots.hold(&scope, class, until)).await?;
        }
        Ok(())
    }
}

/// How long before its time a slot may be taken.
fn ahead(early: bool) -> i64 {
    if early { AHEAD } else { 0 }
}

/// Sleeps until the time at which a call may leave.
pub async fn sleep_until(departure: i64) {
    let wait = departure.saturating_sub(now());
    if wait > 0 {
        tokio::time::sleep(micros(wait.min(LONGEST_HOLD))).await;
    }
}

fn micros(wait: i64) -> Duration {
    Duration::from_micros(u64::try_from(wait).unwrap_or(0))
}

/// Microseconds between two calls.
fn interval(per_minute: u32) -> i64 {
    (60e6 * CARE / f64::from(per_minute)) as i64
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

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
        assert!(limiter.acquire(LimitClass::Sync, PATIENT, true).await.unwrap().is_err());
        assert_eq!(limiter.try_acquire(LimitClass::Credits).await.unwrap(), None);
    }

    #[tokio::test]
    async fn looks_take_their_share_of_the_limit_and_no_more() {
        let limiter = limiter(|config| config.limits.sync = Some(60));
        let first = limiter.try_share(LimitClass::Sync, 0.5, 9, true).await.unwrap().unwrap();
        assert_eq!(first.len(), 1, "one in two seconds, at 30 a minute");
        let wait = limiter.try_share(LimitClass::Sync, 0.5, 9, true).await.unwrap().unwrap_err();
        assert!(wait > Duration::from_millis(500), "{wait:?}: a second before it is due");
        // The share used by polling leaves slots to other calls.
        assert_eq!(limiter.try_acquire(LimitClass::Sync).await.unwrap(), None);
    }

    #[tokio::test]
    async fn without_the_shared_limit_nothing_is_spent_and_the_rest_goes_on() {
        let url = "https://api.example.com".parse().unwrap();
        let config = ClientConfig::new(ApiKey::new("key").unwrap(), url);
        let away = slots::NoSlots(crate::error::Error::ledger("the server is full"));
        let limiter = Limiter::new("t".into(), &config, Arc::new(away));
        let paid = limiter.acquire(LimitClass::Sync, PATIENT, true).await;
        assert!(paid.unwrap_err().is(crate::error::ErrorKind::Ledger));
        limiter.acquire(LimitClass::Sync, PATIENT, false).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn slots_that_are_given_back_are_used_before_others_are_taken() {
        let limiter = limiter(|config| config.limits.batches = Some(600));
        let some = |most| limiter.try_acquire_some(LimitClass::Batches, most, true);
        let taken = some(8).await.unwrap().unwrap();
        assert_eq!(taken.len(), 8, "of those in a second");
        limiter.give_back(LimitClass::Batches, taken[2..].iter().copied());
        assert_eq!(some(4).await.unwrap().unwrap(), taken[2..6]);
    }

    #[tokio::test]
    async fn slots_that_lie_before_the_end_of_a_hold_are_not_used() {
        let limiter = limiter(|config| config.limits.batches = Some(600));
        let some = |most| limiter.try_acquire_some(LimitClass::Batches, most, true);
        let taken = some(8).await.unwrap().unwrap();
        limiter.hold(LimitClass::Batches, Duration::from_secs(60)).await.unwrap();
        // As if another call had been in flight when this one was told to wait.
        limiter.give_back(LimitClass::Batches, taken);
        let wait = some(4).await.unwrap().unwrap_err();
        assert!(wait > Duration::from_secs(50), "{wait:?}");
    }

    #[tokio::test]
    async fn a_hold_and_slots_of_before_the_clock_was_set_back_hold_nobody_back() {
        let limiter = limiter(|config| config.limits.sync = Some(600));
        let own = limiter.class(LimitClass::Sync);
        // The clock goes back by a day: whatever is remembered lies that far ahead.
        let far = now() + 86_400_000_000;
        own.held.store(far, Ordering::Relaxed);
        own.granted.give_back([far, far + 1]);
        let left = limiter.acquire(LimitClass::Sync, PATIENT, true);
        let left = tokio::time::timeout(Duration::from_secs(60), left).await.expect("it waits");
        left.unwrap().unwrap();
        limiter.hold(LimitClass::Sync, Duration::from_secs(10)).await.unwrap();
        let wait = limiter.try_acquire(LimitClass::Sync).await.unwrap().expect("it is held");
        assert!(wait <= Duration::from_secs(10), "{wait:?}");
    }

    #[tokio::test]
    async fn turns_are_served_in_the_order_of_asking() {
        let limiter = limiter(|config| config.limits.sync = Some(6_000));
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for n in 0..8 {
            let (limiter, order) = (limiter.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                limiter.acquire(LimitClass::Sync, PATIENT, true).await.unwrap().unwrap();
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
        limiter.acquire(LimitClass::Batches, PATIENT, true).await.unwrap().unwrap();
        let waiting = {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.acquire(LimitClass::Batches, PATIENT, true).await })
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
