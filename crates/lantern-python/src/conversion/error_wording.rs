//! Wording of errors for Python: its arguments and methods.

use lantern::error::{Advice, Face, Setting, known_field};

/// The face for a programmer in Python.
#[derive(Debug, Clone, Copy, Default)]
pub struct PythonFace;

impl Face for PythonFace {
    fn advice(&self, advice: &Advice) -> String {
        match advice {
            Advice::Text(text) => text.to_string(),
            Advice::SetKey => "pass api_key= or set LANTERN_API_KEY (without a key, \
                               lantern.LocalServer() runs the API on this machine)"
                .into(),
            Advice::CheckKey => "check the API key (api_key= or LANTERN_API_KEY)".into(),
            Advice::PassAllowHttp => {
                "use https, or pass allow_http=True for a network that you trust".into()
            }
            Advice::PassCaBundle => {
                "pass ca_bundle= if the certificate authority is your own".into()
            }
            Advice::CheckNetwork => "check the base URL and the network".into(),
            Advice::RaiseTimeouts => "try again, or pass a longer timeout=".into(),
            Advice::NameLedger => "set LANTERN_LEDGER, or pass ledger=".into(),
            Advice::ListJobs => "lantern.jobs() lists its jobs".into(),
            Advice::ListBatches { .. } => "job.credits() lists its batches".into(),
            Advice::UseAnotherKey => "use another key=, or leave it out".into(),
            Advice::WaitAgain { .. } => "call job.wait() again".into(),
            Advice::ResumeJob { job: Some(job) } => {
                format!("the same call, or lantern.Job.load({}), resumes it", literal(job))
            }
            Advice::ResumeJob { job: None } => {
                "the same call, or lantern.Job.load(key), resumes it".into()
            }
            Advice::RaiseBudget => "raise max_credits and submit again".into(),
            Advice::RaiseBudgetOrLowerPrice => {
                "raise max_credits=, or pass credits_per_id= if your price is lower".into()
            }
            Advice::RaiseTeamBudget { budget } => format!(
                "raise it with client.budgets.set({}, max_credits=...), or submit again once it \
                 renews",
                literal(budget)
            ),
            Advice::SetTeamBudget { nearest: Some(name), .. } => format!("did you mean {name:?}?"),
            Advice::SetTeamBudget { budget, nearest: None } => {
                format!("make it with client.budgets.set({}, max_credits=...)", literal(budget))
            }
            Advice::DecideBatches { batches, .. } => {
                let number = match batches.as_slice() {
                    [batch] => batch.to_string(),
                    _ => "number".to_owned(),
                };
                format!(
                    "decide with job.resolve({number}, run_id=...), job.resend({number}) or \
                     job.skip({number}), or with on_in_doubt="
                )
            }
            Advice::DecideCalls { calls, .. } if calls.len() == 1 => {
                let number = calls[0];
                format!(
                    "decide with job.resolve({number}, answer=...), job.resend({number}) or \
                     job.skip({number}), or with on_in_doubt="
                )
            }
            Advice::DecideCalls { job, .. } => format!(
                "decide with on_in_doubt=\"resend\" or \"skip\", or call by call: \
                 client.job({}).in_doubt() lists them",
                literal(job)
            ),
            Advice::DecideResults { job, batches } => {
                let number = match batches.as_slice() {
                    [batch] => batch.to_string(),
                    _ => "number".to_owned(),
                };
                format!(
                    "decide with resolve({number}, run_id=..., result_path=...), resend({number}) or \
                     skip({number}) of client.job({})",
                    literal(job)
                )
            }
            Advice::AttachRun { batch } => {
                format!("name the run with job.resolve({batch}, run_id=...)")
            }
            Advice::GiveAnswer { call } => {
                format!("say what it answered with job.resolve({call}, answer=...)")
            }
            Advice::ResendBatch { batch, .. } => format!("job.resend({batch}) sends it again"),
            Advice::ResendBatches { .. } => {
                "see job.credits(), and job.resend(number) sends it again".into()
            }
            Advice::CorrectRun { batch, .. } => format!(
                "name the right run with job.resolve({batch}, run_id=...), or send the batch again \
                 with job.resend({batch})"
            ),
            Advice::AttachResult { batch, run, result, .. } => format!(
                "if this process ends before that, call job.resolve({batch}, run_id={}, \
                 result_path={})",
                literal(run),
                literal(result)
            ),
            Advice::PassResultPath { .. } => "pass result_path= (and credits_path=) as well".into(),
            Advice::LearnAgain => "learn it again with lantern.learn".into(),
            Advice::NameFields => "name them with fields=".into(),
            Advice::CorrectField { nearest, known } => known_field(
                nearest.as_deref(),
                known,
                Some("pass a field that this version does not know in extra="),
            ),
            Advice::LeaveOut(setting) => format!("leave {} out", self.setting(*setting)),
            Advice::ReportBug => "this is a bug of lantern: report the whole traceback, the code \
                                  that led to it and lantern.__version__"
                .into(),
        }
    }

    fn setting(&self, setting: Setting) -> String {
        setting.name().to_owned()
    }
}

/// A string literal of Python.
fn literal(text: &str) -> String {
    format!("{text:?}")
}
