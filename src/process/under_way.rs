//! Paid calls of this process that are in flight. Whoever ends the process waits for them a while,
//! so that their answers are recorded instead of being in doubt.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, ThreadId},
    time::Duration,
};

use tokio::sync::watch;

#[cfg(feature = "jobs")]
use crate::process::termination;
use crate::process::{
    exit_deadline::{AT_EXIT, TO_WRITE, give_up},
    per_process::PerProcess,
};

static CALLS: PerProcess<watch::Sender<usize>> = PerProcess::new();
/// Whether the end of this process has begun. A forked child is not ending just because its parent
/// is.
static ENDING: PerProcess<AtomicBool> = PerProcess::new();
/// The thread that ends this process.
static ENDED_BY: PerProcess<ThreadId> = PerProcess::new();

fn calls() -> &'static watch::Sender<usize> {
    CALLS.get_or_init(|| watch::Sender::new(0))
}

/// A paid call in flight, from before it is sent until its answer is recorded.
#[derive(Debug)]
pub struct UnderWay {
    calls: &'static watch::Sender<usize>,
    /// The process that began the call: a forked child that drops a copy has not ended its parent's
    /// call.
    process: u32,
}

/// Records that a paid call begins. The call ends when the returned value is dropped.
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

/// Number of paid calls in flight.
pub fn count() -> usize {
    CALLS.get().map_or(0, |calls| *calls.borrow())
}

/// Whether this process is ending or was asked to. No further paid call is then sent, and those in
/// flight are awaited and recorded.
pub fn is_ending() -> bool {
    #[cfg(feature = "jobs")]
    if termination::asked() {
        return true;
    }
    has_begun_ending()
}

/// Whether the end of this process has begun, and not only been asked for by a signal.
pub fn has_begun_ending() -> bool {
    ENDING.get().is_some_and(|ending| ending.load(Ordering::SeqCst))
}

/// Whether another thread ends this process, so that an error of this thread would not be seen.
pub fn ends_on_another_thread() -> bool {
    has_begun_ending() && ENDED_BY.get().is_some_and(|thread| *thread != thread::current().id())
}

/// Begins the end of this process: from now on no paid call is sent. [`end`] awaits those in
/// flight.
pub fn begin_ending() {
    ENDED_BY.get_or_init(|| thread::current().id());
    ENDING.get_or_init(AtomicBool::default).store(true, Ordering::SeqCst);
}

/// Waits at most [`AT_EXIT`] for paid calls in flight, then lets those without an answer be
/// recorded as in doubt. Returns how many had none.
pub async fn end() -> usize {
    begin_ending();
    let left = settled(AT_EXIT).await;
    if left > 0 {
        give_up();
        settled(TO_WRITE).await;
    }
    left
}

/// Waits at most `limit` until no paid call is in flight. Returns how many are left.
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
