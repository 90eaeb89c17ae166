//! How a command fails: exit codes, and errors in the words of the command line.

use std::{fmt, io};

use serde_json::{Map, Value, json};

use lantern::error::Error;

/// What `--help` says about exit codes.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    something else failed (a result file, the ledger, a batch at the API)
  2    wrong usage
  3    the API key is missing, wrong or not allowed to do this
  4    a file, table or setting that cannot be used
  5    credits or the job's budget are used up; what was found is written
  6    a batch may have arrived and its answer is not known; see `lantern resolve --help`
  7    network, time-outs, rate limits, failures of the API
  130  interrupted (Ctrl-C or SIGTERM); the job can be picked up";

/// The exit code of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Other = 1,
    Usage = 2,
    Authentication = 3,
    Input = 4,
    Credits = 5,
    Doubt = 6,
    Network = 7,
    Interrupted = 130,
}

/// Why a command ends without success.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    /// The word for machines.
    kind: &'static str,
    said: Box<Said>,
}

#[derive(Debug, Default)]
struct Said {
    message: String,
    /// How to go on, where that is another sentence.
    note: Option<String>,
    details: Map<String, Value>,
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub fn new(exit: Exit, kind: &'static str, message: impl Into<String>) -> Self {
        Self { exit, kind, said: Box::new(Said { message: message.into(), ..Said::default() }) }
    }

    /// A file, table or setting that cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Exit::Input, "input", message)
    }

    /// A file that cannot be written.
    pub fn unwritable(name: &str, why: impl fmt::Display) -> Self {
        Self::new(Exit::Input, "output", format!("{name} cannot be written: {why}"))
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted", "interrupted")
    }

    /// The same, as a failure of another sort.
    #[must_use]
    pub fn of_sort(mut self, exit: Exit, kind: &'static str) -> Self {
        (self.exit, self.kind) = (exit, kind);
        self
    }

    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.said.note = Some(note.into());
        self
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.said.details.insert(name.to_owned(), value.into());
        self
    }

    /// One JSON object, for machines.
    pub fn to_json(&self) -> Value {
        let mut error = json!({
            "kind": self.kind,
            "message": self.said.message,
            "exit_code": self.exit as u8,
        });
        if let Some(note) = &self.said.note {
            error["note"] = note.clone().into();
        }
        for (name, value) in &self.said.details {
            error[name] = value.clone();
        }
        json!({"error": error})
    }

    /// One sentence, and how to go on where that is another.
    pub fn to_text(&self) -> String {
        let note = self.said.note.iter().map(|note| format!("\nnote: {note}"));
        format!("error: {}{}", self.said.message, note.collect::<String>())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (exit, kind) = match &error {
            Error::Authentication { .. } => (Exit::Authentication, "authentication"),
            Error::Validation { .. } => (Exit::Input, "validation"),
            Error::NotFound { .. } => (Exit::Input, "not_found"),
            Error::Config { .. } => (Exit::Input, "config"),
            Error::Input { .. } => (Exit::Input, "input"),
            Error::Job { .. } => (Exit::Input, "job"),
            Error::CreditLimit { .. } => (Exit::Credits, "credit_limit"),
            Error::OutcomeUnknown { .. } => (Exit::Doubt, "outcome_unknown"),
            Error::RateLimit { .. } => (Exit::Network, "rate_limit"),
            Error::Server { .. } => (Exit::Network, "server"),
            Error::Connection { .. } => (Exit::Network, "connection"),
            Error::Timeout { .. } => (Exit::Network, "timeout"),
            Error::Unfinished { .. } => (Exit::Network, "timeout"),
            Error::Interrupted => (Exit::Interrupted, "interrupted"),
            Error::Ledger { .. } => (Exit::Other, "ledger"),
            Error::Results { .. } => (Exit::Other, "results"),
            Error::Local { .. } => (Exit::Other, "local"),
            _ => (Exit::Other, "other"),
        };
        let mut failure = Self::new(exit, kind, sentence(&error));
        if let Some(call) = error.call().filter(|call| !call.path.is_empty()) {
            failure = failure.with("method", call.method.clone()).with("path", call.path.clone());
            failure = failure.with("attempts", call.attempts);
            if let Some(status) = call.status {
                failure = failure.with("status", status);
            }
            if let Some(id) = &call.request_id {
                failure = failure.with("request_id", id.clone());
            }
        }
        match error {
            Error::Validation { field: Some(field), .. } => failure.with("field", field),
            Error::RateLimit { retry_after: Some(wait), .. } => failure.with("retry_after", wait),
            Error::CreditLimit { required, remaining, .. } => {
                failure.with("credits_required", required).with("credits_remaining", remaining)
            }
            Error::OutcomeUnknown { job: Some(job), .. } | Error::Job { key: Some(job), .. } => {
                failure.with("job", job)
            }
            Error::Input { column: Some(column), .. } => failure.with("column", column),
            Error::Results { file, line, .. } => failure.with("file", file).with("line", line),
            _ => failure,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::unwritable("standard output", error)
    }
}

