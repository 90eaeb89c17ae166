//! Tables of calls: each call that can be mapped × a fault of each kind.
//!
//! The server counts what was paid for. A run that raises and one that skips never send a row again that
//! may have been paid; one that resends does so three times in all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use arrow::array::{AsArray, RecordBatch};
use lantern::{
    Client, Error,
    api::Effect,
    error::ErrorKind,
    jobs::{
        Ledger, OnInDoubt,
        map::{CALLS, Kind, MapRequest, run},
    },
    ledger::{Reuse, rules::Sums},
};
use serde_json::{Map, Value, json};

use super::{
    calls::{self, AT_ONCE, Lasts, Operation, readable},
    catalogue::{self, Fault, Says},
    report::{self, GUARD, Tried},
    server::{self, Server, Step},
};

const ROWS: usize = 4;
const PRICE: u64 = 5;
const BUDGET: u64 = ROWS as u64 * PRICE;

/// What the server saw of each row.
#[derive(Debug, Default, Clone)]
struct Seen {
    /// How often it may have been paid for.
    paid: usize,
    /// A good answer was sent.
    answered: bool,
}

type Book = Arc<Mutex<HashMap<usize, Seen>>>;

/// The row that a request is for: each holds its number.
fn row_of(body: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(body);
    (0..ROWS).find(|row| text.contains(&marked(*row)))
}

fn marked(row: usize) -> String {
    format!("row{row}mark")
}

/// The fields of a row's request.
fn request(kind: &Kind, row: usize) -> Map<String, Value> {
    let mark = marked(row);
    let value = match kind.name {
        "enrich.phone" => {
            json!({"record_id": mark, "first_name": "Ada", "last_name": "Byron", "company": mark, "domain": "engines.co.uk"})
        }
        "enrich.email" => {
            json!({"record_id": mark, "first_name": "Ada", "last_name": "Byron", "company": mark})
        }
        "enrich.company" => {
            json!({"record_id": mark, "company_name": mark, "domain": "engines.co.uk"})
        }
        "enrich.person" => {
            json!({"record_id": mark, "first_name": "Ada", "last_name": mark, "company_domain": "engines.co.uk"})
        }
        "enrich.ai" | "enrich.research" => json!({"query": mark}),
        "match" => json!({"name": mark}),
        "salesforce.convert" => json!({"lead_sf_id": mark}),
        "routing.assign" => json!({"object": "lead", "sf_id": mark, "pool": "default"}),
        "workflows.trigger" => {
            json!({"workflow_id": "default", "record_data": {"email": format!("{mark}@example.com")}})
        }
        "forms.submit" => json!({"email": format!("{mark}@example.com")}),
        other => panic!("{other} is not tried"),
    };
    value.as_object().unwrap().clone()
}

struct World {
    kind: &'static Kind,
    client: Client,
    server: Server,
    book: Book,
    ledger: Ledger,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new(kind: &'static Kind, good: &Value, fault: &Fault, lasts: Lasts) -> Self {
        let book: Book = Arc::default();
        let (script, good, kept) = (fault.script.clone(), good.clone(), book.clone());
        let counts = !matches!(fault.says, Says::Refused(_) | Says::Throttled | Says::Unread);
        let play = move |asked: &server::Arrived, number: usize| {
            if asked.step() == Step::Account {
                return server::Script::new(
                    server::json("404 Not Found", b"{}"),
                    server::Then::Keep,
                );
            }
            let odd = number == 1 || lasts == Lasts::ForEver;
            if let Some(row) = row_of(&asked.body) {
                let mut book = kept.lock().unwrap();
                let seen = book.entry(row).or_default();
                seen.paid += usize::from(!odd || counts);
                seen.answered |= !odd;
            }
            if odd {
                return script.clone();
            }
            let body = good.to_string();
            server::Script::new(server::json("200 OK", body.as_bytes()), server::Then::Keep)
        };
        let server = Server::start(play).await;
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("l.sqlite").to_string_lossy()).unwrap();
        let client = calls::client(&server.url, fault.hangs);
        Self { kind, client, server, book, ledger, _folder: folder }
    }

    async fn run(&self, on_in_doubt: OnInDoubt) -> Option<Result<RecordBatch, Error>> {
        let shared = if self.kind.takes_several() {
            json!({"object": "account", "rules": ["name:fuzzy0.9"]})
        } else {
            json!({})
        };
        let request = MapRequest {
            kind: self.kind,
            shared: shared.as_object().unwrap().clone(),
            extra: Map::new(),
            rows: (0..ROWS).map(|row| request(self.kind, row)).collect(),
            max_credits: BUDGET,
            credits_per_row: Some(PRICE),
            rows_per_call: self.kind.takes_several().then_some(1),
            concurrency: 1,
            key: Some("k".into()),
            on_in_doubt,
            budget: None,
            suppress: Vec::new(),
            ledger: self.ledger.clone(),
            reuse: Reuse::ALWAYS,
            sample: None,
            provenance: false,
        };
        tokio::time::timeout(GUARD, run(&self.client, request)).await.ok()
    }

    fn sums(&self) -> Sums {
        self.ledger.store().jobs(None).unwrap().first().map(|job| job.1).unwrap_or_default()
    }

    /// What is wrong after a run, whatever it was.
    fn check(&self, most: usize, done: Option<&RecordBatch>) -> Vec<String> {
        let mut wrong = Vec::new();
        let (book, sums) = (self.book.lock().unwrap(), self.sums());
        let counted = sums.spent + sums.committed;
        if counted > BUDGET {
            wrong.push(format!("{counted} credits of {BUDGET}"));
        }
        for (row, seen) in book.iter() {
            if seen.paid > most {
                wrong.push(format!("row {row} was paid for {} times", seen.paid));
            }
        }
        if let Some(table) = done {
            let status = table.column_by_name("status").unwrap().as_string::<i32>();
            for (row, seen) in book.iter() {
                if seen.answered && status.value(*row) != "done" {
                    wrong.push(format!("the answer for row {row} is lost: {}", status.value(*row)));
                }
            }
        }
        wrong
    }
}

