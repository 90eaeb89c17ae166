//! Logs what `lantern` does, to standard error if requested, and to the program that embeds the
//! crate (Python's `logging`).

use std::{
    io::{self, IsTerminal},
    sync::OnceLock,
};

use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::LevelFilter,
    fmt::format::FmtSpan,
    layer::{Layered, SubscriberExt},
    reload,
    util::SubscriberInitExt,
};

use lantern::error::{Error, Result};

/// The environment variable that selects what is logged: a level (`error`, `warn`, `info`, `debug`)
/// for `lantern` alone, or `tracing` directives such as `lantern=debug,hyper=info`. Only builds
/// with debug assertions log more than `debug`; in the wheels `trace` equals `debug`.
pub const LOG_VARIABLE: &str = "LANTERN_LOG";

/// A further destination for events.
pub type Extra = Box<dyn Layer<Registry> + Send + Sync>;

type Below = Layered<Option<Extra>, Registry>;

/// The filter of what is printed, if this module has set up the subscriber.
static PRINTED: OnceLock<reload::Handle<EnvFilter, Below>> = OnceLock::new();

/// Logs what `LANTERN_LOG` selects, or nothing if it is not set. Returns whether anything will be
/// logged.
///
/// # Errors
/// As for [`init`].
pub fn init_from_env() -> Result<bool> {
    match std::env::var(LOG_VARIABLE) {
        Ok(directives) if !directives.trim().is_empty() => init(&directives),
        _ => Ok(false),
    }
}

/// Logs what `directives` select. If the program has a subscriber of its own, that one is kept and
/// the result is false.
///
/// # Errors
/// If the directives are invalid.
pub fn init(directives: &str) -> Result<bool> {
    let filter = filter(directives)?;
    if PRINTED.get().is_none() && !set_up(None) {
        return Ok(false);
    }
    Ok(PRINTED.get().is_some_and(|printed| printed.reload(filter).is_ok()))
}

/// Passes every event to `extra` as well, whatever is printed, for a program that embeds the crate.
pub fn embed(extra: Extra) {
    set_up(Some(extra));
    if let Err(error) = init_from_env() {
        tracing::warn!(%error, "nothing is printed");
    }
}

/// Sets up the process's subscriber without printing anything yet. Returns false if there is
/// another one.
fn set_up(extra: Option<Extra>) -> bool {
    let (filter, handle) = reload::Layer::new(EnvFilter::new("off"));
    let printed = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_span_events(FmtSpan::CLOSE)
        .with_filter(filter);
    let set = tracing_subscriber::registry().with(extra).with(printed).try_init().is_ok();
    set && PRINTED.set(handle).is_ok()
}

fn filter(directives: &str) -> Result<EnvFilter> {
    let directives = directives.trim();
    let unreadable = |why: String| {
        Error::config(format!("{LOG_VARIABLE} is {directives:?}, which is not a level{why}"))
            .hint("use error, warn, info or debug")
    };
    if let Ok(level) = directives.parse::<LevelFilter>() {
        return EnvFilter::try_new(format!("lantern={level}"))
            .map_err(|error| unreadable(format!(" ({error})")));
    }
    // `tracing` would take a single word that is not a level for the name of a crate.
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
            assert!(error.contains("LANTERN_LOG") && error.contains("info or debug"), "{error}");
        }
    }

    #[test]
    fn what_is_told_can_be_changed_later() {
        assert!(init("error").unwrap());
        assert!(init("off").unwrap());
    }
}
