//! One attempt at a call, and whether its request may have reached the API.

use std::{
    error::Error as StdError,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

use super::{
    answer::{Answer, named_run},
    limit::now,
};
use crate::error::Advice;

/// How an attempt ended.
#[derive(Debug)]
pub enum Outcome {
    /// No byte of the request left: repeating it is safe.
    NotSent(Failure),
    /// An answer came, whatever it says.
    Answered(Answer),
    /// The request may have arrived, and no full answer came.
    InDoubt(Failure),
}

/// Why no answer came.
#[derive(Debug)]
pub struct Failure {
    /// In words, without the URL and its query.
    pub reason: String,
    /// What to do about it, for a call that may be repeated.
    pub advice: Advice,
    /// The time ran out.
    pub timeout: bool,
    /// Trying again may help; it does not help against a certificate that is not trusted.
    pub passing: bool,
    /// The run that was named in the part of an answer that came.
    pub run_id: Option<String>,
    /// What the HTTP client says, without the URL.
    pub source: Option<reqwest::Error>,
}

/// Whether a request has begun to leave, decided once: by the connection that takes its body, or
/// by the caller who gives up. Whoever comes second finds it decided.
#[derive(Clone)]
struct Departure {
    state: Arc<AtomicU8>,
    /// Microseconds since 1970; it does not leave later.
    by: i64,
}

const WAITING: u8 = 0;
const LEFT: u8 = 1;
const CALLED_OFF: u8 = 2;

impl Departure {
    fn new(by: i64) -> Self {
        Self { state: Arc::new(AtomicU8::new(WAITING)), by }
    }

    fn decide(&self, now: u8) -> bool {
        match self.state.compare_exchange(WAITING, now, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => true,
            Err(decided) => decided == now,
        }
    }

    /// The body is about to be written; false if the caller has given up, or it is too late.
    fn leave(&self) -> bool {
        if self.is_late() {
            return !self.call_off();
        }
        self.decide(LEFT)
    }

    fn is_late(&self) -> bool {
        now() > self.by
    }

    /// The caller gives up; false if the body may have been written.
    fn call_off(&self) -> bool {
        self.decide(CALLED_OFF)
    }
}

/// The connection took a request that its caller had given up.
#[derive(Debug, thiserror::Error)]
#[error("the call was given up before it was sent")]
struct CalledOff;

/// A request body that notes when the connection began to take it.
struct WatchedBody {
    bytes: Option<Bytes>,
    departure: Departure,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = CalledOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CalledOff>>> {
        if !self.departure.leave() {
            return Poll::Ready(Some(Err(CalledOff)));
        }
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// Sends `request` (with `body`, if there is one) and reads the whole answer within `limit`.
///
/// Hyper polls a body only on a connection that stands, when it writes the request to it. A
/// request whose body was never polled has not left (its head may have, which no server can work on);
/// one whose body was may have arrived, whatever the error says. A body that is first polled after the
/// caller gave up (the two race at a timeout) or after `by` (microseconds since 1970) breaks the
/// request off.
pub async fn attempt(
    mut request: reqwest::RequestBuilder,
    body: Option<Bytes>,
    limit: Duration,
    by: i64,
) -> Outcome {
    let departure = Departure::new(by);
    let bodyless = body.is_none();
    match body {
        Some(bytes) => {
            let body = WatchedBody { bytes: Some(bytes), departure: departure.clone() };
            request = request.body(reqwest::Body::wrap(body));
        }
        // A request without a body leaves no such trace; it counts as sent.
        None => {
            departure.leave();
        }
    }
    // Kept outside of the exchange, so that what came is known when it breaks off.
    let mut came = BytesMut::new();
    let exchange = async {
        let mut response = request.send().await?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        while let Some(chunk) = response.chunk().await? {
            came.extend_from_slice(&chunk);
        }
        Ok::<_, reqwest::Error>((status, headers))
    };
    let (mut failure, unconnected) = match tokio::time::timeout(limit, exchange).await {
        Ok(Ok((status, headers))) => {
            return Outcome::Answered(Answer { status, headers, body: came.freeze() });
        }
        Ok(Err(error)) => {
            let unconnected = error.is_connect() || error.is_builder();
            (explain(error), unconnected)
        }
        Err(_) => {
            let seconds = (limit.as_secs_f64() * 1e3).round() / 1e3;
            let reason = format!("no full answer within {seconds} s");
            let advice = Advice::RaiseTimeouts;
            let failure = Failure {
                reason,
                advice,
                timeout: true,
                passing: true,
                run_id: None,
                source: None,
            };
            (failure, false)
        }
    };
    failure.run_id = named_run(&came);
    if !(departure.call_off() || bodyless && unconnected) {
        return Outcome::InDoubt(failure);
    }
    if departure.is_late() {
        failure.reason = format!("its time to be sent had passed ({})", failure.reason);
        failure.advice = Advice::text("try again");
        failure.passing = false;
    }
    Outcome::NotSent(failure)
}

/// Whether the server's certificate was refused.
fn distrusts(error: &(dyn StdError + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(tls, rustls::Error::InvalidCertificate(_));
    }
    // An I/O error does not name the error that it holds as its source.
    let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    let held: Option<&(dyn StdError + 'static)> = match held {
        Some(held) => Some(held),
        None => error.source(),
    };
    held.is_some_and(distrusts)
}

fn explain(error: reqwest::Error) -> Failure {
    // The innermost cause says most: "Connection refused", "certificate expired".
    let mut cause: &dyn StdError = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let cause = cause.to_string();
    let certificate = distrusts(&error);
    let timeout = error.is_timeout();
    let reason = if error.is_builder() {
        format!("the request cannot be made ({cause})")
    } else if error.is_connect() && timeout {
        "no connection within the connect timeout".to_owned()
    } else if certificate {
        format!("the server's certificate is not trusted ({cause})")
    } else if error.is_connect() {
        format!("no connection ({cause})")
    } else if timeout {
        "the answer stopped within the read timeout".to_owned()
    } else {
        format!("the connection broke ({cause})")
    };
    let advice = match (certificate, timeout) {
        (true, _) => Advice::PassCaBundle,
        (false, true) => Advice::RaiseTimeouts,
        (false, false) => Advice::CheckNetwork,
    };
    let passing = !certificate && !error.is_builder();
    let source = Some(error.without_url());
    Failure { reason, advice, timeout, passing, run_id: None, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_leaves_or_is_called_off_and_never_both() {
        let departure = Departure::new(i64::MAX);
        assert!(departure.leave() && departure.leave() && !departure.call_off());
        let departure = Departure::new(i64::MAX);
        assert!(departure.call_off() && !departure.leave());
    }

    #[test]
    fn a_request_does_not_leave_after_its_time() {
        let late = Departure::new(now() - 1);
        assert!(!late.leave() && late.call_off());
        // One that has begun to leave goes on.
        let begun = Departure { state: Arc::new(AtomicU8::new(LEFT)), by: now() - 1 };
        assert!(begun.leave() && !begun.call_off());
    }

    #[test]
    fn a_body_that_is_taken_after_the_caller_gave_up_breaks_the_request_off() {
        let departure = Departure::new(i64::MAX);
        let mut body =
            WatchedBody { bytes: Some(Bytes::from_static(b"{}")), departure: departure.clone() };
        assert!(departure.call_off());
        let mut context = Context::from_waker(std::task::Waker::noop());
        let polled = Pin::new(&mut body).poll_frame(&mut context);
        assert!(matches!(polled, Poll::Ready(Some(Err(CalledOff)))));
    }
}
