//! Rate limits as in the API: a maximum number of requests in any 60 seconds, by class.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use lantern::api::{LimitClass, RateLimits as Limits};

/// Value of `X-RateLimit-Limit` if there is no limit: more requests than anybody can send.
pub(crate) const LIFTED: u32 = 1_000_000;

const WINDOW: Duration = Duration::from_secs(60);

/// Sliding windows for one key, one for each class.
pub(crate) struct RateLimiter {
    limits: Limits,
    taken: [Mutex<VecDeque<Instant>>; LimitClass::ALL.len()],
}

impl RateLimiter {
    pub fn new(limits: Limits) -> Self {
        Self { limits, taken: Default::default() }
    }

    /// Counts a request at `now`.
    ///
    /// # Errors
    /// If the limit is reached: the time until another request is allowed.
    pub fn take(&self, class: LimitClass, now: Instant) -> Result<(), Duration> {
        let Some(most) = self.limits.get(class) else { return Ok(()) };
        let mut taken = self.taken[class as usize].lock().unwrap_or_else(PoisonError::into_inner);
        while taken.front().is_some_and(|&first| now.duration_since(first) >= WINDOW) {
            taken.pop_front();
        }
        if taken.len() < most as usize {
            taken.push_back(now);
            return Ok(());
        }
        // A limit of 0 never allows a request, so the wait is arbitrary.
        Err(taken.front().map_or(WINDOW, |&first| WINDOW - now.duration_since(first)))
    }

    /// The value of `X-RateLimit-Limit`.
    pub fn header(&self, class: LimitClass) -> u32 {
        self.limits.get(class).unwrap_or(LIFTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_60_seconds_hold_more_than_the_limit() {
        let limiter = RateLimiter::new(Limits { credits: Some(3), ..Limits::default() });
        let start = Instant::now();
        let mut granted: Vec<u64> = Vec::new();
        for tenth in 0..3000 {
            if limiter.take(LimitClass::Credits, start + Duration::from_millis(tenth * 100)).is_ok()
            {
                granted.push(tenth);
            }
        }
        assert_eq!(granted.len(), 15, "{granted:?}");
        assert!(granted.windows(4).all(|four| four[3] - four[0] >= 600), "{granted:?}");
    }

    #[test]
    fn the_wait_is_what_it_says() {
        let limiter = RateLimiter::new(Limits { sync: Some(2), ..Limits::default() });
        let start = Instant::now();
        let after = |seconds: f64| start + Duration::from_secs_f64(seconds);
        assert!(limiter.take(LimitClass::Sync, after(0.0)).is_ok());
        assert!(limiter.take(LimitClass::Sync, after(20.0)).is_ok());
        let wait = limiter.take(LimitClass::Sync, after(25.5)).unwrap_err();
        assert!((wait.as_secs_f64() - 34.5).abs() < 1e-6, "{wait:?}");
        assert!(limiter.take(LimitClass::Sync, after(25.5) + wait).is_ok());
        let wait = limiter.take(LimitClass::Sync, after(60.0)).unwrap_err();
        assert!((wait.as_secs_f64() - 20.0).abs() < 1e-6, "{wait:?}");
    }

    #[test]
    fn classes_do_not_share_and_a_lifted_one_never_refuses() {
        let limiter = RateLimiter::new(Limits { sync: None, ..Limits::default() });
        let now = Instant::now();
        assert!(limiter.take(LimitClass::Batches, now).is_ok());
        assert!(limiter.take(LimitClass::Batches, now).is_err());
        assert!(limiter.take(LimitClass::Credits, now).is_ok());
        assert!((0..10_000).all(|_| limiter.take(LimitClass::Sync, now).is_ok()));
    }
}
