//! How any call is sent: authentication, rate limits, retries, errors, tracing.
//!
//! What is asked is defined in [`crate::api`].

pub mod answer;
pub mod config;
mod json;
pub mod key;
pub mod limit;
pub mod proxy;
pub mod rates;
pub mod redaction;
pub mod response;
pub mod retry;
pub mod spending;
pub mod tls;
pub mod transport;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use tokio::sync::OnceCell;
use tracing::Instrument;

pub use config::{ClientConfig, RateLimits, Timeouts};
pub use key::ApiKey;

use self::{
    limit::{Departures, Limiter, MemorySlots, Slots},
    proxy::Proxy,
    response::{Headers, Meaning, Reader, interpret, kept},
    retry::{Reason, RetryTokens},
    transport::{Bounds, Outcome, attempt},
};
use crate::{
    api::{Call, Effect, LimitClass, fields},
    error::{Advice, CallContext, Error, ErrorKind, Result},
    process::per_process::PerProcess,
};

/// The header that names a paid request, so that the API's support can find it. The API does not
/// promise to act on it.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A client of the API. Cloning is cheap; clones share connections and limits.
///
/// It may be used from any thread and from any Tokio runtime, and in a forked child, which gets
/// connections and limits of its own.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    config: ClientConfig,
    slots: Option<SlotsMaker>,
    live: PerProcess<Result<Live>>,
    /// The account of the key, once it is known.
    account: PerProcess<OnceCell<String>>,
}

/// Makes the store of the rate limits, anew in each process.
pub type SlotsMaker = Arc<dyn Fn() -> Arc<dyn Slots> + Send + Sync>;

/// The parts of a client that belong to one process.
struct Live {
    http: reqwest::Client,
    /// An HTTP client that keeps no idle connections, for calls that spend. On a fresh connection,
    /// a request that was not sent can be distinguished from one that may have arrived. At one
    /// batch a minute the handshake is affordable.
    fresh: reqwest::Client,
    limiter: Limiter,
    tokens: RetryTokens,
    /// The proxy of all calls, without its credentials.
    proxy: Option<String>,
    /// The proxy's password, which the proxy may quote in its answers.
    proxy_password: Option<String>,
}

/// A value with the metadata of its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<T> {
    pub value: T,
    pub request_id: Option<String>,
    pub credits_remaining: Option<f64>,
    pub attempts: u32,
    pub elapsed: Duration,
}

/// Options for a single call.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// The value of the `Idempotency-Key` header. A paid call without one gets a random one.
    pub idempotency_key: Option<String>,
    /// Fields that this version does not know, by name. Fields within objects and lists of the
    /// request are given at the same place. They need a call with a body, which every call that
    /// spends has.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Whether the caller has already taken a slot of the rate limit.
    pub slot_taken: bool,
    /// Return a 429 to the caller, which schedules the retry.
    pub no_throttle_retry: bool,
    /// Return every failure to the caller, without a retry.
    pub no_retry: bool,
    /// Latest time at which the request may begin to leave, in microseconds since 1970. It is not
    /// sent later, even if this machine was suspended in between.
    pub leave_by: Option<i64>,
}

impl Client {
    /// Creates a client with rate limits of its own.
    ///
    /// # Errors
    /// If the CA bundle or the proxy is invalid.
    pub fn new(config: ClientConfig) -> Result<Self> {
        Self::with_slots(config, None)
    }

    /// Creates a client whose rate limits are kept by the store that `slots` makes, so that
    /// processes can share them.
    ///
    /// # Errors
    /// If the CA bundle or the proxy is invalid.
    pub fn with_slots(config: ClientConfig, slots: Option<SlotsMaker>) -> Result<Self> {
        let (live, account) = (PerProcess::new(), PerProcess::new());
        let client = Self { inner: Arc::new(Inner { config, slots, live, account }) };
        client.live()?;
        Ok(client)
    }

    pub fn config(&self) -> &ClientConfig {
        &self.inner.config
    }

