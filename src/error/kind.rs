//! The kinds of errors, distinguished by what a caller can do about them.

/// The kind of an error. Kinds are separate if a caller would handle them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The key is missing, wrong or not allowed to do this (401, 403).
    Authentication,
    /// The request violates the contract: noticed before sending (no status) or by the API (400,
    /// 422).
    Validation,
    /// The run, record or workflow does not exist (404).
    NotFound,
    /// The rate limit was exceeded (429), and all retries have failed.
    RateLimit,
    /// There are too few credits for the call (402).
    CreditLimit,
    /// It is unknown whether a paid call reached the API. Such a call is never retried automatically.
    OutcomeUnknown,
    /// The API failed (5xx), or its answer cannot be read.
    Server,
    /// The API could not be reached. Nothing was sent, or nothing that costs credits.
    Connection,
    /// A call exceeded its time limit. It cost nothing.
    Timeout,
    /// A setting is invalid: base URL, key, proxy, certificate, storage option.
    Config,
    /// A table cannot be used: a column is missing, or its type cannot hold ids.
    Input,
    /// The ledger cannot be read or written.
    Ledger,
    /// A job does not fit the request: its key is unknown, or it was made with other ids.
    Job,
    /// A wait ended before the job did.
    Unfinished,
    /// A result file is missing, truncated or malformed.
    Results,
    /// The local server cannot start, or cannot do what was asked.
    Local,
    /// A wait was interrupted (Ctrl-C, a cancelled task).
    Interrupted,
    /// `lantern` did what it never should: a bug, which the caller can only report.
    Internal,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The kind in one word, for programs: `rate_limit`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
