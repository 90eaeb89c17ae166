//! The account whose credits a client spends, which scopes the keys of jobs.
//!
//! It consists of the base URL and the tenant that owns the key. So a renewed key finds the jobs of
//! the old one, and two tenants never share an answer. A local server has an id of its own, because
//! it may be restarted on another port, and another server on the same port.

use std::{fmt, time::Duration};

use http::Method;
use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{
    api::{Call, Effect, Invalid, LimitClass, credits::CreditsRemaining},
    client::{CallOptions, Client, ClientConfig},
    error::{ErrorKind, Result},
    ledger::{JobRecord, Store},
    process::loopback::is_loopback,
};

/// The API at a base URL, with all its tenants.
#[derive(Debug, Clone)]
pub struct Place {
    url: String,
    /// The name that earlier versions used for it in the ledger.
    earlier: String,
    local: bool,
}

impl Place {
    pub fn of(config: &ClientConfig) -> Self {
        Self { url: config.place(), earlier: earlier(config), local: is_loopback(&config.base_url) }
    }

    /// Whether an account belongs to this API.
    pub fn has(&self, account: &str) -> bool {
        let own = account.strip_prefix(&self.url);
        own.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
            || account == self.earlier
            || self.local && account.starts_with(LOCAL_SERVER)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// The account as earlier versions recorded it, without path and tenant.
pub(super) fn earlier(config: &ClientConfig) -> String {
    if is_loopback(&config.base_url) {
        return "local".to_owned();
    }
    let port = config.base_url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", config.base_url.host_str().unwrap_or_default())
}

/// Finds a job of an account, or a job of an earlier version with the same request and ids.
///
/// # Errors
/// If the ledger cannot be read.
pub(super) fn known(
    store: &dyn Store,
    account: &str,
    key: &str,
    config: &ClientConfig,
    digest: Option<&str>,
) -> Result<Option<JobRecord>> {
    if let Some(found) = store.find(account, key)? {
        return Ok(Some(found));
    }
    // An earlier version did not distinguish local servers, so its jobs cannot be assigned to one.
    if is_loopback(&config.base_url) {
        return Ok(None);
    }
    let found = store.find(&earlier(config), key)?;
    Ok(found.filter(|found| digest.is_none_or(|digest| digest == found.digest)))
}

/// The prefix of the accounts of local servers.
const LOCAL_SERVER: &str = "local/";

/// Time limit for a server on this machine to identify itself.
const LOCAL: Duration = Duration::from_secs(2);

/// `GET /_local/instance`: which local server this is, and which tenant owns the key. Only the
/// local server has this call.
#[derive(Debug, Serialize, Deserialize)]
struct WhoIsThere {}

#[derive(Debug, Deserialize)]
struct Instance {
    instance_id: String,
}

impl Call for WhoIsThere {
    type Response = Instance;
    const METHOD: Method = Method::GET;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::Read;

    fn path(&self) -> String {
        "/_local/instance".to_owned()
    }

    fn check(&self) -> std::result::Result<(), Invalid> {
        Ok(())
    }
}

/// The account of a client's key, by which a ledger scopes jobs. The API is asked once for each key
/// and ledger, and a server on this machine once in each process.
///
/// # Errors
/// If the API does not say who owns the key, or the ledger cannot be used.
pub async fn account(client: &Client, ledger: &Ledger) -> Result<String> {
    client.account(|| learn(client, ledger)).await
}

async fn learn(client: &Client, ledger: &Ledger) -> Result<String> {
    let place = client.config().place();
    let key = client.config().api_key.fingerprint();
    let known = {
        let (place, key) = (place.clone(), key.clone());
        ledger.run(move |store| store.account(&place, &key)).await?
    };
    let asked = if is_loopback(&client.config().base_url) {
        // Another server may have been started on the same port, so the recorded account is used
        // only if the server does not identify itself.
        match ask_local(client, &place).await {
            Some(account) => return Ok(account),
            None => known.unwrap_or_else(|| place.clone()),
        }
    } else if let Some(known) = known {
        return Ok(known);
    } else {
        ask(client, &place).await?
    };
    ledger.run(move |store| store.remember_account(&place, &key, &asked)).await
}

/// What the API says about a key. An API that does not have this call, or refuses it for this key,
/// counts as one without tenants.
async fn ask(client: &Client, place: &str) -> Result<String> {
    match client.call(&CreditsRemaining {}).await {
        Ok(answered) => Ok(with_tenant(place, answered.value.tenant_id)),
        Err(error)
            if error.is(ErrorKind::NotFound)
                || error.call().and_then(|call| call.status) == Some(403) =>
        {
            Ok(place.to_owned())
        }
        Err(error) => Err(error),
    }
}

/// The id of a server on this machine; `None` if its answer does not contain one.
async fn ask_local(client: &Client, place: &str) -> Option<String> {
    // These calls do not go to the API, so its rate limits do not apply.
    let options = || CallOptions { slot_taken: true, no_retry: true, ..CallOptions::default() };
    let who = WhoIsThere {};
    let who = tokio::time::timeout(LOCAL, client.call_with(&who, options())).await;
    if let Ok(Ok(answered)) = who {
        return Some(format!("{LOCAL_SERVER}{}", answered.value.instance_id));
    }
    let credits = CreditsRemaining {};
    let credits = tokio::time::timeout(LOCAL, client.call_with(&credits, options())).await;
    let tenant = credits.ok()?.ok()?.value.tenant_id?;
    Some(with_tenant(place, Some(tenant)))
}

fn with_tenant(place: &str, tenant: Option<i64>) -> String {
    tenant.map_or_else(|| place.to_owned(), |tenant| format!("{place}#{tenant}"))
}
