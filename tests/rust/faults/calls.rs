//! Single calls: each family of the API × each fault, once and permanently.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use lantern::{
    Client, ClientConfig, Error,
    api::{
        Call, Effect,
        agents::{BatchKind, ContactBatch, DeepResearchBatch, RunStatus},
        credits::{CreditsRemaining, CreditsUsage},
        enrich::{Ask, EnrichCompany, EnrichEmail, EnrichPerson, EnrichPhone, Research},
        fields,
        forms::SubmitForm,
        logs::{GetRetention, LogStats, RoutingLogs, SetRetention},
        matching::Match,
        routing::{Assign, DeletePool, ListPools, PutPool},
        salesforce::Convert,
        triggers::SalesforceTrigger,
        workflows::TriggerWorkflow,
    },
    client::RateLimits,
    error::ErrorKind,
};
use serde_json::{Value, json};

use super::{
    catalogue::{self, Fault, KEY, Says},
    report::{self, GUARD, Tried},
    server::{self, Server},
};

pub type Outcome = Result<(), Error>;
pub type Send = Arc<
    dyn Fn(Client) -> Pin<Box<dyn Future<Output = Outcome> + std::marker::Send>>
        + std::marker::Send
        + Sync,
>;

/// A call that can be repeated, and its successful answer.
#[derive(Clone)]
pub struct Operation {
    pub name: &'static str,
    pub effect: Effect,
    pub good: Value,
    pub send: Send,
}

fn operation<C: Call + 'static>(name: &'static str, call: C, good: Value) -> Operation {
    let call = Arc::new(call);
    let send = move |client: Client| -> Pin<Box<dyn Future<Output = Outcome> + std::marker::Send>> {
        let call = call.clone();
        Box::pin(async move { client.call(&*call).await.map(drop) })
    };
    Operation { name, effect: C::EFFECT, good, send: Arc::new(send) }
}

/// Every call of the API, with the examples of the contract.
pub fn operations() -> Vec<Operation> {
    let contract: Value = serde_json::from_str(include_str!("../server/contract.json")).unwrap();
    let request = |name: &str| {
        let text = contract[name]["requests"][0].to_string();
        // A record of the local server's CRM; here any id is valid.
        let value: Value = serde_json::from_str(&text.replace("\"$", "\"00")).unwrap();
        value
    };
    let good = |name: &str| contract[name]["answers"][0].clone();
    macro_rules! of {
        ($name:literal, $call:ty) => {
            operation($name, fields::read::<$call>("", &request($name)).unwrap(), good($name))
        };
    }
    let accepted = good("POST /v1/agents/phone");
    let run_id = accepted["run_id"].as_str().unwrap().to_owned();
    let batch = |kind| {
        let batch: ContactBatch = fields::read("", &request("POST /v1/agents/phone")).unwrap();
        ContactBatch { kind, ..batch }
    };
    let matched = json!({"success": true, "results": [{"candidate_index": 0, "matches": []}],
        "credits_consumed": 5});
    let fire: TriggerWorkflow =
        fields::read("", &request("POST /v1/workflows/{workflow_id}/trigger")).unwrap();
    let fire = TriggerWorkflow { workflow_id: "default".into(), ..fire };
    let pool = json!({"pool": "emea", "users": [{"id": "u1"}]});
    let retention = json!({"days": 30});
    vec![
        of!("POST /v1/enrich/phone", EnrichPhone),
        of!("POST /v1/enrich/email", EnrichEmail),
        of!("POST /v1/enrich/company", EnrichCompany),
        of!("POST /v1/enrich/person", EnrichPerson),
        of!("POST /v1/enrich/ai", Ask),
        of!("POST /v1/enrich/research", Research),
        operation(
            "POST /v1/match",
            fields::read::<Match>("", &request("POST /v1/match")).unwrap(),
            matched,
        ),
        of!("POST /v1/salesforce/convert", Convert),
        of!("POST /v1/routing/assign", Assign),
        of!("POST /v1/triggers/salesforce", SalesforceTrigger),
        operation(
            "POST /v1/workflows/default/trigger",
            fire,
            good("POST /v1/workflows/{workflow_id}/trigger"),
        ),
        of!("POST /v1/forms/submit", SubmitForm),
        operation("POST /v1/agents/phone", batch(BatchKind::Phone), accepted.clone()),
        operation("POST /v1/agents/email", batch(BatchKind::Email), accepted.clone()),
        operation("POST /v1/agents/phone-email", batch(BatchKind::PhoneEmail), accepted.clone()),
        operation(
            "POST /v1/agents/deep-research",
            fields::read::<DeepResearchBatch>("", &request("POST /v1/agents/deep-research"))
                .unwrap(),
            accepted,
        ),
        operation(
            "GET /v1/agents/runs/{run_id}/status",
            RunStatus { run_id },
            good("GET /v1/agents/runs/{run_id}/status"),
        ),
        operation(
            "GET /v1/credits/remaining",
            CreditsRemaining {},
            good("GET /v1/credits/remaining"),
        ),
        of!("GET /v1/credits/usage", CreditsUsage),
        of!("GET /v1/logs/routing", RoutingLogs),
        operation(
            "GET /v1/logs/routing/stats",
            fields::read::<LogStats>("", &request("GET /v1/logs/routing")).unwrap(),
            json!({"success": true}),
        ),
        operation("GET /v1/logs/retention", GetRetention {}, retention.clone()),
        operation("PUT /v1/logs/retention", SetRetention { days: 30 }, retention),
        operation("GET /v1/routing/pools", ListPools {}, json!({"pools": []})),
        operation(
            "PUT /v1/routing/pools",
            PutPool { pool: "emea".into(), users: vec!["u1".into()] },
            pool,
        ),
        operation(
            "DELETE /v1/routing/pools",
            DeletePool { pool: "emea".into() },
            json!({"success": true}),
        ),
    ]
}

