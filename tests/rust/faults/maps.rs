//! Tables of calls: each call that can be mapped, and the cascade × a fault of each kind.
//!
//! The server counts what was paid. With `raise` and `skip`, a row that may have been paid is never
//! sent again; with `resend` it is sent at most three times in all.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use lantern::{
    Client, Error,
    api::{Effect, matching::MatchObject},
    error::ErrorKind,
    jobs::{
        Ledger, OnInDoubt,
        map::{CALLS, Cascade, Kind, MapRequest, cascade, run},
    },
    ledger::{Reuse, rules::Sums},
    matching::{options::Options, tables::Table},
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
    /// Whether a successful answer was sent.
    answered: bool,
}

type Book = Arc<Mutex<HashMap<usize, Seen>>>;

/// The row that a request is for; each request contains its number.
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

/// What is made of the rows.
#[derive(Debug, Clone, Copy)]
enum Work {
    /// A call for each.
    Calls(&'static Kind),
    /// A match on this machine, of which no row is sure.
    Cascade,
}

impl Work {
    fn name(self) -> &'static str {
        match self {
            Self::Calls(kind) => kind.name,
            Self::Cascade => "cascade",
        }
    }

    fn spends(self) -> bool {
        match self {
            Self::Calls(kind) => kind.effect == Effect::SpendsCredits,
            Self::Cascade => true,
        }
    }
}

/// A table of one column of names.
fn names(side: &'static str, of: impl Fn(usize) -> String) -> Table {
    let names: ArrayRef = Arc::new(StringArray::from_iter_values((0..ROWS).map(&of)));
    let ids: ArrayRef =
        Arc::new(StringArray::from_iter_values((0..ROWS).map(|row| format!("{row:015}"))));
    let columns = match side {
        "left" => vec![("name", names)],
        _ => vec![("name", names), ("id", ids)],
    };
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    Table::new(batch.schema(), vec![batch], side).unwrap()
}

struct World {
    asked: Work,
    client: Client,
    server: Server,
    book: Book,
    ledger: Ledger,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new(asked: Work, good: &Value, fault: &Fault, lasts: Lasts) -> Self {
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
        Self { asked, client, server, book, ledger, _folder: folder }
    }

    async fn run(&self, on_in_doubt: OnInDoubt) -> Option<Result<RecordBatch, Error>> {
        let work = async {
            match self.asked {
                Work::Calls(kind) => run(&self.client, self.calls(kind, on_in_doubt)).await,
                Work::Cascade => cascade(&self.client, self.cascade(on_in_doubt)).await,
            }
        };
        tokio::time::timeout(GUARD, work).await.ok()
    }

    fn calls(&self, kind: &'static Kind, on_in_doubt: OnInDoubt) -> MapRequest {
        let shared = if kind.takes_several() {
            json!({"object": "account", "rules": ["name:fuzzy0.9"]})
        } else {
            json!({})
        };
        MapRequest {
            kind,
            shared: shared.as_object().unwrap().clone(),
            extra: Map::new(),
            rows: (0..ROWS).map(|row| request(kind, row)).collect(),
            max_credits: BUDGET,
            credits_per_row: Some(PRICE),
            rows_per_call: kind.takes_several().then_some(1),
            concurrency: 1,
            key: Some("k".into()),
            on_in_doubt,
            budget: None,
            suppress: Vec::new(),
            ledger: self.ledger.clone(),
            reuse: Reuse::ALWAYS,
            sample: None,
            provenance: false,
        }
    }

    fn cascade(&self, on_in_doubt: OnInDoubt) -> Cascade {
        Cascade {
            left: names("left", marked),
            right: names("right", |row| format!("{}s", marked(row))),
            object: MatchObject::Account,
            groups: Some(vec![vec!["name:fuzzy0.5".parse().unwrap()]]),
            weights: BTreeMap::new(),
            options: Options::default(),
            left_id: None,
            right_id: "id".into(),
            sure: 1.0,
            unsure: 0.01,
            instructions: None,
            threshold: None,
            max_credits: BUDGET,
            extra: Map::new(),
            rows_per_call: Some(1),
            concurrency: 1,
            key: Some("k".into()),
            on_in_doubt,
            budget: None,
            suppress: Vec::new(),
            ledger: self.ledger.clone(),
            reuse: Reuse::ALWAYS,
        }
    }

    fn sums(&self) -> Sums {
        self.ledger.store().jobs(None).unwrap().first().map(|job| job.1).unwrap_or_default()
    }

    /// What is wrong after a run, whatever its outcome.
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
            let good = match self.asked {
                Work::Calls(_) => "done",
                // The API finds nobody.
                Work::Cascade => "no_match",
            };
            for (row, seen) in book.iter() {
                if seen.answered && status.value(*row) != good {
                    wrong.push(format!("the answer for row {row} is lost: {}", status.value(*row)));
                }
            }
        }
        wrong
    }
}

async fn cell(asked: Work, good: &Value, fault: &Fault, lasts: Lasts) -> Vec<String> {
    let mut wrong = Vec::new();
    let spends = asked.spends();
    for last in [OnInDoubt::Skip, OnInDoubt::Resend] {
        let world = World::new(asked, good, fault, lasts).await;
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
                let bug = matches!(
                    error.kind(),
                    ErrorKind::Ledger | ErrorKind::Input | ErrorKind::Job | ErrorKind::Internal
                );
                if bug {
                    wrong.push(format!("{error:?}"));
                }
            }
            wrong.extend(world.check(most, outcome.as_ref().ok()));
        }
        // After the fault has ended, only rows in doubt or given up may be without an answer.
        let sums = world.sums();
        if lasts == Lasts::Once && last == OnInDoubt::Resend && sums.loaded < ROWS as u64 {
            let refused = matches!(fault.says, Says::Refused(_));
            if !refused && sums.spent + sums.committed + PRICE <= BUDGET {
                wrong.push(format!("{sums:?} after a fault that has passed"));
            }
        }
        // Each run sends a row at most three times.
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
    let calls = CALLS.iter().map(|kind| (Work::Calls(kind), good(kind)));
    let cascade = (Work::Cascade, good(Kind::named("match").unwrap()));
    for (asked, good) in calls.chain([cascade]) {
        for fault in catalogue::kinds(&good, &other.url) {
            for lasts in [Lasts::Once, Lasts::ForEver] {
                cells.push((asked, good.clone(), fault.clone(), lasts));
            }
        }
    }
    let waits = |(_, _, fault, _): &(Work, Value, Fault, Lasts)| fault.hangs;
    let cells = which.of(cells, waits);
    let mut findings = report::run(
        "mapped calls",
        cells,
        AT_ONCE,
        waits,
        |(asked, good, fault, lasts)| async move {
            let wrong = cell(asked, &good, &fault, lasts).await;
            (format!("{} × {}, {lasts:?}", asked.name(), fault.name), wrong)
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
async fn a_sample_of_mapped_calls_bears_a_sample_of_faults() {
    every_mapped_call(Tried::Some(40)).await;
}
