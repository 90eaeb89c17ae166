//! Which failures a wait tolerates, and for how long.

use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// For how long the API and the ledger have been unreachable during a wait.
#[derive(Debug)]
pub(super) struct Outage {
    patience: Duration,
    /// Whether the API has answered in this wait.
    pub reached: bool,
    /// Whether the API works on a run of the job, so that it answered before this wait.
    pub known: bool,
    /// When the first failure since the last successful answer occurred.
    since: Option<Instant>,
    /// When the ledger first failed since it last worked.
    ledger: Option<Instant>,
    /// The latest failure that was tolerated.
    pub latest: Option<Error>,
}

impl Outage {
    pub fn new(patience: Duration) -> Self {
        Self { patience, reached: false, known: false, since: None, ledger: None, latest: None }
    }

    /// Notes a successful answer of the API.
    pub fn answered(&mut self) {
        self.reached = true;
        self.since = None;
        self.latest = None;
    }

    pub fn ledger_works(&mut self) {
        self.ledger = None;
    }

    /// Notes a failure. Returns it if the wait is to end with it, because it is not to be `borne`,
    /// is not temporary, or has lasted too long.
    pub fn note(&mut self, error: Error, now: Instant, borne: bool) -> Option<Error> {
        if !borne {
            return Some(error);
        }
        if error.is(ErrorKind::Ledger) {
            return self.note_ledger(error, now).err();
        }
        let status = error.call().and_then(|call| call.status);
        let passing = match error.kind() {
            ErrorKind::Connection | ErrorKind::Timeout => true,
            ErrorKind::RateLimit => {
                self.reached = true;
                true
            }
            // An unreadable answer with a status of 200 or 300 would be the same again.
            ErrorKind::Server => status.is_none_or(|status| status >= 408),
            _ => false,
        };
        let since = *self.since.get_or_insert(now);
        let expected = self.reached || self.known;
        if passing && expected && now.duration_since(since) < self.patience {
            self.latest = Some(error);
            return None;
        }
        Some(error)
    }

    /// Notes a failure of the ledger.
    ///
    /// # Errors
    /// The same error, if it is not temporary or has lasted too long.
    pub fn note_ledger(&mut self, error: Error, now: Instant) -> Result<()> {
        let since = *self.ledger.get_or_insert(now);
        if error.facts().passing && now.duration_since(since) < self.patience {
            self.latest = Some(error);
            return Ok(());
        }
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::CallContext;

    fn refused() -> Error {
        Error::new(ErrorKind::Connection, "no connection")
    }

    fn outage() -> Outage {
        Outage::new(Duration::from_secs(300))
    }

    #[test]
    fn an_outage_is_borne_for_five_minutes_from_its_first_failure() {
        let mut outage = outage();
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        outage.answered();
        assert!(outage.note(refused(), at(1_000), true).is_none());
        assert!(outage.note(refused(), at(1_299), true).is_none());
        assert!(outage.note(refused(), at(1_300), true).is_some());
        outage.answered();
        assert!(outage.note(refused(), at(1_302), true).is_none());
        assert!(outage.note(refused(), at(1_302), false).is_some(), "a poll bears nothing");
    }

    #[test]
    fn an_api_that_never_answered_and_an_answer_without_sense_end_a_wait_at_once() {
        let now = Instant::now();
        assert!(outage().note(refused(), now, true).is_some());
        let mut outage = outage();
        outage.answered();
        let call = CallContext { status: Some(200), ..Default::default() };
        let said = Error::new(ErrorKind::Server, "the API says that it failed").with_call(call);
        assert!(outage.note(said, now, true).is_some());
    }

    #[test]
    fn an_api_that_accepted_a_run_before_is_waited_for() {
        let failed = |status| {
            let call = CallContext { status: Some(status), ..Default::default() };
            Error::new(ErrorKind::Server, "the API failed").with_call(call)
        };
        let begun = Instant::now();
        let passing = [refused(), Error::new(ErrorKind::Timeout, "no full answer")];
        for error in passing.into_iter().chain([408, 500, 502, 503, 520].map(failed)) {
            let mut outage = Outage { known: true, ..outage() };
            assert!(outage.note(error.clone(), begun, true).is_none(), "{error}");
            let late = begun + Duration::from_secs(300);
            assert!(outage.note(error.clone(), late, true).is_some(), "{error}");
        }
        for kind in [ErrorKind::Validation, ErrorKind::Authentication, ErrorKind::Config] {
            let mut outage = Outage { known: true, ..outage() };
            assert!(outage.note(Error::new(kind, "no"), begun, true).is_some(), "{kind:?}");
        }
    }

    #[test]
    fn a_429_for_ever_ends_a_wait() {
        let mut outage = outage();
        let begun = Instant::now();
        let slow_down = || Error::new(ErrorKind::RateLimit, "over the rate limit");
        assert!(outage.note(slow_down(), begun, true).is_none(), "it is an answer");
        assert!(outage.note(slow_down(), begun + Duration::from_secs(300), true).is_some());
    }

    #[test]
    fn a_locked_ledger_is_borne_and_a_damaged_one_is_not() {
        let mut outage = outage();
        let now = Instant::now();
        let locked = || Error::ledger("locked").that_passes(true);
        assert!(outage.note_ledger(locked(), now).is_ok());
        assert!(outage.note_ledger(locked(), now + Duration::from_secs(300)).is_err());
        outage.ledger_works();
        assert!(outage.note_ledger(locked(), now + Duration::from_secs(301)).is_ok());
        assert!(outage.note_ledger(Error::ledger("damaged"), now).is_err());
    }
}
