//! Wording of advice for those who read an error: a programmer in Rust or Python, or somebody at a
//! shell. Each of these faces has its own words for advice and arguments.

use std::{
    fmt::Debug,
    sync::{PoisonError, RwLock},
};

use super::{advice::Advice, facts::Setting};

/// How one face words what its users can type.
pub trait Face: Debug + Send + Sync {
    /// The advice as a clause in the imperative, without a capital at its beginning or a full stop
    /// at its end.
    fn advice(&self, advice: &Advice) -> String;

    /// How an argument is spelt on this face.
    fn setting(&self, setting: Setting) -> String;
}

/// The face in whose words this process writes errors, in its logs and wherever else an error is
/// displayed.
static OF_PROCESS: RwLock<&'static dyn Face> = RwLock::new(&RustFace);

/// Writes errors in the words of a face from now on, in the whole process. A program that is not
/// written in Rust calls it once, so that its logs advise what its users can type.
pub fn set_face(face: &'static dyn Face) {
    *OF_PROCESS.write().unwrap_or_else(PoisonError::into_inner) = face;
}

/// The face of this process: [`RustFace`], unless [`set_face`] has set another.
pub(super) fn of_process() -> &'static dyn Face {
    *OF_PROCESS.read().unwrap_or_else(PoisonError::into_inner)
}

/// The advice for an unknown field: the name that may have been meant, or all names, and otherwise
/// an alternative.
pub fn known_field(nearest: Option<&str>, known: &[String], otherwise: Option<&str>) -> String {
    let (known, end) = match (nearest, known) {
        (Some(name), _) => (format!("did you mean {name:?}?"), ""),
        (None, []) => ("it has no fields".to_owned(), ";"),
        (None, known) => (format!("it has {}", known.join(", ")), ";"),
    };
    match otherwise {
        None => known,
        Some(otherwise) => format!("{known}{end} {otherwise}"),
    }
}

/// The face for Rust: names of types and methods of this crate.
#[derive(Debug, Clone, Copy, Default)]
pub struct RustFace;

impl Face for RustFace {
    fn advice(&self, advice: &Advice) -> String {
        match advice {
            Advice::Text(text) => text.to_string(),
            Advice::SetKey => "set LANTERN_API_KEY, or give ApiKey::new the key".into(),
            Advice::CheckKey => "check the API key (ApiKey::new or LANTERN_API_KEY)".into(),
            Advice::PassAllowHttp => {
                "use https, or call parse_base_url with allow_http on a network that you trust"
                    .into()
            }
            Advice::PassCaBundle => {
                "set ClientConfig::ca_bundle if the certificate authority is your own".into()
            }
            Advice::CheckNetwork => "check the base URL and the network".into(),
            Advice::RaiseTimeouts => "raise ClientConfig::timeouts, or try again".into(),
            Advice::NameLedger => "set LANTERN_LEDGER, or call Ledger::open".into(),
            Advice::ListJobs => "Store::jobs lists its jobs".into(),
            Advice::ListBatches { .. } => "Job::batches lists its batches".into(),
            Advice::UseAnotherKey => "use another key, or leave the key out".into(),
            Advice::WaitAgain { .. } => "call Job::wait again".into(),
            Advice::ResumeJob { .. } => {
                "submit the same table again, or call Job::load, to resume it".into()
            }
            Advice::RaiseBudget => "raise Submission::max_credits and submit again".into(),
            Advice::RaiseBudgetOrLowerPrice => {
                "raise Submission::max_credits, or set Submission::price if your price is lower"
                    .into()
            }
            Advice::RaiseTeamBudget { .. } => {
                "raise it with Store::set_budget, or submit again once it renews".into()
            }
            Advice::SetTeamBudget { nearest: Some(name), .. } => format!("did you mean {name:?}?"),
            Advice::SetTeamBudget { nearest: None, .. } => "make it with Store::set_budget".into(),
            Advice::DecideBatches { .. } => {
                "decide with Job::attach or Job::decide, or with JobOptions::on_in_doubt".into()
            }
            Advice::DecideCalls { .. } => {
                "decide with Job::answer or Job::decide, or with on_in_doubt".into()
            }
            Advice::DecideResults { .. } => "decide with Job::attach or Job::decide".into(),
            Advice::AttachRun { batch } => {
                format!("name the run with Job::attach({batch}, ...)")
            }
            Advice::GiveAnswer { call } => {
                format!("say what it answered with Job::answer({call}, ...)")
            }
            Advice::ResendBatch { batch, .. } => {
                format!("call Job::decide({batch}, Decision::Resend) to send it again")
            }
            Advice::ResendBatches { .. } => {
                "see Job::batches, and call Job::decide(number, Decision::Resend) to send it again"
                    .into()
            }
            Advice::CorrectRun { batch, .. } => format!(
                "name the right run with Job::attach({batch}, ...), or send the batch again with \
                 Job::decide({batch}, Decision::Resend)"
            ),
            Advice::AttachResult { batch, run, result, .. } => {
                format!(
                    "if this process ends before that, call Job::attach({batch}, {run:?}, \
                     Some({result:?}), ...)"
                )
            }
            Advice::PassResultPath { batch, .. } => {
                format!("give Job::attach({batch}, ...) the result_path (and credits_path)")
            }
            Advice::LearnAgain => "learn it again with linkage::learn".into(),
            Advice::NameFields => "name them in Options::fields".into(),
            Advice::CorrectField { nearest, known } => known_field(
                nearest.as_deref(),
                known,
                Some("send a field that this version does not know in CallOptions::extra"),
            ),
            Advice::LeaveOut(setting) => format!("leave {} out", self.setting(*setting)),
            Advice::ReportBug => "this is a bug of lantern: report this error with its sources, \
                                  the code that led to it and the version of the crate"
                .into(),
        }
    }

    fn setting(&self, setting: Setting) -> String {
        setting.name().to_owned()
    }
}