    fn live(&self) -> Result<&Live> {
        self.inner.live.get_or_init(|| self.connect()).as_ref().map_err(Error::clone)
    }

    fn connect(&self) -> Result<Live> {
        let config = &self.inner.config;
        let slots = match &self.inner.slots {
            Some(make) => make(),
            None => Arc::new(MemorySlots::default()),
        };
        let scope = format!("{}/{}", config.place(), config.api_key.fingerprint());
        Ok(Live {
            http: http_client(config, config.pool_size)?,
            fresh: http_client(config, 0)?,
            limiter: Limiter::new(scope, config, slots),
            tokens: RetryTokens::default(),
            proxy: Proxy::shown(config),
            proxy_password: Proxy::password(config),
        })
    }

    /// Requests a minute that are currently allowed for a class; `None` means no limit.
    ///
    /// # Errors
    /// If the client cannot be set up in this process.
    pub fn per_minute(&self, class: LimitClass) -> Result<Option<u32>> {
        Ok(self.live()?.limiter.per_minute(class))
    }

    /// Takes a slot of the rate limit if one is free; otherwise returns how long to wait.
    ///
    /// # Errors
    /// If the shared limits cannot be read.
    pub async fn try_slot(&self, class: LimitClass) -> Result<Option<Duration>> {
        self.live()?.limiter.try_acquire(class).await
    }

    /// Takes up to `most` slots of the rate limit, at least one, and returns when the calls may
    /// leave: within one second, or within two if slots may be taken `early`. Otherwise returns how
    /// long to wait.
    ///
    /// # Errors
    /// If the shared limits cannot be read.
    pub async fn try_slots(&self, class: LimitClass, most: u32, early: bool) -> Result<Departures> {
        self.live()?.limiter.try_acquire_some(class, most, early).await
    }

    /// Returns slots that are not needed after all.
    pub fn give_back(&self, class: LimitClass, departures: impl IntoIterator<Item = i64>) {
        if let Ok(live) = self.live() {
            live.limiter.give_back(class, departures);
        }
    }

    /// The account whose credits the key spends. It is looked up once in each process.
    pub(crate) async fn account<F: Future<Output = Result<String>>>(
        &self,
        learn: impl FnOnce() -> F,
    ) -> Result<String> {
        let known = self.inner.account.get_or_init(OnceCell::new);
        known.get_or_try_init(learn).await.cloned()
    }

    /// Lets up to `most` polls of runs begin, as far as the share of the rate limit for polling
    /// allows, and returns when each may. Otherwise returns how long to wait. A poll then waits for
    /// a slot like every other call. `early` is as for [`Client::try_slots`].
    ///
    /// # Errors
    /// If the shared limits cannot be read.
    pub async fn try_looks(&self, most: u32, early: bool) -> Result<Departures> {
        let (live, share) = (self.live()?, self.inner.config.poll_share);
        live.limiter.try_share(LimitClass::Sync, share, most, early).await
    }

    /// Sends a call and waits for its answer.
    ///
    /// # Errors
    /// See [`Error`]: its kind and its advice say what a caller can do.
    pub async fn call<C: Call>(&self, call: &C) -> Result<Answered<C::Response>> {
        self.call_with(call, CallOptions::default()).await
    }

