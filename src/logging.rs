//! What `lantern` does, told on standard error: for the command line, and for Rust programs that
//! have no subscriber of their own.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, filter::LevelFilter, fmt::format::FmtSpan};

use crate::error::{Error, Result};

/// Says how much is told: a level (`error`, `warn`, `info`, `debug`, `trace`) for `lantern`
/// alone, or `tracing` directives such as `lantern=debug,hyper=info`.
pub const LOG_VARIABLE: &str = "LANTERN_LOG";

/// Tells as much as `LANTERN_LOG` says; nothing where it is not set. Answers whether something
/// will be told.
///
/// # Errors
/// As [`init`].
pub fn init_from_env() -> Result<bool> {
    match std::env::var(LOG_VARIABLE) {
        Ok(directives) if !directives.trim().is_empty() => init(&directives),
        _ => Ok(false),
    }
}

/// Tells as much as `directives` say. A program that has a subscriber keeps it; then the answer
/// is false.
///
/// # Errors
/// Directives that cannot be read.
pub fn init(directives: &str) -> Result<bool> {
    let filter = filter(directives)?;
    let set = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_span_events(FmtSpan::CLOSE)
        .try_init();
    Ok(set.is_ok())
}

fn filter(directives: &str) -> Result<EnvFilter> {
    let directives = directives.trim();
    let unreadable = |why: String| {
        Error::config(format!(
            "{LOG_VARIABLE} is {directives:?}, which is no level{why}; \
             use error, warn, info, debug or trace"
        ))
    };
    if let Ok(level) = directives.parse::<LevelFilter>() {
        return EnvFilter::try_new(format!("lantern={level}"))
            .map_err(|error| unreadable(format!(" ({error})")));
    }
    // A single word that is no level would be taken for the name of a crate.
    if !directives.contains('=') {
        return Err(unreadable(String::new()));
    }
    EnvFilter::try_new(directives).map_err(|error| unreadable(format!(" ({error})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_alone_is_for_lantern_alone() {
        assert_eq!(filter("debug").unwrap().to_string(), "lantern=debug");
        assert_eq!(filter(" WARN ").unwrap().to_string(), "lantern=warn");
        let several = filter("lantern=trace,hyper=info").unwrap().to_string();
        assert!(several.contains("lantern=trace") && several.contains("hyper=info"), "{several}");
    }

    #[test]
    fn what_is_no_level_is_said() {
        for text in ["debuq", "lantern=debuq", "=,="] {
            let error = filter(text).unwrap_err().to_string();
            assert!(error.contains("LANTERN_LOG") && error.contains("debug or trace"), "{error}");
        }
    }

    #[test]
    fn a_second_subscriber_is_no_error() {
        init("error").unwrap();
        assert!(!init("error").unwrap());
    }
}
