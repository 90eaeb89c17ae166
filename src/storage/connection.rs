//! Connections to stores. They differ from object_store's own in three ways: they do not follow
//! redirects to another server, which would receive the credentials and could answer in place of
//! the first; they record the region that S3 names; and of an answer that reports an error they
//! pass on only the beginning, without the secrets of the request.

use std::{
    fmt::Display,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use http::{StatusCode, header};
use object_store::{
    ClientConfigKey, ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    },
};

use super::range::ContentRange;
use crate::client::{
    http_client::with_pings,
    redaction::{self, SHORTEST},
};

/// Maximum number of redirects within one server.
const REDIRECTS: usize = 5;

/// The region of a bucket, once S3 has named another than the one that was used.
#[derive(Debug, Clone, Default)]
pub struct Region(Arc<Mutex<Option<String>>>);

impl Region {
    pub fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, region: &str) {
        if is_region(region) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(region.to_owned());
        }
    }
}

/// Whether a text can be the name of a region. The name becomes a part of a host name, so any other
/// character could lead to another server.
pub fn is_region(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.len() <= 63 && text.bytes().all(letters)
}

/// Makes the connections of one store.
#[derive(Debug, Clone, Default)]
pub struct Connector {
    pub region: Region,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = client(options)?;
        Ok(HttpClient::new(Service { client, region: self.region.clone() }))
    }
}

/// A part of a file in place of the file.
#[derive(Debug, thiserror::Error)]
#[error("the server sends a part of the file, and the whole was asked for")]
struct Unasked;

#[derive(Debug)]
struct Service {
    client: reqwest::Client,
    region: Region,
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let secrets = secrets_of(&request);
        let asks_for_part = request.headers().contains_key(header::RANGE);
        let response = HttpService::call(&self.client, request).await?;
        let region = response.headers().get("x-amz-bucket-region").and_then(|r| r.to_str().ok());
        if let (false, Some(region)) = (response.status().is_success(), region) {
            self.region.note(region);
        }
        if response.status() == StatusCode::PARTIAL_CONTENT
            && !asks_for_part
            && !ContentRange::of(response.headers()).is_some_and(|part| part.is_whole())
        {
            // Nobody who asks for a file looks for a part of it.
            return Err(HttpError::new(HttpErrorKind::Interrupted, Unasked));
        }
        if response.status().is_success() {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let mut words = Bytes::from(beginning(body.bytes_stream()).await);
        for secret in &secrets {
            words = redaction::without(words, secret);
        }
        // object_store parses the body as text.
        let text = String::from_utf8_lossy(&words).into_owned();
        Ok(HttpResponse::from_parts(head, text.into()))
    }
}

/// The parts of a request that grant access: the token of a session, the signature, and the query
/// of a signed URL. The secret key itself is never sent.
fn secrets_of(request: &HttpRequest) -> Vec<String> {
    let header = |name: &str| request.headers().get(name)?.to_str().ok();
    let token = header("x-amz-security-token");
    let authorization = header(header::AUTHORIZATION.as_str()).map(|value| {
        value.rsplit_once("Signature=").or_else(|| value.split_once(' ')).map_or(value, |two| two.1)
    });
    let query = request.uri().query().unwrap_or_default();
    let written = query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1));
    let read = url::form_urlencoded::parse(query.as_bytes()).map(|(_, value)| value.into_owned());
    let mut secrets: Vec<String> = token
        .into_iter()
        .chain(authorization)
        .chain(written)
        .map(str::to_owned)
        .chain(read)
        .collect();
    secrets.retain(|secret| secret.len() >= SHORTEST);
    // The longest first, because one may be a part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

/// The beginning of an error's body, which may be endless or cut off.
async fn beginning<E>(
    mut body: impl futures_util::Stream<Item = Result<Bytes, E>> + Unpin,
) -> Vec<u8> {
    const MOST: usize = 64 << 10;
    let mut words = Vec::new();
    while let Some(Ok(chunk)) = body.next().await {
        words.extend_from_slice(&chunk[..chunk.len().min(MOST - words.len())]);
        if words.len() == MOST {
            break;
        }
    }
    words
}

