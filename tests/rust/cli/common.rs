//! A server, a folder, and the command as a user calls it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use lantern::{
    jobs::Ledger,
    ledger::{BatchRecord, BatchState, JobRecord},
};
use lantern_server::{DirectorySource, Limits, LocalServer, ServerConfig};
use serde_json::Value;

/// A key that must not be printed anywhere.
pub const KEY: &str = "hunter2-and-more";

/// Words that only make sense to Python users, so the command must not print them.
const PYTHON: [&str; 7] = [
    "job.",
    "lantern.jobs",
    "lantern.LocalServer",
    "allow_http=",
    "api_key=",
    " max_credits",
    "path=",
];

pub struct World {
    pub server: LocalServer,
    pub folder: tempfile::TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl World {
    /// A server with the people `0001` to `0300`. Those with an even number have an e-mail address,
    /// and those whose number ends in 0 a phone number.
    pub fn new(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let mut config = ServerConfig {
            limits: Limits::LIFTED,
            key: Some(KEY.to_owned()),
            people: DirectorySource::Table(vec![people()]),
            ..ServerConfig::default()
        };
        change(&mut config);
        let server = LocalServer::start_blocking(config).unwrap();
        Self { server, folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// A CSV file `people.csv` with the ids from `0001` to `count`.
    pub fn people_csv(&self, count: usize) -> PathBuf {
        let rows: String = (1..=count).map(|number| format!("{number:04},x\n")).collect();
        self.write("people.csv", format!("id,name\n{rows}"))
    }

    /// The command with the server's variables, a ledger of its own and no rate limits.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.limited(&[&["--rate", "off"], arguments].concat())
    }

    /// The same with the API's rate limits.
    pub fn limited(&self, arguments: &[&str]) -> Command {
        let mut command = bare(self.folder.path());
        let storage = self.server.storage_options().into_iter();
        command
            .args(arguments)
            .envs(storage.map(|(name, value)| (name.to_uppercase(), value)))
            .env("LANTERN_BASE_URL", self.server.url())
            .env("LANTERN_API_KEY", KEY)
            .env("LANTERN_LEDGER", self.path("ledger.sqlite"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        self.done(&mut self.command(arguments))
    }

    /// Runs a command to its end, and checks that its output contains no secret.
    pub fn done(&self, command: &mut Command) -> Done {
        let output = command.stdin(Stdio::null()).output().unwrap();
        self.check(output)
    }

    pub fn check(&self, output: Output) -> Done {
        let done = Done {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        let secret = &self.server.storage_options()["aws_secret_access_key"];
        for said in [&done.stdout, &done.stderr] {
            assert!(!said.contains(KEY) && !said.contains(secret), "a secret is told: {said}");
        }
        assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
        for line in done.stderr.lines().filter(|line| line.starts_with(['e', 'n', '{'])) {
            // Messages of the API are quoted unchanged, with its own names.
            let own = line.split(" answered ").next().unwrap_or(line);
            let python = PYTHON.iter().find(|words| own.contains(*words));
            assert_eq!(python, None, "only Python users can type this: {line}");
        }
        done
    }

    pub fn spawn(&self, command: &mut Command) -> Child {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn with_stdin(&self, command: &mut Command, input: &[u8]) -> Done {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        self.check(child.wait_with_output().unwrap())
    }

    /// Number of batches that the server has received.
    pub fn runs(&self) -> usize {
        self.server.runs().unwrap().num_rows()
    }

    /// The jobs of the ledger, with their batches.
    pub fn jobs(&self) -> Vec<(JobRecord, Vec<BatchRecord>)> {
        let ledger = Ledger::open(&self.path("ledger.sqlite").to_string_lossy()).unwrap();
        let jobs = ledger.store().jobs(None).unwrap();
        jobs.into_iter()
            .map(|(job, _)| {
                let batches = ledger.store().batches(job.id).unwrap();
                (job, batches)
            })
            .collect()
    }

    /// Waits until the first batch of the only job is in this state.
    pub fn until_first_batch_is(&self, state: BatchState) {
        until(|| {
            self.path("ledger.sqlite").exists()
                && self.jobs().first().is_some_and(|(_, batches)| batches[0].state == state)
        });
    }
}

impl Done {
    /// Its standard output, if it succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// The same with runs of spaces reduced to one.
    #[track_caller]
    pub fn says(self) -> String {
        let said = self.ok();
        said.lines().map(|line| squeezed(line) + "\n").collect()
    }

    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// Its error, if it ended with this exit code and printed a single sentence.
    #[track_caller]
    pub fn error(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        let errors: Vec<_> =
            self.stderr.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        errors[0].to_owned()
    }
}

fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The command without any environment variables of the tests.
pub fn bare(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lantern"));
    command.env_clear().env("HOME", home).current_dir(home);
    command
}

/// Waits until something is true that another process brings about.
#[track_caller]
pub fn until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never came about");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Sends a signal, such as `INT`.
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

pub fn id(number: usize) -> String {
    format!("{number:04}")
}

pub fn email(number: usize) -> Option<String> {
    number.is_multiple_of(2).then(|| format!("p{number}@example.com"))
}

pub fn phone(number: usize) -> Option<String> {
    number.is_multiple_of(10).then(|| format!("+4930{number:07}"))
}

fn people() -> RecordBatch {
    let column = |of: fn(usize) -> Option<String>| -> ArrayRef {
        Arc::new((1..=300).map(of).collect::<StringArray>())
    };
    RecordBatch::try_from_iter([
        ("id", column(|number| Some(id(number)))),
        ("email", column(email)),
        ("phone_number", column(phone)),
    ])
    .unwrap()
}

/// A column of texts.
pub fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let column = batch.column_by_name(name).unwrap().as_string::<i32>();
    column.iter().map(|text| text.map(str::to_owned)).collect()
}

/// Rows of a CSV text, the header first.
pub fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}
