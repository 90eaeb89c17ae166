//! `lantern serve`

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

use crate::common::bare;

/// A server that was started by the command.
struct Served {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    home: tempfile::TempDir,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let command = bare(home.path());
        Self::by(home, command, arguments)
    }

    /// A server that is started after a shell command, such as `ulimit -n 128`.
    #[cfg(unix)]
    fn start_under(limit: &str, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let own = bare(home.path());
        let mut command = Command::new("sh");
        command.args(["-ec", &format!("{limit}; exec \"$0\" \"$@\"")]).arg(own.get_program());
        command.env_clear().current_dir(home.path());
        command.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Self::by(home, command, arguments)
    }

    fn by(home: tempfile::TempDir, mut command: Command, arguments: &[&str]) -> Self {
        let mut child = command
            .args(["serve", "--port", "0", "--limits", "off", "--size", "200"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout, home }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// All lines up to the first with this beginning.
    fn until(&mut self, begin: &str) -> String {
        let mut text = String::new();
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "{begin:?} never came: {text}");
            text += &line;
            if line.starts_with(begin) {
                return text;
            }
        }
    }

    /// Runs a script in a shell that can find the command.
    fn shell(&self, script: &str) -> Output {
        let lantern = env!("CARGO_BIN_EXE_lantern");
        Command::new("sh")
            .args(["-ec", &format!("lantern() {{ {lantern} \"$@\"; }}\n{script}")])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .current_dir(self.home.path())
            .output()
            .unwrap()
    }

    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        crate::common::signal(&self.child, signal);
        let mut said = String::new();
        self.stdout.read_to_string(&mut said).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may still run after a failed test; after a passed one it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_it_prints_is_a_script_that_sets_up_the_main_job() {
    let mut served = Served::start(&[]);
    let script = served.until("# --env-file");
    for words in [
        "#   API",
        "export LANTERN_API_KEY=",
        "200 people",
        "export LANTERN_RATE=off",
        "export LANTERN_LEDGER=/",
        "export LANTERN_BASE_URL=http://127.0.0.1:",
    ] {
        assert!(script.contains(words), "{words:?} is not in\n{script}");
    }
    fs::write(served.home.path().join("p.csv"), "id\nP0000001\nP0000002\n").unwrap();
    let job = "lantern submit p.csv --kind phone-email --max-credits 50 --batch-size 1 --out -";
    let output = served.shell(&format!("{script}\n{job}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 3);
    let (code, said) = served.stop("TERM");
    assert_eq!(code, Some(0), "{said}");
}

#[cfg(unix)]
#[test]
fn a_given_key_is_written_to_the_private_file_alone() {
    use std::os::unix::fs::PermissionsExt;

    let key = "it's a $ecret";
    let mut served = Served::start(&["--key", key, "--env-file", "env.sh"]);
    let said = served.until("# All of them: . env.sh");
    let file = served.home.path().join("env.sh");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let written = fs::read_to_string(&file).unwrap();
    let secret = written.lines().find(|line| line.contains("SECRET_ACCESS_KEY=")).unwrap();
    assert!(!said.contains("ecret") && !said.contains(secret), "{said}");
    let output = served.shell(". ./env.sh; lantern credits");
    let answer = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answer, "remaining  1,000,000 of 1,000,000 credits\n");
    let output = served.shell(". ./env.sh; LANTERN_API_KEY=lantern-local-key lantern credits");
    assert_eq!(output.status.code(), Some(3));
    let (code, said) = served.stop("INT");
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("ecret"), "{said}");
}

#[test]
fn machines_read_one_object() {
    let mut served = Served::start(&["--json", "--price", "email=3,phone=0", "--credits", "70"]);
    let told: Value = serde_json::from_str(&served.line()).unwrap();
    let environment = told["environment"].as_object().unwrap();
    assert_eq!(environment["LANTERN_BASE_URL"], told["url"]);
    let exports: String = environment
        .iter()
        .map(|(name, value)| format!("export {name}='{}'\n", value.as_str().unwrap()))
        .collect();
    let ids: String = (1..=20).map(|number| format!("P{number:07}\n")).collect();
    fs::write(served.home.path().join("p.csv"), format!("id\n{ids}")).unwrap();
    let output = served.shell(&format!(
        "{exports}lantern submit p.csv --kind email --max-credits 60 --credits-per-id 3 --json"
    ));
    let job: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = job["row_counts"]["found"].as_u64().unwrap();
    assert!(found > 0, "{job}");
    assert_eq!(job["spent"], found * 3, "{job}");
    let output = served.shell(&format!("{exports}lantern credits --json"));
    let credits: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(credits["remaining_credits"], 70.0 - (found * 3) as f64);
    served.stop("TERM");
}

