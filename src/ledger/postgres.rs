//! The ledger in PostgreSQL, for processes on many machines.
//!
//! Each process has one session. It holds an advisory lock that is its sign of life: the server
//! drops it when the session ends, however it ends. What changes a job's sums holds the job's row
//! from its beginning, as a transaction on SQLite holds the file.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use postgres::{
    Client, Config, GenericClient, NoTls, Row, Transaction, config::SslMode, error::SqlState,
    types::ToSql,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::ConfigVerifierExt;
use sha2::{Digest, Sha256};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

use super::{
    Accepted, BatchRecord, BatchState, Claim, Claimed, Decision, Ended, Finished, JobRecord,
    Loaded, NewJob, Peek, Store,
    packed::{pack, unpack},
    place::without_password,
    rules::{self, Allowance, Sums, allowance},
};
use crate::{
    api::{LimitClass, agents::MAX_BATCH},
    client::limit::{Slot, now},
    error::{Error, Result},
    process::per_process::PerProcess,
    process::runtime,
};

const MIGRATIONS: &[&str] = &[include_str!("postgres-1.sql")];

/// Taken while the schema is brought up to date ("lantern" in ASCII).
const SCHEMA_LOCK: i64 = 0x6c_616e_7465_726e;
/// A session that was idle for longer is tried before it is used.
const IDLE: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(15);

const JOB: &str = "j.id, j.account, j.key, j.kind, j.parameters, j.digest, j.id_column, \
                   j.id_type, j.rows, j.ids, j.max_credits, j.price, j.base_url, j.created_at";

const BATCH: &str = "number, count, state, max_credits, credits, run_id, result_path, \
                     credits_path, owner, sending_until, idempotency_key, sends, returned, \
                     emails, phones, cut, moved, error, sent_at, accepted_at, finished_at, \
                     loaded_at, unknown_since";

/// One row of [`Sums`], as in SQLite.
const SUMS: &str = "count(b.number), \
    count(*) FILTER (WHERE b.state = 'planned'), \
    count(*) FILTER (WHERE b.state IN ('sending', 'accepted', 'completed')), \
    count(*) FILTER (WHERE b.state = 'in_doubt'), \
    count(*) FILTER (WHERE b.state = 'loaded'), \
    count(*) FILTER (WHERE b.state = 'failed'), \
    count(*) FILTER (WHERE b.state = 'skipped'), \
    coalesce(sum(CASE WHEN b.state IN ('loaded', 'failed', 'skipped') \
        THEN coalesce(b.credits, b.max_credits) ELSE 0 END + b.written_off), 0)::bigint, \
    coalesce(sum(b.max_credits) \
        FILTER (WHERE b.state IN ('sending', 'in_doubt', 'accepted', 'completed')), 0)::bigint, \
    coalesce(sum(b.returned), 0)::bigint, coalesce(sum(b.emails), 0)::bigint, \
    coalesce(sum(b.phones), 0)::bigint, \
    coalesce(sum(b.cut) FILTER (WHERE NOT b.moved), 0)::bigint";

/// A ledger in a PostgreSQL database.
pub struct PostgresLedger {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// The URL without its password.
    place: String,
    folder: PathBuf,
    session: PerProcess<Mutex<Option<Session>>>,
    owner: PerProcess<Uuid>,
}

struct Session {
    client: Client,
    used: Instant,
    /// It holds the lock that shows that this process lives.
    shown: bool,
}

/// What can go wrong inside a transaction.
enum Failure {
    Database(postgres::Error),
    Other(Error),
}