/// How long a client waits for a server that hangs: longer than any answer takes on a busy machine.
pub const READ: Duration = Duration::from_secs(5);
pub const TOTAL: Duration = Duration::from_secs(15);

/// A client with short waits, for a server that hangs or one that does not.
pub fn client(url: &str, hangs: bool) -> Client {
    Client::new(config(url, hangs)).unwrap()
}

pub fn config(url: &str, hangs: bool) -> ClientConfig {
    let mut config = ClientConfig::resolve(Some(KEY), Some(url), false).unwrap();
    config.limits = RateLimits::LIFTED;
    config.retry.attempts = 3;
    config.retry.transient = Duration::from_millis(1);
    config.retry.throttled = Duration::from_millis(1);
    if hangs {
        // Only a server that hangs should exceed these, not one on a busy machine.
        config.timeouts.read = READ;
        config.timeouts.total = TOTAL;
    }
    config
}

/// The number of requests that a fault applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    Once,
    ForEver,
}

impl Lasts {
    /// What is not asked again is the same once and for ever.
    pub fn of(says: Says) -> &'static [Self] {
        match says {
            Says::Refused(_) | Says::Worked | Says::WorkedPerhaps => &[Self::ForEver],
            Says::Unread | Says::Throttled | Says::Unclear { .. } => &[Self::Once, Self::ForEver],
        }
    }
}

/// One cell: makes the call once, and holds what happened against what the fault says.
async fn cell(operation: &Operation, fault: &Fault, lasts: Lasts) -> Vec<String> {
    let (script, good) =
        (fault.script.clone(), server::json("200 OK", operation.good.to_string().as_bytes()));
    let play = move |_: &server::Arrived, number: usize| {
        if number == 0 || lasts == Lasts::ForEver {
            script.clone()
        } else {
            server::Script::new(good.clone(), server::Then::Keep)
        }
    };
    let server = Server::start(play).await;
    let client = client(&server.url, fault.hangs);
    let Ok(outcome) = tokio::time::timeout(GUARD, (operation.send)(client)).await else {
        return vec!["it hangs".into()];
    };
    let arrived = server.arrived().len();
    let mut wrong = judge(operation.effect, fault, lasts, &outcome, arrived);
    if let Err(error) = &outcome {
        wrong.extend(readable(error));
    }
    wrong
}

