//! Every way in which `lantern` fails, told apart by what a caller can do about it.

use std::{fmt, path::PathBuf, time::Duration};

use crate::api::Invalid;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is known of a call that failed. It never holds the API key, a header or a body.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallContext {
    pub method: String,
    pub path: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// How often the call was sent or tried.
    pub attempts: u32,
    /// From the first attempt to the failure.
    pub elapsed: Duration,
    /// The id under which the API's support finds the call.
    pub request_id: Option<String>,
    /// The run that an answer named which could not be used otherwise.
    pub run_id: Option<String>,
}

impl fmt::Display for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(id) = &self.request_id {
            write!(f, "request {id}: ")?;
        }
        write!(f, "{} {}", self.method, self.path)?;
        if let Some(status) = self.status {
            write!(f, " answered {status}")?;
        } else if self.attempts == 0 {
            write!(f, " was not sent")?;
        } else {
            write!(f, " got no answer")?;
        }
        if self.attempts > 1 {
            write!(f, " after {} attempts in {:.1} s", self.attempts, self.elapsed.as_secs_f64())?;
        }
        Ok(())
    }
}

/// An error of `lantern`. Each says in one sentence what happened and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The key is missing, wrong or not allowed to do this (401, 403).
    #[error("{call}: {message}")]
    Authentication { call: Box<CallContext>, message: String },

    /// A request that does not hold to the contract: found before sending (no status) or by the API (400, 422).
    #[error("{message}")]
    Validation {
        /// The field at fault, where it is known.
        field: Option<String>,
        message: String,
        call: Option<Box<CallContext>>,
    },

    /// There is no such run, record or workflow (404).
    #[error("{call}: {message}")]
    NotFound { call: Box<CallContext>, message: String },

    /// Over the rate limit (429), after all retries.
    #[error("{call}: {message}")]
    RateLimit {
        call: Box<CallContext>,
        message: String,
        /// Seconds until the API takes calls again, where it says so.
        retry_after: Option<f64>,
    },

    /// Too few credits (402).
    #[error("{call}: {message}")]
    CreditLimit {
        call: Box<CallContext>,
        message: String,
        required: Option<f64>,
        remaining: Option<f64>,
    },

    /// A call that spends credits may have arrived, and its answer is not known. It is never sent again by itself.
    #[error("{call}: {message}")]
    OutcomeUnknown {
        call: Box<CallContext>,
        message: String,
        /// The job that the call belongs to.
        job: Option<String>,
    },

    /// The API failed (5xx), or answered what cannot be read.
    #[error("{call}: {message}")]
    Server { call: Box<CallContext>, message: String },

    /// The API could not be reached; nothing was sent, or nothing that costs.
    #[error("{call}: {message}")]
    Connection { call: Box<CallContext>, message: String },

    /// A call took longer than it may; nothing was spent by it.
    #[error("{call}: {message}")]
    Timeout { call: Box<CallContext>, message: String },

    /// A setting that cannot be used (base URL, key, proxy, certificate, storage option).
    #[error("{message}")]
    Config { message: String },

    /// A table that cannot be used: no such column, a type that holds no ids.
    #[error("{message}")]
    Input { message: String, column: Option<String>, row: Option<u64> },

    /// The ledger cannot be read or written.
    #[error("{message}")]
    Ledger { message: String, path: Option<PathBuf> },

    /// A job that does not fit what is asked of it: unknown key, other ids under the same key.
    #[error("{message}")]
    Job { message: String, key: Option<String> },

    /// A wait that ended before the job did.
    #[error("{message}")]
    Unfinished { message: String, key: String },

    /// A result file that is missing, truncated or malformed.
    #[error("{message}")]
    Results {
        message: String,
        /// Path or URL without its query.
        file: Option<String>,
        /// 1 is the header.
        line: Option<u64>,
    },

    /// The local server cannot start or cannot do what is asked.
    #[error("{message}")]
    Local { message: String },

    /// A wait that was ended from outside (Ctrl-C, a cancelled task).
    #[error(
        "interrupted; the job goes on where it is, pick it up with the same call or Job.load(key)"
    )]
    Interrupted,
}

impl Error {
    pub fn config(message: impl Into<String>) -> Self {
        Self::Config { message: message.into() }
    }

    pub fn ledger(message: impl Into<String>) -> Self {
        Self::Ledger { message: message.into(), path: None }
    }

    pub fn job(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Job { message: message.into(), key: Some(key.into()) }
    }

    pub fn input(message: impl Into<String>) -> Self {
        Self::Input { message: message.into(), column: None, row: None }
    }

    pub fn results(file: impl Into<String>, line: Option<u64>, message: impl Into<String>) -> Self {
        Self::Results { message: message.into(), file: Some(file.into()), line }
    }

    pub fn local(message: impl Into<String>) -> Self {
        Self::Local { message: message.into() }
    }

    /// What is known of the call, where the error belongs to one.
    pub fn call(&self) -> Option<&CallContext> {
        match self {
            Self::Authentication { call, .. }
            | Self::NotFound { call, .. }
            | Self::RateLimit { call, .. }
            | Self::CreditLimit { call, .. }
            | Self::OutcomeUnknown { call, .. }
            | Self::Server { call, .. }
            | Self::Connection { call, .. }
            | Self::Timeout { call, .. } => Some(call),
            Self::Validation { call, .. } => call.as_deref(),
            _ => None,
        }
    }
}

#[cfg(feature = "jobs")]
impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::input(format!("the table cannot be made: {error}"))
    }
}

#[cfg(feature = "jobs")]
impl From<lantern_matching::error::Error> for Error {
    fn from(error: lantern_matching::error::Error) -> Self {
        match error {
            lantern_matching::error::Error::Input { message, column, row } => {
                Self::Input { message, column, row }
            }
            lantern_matching::error::Error::Interrupted => Self::Interrupted,
        }
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Validation {
            field: Some(invalid.field.to_owned()),
            message: invalid.message,
            call: None,
        }
    }
}
