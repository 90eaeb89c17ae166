//! Ctrl-C and SIGTERM.

use std::{future::Future, io};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::{Failure, Result};
use lantern::error::Error;

/// The signals that end a command, from the moment this is made.
pub struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
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
            #[cfg(windows)]
            interrupt: tokio::signal::windows::ctrl_c().map_err(deaf)?,
        })
    }

    /// The next of them.
    pub async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(windows)]
        self.interrupt.recv().await;
    }

    /// Does what may be broken off at any moment.
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
