//! The sessions of one process on a PostgreSQL server, and the transactions on them.
//!
//! If the server is near, a process has one session. If it is far, a transaction waits for the
//! network most of the time, and everything else would wait with it. So a process then opens up to
//! three, as long as they take no room that other workers need for their first.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use tokio_postgres::{
    Client,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

use super::{
    postgres_connection::CONNECT,
    sql::{Row, Session, Statement, Value, sql},
};
use crate::error::{Error, Result};

/// The server's clock, in microseconds since 1970. The clocks of the workers may differ.
pub(super) const CLOCK: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
/// Begins a transaction in which each statement sees what others committed before it, whatever the
/// default of the database or the role is.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// Maximum number of sessions of a process.
const MOST: usize = 3;
/// A server whose quickest answer takes longer is far.
const FAR: Duration = Duration::from_millis(4);
/// No further sessions are opened if more workers are alive. The limit of a pooler is not known.
const FEW_WORKERS: u32 = 8;
/// How long no further session is opened after there was no room for one.
const REFUSED: Duration = Duration::from_secs(60);
/// A further session that was idle for longer is closed.
const UNUSED: Duration = Duration::from_secs(60);
/// A session that was idle for longer is tested before it is used.
const IDLE: Duration = Duration::from_secs(20);
/// Number of statements that are sent before the first answer is read.
const PIPELINE: usize = 100;

pub(super) type Failure = tokio_postgres::Error;

/// The sessions of a process; see the module.
#[derive(Default)]
pub(super) struct Sessions {
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connected>,
    /// Number of sessions, including those that are in use or being opened.
    open: usize,
    /// The shortest time in which the server answered.
    quickest: Option<Duration>,
    /// No further session is opened before this time.
    refused_until: Option<Instant>,
}

impl State {
    fn may_grow(&self) -> bool {
        self.open < MOST
            && self.quickest.is_some_and(|quickest| quickest > FAR)
            && self.refused_until.is_none_or(|until| until <= Instant::now())
    }

    /// Closes the idle sessions that are not to be kept.
    fn keep(&mut self, keep: impl Fn(&Connected) -> bool) {
        let before = self.idle.len();
        self.idle.retain(keep);
        self.open -= before - self.idle.len();
    }
}

/// A session in use. It is given back when this is dropped.
pub(super) struct Lent<'a> {
    sessions: &'a Sessions,
    connected: Option<Connected>,
}

impl Sessions {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a session for one piece of work. Blocks while all are in use, for `patience` at most.
    ///
    /// # Errors
    /// If there is none, and `connect` fails, or if all are in use for too long. That passes, so that
    /// a caller with more time tries again.
    pub fn lend(
        &self,
        patience: Duration,
        connect: impl Fn() -> Result<Connected>,
    ) -> Result<Lent<'_>> {
        let begun = Instant::now();
        let mut state = self.state();
        loop {
            if let Some(connected) = state.idle.pop() {
                return Ok(Lent { sessions: self, connected: Some(connected) });
            }
            if state.open == 0 || state.may_grow() {
                let only = state.open == 0;
                state.open += 1;
                drop(state);
                let mut lent = Lent { sessions: self, connected: None };
                match connect() {
                    Ok(connected) if only || connected.leaves_room() => {
                        lent.connected = Some(connected);
                        return Ok(lent);
                    }
                    Err(error) if only => return Err(error),
                    // The sessions that there are do the work.
                    Ok(_) => tracing::debug!("other workers need the room for further sessions"),
                    Err(error) => tracing::debug!(%error, "the server admits no further session"),
                }
                drop(lent);
                state = self.state();
                state.refused_until = Some(Instant::now() + REFUSED);
                continue;
            }
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(in_use(state.open, patience));
            }
            let waited = self.freed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The error of work for which no session became free.
fn in_use(open: usize, patience: Duration) -> Error {
    let sessions = match open {
        1 => "the session of this process was",
        _ => "all sessions of this process were",
    };
    let seconds = patience.as_secs_f64();
    Error::ledger(format!(
        "the ledger did not answer: {sessions} in use by other work on it for {seconds:.0} s"
    ))
    .that_passes(true)
    .hint("try again when that work has ended, or let other processes unlock the ledger")
}

impl Lent<'_> {
    /// The session, which is opened again if it was closed in the meantime.
    ///
    /// # Errors
    /// If `connect` fails.
    pub fn session(&mut self, connect: impl Fn() -> Result<Connected>) -> Result<&mut Connected> {
        if self.connected.as_ref().is_some_and(|session| !session.answers()) {
            self.connected = None;
        }
        let session = match &mut self.connected {
            Some(session) => session,
            empty => empty.insert(connect()?),
        };
        session.used = Instant::now();
        Ok(session)
    }

    /// Notes that the session has ended. Those that are idle have probably ended, too.
    pub fn end(&mut self) {
        self.connected = None;
        self.sessions.state().keep(|_| false);
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut state = self.sessions.state();
        match self.connected.take() {
            Some(session) => {
                state.keep(|other| other.used.elapsed() < UNUSED);
                let known = [state.quickest, session.quickest.get()];
                state.quickest = known.into_iter().flatten().min();
                state.idle.push(session);
            }
            None => state.open -= 1,
        }
        drop(state);
        self.sessions.freed.notify_one();
    }
}

