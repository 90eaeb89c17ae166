//! Failures of commands: exit codes, and errors in the words of the command line.

use std::{fmt, io};

use serde_json::{Map, Value, json};

use lantern::error::{Error, ErrorKind};

use super::face::ShellFace;

/// What `--help` says about exit codes.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    another failure: a result file, the ledger, a batch at the API, a bug of lantern
  2    wrong usage
  3    the API key is missing, wrong or not allowed to do this
  4    a file, table or setting is invalid
  5    the credits or the budget are used up; the results so far are written
  6    it is unknown whether a batch arrived; see `lantern resolve --help`
  7    the network, a timeout, a rate limit or the API failed
  130  interrupted (Ctrl-C or SIGTERM); the job can be resumed";

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
    /// The kind of failure, for programs.
    kind: &'static str,
    report: Box<Report>,
}

#[derive(Debug, Default)]
struct Report {
    message: String,
    /// How to continue, if that is a sentence of its own.
    note: Option<String>,
    details: Map<String, Value>,
}

pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub fn new(exit: Exit, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit,
            kind,
            report: Box::new(Report { message: message.into(), ..Report::default() }),
        }
    }

    /// The failure for a file, table or setting that cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Exit::Input, "input", message)
    }

    /// The failure for a file that cannot be written.
    pub fn unwritable(name: &str, why: impl fmt::Display) -> Self {
        Self::new(Exit::Input, "output", format!("{name} cannot be written: {why}"))
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    pub fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted", "interrupted")
    }

    /// The same failure with another exit code and kind.
    #[must_use]
    pub fn of_sort(mut self, exit: Exit, kind: &'static str) -> Self {
        (self.exit, self.kind) = (exit, kind);
        self
    }

    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.report.note = Some(note.into());
        self
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.report.details.insert(name.to_owned(), value.into());
        self
    }

    /// The failure as a JSON object, for programs.
    pub fn to_json(&self) -> Value {
        let mut error = json!({
            "kind": self.kind,
            "message": self.report.message,
            "exit_code": self.exit as u8,
        });
        if let Some(note) = &self.report.note {
            error["note"] = note.clone().into();
        }
        for (name, value) in &self.report.details {
            error[name] = value.clone();
        }
        json!({"error": error})
    }

    /// The failure as a sentence, followed by how to continue if there is a note.
    pub fn to_text(&self) -> String {
        let note = self.report.note.iter().map(|note| format!("\nnote: {note}"));
        format!("error: {}{}", self.report.message, note.collect::<String>())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let kind = error.kind();
        let (exit, word) = match kind {
            ErrorKind::Authentication => (Exit::Authentication, kind.name()),
            ErrorKind::Validation
            | ErrorKind::NotFound
            | ErrorKind::Config
            | ErrorKind::Input
            | ErrorKind::Job => (Exit::Input, kind.name()),
            ErrorKind::CreditLimit => (Exit::Credits, kind.name()),
            ErrorKind::OutcomeUnknown => (Exit::Doubt, kind.name()),
            ErrorKind::RateLimit
            | ErrorKind::Server
            | ErrorKind::Connection
            | ErrorKind::Timeout => (Exit::Network, kind.name()),
            ErrorKind::Unfinished => (Exit::Network, "timeout"),
            ErrorKind::Interrupted => (Exit::Interrupted, kind.name()),
            _ => (Exit::Other, kind.name()),
        };
        let mut failure = Self::new(exit, word, error.to_text(&ShellFace));
        let facts = error.facts();
        if let Some(call) = &facts.call {
            failure = failure.with("method", call.method.clone()).with("path", call.path.clone());
            failure = failure.with("attempts", call.attempts);
            if let Some(status) = call.status {
                failure = failure.with("status", status);
            }
            if let Some(id) = &call.request_id {
                failure = failure.with("request_id", id.clone());
            }
        }
        if kind == ErrorKind::CreditLimit {
            failure = failure
                .with("credits_required", facts.required)
                .with("credits_remaining", facts.remaining);
        }
        if kind == ErrorKind::Results {
            failure = failure.with("file", facts.file.clone()).with("line", facts.line);
        }
        let known: [(&str, Option<Value>); 6] = [
            ("field", facts.field.as_deref().map(Value::from)),
            ("retry_after", facts.retry_after.map(Value::from)),
            ("job", facts.job.as_deref().map(Value::from)),
            ("batch", facts.batch.map(Value::from)),
            ("column", facts.column.as_deref().map(Value::from)),
            ("row", facts.row.map(Value::from)),
        ];
        for (name, value) in known {
            if let Some(value) = value {
                failure = failure.with(name, value);
            }
        }
        failure
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::unwritable("standard output", error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lantern::{
        client::{ApiKey, config::parse_base_url},
        error::{Advice, CallContext},
    };

    #[test]
    fn errors_name_options_of_the_command_line() {
        let no_key = Failure::from(ApiKey::new("").unwrap_err()).report.message;
        assert!(no_key.starts_with("the API key is empty; set LANTERN_API_KEY, or pass --api-key"));
        let http = parse_base_url("http://example.com", false).unwrap_err();
        assert!(Failure::from(http).report.message.contains("or pass --allow-http for"));
    }

    #[test]
    fn a_doubt_says_how_to_decide_here() {
        let call =
            CallContext { method: "POST".into(), path: "/v1/x".into(), ..Default::default() };
        let job = "monday's".to_owned();
        let doubt = Failure::from(
            Error::new(ErrorKind::OutcomeUnknown, "it may have arrived")
                .with_call(call)
                .with_job(&job)
                .advise(Advice::DecideBatches { job, batches: vec![3] }),
        );
        assert_eq!(doubt.exit, Exit::Doubt);
        assert_eq!(
            doubt.report.message,
            "POST /v1/x was not sent: it may have arrived; decide with \
             `lantern resolve 'monday'\\''s' 3`, or with --on-in-doubt"
        );
        assert_eq!(doubt.to_json()["error"]["job"], "monday's");
    }

    #[test]
    fn a_wait_that_takes_too_long_speaks_of_no_call() {
        let failure = Failure::from(Error::new(ErrorKind::Unfinished, "not finished"));
        assert_eq!(failure.to_text(), "error: not finished");
        assert_eq!(failure.to_json()["error"]["kind"], "timeout");
        assert_eq!(failure.to_json()["error"]["exit_code"], 7);
    }
}
