//! Standard output and standard error: text for people, JSON for programs.

use std::io::{self, IsTerminal, Write};

use lantern::error::printable;
use serde_json::Value;

use super::failure::{Failure, Result};

/// How a command prints.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    pub json: bool,
    /// Whether events are logged to standard error, which would disturb a progress bar.
    pub told: bool,
}

impl Output {
    /// Prints the text or the JSON value on standard output. The text may contain values from a file or
    /// an answer, which must not command the terminal.
    pub fn print(
        &self,
        text: impl FnOnce() -> String,
        value: impl FnOnce() -> Value,
    ) -> Result<()> {
        let line =
            if self.json { value().to_string() } else { printable::lines(&text()).into_owned() };
        self.raw(&format!("{line}\n"))
    }

    /// Prints exactly this text on standard output.
    pub fn raw(&self, text: &str) -> Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            // The reader closed the pipe because it has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }

    /// Prints a line for people on standard error.
    pub fn note(&self, text: &str) {
        if !self.json {
            // If standard error is closed, there is nowhere to report that.
            let _ = writeln!(io::stderr().lock(), "{}", printable::lines(text));
        }
    }

    /// Prints a failure and returns its exit code.
    pub fn fail(&self, failure: &Failure) -> u8 {
        let text = if self.json { failure.to_json().to_string() } else { failure.to_text() };
        // Ignored, as in `note`.
        let _ = writeln!(io::stderr().lock(), "{text}");
        failure.exit as u8
    }

    /// Whether a progress bar can be shown.
    pub fn has_bar(&self) -> bool {
        !self.json && !self.told && io::stderr().is_terminal()
    }
}
