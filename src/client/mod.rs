//! How any call is sent: authentication, rate limits, retries, errors, tracing.
//!
//! What is asked is defined in [`crate::api`].

pub mod answer;
pub mod config;
mod failures;
pub(crate) mod http_client;
mod json;
pub mod key;
pub mod limit;
pub mod proxy;
pub mod rates;
pub mod redaction;
mod request;
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

use http::StatusCode;
use tokio::sync::OnceCell;
use tracing::Instrument;

pub use config::{ClientConfig, RateLimits, Timeouts};
pub use key::ApiKey;
pub use request::IDEMPOTENCY_KEY;

use self::{
    failures::{Unanswered, held_back, in_doubt, not_let_through, passes, unreached},
    limit::{Departures, Limiter, MemorySlots, Slots},
    proxy::Proxy,
    request::{Content, Kind, Prepared},
    response::{Headers, Meaning, Reader, interpret, kept, may_be_done},
    retry::{Reason, RetryTokens},
    transport::{Bounds, Outcome, attempt},
};
use crate::{
    api::{Call, Effect, LimitClass},
    error::{CallContext, Error, Result},
    process::per_process::PerProcess,
};

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
            http: http_client::build(config, config.pool_size)?,
            fresh: http_client::build(config, 0)?,
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
        let idempotency_key = options.idempotency_key.as_deref();
        let prepared = Prepared::new(self.config(), &kind, content, &path, idempotency_key)?;
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
                    let in_doubt_with_body =
                        |error: Error| in_doubt(error.with_body(kept(&answer.body)));
                    let done = spends && may_be_done(&answer, kind.class);
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
                        Meaning::Refused(error) if done => return Err(in_doubt_with_body(error)),
                        Meaning::Refused(error) => return Err(error),
                        Meaning::Throttled { error, retry_after } => {
                            let retry_after = retry_after
                                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                            let wait = policy.throttled(attempts, retry_after);
                            let held = live.limiter.hold(kind.class, wait).await;
                            if done {
                                return Err(in_doubt_with_body(error));
                            }
                            held?;
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
            // A retry would cost again, and callers count the credits of one attempt only.
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
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.config().base_url.as_str()).finish()
    }
}
