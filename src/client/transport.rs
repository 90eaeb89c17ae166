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
use http::StatusCode;
use http_body::{Body, Frame, SizeHint};

use super::{
    answer::{Answer, named_run},
    proxy, tls,
};
use crate::{
    error::Advice,
    process::{clock::now, exit_deadline},
};

/// How an attempt ended.
#[derive(Debug)]
pub enum Outcome {
    /// No byte of the request was sent, so a retry is safe.
    NotSent(Failure),
    /// An answer was received, whatever it says.
    Answered(Answer),
    /// The request may have arrived, but no complete answer was received.
    InDoubt(Failure),
}

/// Why no answer was received.
#[derive(Debug)]
pub struct Failure {
    /// The reason in words, without the URL and its query.
    pub reason: String,
    /// What to do about it, for a call that may be repeated.
    pub advice: Advice,
    /// Whether the time limit was exceeded.
    pub timeout: bool,
    /// Whether a retry may help; it does not help if, for example, a certificate is not trusted.
    pub passing: bool,
    /// Whether a proxy refused to let the call through.
    pub by_proxy: bool,
    /// Whether a proxy refused to open a connection to the API, with a status that is not known yet.
    pub tunnel_refused: bool,
    /// The run that is named in the part of the answer that was received.
    pub run_id: Option<String>,
    /// The part of the answer that was received before the connection broke.
    pub came: Bytes,
    /// The error of the HTTP client, without the URL.
    pub source: Option<reqwest::Error>,
}

impl Failure {
    /// Adds the status with which the proxy refused to open a connection to the API.
    #[must_use]
    pub fn refused_with(mut self, status: StatusCode, proxy: Option<&str>) -> Self {
        let through = proxy::through(proxy);
        self.reason = format!("no connection{through}, which answered {status} to CONNECT");
        self.advice = proxy::opening(status);
        self.passing = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        self.by_proxy = !self.passing;
        self
    }
}

/// Whether a request has begun to leave. It is decided exactly once: by the connection when it
/// takes the body, or by the caller when it gives up. Whichever comes second finds it decided.
#[derive(Clone)]
struct Departure {
    state: Arc<AtomicU8>,
    /// Latest time at which the request may leave, in microseconds since 1970.
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

    /// Called when the body is about to be written. Returns false if the caller has given up, or it
    /// is too late.
    fn leave(&self) -> bool {
        if self.is_late() {
            return !self.call_off();
        }
        self.decide(LEFT)
    }

    fn is_late(&self) -> bool {
        now() > self.by
    }

    /// Called when the caller gives up. Returns false if the body may have been written.
    fn call_off(&self) -> bool {
        self.decide(CALLED_OFF)
    }
}

/// The error of a body whose caller has given up before the connection took it.
#[derive(Debug, thiserror::Error)]
#[error("the call was given up before it was sent")]
struct CalledOff;

/// A request body that records when the connection begins to take it.
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

/// Limits of an attempt.
#[derive(Debug, Clone, Copy)]
pub struct Bounds<'a> {
    /// Maximum duration of the whole attempt.
    pub limit: Duration,
    /// Latest time at which the request may begin to leave, in microseconds since 1970.
    pub by: i64,
    /// Maximum size of an answer in bytes after decompression; a longer one is cut.
    pub most: usize,
    /// The proxy in use, without its credentials.
    pub proxy: Option<&'a str>,
}

/// Maximum size of an answer that reports an error, in bytes.
const LARGEST_ERROR: usize = 1 << 20;