/// What is wrong with the outcome of a call that met a fault, and `arrived` so often at the server.
pub fn judge(
    effect: Effect,
    fault: &Fault,
    lasts: Lasts,
    outcome: &Outcome,
    arrived: usize,
) -> Vec<String> {
    let spends = effect == Effect::SpendsCredits;
    let kind = outcome.as_ref().err().map(Error::kind);
    let unclear = if spends {
        &[ErrorKind::OutcomeUnknown][..]
    } else {
        &[ErrorKind::Server, ErrorKind::Connection, ErrorKind::Timeout]
    };
    let (may_work, errors, most): (bool, &[ErrorKind], usize) = match fault.says {
        // The client cannot know that the body of its request was not read.
        Says::Unread => (
            lasts == Lasts::Once,
            &[ErrorKind::Connection, ErrorKind::Timeout, ErrorKind::OutcomeUnknown],
            if spends { 1 } else { 3 },
        ),
        Says::Refused(ErrorKind::NotFound) => (false, &[ErrorKind::NotFound], 1),
        Says::Refused(ref kind) => (false, std::slice::from_ref(kind), 1),
        Says::Throttled => (lasts == Lasts::Once, &[ErrorKind::RateLimit], 3),
        Says::Unclear { .. } => {
            (lasts == Lasts::Once && !spends, unclear, if spends { 1 } else { 3 })
        }
        Says::Worked => (true, &[], 1),
        Says::WorkedPerhaps => (
            true,
            &[
                ErrorKind::OutcomeUnknown,
                ErrorKind::Server,
                ErrorKind::Connection,
                ErrorKind::Timeout,
            ],
            if spends { 1 } else { 3 },
        ),
    };
    let mut wrong = Vec::new();
    match kind {
        None if !may_work => wrong.push("it is a success".into()),
        Some(kind) if !errors.contains(&kind) => {
            wrong.push(format!("it is {kind:?}: {}", outcome.as_ref().unwrap_err()));
        }
        // A call that may have been processed and paid must not look as if it had not been.
        Some(kind)
            if spends
                && kind != ErrorKind::OutcomeUnknown
                && arrived > 0
                && matches!(fault.says, Says::WorkedPerhaps)
                && !fault.name.starts_with("success is")
                && !fault.name.starts_with("the status") =>
        {
            wrong.push(format!("paid, and it is {kind:?}: {}", outcome.as_ref().unwrap_err()));
        }
        _ => {}
    }
    if arrived > most {
        wrong.push(format!("it arrived {arrived} times"));
    }
    let passes = matches!(fault.says, Says::Unclear { passes: true } | Says::Unread);
    if passes && !spends && lasts == Lasts::Once && !fault.hangs && kind.is_some() {
        wrong.push(format!("it was not asked again: {}", outcome.as_ref().unwrap_err()));
    }
    wrong
}

/// What is wrong with the text of an error.
pub fn readable(error: &Error) -> Vec<String> {
    let (text, all) = (error.to_string(), format!("{error:?}"));
    let mut wrong = Vec::new();
    if text.len() > 20_000 {
        wrong.push(format!("its text has {} bytes", text.len()));
    }
    if text.contains(|letter: char| letter.is_control()) {
        wrong.push(format!("its text has control characters: {text:?}"));
    }
    if text.contains(KEY) || all.contains(KEY) {
        wrong.push(format!("it shows the key: {all}"));
    }
    wrong
}

/// Number of cells that run in parallel.
pub const AT_ONCE: usize = 16;

async fn every_call(which: Tried) {
    let other = Server::start(|_, _| {
        server::Script::new(server::json("200 OK", b"{}"), server::Then::Keep)
    })
    .await;
    let mut cells = Vec::new();
    for operation in operations() {
        for fault in catalogue::all(&operation.good, &other.url) {
            let lasting = Lasts::of(fault.says);
            cells.extend(lasting.iter().map(|lasts| (operation.clone(), fault.clone(), *lasts)));
        }
    }
    let waits = |(_, fault, _): &(Operation, Fault, Lasts)| fault.hangs;
    let cells = which.of(cells, waits);
    let mut findings = report::run(
        "single calls",
        cells,
        AT_ONCE,
        waits,
        |(operation, fault, lasts)| async move {
            let wrong = cell(&operation, &fault, lasts).await;
            (format!("{} × {}, {lasts:?}", operation.name, fault.name), wrong)
        },
    )
    .await;
    let asked = other.arrived().iter().map(|asked| format!("{asked:?}")).collect();
    findings.add("the other server", asked);
    findings.done();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long; `make test-faults` runs it"]
async fn every_call_bears_every_fault() {
    every_call(Tried::All).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_of_calls_bears_a_sample_of_faults() {
    every_call(Tried::Some(400)).await;
}