#[test]
fn a_data_folder_goes_on_where_it_was() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let mut served =
        Served::start(&["--data", folder, "--work-delay", "1h", "--env-file", "env.sh"]);
    served.until("# All of them");
    fs::write(served.home.path().join("p.csv"), "id\nP0000001\n").unwrap();
    let script = ". ./env.sh; export LANTERN_LEDGER=$DATA/ledger.sqlite; \
                  lantern submit p.csv --key a --kind email --max-credits 9 --no-wait";
    let output = served.shell(&format!("DATA={folder}; {script}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(served.stop("TERM").0, Some(0));

    let mut served = Served::start(&["--data", folder, "--env-file", "env.sh"]);
    served.until("# All of them");
    let script = ". ./env.sh; export LANTERN_LEDGER=$DATA/ledger.sqlite; lantern results a";
    let output = served.shell(&format!("DATA={folder}; {script}"));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("1 of 1 loaded"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn faults_and_a_directory_of_ones_own_are_taken() {
    let people = tempfile::tempdir().unwrap();
    let file = people.path().join("people.csv");
    fs::write(&file, "id,email\n007,bond@example.com\n").unwrap();
    let mut served = {
        let home = tempfile::tempdir().unwrap();
        let mut child = bare(home.path())
            .args(["serve", "--port", "0", "--limits", "off", "--people"])
            .arg(&file)
            .args(["--fault", "GET /v1/credits/*: not-json times 1", "--env-file", "env.sh"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Served { child, stdout, home }
    };
    let said = served.until("# All of them");
    assert!(said.contains("1 people"), "{said}");
    assert_eq!(served.shell(". ./env.sh; lantern credits").status.code(), Some(7));
    assert_eq!(served.shell(". ./env.sh; lantern credits").status.code(), Some(0));
    fs::write(served.home.path().join("p.csv"), "id\n007\n").unwrap();
    let script = ". ./env.sh; lantern submit p.csv --kind email --max-credits 9 --out -";
    let output = served.shell(script);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("007,found") && said.contains("bond@example.com"), "{said}");
}

#[test]
fn the_crm_begins_with_the_files_that_are_given() {
    let files = tempfile::tempdir().unwrap();
    let (leads, firms) = (files.path().join("leads.csv"), files.path().join("firms.csv"));
    fs::write(&leads, "Email,LastName\nada@acme.example,Byron\n").unwrap();
    fs::write(&firms, "name\nAcme\n").unwrap();
    let accounts = format!("accounts={}", firms.display());
    let crm = ["--crm", leads.to_str().unwrap(), "--crm", &accounts, "--env-file", "env.sh"];
    let mut served = Served::start(&crm);
    served.until("# All of them");
    let list = |kind: &str| {
        let output = served.shell(&format!(". ./env.sh; lantern crm list {kind}"));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(list("leads").contains("ada@acme.example"), "{}", list("leads"));
    assert!(list("accounts").contains("Acme"), "{}", list("accounts"));
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let home = tempfile::tempdir().unwrap();
    for (arguments, code, said) in [
        (&["--port", &port][..], 1, "is taken"),
        (&["--port", "0", "--people", "nobody.csv"], 1, "nobody.csv cannot be read"),
        (&["--port", "0", "--env-file", "nowhere/env"], 4, "nowhere/env cannot be written"),
        (&["--port", "0", "--credits", "nan"], 4, "credits is NaN"),
        (&["--port", "0", "--crm", "deals.csv"], 4, "the CRM has no \"deals\""),
        (&["--port", "0", "--crm", "leads.csv"], 1, "leads.csv cannot be read"),
        (&["--port", "0", "--model-url", "here"], 4, "the model's URL is no http(s) URL"),
    ] {
        let output = bare(home.path()).arg("serve").args(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        assert!(stderr.starts_with("error: ") && stderr.contains(said), "{stderr}");
    }
}

#[cfg(unix)]
#[test]
fn silent_connections_lock_nobody_out_where_few_files_may_be_open() {
    let mut served = Served::start_under("ulimit -n 128", &["--env-file", "env.sh"]);
    served.until("# All of them");
    let written = fs::read_to_string(served.home.path().join("env.sh")).unwrap();
    let url = written.lines().find(|line| line.contains("LANTERN_BASE_URL=")).unwrap();
    let address = url.rsplit("http://").next().unwrap().trim_matches(['\'', '"', ';']);
    let silent: Vec<TcpStream> = (0..300).map(|_| TcpStream::connect(address).unwrap()).collect();
    // Until the silent connections are old enough to be closed; they stay open here all the time.
    loop {
        let output = served.shell(". ./env.sh; lantern credits");
        if output.status.success() {
            break;
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("connection") || said.contains("answer"), "{said}");
    }
    assert_eq!(silent.len(), 300);
    let (code, said) = served.stop("TERM");
    assert_eq!(code, Some(0), "{said}");
}
