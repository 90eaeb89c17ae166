//! Fetches a file by its exact URL.
//!
//! object_store's own HTTP store parses a URL and builds it again, which invalidates signatures,
//! and it refuses answers without a length. It also refuses S3 keys that it does not consider valid
//! paths: those that contain `//` or end with `/`.

use std::time::Instant;

use futures_util::StreamExt;
use http::{HeaderMap, StatusCode, header};
use object_store::client::{HttpClient, HttpRequest, HttpRequestBody, HttpResponse};
use url::Url;

use super::{Location, failure, options::StorageOptions, range::ContentRange, stores::Signer};
use crate::{Error, Result};

/// What is fetched, and how.
pub struct Fetch<'a> {
    pub client: HttpClient,
    pub url: Url,
    /// Signs each request, for an S3 key.
    pub signer: Option<Signer>,
    pub location: &'a Location,
    pub options: &'a StorageOptions,
}

/// An answer whose body has not been read yet.
pub struct Begun {
    response: HttpResponse,
    /// Where the body begins in the file, where that is told.
    pub from: Option<u64>,
    /// The length of the whole file, where it is told.
    pub size: Option<u64>,
    pub etag: Option<String>,
}

/// The missing part of a file.
pub struct Rest<'a> {
    pub from: u64,
    pub size: u64,
    /// The file must still have this ETag.
    pub etag: &'a str,
}

impl Begun {
    pub fn body(self) -> impl futures_util::Stream<Item = Result<bytes::Bytes, String>> + Unpin {
        self.response.into_body().bytes_stream().map(|chunk| {
            chunk.map_err(|error| {
                let mut cause: &dyn std::error::Error = &error;
                while let Some(inner) = cause.source() {
                    cause = inner;
                }
                cause.to_string()
            })
        })
    }
}

impl Fetch<'_> {
    /// Requests the file, or the rest of it; `None` if there is no such file.
    ///
    /// # Errors
    /// If the server refuses the request, fails repeatedly, or cannot be reached.
    pub async fn begin(&self, rest: Option<&Rest<'_>>) -> Result<Option<Begun>> {
        let retry = self.options.retries();
        let begun = Instant::now();
        let mut failed = 0;
        loop {
            let request = self.request(rest).await?;
            let left = self.options.time_limit().saturating_sub(begun.elapsed());
            let answered = tokio::time::timeout(left, self.client.execute(request)).await;
            let (error, passing) = match answered {
                Ok(Ok(response)) => match response.status() {
                    StatusCode::OK | StatusCode::PARTIAL_CONTENT => {
                        return Ok(Some(begun_with(response, rest.is_some())));
                    }
                    StatusCode::NOT_FOUND | StatusCode::GONE => return self.absent(response).await,
                    status => {
                        let passing = status.is_server_error()
                            || matches!(
                                status,
                                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
                            );
                        (self.refused(response).await, passing)
                    }
                },
                Ok(Err(error)) => {
                    let why = failure::innermost(&error);
                    (failure::unreached(&why, self.location, self.options), true)
                }
                Err(_) => {
                    let why = failure::silent(retry.retry_timeout);
                    (failure::unreached(&why, self.location, self.options), false)
                }
            };
            let backoff = &retry.backoff;
            let pause = backoff.init_backoff.mul_f64(backoff.base.powi(failed as i32));
            let pause = pause.min(backoff.max_backoff).mul_f64(0.5 + 0.5 * rand::random::<f64>());
            let in_time = begun.elapsed() + pause < retry.retry_timeout;
            if !passing || failed >= retry.max_retries || !in_time {
                return Err(error);
            }
            tracing::debug!(%error, pause_ms = pause.as_millis() as u64, "a file is asked for again");
            tokio::time::sleep(pause).await;
            failed += 1;
        }
    }

    async fn request(&self, rest: Option<&Rest<'_>>) -> Result<HttpRequest> {
        let unusable = |error: http::Error| {
            Error::config(format!("{} cannot be requested: {error}", self.location))
        };
        let mut request = http::Request::get(self.url.as_str());
        if let Some(Rest { from, size, etag }) = rest {
            let range = format!("bytes={from}-{}", size.saturating_sub(1));
            request = request.header(header::RANGE, range).header(header::IF_RANGE, *etag);
        }
        let mut request = request.body(HttpRequestBody::empty()).map_err(unusable)?;
        if let Some(signer) = &self.signer {
            signer
                .sign(&mut request)
                .await
                .map_err(|error| failure::translate(&error, self.location, self.options))?;
        }
        Ok(request)
    }

    async fn absent(&self, response: HttpResponse) -> Result<Option<Begun>> {
        let text = words(response).await;
        match &self.location {
            Location::S3 { .. } if text.contains("NoSuchBucket") => {
                Err(failure::no_bucket(self.location))
            }
            _ => Ok(None),
        }
    }

    async fn refused(&self, response: HttpResponse) -> Error {
        let status = response.status();
        if status.is_redirection() && !matches!(self.location, Location::S3 { .. }) {
            let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let to = to.and_then(|to| self.url.join(to).ok());
            return failure::redirected(self.location, to.as_ref());
        }
        failure::answered(status, &words(response).await, self.location, self.options)
    }
}

/// What the headers of an answer say about its body. A part that was not requested is refused
/// before.
fn begun_with(response: HttpResponse, part: bool) -> Begun {
    let text = |headers: &HeaderMap, name| {
        headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let headers = response.headers();
    let etag = text(headers, header::ETAG);
    if part && response.status() == StatusCode::PARTIAL_CONTENT {
        let told = ContentRange::of(headers);
        let (from, size) = (told.map(|part| part.first), told.and_then(|part| part.size));
        return Begun { from, size, etag, response };
    }
    let size = text(headers, header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    Begun { from: Some(0), size, etag, response }
}

/// The beginning of an error's body.
async fn words(response: HttpResponse) -> String {
    const MOST: usize = 4 << 10;
    let mut body = response.into_body().bytes_stream();
    let mut words = Vec::new();
    while let Some(Ok(chunk)) = body.next().await {
        words.extend_from_slice(&chunk);
        if words.len() > MOST {
            words.truncate(MOST);
            break;
        }
    }
    String::from_utf8_lossy(&words).into_owned()
}
