//! A ledger in PostgreSQL, for processes on several machines.
//!
//! Each process has one session. Statements are unnamed and sent several at a time, so that a
//! pooler in transaction mode can be used, and a remote server costs few round trips. A sender
//! shows that it is alive by a lease in a table, which a thread renews while calls may be in
//! flight. A lock of the session would not do, because behind a pooler it belongs to the pooler.

use std::{
    future::{Future, poll_fn},
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use sha2::{Digest, Sha256};
use tokio_postgres::{
    Client, Config, NoTls,
    error::{DbError, Severity, SqlState},
    types::{IsNull, ToSql, Type, to_sql_checked},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

use super::{
    earlier_calls,
    place::without_password,
    postgres_connection::{CONNECT, configured, refused},
    schema,
    sql::{Database, Row, Session, Statement, Value, Work, sql},
    store::SqlLedger,
};
use crate::{
    client::limit::now,
    error::{Advice, Error, Result},
    process::per_process::PerProcess,
};

/// Lock that is held while the schema is upgraded ("lantern" in ASCII).
const SCHEMA_LOCK: i64 = 0x6c_616e_7465_726e;
/// A session that was idle for longer is tested before it is used.
const IDLE: Duration = Duration::from_secs(20);
/// How long a process counts as alive without another sign of life: 30 s, in microseconds.
const LEASE: i64 = 30_000_000;
/// How often a lease is renewed.
const BEAT: Duration = Duration::from_secs(10);
/// Number of statements that are sent before the first answer is read.
const PIPELINE: usize = 100;
/// The server's clock, in microseconds since 1970. The clocks of the workers may differ.
const CLOCK: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";

/// A ledger in a PostgreSQL database.
pub type PostgresLedger = SqlLedger<PostgresServer>;

type Failure = tokio_postgres::Error;

impl PostgresLedger {
    /// Opens the ledger at a `postgresql://` URL, and creates its tables if they do not exist.
    /// Files that this machine fetches are stored below `state`.
    ///
    /// # Errors
    /// If the URL is invalid, the server refuses the connection, or the ledger was made by a newer
    /// version. If the server is only unreachable or overloaded, the ledger opens, and each use
    /// fails until the server can be reached.
    pub fn open(url: &str, state: &Path) -> Result<Self> {
        let (config, tls) = configured(url)?;
        let place = without_password(url);
        let digest = Sha256::digest(place.as_bytes());
        let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let folder = state.join(format!("postgres-{name}"));
        let server = Arc::new(Server {
            config,
            tls,
            place,
            session: PerProcess::new(),
            owner: PerProcess::new(),
            pulse: PerProcess::new(),
            ready: AtomicBool::new(false),
        });
        let calls = folder.join("ledger.calls.sqlite");
        let ledger = Self { database: PostgresServer { server, folder } };
        // On a thread of its own, because the session has a runtime, which cannot be entered from
        // another runtime's thread.
        let opened = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    ledger.database.server.get_ready()?;
                    earlier_calls::take_over(&ledger, &calls)
                })
                .join()
        });
        match opened.unwrap_or_else(|_| Err(Error::ledger("the ledger's thread ended"))) {
            // The tables are checked on the first use that reaches the server. But calls of an
            // earlier version have to be imported before anything is asked again, so opening fails
            // if there are any.
            Err(error) if error.facts().passing && !calls.exists() => {
                tracing::warn!(%error, "the ledger cannot be used yet");
                Ok(ledger)
            }
            opened => opened.map(|()| ledger),
        }
    }
}

/// The server of a ledger, and the folder for files on this machine.
pub struct PostgresServer {
    server: Arc<Server>,
    folder: PathBuf,
}

struct Server {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// The URL without its password.
    place: String,
    session: PerProcess<Mutex<Option<Connected>>>,
    owner: PerProcess<String>,
    pulse: PerProcess<Arc<Pulse>>,
    /// Whether the tables were found to match this version.
    ready: AtomicBool,
}

/// Until when this process may have calls in flight, for the thread that renews its lease.
#[derive(Default)]
struct Pulse {
    until: Mutex<i64>,
    changed: Condvar,
}