    /// Sends a call with options of its own.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn call_with<C: Call>(
        &self,
        call: &C,
        options: CallOptions,
    ) -> Result<Answered<C::Response>> {
        call.check()?;
        if C::CAN_COST {
            spending::allowed()?;
        }
        let path = call.path();
        let span = tracing::debug_span!("call", method = %C::METHOD, path = %path);
        let kind = Kind {
            method: C::METHOD,
            class: C::CLASS,
            effect: C::EFFECT,
            can_cost: C::CAN_COST,
            largest_answer: C::LARGEST_ANSWER,
        };
        let content = Content::of(call, &options.extra)?;
        let prepared = self.prepare(&kind, content, &path, &options)?;
        let mut value = None;
        let mut read = |said: serde_json::Value| {
            // For a change that may be repeated, "no content" is a complete answer.
            let silent = said.is_null().then(|| call.unanswered()).flatten();
            value = Some(match silent {
                Some(silent) => silent,
                None => serde_json::from_value::<C::Response>(said)?,
            });
            Ok(())
        };
        // Boxed, so that the code below is compiled once and not for each type of call.
        let run: Pin<Box<dyn Future<Output = Result<Answered<()>>> + Send>> =
            Box::pin(self.run(kind, prepared, path, options, &mut read));
        let key = self.config().api_key.expose();
        let answered = run.instrument(span).await.map_err(|error| error.redacted(key))?;
        let value = value.ok_or_else(|| Error::internal("the answer was not read"))?;
        Ok(Answered {
            value,
            request_id: answered.request_id,
            credits_remaining: answered.credits_remaining,
            attempts: answered.attempts,
            elapsed: answered.elapsed,
        })
    }

    async fn run(
        &self,
        kind: Kind,
        prepared: Prepared,
        path: String,
        options: CallOptions,
        read: &mut Reader<'_>,
    ) -> Result<Answered<()>> {
        let live = self.live()?;
        let mut http = if kind.effect == Effect::SpendsCredits && kind.class == LimitClass::Batches
        {
            &live.fresh
        } else {
            &live.http
        };
        let policy = &self.inner.config.retry;
        let spends = kind.effect == Effect::SpendsCredits;
        let mut spent = Duration::ZERO;
        let mut attempts = 0;
        let mut slot_taken = options.slot_taken;
        loop {
            if !std::mem::take(&mut slot_taken)
                && let Err(wait) =
                    live.limiter.acquire(kind.class, policy.longest_retry_after, spends).await?
            {
                return Err(held_back(kind.method, path, attempts, spent, wait));
            }
            attempts += 1;
            let begun = Instant::now();
            let left = self.inner.config.timeouts.total.saturating_sub(spent);
            let bounds = Bounds {
                limit: left,
                by: options.leave_by.unwrap_or(i64::MAX),
                most: kind.largest_answer,
                proxy: live.proxy.as_deref(),
            };
            let outcome = attempt(prepared.request(http), prepared.body.clone(), bounds).await;
            spent += begun.elapsed();
            let context = |headers: Option<&Headers>| CallContext {
                method: kind.method.to_string(),
                path: path.clone(),
                status: None,
                attempts,
                elapsed: spent,
                request_id: headers.and_then(|headers| headers.request_id.clone()),
                run_id: None,
            };

            let (error, reason) = match outcome {
                Outcome::Answered(answer) => {
                    let mut answer = answer.without_key(self.inner.config.api_key.expose());
                    if let Some(password) = &live.proxy_password {
                        answer = answer.without(password);
                    }
                    let headers = Headers::read(&answer);
                    tracing::debug!(
                        status = answer.status.as_u16(),
                        attempt = attempts,
                        ms = begun.elapsed().as_millis() as u64,
                        request_id = headers.request_id.as_deref(),
                        "answered"
                    );
                    if let Some(per_minute) = headers.rate_limit {
                        live.limiter.correct(kind.class, per_minute);
                    }
                    if answer.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
                        let call = CallContext { status: Some(407), ..context(Some(&headers)) };
                        let error = not_let_through(live.proxy.as_deref(), call);
                        return Err(error.with_consumed(response::cost(&answer)));
                    }
                    match interpret(&answer, context(Some(&headers)), read) {
                        Meaning::Value => {
                            live.tokens.give();
                            return Ok(Answered {
                                value: (),
                                request_id: headers.request_id,
                                credits_remaining: headers.credits_remaining,
                                attempts,
                                elapsed: spent,
                            });
                        }
                        Meaning::Refused(error) => return Err(error),
                        Meaning::Throttled { error, retry_after } => {
                            let retry_after = retry_after
                                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                            let wait = policy.throttled(attempts, retry_after);
                            live.limiter.hold(kind.class, wait).await?;
                            if options.no_throttle_retry {
                                return Err(error);
                            }
                            (error, Reason::Throttled { retry_after })
                        }
                        Meaning::Gateway(error) | Meaning::Broken(error)
                            if kind.effect == Effect::SpendsCredits =>
                        {
                            return Err(in_doubt(error));
                        }
                        Meaning::Gateway(error) => {
                            let retry_after = error.facts().retry_after;
                            let retry_after = retry_after
                                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                            (error, Reason::Unavailable { retry_after })
                        }
                        Meaning::Broken(error) if passes(answer.status) => {
                            (error, Reason::Unavailable { retry_after: None })
                        }
                        Meaning::Broken(error) => return Err(error),
                    }
                }
                Outcome::NotSent(mut failure) => {
                    if failure.tunnel_refused
                        && let Some(status) = proxy::refusal(&self.inner.config).await
                    {
                        failure = failure.refused_with(status, live.proxy.as_deref());
                    }
                    // The API has not counted the call, so its slot is still valid. Waiting for
                    // another one could make a batch's sending last longer than allowed.
                    slot_taken = true;
                    let again = Unanswered::of(false, failure.passing, kind.effect);
                    let error = unreached(failure, context(None));
                    if again != Unanswered::Again {
                        return Err(error);
                    }
                    (error, Reason::Transient)
                }
                Outcome::InDoubt(failure) => {
                    let again = Unanswered::of(true, failure.passing, kind.effect);
                    let key = self.inner.config.api_key.expose();
                    let mut came = answer::without_key(failure.came.clone(), key);
                    if let Some(password) = &live.proxy_password {
                        came = redaction::without(came, password);
                    }
                    let mut error = unreached(failure, context(None));
                    if !came.is_empty() {
                        error = error.with_body(kept(&came));
                    }
                    match again {
                        Unanswered::InDoubt => return Err(in_doubt(error)),
                        Unanswered::Final => return Err(error),
                        Unanswered::Again => {
                            // Over HTTP/2 the pool would use the same connection again, even if
                            // nobody is at its other end any more.
                            http = &live.fresh;
                            (error, Reason::Transient)
                        }
                    }
                }
            };
            // What a retry costs comes on top, and whoever counts the credits of a call counts those
            // of one attempt.
            let has_cost = kind.can_cost && error.facts().consumed.is_some_and(|cost| cost > 0.0);
            if options.no_retry || has_cost {
                return Err(error);
            }
            let left = self.inner.config.timeouts.total.saturating_sub(spent);
            let Some(wait) =
                policy.wait(attempts, reason).filter(|wait| *wait < left && live.tokens.take())
            else {
                return Err(error);
            };
            tracing::info!(attempt = attempts, wait_ms = wait.as_millis() as u64, %error, "trying again");
            tokio::time::sleep(wait).await;
            spent += wait;
        }
    }

    fn prepare(
        &self,
        kind: &Kind,
        Content { query, body }: Content,
        path: &str,
        options: &CallOptions,
    ) -> Result<Prepared> {
        let config = &self.inner.config;
        let mut url = config.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(&query);
        }
        let authorization = config
            .api_key
            .header()
            .ok_or_else(|| Error::internal("the API key cannot be sent as a header"))?;
        let idempotency_key = (kind.effect == Effect::SpendsCredits).then(|| {
            let key = options.idempotency_key.clone();
            key.unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
        });
        Ok(Prepared { method: kind.method.clone(), url, body, authorization, idempotency_key })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.config().base_url.as_str()).finish()
    }
}

