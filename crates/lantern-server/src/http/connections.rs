//! Connections: HTTP/1.1 and HTTP/2 without TLS on one port, with a graceful end, and with the
//! means to reset one on purpose.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long requests may still run after a stop.
const GRACE: Duration = Duration::from_secs(10);

/// The connection that a request came by; every request carries it among its extensions.
#[derive(Clone)]
pub(crate) struct Connection {
    pub peer: SocketAddr,
    reset: CancellationToken,
    closed: CancellationToken,
}

impl Connection {
    /// Resets the connection (RST, not FIN) and returns when it is gone.
    pub async fn reset(&self) {
        self.reset.cancel();
        self.closed.cancelled().await;
    }
}

/// A stream that resets its connection when it is dropped, if it is told to.
struct Stream {
    inner: TcpStream,
    reset: CancellationToken,
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.reset.is_cancelled() {
            // With a zero linger time closing discards what is unsent and sends RST.
            let _ = self.inner.set_zero_linger();
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, into)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

/// Serves connections until `stop`, then lets running requests finish, but not after `abort`.
pub(crate) async fn serve<F, A, B, E>(
    listener: TcpListener,
    answer: F,
    stop: CancellationToken,
    abort: CancellationToken,
) where
    F: Fn(Connection, Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(1024);
    let graceful = GracefulShutdown::new();
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: others must close first.
                tracing::warn!("a connection cannot be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Answers are small and wanted at once; a socket that refuses works all the same.
        let _ = stream.set_nodelay(true);
        let connection =
            Connection { peer, reset: CancellationToken::new(), closed: CancellationToken::new() };
        let (reset, closed) = (connection.reset.clone(), connection.closed.clone());
        let answer = answer.clone();
        let service =
            hyper::service::service_fn(move |request| answer(connection.clone(), request));
        let stream = TokioIo::new(Stream { inner: stream, reset: reset.clone() });
        let served = graceful.watch(builder.serve_connection(stream, service).into_owned());
        let abort = abort.clone();
        tasks.spawn(async move {
            tokio::select! {
                ended = served => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, "a connection ended: {error}");
                    }
                }
                () = reset.cancelled() => {}
                () = abort.cancelled() => {}
            }
            closed.cancel();
        });
    }
    drop(listener);
    tasks.close();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(GRACE) => abort.cancel(),
        () = abort.cancelled() => {}
    }
    tasks.wait().await;
}
