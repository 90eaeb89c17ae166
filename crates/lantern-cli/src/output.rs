//! Standard output and standard error: text for people, JSON for machines.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use super::failure::{Failure, Result};

/// How a command speaks.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    pub json: bool,
    /// Whether events are told on standard error, between which a bar has no place.
    pub told: bool,
}

impl Output {
    /// One of the two, on standard output.
    pub fn print(
        &self,
        text: impl FnOnce() -> String,
        value: impl FnOnce() -> Value,
    ) -> Result<()> {
        let line = if self.json { value().to_string() } else { text() };
        self.raw(&format!("{line}\n"))
    }

    /// Exactly this, on standard output.
    pub fn raw(&self, text: &str) -> Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // Whoever reads has enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }

    /// A line for people on standard error.
    pub fn note(&self, text: &str) {
        if !self.json {
            // There is nowhere left to tell that standard error is closed.
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// Tells a failure and answers the exit code.
    pub fn fail(&self, failure: &Failure) -> u8 {
        let text = if self.json { failure.to_json().to_string() } else { failure.to_text() };
        // As in `note`.
        let _ = writeln!(io::stderr().lock(), "{text}");
        failure.exit as u8
    }

    /// Whether a progress bar has a place.
    pub fn has_bar(&self) -> bool {
        !self.json && !self.told && io::stderr().is_terminal()
    }
}
