//! Serves the files of runs by the S3 protocol.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use s3s::{
    Body, HttpError, S3Result,
    access::{S3Access, S3AccessContext},
    auth::SimpleAuth,
    path::S3Path,
    s3_error,
    service::{S3Service, S3ServiceBuilder},
};

use super::connections::Connection;
use crate::{
    batches::files::cut,
    faults::{Fault, Faults},
};
use lantern::error::{Error, Result};

pub(crate) const REGION: &str = "us-east-1";

/// The key pair of the S3 endpoint.
#[derive(Clone)]
pub(crate) struct KeyPair {
    pub access_key: String,
    pub secret_key: String,
}

/// The S3 protocol for the buckets in `root`, for callers that sign with `keys`.
pub(crate) fn service(root: &Path, keys: &KeyPair) -> Result<S3Service> {
    let files = s3s_fs::FileSystem::new(root)
        .map_err(|error| Error::local(format!("{} cannot be served: {error:?}", root.display())))?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(&keys.access_key, keys.secret_key.as_str()));
    builder.set_access(Buckets(root.to_owned()));
    Ok(builder.build())
}

/// The existing buckets; the file system behind them would create a folder for any other name.
struct Buckets(PathBuf);

#[async_trait::async_trait]
impl S3Access for Buckets {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Signature is required"));
        }
        if expires_in(context.uri().query()).is_some_and(|seconds| seconds > MAX_EXPIRES_IN) {
            return Err(s3_error!(
                AuthorizationQueryParametersError,
                "X-Amz-Expires is at most 604800 seconds (7 days); sign the URL for less"
            ));
        }
        match context.s3_path() {
            S3Path::Object { bucket, .. } if !self.0.join(&**bucket).is_dir() => {
                Err(s3_error!(NoSuchBucket))
            }
            S3Path::Object { key, .. } if !stays_in_bucket(key) => Err(s3_error!(
                InvalidArgument,
                "A key must not begin with / and must not have . or .. between its slashes"
            )),
            S3Path::Object { bucket, key } if is_no_file(&self.0.join(&**bucket).join(&**key)) => {
                Err(s3_error!(NoSuchKey))
            }
            _ => Ok(()),
        }
    }
}

/// Maximum validity of a presigned URL in seconds, as at AWS.
const MAX_EXPIRES_IN: u64 = 7 * 24 * 3600;

/// Validity of a presigned URL in seconds.
fn expires_in(query: Option<&str>) -> Option<u64> {
    let pairs = url::form_urlencoded::parse(query?.as_bytes());
    let value = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-expires"))?.1;
    // A number with too many digits to be parsed is too large in any case.
    value.bytes().all(|digit| digit.is_ascii_digit()).then(|| value.parse().unwrap_or(u64::MAX))
}

/// Whether a key, taken as a path, stays within its bucket.
fn stays_in_bucket(key: &str) -> bool {
    !key.starts_with('/') && !key.split(['/', '\\']).any(|part| part == "." || part == "..")
}

/// Whether a path cannot be that of an object: it is a folder, leads through a file, or is not a
/// valid name.
fn is_no_file(path: &Path) -> bool {
    match path.metadata() {
        Ok(about) => !about.is_file(),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

/// Answers an S3 request, with the faults that apply to it.
pub(crate) async fn answer(
    service: S3Service,
    faults: Arc<Faults>,
    deadline: Duration,
    connection: Connection,
    request: Request<Incoming>,
) -> Result<Response<Body>, HttpError> {
    let met = faults.meet(request.method(), request.uri().path());
    if !met.delay.is_zero() {
        tokio::time::sleep(met.delay).await;
    }
    match &met.fault {
        Some(Fault::Status { code, body, retry_after }) => {
            let mut response = Response::new(Body::from(body.clone().unwrap_or_default()));
            *response.status_mut() = *code;
            if let Some(seconds) = retry_after {
                let whole = HeaderValue::from(seconds.ceil() as u64);
                response.headers_mut().insert(header::RETRY_AFTER, whole);
            }
            return Ok(response);
        }
        Some(Fault::ResetBefore) => connection.reset().await,
        _ => {}
    }
    let answered = hyper::service::Service::call(&service, request);
    let Ok(answered) = tokio::time::timeout(deadline, answered).await else {
        return Ok(too_slow());
    };
    let response = answered?;
    match met.fault {
        Some(Fault::ResetAfter) => {
            connection.reset().await;
            Ok(response)
        }
        Some(Fault::TruncateResult { bytes }) if response.status().is_success() => {
            cut_answer(response, bytes).await
        }
        _ => Ok(response),
    }
}

/// Time limit for receiving and storing a request's body.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The S3 answer if a body does not arrive in time. It closes the connection.
fn too_slow() -> Response<Body> {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>RequestTimeout</Code><Message>The \
                body of the request did not arrive in time.</Message></Error>";
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The answer with a part of its body, as for a shorter object.
async fn cut_answer(
    response: Response<Body>,
    bytes: Option<u64>,
) -> Result<Response<Body>, HttpError> {
    let (mut parts, body) = response.into_parts();
    let whole = body.collect().await.map_err(HttpError::new)?.to_bytes();
    let part = whole.slice(..cut(&whole, bytes));
    forget_length(&mut parts.headers);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(part.len()));
    parts.status = StatusCode::OK;
    Ok(Response::from_parts(parts, Body::from(part)))
}

fn forget_length(headers: &mut HeaderMap) {
    headers.remove(header::CONTENT_RANGE);
    let checksums: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-amz-checksum"))
        .cloned()
        .collect();
    for name in checksums {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
    };
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::http::{connection_limits::Bounds, connections};

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_given_up() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("bucket")).unwrap();
        // Any signature is accepted here, because only the slow body is tested.
        let files = s3s_fs::FileSystem::new(root.path()).unwrap();
        let service = S3ServiceBuilder::new(files).build();
        let answer = move |connection, request| {
            let faults = Arc::new(Faults::default());
            super::answer(service.clone(), faults, Duration::from_millis(50), connection, request)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let abort = CancellationToken::new();
        tokio::spawn(connections::serve(listener, answer, Bounds::default(), stop.clone(), abort));
        let _stop = stop.drop_guard();
        let mut stream = TcpStream::connect(at).await.unwrap();
        let head = "PUT /bucket/key HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nhalf";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        // A reset closes it, too.
        let _ = stream.read_to_end(&mut said).await;
        let said = String::from_utf8_lossy(&said);
        assert!(said.starts_with("HTTP/1.1 400") && said.contains("RequestTimeout"), "{said}");
        assert!(!root.path().join("bucket/key").exists());
    }
}
