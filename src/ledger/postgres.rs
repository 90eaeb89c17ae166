//! A ledger in PostgreSQL, for processes on several machines.
//!
//! Statements are unnamed and sent several at a time, so that a pooler in transaction mode can be
//! used, and a remote server costs few round trips. A sender shows that it is alive by a lease in a
//! table, which each claim renews, and a thread while calls may be in flight. A lock of the session
//! would not do, because behind a pooler it belongs to the pooler.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio_postgres::{
    Config, NoTls,
    error::{DbError, Severity, SqlState},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

use super::{
    earlier_calls,
    place::without_password,
    postgres_connection::{configured, refused},
    postgres_sessions::{BEGIN, CLOCK, Connected, Failure, Open, Sessions},
    schema,
    sql::{Database, Row, Statement, Value, Work, sql},
    store::SqlLedger,
};
use crate::{
    error::{Advice, Error, Result},
    process::{clock::now, per_process::PerProcess, sqlite::BUSY},
};

/// Lock that is held while the schema is upgraded ("lantern" in ASCII).
const SCHEMA_LOCK: i64 = 0x6c_616e_7465_726e;
/// How long a process counts as alive without another sign of life: 30 s, in microseconds.
const LEASE: i64 = 30_000_000;
/// How often a lease is renewed.
const BEAT: Duration = Duration::from_secs(10);

/// A ledger in a PostgreSQL database.
pub type PostgresLedger = SqlLedger<PostgresServer>;

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
            sessions: PerProcess::new(),
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
    sessions: PerProcess<Sessions>,
    owner: PerProcess<String>,
    /// Until when this process may have calls in flight, for the thread that renews its lease.
    pulse: PerProcess<Arc<AtomicI64>>,
    /// Whether the tables were found to match this version.
    ready: AtomicBool,
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
        Ok(Connected::new(client, runtime))
    }

    /// Runs `work` on a session of this process. Blocks: call it from a blocking thread.
    fn with<T>(
        &self,
        work: &mut dyn FnMut(&Connected) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        let sessions = self.sessions.get_or_init(Sessions::default);
        // As long as for a file that another process has locked.
        let mut lent = sessions.lend(BUSY, || self.connect())?;
        let session = lent.session(|| self.connect())?;
        let done = work(session);
        let closed = session.client.is_closed();
        done.map_err(|error| {
            // An error that does not come from the server means that the session has ended.
            if error.as_db_error().is_none() || closed || ends_session(&error) {
                lent.end();
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

    /// Runs a statement that changes something, in a transaction.
    fn write(&self, statement: &Statement) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        self.transact(&mut |session| {
            rows = session.run(vec![statement.clone()])?.into_iter().flatten().collect();
            session.commit(Vec::new()).map(drop)
        })?;
        Ok(rows)
    }

    fn transact(&self, work: &mut Work<'_>) -> Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            let mut again = false;
            let mut outcome = None;
            let done = self.with(&mut |session| {
                let mut open = Open::new(session);
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
            session.wait(session.client.batch_execute(BEGIN)).unwrap_or(Ok(()))?;
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
            Arc::new(AtomicI64::new(until))
        });
        pulse.fetch_max(until, Ordering::SeqCst);
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

/// Renews a lease for as long as the ledger exists. Each claim renews it as well, so the lease of a
/// process that begins to send lasts until the next beat.
fn beat(server: &Weak<Server>, until: &AtomicI64) {
    loop {
        std::thread::sleep(BEAT);
        let Some(server) = server.upgrade() else { return };
        if now() >= until.load(Ordering::SeqCst) {
            continue;
        }
        let forget = sql!(
            format!("DELETE FROM lantern_leases WHERE until < {CLOCK} - ?1"),
            86_400_000_000_i64
        );
        if let Err(error) = server.write(&server.lease()).and_then(|_| server.write(&forget)) {
            tracing::warn!(%error, "the lease of this process could not be renewed");
        }
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
        self.server.get_ready()?;
        Ok(self.server.write(&now)?.len() as u64)
    }

    fn results_folder(&self) -> PathBuf {
        self.folder.join("results")
    }

    fn place(&self) -> String {
        self.server.place.clone()
    }
}
