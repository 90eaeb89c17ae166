//! Errors in the words of the command line: options and commands.

use lantern::error::{Advice, Face, Setting, known_field};

use super::shell::word;

/// The face for somebody at a shell.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShellFace;

impl Face for ShellFace {
    fn advice(&self, advice: &Advice) -> String {
        match advice {
            Advice::Text(text) => text.to_string(),
            Advice::SetKey => "set LANTERN_API_KEY, or pass --api-key (without a key, \
                               `lantern serve` runs the API on this machine)"
                .into(),
            Advice::CheckKey => "check the API key (LANTERN_API_KEY or --api-key)".into(),
            Advice::PassAllowHttp => {
                "use https, or pass --allow-http for a network that you trust".into()
            }
            Advice::PassCaBundle => {
                "pass --ca-bundle if the certificate authority is your own".into()
            }
            Advice::CheckNetwork => "check the base URL and the network".into(),
            Advice::RaiseTimeouts => "try again".into(),
            Advice::NameLedger => "set LANTERN_LEDGER, or pass --ledger".into(),
            Advice::ListJobs => "`lantern jobs` lists its jobs".into(),
            Advice::ListBatches { job } => {
                format!("`lantern status {}` lists its batches", word(job))
            }
            Advice::UseAnotherKey => "use another --key, or leave it out".into(),
            Advice::WaitAgain { job } | Advice::ResumeJob { job: Some(job) } => {
                format!("`lantern results {}` resumes it", word(job))
            }
            Advice::ResumeJob { job: None } => {
                "the same command, or `lantern results KEY`, resumes it".into()
            }
            Advice::RaiseBudget => "raise --max-credits and submit again".into(),
            Advice::RaiseBudgetOrLowerPrice => {
                "raise --max-credits, or pass --credits-per-id if your price is lower".into()
            }
            Advice::RaiseTeamBudget { budget } => format!(
                "raise it with `lantern budget set {} --max-credits N`, or submit again once it \
                 renews",
                word(budget)
            ),
            Advice::SetTeamBudget { nearest: Some(name), .. } => format!("did you mean {name:?}?"),
            Advice::SetTeamBudget { budget, nearest: None } => {
                format!("make it with `lantern budget set {} --max-credits N`", word(budget))
            }
            Advice::DecideBatches { job, batches } => format!(
                "decide with `lantern resolve {} {}`, or with --on-in-doubt",
                word(job),
                number(batches)
            ),
            Advice::DecideCalls { job, calls } => format!(
                "decide with `lantern resolve {} {}`, or with --on-in-doubt resend or skip",
                word(job),
                number(calls)
            ),
            Advice::DecideResults { job, batches } => {
                format!("decide with `lantern resolve {} {}`", word(job), number(batches))
            }
            Advice::AttachRun { .. } => "name the run with --run-id ID".into(),
            Advice::GiveAnswer { .. } => "say what it answered with --answer FILE".into(),
            Advice::ResendBatch { job, batch } => {
                format!("`lantern resolve {} {batch} --resend` sends it again", word(job))
            }
            Advice::ResendBatches { job } => {
                let job = word(job);
                format!(
                    "see `lantern status {job}`, and `lantern resolve {job} BATCH --resend` sends \
                     it again"
                )
            }
            Advice::CorrectRun { job, batch } => {
                let job = word(job);
                format!(
                    "name the right run with `lantern resolve {job} {batch} --run-id ID`, or \
                     send the batch again with `lantern resolve {job} {batch} --resend`"
                )
            }
            Advice::AttachResult { job, batch, run, result } => format!(
                "if this process ends before that, run `lantern resolve {} {batch} --run-id {} \
                 --result-path {}`",
                word(job),
                word(run),
                word(result)
            ),
            Advice::PassResultPath { .. } => {
                "pass --result-path (and --credits-path) as well".into()
            }
            Advice::LearnAgain => "learn it again from the tables".into(),
            Advice::NameFields => "name the columns that are compared".into(),
            Advice::CorrectField { nearest, known } => known_field(nearest.as_deref(), known, None),
            Advice::LeaveOut(setting) => format!("leave {} out", self.setting(*setting)),
            Advice::ReportBug => "this is a bug of lantern: report this line, the command that \
                                  led to it and what `lantern --version` prints"
                .into(),
        }
    }

    fn setting(&self, setting: Setting) -> String {
        match setting {
            // The option is given once for each column.
            Setting::Columns => "--column".to_owned(),
            setting => format!("--{}", setting.name().replace('_', "-")),
        }
    }
}

/// The number of the only batch, or a placeholder for any.
fn number(batches: &[u32]) -> String {
    match batches {
        [batch] => batch.to_string(),
        _ => "BATCH".to_owned(),
    }
}

#[cfg(test)]
mod tests;