struct Connected {
    client: Client,
    /// Drives the connection while somebody waits for an answer; `None` only while it is being
    /// dropped.
    runtime: Option<tokio::runtime::Runtime>,
    used: Instant,
}

impl Drop for Connected {
    fn drop(&mut self) {
        // The last owner of a ledger may be dropped on a thread that must not block.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl Value {
    /// The type with which a value is sent. The server infers the type of a null.
    const fn kind(&self) -> Type {
        match self {
            Self::Null => Type::UNKNOWN,
            Self::Integer(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
            Self::Bytes(_) => Type::BYTEA,
        }
    }
}

fn value(row: &tokio_postgres::Row, at: usize) -> std::result::Result<Value, Failure> {
    Ok(match *row.columns()[at].type_() {
        Type::BOOL => row.try_get::<_, Option<bool>>(at)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map(i64::from).into(),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.into(),
        Type::INT8 => row.try_get::<_, Option<i64>>(at)?.into(),
        _ => row.try_get::<_, Option<String>>(at)?.into(),
    })
}

type Asked<'a> = Pin<Box<dyn Future<Output = std::result::Result<Vec<Row>, Failure>> + 'a>>;

/// Sends all statements before it waits for the first answer. A statement is sent when it is first
/// polled.
async fn in_order(mut asked: Vec<Asked<'_>>) -> Vec<std::result::Result<Vec<Row>, Failure>> {
    let mut answers: Vec<Option<_>> = asked.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut pending = false;
        for (asked, answer) in asked.iter_mut().zip(&mut answers).filter(|(_, a)| a.is_none()) {
            match asked.as_mut().poll(context) {
                Poll::Ready(got) => *answer = Some(got),
                Poll::Pending => pending = true,
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    answers.into_iter().flatten().collect()
}

impl Connected {
    fn wait<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.runtime.as_ref().map(|runtime| runtime.block_on(work))
    }

    fn simple<'a>(&'a self, text: &'static str) -> Asked<'a> {
        Box::pin(async move { self.client.batch_execute(text).await.map(|()| Vec::new()) })
    }

    fn ask<'a>(&'a self, statement: &'a Statement) -> Asked<'a> {
        Box::pin(async move {
            let text = statement.text.replace('?', "$");
            let values: Vec<(&(dyn ToSql + Sync), Type)> = statement
                .values
                .iter()
                .map(|value| (value as &(dyn ToSql + Sync), value.kind()))
                .collect();
            let rows = self.client.query_typed(&text, &values).await?;
            let read = |row: &tokio_postgres::Row| {
                (0..row.len()).map(|at| value(row, at)).collect::<std::result::Result<_, _>>()
            };
            rows.iter().map(|row| read(row).map(Row)).collect()
        })
    }

    /// Runs statements, and `before` and `after` if given, with one round trip for each hundred.
    fn run(
        &self,
        statements: &[Statement],
        before: Option<&'static str>,
        after: Option<&'static str>,
    ) -> std::result::Result<Vec<Vec<Row>>, Failure> {
        let own = statements.iter().map(|statement| self.ask(statement));
        let asked = before.map(|text| self.simple(text)).into_iter().chain(own);
        let mut asked = asked.chain(after.map(|text| self.simple(text)));
        let mut answers = Vec::with_capacity(statements.len() + 2);
        loop {
            let part: Vec<_> = asked.by_ref().take(PIPELINE).collect();
            if part.is_empty() {
                break;
            }
            for answer in self.wait(in_order(part)).unwrap_or_default() {
                answers.push(answer?);
            }
        }
        if before.is_some() && !answers.is_empty() {
            answers.remove(0);
        }
        answers.truncate(statements.len());
        Ok(answers)
    }
}

/// A transaction on the server, which begins with its first statement.
struct Open<'a> {
    connected: &'a Connected,
    begun: bool,
    ended: bool,
    /// The failure of the server or the connection. The caller got a substitute for it.
    failure: Option<Failure>,
    /// Whether it failed before anything could have been committed, so that it can be repeated.
    again: bool,
}

impl Open<'_> {
    fn ask(
        &mut self,
        statements: &[Statement],
        after: Option<&'static str>,
    ) -> Result<Vec<Vec<Row>>> {
        if self.ended {
            return Err(Error::ledger("the transaction has ended"));
        }
        let before = (!self.begun).then_some("BEGIN");
        self.begun = true;
        self.ended = after.is_some();
        self.connected.run(statements, before, after).map_err(|error| {
            let stand_in = Error::ledger(format!("the ledger cannot be used: {error}"));
            self.again = after.is_none();
            self.failure = Some(error);
            stand_in
        })
    }
}

impl Session for Open<'_> {
    fn run(&mut self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>> {
        self.ask(&statements, None)
    }

    fn commit(&mut self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>> {
        if statements.is_empty() && !self.begun {
            self.ended = true;
            return Ok(Vec::new());
        }
        self.ask(&statements, Some("COMMIT"))
    }
}

impl Server {
    fn connect(&self) -> Result<Connected> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::ledger(format!("the ledger cannot be reached: {error}")))?;
        let connecting = async {
            match &self.tls {
                Some(tls) => {
                    let (client, connection) = self.config.connect(tls.clone()).await?;
                    tokio::spawn(connection);
                    Ok(client)
                }
                None => {
                    let (client, connection) = self.config.connect(NoTls).await?;
                    tokio::spawn(connection);
                    Ok(client)
                }
            }
        };
        let client = runtime.block_on(connecting).map_err(|error| self.explain(&error))?;
        Ok(Connected { client, runtime: Some(runtime), used: Instant::now() })
    }

