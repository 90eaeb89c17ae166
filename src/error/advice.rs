//! What to do about an error, as data that each face words for its own readers.

use std::borrow::Cow;

use super::facts::Setting;

/// What to do about an error.
///
/// It is exhaustive on purpose: a face that has no wording for a new advice does not compile.
#[derive(Debug, Clone, PartialEq, strum::EnumDiscriminants)]
#[strum_discriminants(
    name(AdviceKind),
    derive(Hash, strum::IntoStaticStr, strum::VariantArray),
    strum(serialize_all = "snake_case")
)]
pub enum Advice {
    /// Advice that reads the same on every face: it names no argument, method or option.
    Text(Cow<'static, str>),
    /// Give an API key, or use the local server.
    SetKey,
    /// Check the API key that was given.
    CheckKey,
    /// Allow a base URL without encryption.
    PassAllowHttp,
    /// Name the certificate authority that signed the server's certificate.
    PassCaBundle,
    /// Check the base URL and the network.
    CheckNetwork,
    /// Raise the time limits of calls, or try again.
    RaiseTimeouts,
    /// Say where the ledger is, by the environment or by an argument.
    NameLedger,
    /// See which jobs the ledger has.
    ListJobs,
    /// See which batches a job has.
    ListBatches { job: String },
    /// Give the job another key, or none.
    UseAnotherKey,
    /// Wait for the job once more.
    WaitAgain { job: String },
    /// Resume a job that was left unfinished.
    ResumeJob { job: Option<String> },
    /// Submit again with a larger budget.
    RaiseBudget,
    /// Raise the budget, or state a lower price per record.
    RaiseBudgetOrLowerPrice,
    /// Raise a budget above jobs, or submit again once it renews.
    RaiseTeamBudget { budget: String },
    /// Create the budget above jobs, or use an existing one with a similar name.
    SetTeamBudget { budget: String, nearest: Option<String> },
    /// Decide about batches that may have arrived: attach their runs, send them again, or give them up.
    DecideBatches { job: String, batches: Vec<u32> },
    /// Decide about calls that may have arrived: give their answers, send them again, or give them up.
    /// Without numbers it is about all of them.
    DecideCalls { job: String, calls: Vec<u32> },
    /// Decide about batches whose results cannot be assigned: give the places of other results, send
    /// them again, or give them up.
    DecideResults { job: String, batches: Vec<u32> },
    /// Name the run of a batch.
    AttachRun { batch: u32 },
    /// Say what a call answered.
    GiveAnswer { call: u32 },
    /// Send a failed batch again.
    ResendBatch { job: String, batch: u32 },
    /// See which batches failed, and send them again.
    ResendBatches { job: String },
    /// Name the right run of a batch, or send it again.
    CorrectRun { job: String, batch: u32 },
    /// Name the run of a batch, with the place of its result.
    AttachResult { job: String, batch: u32, run: String, result: String },
    /// Name the place of a run's result.
    PassResultPath { job: String, batch: u32 },
    /// Learn a matching model again.
    LearnAgain,
    /// Name the fields that are matched.
    NameFields,
    /// Use a known name for a field of a request, or send it as an extra field.
    CorrectField { nearest: Option<String>, known: Vec<String> },
    /// Leave an argument out.
    LeaveOut(Setting),
    /// Report a bug of `lantern`.
    ReportBug,
}

impl Advice {
    /// Advice that reads the same on every face.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Which advice it is, without its parameters.
    pub fn kind(&self) -> AdviceKind {
        self.into()
    }
}

impl AdviceKind {
    /// Every kind of advice.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The advice in a few words, for machines: `raise_budget`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