/// What the library calls one way and the command line another.
const SPELLINGS: [(&str, &str); 12] = [
    ("pass api_key= or set LANTERN_API_KEY", "set LANTERN_API_KEY, or pass --api-key"),
    ("lantern.LocalServer() runs", "`lantern serve` runs"),
    ("(api_key= or LANTERN_API_KEY)", "(LANTERN_API_KEY or --api-key)"),
    ("allow_http=True", "--allow-http"),
    ("ca_bundle=", "--ca-bundle"),
    ("lantern.jobs() lists", "`lantern jobs` lists"),
    ("see job.credits() for the batches", "`lantern status` lists its batches"),
    ("job.resend(number) to send it again", "`lantern resolve KEY BATCH --resend`"),
    ("pass result_path= (and credits_path=)", "pass --result-path (and --credits-path)"),
    ("credits_per_id=", "--credits-per-id"),
    ("max_credits", "--max-credits"),
    ("batch_size", "--batch-size"),
];

/// An error's sentence in the words of the command line.
fn sentence(error: &Error) -> String {
    let whole = match error {
        // A wait that takes too long belongs to no call.
        Error::Timeout { call, message } if call.path.is_empty() => message.clone(),
        Error::OutcomeUnknown { call, message, job } => {
            let what = message.split("; decide with").next().unwrap_or(message);
            let key = job.as_deref().map_or_else(|| "KEY".into(), super::shell::word);
            format!(
                "{call}: {what}; decide with `lantern resolve {key} BATCH`, or with --on-in-doubt"
            )
        }
        other => other.to_string(),
    };
    spell(&whole)
}

/// Replaces what only Python users can type.
pub fn spell(text: &str) -> String {
    SPELLINGS.iter().fold(text.to_owned(), |text, (library, here)| text.replace(library, here))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lantern::{
        client::{ApiKey, config::parse_base_url},
        error::CallContext,
    };

    #[test]
    fn errors_name_options_of_the_command_line() {
        let no_key = Failure::from(ApiKey::new("").unwrap_err()).said.message;
        assert_eq!(no_key, "the API key is empty; set LANTERN_API_KEY, or pass --api-key");
        let http = parse_base_url("http://example.com", false).unwrap_err();
        assert!(Failure::from(http).said.message.contains("or pass --allow-http for"));
    }

    #[test]
    fn a_doubt_says_how_to_decide_here() {
        let call =
            CallContext { method: "POST".into(), path: "/v1/x".into(), ..Default::default() };
        let doubt = Failure::from(Error::OutcomeUnknown {
            call: Box::new(call),
            message: "it may have arrived; decide with job.resolve(1, run_id=...)".into(),
            job: Some("monday's".into()),
        });
        assert_eq!(doubt.exit, Exit::Doubt);
        assert!(doubt.said.message.ends_with(
            "it may have arrived; decide with `lantern resolve 'monday'\\''s' BATCH`, \
             or with --on-in-doubt"
        ));
        assert_eq!(doubt.to_json()["error"]["job"], "monday's");
    }

    #[test]
    fn a_wait_that_takes_too_long_speaks_of_no_call() {
        let call = Box::default();
        let failure = Failure::from(Error::Timeout { call, message: "not finished".into() });
        assert_eq!(failure.to_text(), "error: not finished");
        assert_eq!(failure.to_json()["error"]["exit_code"], 7);
    }
}