/// Whether a server error may be temporary; some codes say that the server will never answer this
/// call.
fn passes(status: StatusCode) -> bool {
    status.is_server_error() && !matches!(status.as_u16(), 501 | 505 | 506 | 508 | 510 | 511)
}

/// The error for a proxy that did not let a call through, so that the API has not seen it.
fn not_let_through(proxy: Option<&str>, call: CallContext) -> Error {
    let happened = match proxy {
        Some(proxy) => format!("the proxy {proxy} requires a user name and a password"),
        None => "a proxy on the way to the API requires a user name and a password".to_owned(),
    };
    Error::config(happened).with_call(call).advise(proxy::credentials())
}

/// How to proceed after an attempt that got no answer.
#[derive(Debug, PartialEq, Eq)]
enum Unanswered {
    /// The call spends credits and may have arrived.
    InDoubt,
    /// Retrying does not help.
    Final,
    Again,
}

impl Unanswered {
    /// A call that spends and may have arrived is in doubt, whatever the failure was.
    fn of(sent: bool, passing: bool, effect: Effect) -> Self {
        match (sent && effect == Effect::SpendsCredits, passing) {
            (true, _) => Self::InDoubt,
            (false, false) => Self::Final,
            (false, true) => Self::Again,
        }
    }
}

/// What the sending of a call needs to know about its type.
struct Kind {
    method: Method,
    class: LimitClass,
    effect: Effect,
    /// Whether the call can cost credits.
    can_cost: bool,
    /// In bytes.
    largest_answer: usize,
}

