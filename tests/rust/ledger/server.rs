//! A PostgreSQL server of this test program, which ends with it.

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
static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// The URL of a new database, or none where there is no PostgreSQL, which in CI is a failure.
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
    // The server gets a signal when the thread that started it ends, so that one lives on.
    std::thread::spawn(move || {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        // It does not run as root.
        // SAFETY: it only reads.
        let root = unsafe { libc::geteuid() } == 0;
        let run = |program: &str| {
            let mut command = Command::new("setpriv");
            command.args(["--pdeathsig", "INT"]);
            if root {
                command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
            }
            command.arg(programs.join(program)).current_dir("/");
            command
        };
        if root {
            let open = Command::new("chown").arg("-R").arg("postgres").arg(folder.path()).status();
            assert!(open.unwrap().success());
        }
        let made = run("initdb")
            .args(["--auth", "trust", "--username", "postgres", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
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
        let begun = Instant::now();
        let admin = format!("host=127.0.0.1 port={port} user=postgres dbname=postgres");
        while let Err(error) = postgres::Client::connect(&admin, postgres::NoTls) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{error}");
            std::thread::sleep(Duration::from_millis(50));
        }
        tell.send(port).unwrap();
        server.wait().unwrap();
    });
    Some(told.recv().expect("PostgreSQL starts"))
}
