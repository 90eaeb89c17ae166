//! Paid calls of this process that are under way: whoever ends the process waits for them a while, so
//! that their answers are written down instead of being in doubt.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::sync::watch;

use crate::process::per_process::PerProcess;
#[cfg(feature = "jobs")]
use crate::process::termination;

/// For how long the end of a process waits for the answers of paid calls that have left.
pub const AT_EXIT: Duration = Duration::from_secs(10);
/// For how long it waits after that until calls without an answer are written down as being in doubt.
pub const TO_WRITE: Duration = Duration::from_secs(2);

static CALLS: PerProcess<watch::Sender<usize>> = PerProcess::new();
/// Whether the end of this process has begun; a forked child has not ended because its parent does.
static ENDING: PerProcess<AtomicBool> = PerProcess::new();
/// Whether the end of this process waits no longer for answers.
static GIVEN_UP: PerProcess<watch::Sender<bool>> = PerProcess::new();

fn calls() -> &'static watch::Sender<usize> {
    CALLS.get_or_init(|| watch::Sender::new(0))
}

/// A paid call, from before it leaves until its answer is written down.
#[derive(Debug)]
pub struct UnderWay {
    calls: &'static watch::Sender<usize>,
    /// A forked child that drops its parent's calls has not answered them.
    process: u32,
}

/// Notes that a paid call begins; it ends when the answer is dropped.
pub fn begin() -> UnderWay {
    let calls = calls();
    calls.send_modify(|count| *count += 1);
    #[cfg(feature = "jobs")]
    termination::begun();
    UnderWay { calls, process: std::process::id() }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            return;
        }
        self.calls.send_modify(|count| *count = count.saturating_sub(1));
        #[cfg(feature = "jobs")]
        termination::ended();
    }
}

/// How many paid calls are under way.
pub fn count() -> usize {
    CALLS.get().map_or(0, |calls| *calls.borrow())
}

/// Whether this process is about to end, or was asked to: no paid call leaves any more, and those that
/// have left are answered and written down.
pub fn is_ending() -> bool {
    #[cfg(feature = "jobs")]
    if termination::asked() {
        return true;
    }
    ENDING.get().is_some_and(|ending| ending.load(Ordering::SeqCst))
}

/// Begins the end of this process: from now on no paid call leaves. Those that have left are to be awaited
/// with [`end`].
pub fn begin_ending() {
    ENDING.get_or_init(AtomicBool::default).store(true, Ordering::SeqCst);
}

/// Ends what is under way: paid calls that have left are awaited for [`AT_EXIT`], and what has no answer then
/// is written down as being in doubt. Answers how many had none.
pub async fn end() -> usize {
    begin_ending();
    let left = settled(AT_EXIT).await;
    if left > 0 {
        give_up();
        settled(TO_WRITE).await;
    }
    left
}

/// Lets calls that are under way wait no longer for their answers: the process ends.
pub fn give_up() {
    GIVEN_UP.get_or_init(|| watch::Sender::new(false)).send_replace(true);
}

/// Ends once [`give_up`] was called.
pub async fn given_up() {
    let mut given_up = GIVEN_UP.get_or_init(|| watch::Sender::new(false)).subscribe();
    if given_up.wait_for(|given_up| *given_up).await.is_err() {
        std::future::pending().await
    }
}

/// Waits until no paid call is under way, at most for `limit`. Answers how many are left.
async fn settled(limit: Duration) -> usize {
    let Some(calls) = CALLS.get() else { return 0 };
    let mut watch = calls.subscribe();
    let none = watch.wait_for(|count| *count == 0);
    let _ = tokio::time::timeout(limit, none).await;
    count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_a_process_waits_for_what_is_under_way() {
        let call = begin();
        assert_eq!(settled(Duration::ZERO).await, 1);
        let ending = tokio::spawn(settled(Duration::from_secs(600)));
        drop(call);
        let left = tokio::time::timeout(Duration::from_secs(60), ending).await;
        assert_eq!(left.expect("it waits for what has ended").unwrap(), 0);
    }
}
