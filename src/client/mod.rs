//! How any call is sent: authentication, rate limits, retries, errors, tracing.
//!
//! What is asked is the business of [`crate::api`].

pub mod config;
pub mod key;
pub mod limit;
pub mod retry;
pub mod transport;
pub mod verdict;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};
use tracing::Instrument;

pub use config::{ClientConfig, RateLimits, Timeouts};
pub use key::ApiKey;

use self::{
    limit::{Limiter, MemorySlots, Slots},
    retry::{Reason, RetryTokens},
    transport::{Answer, Outcome, attempt},
    verdict::{Headers, Reader, Verdict, judge},
};
use crate::{
    api::{Call, Effect, LimitClass},
    error::{CallContext, Error, Result},
    process::per_process::PerProcess,
};

/// Names a paid request, so that the API's support can find it; the API promises nothing for it.
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
    live: PerProcess<Result<Live, String>>,
}

/// Makes the store of the rate limits anew in each process.
pub type SlotsMaker = Arc<dyn Fn() -> Arc<dyn Slots> + Send + Sync>;

/// What belongs to one process.
struct Live {
    http: reqwest::Client,
    /// Keeps no idle connections: on a fresh one, a request that did not leave is told apart from
    /// one that may have arrived. A batch a minute can pay for the handshake.
    fresh: reqwest::Client,
    limiter: Limiter,
    tokens: RetryTokens,
}

/// An answer with what the API says beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<T> {
    pub value: T,
    pub request_id: Option<String>,
    pub credits_remaining: Option<f64>,
    pub attempts: u32,
    pub elapsed: Duration,
}

/// How one call is to be sent, where it differs from the others.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// The value of the `Idempotency-Key` header; a paid call without one gets a random one.
    pub idempotency_key: Option<String>,
    /// The rate limit's slot is already taken.
    pub slot_taken: bool,
    /// A 429 is handed to the caller, who will come back by himself.
    pub no_throttle_retry: bool,
    /// When the request must have begun to leave, in microseconds since 1970; later it does not, however
    /// long this machine slept.
    pub leave_by: Option<i64>,
}

impl Client {
    /// A client with rate limits of its own.
    ///
    /// # Errors
    /// A CA bundle or a proxy that cannot be used.
    pub fn new(config: ClientConfig) -> Result<Self> {
        Self::with_slots(config, None)
    }

    /// A client whose rate limits lie where `slots` says, to be shared by processes.
    ///
    /// # Errors
    /// A CA bundle or a proxy that cannot be used.
    pub fn with_slots(config: ClientConfig, slots: Option<SlotsMaker>) -> Result<Self> {
        let client = Self { inner: Arc::new(Inner { config, slots, live: PerProcess::new() }) };
        client.live()?;
        Ok(client)
    }

    pub fn config(&self) -> &ClientConfig {
        &self.inner.config
    }

    fn live(&self) -> Result<&Live> {
        let live =
            self.inner.live.get_or_init(|| self.connect().map_err(|error| error.to_string()));
        live.as_ref().map_err(Error::config)
    }

    fn connect(&self) -> Result<Live> {
        let config = &self.inner.config;
        let slots = match &self.inner.slots {
            Some(make) => make(),
            None => Arc::new(MemorySlots::default()),
        };
        let scope = format!("{}/{}", config.account(), config.api_key.fingerprint());
        Ok(Live {
            http: http_client(config, config.pool_size)?,
            fresh: http_client(config, 0)?,
            limiter: Limiter::new(scope, &config.limits, slots),
            tokens: RetryTokens::default(),
        })
    }

    /// Requests a minute that hold now for a class; `None` is no limit.
    ///
    /// # Errors
    /// The client cannot be set up in this process.
    pub fn per_minute(&self, class: LimitClass) -> Result<Option<u32>> {
        Ok(self.live()?.limiter.per_minute(class))
    }

