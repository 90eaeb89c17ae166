//! When and how soon a failed attempt is retried.
//!
//! Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", AWS
//! Architecture Blog, 2015): the wait before attempt n is uniform in 0 .. base * 2^n. A token
//! bucket, refilled by successes, prevents a storm of retries while the API is down for everybody.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// The source of jitter: a number in 0..1.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// How failed attempts are retried.
#[derive(Clone)]
pub struct RetryPolicy {
    /// Maximum number of attempts, including the first (default 6).
    pub attempts: u32,
    /// Base delay after a transient failure (default 50 ms).
    pub transient: Duration,
    /// Base delay after being throttled (default 1 s).
    pub throttled: Duration,
    /// Maximum delay (default 20 s).
    pub longest: Duration,
    /// Maximum `Retry-After` that is obeyed; a longer one is returned to the caller (default 120
    /// s).
    pub longest_retry_after: Duration,
    /// Uniform random numbers in 0..1; tests put a constant here.
    pub jitter: Jitter,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 6,
            transient: Duration::from_millis(50),
            throttled: Duration::from_secs(1),
            longest: Duration::from_secs(20),
            longest_retry_after: Duration::from_secs(120),
            jitter: Arc::new(rand::random::<f64>),
        }
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryPolicy").field("attempts", &self.attempts).finish_non_exhaustive()
    }
}

/// Why an attempt may be retried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// No connection was made, or it broke.
    Transient,
    /// 429, with the `Retry-After` of the answer.
    Throttled { retry_after: Option<Duration> },
    /// 500, 503 and similar, with the `Retry-After` of the answer.
    Unavailable { retry_after: Option<Duration> },
}

impl RetryPolicy {
    /// The delay before the next attempt, after `failed` attempts; `None` if there are to be no
    /// more.
    pub fn wait(&self, failed: u32, reason: Reason) -> Option<Duration> {
        if failed >= self.attempts {
            return None;
        }
        let backoff = |base: Duration| {
            let ceiling = base.saturating_mul(1 << (failed - 1).min(16)).min(self.longest);
            ceiling.mul_f64((self.jitter)().clamp(0.0, 1.0))
        };
        let (wait, told) = match reason {
            Reason::Transient => return Some(backoff(self.transient)),
            Reason::Throttled { retry_after } => (self.throttled(failed, retry_after), retry_after),
            Reason::Unavailable { retry_after } => {
                (backoff(self.transient).max(retry_after.unwrap_or_default()), retry_after)
            }
        };
        told.is_none_or(|told| told <= self.longest_retry_after).then_some(wait)
    }

    /// The delay after a 429, after `failed` attempts: the API's `Retry-After`, but at least a
    /// growing backoff. Otherwise an API that always answers "retry at once" would be called
    /// endlessly.
    pub fn throttled(&self, failed: u32, retry_after: Option<Duration>) -> Duration {
        let ceiling =
            self.throttled.saturating_mul(1 << failed.saturating_sub(1).min(16)).min(self.longest);
        let least = ceiling.mul_f64(0.5 + 0.5 * (self.jitter)().clamp(0.0, 1.0));
        least.max(retry_after.unwrap_or_default())
    }
}

/// Tokens for retries: a retry costs five, a success returns one.
#[derive(Debug)]
pub struct RetryTokens(AtomicI64);

const FULL: i64 = 500;
const COST: i64 = 5;

impl Default for RetryTokens {
    fn default() -> Self {
        Self(AtomicI64::new(FULL))
    }
}

impl RetryTokens {
    /// Pays for one retry, if there are enough tokens.
    pub fn take(&self) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left >= COST).then_some(left - COST)
            })
            .is_ok()
    }

    /// Returns a token after a success.
    pub fn give(&self) {
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            (left < FULL).then_some(left + 1)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(jitter: f64) -> RetryPolicy {
        RetryPolicy { jitter: Arc::new(move || jitter), ..RetryPolicy::default() }
    }

    #[test]
    fn waits_double_with_full_jitter_up_to_a_ceiling() {
        let most = policy(1.0);
        let waits: Vec<_> = (1..6).map(|n| most.wait(n, Reason::Transient).unwrap()).collect();
        assert_eq!(waits, [50, 100, 200, 400, 800].map(Duration::from_millis));
        assert_eq!(policy(0.0).wait(3, Reason::Transient), Some(Duration::ZERO));
        let patient = RetryPolicy { attempts: 100, ..policy(1.0) };
        assert_eq!(patient.wait(60, Reason::Transient), Some(patient.longest));
    }

    #[test]
    fn retry_after_is_obeyed_up_to_its_cap_and_attempts_end() {
        let told = |seconds| Reason::Throttled { retry_after: Some(Duration::from_secs(seconds)) };
        assert_eq!(policy(0.5).wait(1, told(7)), Some(Duration::from_secs(7)));
        assert_eq!(policy(0.5).wait(1, told(3600)), None);
        assert_eq!(policy(0.5).wait(6, told(1)), None);
        let busy = Reason::Unavailable { retry_after: Some(Duration::from_secs(7)) };
        assert_eq!(policy(0.5).wait(1, busy), Some(Duration::from_secs(7)));
    }

    #[test]
    fn an_api_that_says_at_once_is_called_less_and_less_often() {
        let at_once = Reason::Throttled { retry_after: Some(Duration::ZERO) };
        let waits: Vec<_> = (1..6).map(|n| policy(0.0).wait(n, at_once).unwrap()).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000].map(Duration::from_millis));
    }

    #[test]
    fn a_storm_of_retries_runs_dry_and_recovers() {
        let tokens = RetryTokens::default();
        assert_eq!((0..1000).filter(|_| tokens.take()).count(), 100);
        (0..5).for_each(|_| tokens.give());
        assert!(tokens.take());
        assert!(!tokens.take());
    }
}