/// A session.
pub(super) struct Connected {
    pub client: Client,
    /// Drives the connection while somebody waits for an answer; `None` only while it is being
    /// dropped.
    runtime: Option<tokio::runtime::Runtime>,
    used: Instant,
    /// The shortest time in which the server answered in this session.
    quickest: Cell<Option<Duration>>,
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

type PendingRows<'a> = Pin<Box<dyn Future<Output = std::result::Result<Vec<Row>, Failure>> + 'a>>;

/// Sends all statements before it waits for the first answer. A statement is sent when it is first
/// polled.
async fn in_order(mut asked: Vec<PendingRows<'_>>) -> Vec<std::result::Result<Vec<Row>, Failure>> {
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
    pub fn new(client: Client, runtime: tokio::runtime::Runtime) -> Self {
        Self { client, runtime: Some(runtime), used: Instant::now(), quickest: Cell::new(None) }
    }

    pub fn wait<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.runtime.as_ref().map(|runtime| runtime.block_on(work))
    }

    /// Whether the session can be used, as far as is known. One that was idle for long is tried.
    fn answers(&self) -> bool {
        if self.client.is_closed() {
            return false;
        }
        if self.used.elapsed() <= IDLE {
            return true;
        }
        let valid = async { tokio::time::timeout(CONNECT, self.client.batch_execute("")).await };
        matches!(self.wait(valid), Some(Ok(Ok(()))))
    }

    /// Whether the server, the database and the role admit as many sessions again as there are, and
    /// few workers are alive.
    fn leaves_room(&self) -> bool {
        let room = sql!(
            format!(
                "SELECT CASE WHEN 2 * (SELECT count(*) FROM pg_stat_activity) \
                 < CAST(current_setting('max_connections') AS BIGINT) \
                 AND (d.datconnlimit < 0 OR 2 * (SELECT count(*) FROM pg_stat_activity \
                 WHERE datname = d.datname) < d.datconnlimit) \
                 AND (r.rolconnlimit < 0 OR 2 * (SELECT count(*) FROM pg_stat_activity \
                 WHERE usename = r.rolname) < r.rolconnlimit) \
                 AND (SELECT count(*) FROM lantern_leases WHERE until > {CLOCK}) <= ?1 \
                 THEN 1 ELSE 0 END FROM pg_database d, pg_roles r \
                 WHERE d.datname = current_database() AND r.rolname = current_user"
            ),
            FEW_WORKERS
        );
        let found = self.run(&[room], None, None).unwrap_or_default();
        found.into_iter().flatten().next().is_some_and(|row| row.0 == [Value::Integer(1)])
    }

    fn simple<'a>(&'a self, text: &'static str) -> PendingRows<'a> {
        Box::pin(async move { self.client.batch_execute(text).await.map(|()| Vec::new()) })
    }

    fn ask<'a>(&'a self, statement: &'a Statement) -> PendingRows<'a> {
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
    pub fn run(
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
            let begun = Instant::now();
            for answer in self.wait(in_order(part)).unwrap_or_default() {
                answers.push(answer?);
            }
            let took = begun.elapsed();
            self.quickest.set(Some(self.quickest.get().map_or(took, |known| known.min(took))));
        }
        if before.is_some() && !answers.is_empty() {
            answers.remove(0);
        }
        answers.truncate(statements.len());
        Ok(answers)
    }
}

/// A transaction on the server, which begins with its first statement.
pub(super) struct Open<'a> {
    connected: &'a Connected,
    pub begun: bool,
    pub ended: bool,
    /// The failure of the server or the connection. The caller got a substitute for it.
    pub failure: Option<Failure>,
    /// Whether it failed before anything could have been committed, so that it can be repeated.
    pub again: bool,
}

impl<'a> Open<'a> {
    pub fn new(connected: &'a Connected) -> Self {
        Self { connected, begun: false, ended: false, failure: None, again: false }
    }

    fn ask(
        &mut self,
        statements: &[Statement],
        after: Option<&'static str>,
    ) -> Result<Vec<Vec<Row>>> {
        if self.ended {
            return Err(Error::ledger("the transaction has ended"));
        }
        let before = (!self.begun).then_some(BEGIN);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_finds_all_sessions_in_use_ends_with_an_error_that_passes() {
        let refused = || Err(Error::ledger("the server admits nobody"));
        let sessions = Sessions::default();
        sessions.state().open = 1;
        for (open, said) in [(1, "the session of this process was in use"), (MOST, "all sessions")]
        {
            sessions.state().open = open;
            let error = sessions.lend(Duration::from_millis(1), refused).err().unwrap();
            assert!(error.happened().contains(said) && error.facts().passing, "{error:?}");
        }
        // Where there is no session, it is opened at once.
        sessions.state().open = 0;
        let error = sessions.lend(Duration::ZERO, refused).err().unwrap();
        assert!(error.happened().contains("admits nobody"), "{error:?}");
        assert_eq!(sessions.state().open, 0);
    }

    #[test]
    fn work_goes_on_when_a_session_is_given_back() {
        let sessions = Sessions::default();
        sessions.state().open = 1;
        let refused = || Err(Error::ledger("the server admits nobody"));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| sessions.lend(Duration::from_secs(60), refused).err());
            // The session has ended, so the one who waits tries to open another.
            drop(Lent { sessions: &sessions, connected: None });
            let error = waiting.join().unwrap().unwrap();
            assert!(error.happened().contains("admits nobody"), "{error:?}");
        });
    }
}
