//! An API on loopback that answers as a test wants, possibly not at all, and records what it was
//! asked.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

use axum::{
    body::Body,
    extract::Request,
    http::{Method, StatusCode},
    response::Response,
};

/// The path of a batch.
pub const BATCHES: &str = "/v1/agents/email";

/// One call that arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: Method,
    pub path: String,
    pub body: bytes::Bytes,
}

type Answer = Pin<Box<dyn Future<Output = Response> + Send>>;

/// The API; see the module.
pub struct OddApi {
    pub url: String,
    asked: Arc<Mutex<Vec<Received>>>,
}

impl OddApi {
    /// `answer` gets each call, and the number of earlier ones with the same method and path.
    pub async fn start<F: Future<Output = Response> + Send + 'static>(
        answer: impl Fn(Received, usize) -> F + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (kept, answer) = (asked.clone(), Arc::new(answer));
        let app = axum::Router::new().fallback(move |request: Request| {
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let (kept, answer) = (kept.clone(), answer.clone());
            let answer: Answer = Box::pin(async move {
                // A call has arrived once its body has.
                let body = axum::body::to_bytes(request.into_body(), 1 << 20).await;
                let call = Received { method, path, body: body.unwrap_or_default() };
                let before = {
                    let mut kept = kept.lock().unwrap();
                    kept.push(call.clone());
                    let same = |asked: &&Received| {
                        (&asked.method, &asked.path) == (&call.method, &call.path)
                    };
                    kept.iter().filter(same).count() - 1
                };
                answer(call, before).await
            });
            answer
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, asked }
    }

    /// The calls whose path begins with `path`.
    pub fn asked(&self, path: &str) -> Vec<Received> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.path.starts_with(path)).cloned().collect()
    }
}

/// An answer with a JSON body.
pub fn json(status: u16, body: &str) -> Response {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// An answer that never arrives.
pub async fn never() -> Response {
    std::future::pending().await
}

/// The head of an answer, followed by single bytes without end.
pub fn drips() -> Response {
    let bytes = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        Some((Ok::<_, std::io::Error>(bytes::Bytes::from_static(b" ")), ()))
    });
    Response::new(Body::from_stream(bytes))
}

/// The id of run `number`.
pub fn run_id(number: usize) -> String {
    format!("7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0a{number:02}")
}

/// The answer that accepts a batch as run `number`, whose files are served by this API.
pub fn accepted(url: &str, number: usize) -> Response {
    let run = run_id(number);
    json(200, &format!(r#"{{"run_id": "{run}", "result_path": "{url}/files/{run}.csv"}}"#))
}

/// The answer with the status of a run.
pub fn status(path: &str, word: &str) -> Response {
    let run = path.split('/').nth_back(1).unwrap_or_default();
    json(200, &format!(r#"{{"run_id": "{run}", "status": "{word}"}}"#))
}
