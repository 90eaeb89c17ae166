//! Waits for a job with a progress bar, in such a way that Ctrl-C leaves nothing in doubt.

use std::{future::Future, time::Duration};

use super::{
    Session,
    failure::{Exit, Failure, Result},
    progress_bar::JobBar,
    shell,
};
use lantern::{
    error::Error,
    jobs::{Job, OnFailed, POLL, Progress, WaitOptions},
    process::{exit_deadline, under_way},
};

/// Works on the job until it has ended. Failures are reported by the summary.
pub async fn wait(job: &Job, timeout: Option<Duration>, session: &mut Session) -> Result<Progress> {
    let first = job.progress().await?;
    let bar = session.output.has_bar().then(|| JobBar::new(&first).turning());
    let options = WaitOptions { timeout, on_failed: OnFailed::Keep };
    let work = job.wait_with(options, |progress| {
        if let Some(bar) = &bar {
            bar.show(progress);
        }
    });
    let done = attended(work, job, session).await;
    if let Some(bar) = bar {
        bar.clear();
    }
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
    let seconds = exit_deadline::AT_EXIT.as_secs();
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
