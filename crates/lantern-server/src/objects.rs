//! Where results lie: files in a folder, served by a real S3 protocol endpoint.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use rand::RngExt;
use s3s::{
    Body, HttpError, S3Result,
    access::{S3Access, S3AccessContext},
    auth::SimpleAuth,
    path::S3Path,
    s3_error,
    service::{S3Service, S3ServiceBuilder},
};
use uuid::Uuid;

use super::{
    faults::{Fault, Faults},
    listen::Connection,
};
use lantern::{
    api::agents::BatchKind,
    error::{Error, Result},
};

pub(super) const BUCKET: &str = "lantern-results";
pub(super) const REGION: &str = "us-east-1";

/// The key pair of the S3 endpoint.
#[derive(Clone)]
pub(super) struct KeyPair {
    pub access_key: String,
    pub secret_key: String,
}

/// A new access key, in the form that S3 clients know.
pub(super) fn new_access_key() -> String {
    format!("LANTERN{}", random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 13))
}

pub(super) fn new_secret_key() -> String {
    random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40)
}

fn random(letters: &[u8], count: usize) -> String {
    let mut rng = rand::rng();
    (0..count).map(|_| char::from(letters[rng.random_range(0..letters.len())])).collect()
}

/// The result files of one tenant.
#[derive(Clone)]
pub(super) struct Objects {
    root: PathBuf,
    tenant: i64,
}

impl Objects {
    pub fn open(root: &Path, tenant: i64) -> io::Result<Self> {
        std::fs::create_dir_all(root.join(BUCKET))?;
        Ok(Self { root: root.to_owned(), tenant })
    }

    fn key(&self, kind: BatchKind, run_id: Uuid, file: &str) -> String {
        format!("{}/{kind}/{run_id}/{file}", self.tenant)
    }

    /// The `s3://` addresses of a run's result and credit report.
    pub fn addresses(&self, kind: BatchKind, run_id: Uuid) -> (String, String) {
        let address = |file| format!("s3://{BUCKET}/{}", self.key(kind, run_id, file));
        (address("results.csv"), address("credits.csv"))
    }

    /// Writes both files of a run. A reader sees each whole or not at all.
    pub fn write(
        &self,
        kind: BatchKind,
        run_id: Uuid,
        results: &[u8],
        credits: &[u8],
    ) -> io::Result<()> {
        for (file, content) in [("results.csv", results), ("credits.csv", credits)] {
            let path = self.root.join(BUCKET).join(self.key(kind, run_id, file));
            let folder = path.parent().unwrap_or(&self.root);
            std::fs::create_dir_all(folder)?;
            let mut unfinished =
                tempfile::Builder::new().prefix(".unfinished-").tempfile_in(&self.root)?;
            unfinished.write_all(content)?;
            unfinished.persist(&path).map_err(|error| error.error)?;
        }
        Ok(())
    }

    /// The S3 protocol over these files, for callers that sign with `keys`.
    pub fn service(&self, keys: &KeyPair) -> Result<S3Service> {
        let files = s3s_fs::FileSystem::new(&self.root).map_err(|error| {
            Error::local(format!("{} cannot be served: {error:?}", self.root.display()))
        })?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(&keys.access_key, keys.secret_key.as_str()));
        builder.set_access(Buckets(self.root.clone()));
        Ok(builder.build())
    }
}

/// The buckets that there are; a file system would make a folder for any other.
struct Buckets(PathBuf);

#[async_trait::async_trait]
impl S3Access for Buckets {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Signature is required"));
        }
        match context.s3_path() {
            S3Path::Object { bucket, .. } if !self.0.join(&**bucket).is_dir() => {
                Err(s3_error!(NoSuchBucket))
            }
            _ => Ok(()),
        }
    }
}

/// Answers one S3 request, with the faults that meet it.
pub(super) async fn answer(
    service: S3Service,
    faults: Arc<Faults>,
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
    let response = hyper::service::Service::call(&service, request).await?;
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

/// An answer with a part of its body, as a shorter object would be answered.
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

/// Where to cut a file: after so many bytes, or in the middle and then inside a line, since a file
/// that ends with a whole line could be a shorter result.
pub(super) fn cut(file: &[u8], bytes: Option<u64>) -> usize {
    let wanted = bytes.map_or(file.len() / 2, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    let mut at = wanted.min(file.len());
    while bytes.is_none() && at > 0 && file[at - 1] == b'\n' {
        at -= 1;
    }
    at
}
