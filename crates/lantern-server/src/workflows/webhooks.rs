//! Sends queued pushes to webhooks, signed and with retries, until they arrive or are given up.
//!
//! The header is `X-Lantern-Signature: t=<seconds>,v1=<hex>`, where the hex is the HMAC-SHA256 of
//! `<seconds>.<body>` with the server's key.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{OptionalExtension, params};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::Workflows;
use crate::{blocking::blocking, refusal::Refusal};
use lantern::{
    error::{Error, Result},
    process::sqlite::DatabaseError,
};

/// Time limit for a webhook.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum delay between two attempts of a push.
const MAX_WAIT: Duration = Duration::from_secs(3600);
/// Delay before a retry if the state cannot be read or written.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How pushes are signed and sent.
pub(super) struct Webhooks {
    key: SecretString,
    /// The URL to which forms are pushed.
    pub forms: Option<Url>,
    http: reqwest::Client,
    queued: Notify,
}

impl Webhooks {
    pub fn new(key: &str, webhook: Option<&str>) -> Result<Self> {
        let forms = webhook
            .map(|text| {
                Url::parse(text).ok().filter(|url| url.scheme().starts_with("http")).ok_or_else(
                    || {
                        Error::config("the webhook is not an http(s) URL")
                            .hint("write http://host:port/path")
                    },
                )
            })
            .transpose()?;
        lantern::process::runtime::install_crypto();
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Error::local(format!("webhooks cannot be called: {error}")))?;
        Ok(Self { key: key.to_owned().into(), forms, http, queued: Notify::new() })
    }

    /// Signals that there is something to push.
    pub fn wake(&self) {
        self.queued.notify_one();
    }

    fn signature(&self, at: i64, body: &str) -> Option<String> {
        let key = self.key.expose_secret().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
        mac.update(format!("{at}.{body}").as_bytes());
        Some(format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes())))
    }

    async fn send(&self, due: &Due) -> std::result::Result<(), String> {
        let at = Utc::now().timestamp();
        let signature =
            self.signature(at, &due.body).ok_or("the server's key cannot sign".to_owned())?;
        let answer = self
            .http
            .post(&due.url)
            .header("content-type", "application/json")
            .header("x-lantern-signature", signature)
            .header("x-lantern-request-id", &due.request_id)
            .body(due.body.clone())
            .send()
            .await
            .map_err(|error| format!("the webhook cannot be reached: {}", error.without_url()))?;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(format!("the webhook answered {}", answer.status().as_u16()))
    }
}

/// A push that is due.
struct Due {
    request_id: String,
    url: String,
    body: String,
    attempts: u32,
    most: u32,
    base: Duration,
}

enum Next {
    Due(Due),
    /// The time until the next push is due.
    In(Duration),
    Nothing,
}

/// Pushes until `stop`.
pub(crate) async fn run(workflows: Arc<Workflows>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wait = match with(&workflows, next).await {
            Ok(Next::Due(due)) => {
                let sent = tokio::select! {
                    sent = workflows.webhooks.send(&due) => sent,
                    () = stop.cancelled() => return,
                };
                match with(&workflows, move |workflows| note(workflows, &due, sent)).await {
                    Ok(()) => continue,
                    Err(error) => {
                        tracing::error!("a push cannot be recorded now: {}", error.message());
                        Some(RETRY_AFTER)
                    }
                }
            }
            Ok(Next::In(wait)) => Some(wait),
            Ok(Next::Nothing) => None,
            Err(error) => {
                tracing::error!("pushes cannot be read now: {}", error.message());
                Some(RETRY_AFTER)
            }
        };
        tokio::select! {
            () = workflows.webhooks.queued.notified() => {}
            () = async { match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }} => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn with<T: Send + 'static>(
    workflows: &Arc<Workflows>,
    work: impl FnOnce(&Workflows) -> std::result::Result<T, DatabaseError> + Send + 'static,
) -> std::result::Result<T, Refusal> {
    let workflows = Arc::clone(workflows);
    blocking(move || Ok(work(&workflows)?)).await
}

fn next(workflows: &Workflows) -> std::result::Result<Next, DatabaseError> {
    let now = Utc::now().timestamp_micros();
    workflows.crm.database().with(|connection| {
        let found = connection
            .prepare_cached(
                "SELECT request_id, url, push, attempts, most_attempts, base_ms, next_at \
                 FROM workflow_runs WHERE status = 'queued' ORDER BY next_at LIMIT 1",
            )?
            .query_row([], |row| {
                let due = Due {
                    request_id: row.get(0)?,
                    url: row.get(1)?,
                    body: row.get(2)?,
                    attempts: row.get(3)?,
                    most: row.get(4)?,
                    base: Duration::from_millis(row.get::<_, i64>(5)?.unsigned_abs()),
                };
                Ok((due, row.get::<_, i64>(6)?))
            })
            .optional()?;
        Ok(match found {
            None => Next::Nothing,
            Some((due, at)) if at <= now => Next::Due(due),
            Some((_, at)) => Next::In(Duration::from_micros((at - now).unsigned_abs())),
        })
    })
}

fn note(
    workflows: &Workflows,
    due: &Due,
    sent: std::result::Result<(), String>,
) -> std::result::Result<(), DatabaseError> {
    let now = Utc::now().timestamp_micros();
    workflows.crm.database().with(|connection| {
        let attempts = due.attempts + 1;
        match sent {
            Ok(()) => connection.execute(
                "UPDATE workflow_runs SET status = 'done', attempts = ?, error = NULL, raw = NULL, \
                 push = NULL, finished_at = ? WHERE request_id = ?",
                params![attempts, now, due.request_id],
            ),
            Err(error) if attempts >= due.most => connection.execute(
                "UPDATE workflow_runs SET status = 'dead', attempts = ?, error = ?, finished_at = ? \
                 WHERE request_id = ?",
                params![attempts, error, now, due.request_id],
            ),
            Err(error) => {
                let factor = 1_u32.checked_shl(due.attempts).unwrap_or(u32::MAX);
                let wait = due.base.saturating_mul(factor).min(MAX_WAIT);
                let at = now.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX));
                connection.execute(
                    "UPDATE workflow_runs SET attempts = ?, error = ?, next_at = ? \
                     WHERE request_id = ?",
                    params![attempts, error, at, due.request_id],
                )
            }
        }
        .map(drop)
    })
}