impl From<postgres::Error> for Failure {
    fn from(error: postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

type Tried<T> = std::result::Result<T, Failure>;

impl PostgresLedger {
    /// Opens the ledger at a `postgresql://` URL and makes its tables where there are none. Files
    /// that this machine fetches are kept below `state`.
    ///
    /// # Errors
    /// The URL is none, the server cannot be reached or refuses, or the ledger was made by a newer
    /// version.
    pub fn open(url: &str, state: &Path) -> Result<Self> {
        let (config, tls) = configured(url)?;
        let place = without_password(url);
        let digest = Sha256::digest(place.as_bytes());
        let name: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let ledger = Self {
            config,
            tls,
            place,
            folder: state.join(format!("postgres-{name}")),
            session: PerProcess::new(),
            owner: PerProcess::new(),
        };
        // Not on a thread that drives a runtime: the session has one of its own.
        let migrated = std::thread::scope(|scope| scope.spawn(|| ledger.migrate()).join());
        migrated.unwrap_or_else(|_| Err(Error::ledger("the ledger's thread ended")))?;
        Ok(ledger)
    }

    fn migrate(&self) -> Result<()> {
        self.transact(|transaction| {
            transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK])?;
            transaction.batch_execute(
                "CREATE TABLE IF NOT EXISTS lantern_schema (version BIGINT NOT NULL)",
            )?;
            let version: i64 = transaction
                .query_one("SELECT coalesce(max(version), 0) FROM lantern_schema", &[])?
                .get(0);
            let known = MIGRATIONS.len();
            let found = usize::try_from(version).unwrap_or(usize::MAX);
            if found > known {
                return Err(Failure::Other(
                    Error::ledger(format!(
                        "the ledger {} has schema version {found} and this lantern knows {known}",
                        self.place
                    ))
                    .hint("upgrade lantern, or name another database"),
                ));
            }
            for migration in &MIGRATIONS[found..] {
                transaction.batch_execute(migration)?;
            }
            if found < known {
                transaction.execute("DELETE FROM lantern_schema", &[])?;
                transaction
                    .execute("INSERT INTO lantern_schema VALUES ($1)", &[&(known as i64)])?;
            }
            Ok(())
        })
    }