async fn cell(kind: &'static Kind, good: &Value, fault: &Fault, lasts: Lasts) -> Vec<String> {
    let mut wrong = Vec::new();
    let spends = kind.effect == Effect::SpendsCredits;
    for last in [OnInDoubt::Skip, OnInDoubt::Resend] {
        let world = World::new(kind, good, fault, lasts).await;
        let (runs, most) = match last {
            OnInDoubt::Resend => (vec![last; 4], 3),
            _ => (vec![OnInDoubt::Raise, OnInDoubt::Raise, last], 1),
        };
        let most = if spends { most } else { usize::MAX };
        for on_in_doubt in runs {
            let Some(outcome) = world.run(on_in_doubt).await else {
                wrong.push(format!("it hangs ({on_in_doubt:?})"));
                break;
            };
            if let Err(error) = &outcome {
                wrong.extend(readable(error));
                let bug =
                    matches!(error.kind(), ErrorKind::Ledger | ErrorKind::Input | ErrorKind::Job);
                if bug || error.happened().contains("broke off") {
                    wrong.push(format!("{error:?}"));
                }
            }
            wrong.extend(world.check(most, outcome.as_ref().ok()));
        }
        // A fault that has passed leaves nothing but what is in doubt or was given up.
        let sums = world.sums();
        if lasts == Lasts::Once && last == OnInDoubt::Resend && sums.loaded < ROWS as u64 {
            let refused = matches!(fault.says, Says::Refused(_));
            if !refused && sums.spent + sums.committed + PRICE <= BUDGET {
                wrong.push(format!("{sums:?} after a fault that has passed"));
            }
        }
        // Each run asks three times at most for a row.
        let arrived = world.server.count(Step::Call);
        if arrived > 4 * 3 * ROWS {
            wrong.push(format!("{arrived} calls arrived"));
        }
    }
    wrong
}

async fn every_mapped_call(which: Tried) {
    let other = Server::start(|_, _| {
        server::Script::new(server::json("200 OK", b"{}"), server::Then::Keep)
    })
    .await;
    let operations = calls::operations();
    let good = |kind: &Kind| -> Value {
        let path = kind.name.replace('.', "/").replace("workflows/", "workflows/default/");
        let found =
            operations.iter().find(|own: &&Operation| own.name == format!("POST /v1/{path}"));
        let mut good = found.unwrap_or_else(|| panic!("no answer for {}", kind.name)).good.clone();
        good["credits_consumed"] = 1.into();
        good
    };
    let mut cells = Vec::new();
    for kind in CALLS.iter() {
        let good = good(kind);
        for fault in catalogue::kinds(&good, &other.url) {
            for lasts in [Lasts::Once, Lasts::ForEver] {
                cells.push((kind, good.clone(), fault.clone(), lasts));
            }
        }
    }
    let waits = |(_, _, fault, _): &(&Kind, Value, Fault, Lasts)| fault.hangs;
    let cells = which.of(cells, waits);
    let mut findings = report::run(
        "mapped calls",
        cells,
        AT_ONCE,
        waits,
        |(kind, good, fault, lasts)| async move {
            let wrong = cell(kind, &good, &fault, lasts).await;
            (format!("{} × {}, {lasts:?}", kind.name, fault.name), wrong)
        },
    )
    .await;
    findings.add(
        "the other server",
        other.arrived().iter().map(|asked| format!("{asked:?}")).collect(),
    );
    findings.done();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long; `make test-faults` runs it"]
async fn every_mapped_call_bears_every_kind_of_fault() {
    every_mapped_call(Tried::All).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "not seen whole yet; `make test-faults` runs it"]
async fn a_sample_of_mapped_calls_bears_a_sample_of_faults() {
    every_mapped_call(Tried::Some(40)).await;
}
