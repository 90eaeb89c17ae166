//! Facts about what failed, by which a program can decide what to do.

use std::{fmt, path::PathBuf, time::Duration};

/// Facts about a call that failed. They never include the API key, a header or a body.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallContext {
    pub method: String,
    pub path: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Number of attempts, including those that were not sent.
    pub attempts: u32,
    /// Time from the first attempt to the failure.
    pub elapsed: Duration,
    /// The id by which the API's support can find the call.
    pub request_id: Option<String>,
    /// The run named in an answer that was otherwise unusable.
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

/// What an error is about. A fact that is unknown or irrelevant is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The call that failed.
    pub call: Option<CallContext>,
    /// The field of the request at fault, as the API spells it.
    pub field: Option<String>,
    /// The argument or option at fault, which each face spells in its own way.
    pub setting: Option<Setting>,
    /// Seconds until the API takes calls again.
    pub retry_after: Option<f64>,
    /// Credits that the call needs.
    pub required: Option<f64>,
    /// Credits that are left.
    pub remaining: Option<f64>,
    /// Credits that the call has cost, if its answer says so. A refused call may have cost
    /// something, too.
    pub consumed: Option<f64>,
    /// The beginning of an answer that could not be read.
    pub body: Option<String>,
    /// The key of the job.
    pub job: Option<String>,
    /// The batch of that job.
    pub batch: Option<u32>,
    pub column: Option<String>,
    /// The row, counted from 0.
    pub row: Option<u64>,
    /// A result file: path or URL without its query.
    pub file: Option<String>,
    /// The line of that file; 1 is the header.
    pub line: Option<u64>,
    /// A file or folder on this machine, such as the ledger's.
    pub path: Option<PathBuf>,
    /// Whether the failure is temporary, as with a locked ledger, so that trying again may help.
    pub passing: bool,
}

/// An argument that is spelt differently on each face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Setting {
    AgentType,
    MaxCredits,
    Budget,
    BatchSize,
    Columns,
    CreditsPerId,
    Effort,
    EntityType,
    Key,
    OlderThan,
    OnInDoubt,
    Per,
    QueryHint,
    RetryNotFound,
    Reuse,
    RowsPerCall,
    Sample,
    Timeout,
}

impl Setting {
    /// Every setting.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The name of the argument in Python and of the field in Rust.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