/// The content of a call, in its query or its body.
struct Content {
    query: Vec<(String, String)>,
    body: Option<Bytes>,
}

impl Content {
    /// # Errors
    /// If a field is unknown, or a field of `extra` is one that the contract knows.
    fn of<C: Call>(call: &C, extra: &serde_json::Map<String, serde_json::Value>) -> Result<Self> {
        let unserializable = |error: serde_json::Error| {
            Error::internal(format!("the request cannot be written as JSON: {error}"))
                .caused_by(error)
        };
        if C::METHOD == Method::GET {
            if let Some(field) = extra.keys().next() {
                let happened = format!("the extra field {field:?} cannot be sent in a GET");
                return Err(Error::validation(field, happened).hint("leave it out"));
            }
            let query = serde_json::to_value(call).map(query).map_err(unserializable)?;
            return Ok(Self { query, body: None });
        }
        let body = if extra.is_empty() && !call.has_listed_maps() {
            serde_json::to_vec(call)
        } else {
            let mut body = serde_json::to_value(call).map_err(unserializable)?;
            fields::check::<C>(&body)?;
            fields::add::<C>(&mut body, extra)?;
            serde_json::to_vec(&body)
        };
        let body = Bytes::from(body.map_err(unserializable)?);
        Ok(Self { query: Vec::new(), body: Some(body) })
    }
}

fn query(call: serde_json::Value) -> Vec<(String, String)> {
    let serde_json::Value::Object(fields) = call else { return Vec::new() };
    fields
        .into_iter()
        .filter_map(|(name, value)| match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some((name, text)),
            other => Some((name, other.to_string())),
        })
        .collect()
}

/// A call that is ready to be sent, any number of times.
struct Prepared {
    method: Method,
    url: url::Url,
    body: Option<Bytes>,
    authorization: HeaderValue,
    idempotency_key: Option<String>,
}

impl Prepared {
    fn request(&self, http: &reqwest::Client) -> reqwest::RequestBuilder {
        let mut request = http
            .request(self.method.clone(), self.url.clone())
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::ACCEPT, "application/json");
        if self.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(key) = &self.idempotency_key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        request
    }
}

/// How often the other end of an HTTP/2 connection is asked whether it is still there, and for how
/// long its answer is awaited.
const PINGS: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(10));

/// Sends pings on HTTP/2 connections, also on idle ones, so that a connection whose other end is
/// gone is closed and not used again. Firewalls and load balancers drop idle connections silently.
pub(crate) fn with_pings(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    let (interval, timeout) = PINGS;
    builder
        .http2_keep_alive_interval(interval)
        .http2_keep_alive_timeout(timeout)
        .http2_keep_alive_while_idle(true)
}

