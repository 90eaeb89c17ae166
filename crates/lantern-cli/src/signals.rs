//! Ctrl-C, SIGTERM and SIGHUP.

use std::{future::Future, io};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::{Failure, Result};
use lantern::error::Error;
#[cfg(unix)]
use lantern::process::termination::is_ignored;

/// The signals that end a command. They are caught from the moment this is created.
pub struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
    /// SIGHUP: the terminal, or its session, was closed.
    #[cfg(unix)]
    hang_up: Option<Signal>,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

impl Signals {
    pub fn new() -> Result<Self> {
        let deaf = |error: io::Error| {
            Failure::from(Error::config(format!("signals cannot be listened for: {error}")))
        };
        Ok(Self {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt()).map_err(deaf)?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate()).map_err(deaf)?,
            #[cfg(unix)]
            hang_up: match is_ignored(SignalKind::hangup().as_raw_value()) {
                true => None,
                false => Some(signal(SignalKind::hangup()).map_err(deaf)?),
            },
            #[cfg(windows)]
            interrupt: tokio::signal::windows::ctrl_c().map_err(deaf)?,
        })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = hung_up(&mut self.hang_up) => {}
        }
        #[cfg(windows)]
        self.interrupt.recv().await;
    }

    /// Runs work that may be interrupted at any moment, until a signal arrives.
    pub async fn or<T, E: Into<Failure>>(
        &mut self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T> {
        tokio::select! {
            biased;
            done = work => done.map_err(Into::into),
            () = self.next() => Err(Failure::interrupted()),
        }
    }
}

/// Waits for SIGHUP, or forever if it is ignored, as under `nohup`.
#[cfg(unix)]
async fn hung_up(hang_up: &mut Option<Signal>) {
    match hang_up {
        Some(hang_up) => {
            hang_up.recv().await;
        }
        None => std::future::pending().await,
    }
}