    fn connect(&self) -> std::result::Result<Session, postgres::Error> {
        let client = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        }?;
        Ok(Session { client, used: Instant::now(), shown: false })
    }

    /// Runs `work` on this process's session. Blocks: call it from a blocking thread.
    fn with<T>(&self, work: impl FnOnce(&mut Session) -> Tried<T>) -> Result<T> {
        let mut slot = self
            .session
            .get_or_init(|| Mutex::new(None))
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let stale = slot.as_mut().is_some_and(|session| {
            session.client.is_closed()
                || session.used.elapsed() > IDLE && session.client.is_valid(CONNECT).is_err()
        });
        if stale {
            *slot = None;
        }
        let session = match &mut *slot {
            Some(session) => session,
            empty => empty.insert(self.connect().map_err(|error| self.explain(&error))?),
        };
        session.used = Instant::now();
        work(session).map_err(|failure| match failure {
            Failure::Database(error) => {
                // What the server does not say itself is the end of the session.
                if error.as_db_error().is_none() {
                    *slot = None;
                }
                self.explain(&error)
            }
            Failure::Other(error) => error,
        })
    }

    fn transact<T>(&self, work: impl FnOnce(&mut Transaction<'_>) -> Tried<T>) -> Result<T> {
        self.with(|session| {
            let mut transaction = session.client.transaction()?;
            let done = work(&mut transaction)?;
            transaction.commit()?;
            Ok(done)
        })
    }

    /// [`Self::transact`] that no other process runs on the job meanwhile.
    fn alone<T>(&self, job: i64, work: impl FnOnce(&mut Transaction<'_>) -> Tried<T>) -> Result<T> {
        self.transact(|transaction| {
            transaction.execute("SELECT 1 FROM lantern_jobs WHERE id = $1 FOR UPDATE", &[&job])?;
            work(transaction)
        })
    }

    fn read<T>(&self, work: impl FnOnce(&mut Client) -> Tried<T>) -> Result<T> {
        self.with(|session| work(&mut session.client))
    }

    fn explain(&self, error: &postgres::Error) -> Error {
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

    /// This process as the ledger knows it; its session shows that it lives.
    fn show(&self, session: &mut Session) -> Tried<Uuid> {
        let owner = *self.owner.get_or_init(Uuid::new_v4);
        if !session.shown {
            session.client.execute("SELECT pg_advisory_lock($1)", &[&lock_of(&owner)])?;
            session.shown = true;
        }
        Ok(owner)
    }

    /// Moves one batch from one of `from`; a batch that is elsewhere by now, or is another sending
    /// than the one meant, is left there. `values` are $4 and on in `set`.
    fn step(
        &self,
        job: i64,
        number: u32,
        from: &[BatchState],
        set: &str,
        sending: Option<&str>,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<bool> {
        let from: Vec<_> = from.iter().map(|state| format!("'{state}'")).collect();
        let sql = format!(
            "UPDATE lantern_batches SET {set} WHERE job = $1 AND number = $2 AND state IN ({}) \
             AND ($3::text IS NULL OR idempotency_key = $3)",
            from.join(", ")
        );
        let number = i64::from(number);
        let mut all: Vec<&(dyn ToSql + Sync)> = vec![&job, &number, &sending];
        all.extend_from_slice(values);
        self.alone(job, |transaction| Ok(transaction.execute(&sql, &all)? == 1))
    }
}

/// Whether trying again may help: the connection was lost, or the server is busy with others.
fn passes(error: &postgres::Error) -> bool {
    let Some(said) = error.as_db_error() else {
        // What the server does not say itself is the end of the connection, or none came about.
        return true;
    };
    let code = said.code();
    // Class 08 are lost connections, 53 lacking resources, 57P a server that stops or starts.
    ["08", "53", "57P"].iter().any(|class| code.code().starts_with(class))
        || matches!(
            *code,
            SqlState::T_R_SERIALIZATION_FAILURE
                | SqlState::T_R_DEADLOCK_DETECTED
                | SqlState::LOCK_NOT_AVAILABLE
        )
}

/// The advisory lock of a process.
fn lock_of(owner: &Uuid) -> i64 {
    let (high, _) = owner.as_u64_pair();
    high.cast_signed()
}

/// What a URL says, and TLS unless it says `sslmode=disable`. The server's certificate is always
/// verified: by the system's authorities, or by those in the file that `sslrootcert` names.
fn configured(url: &str) -> Result<(Config, Option<MakeRustlsConnect>)> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = || percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
        match name {
            "sslmode" => mode = Some(value()),
            "sslrootcert" => roots = Some(value()),
            _ => rest.push(pair),
        }
    }
    let given =
        if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    let mut config: Config = given.parse().map_err(|error: postgres::Error| {
        let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        Error::config(format!("the ledger's URL cannot be read ({error} {why})"))
            .hint("write it as postgresql://user:password@host:5432/database")
    })?;
    if config.get_password().is_none()
        && let Some(password) = std::env::var_os("PGPASSWORD")
    {
        config.password(password.to_string_lossy().as_bytes());
    }
    if config.get_application_name().is_none() {
        config.application_name("lantern");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    let mode = match mode.as_deref() {
        Some("disable") => SslMode::Disable,
        None | Some("allow" | "prefer") if roots.is_none() => SslMode::Prefer,
        None | Some("allow" | "prefer" | "require" | "verify-ca" | "verify-full") => {
            SslMode::Require
        }
        Some(other) => {
            return Err(Error::config(format!("sslmode {other:?} is not known"))
                .hint("use disable, prefer, require or verify-full"));
        }
    };
    config.ssl_mode(mode);
    if mode == SslMode::Disable {
        return Ok((config, None));
    }
    runtime::install_crypto();
    let tls = match roots {
        Some(file) => {
            let unusable = |error: &dyn std::fmt::Display| {
                Error::config(format!("sslrootcert {file} cannot be used: {error}"))
                    .hint("name a file of certificates in PEM")
            };
            let mut store = RootCertStore::empty();
            for certificate in
                CertificateDer::pem_file_iter(&file).map_err(|error| unusable(&error))?
            {
                let certificate = certificate.map_err(|error| unusable(&error))?;
                store.add(certificate).map_err(|error| unusable(&error))?;
            }
            ClientConfig::builder().with_root_certificates(store).with_no_client_auth()
        }
        None => ClientConfig::with_platform_verifier().map_err(|error| {
            Error::config(format!("the system's certificates cannot be read: {error}"))
        })?,
    };
    Ok((config, Some(MakeRustlsConnect::new(tls))))
}

/// A count or an amount, as the database has it.
fn whole(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn number<T: TryFrom<i64>>(row: &Row, at: usize) -> Tried<T> {
    read_number(row.get(at))
}

fn optional<T: TryFrom<i64>>(row: &Row, at: usize) -> Tried<Option<T>> {
    row.get::<_, Option<i64>>(at).map(read_number).transpose()
}

fn read_number<T: TryFrom<i64>>(value: i64) -> Tried<T> {
    T::try_from(value).map_err(|_| {
        Failure::Other(Error::ledger(format!("the ledger is damaged: {value} is out of range")))
    })
}

fn job_record(row: &Row) -> Tried<JobRecord> {
    Ok(JobRecord {
        id: row.get(0),
        account: row.get(1),
        key: row.get(2),
        kind: row.get(3),
        parameters: row.get(4),
        digest: row.get(5),
        id_column: row.get(6),
        id_type: row.get(7),
        rows: number(row, 8)?,
        ids: number(row, 9)?,
        max_credits: number(row, 10)?,
        price: number(row, 11)?,
        base_url: row.get(12),
        created_at: row.get(13),
    })
}

fn batch_record(row: &Row) -> Tried<BatchRecord> {
    let state: &str = row.get(2);
    Ok(BatchRecord {
        number: number(row, 0)?,
        count: number(row, 1)?,
        state: state.parse()?,
        max_credits: number(row, 3)?,
        credits: optional(row, 4)?,
        run_id: row.get(5),
        result_path: row.get(6),
        credits_path: row.get(7),
        owner: row.get(8),
        sending_until: row.get(9),
        idempotency_key: row.get(10),
        sends: number(row, 11)?,
        returned: optional(row, 12)?,
        emails: optional(row, 13)?,
        phones: optional(row, 14)?,
        cut: number(row, 15)?,
        moved: row.get(16),
        error: row.get(17),
        sent_at: row.get(18),
        accepted_at: row.get(19),
        finished_at: row.get(20),
        loaded_at: row.get(21),
        unknown_since: row.get(22),
    })
}

fn sums(row: &Row, first: usize) -> Tried<Sums> {
    let at = |place: usize| number(row, first + place);
    Ok(Sums {
        batches: at(0)?,
        planned: at(1)?,
        in_flight: at(2)?,
        in_doubt: at(3)?,
        loaded: at(4)?,
        failed: at(5)?,
        skipped: at(6)?,
        spent: at(7)?,
        committed: at(8)?,
        returned: at(9)?,
        emails: at(10)?,
        phones: at(11)?,
        cut: at(12)?,
    })
}

fn sums_of(client: &mut impl GenericClient, job: i64) -> Tried<Sums> {
    let sql = format!("SELECT {SUMS} FROM lantern_batches b WHERE b.job = $1");
    sums(&client.query_one(&sql, &[&job])?, 0)
}

fn find(client: &mut impl GenericClient, account: &str, key: &str) -> Tried<Option<JobRecord>> {
    let sql = format!("SELECT {JOB} FROM lantern_jobs j WHERE j.account = $1 AND j.key = $2");
    client.query_opt(&sql, &[&account, &key])?.as_ref().map(job_record).transpose()
}

fn insert_batch(
    transaction: &mut Transaction<'_>,
    job: i64,
    number: u32,
    round: i64,
    ids: &[String],
) -> Tried<()> {
    let number = i64::from(number);
    transaction.execute(
        "WITH batch AS (INSERT INTO lantern_batches (job, number, round, count, idempotency_key) \
         VALUES ($1, $2, $3, $4, $5)) \
         INSERT INTO lantern_batch_ids (job, number, ids) VALUES ($1, $2, $6)",
        &[&job, &number, &round, &whole(ids.len()), &Uuid::new_v4().to_string(), &pack(ids)?],
    )?;
    Ok(())
}

/// What a claim would do; as in SQLite.
enum Step {
    Send(u64),
    PlanCut,
    Ended(Peek),
}

fn next_step(client: &mut impl GenericClient, job: i64) -> Tried<Step> {
    let limits =
        client.query_one("SELECT max_credits, price FROM lantern_jobs WHERE id = $1", &[&job])?;
    let (max_credits, price): (u64, u64) = (number(&limits, 0)?, number(&limits, 1)?);
    let sums = sums_of(client, job)?;
    let planned = client.query_opt(
        "SELECT count FROM lantern_batches WHERE job = $1 AND state = 'planned' \
         ORDER BY number LIMIT 1",
        &[&job],
    )?;
    let planned: Option<u64> = planned.as_ref().map(|row| number(row, 0)).transpose()?;
    let count = match planned {
        Some(count) => count,
        None => sums.cut.min(batch_size(client, job)? as u64),
    };
    if count == 0 {
        return Ok(Step::Ended(Peek::AllSent));
    }
    Ok(match (allowance(&sums, max_credits, price, count), planned) {
        (Allowance::Wait, _) => Step::Ended(Peek::Wait),
        (Allowance::Spent { left }, _) => Step::Ended(Peek::BudgetSpent { left }),
        (Allowance::Send(credits), Some(_)) => Step::Send(credits),
        // What is in flight may give back credits, and cut ids of its own.
        (Allowance::Send(_), None) if sums.in_flight > 0 => Step::Ended(Peek::Wait),
        (Allowance::Send(_), None) => Step::PlanCut,
    })
}

/// Ids a batch, as the job was submitted.
fn batch_size(client: &mut impl GenericClient, job: i64) -> Tried<usize> {
    let first = client
        .query_opt("SELECT count FROM lantern_batches WHERE job = $1 AND number = 1", &[&job])?;
    let first: Option<usize> = first.as_ref().map(|row| number(row, 0)).transpose()?;
    Ok(first.unwrap_or(MAX_BATCH).clamp(1, MAX_BATCH))
}

/// Plans batches for the ids that the budget did not reach, which it now does.
fn plan_cut_ids(transaction: &mut Transaction<'_>, job: i64) -> Tried<()> {
    let cut = transaction.query(
        "SELECT cut_ids FROM lantern_batch_ids JOIN lantern_batches USING (job, number) \
         WHERE job = $1 AND cut > 0 AND NOT moved ORDER BY number",
        &[&job],
    )?;
    let mut ids = Vec::new();
    for row in &cut {
        ids.extend(unpack(row.get(0))?);
    }
    let last = transaction.query_one(
        "SELECT coalesce(max(number), 0), coalesce(max(round), 0) FROM lantern_batches \
         WHERE job = $1",
        &[&job],
    )?;
    let (number, round): (u32, i64) = (number(&last, 0)?, last.get(1));
    let size = batch_size(transaction, job)?;
    for (next, chunk) in (number + 1..).zip(ids.chunks(size)) {
        insert_batch(transaction, job, next, round + 1, chunk)?;
    }
    transaction.execute(
        "UPDATE lantern_batches SET moved = TRUE WHERE job = $1 AND cut > 0 AND number <= $2",
        &[&job, &i64::from(number)],
    )?;
    Ok(())
}

impl Store for PostgresLedger {
    fn create(&self, job: &NewJob) -> Result<(JobRecord, bool)> {
        let count: usize = job.batches.iter().map(Vec::len).sum();
        self.transact(|transaction| {
            if let Some(found) = find(transaction, &job.account, &job.key)? {
                return Ok((found, false));
            }
            // Another process may be writing the same job: this waits for it.
            let made = transaction.query_opt(
                "INSERT INTO lantern_jobs (account, key, kind, parameters, digest, id_column, \
                 id_type, rows, ids, row_ids, max_credits, price, base_url, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
                 ON CONFLICT (account, key) DO NOTHING RETURNING id",
                &[
                    &job.account,
                    &job.key,
                    &job.kind,
                    &job.parameters,
                    &job.digest,
                    &job.id_column,
                    &job.id_type,
                    &whole(job.rows),
                    &whole(count),
                    &job.row_ids,
                    &whole(job.max_credits),
                    &whole(job.price),
                    &job.base_url,
                    &now(),
                ],
            )?;
            if let Some(made) = &made {
                let id = made.get(0);
                for (number, ids) in (1..).zip(&job.batches) {
                    insert_batch(transaction, id, number, 0, ids)?;
                }
            }
            let found = find(transaction, &job.account, &job.key)?;
            let found = found.ok_or_else(|| {
                Error::ledger(format!("the job {:?} was deleted while it was made", job.key))
            })?;
            Ok((found, made.is_some()))
        })
    }

    fn find(&self, account: &str, key: &str) -> Result<Option<JobRecord>> {
        self.read(|client| find(client, account, key))
    }

    fn jobs(&self, account: Option<&str>) -> Result<Vec<(JobRecord, Sums)>> {
        let sql = format!(
            "SELECT {JOB}, {SUMS} FROM lantern_jobs j LEFT JOIN lantern_batches b ON b.job = j.id \
             WHERE $1::text IS NULL OR j.account = $1 \
             GROUP BY j.id ORDER BY j.created_at DESC, j.id DESC"
        );
        self.read(|client| {
            let rows = client.query(&sql, &[&account])?;
            rows.iter().map(|row| Ok((job_record(row)?, sums(row, 14)?))).collect()
        })
    }

    fn batches(&self, job: i64) -> Result<Vec<BatchRecord>> {
        let sql = format!("SELECT {BATCH} FROM lantern_batches WHERE job = $1 ORDER BY number");
        self.read(|client| client.query(&sql, &[&job])?.iter().map(batch_record).collect())
    }

    fn batch_ids(&self, job: i64, number: u32) -> Result<Vec<String>> {
        self.read(|client| {
            let row = client.query_one(
                "SELECT ids FROM lantern_batch_ids WHERE job = $1 AND number = $2",
                &[&job, &i64::from(number)],
            )?;
            Ok(unpack(row.get(0))?)
        })
    }

    fn all_ids(&self, job: i64) -> Result<Vec<String>> {
        self.read(|client| {
            let rows = client.query(
                "SELECT ids FROM lantern_batch_ids JOIN lantern_batches USING (job, number) \
                 WHERE job = $1 AND round = 0 ORDER BY number",
                &[&job],
            )?;
            let mut ids = Vec::new();
            for row in &rows {
                ids.extend(unpack(row.get(0))?);
            }
            Ok(ids)
        })
    }

    fn row_ids(&self, job: i64) -> Result<Vec<u8>> {
        self.read(|client| {
            let row =
                client.query_one("SELECT row_ids FROM lantern_jobs WHERE id = $1", &[&job])?;
            Ok(row.get(0))
        })
    }

    fn resubmit(&self, job: i64, submission: &NewJob) -> Result<()> {
        self.alone(job, |transaction| {
            transaction.execute(
                "UPDATE lantern_jobs SET max_credits = $2, price = greatest(price, $3), \
                 base_url = $4, rows = $5, row_ids = $6, id_column = $7, id_type = $8 \
                 WHERE id = $1",
                &[
                    &job,
                    &whole(submission.max_credits),
                    &whole(submission.price),
                    &submission.base_url,
                    &whole(submission.rows),
                    &submission.row_ids,
                    &submission.id_column,
                    &submission.id_type,
                ],
            )?;
            Ok(())
        })
    }

    fn claim(&self, job: i64, sending_until: i64) -> Result<Claim> {
        let owner = self.with(|session| self.show(session))?.to_string();
        self.alone(job, |transaction| {
            let credits = match next_step(transaction, job)? {
                Step::Ended(ended) => return Ok(ended.into()),
                Step::Send(credits) => credits,
                Step::PlanCut => {
                    plan_cut_ids(transaction, job)?;
                    match next_step(transaction, job)? {
                        Step::Send(credits) => credits,
                        Step::Ended(ended) => return Ok(ended.into()),
                        Step::PlanCut => return Ok(Claim::AllSent),
                    }
                }
            };
            let row = transaction.query_one(
                "UPDATE lantern_batches b SET state = 'sending', max_credits = $2, owner = $3, \
                 sending_until = $4, sends = sends + 1, sent_at = $5, error = NULL \
                 FROM lantern_batch_ids i \
                 WHERE b.job = $1 AND i.job = b.job AND i.number = b.number AND b.number = \
                 (SELECT min(number) FROM lantern_batches WHERE job = $1 AND state = 'planned') \
                 RETURNING b.number, i.ids, b.idempotency_key",
                &[&job, &whole(credits), &owner, &sending_until, &now()],
            )?;
            Ok(Claim::Send(Claimed {
                number: number(&row, 0)?,
                ids: unpack(row.get(1))?,
                max_credits: credits,
                idempotency_key: row.get(2),
                sending_until,
            }))
        })
    }

    fn peek(&self, job: i64) -> Result<Peek> {
        self.read(|client| {
            Ok(match next_step(client, job)? {
                Step::Send(_) | Step::PlanCut => Peek::Ready,
                Step::Ended(ended) => ended,
            })
        })
    }

    fn sums(&self, job: i64) -> Result<Sums> {
        self.read(|client| sums_of(client, job))
    }

    fn release(&self, job: i64, number: u32, sending: &str, error: &str) -> Result<()> {
        self.step(
            job,
            number,
            &[BatchState::Sending, BatchState::InDoubt],
            "state = 'planned', max_credits = 0, owner = NULL, sends = sends - 1, sent_at = NULL, \
             error = $4",
            Some(sending),
            &[&error],
        )
        .map(drop)
    }

    fn accept(&self, job: i64, number: u32, sending: &str, run: &Accepted) -> Result<bool> {
        // A sending that was taken for dead, or even given up, is accepted all the same: here is
        // the run.
        let accepted = self.step(
            job,
            number,
            &[BatchState::Sending, BatchState::InDoubt, BatchState::Skipped],
            "state = 'accepted', run_id = $4, result_path = $5, credits_path = $6, owner = NULL, \
             error = NULL, accepted_at = $7, finished_at = NULL, unknown_since = NULL",
            Some(sending),
            &[&run.run_id, &run.result_path, &run.credits_path, &now()],
        )?;
        if accepted {
            return Ok(true);
        }
        // Written before, though that was reported as a failure; or a person named this very run.
        self.read(|client| {
            let row = client.query_opt(
                "SELECT run_id IS NOT DISTINCT FROM $3 FROM lantern_batches \
                 WHERE job = $1 AND number = $2",
                &[&job, &i64::from(number), &run.run_id],
            )?;
            Ok(row.is_some_and(|row| row.get(0)))
        })
    }

    fn doubt(
        &self,
        job: i64,
        number: u32,
        sending: &str,
        error: &str,
        run_id: Option<&str>,
    ) -> Result<()> {
        self.step(
            job,
            number,
            &[BatchState::Sending, BatchState::InDoubt],
            "state = 'in_doubt', owner = NULL, error = $4, run_id = $5",
            Some(sending),
            &[&error, &run_id],
        )
        .map(drop)
    }

    fn find_doubt(&self, job: i64) -> Result<()> {
        let own = self.owner.get().map(Uuid::to_string);
        let sending = self.read(|client| {
            // An owner lives whose session holds its lock.
            let rows = client.query(
                "SELECT number, owner, sending_until FROM lantern_batches \
                 WHERE job = $1 AND state = 'sending'",
                &[&job],
            )?;
            let mut sending = Vec::new();
            for row in &rows {
                let owner: Option<String> = row.get(1);
                let lives = match &owner {
                    Some(owner) if Some(owner) == own.as_ref() => true,
                    Some(owner) => match Uuid::parse_str(owner) {
                        Ok(owner) => {
                            let lock = lock_of(&owner);
                            let held = client.query_one(
                                "SELECT EXISTS (SELECT 1 FROM pg_locks \
                                 WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
                                 AND database = (SELECT oid FROM pg_database \
                                                 WHERE datname = current_database()) \
                                 AND (classid::bigint << 32 | objid::bigint) = $1)",
                                &[&lock],
                            )?;
                            held.get(0)
                        }
                        Err(_) => false,
                    },
                    None => false,
                };
                sending.push((number::<u32>(row, 0)?, owner, row.get::<_, i64>(2), lives));
            }
            Ok(sending)
        })?;
        for (number, owner, until, lives) in sending {
            if until >= now() && lives {
                continue;
            }
            let why = if lives {
                "its sending lasted longer than a call may"
            } else {
                "the process that sent it ended before an answer came"
            };
            // Unless the batch was claimed anew since: then its owner or the end of its time is
            // another.
            self.alone(job, |transaction| {
                transaction.execute(
                    "UPDATE lantern_batches SET state = 'in_doubt', owner = NULL, error = $3 \
                     WHERE job = $1 AND number = $2 AND state = 'sending' \
                     AND owner IS NOT DISTINCT FROM $4 AND sending_until = $5",
                    &[&job, &i64::from(number), &why, &owner, &until],
                )?;
                Ok(())
            })?;
        }
        Ok(())
    }

    fn decide(&self, job: i64, number: u32, decision: &Decision) -> Result<()> {
        let decided = match decision {
            // What the former sending may have cost stays counted: the budget covers both.
            Decision::Resend => self.step(
                job,
                number,
                &[BatchState::InDoubt, BatchState::Failed, BatchState::Skipped],
                "state = 'planned', written_off = written_off + coalesce(credits, max_credits), \
                 max_credits = 0, credits = NULL, run_id = NULL, result_path = NULL, \
                 credits_path = NULL, owner = NULL, error = NULL, finished_at = NULL, \
                 unknown_since = NULL, idempotency_key = $4",
                None,
                &[&Uuid::new_v4().to_string()],
            )?,
            Decision::Skip => self.step(
                job,
                number,
                &[BatchState::InDoubt, BatchState::Accepted, BatchState::Completed],
                "state = 'skipped', finished_at = $4",
                None,
                &[&now()],
            )?,
            // Also from where a wrong run was attached before.
            Decision::Attach(run) => self.step(
                job,
                number,
                &[
                    BatchState::InDoubt,
                    BatchState::Skipped,
                    BatchState::Failed,
                    BatchState::Accepted,
                    BatchState::Completed,
                ],
                "state = 'accepted', run_id = $4, result_path = $5, credits_path = $6, \
                 error = NULL, accepted_at = $7, finished_at = NULL, unknown_since = NULL",
                None,
                &[&run.run_id, &run.result_path, &run.credits_path, &now()],
            )?,
        };
        if decided {
            return Ok(());
        }
        let state = self.read(|client| {
            let row = client.query_opt(
                "SELECT state FROM lantern_batches WHERE job = $1 AND number = $2",
                &[&job, &i64::from(number)],
            )?;
            Ok(row.map(|row| row.get::<_, String>(0)))
        })?;
        Err(rules::undecided(number, state.as_deref()))
    }

    fn finish(&self, job: i64, ended: &[Finished]) -> Result<()> {
        if ended.is_empty() {
            return Ok(());
        }
        self.alone(job, |transaction| {
            let statement = transaction.prepare(
                "UPDATE lantern_batches SET state = $4, error = $5, credits = $6, finished_at = $7 \
                 WHERE job = $1 AND number = $2 AND run_id = $3 AND state = 'accepted'",
            )?;
            for Finished { number, run_id, end } in ended {
                let (state, error, credits) = match end {
                    Ended::Completed => (BatchState::Completed, None, None),
                    Ended::Failed { why, credits } => {
                        (BatchState::Failed, Some(why), credits.map(whole))
                    }
                };
                transaction.execute(
                    &statement,
                    &[&job, &i64::from(*number), run_id, &state.name(), &error, &credits, &now()],
                )?;
            }
            Ok(())
        })
    }

    fn load(&self, job: i64, number: u32, run_id: &str, loaded: &Loaded) -> Result<()> {
        let cut_ids = if loaded.cut_ids.is_empty() { None } else { Some(pack(&loaded.cut_ids)?) };
        let number = i64::from(number);
        self.alone(job, |transaction| {
            let moved = transaction.execute(
                "UPDATE lantern_batches SET state = 'loaded', credits = $4, returned = $5, \
                 emails = $6, phones = $7, cut = $8, error = NULL, loaded_at = $9 \
                 WHERE job = $1 AND number = $2 AND run_id = $3 AND state = 'completed'",
                &[
                    &job,
                    &number,
                    &run_id,
                    &loaded.credits.map(whole),
                    &i64::from(loaded.returned),
                    &loaded.emails.map(i64::from),
                    &loaded.phones.map(i64::from),
                    &whole(loaded.cut_ids.len()),
                    &now(),
                ],
            )?;
            if moved == 1 && cut_ids.is_some() {
                transaction.execute(
                    "UPDATE lantern_batch_ids SET cut_ids = $3 WHERE job = $1 AND number = $2",
                    &[&job, &number, &cut_ids],
                )?;
            }
            if let Some(dearest) = loaded.dearest {
                transaction.execute(
                    "UPDATE lantern_jobs SET price = greatest(price, $2) WHERE id = $1",
                    &[&job, &whole(dearest)],
                )?;
            }
            Ok(())
        })
    }

    fn unknown(&self, job: i64, number: u32, run_id: &str, unknown: bool) -> Result<Option<i64>> {
        self.read(|client| {
            let since = client.query_opt(
                "UPDATE lantern_batches \
                 SET unknown_since = CASE WHEN $4 THEN coalesce(unknown_since, $5) END \
                 WHERE job = $1 AND number = $2 AND run_id = $3 AND state = 'accepted' \
                 RETURNING unknown_since",
                &[&job, &i64::from(number), &run_id, &unknown, &now()],
            )?;
            Ok(since.and_then(|row| row.get(0)))
        })
    }

    fn note(&self, job: i64, number: u32, error: &str) -> Result<()> {
        self.step(
            job,
            number,
            &[BatchState::Completed, BatchState::Accepted],
            "error = $4",
            None,
            &[&error],
        )
        .map(drop)
    }

    fn take_slot(
        &self,
        scope: &str,
        class: LimitClass,
        now: i64,
        interval: i64,
    ) -> Result<Option<i64>> {
        self.transact(|transaction| match slot(transaction, scope, class)?.take(now, interval) {
            Err(wait) => Ok(Some(wait)),
            Ok(next) => {
                put_slot(transaction, scope, class, next)?;
                Ok(None)
            }
        })
    }

    fn hold_slot(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        self.transact(|transaction| {
            let slot = slot(transaction, scope, class)?;
            let next = Slot { held: slot.held.max(until), ..slot };
            put_slot(transaction, scope, class, next)
        })
    }

    fn results_folder(&self) -> PathBuf {
        self.folder.join("results")
    }

    fn calls(&self) -> PathBuf {
        self.folder.join("ledger.calls.sqlite")
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

/// A slot, which no other process changes before the transaction ends.
fn slot(transaction: &mut Transaction<'_>, scope: &str, class: LimitClass) -> Tried<Slot> {
    let new = Slot::default();
    transaction.execute(
        "INSERT INTO lantern_slots VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        &[&scope, &class.name(), &new.last, &new.held],
    )?;
    let row = transaction.query_one(
        "SELECT last, held FROM lantern_slots WHERE scope = $1 AND class = $2 FOR UPDATE",
        &[&scope, &class.name()],
    )?;
    Ok(Slot { last: row.get(0), held: row.get(1) })
}

fn put_slot(
    transaction: &mut Transaction<'_>,
    scope: &str,
    class: LimitClass,
    slot: Slot,
) -> Tried<()> {
    transaction.execute(
        "UPDATE lantern_slots SET last = $3, held = $4 WHERE scope = $1 AND class = $2",
        &[&scope, &class.name(), &slot.last, &slot.held],
    )?;
    Ok(())
}