    /// Runs `work` on this process's session. Blocks: call it from a blocking thread.
    fn with<T>(
        &self,
        work: &mut dyn FnMut(&Connected) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        let mut slot = self
            .session
            .get_or_init(|| Mutex::new(None))
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let stale = slot.as_ref().is_some_and(|session| {
            session.client.is_closed()
                || session.used.elapsed() > IDLE && {
                    let valid = async {
                        let trial = session.client.batch_execute("");
                        tokio::time::timeout(CONNECT, trial).await
                    };
                    !matches!(session.wait(valid), Some(Ok(Ok(()))))
                }
        });
        if stale {
            *slot = None;
        }
        let session = match &mut *slot {
            Some(session) => session,
            empty => empty.insert(self.connect()?),
        };
        session.used = Instant::now();
        let done = work(session);
        let closed = session.client.is_closed();
        done.map_err(|error| {
            // An error that does not come from the server means that the session has ended.
            if error.as_db_error().is_none() || closed || ends_session(&error) {
                *slot = None;
            }
            self.explain(&error)
        })
    }

    fn read(&self, statements: &[Statement]) -> Result<Vec<Vec<Row>>> {
        let mut lost = false;
        let mut ask = |session: &Connected| {
            let answers = session.run(statements, None, None);
            let ended = |error| session.client.is_closed() || ends_session(error);
            lost = answers.as_ref().is_err_and(ended);
            answers
        };
        match self.with(&mut ask) {
            // A connection that was closed while it was idle is noticed only now, so the work is
            // repeated once.
            Err(_) if lost => self.with(&mut |session| session.run(statements, None, None)),
            done => done,
        }
    }