/// A client with the settings of object_store.
fn client(options: &ClientOptions) -> object_store::Result<reqwest::Client> {
    use ClientConfigKey as Key;
    let text = |key: Key| options.get_config_value(&key);
    let flag = |key: Key| text(key).is_some_and(|value| value == "true");
    let mut builder = with_pings(reqwest::Client::builder())
        .redirect(reqwest::redirect::Policy::custom(|attempt| {
            let before = attempt.previous();
            let within = before.last().is_some_and(|from| from.origin() == attempt.url().origin());
            // A redirect to another server is returned as the answer, and becomes an error.
            if within && before.len() <= REDIRECTS { attempt.follow() } else { attempt.stop() }
        }))
        // With compression the length of the body would not be that of the file.
        .no_gzip()
        .https_only(!flag(Key::AllowHttp));
    if let Some(agent) = text(Key::UserAgent) {
        builder = builder.user_agent(agent);
    }
    if let Some(url) = text(Key::ProxyUrl) {
        let mut proxy = reqwest::Proxy::all(url).map_err(invalid)?;
        if let Some(certificate) = text(Key::ProxyCaCertificate) {
            let certificate =
                reqwest::Certificate::from_pem(certificate.as_bytes()).map_err(invalid)?;
            builder = builder.add_root_certificate(certificate);
        }
        if let Some(excludes) = text(Key::ProxyExcludes) {
            proxy = proxy.no_proxy(reqwest::NoProxy::from_string(&excludes));
        }
        builder = builder.proxy(proxy);
    }
    if let Some(time) = duration(text(Key::Timeout))? {
        builder = builder.timeout(time);
    }
    if let Some(time) = duration(text(Key::ConnectTimeout))? {
        builder = builder.connect_timeout(time);
    }
    if let Some(time) = duration(text(Key::ReadTimeout))? {
        builder = builder.read_timeout(time);
    }
    if let Some(time) = duration(text(Key::PoolIdleTimeout))? {
        builder = builder.pool_idle_timeout(time);
    }
    if let Some(most) = number(text(Key::PoolMaxIdlePerHost))? {
        builder = builder.pool_max_idle_per_host(most);
    }
    if let Some(time) = duration(text(Key::Http2KeepAliveInterval))? {
        builder = builder.http2_keep_alive_interval(time);
    }
    if let Some(time) = duration(text(Key::Http2KeepAliveTimeout))? {
        builder = builder.http2_keep_alive_timeout(time);
    }
    if flag(Key::Http2KeepAliveWhileIdle) {
        builder = builder.http2_keep_alive_while_idle(true);
    }
    if let Some(size) = number(text(Key::Http2MaxFrameSize))? {
        builder = builder.http2_max_frame_size(Some(size));
    }
    if flag(Key::Http1Only) {
        builder = builder.http1_only();
    }
    if flag(Key::Http2Only) {
        builder = builder.http2_prior_knowledge();
    }
    if flag(Key::NoSystemCertificates) {
        builder = builder.tls_certs_only([]);
    }
    if flag(Key::AllowInvalidCertificates) {
        builder = builder.danger_accept_invalid_certs(true);
    }
    builder.build().map_err(invalid)
}

fn duration(text: Option<String>) -> object_store::Result<Option<Duration>> {
    text.map(|text| humantime::parse_duration(&text)).transpose().map_err(invalid)
}

fn number<T: FromStr<Err: Display + Into<Box<dyn std::error::Error + Send + Sync>>>>(
    text: Option<String>,
) -> object_store::Result<Option<T>> {
    text.map(|text| text.parse()).transpose().map_err(invalid)
}

fn invalid(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> object_store::Error {
    object_store::Error::Generic { store: "HTTP", source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_leads_to_no_other_server() {
        assert!(is_region("eu-west-1") && is_region("auto"));
        for text in ["", "evil.example/#", "a@b", "a.b", "a:1", "é", &"a".repeat(64)] {
            assert!(!is_region(text), "{text}");
        }
    }
}