    /// Takes a slot of the rate limit if one is free, otherwise says how long it will be.
    ///
    /// # Errors
    /// The shared limits cannot be read.
    pub async fn try_slot(&self, class: LimitClass) -> Result<Option<Duration>> {
        self.live()?.limiter.try_acquire(class).await
    }

    /// Sends a call and waits for its answer.
    ///
    /// # Errors
    /// See [`Error`]: each variant says what a caller can do.
    pub async fn call<C: Call>(&self, call: &C) -> Result<Answered<C::Response>> {
        self.call_with(call, CallOptions::default()).await
    }

    /// Sends a call that needs something of its own.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn call_with<C: Call>(
        &self,
        call: &C,
        options: CallOptions,
    ) -> Result<Answered<C::Response>> {
        call.check()?;
        let path = call.path();
        let span = tracing::debug_span!("call", method = %C::METHOD, path = %path);
        let kind = Kind { method: C::METHOD, class: C::CLASS, effect: C::EFFECT };
        let prepared = self.prepare(&kind, Content::of(call)?, &path, &options)?;
        let mut value = None;
        let mut read = |answer: &Answer| {
            value = Some(verdict::value::<C::Response>(answer)?);
            Ok(())
        };
        // One future for the calls of all kinds.
        let run: Pin<Box<dyn Future<Output = Result<Answered<()>>> + Send>> =
            Box::pin(self.run(kind, prepared, path, options, &mut read));
        let answered = run.instrument(span).await?;
        let value =
            value.ok_or_else(|| Error::config("the answer was not read; please report it"))?;
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
        let http = if kind.effect == Effect::SpendsCredits && kind.class == LimitClass::Batches {
            &live.fresh
        } else {
            &live.http
        };
        let policy = &self.inner.config.retry;
        let mut spent = Duration::ZERO;
        let mut attempts = 0;
        let mut slot_taken = options.slot_taken;
        loop {
            if !std::mem::take(&mut slot_taken)
                && let Err(wait) =
                    live.limiter.acquire(kind.class, policy.longest_retry_after).await?
            {
                return Err(held_back(kind.method, path, attempts, spent, wait));
            }
            attempts += 1;
            let begun = Instant::now();
            let left = self.inner.config.timeouts.total.saturating_sub(spent);
            let outcome = attempt(
                prepared.request(http),
                prepared.body.clone(),
                left,
                options.leave_by.unwrap_or(i64::MAX),
            )
            .await;
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
                    match judge(&answer, context(Some(&headers)), read) {
                        Verdict::Value => {
                            live.tokens.give();
                            return Ok(Answered {
                                value: (),
                                request_id: headers.request_id,
                                credits_remaining: headers.credits_remaining,
                                attempts,
                                elapsed: spent,
                            });
                        }
                        Verdict::Refused(error) => return Err(error),
                        Verdict::Throttled { error, retry_after } => {
                            let retry_after = retry_after
                                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                            if let Some(wait) = retry_after {
                                live.limiter.hold(kind.class, wait).await?;
                            }
                            if options.no_throttle_retry {
                                return Err(error);
                            }
                            (error, Reason::Throttled { retry_after })
                        }
                        Verdict::Gateway(error) | Verdict::Broken(error)
                            if kind.effect == Effect::SpendsCredits =>
                        {
                            return Err(in_doubt(error));
                        }
                        Verdict::Gateway(error) => (error, Reason::Transient),
                        Verdict::Broken(error) => return Err(error),
                    }
                }
                Outcome::NotSent(failure) => {
                    // The API has not counted it: its slot still holds. Waiting for another would
                    // make a batch last longer than its sending may.
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
                    let error = unreached(failure, context(None));
                    match again {
                        Unanswered::InDoubt => return Err(in_doubt(error)),
                        Unanswered::Final => return Err(error),
                        Unanswered::Again => (error, Reason::Transient),
                    }
                }
            };
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
            .ok_or_else(|| Error::config("the API key cannot be sent as a header"))?;
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

