//! SQLite files that several processes and forked children may use.
//!
//! An open SQLite connection must not cross a `fork`: the child inherits SQLite's own notes of
//! the file locks that its parent holds, and would believe to hold them too. So every connection
//! of this process is closed just before a fork (`pthread_atfork`), while no thread is inside
//! SQLite, and opened anew on the next use, in the parent and in the child.
//!
//! Nor may an open file whose lock shows that a process is alive: the lock would last as long as
//! the child. The child therefore closes its copy ([`close_in_children`]).

// The one use is `pthread_atfork`, whose handlers are plain functions that touch only this
// module's statics, on the forking thread, and close files that no other code of the child uses.
#![allow(unsafe_code)]

#[cfg(unix)]
use std::{
    cell::RefCell,
    os::fd::{AsRawFd, RawFd},
    sync::{Once, RwLockWriteGuard},
};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, TryLockError, Weak},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::process::private;

/// How long a connection waits for another process that uses the file.
pub const BUSY: Duration = Duration::from_secs(30);

/// Why a SQLite file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error(
        "{path} has schema version {found} and this lantern knows {known}; upgrade lantern, or name another file"
    )]
    Newer { path: String, found: i64, known: usize },
    /// The failure is temporary: another process is working on the file.
    #[error("{path} cannot be written: another process has held its lock for {seconds} s")]
    Busy { path: String, seconds: u64 },
    #[error("{path} cannot be {doing}: {reason}")]
    File { path: String, doing: &'static str, reason: String },
    #[error("{path}: {source}")]
    Sqlite { path: String, source: rusqlite::Error },
}

/// How durable a commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The commit is on the disk before `with` returns, so it survives a power cut.
    Full,
    /// The commit survives a killed process, but a power cut may lose the last commits.
    Normal,
}

/// A SQLite file in WAL mode. Each process has a connection, opened when it is first needed, and a
/// second one for what is read while the first waits for the lock of another process.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    durability: Durability,
    slot: Mutex<Option<Connection>>,
    /// Opened together with the first connection, so that both have the same file even if another
    /// one gets its name.
    reader: Mutex<Option<Connection>>,
}

/// Locked for reading by every use of SQLite, and for writing across a fork.
static GATE: RwLock<()> = RwLock::new(());
static OPEN: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());
/// Open files that only this process may hold, and that each forked child closes.
#[cfg(unix)]
static OWN: Mutex<Vec<RawFd>> = Mutex::new(Vec::new());
#[cfg(unix)]
static AT_FORK: Once = Once::new();

#[cfg(unix)]
thread_local! {
    static FORKING: RefCell<Option<RwLockWriteGuard<'static, ()>>> = const { RefCell::new(None) };
}

