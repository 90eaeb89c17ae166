//! Simulated faults, for testing how a caller reacts when the API misbehaves.

mod rule_text;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::{Method, StatusCode};

/// A fault. The S3 endpoint supports statuses, delays, resets and truncation; the others apply to
/// the API only.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// An error answer. The request is not processed. Without `body` it has the API's error body.
    Status { code: StatusCode, body: Option<String>, retry_after: Option<f64> },
    /// The request is delayed, and then the next rule applies.
    Delay(Duration),
    /// The connection is reset. The request is not processed.
    ResetBefore,
    /// The request is processed, but the connection is reset instead of answering.
    ResetAfter,
    /// The result file is truncated after this number of bytes, or in the middle. For a submitted
    /// batch the file itself is truncated; for a GET on the S3 endpoint only that answer is.
    TruncateResult { bytes: Option<u64> },
    /// The request is processed, but answered with status 200 and a page that is not JSON.
    BodyNotJson,
    /// Status 200 with `{"success": false}`. The request is not processed.
    SuccessFalse,
    /// The batch is accepted, but its run fails without any cost.
    RunFails,
}

/// Which requests a fault applies to, and how often.
///
/// For its form as text, such as `POST /v1/agents/*: status 503 times 2`, see
/// [`FaultRule::from_str`].
///
/// [`FaultRule::from_str`]: std::str::FromStr::from_str
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    /// The method; `None` for any.
    pub method: Option<Method>,
    /// The path, in which `*` stands for any text. On the S3 endpoint it is `/bucket/key`.
    pub path: String,
    /// Number of the first matching request that it applies to, from 1 (default 1).
    pub nth: Option<u32>,
    /// Number of requests that it applies to from there on (default: one if `nth` is given,
    /// otherwise all).
    pub times: Option<u32>,
    /// Probability with which it applies to each of them, 0 to 1 (default 1).
    pub probability: Option<f64>,
    /// Seed of the random sequence for the probability (default 0). The same seed gives the same
    /// sequence.
    pub seed: u64,
    pub fault: Fault,
}

impl FaultRule {
    /// A rule that applies to every request with this method and path.
    pub fn new(method: Option<Method>, path: impl Into<String>, fault: Fault) -> Self {
        Self {
            method,
            path: path.into(),
            nth: None,
            times: None,
            probability: None,
            seed: 0,
            fault,
        }
    }

    /// Applies the rule to at most this number of requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Begins with the n-th matching request, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = Some(nth);
        self
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|own| own == method) && glob(&self.path, path)
    }
}

/// Whether a text matches a pattern in which `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// The active rules, with the number of requests that each has matched and applied to.
#[derive(Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Counted>>,
}

struct Counted {
    rule: FaultRule,
    matched: u64,
    met: u32,
}

/// The faults of one request.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct RequestFaults {
    pub delay: Duration,
    pub fault: Option<Fault>,
}

impl Faults {
    pub fn new(rules: Vec<FaultRule>) -> Self {
        let faults = Self::default();
        faults.set(rules);
        faults
    }

    /// Replaces all rules, and resets their counts.
    pub fn set(&self, rules: Vec<FaultRule>) {
        let counted = |rule| Counted { rule, matched: 0, met: 0 };
        *self.rules.lock().unwrap_or_else(PoisonError::into_inner) =
            rules.into_iter().map(counted).collect();
    }

    pub fn add(&self, rule: FaultRule) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).push(Counted {
            rule,
            matched: 0,
            met: 0,
        });
    }

    pub fn rules(&self) -> Vec<FaultRule> {
        let rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.iter().map(|counted| counted.rule.clone()).collect()
    }

    /// The faults of a request: all delays up to the first fault of another kind.
    pub fn meet(&self, method: &Method, path: &str) -> RequestFaults {
        let mut met = RequestFaults::default();
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        for counted in rules.iter_mut() {
            if !counted.rule.matches(method, path) || !counted.strikes() {
                continue;
            }
            match &counted.rule.fault {
                Fault::Delay(delay) => met.delay += *delay,
                fault => {
                    met.fault = Some(fault.clone());
                    break;
                }
            }
        }
        met
    }
}

impl Counted {
    /// Counts a matching request. Returns whether the rule applies to it.
    fn strikes(&mut self) -> bool {
        let at = self.matched;
        self.matched += 1;
        let rule = &self.rule;
        if at + 1 < u64::from(rule.nth.unwrap_or(1)) {
            return false;
        }
        let times = rule.times.or(rule.nth.map(|_| 1));
        if times.is_some_and(|times| self.met >= times) {
            return false;
        }
        if rule.probability.is_some_and(|probability| draw(rule.seed, at) >= probability) {
            return false;
        }
        self.met += 1;
        true
    }
}

/// The n-th number in a seed's sequence, from 0 to 1 (SplitMix64's output function).
fn draw(seed: u64, n: u64) -> f64 {
    let mut z = seed.wrapping_add((n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> FaultRule {
        text.parse().unwrap()
    }

    fn hits(rule: FaultRule, requests: usize) -> Vec<usize> {
        let faults = Faults::new(vec![rule]);
        (1..=requests).filter(|_| faults.meet(&Method::GET, "/v1/x").fault.is_some()).collect()
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, fits) in [
            ("/v1/agents/*", "/v1/agents/phone", true),
            ("/v1/agents/*", "/v1/credits/usage", false),
            ("/v1/agents/runs/*/status", "/v1/agents/runs/1/2/status", true),
            ("/v1/agents/runs/*/status", "/v1/agents/runs/1", false),
            ("/v1/agents/phone", "/v1/agents/phone-email", false),
            ("*", "", true),
            ("*-batch_*.csv", "/lantern-results/person/phone-enrichment-batch_1_2.csv", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*bc*c", "abc", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_rule_meets_the_requests_that_it_counts() {
        assert_eq!(hits(rule("/v1/*: reset before"), 3), [1, 2, 3]);
        assert_eq!(hits(rule("/v1/*: reset before times 2"), 4), [1, 2]);
        assert_eq!(hits(rule("/v1/*: reset before nth 3"), 5), [3]);
        assert_eq!(hits(rule("/v1/*: reset before nth 2 times 2"), 5), [2, 3]);
        assert_eq!(hits(rule("POST /v1/*: reset before"), 3), [0; 0]);
    }

    #[test]
    fn a_probability_is_kept_and_a_seed_repeats_itself() {
        let once = hits(rule("/v1/*: reset before probability 0.3 seed 9"), 10_000);
        assert!((2_800..3_200).contains(&once.len()), "{}", once.len());
        assert_eq!(once, hits(rule("/v1/*: reset before probability 0.3 seed 9"), 10_000));
        assert_ne!(once, hits(rule("/v1/*: reset before probability 0.3 seed 10"), 10_000));
    }

    #[test]
    fn delays_add_up_before_the_first_other_fault() {
        let faults = Faults::new(vec![
            rule("*: delay 10ms"),
            rule("*: delay 1s times 1"),
            rule("*: status 503"),
            rule("*: status 500"),
        ]);
        let met = faults.meet(&Method::GET, "/");
        assert_eq!(met.delay, Duration::from_millis(1010));
        assert!(matches!(met.fault, Some(Fault::Status { code, .. }) if code == 503));
        assert_eq!(faults.meet(&Method::GET, "/").delay, Duration::from_millis(10));
    }
}
