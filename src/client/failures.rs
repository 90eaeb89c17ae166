//! Errors of calls that got no usable answer, and which of them may be retried.

use std::time::Duration;

use http::{Method, StatusCode};

use super::{proxy, transport};
use crate::{
    api::Effect,
    error::{Advice, CallContext, Error, ErrorKind},
};

/// Whether a server error may be temporary; some codes say that the server will never answer this
/// call.
pub(super) fn passes(status: StatusCode) -> bool {
    status.is_server_error() && !matches!(status.as_u16(), 501 | 505 | 506 | 508 | 510 | 511)
}

/// The error for a proxy that did not let a call through, so that the API has not seen it.
pub(super) fn not_let_through(proxy: Option<&str>, call: CallContext) -> Error {
    let happened = match proxy {
        Some(proxy) => format!("the proxy {proxy} requires a user name and a password"),
        None => "a proxy on the way to the API requires a user name and a password".to_owned(),
    };
    Error::config(happened).with_call(call).advise(proxy::credentials())
}

/// How to proceed after an attempt that got no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// The call spends credits and may have arrived.
    InDoubt,
    /// Retrying does not help.
    Final,
    Again,
}

impl Unanswered {
    /// A call that spends and may have arrived is in doubt, whatever the failure was.
    pub fn of(sent: bool, passing: bool, effect: Effect) -> Self {
        match (sent && effect == Effect::SpendsCredits, passing) {
            (true, _) => Self::InDoubt,
            (false, false) => Self::Final,
            (false, true) => Self::Again,
        }
    }
}

/// The error for a call that got no answer.
pub(super) fn unreached(failure: transport::Failure, call: CallContext) -> Error {
    let kind = match (failure.by_proxy, failure.timeout) {
        (true, _) => ErrorKind::Config,
        (false, true) => ErrorKind::Timeout,
        (false, false) => ErrorKind::Connection,
    };
    let error = Error::new(kind, failure.reason)
        .with_call(CallContext { run_id: failure.run_id, ..call })
        .advise(failure.advice);
    match failure.source {
        Some(source) => error.caused_by(source),
        None => error,
    }
}

/// The error for a call that the API asked to send later than a call can wait.
pub(super) fn held_back(
    method: Method,
    path: String,
    attempts: u32,
    elapsed: Duration,
    wait: Duration,
) -> Error {
    let call = CallContext {
        method: method.to_string(),
        path,
        attempts,
        elapsed,
        ..CallContext::default()
    };
    let seconds = wait.as_secs_f64();
    Error::new(
        ErrorKind::RateLimit,
        format!("the API takes no calls of this class for another {seconds:.0} s"),
    )
    .with_call(call)
    .with_retry_after(Some(seconds))
    .advise(Advice::text("try again then"))
}

/// The error for a paid call that may have arrived; `error` is what went wrong with it. Its advice
/// is dropped, because it is meant for calls that may be retried.
pub(super) fn in_doubt(error: Error) -> Error {
    let (consumed, body) = (error.facts().consumed, error.facts().body.clone());
    let happened = format!(
        "the call may have arrived and cost credits ({}), so it is not retried automatically",
        error.happened()
    );
    let mut doubt = Error::new(ErrorKind::OutcomeUnknown, happened).with_consumed(consumed);
    if let Some(body) = body {
        doubt = doubt.with_body(body);
    }
    match error.call() {
        Some(call) => doubt.with_call(call.clone()),
        None => doubt,
    }
    .caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paid_call_that_was_written_is_in_doubt_whatever_its_error_says() {
        for passing in [true, false] {
            assert_eq!(Unanswered::of(true, passing, Effect::SpendsCredits), Unanswered::InDoubt);
        }
        assert_eq!(Unanswered::of(false, false, Effect::SpendsCredits), Unanswered::Final);
        assert_eq!(Unanswered::of(false, true, Effect::SpendsCredits), Unanswered::Again);
        assert_eq!(Unanswered::of(true, true, Effect::Read), Unanswered::Again);
        assert_eq!(Unanswered::of(true, false, Effect::Read), Unanswered::Final);
    }
}
