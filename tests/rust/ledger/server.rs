//! A PostgreSQL server for this test program, and PgBouncer in front of it; both end with it.

// geteuid(2): PostgreSQL refuses to run as root.
#![allow(unsafe_code)]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use lantern::ledger::postgres::PostgresLedger;

static SERVER: OnceLock<Option<u16>> = OnceLock::new();
static POOLER: OnceLock<Option<u16>> = OnceLock::new();
static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// The URL of a new database, or `None` without PostgreSQL, which is a failure in CI.
pub fn database() -> Option<String> {
    let port = (*SERVER.get_or_init(start))?;
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let admin = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
    let mut client = postgres::Client::connect(&admin, postgres::NoTls).unwrap();
    client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    Some(format!("postgresql://postgres:secret@127.0.0.1:{port}/{name}?sslmode=disable"))
}

/// A ledger in a database of its own.
pub fn ledger() -> Option<(PostgresLedger, String, tempfile::TempDir)> {
    let url = database()?;
    let folder = tempfile::tempdir().unwrap();
    let ledger = PostgresLedger::open(&url, folder.path()).unwrap();
    Some((ledger, url, folder))
}

/// The URL of a new database behind PgBouncer in transaction mode, or `None` if either is missing.
pub fn pooled_database() -> Option<String> {
    let url = database()?;
    let (port, pooled) = (SERVER.get().copied()??, (*POOLER.get_or_init(start_pooler))?);
    Some(url.replace(&format!(":{port}/"), &format!(":{pooled}/")))
}

/// A ledger in a database of its own behind PgBouncer.
pub fn pooled_ledger() -> Option<(PostgresLedger, String, tempfile::TempDir)> {
    let url = pooled_database()?;
    let folder = tempfile::tempdir().unwrap();
    let ledger = PostgresLedger::open(&url, folder.path()).unwrap();
    Some((ledger, url, folder))
}

/// A session of the administrator in the database of a URL, bypassing any pooler.
pub fn administrator(url: &str) -> postgres::Client {
    let port = SERVER.get().copied().flatten().expect("the server runs");
    let name = url.rsplit('/').next().unwrap().split('?').next().unwrap();
    let place = format!("host=127.0.0.1 port={port} user=postgres dbname={name}");
    postgres::Client::connect(&place, postgres::NoTls).unwrap()
}

/// The user that runs the servers: `postgres` if this process is root, which neither server
/// accepts.
fn as_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if is_root() {
        command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
    }
    command.arg(program).current_dir("/");
    command
}

fn is_root() -> bool {
    // SAFETY: it only reads the process's user id.
    unsafe { libc::geteuid() == 0 }
}

/// Lets the servers' user write into a folder.
fn hand_over(folder: &Path) {
    if is_root() {
        let given = Command::new("chown").arg("-R").arg("postgres").arg(folder).status();
        assert!(given.unwrap().success());
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until a server lets the administrator in.
fn await_server(port: u16) {
    let begun = Instant::now();
    let admin = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
    while let Err(error) = postgres::Client::connect(&admin, postgres::NoTls) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{error}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn start_pooler() -> Option<u16> {
    let server = (*SERVER.get_or_init(start))?;
    let mut folders: Vec<PathBuf> = vec!["/usr/sbin".into()];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let program = folders.into_iter().map(|folder| folder.join("pgbouncer")).find(|it| it.exists());
    let Some(program) = program else {
        eprintln!("skipped: there is no PgBouncer here; `make pgbouncer` installs it");
        return None;
    };
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let folder = tempfile::tempdir().unwrap();
        let (port, settings) = (free_port(), folder.path().join("pgbouncer.ini"));
        // Fewer sessions than clients, so that sessions change hands with every transaction.
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server} user=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n\
             max_client_conn = 500\nserver_idle_timeout = 2\n"
        );
        std::fs::write(&settings, text).unwrap();
        hand_over(folder.path());
        let mut pooler = as_user(&program)
            .arg("-q")
            .arg(&settings)
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        await_server(port);
        tell.send(port).unwrap();
        pooler.wait().unwrap();
    });
    Some(told.recv().expect("PgBouncer starts"))
}

fn programs() -> Option<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten();
    let mut folders: Vec<PathBuf> =
        versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.into_iter().find(|folder| folder.join("initdb").exists())
}

fn start() -> Option<u16> {
    let Some(programs) = programs() else {
        assert!(std::env::var_os("CI").is_none(), "there is no PostgreSQL; `make postgresql`");
        eprintln!("skipped: there is no PostgreSQL here; `make postgresql` installs it");
        return None;
    };
    let (tell, told) = mpsc::channel();
    // The server gets a signal when the thread that started it ends, so that thread lives on.
    std::thread::spawn(move || {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        hand_over(folder.path());
        let run = |program: &str| as_user(&programs.join(program));
        let made = run("initdb")
            .args(["--auth", "trust", "--username", "postgres", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let mut server = run("postgres")
            .args(["-F", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-p"])
            .arg(port.to_string())
            .arg("-k")
            .arg(folder.path())
            .arg("-D")
            .arg(&data)
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        await_server(port);
        tell.send(port).unwrap();
        server.wait().unwrap();
    });
    Some(told.recv().expect("PostgreSQL starts"))
}
