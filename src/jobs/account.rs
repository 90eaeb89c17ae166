//! The account whose credits a client spends, which scopes the keys of jobs.
//!
//! It consists of the base URL and the tenant that owns the key. So a renewed key finds the jobs of
//! the old one, and two tenants never share an answer. If the API does not have tenants, or does not
//! name them, a key has an account of its own. A local server has an id of its own, because it may
//! be restarted on another port, and another server on the same port.

use std::{fmt, time::Duration};

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Ledger;
use crate::{
    api::{Call, Effect, Invalid, LimitClass, lenient::Lenient},
    client::{CallOptions, Client, ClientConfig},
    error::{Advice, Error, ErrorKind, Result},
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
/// Time limit for an API on this machine to name a key's tenant.
const NEAR: Duration = Duration::from_secs(10);

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

/// `GET /v1/credits/remaining`, of which only the tenant matters. So the rest of the answer may have
/// any form.
#[derive(Debug, Serialize, Deserialize)]
struct WhoPays {}

impl Call for WhoPays {
    type Response = Value;
    const METHOD: Method = Method::GET;
    const CLASS: LimitClass = LimitClass::Credits;
    const EFFECT: Effect = Effect::Read;

    fn path(&self) -> String {
        "/v1/credits/remaining".to_owned()
    }

    fn check(&self) -> std::result::Result<(), Invalid> {
        Ok(())
    }
}

/// The account of a client's key, by which a ledger scopes jobs. The API is asked once for each key
/// and ledger, and a server on this machine once in each process. What it answers is recorded, and
/// holds while it cannot be asked.
///
/// # Errors
/// If the API cannot be asked now who owns the key, and this was not recorded before; if it refuses
/// the key; or if the ledger cannot be used.
pub async fn account(client: &Client, ledger: &Ledger) -> Result<String> {
    client.account(|| learn(client, ledger)).await
}

async fn learn(client: &Client, ledger: &Ledger) -> Result<String> {
    let place = client.config().place();
    let key = client.config().api_key.fingerprint();
    let own = of_key(&place, &key);
    let known = {
        let (place, key) = (place.clone(), key.clone());
        ledger.run(move |store| store.account(&place, &key)).await?
    };
    let near = is_loopback(&client.config().base_url);
    // Another server may have been started on the same port, so a server on this machine is asked
    // in each process.
    if near {
        if let Some(account) = ask_local(client).await {
            return Ok(account);
        }
    } else if let Some(known) = known {
        return Ok(known);
    }
    let tenant = match (ask(client, near).await, &known) {
        (Ok(tenant), _) => tenant,
        (Err(_), Some(known)) => return Ok(known.clone()),
        (Err(error), None) => return Err(untold(error)),
    };
    let told = tenant.map(|tenant| with_tenant(&place, &tenant));
    let learnt = told.clone().or(known).unwrap_or_else(|| own.clone());
    let recorded = ledger.run(move |store| store.remember_account(&place, &key, &learnt)).await?;
    match told {
        // What was bought while the API named no tenant stays with the key. Otherwise it would be
        // bought again.
        Some(told) if near && recorded != own => Ok(told),
        _ => Ok(recorded),
    }
}

/// The tenant that owns a key, according to the API; `None` if the API names no tenants.
///
/// # Errors
/// If the API cannot be asked now, or refuses the key.
async fn ask(client: &Client, near: bool) -> Result<Option<String>> {
    let answered = if near {
        let options =
            CallOptions { slot_taken: true, no_throttle_retry: true, ..CallOptions::default() };
        match tokio::time::timeout(NEAR, client.call_with(&WhoPays {}, options)).await {
            Ok(answered) => answered,
            Err(_) => {
                let happened = format!("no answer within {} s", NEAR.as_secs());
                Err(Error::new(ErrorKind::Timeout, happened))
            }
        }
    } else {
        client.call(&WhoPays {}).await
    };
    match answered {
        Ok(answered) => Ok(tenant(&answered.value)),
        Err(error) if names_no_tenants(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the answer to a call says that asking again would not give a tenant either. A wrong key,
/// missing credits, a rate limit and a time limit say nothing about tenants.
fn names_no_tenants(error: &Error) -> bool {
    match error.call().and_then(|call| call.status) {
        Some(401 | 402 | 407 | 408 | 425 | 429 | 499) => false,
        Some(status) => matches!(status, 200..=299 | 400..=499 | 501),
        None => false,
    }
}

/// The name of the tenant in an answer about credits: a text, or a whole number. A number that JSON
/// does not represent exactly could be the name of several tenants, so it is not used.
fn tenant(answer: &Value) -> Option<String> {
    match answer.get("tenant_id")? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        value @ Value::Number(_) => i64::read(value.clone()).map(|number| number.to_string()),
        _ => None,
    }
}

/// The error of a call that spends while it is unknown whose credits it would spend.
fn untold(error: Error) -> Error {
    let passing = matches!(
        error.kind(),
        ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::Server | ErrorKind::RateLimit
    );
    let redirected = error.call().and_then(|call| call.status).is_some_and(|status| status < 400);
    if !passing || redirected {
        return error;
    }
    let happened = format!(
        "nothing was sent, because the API did not say which tenant owns the key ({}), and tenants \
         must not share answers",
        error.happened()
    );
    let mut untold = Error::new(error.kind(), happened).with_retry_after(error.facts().retry_after);
    if let Some(call) = error.call() {
        untold = untold.with_call(call.clone());
    }
    let advice = match (error.kind(), error.advice()) {
        (ErrorKind::Connection, Some(advice)) => advice.clone(),
        _ => Advice::text("try again once the API answers GET /v1/credits/remaining"),
    };
    untold.advise(advice).caused_by(error)
}

/// The id of a server on this machine; `None` if its answer does not contain one.
async fn ask_local(client: &Client) -> Option<String> {
    // This call does not go to the API, so its rate limits do not apply.
    let options = CallOptions { slot_taken: true, no_retry: true, ..CallOptions::default() };
    let who = tokio::time::timeout(LOCAL, client.call_with(&WhoIsThere {}, options)).await;
    let instance = who.ok()?.ok()?.value;
    Some(format!("{LOCAL_SERVER}{}", instance.instance_id))
}

fn with_tenant(place: &str, tenant: &str) -> String {
    format!("{place}#{tenant}")
}

/// The account of a key whose tenant is not named.
fn of_key(place: &str, fingerprint: &str) -> String {
    format!("{place}#key/{fingerprint}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::CallContext;

    #[test]
    fn a_tenant_is_named_by_a_text_or_by_a_whole_number() {
        let named = |value: Value| tenant(&json!({ "tenant_id": value }));
        for text in ["tenant-1", "acme", "ACME", " a ", "01", "1"] {
            assert_eq!(named(text.into()).as_deref(), Some(text));
        }
        let numbers = [
            (json!(7), "7"),
            (json!(7.0), "7"),
            (json!(-1), "-1"),
            (json!(1_u64 << 63), "9223372036854775808"),
        ];
        for (number, name) in numbers {
            assert_eq!(named(number).as_deref(), Some(name));
        }
        for value in [json!(null), json!({"a": 1}), json!([1]), json!(true), json!(""), json!(1.5)]
        {
            assert_eq!(named(value.clone()), None, "{value}");
        }
        assert_eq!(named(json!(1e20)), None, "other numbers are read as this one");
        assert_eq!(tenant(&json!({"remaining_credits": 5})), None);
        assert_eq!(tenant(&json!("a text")), None);
    }

    #[test]
    fn an_outage_says_nothing_about_tenants_and_a_refusal_does() {
        let answered = |status| {
            let call = CallContext { status: Some(status), ..CallContext::default() };
            names_no_tenants(&Error::new(ErrorKind::Server, "no").with_call(call))
        };
        for status in [200, 400, 403, 404, 405, 410, 501] {
            assert!(answered(status), "{status}");
        }
        for status in [302, 401, 402, 408, 429, 500, 502, 503, 504, 520] {
            assert!(!answered(status), "{status}");
        }
        assert!(!names_no_tenants(&Error::new(ErrorKind::Connection, "refused")));
    }
}