#[cfg(unix)]
extern "C" fn before_fork() {
    let guard = GATE.write().unwrap_or_else(PoisonError::into_inner);
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    for shared in open.iter().filter_map(Weak::upgrade) {
        for slot in [&shared.slot, &shared.reader] {
            drop(slot.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
    }
    drop(open);
    FORKING.with_borrow_mut(|slot| *slot = Some(guard));
}

#[cfg(unix)]
extern "C" fn after_fork() {
    FORKING.with_borrow_mut(|slot| drop(slot.take()));
}

#[cfg(unix)]
extern "C" fn after_fork_in_child() {
    for file in OWN.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        // SAFETY: `close` may be called in a forked child, and no other code of the child uses the
        // file: what belongs to the parent's process is neither used nor dropped there.
        unsafe { libc::close(file) };
    }
    after_fork();
}

/// Makes each forked child close its copy of a file, so that a lock on it ends with this process.
/// The file must never be dropped in a child.
pub fn close_in_children(file: &File) {
    guard_forks();
    #[cfg(unix)]
    {
        // A fork while the list is locked would leave it locked in the child.
        let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
        OWN.lock().unwrap_or_else(PoisonError::into_inner).push(file.as_raw_fd());
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// Reverts [`close_in_children`], before the file is closed here.
pub fn keep_in_children(file: &File) {
    #[cfg(unix)]
    {
        let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
        let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
        own.retain(|known| *known != file.as_raw_fd());
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// Registers the handlers once. Only Unix forks.
fn guard_forks() {
    #[cfg(unix)]
    AT_FORK.call_once(|| {
        // SAFETY: the handlers are `extern "C"` functions that live as long as the program.
        unsafe {
            libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(after_fork_in_child));
        }
    });
}

impl Database {
    /// Opens (or creates, with mode 0600) the file and brings its schema up to date.
    ///
    /// `migrations[n]` leads from version n to n + 1 (`PRAGMA user_version`).
    ///
    /// # Errors
    /// If the file cannot be opened or written, or its schema is newer than `migrations`.
    pub fn open(
        path: &Path,
        durability: Durability,
        migrations: &[&str],
    ) -> Result<Self, DatabaseError> {
        guard_forks();
        let path = private::place(path).map_err(|error| DatabaseError::File {
            path: path.display().to_string(),
            doing: "used",
            reason: error.to_string(),
        })?;
        let (slot, reader) = (Mutex::new(None), Mutex::new(None));
        let shared = Arc::new(Shared { path, durability, slot, reader });
        {
            // A fork while the list is locked would leave it locked in the child.
            let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
            let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
            open.retain(|known| known.strong_count() > 0);
            open.push(Arc::downgrade(&shared));
        }
        let database = Self { shared };
        database.migrate(migrations)?;
        Ok(database)
    }

    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Runs `work` on the connection. Blocks: call it from a blocking thread, and never nest it.
    ///
    /// # Errors
    /// If `work` fails, or the file cannot be used.
    pub fn with<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DatabaseError> {
        let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
        let mut slot = self.shared.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match &mut *slot {
            Some(connection) => connection,
            empty => {
                let connect = || self.connect().map_err(|error| self.explain(error));
                let (connection, other) = (connect()?, connect()?);
                *self.shared.reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(other);
                empty.insert(connection)
            }
        };
        work(connection).map_err(|error| self.explain(error))
    }

    /// Like [`Database::with`], for work that writes nothing: it does not wait for what is being
    /// written.
    ///
    /// # Errors
    /// As for [`Database::with`].
    pub fn read<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DatabaseError> {
        if matches!(self.shared.slot.try_lock(), Err(TryLockError::WouldBlock)) {
            let _gate = GATE.read().unwrap_or_else(PoisonError::into_inner);
            let mut slot = self.shared.reader.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(connection) = &mut *slot {
                return work(connection).map_err(|error| self.explain(error));
            }
        }
        self.with(work)
    }

    /// Runs `work` in one transaction that takes the write lock at its beginning.
    ///
    /// # Errors
    /// If `work` fails. The transaction is then rolled back.
    pub fn transact<T>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, DatabaseError> {
        self.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        // The path was resolved when the ledger was opened, so a link in its place was put there
        // later and is not followed.
        let flags = OpenFlags::default() | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(&self.shared.path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(
            None,
            "synchronous",
            if self.shared.durability == Durability::Full { "FULL" } else { "NORMAL" },
        )?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }

    fn migrate(&self, migrations: &[&str]) -> Result<(), DatabaseError> {
        let version = |connection: &Connection| {
            connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
        };
        let known = migrations.len();
        let found = self.with(|connection| version(connection))?;
        if usize::try_from(found).is_ok_and(|found| found == known) {
            return Ok(());
        }
        let found = self.transact(|transaction| {
            let found = version(transaction)?;
            if let Some(missing) =
                usize::try_from(found).ok().and_then(|from| migrations.get(from..))
            {
                for step in missing {
                    transaction.execute_batch(step)?;
                }
                if !missing.is_empty() {
                    transaction.pragma_update(None, "user_version", known as i64)?;
                }
            }
            Ok(found)
        })?;
        if usize::try_from(found).is_ok_and(|found| found <= known) {
            Ok(())
        } else {
            Err(DatabaseError::Newer { path: self.shared.path.display().to_string(), found, known })
        }
    }

    fn explain(&self, source: rusqlite::Error) -> DatabaseError {
        let path = self.shared.path.display().to_string();
        let file = |doing, reason: &str| DatabaseError::File {
            path: path.clone(),
            doing,
            reason: reason.to_owned(),
        };
        match source.sqlite_error_code() {
            Some(ErrorCode::ReadOnly) => file("written", "the file or its folder is read-only"),
            Some(ErrorCode::DiskFull) => file("written", "the disk is full"),
            Some(ErrorCode::SystemIoFailure) => {
                file("written", &format!("the disk failed ({source})"))
            }
            Some(ErrorCode::CannotOpen) => {
                file("opened", "the folder is missing, or access to it is not allowed")
            }
            Some(ErrorCode::PermissionDenied) => file("opened", "access to it is not allowed"),
            Some(ErrorCode::NotADatabase) => file("read", "it is not a SQLite file"),
            Some(ErrorCode::DatabaseCorrupt) => file("read", "the file is damaged"),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                DatabaseError::Busy { path, seconds: BUSY.as_secs() }
            }
            _ => DatabaseError::Sqlite { path, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE t (n INTEGER)";
    const SECOND: &str = "ALTER TABLE t ADD COLUMN m INTEGER DEFAULT 7";

    #[test]
    fn a_file_is_migrated_and_a_newer_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/x.sqlite");
        let first = Database::open(&path, Durability::Full, &[FIRST]).unwrap();
        first.transact(|t| t.execute("INSERT INTO t VALUES (1)", [])).unwrap();
        let second = Database::open(&path, Durability::Full, &[FIRST, SECOND]).unwrap();
        let m: i64 = second.with(|c| c.query_row("SELECT m FROM t", [], |row| row.get(0))).unwrap();
        assert_eq!(m, 7);
        let Err(error) = Database::open(&path, Durability::Full, &[FIRST]) else {
            panic!("a newer file was opened");
        };
        assert!(error.to_string().contains("schema version 2 and this lantern knows 1"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sqlite");
        Database::open(&path, Durability::Full, &[FIRST]).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_no_database_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sqlite");
        std::fs::write(&path, "name,email\n".repeat(200)).unwrap();
        let Err(error) = Database::open(&path, Durability::Full, &[FIRST]) else {
            panic!("a CSV file was opened as a database");
        };
        assert!(error.to_string().contains("it is not a SQLite file"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_ends_with_its_process_also_if_a_forked_child_lives_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sign-of-life");
        let (mut ready, tell_ready) = std::io::pipe().unwrap();
        let (wait, hold) = std::io::pipe().unwrap();
        // SAFETY: the children only use what they inherit and leave by `_exit`.
        let owner = unsafe { libc::fork() };
        if owner == 0 {
            let file = File::create(&path).unwrap();
            file.lock().unwrap();
            close_in_children(&file);
            drop(hold);
            // SAFETY: as above.
            if unsafe { libc::fork() } == 0 {
                // It lives until the test lets go of its end.
                let _ = std::io::Write::write_all(&mut { tell_ready }, b"!");
                let _ = std::io::Read::read(&mut { wait }, &mut [0]);
                unsafe { libc::_exit(0) };
            }
            drop((tell_ready, wait));
            // Ends by a signal, as a killed sender does, once its child lives.
            let _ = std::io::Read::read_exact(&mut ready, &mut [0]);
            unsafe { libc::raise(libc::SIGKILL) };
            unsafe { libc::_exit(1) };
        }
        drop((ready, tell_ready, wait));
        let mut status = 0;
        // SAFETY: `owner` is our child.
        unsafe { libc::waitpid(owner, &mut status, 0) };
        assert!(libc::WIFSIGNALED(status), "{status}");
        File::open(&path).unwrap().try_lock().expect("the child still holds the lock");
        drop(hold);
    }

    #[cfg(unix)]
    #[test]
    fn a_forked_child_writes_while_the_parent_is_writing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sqlite");
        let database = Database::open(&path, Durability::Normal, &[FIRST]).unwrap();
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let traffic = {
            let (database, stop) = (database.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    database.transact(|t| t.execute("INSERT INTO t VALUES (0)", [])).unwrap();
                }
            })
        };
        for child in 1..=20 {
            // SAFETY: the child only uses the database and leaves by `_exit`.
            let pid = unsafe { libc::fork() };
            if pid == 0 {
                let done = database.transact(|t| t.execute("INSERT INTO t VALUES (?)", [child]));
                unsafe { libc::_exit(i32::from(done.is_err())) };
            }
            let mut status = 0;
            // SAFETY: `pid` is our child.
            unsafe { libc::waitpid(pid, &mut status, 0) };
            assert_eq!(status, 0, "child {child}");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        traffic.join().unwrap();
        let (children, check): (i64, String) = database
            .with(|c| {
                Ok((
                    c.query_row("SELECT count(*) FROM t WHERE n > 0", [], |row| row.get(0))?,
                    c.pragma_query_value(None, "integrity_check", |row| row.get(0))?,
                ))
            })
            .unwrap();
        assert_eq!((children, check.as_str()), (20, "ok"));
    }
}
