//! The kinds of errors, by what a caller can do about them.

/// What kind of error it is: each kind leaves a caller something else to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The key is missing, wrong or not allowed to do this (401, 403).
    Authentication,
    /// A request that breaks the contract: found before sending (no status) or by the API (400, 422).
    Validation,
    /// The run, record or workflow does not exist (404).
    NotFound,
    /// Over the rate limit (429), after all retries.
    RateLimit,
    /// Too few credits (402).
    CreditLimit,
    /// It is unknown whether a paid call reached the API. Such a call is never retried automatically.
    OutcomeUnknown,
    /// The API failed (5xx), or its answer cannot be read.
    Server,
    /// The API could not be reached; nothing was sent, or nothing that costs.
    Connection,
    /// A call took longer than its time limit; it cost nothing.
    Timeout,
    /// A setting is invalid: base URL, key, proxy, certificate, storage option.
    Config,
    /// A table cannot be used: a missing column, a type that holds no ids.
    Input,
    /// The ledger cannot be read or written.
    Ledger,
    /// A job does not fit what is asked of it: unknown key, other ids under the same key.
    Job,
    /// A wait that ended before the job did.
    Unfinished,
    /// A result file is missing, truncated or malformed.
    Results,
    /// The local server cannot start, or cannot do what is asked.
    Local,
    /// A wait that was ended from outside (Ctrl-C, a cancelled task).
    Interrupted,
}

impl ErrorKind {
    /// Every kind.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The kind in one word, for machines: `rate_limit`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