fn http_client(config: &ClientConfig, idle: usize) -> Result<reqwest::Client> {
    crate::process::runtime::install_crypto();
    let application = config.user_agent.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let agent = format!("lantern/{}{application}", env!("CARGO_PKG_VERSION"));
    let agent = HeaderValue::from_str(&agent).map_err(|error| {
        Error::config("the user agent has a character that no header may have")
            .advise(Advice::text("write it in letters, digits, spaces and signs"))
            .caused_by(error)
    })?;
    let mut builder = with_pings(reqwest::Client::builder())
        .user_agent(agent)
        .connect_timeout(config.timeouts.connect)
        .read_timeout(config.timeouts.read)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(idle)
        .tcp_nodelay(true)
        .gzip(true);
    if let Some(path) = &config.ca_bundle {
        for certificate in tls::read_bundle(path)? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    if let Some(proxy) = Proxy::of(config)? {
        // The message must not show the URL, which may hold a password.
        let proxy = reqwest::Proxy::all(proxy.url().as_str()).map_err(|_| {
            Error::config("the proxy cannot be used").advise(Advice::text("write http://host:port"))
        })?;
        builder = builder.proxy(proxy);
    } else if crate::process::loopback::is_loopback(&config.base_url) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        let error = error.without_url();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Error::config(format!("the HTTP client cannot be set up: {cause}")).caused_by(error)
    })
}

fn unreached(failure: transport::Failure, call: CallContext) -> Error {
    let kind = match (failure.by_proxy, failure.timeout) {
        (true, _) => ErrorKind::Config,
        (false, true) => ErrorKind::Timeout,
        (false, false) => ErrorKind::Connection,
    };
    let error = Error::new(kind, failure.reason)
        .with_call(CallContext { run_id: failure.run_id, ..call })
        .advise(failure.advice);
    match failure.source {
        Some(source) => error.caused_by(source),
        None => error,
    }
}

/// The error for a call that the API asked to send later than a call can wait.
fn held_back(
    method: Method,
    path: String,
    attempts: u32,
    elapsed: Duration,
    wait: Duration,
) -> Error {
    let call = CallContext {
        method: method.to_string(),
        path,
        attempts,
        elapsed,
        ..CallContext::default()
    };
    let seconds = wait.as_secs_f64();
    Error::new(
        ErrorKind::RateLimit,
        format!("the API takes no calls of this class for another {seconds:.0} s"),
    )
    .with_call(call)
    .with_retry_after(Some(seconds))
    .advise(Advice::text("try again then"))
}

/// The error for a paid call that may have arrived; `error` is what went wrong with it. Its advice
/// is dropped, because it is meant for calls that may be retried.
fn in_doubt(error: Error) -> Error {
    let (consumed, body) = (error.facts().consumed, error.facts().body.clone());
    let happened = format!(
        "the call may have arrived and cost credits ({}), so it is not retried automatically",
        error.happened()
    );
    let mut doubt = Error::new(ErrorKind::OutcomeUnknown, happened).with_consumed(consumed);
    if let Some(body) = body {
        doubt = doubt.with_body(body);
    }
    match error.call() {
        Some(call) => doubt.with_call(call.clone()),
        None => doubt,
    }
    .caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paid_call_that_was_written_is_in_doubt_whatever_its_error_says() {
        for passing in [true, false] {
            assert_eq!(Unanswered::of(true, passing, Effect::SpendsCredits), Unanswered::InDoubt);
        }
        assert_eq!(Unanswered::of(false, false, Effect::SpendsCredits), Unanswered::Final);
        assert_eq!(Unanswered::of(false, true, Effect::SpendsCredits), Unanswered::Again);
        assert_eq!(Unanswered::of(true, true, Effect::Read), Unanswered::Again);
        assert_eq!(Unanswered::of(true, false, Effect::Read), Unanswered::Final);
    }
}
