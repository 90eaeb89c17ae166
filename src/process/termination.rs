//! Defers SIGTERM and SIGHUP in programs that leave them to the system: paid calls that have been
//! sent are answered and recorded before the process ends, so that a restart leaves none in doubt.
//!
//! Nothing changes for a program that handles a signal itself. If no paid call is in flight, the
//! signal ends the process immediately, as it does by default.

#[cfg(unix)]
pub use self::unix::{asked, await_paid_calls, begun, ended, is_ignored};

#[cfg(unix)]
// How a signal is handled is asked of the system, and a handler is registered.
#[allow(unsafe_code)]
mod unix {
    use std::{
        process,
        sync::{
            Once,
            atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst},
        },
        time::Duration,
    };

    use signal_hook::{
        consts::{SIGHUP, SIGTERM},
        low_level::{emulate_default_handler, register},
    };

    use crate::process::exit_deadline::{AT_EXIT, TO_WRITE, give_up};

    /// How often the task for the time limit checks whether a signal has arrived.
    const LOOK: Duration = Duration::from_millis(100);

    /// The process whose calls are counted, since a forked child has none of its parent's calls.
    static OWNER: AtomicU32 = AtomicU32::new(0);
    /// Number of paid calls of that process that are in flight.
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    /// The process that was asked to end, and the signal that asked it.
    static ASKED: AtomicU64 = AtomicU64::new(0);
    /// Whether a task is watching the time limit.
    static WATCHED: AtomicBool = AtomicBool::new(false);

    /// Whether calls of this process are in flight. The signal handler calls it, so it uses atomics
    /// only.
    fn busy() -> bool {
        CALLS.load(SeqCst) > 0 && OWNER.load(SeqCst) == process::id()
    }

    /// The signal that asked this process to end while calls were in flight.
    fn signal() -> Option<i32> {
        let asked = ASKED.load(SeqCst);
        let own = asked >> 32 == u64::from(process::id());
        i32::try_from(asked & 0xffff_ffff).ok().filter(|signal| own && *signal != 0)
    }

    /// Whether this process was asked to end. No further paid call is then sent.
    pub fn asked() -> bool {
        signal().is_some()
    }

    /// The action that the system takes on a signal.
    fn disposition(signal: i32) -> libc::sighandler_t {
        // SAFETY: with a null pointer for the new action nothing is changed, and `old` is a valid place
        // for the old one, whose all-zero value is valid.
        unsafe {
            let mut old: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(signal, std::ptr::null(), &mut old) == 0 {
                old.sa_sigaction
            } else {
                libc::SIG_IGN
            }
        }
    }

    /// Whether a signal is ignored, as SIGHUP is under `nohup`.
    pub fn is_ignored(signal: i32) -> bool {
        disposition(signal) == libc::SIG_IGN
    }

    /// Makes SIGTERM and SIGHUP wait for paid calls from now on, unless the program handles them
    /// itself.
    pub fn await_paid_calls() {
        static DONE: Once = Once::new();
        DONE.call_once(|| {
            for signal in [SIGTERM, SIGHUP] {
                if disposition(signal) != libc::SIG_DFL {
                    continue;
                }
                let handler = move || {
                    if busy() {
                        let asked =
                            u64::from(process::id()) << 32 | u64::from(signal.unsigned_abs());
                        ASKED.store(asked, SeqCst);
                    } else {
                        // If it fails, the process continues as it is; a handler cannot do anything
                        // else.
                        let _ = emulate_default_handler(signal);
                    }
                };
                // SAFETY: the handler reads and writes atomics, asks for the process id, and calls what
                // signal-hook names as safe in a handler.
                if let Err(error) = unsafe { register(signal, handler) } {
                    tracing::warn!(%error, signal, "a signal does not wait for paid calls");
                }
            }
        });
    }

    /// Records that a paid call of this process begins.
    pub fn begun() {
        let pid = process::id();
        if OWNER.swap(pid, SeqCst) != pid {
            // A forked child starts from zero: the calls of its parent are not its own.
            CALLS.store(0, SeqCst);
            WATCHED.store(false, SeqCst);
        }
        CALLS.fetch_add(1, SeqCst);
        if let Ok(runtime) = tokio::runtime::Handle::try_current()
            && !WATCHED.swap(true, SeqCst)
        {
            runtime.spawn(keep_to_the_limit());
        }
    }

    /// Records that a paid call has ended and its answer is written down. The last one ends a
    /// process that was asked to end.
    pub fn ended() {
        let left = CALLS.fetch_update(SeqCst, SeqCst, |calls| Some(calls.saturating_sub(1)));
        if left.is_ok_and(|before| before <= 1)
            && let Some(signal) = signal()
        {
            let _ = emulate_default_handler(signal);
        }
    }

    /// Ends the process after the time limit, even if answers are missing.
    async fn keep_to_the_limit() {
        loop {
            tokio::time::sleep(LOOK).await;
            if let Some(signal) = signal() {
                tokio::time::sleep(AT_EXIT).await;
                // Calls without an answer are now recorded as in doubt; the last one ends the
                // process.
                give_up();
                tokio::time::sleep(TO_WRITE).await;
                let _ = emulate_default_handler(signal);
                return;
            }
            if !busy() {
                WATCHED.store(false, SeqCst);
                // A call that began in the meantime has seen that this task is watching.
                if !busy() || WATCHED.swap(true, SeqCst) {
                    return;
                }
            }
        }
    }
}

#[cfg(not(unix))]
mod elsewhere {
    /// Whether this process was asked to end, which happens on Unix only.
    pub fn asked() -> bool {
        false
    }

    pub fn await_paid_calls() {}

    pub fn begun() {}

    pub fn ended() {}
}

#[cfg(not(unix))]
pub use self::elsewhere::{asked, await_paid_calls, begun, ended};