/// What may be done after an attempt that got no answer.
#[derive(Debug, PartialEq, Eq)]
enum Unanswered {
    /// It spends and may have arrived.
    InDoubt,
    /// Trying again does not help.
    Final,
    Again,
}

impl Unanswered {
    /// Whether a call that spends may have arrived comes before all else, whatever broke.
    fn of(sent: bool, passing: bool, effect: Effect) -> Self {
        match (sent && effect == Effect::SpendsCredits, passing) {
            (true, _) => Self::InDoubt,
            (false, false) => Self::Final,
            (false, true) => Self::Again,
        }
    }
}

/// What is known of a call without knowing its type.
struct Kind {
    method: Method,
    class: LimitClass,
    effect: Effect,
}

/// What a call says, in its query or its body.
struct Content {
    query: Vec<(String, String)>,
    body: Option<Bytes>,
}

impl Content {
    fn of<C: Call>(call: &C) -> Result<Self> {
        let unserializable = |error: serde_json::Error| {
            Error::config(format!("the request cannot be written: {error}"))
        };
        if C::METHOD == Method::GET {
            let query = serde_json::to_value(call).map(query).map_err(unserializable)?;
            return Ok(Self { query, body: None });
        }
        let body = Bytes::from(serde_json::to_vec(call).map_err(unserializable)?);
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

/// A call ready to be sent, any number of times.
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

fn http_client(config: &ClientConfig, idle: usize) -> Result<reqwest::Client> {
    crate::process::runtime::install_crypto();
    let application = config.user_agent.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(format!("lantern/{}{application}", env!("CARGO_PKG_VERSION")))
        .connect_timeout(config.timeouts.connect)
        .read_timeout(config.timeouts.read)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(idle)
        .tcp_nodelay(true)
        .gzip(true);
    if let Some(path) = &config.ca_bundle {
        let unusable = |reason: String| {
            Error::config(format!("the CA bundle {} cannot be used: {reason}", path.display()))
        };
        let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|error| unusable(error.to_string()))?;
        if certificates.is_empty() {
            return Err(unusable("it holds no certificate in PEM form".into()));
        }
        for certificate in certificates {
            builder = builder.add_root_certificate(certificate);
        }
    }
    if let Some(proxy) = &config.proxy {
        // The message must not show the URL, which may hold a password.
        let proxy = reqwest::Proxy::all(proxy)
            .map_err(|_| Error::config("the proxy is no URL; write http://host:port"))?;
        builder = builder.proxy(proxy);
    } else if crate::process::loopback::is_loopback(&config.base_url) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Error::config(format!("the HTTP client cannot be set up: {}", error.without_url()))
    })
}

fn unreached(failure: transport::Failure, call: CallContext) -> Error {
    let call = Box::new(CallContext { run_id: failure.run_id, ..call });
    if failure.timeout {
        let message = format!("{}; raise the timeouts or try again", failure.reason);
        return Error::Timeout { call, message };
    }
    let message = format!("{}; check the base URL and the network", failure.reason);
    Error::Connection { call, message }
}

/// The API said when to come back, and that is too far off to wait for within a call.
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
    Error::RateLimit {
        call: Box::new(call),
        message: format!("the API asked for no such calls for another {seconds:.0} s; try then"),
        retry_after: Some(seconds),
    }
}

/// A paid call that may have arrived.
fn in_doubt(error: Error) -> Error {
    let call = error.call().cloned().unwrap_or_default();
    let message = match error {
        Error::Server { message, .. }
        | Error::Connection { message, .. }
        | Error::Timeout { message, .. } => message,
        other => other.to_string(),
    };
    // What happened stands before the last semicolon; after it stands the advice for calls that may
    // be sent again, which this one may not.
    let why = message.rsplit_once("; ").map_or(message.as_str(), |(happened, _)| happened);
    Error::OutcomeUnknown {
        call: Box::new(call),
        message: format!(
            "the call may have arrived and cost credits, so it is not sent again by itself ({why})"
        ),
        job: None,
    }
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
