//! Connections: HTTP/1.1 and HTTP/2 without TLS on one port, with a graceful shutdown, deliberate
//! resets, and limits for idle and excess connections.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::FutureExt;
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

use super::{
    activity::{Activity, Open},
    connection_limits::Bounds,
};

/// How long requests may continue after a stop.
const GRACE: Duration = Duration::from_secs(10);

/// The connection that a request came by; every request carries it among its extensions.
#[derive(Clone)]
pub(crate) struct Connection {
    pub peer: SocketAddr,
    reset: CancellationToken,
    closed: CancellationToken,
}

impl Connection {
    /// Resets the connection (RST instead of FIN), and returns when it is gone.
    pub async fn reset(&self) {
        self.reset.cancel();
        self.closed.cancelled().await;
    }
}

/// A stream that resets its connection when it is dropped, if a reset was requested.
struct Stream {
    inner: TcpStream,
    activity: Arc<Activity>,
    reset: CancellationToken,
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.reset.is_cancelled() {
            // With a linger time of zero, closing discards unsent data and sends RST.
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
        let wrote = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.activity.wrote(&wrote);
        wrote
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
        let wrote = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.activity.wrote(&wrote);
        wrote
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

/// Serves connections until `stop`, and then lets requests in progress finish, but not after
/// `abort`.
pub(crate) async fn serve<F, A, B, E>(
    listener: TcpListener,
    answer: F,
    bounds: Bounds,
    stop: CancellationToken,
    abort: CancellationToken,
) where
    F: Fn(Connection, Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // By default hyper closes an idle connection after 30 s, which is earlier than clients expect.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(bounds.idle);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(1024);
    let graceful = GracefulShutdown::new();
    let tasks = TaskTracker::new();
    let open = Open::default();
    let mut reserve = Reserve::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Probably out of file descriptors, and closing an idle connection frees one.
                tracing::warn!("a connection cannot be accepted: {error}");
                reserve.turn_one_away(&listener);
                open.drop_oldest_idle(bounds);
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Answers are small and wanted immediately. It is an optimization, so a failure is ignored.
        let _ = stream.set_nodelay(true);
        let connection =
            Connection { peer, reset: CancellationToken::new(), closed: CancellationToken::new() };
        let (reset, closed) = (connection.reset.clone(), connection.closed.clone());
        let answer = answer.clone();
        if open.count() >= bounds.connections {
            open.drop_oldest_idle(bounds);
        }
        if open.count() >= bounds.most {
            tracing::warn!(%peer, "too many connections are open; a new one is closed");
            continue;
        }
        let activity = open.begin();
        let own = Arc::clone(&activity);
        let service = hyper::service::service_fn(move |request| {
            let busy = own.busy();
            let answered = answer(connection.clone(), request);
            async move {
                let _busy = busy;
                answered.await
            }
        });
        let stream = TokioIo::new(Stream {
            inner: stream,
            activity: Arc::clone(&activity),
            reset: reset.clone(),
        });
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
                () = activity.idle_too_long(bounds) => {
                    tracing::debug!(%peer, "a connection was idle for too long");
                }
                () = activity.dropped.cancelled() => {
                    tracing::debug!(%peer, "an idle connection made room for another");
                }
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

/// A spare file descriptor that is released when none is left, so that a caller can be turned away.
/// Otherwise the caller would wait for an answer, and the listener would be woken up all the time.
struct Reserve(Option<std::fs::File>);

impl Default for Reserve {
    fn default() -> Self {
        #[cfg(unix)]
        let held = std::fs::File::open("/dev/null").ok();
        #[cfg(not(unix))]
        let held = None;
        Self(held)
    }
}

impl Reserve {
    fn turn_one_away(&mut self, listener: &TcpListener) {
        if self.0.take().is_some() {
            drop(listener.accept().now_or_never());
        }
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::Full;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// Bounds that no test reaches.
    fn lasting() -> Bounds {
        Bounds {
            first_head: LONG,
            idle: LONG,
            connections: 9,
            most: 9,
            droppable_after: Duration::ZERO,
            silent_after: Duration::ZERO,
        }
    }

    /// A server that answers everything with `ok`, until the guard is dropped.
    async fn started(bounds: Bounds) -> (SocketAddr, tokio_util::sync::DropGuard) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let answer = |_, _| async {
            Ok::<_, Infallible>(Response::new(Full::new(hyper::body::Bytes::from_static(b"ok"))))
        };
        tokio::spawn(serve(listener, answer, bounds, stop.clone(), CancellationToken::new()));
        (at, stop.drop_guard())
    }

    /// Everything that is received until the server closes the connection.
    async fn rest(mut stream: TcpStream) -> String {
        let mut text = Vec::new();
        // A reset closes it, too.
        let read = tokio::time::timeout(LONG, stream.read_to_end(&mut text)).await;
        assert!(read.is_ok(), "the connection stays open");
        String::from_utf8_lossy(&text).into_owned()
    }

    async fn answered(stream: &mut TcpStream) {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut text = String::new();
        while !text.ends_with("ok") {
            let mut part = [0; 1024];
            let read = stream.read(&mut part).await.unwrap();
            assert!(read > 0, "{text}");
            text += std::str::from_utf8(&part[..read]).unwrap();
        }
    }

    #[tokio::test]
    async fn a_connection_without_a_whole_head_is_closed() {
        let bounds = Bounds { first_head: Duration::from_millis(50), ..lasting() };
        let (at, _stop) = started(bounds).await;
        for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nx: ", "PRI * HTTP/2.0\r\n"] {
            let mut stream = TcpStream::connect(at).await.unwrap();
            stream.write_all(begun.as_bytes()).await.unwrap();
            let said = rest(stream).await;
            assert!(!said.contains("200"), "{begun:?}: {said}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_was_used_is_closed_when_it_is_idle() {
        let idle = Duration::from_millis(50);
        let (at, _stop) = started(Bounds { idle, ..lasting() }).await;
        let mut stream = TcpStream::connect(at).await.unwrap();
        answered(&mut stream).await;
        assert_eq!(rest(stream).await, "");
    }

    #[tokio::test]
    async fn the_oldest_idle_connection_makes_room() {
        let bounds = Bounds { connections: 2, ..lasting() };
        let (at, _stop) = started(bounds).await;
        let mut streams = Vec::new();
        for _ in 0..3 {
            let mut stream = TcpStream::connect(at).await.unwrap();
            answered(&mut stream).await;
            streams.push(stream);
        }
        assert_eq!(rest(streams.remove(0)).await, "");
        for stream in &mut streams {
            answered(stream).await;
        }
    }

    #[tokio::test]
    async fn a_connection_whose_request_may_be_on_its_way_is_kept() {
        let bounds =
            Bounds { connections: 1, droppable_after: LONG, silent_after: LONG, ..lasting() };
        let (at, _stop) = started(bounds).await;
        let mut streams = Vec::new();
        for _ in 0..5 {
            streams.push(TcpStream::connect(at).await.unwrap());
        }
        for stream in &mut streams {
            answered(stream).await;
        }
    }

    #[tokio::test]
    async fn silent_connections_make_room_for_one_that_speaks() {
        let bounds = Bounds { connections: 3, most: 4, droppable_after: LONG, ..lasting() };
        let (at, _stop) = started(bounds).await;
        let mut silent = Vec::new();
        for _ in 0..50 {
            silent.push(TcpStream::connect(at).await.unwrap());
            let mut speaking = TcpStream::connect(at).await.unwrap();
            answered(&mut speaking).await;
        }
    }

    #[tokio::test]
    async fn a_connection_too_many_is_closed_at_once() {
        let bounds = Bounds {
            connections: 2,
            most: 2,
            droppable_after: LONG,
            silent_after: LONG,
            ..lasting()
        };
        let (at, _stop) = started(bounds).await;
        let mut kept =
            [TcpStream::connect(at).await.unwrap(), TcpStream::connect(at).await.unwrap()];
        for stream in &mut kept {
            answered(stream).await;
        }
        assert_eq!(rest(TcpStream::connect(at).await.unwrap()).await, "");
        for stream in &mut kept {
            answered(stream).await;
        }
    }

    #[tokio::test]
    async fn without_a_descriptor_left_a_caller_is_turned_away() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let waiting = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut reserve = Reserve::default();
        assert!(reserve.0.is_some());
        reserve.turn_one_away(&listener);
        assert!(reserve.0.is_some());
        assert_eq!(rest(waiting).await, "");
    }
}
