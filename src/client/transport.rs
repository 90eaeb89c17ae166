//! One attempt at a call, and whether its request may have reached the API.

use std::{
    convert::Infallible,
    error::Error as StdError,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body::{Body, Frame, SizeHint};

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
    /// The time ran out.
    pub timeout: bool,
    /// Trying again may help: not so for a certificate that is not trusted.
    pub passing: bool,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A request body that notes when the connection began to take it.
struct WatchedBody {
    bytes: Option<Bytes>,
    sent: Arc<AtomicBool>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.sent.store(true, Ordering::SeqCst);
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
/// request whose body was never polled has not left; one whose body was may have arrived.
pub async fn attempt(
    mut request: reqwest::RequestBuilder,
    body: Option<Bytes>,
    limit: Duration,
) -> Outcome {
    // A request without a body leaves no such trace; it counts as sent once a connection stands.
    let sent = Arc::new(AtomicBool::new(body.is_none()));
    if let Some(bytes) = body {
        request = request
            .body(reqwest::Body::wrap(WatchedBody { bytes: Some(bytes), sent: sent.clone() }));
    }
    let exchange = async {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: response.bytes().await? })
    };
    let failure = match tokio::time::timeout(limit, exchange).await {
        Ok(Ok(answer)) => return Outcome::Answered(answer),
        Ok(Err(error)) => (explain(&error), error.is_connect() || error.is_builder()),
        Err(_) => (
            Failure {
                reason: format!("no full answer within {:.0} s", limit.as_secs_f64()),
                timeout: true,
                passing: true,
            },
            false,
        ),
    };
    match failure {
        (failure, true) => Outcome::NotSent(failure),
        (failure, false) if !sent.load(Ordering::SeqCst) => Outcome::NotSent(failure),
        (failure, false) => Outcome::InDoubt(failure),
    }
}

fn explain(error: &reqwest::Error) -> Failure {
    // The innermost cause is the one that tells: "Connection refused", "certificate expired".
    let mut cause: &dyn StdError = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let cause = cause.to_string();
    let certificate = cause.contains("certificate") || cause.contains("UnknownIssuer");
    let reason = if error.is_builder() {
        format!("the request cannot be made ({cause})")
    } else if error.is_connect() && error.is_timeout() {
        "no connection within the connect timeout".to_owned()
    } else if certificate {
        format!(
            "the server's certificate is not trusted ({cause}); pass ca_bundle= if it is your own"
        )
    } else if error.is_connect() {
        format!("no connection ({cause})")
    } else if error.is_timeout() {
        "the answer stopped coming within the read timeout".to_owned()
    } else {
        format!("the connection broke ({cause})")
    };
    Failure { reason, timeout: error.is_timeout(), passing: !certificate && !error.is_builder() }
}