/// Sends `request` (with `body`, if there is one) and reads the whole answer.
///
/// Hyper polls a body only when it writes the request to an established connection. So a request
/// whose body was never polled has not left (its head may have, but no server can act on it), and
/// one whose body was polled may have arrived, whatever the error says. If the body is first polled
/// after the caller gave up (the two race at a timeout) or after [`Bounds::by`], it breaks the
/// request off. Over HTTP/2 a server can say that it has not processed a request, which then counts
/// as not sent, unless the server had begun to answer.
pub async fn attempt(
    mut request: reqwest::RequestBuilder,
    body: Option<Bytes>,
    Bounds { limit, by, most, proxy }: Bounds<'_>,
) -> Outcome {
    let departure = Departure::new(by);
    let bodyless = body.is_none();
    match body {
        Some(bytes) => {
            let body = WatchedBody { bytes: Some(bytes), departure: departure.clone() };
            request = request.body(reqwest::Body::wrap(body));
        }
        // A request without a body leaves no trace of when it was written, so it counts as sent.
        None => {
            departure.leave();
        }
    }
    // Declared outside of the exchange, so that they are available after a failure: the part of the
    // answer that was received, and whether its head was.
    let (mut came, mut begun) = (BytesMut::new(), false);
    let exchange = async {
        let mut response = request.send().await?;
        begun = true;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let most = if status.is_success() { most } else { most.min(LARGEST_ERROR) };
        while let Some(chunk) = response.chunk().await? {
            let room = most - came.len();
            came.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                return Ok((status, headers, true));
            }
        }
        Ok::<_, reqwest::Error>((status, headers, false))
    };
    let exchange = async {
        tokio::select! {
            biased;
            done = tokio::time::timeout(limit, exchange) => Some(done),
            () = exit_deadline::given_up() => None,
        }
    };
    let (mut failure, unworked) = match exchange.await {
        None => (without_answer("no answer before this process ended".to_owned(), false), false),
        Some(done) => match done {
            Ok(Ok((status, headers, cut))) => {
                return Outcome::Answered(Answer { status, headers, body: came.freeze(), cut });
            }
            Ok(Err(error)) => {
                let unworked = if bodyless && (error.is_connect() || error.is_builder()) {
                    true
                } else {
                    // A server that has begun to answer has processed the request.
                    !begun && is_unworked(&error)
                };
                (explain(error, proxy), unworked)
            }
            Err(_) => {
                let seconds = (limit.as_secs_f64() * 1e3).round() / 1e3;
                (without_answer(format!("no full answer within {seconds} s"), true), false)
            }
        },
    };
    failure.run_id = named_run(&came);
    failure.came = came.freeze();
    if !(departure.call_off() || unworked) {
        return Outcome::InDoubt(failure);
    }
    if departure.is_late() {
        failure.reason = format!("its time to be sent had passed ({})", failure.reason);
        failure.advice = Advice::text("try again");
        failure.passing = false;
    }
    Outcome::NotSent(failure)
}

/// The failure of an answer that did not come. Retrying may help if the process `goes_on`.
fn without_answer(reason: String, goes_on: bool) -> Failure {
    Failure {
        reason,
        advice: if goes_on { Advice::RaiseTimeouts } else { Advice::text("try again") },
        timeout: true,
        passing: goes_on,
        by_proxy: false,
        tunnel_refused: false,
        run_id: None,
        came: Bytes::new(),
        source: None,
    }
}

/// Whether the server says that it has not processed a request (RFC 9113, 8.7): it refused the
/// stream, or went away and named an earlier stream as the last one that it processed.
fn is_unworked(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(http2) = error.downcast_ref::<h2::Error>() {
            // Streams up to the last one named are still answered, or end with another error.
            return http2.is_remote()
                && (http2.is_go_away() || http2.reason() == Some(h2::Reason::REFUSED_STREAM));
        }
        cause = error.source();
    }
    false
}

fn explain(error: reqwest::Error, proxy: Option<&str>) -> Failure {
    // The innermost cause is the most specific: "Connection refused", "certificate expired".
    let mut cause: &dyn StdError = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let cause = cause.to_string();
    let certificate = tls::refusal(&error);
    let timeout = error.is_timeout();
    let through = proxy::through(proxy.filter(|_| error.is_connect()));
    let by_proxy = error.is_connect() && cause.contains("proxy authorization required");
    // The HTTP client has no public type for this error.
    let tunnel_refused = error.is_connect() && cause.contains("tunnel error: unsuccessful");
    let reason = if error.is_builder() {
        format!("the request cannot be built ({cause})")
    } else if by_proxy {
        format!("no connection{through}, which requires a user name and a password (407)")
    } else if tunnel_refused {
        format!("no connection{through}, which refuses to open one to the API")
    } else if error.is_connect() && timeout {
        format!("no connection{through} within the connect timeout")
    } else if let Some((refused, _)) = &certificate {
        refused.clone()
    } else if error.is_connect() {
        format!("no connection{through} ({cause})")
    } else if timeout {
        "the answer stopped within the read timeout".to_owned()
    } else {
        format!("the connection broke ({cause})")
    };
    let passing = certificate.is_none() && !error.is_builder() && !by_proxy;
    let advice = match certificate {
        Some((_, advice)) => advice,
        None if by_proxy => proxy::credentials(),
        None if timeout => Advice::RaiseTimeouts,
        None if !through.is_empty() => {
            Advice::text("check that the proxy is running and that its address is right")
        }
        None => Advice::CheckNetwork,
    };
    let source = Some(error.without_url());
    let came = Bytes::new();
    Failure {
        reason,
        advice,
        timeout,
        passing,
        by_proxy,
        tunnel_refused,
        run_id: None,
        came,
        source,
    }
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
        // A request that has begun to leave is not called off.
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
