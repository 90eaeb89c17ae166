//! Waits for a job with a progress bar, in such a way that Ctrl-C leaves nothing in doubt.

use std::{future::Future, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    Session,
    failure::{Exit, Failure, Result},
    format, shell,
};
use lantern::{
    error::Error,
    jobs::{Job, OnFailed, POLL, Progress, WaitOptions},
    process::{ending, under_way},
};

/// Works on the job until it has ended. Failures are reported by the summary.
pub async fn wait(job: &Job, timeout: Option<Duration>, session: &mut Session) -> Result<Progress> {
    let bar = Bar::new(session.output.has_bar(), &job.progress().await?);
    let options = WaitOptions { timeout, on_failed: OnFailed::Keep };
    let work = job.wait_with(options, |progress| bar.show(progress));
    let done = attended(work, job, session).await;
    bar.clear();
    done
}

/// Does what there is to do now: sends what the limits allow, polls and loads.
pub async fn once(job: &Job, session: &mut Session) -> Result<Progress> {
    let options = WaitOptions { timeout: Some(POLL), on_failed: OnFailed::Keep };
    attended(job.poll_with(options), job, session).await
}

/// Does the work until a signal arrives. A batch whose request is cut off would be in doubt, so the
/// answers to requests in flight are awaited for a while, unless a second signal arrives.
async fn attended(
    work: impl Future<Output = Result<Progress, Error>>,
    job: &Job,
    session: &mut Session,
) -> Result<Progress> {
    tokio::select! {
        biased;
        done = work => return done.map_err(|error| go_on(error.into(), job)),
        () = session.signals.next() => {}
    }
    // The work is dropped here: nothing new is sent, but a call in flight continues.
    under_way::begin_ending();
    if under_way::count() == 0 {
        return Err(interrupted(job, false));
    }
    let seconds = ending::AT_EXIT.as_secs();
    session.output.note(&format!(
        "stopping when what is being sent is answered, after {seconds} s at most; again stops at once"
    ));
    tokio::select! {
        left = under_way::end() => Err(interrupted(job, left > 0)),
        () = session.signals.next() => Err(interrupted(job, true)),
    }
}

fn interrupted(job: &Job, at_once: bool) -> Failure {
    let key = shell::word(job.key());
    let doubt = if at_once {
        format!(" (`lantern status {key}` shows whether a batch is in doubt)")
    } else {
        String::new()
    };
    Failure::new(
        Exit::Interrupted,
        "interrupted",
        format!(
            "interrupted; job {key} resumes with the same command, or with \
             `lantern results {key} --out FILE`{doubt}"
        ),
    )
    .with("job", job.key())
}

/// Adds how to continue, because a job that was submitted is never lost.
fn go_on(failure: Failure, job: &Job) -> Failure {
    let key = shell::word(job.key());
    let note = format!(
        "job {key} is in the ledger and resumes with the same command, or with \
         `lantern results {key} --out FILE`"
    );
    failure.with("job", job.key()).with_note(note)
}

const TEMPLATE: &str = "{spinner} {bar:16} {human_pos}/{human_len} batches, {wide_msg}";

/// A progress bar on standard error, or nothing.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn new(shown: bool, first: &Progress) -> Self {
        if !shown {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(TEMPLATE);
        // The template is valid, as the tests show; if it were not, a bar in the default style
        // would do.
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let shown = Self(Some(bar.clone()));
        shown.show(first);
        bar.enable_steady_tick(Duration::from_millis(120));
        shown
    }

    fn show(&self, progress: &Progress) {
        let Some(bar) = &self.0 else { return };
        let sums = &progress.sums;
        bar.set_length(sums.batches);
        bar.set_position(sums.loaded + sums.failed + sums.skipped);
        bar.set_message(message(progress));
    }

    fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn message(progress: &Progress) -> String {
    let sums = &progress.sums;
    let mut message = format!(
        "{}/{} ids, {}/{} credits",
        format::count(progress.answered()),
        format::count(progress.ids),
        format::count(sums.spent),
        format::count(progress.max_credits),
    );
    match progress.next.round() {
        ..5.0 => {}
        next @ ..60.0 => message += &format!(", next in {next} s"),
        next => {
            let next = Duration::from_secs_f64(next);
            message += &format!(", next in {}", format::duration(next));
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use lantern::{jobs::JobState, ledger::rules::Sums};

    #[test]
    fn a_bar_tells_batches_ids_credits_and_when_it_goes_on() {
        let mut progress = Progress {
            key: "a".into(),
            kind: "email".into(),
            state: JobState::Running,
            rows: 5_000,
            ids: 5_000,
            max_credits: 12_000,
            budget: None,
            sums: Sums { batches: 5, loaded: 2, returned: 2_000, spent: 5_372, ..Sums::default() },
            next: 24.2,
            unknown: Vec::new(),
        };
        assert_eq!(message(&progress), "2,000/5,000 ids, 5,372/12,000 credits, next in 24 s");
        progress.next = 1.0;
        let bar = Bar::new(true, &progress);
        let shown = bar.0.as_ref().unwrap();
        assert_eq!((shown.position(), shown.length()), (2, Some(5)));
        assert_eq!(shown.message(), "2,000/5,000 ids, 5,372/12,000 credits");
        bar.clear();
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