    fn transact(&self, work: &mut Work<'_>) -> Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            let mut again = false;
            let mut outcome = None;
            let done = self.with(&mut |session| {
                let mut open = Open {
                    connected: session,
                    begun: false,
                    ended: false,
                    failure: None,
                    again: false,
                };
                outcome = Some(work(&mut open));
                if open.begun && !open.ended && !session.client.is_closed() {
                    // Its failure is ignored: what was not committed is lost in any case.
                    let _ = session.wait(session.client.batch_execute("ROLLBACK"));
                }
                match open.failure {
                    Some(error) => {
                        let ended = session.client.is_closed() || ends_session(&error);
                        again = open.again && ended;
                        Err(error)
                    }
                    None => Ok(()),
                }
            });
            match done {
                Err(_) if again && tries == 1 => continue,
                Err(error) => return Err(error),
                Ok(()) => return outcome.unwrap_or(Ok(())),
            }
        }
    }

    /// Checks the tables before they are used for the first time.
    fn get_ready(&self) -> Result<()> {
        if !self.ready.load(Ordering::Acquire) {
            self.migrate()?;
            self.ready.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn migrate(&self) -> Result<()> {
        let newest = schema::POSTGRES.len();
        // A role that may only use the tables must not fail here by trying to create them.
        let there = sql!("SELECT CAST(to_regclass('lantern_schema') AS TEXT)");
        let there = self.read(&[there])?.into_iter().flatten().next();
        let version = sql!("SELECT coalesce(max(version), 0) FROM lantern_schema");
        let number = |rows: Vec<Vec<Row>>| {
            let first = rows.into_iter().flatten().next();
            first.map_or(Ok(0), |row| row.read().next::<usize>())
        };
        if there.is_some_and(|row| row.0.first().is_some_and(|name| *name != Value::Null)) {
            let found = number(self.read(std::slice::from_ref(&version))?)?;
            if found == newest {
                return Ok(());
            }
        }
        self.update_tables(newest, &version).map_err(|error| match error.advice() {
            None if !error.facts().passing => error.advise(Advice::text(
                "let a role that may create tables open the ledger once; after that, others need only \
                 read and write the tables lantern_*",
            )),
            _ => error,
        })
    }

    fn update_tables(&self, newest: usize, version: &Statement) -> Result<()> {
        let number = |rows: Vec<Vec<Row>>| {
            let first = rows.into_iter().flatten().next();
            first.map_or(Ok(0), |row| row.read().next::<usize>())
        };
        let mut found = 0;
        self.with(&mut |session| {
            session.wait(session.client.batch_execute("BEGIN")).unwrap_or(Ok(()))?;
            let made = (|| {
                let rows = session.run(
                    &[
                        sql!("SELECT CAST(pg_advisory_xact_lock(?1) AS TEXT)", SCHEMA_LOCK),
                        sql!("CREATE TABLE IF NOT EXISTS lantern_schema (version BIGINT NOT NULL)"),
                        version.clone(),
                    ],
                    None,
                    None,
                )?;
                found = number(rows[2..].to_vec()).unwrap_or(usize::MAX);
                for migration in schema::POSTGRES.get(found..).unwrap_or_default() {
                    session.wait(session.client.batch_execute(migration)).unwrap_or(Ok(()))?;
                }
                if found < newest {
                    session.run(
                        &[
                            sql!("DELETE FROM lantern_schema"),
                            sql!("INSERT INTO lantern_schema VALUES (?1)", newest),
                        ],
                        None,
                        None,
                    )?;
                }
                Ok(())
            })();
            let end = if made.is_ok() { "COMMIT" } else { "ROLLBACK" };
            let ended = session.wait(session.client.batch_execute(end)).unwrap_or(Ok(()));
            made.and(ended)
        })?;
        if found > newest {
            return Err(Error::ledger(format!(
                "the ledger {} has schema version {found} and this lantern knows {newest}",
                self.place
            ))
            .hint("upgrade lantern, or name another database"));
        }
        Ok(())
    }

    fn explain(&self, error: &Failure) -> Error {
        if let Some((why, advice)) = refused(error) {
            let happened = format!("the ledger {} cannot be used: {why}", self.place);
            return Error::ledger(happened).advise(advice);
        }
        let reason = match error.as_db_error() {
            Some(said) => said.message().to_owned(),
            None => {
                let source = std::error::Error::source(error);
                let why = source.map(|source| format!(": {source}")).unwrap_or_default();
                format!("{error}{why}; the next try connects anew")
            }
        };
        Error::ledger(format!("the ledger {} cannot be used: {reason}", self.place))
            .that_passes(passes(error))
    }

    /// This process, as the ledger identifies it.
    fn owner(&self) -> &str {
        self.owner.get_or_init(|| Uuid::new_v4().to_string())
    }

    fn lease(&self) -> Statement {
        sql!(
            format!(
                "INSERT INTO lantern_leases (owner, until) VALUES (?1, {CLOCK} + ?2) \
                 ON CONFLICT (owner) DO UPDATE SET until = excluded.until"
            ),
            self.owner(),
            LEASE
        )
    }

    /// Renews this process's lease until `until`, in microseconds since 1970.
    fn keep_alive(self: &Arc<Self>, until: i64) {
        let mut new = false;
        let pulse = self.pulse.get_or_init(|| {
            new = true;
            Arc::new(Pulse::default())
        });
        {
            let mut known = pulse.until.lock().unwrap_or_else(PoisonError::into_inner);
            *known = (*known).max(until);
        }
        pulse.changed.notify_all();
        if new {
            let (pulse, server) = (Arc::clone(pulse), Arc::downgrade(self));
            let beating = std::thread::Builder::new().name("lantern-lease".to_owned());
            // Without the thread the lease expires early, and a call that takes longer is put in
            // doubt.
            if let Err(error) = beating.spawn(move || beat(&server, &pulse)) {
                tracing::warn!(%error, "the lease of this process cannot be renewed");
            }
        }
    }
}

/// Whether an error of the server ends the session, as when the server stops or an administrator
/// terminates the session. This message arrives before the connection closes.
fn ends_session(error: &Failure) -> bool {
    let said = error.as_db_error().and_then(DbError::parsed_severity);
    matches!(said, Some(Severity::Fatal | Severity::Panic))
}

/// Whether a retry may help: the connection was lost, or the server is overloaded.
fn passes(error: &Failure) -> bool {
    let Some(said) = error.as_db_error() else {
        // An error that does not come from the server: the connection was lost, or was never made.
        return true;
    };
    let code = said.code();
    // Class 08: lost connections. 53: insufficient resources. 57P: the server stops or starts.
    ["08", "53", "57P"].iter().any(|class| code.code().starts_with(class))
        || matches!(
            *code,
            SqlState::T_R_SERIALIZATION_FAILURE
                | SqlState::T_R_DEADLOCK_DETECTED
                | SqlState::LOCK_NOT_AVAILABLE
        )
}

/// Renews a lease for as long as the ledger exists.
fn beat(server: &Weak<Server>, pulse: &Pulse) {
    loop {
        let until = *pulse.until.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(server) = server.upgrade() else { return };
        if now() < until {
            let forget = sql!(
                format!("DELETE FROM lantern_leases WHERE until < {CLOCK} - ?1"),
                86_400_000_000_i64
            );
            if let Err(error) = server.read(&[server.lease(), forget]) {
                tracing::warn!(%error, "the lease of this process could not be renewed");
            }
        }
        drop(server);
        let known = pulse.until.lock().unwrap_or_else(PoisonError::into_inner);
        // A claim that comes while nothing is in flight has renewed the lease itself.
        drop(pulse.changed.wait_timeout(known, BEAT).unwrap_or_else(PoisonError::into_inner));
    }
}

impl Database for PostgresServer {
    fn transact(&self, work: &mut Work<'_>) -> Result<()> {
        self.server.get_ready()?;
        self.server.transact(work)
    }

    fn for_update(&self) -> &'static str {
        " FOR UPDATE"
    }

    fn owner(&self) -> Result<String> {
        Ok(self.server.owner().to_owned())
    }

    fn read(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>> {
        self.server.get_ready()?;
        self.server.read(&statements)
    }

    fn before_claim(&self, until: i64) -> Vec<Statement> {
        self.server.keep_alive(until);
        vec![self.server.lease()]
    }

    fn may_claim(&self, _: &[Vec<Row>]) -> Result<()> {
        Ok(())
    }

    fn leases(&self) -> Option<Statement> {
        Some(sql!(format!("SELECT owner FROM lantern_leases WHERE until > {CLOCK}")))
    }

    fn living(&self, owners: &[String], leases: Vec<Row>) -> Result<Vec<String>> {
        let mut living = vec![self.server.owner().to_owned()];
        for row in leases {
            living.push(row.read().next()?);
        }
        living.retain(|owner| owners.contains(owner));
        Ok(living)
    }

    fn scrub(&self) -> Result<bool> {
        // The server overwrites it by its own vacuum and as its write-ahead log is recycled.
        Ok(false)
    }

    fn remove_leftovers(&self) -> Result<u64> {
        let now = sql!(format!("DELETE FROM lantern_leases WHERE until < {CLOCK} RETURNING 1"));
        Ok(self.read(vec![now])?.into_iter().flatten().count() as u64)
    }

    fn results_folder(&self) -> PathBuf {
        self.folder.join("results")
    }

    fn place(&self) -> String {
        self.server.place.clone()
    }
}
