//! Ledgers that were made by earlier versions are opened without losing a row.

use std::{collections::BTreeMap, fs, path::Path};

use lantern::ledger::{
    Store, UnitState, postgres::PostgresLedger, rules::Sums, sqlite::SqliteLedger,
};
use rusqlite::Connection;

const ACCOUNT: &str = "local";

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ledger/earlier").join(name)
}

/// The state, number of units, cost and maximum cost of each job in the fixtures.
type Counted = BTreeMap<(String, String), (u64, u64)>;

/// Reads the tables of an earlier version.
fn question(jobs: &str, batches: &str) -> String {
    format!(
        "SELECT j.key, b.state, count(*), \
         CAST(sum(coalesce(b.credits, b.max_credits)) AS BIGINT) \
         FROM {jobs} j JOIN {batches} b ON b.job = j.id GROUP BY j.key, b.state"
    )
}

fn of_sqlite(path: &Path) -> Counted {
    let file = Connection::open(path).unwrap();
    let mut statement = file.prepare(&question("jobs", "batches")).unwrap();
    let rows = statement
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?))))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

fn of_postgres(client: &mut postgres::Client) -> Counted {
    let rows = client.query(&question("lantern_jobs", "lantern_batches"), &[]).unwrap();
    rows.iter()
        .map(|row| {
            let (units, credits): (i64, i64) = (row.get(2), row.get(3));
            ((row.get(0), row.get(1)), (units.unsigned_abs(), credits.unsigned_abs()))
        })
        .collect()
}

/// Compares the opened ledger with what its tables contained before.
fn holds(store: &dyn Store, before: &Counted) {
    let mut after = Counted::new();
    for (job, sums) in store.jobs(None).unwrap() {
        let units = store.batches(job.id).unwrap();
        let mut again = Sums::default();
        units.iter().for_each(|unit| again.add(unit));
        assert_eq!(sums, again, "the sums of {:?} are those of its units", job.key);
        if job.id_type.is_empty() {
            continue;
        }
        let ids: usize =
            units.iter().filter(|unit| unit.round == 0).map(|u| u.count as usize).sum();
        assert_eq!(store.all_ids(job.id).unwrap().len(), ids);
        for unit in units {
            assert_eq!(store.batch_ids(job.id, unit.number).unwrap().len(), unit.count as usize);
            let counted = after.entry((job.key.clone(), unit.state.name().into())).or_default();
            counted.0 += 1;
            counted.1 += unit.credits.unwrap_or(unit.max_credits);
        }
    }
    assert_eq!(after, *before);
    assert_eq!(
        after.keys().map(|(key, _)| key).collect::<std::collections::BTreeSet<_>>().len(),
        5
    );
}

/// What the file of calls contained: rows of each state and their cost, by job.
fn calls_hold(store: &dyn Store) {
    let file = Connection::open(fixture("calls-1.sqlite")).unwrap();
    let mut rows = file
        .prepare(
            "SELECT j.account, j.key, j.plan, count(*), sum(r.credits), \
                  sum(r.state = 'done'), sum(r.state = 'in_doubt'), sum(r.state = 'failed'), \
                  sum(r.answer IS NOT NULL) \
                  FROM jobs j JOIN rows r ON r.key = j.key GROUP BY j.key",
        )
        .unwrap();
    let jobs: Vec<(String, String, String, [u64; 6])> = rows
        .query_map([], |row| {
            let number = |at| row.get::<_, u64>(at);
            let numbers = [number(3)?, number(4)?, number(5)?, number(6)?, number(7)?, number(8)?];
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, numbers))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(jobs.len(), 5);
    for (account, key, plan, [count, credits, done, in_doubt, failed, answers]) in jobs {
        // One of them has the key of a job over ids.
        let own = if key == "loaded" { "loaded (calls)".to_owned() } else { key };
        let job = store.find(&account, &own).unwrap().unwrap_or_else(|| panic!("{own} is lost"));
        assert_eq!((job.digest.as_str(), job.rows), (plan.as_str(), count), "{own}");
        let sums = store.sums(job.id).unwrap();
        assert_eq!(sums.spent + sums.committed, credits, "{own}");
        assert_eq!((sums.loaded, sums.in_doubt, sums.failed), (done, in_doubt, failed), "{own}");
        assert_eq!(store.answers(job.id).unwrap().len() as u64, answers, "{own}");
        let units = store.batches(job.id).unwrap();
        let sent = |state| units.iter().filter(|unit| unit.state == state).all(|u| u.sends == 1);
        assert!(sent(UnitState::Loaded) && sent(UnitState::InDoubt));
    }
}

fn sqlite_ledger_is_taken_over(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    fs::copy(fixture(name), &path).unwrap();
    fs::copy(fixture("calls-1.sqlite"), folder.path().join("ledger.calls.sqlite")).unwrap();
    let before = of_sqlite(&path);
    let ledger = SqliteLedger::open(&path).unwrap();
    holds(&ledger, &before);
    calls_hold(&ledger);
    let jobs = ledger.jobs(None).unwrap().len();
    drop(ledger);
    // Opened again: what was imported is not imported twice.
    let again = SqliteLedger::open(&path).unwrap();
    assert_eq!(again.jobs(None).unwrap().len(), jobs);
    calls_hold(&again);
    let doubtful = again.find(ACCOUNT, "in doubt").unwrap().unwrap();
    assert_eq!(again.sums(doubtful.id).unwrap().in_doubt, 2, "a doubt is still one");
}

#[test]
fn a_sqlite_ledger_of_schema_1_keeps_every_row() {
    sqlite_ledger_is_taken_over("sqlite-1.sqlite");
}

#[test]
fn a_sqlite_ledger_of_schema_2_keeps_every_row() {
    sqlite_ledger_is_taken_over("sqlite-2.sqlite");
}

#[test]
fn a_postgres_ledger_of_schema_1_keeps_every_row() {
    let Some(url) = super::server::database() else { return };
    let mut client =
        postgres::Client::connect(url.trim_end_matches("?sslmode=disable"), postgres::NoTls)
            .unwrap();
    client.batch_execute(&fs::read_to_string(fixture("postgres-1.sql")).unwrap()).unwrap();
    let before = of_postgres(&mut client);
    // The calls of this machine are in its own folder.
    let state = tempfile::tempdir().unwrap();
    let first = PostgresLedger::open(&url, state.path()).unwrap();
    let place = first.results_folder().parent().unwrap().to_owned();
    fs::create_dir_all(&place).unwrap();
    fs::copy(fixture("calls-1.sqlite"), place.join("ledger.calls.sqlite")).unwrap();
    let ledger = PostgresLedger::open(&url, state.path()).unwrap();
    holds(&ledger, &before);
    calls_hold(&ledger);
    let again = PostgresLedger::open(&url, state.path()).unwrap();
    calls_hold(&again);
}
