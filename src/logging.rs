//! Where tracing events go: to standard error if `LANTERN_LOG` asks for it, and to Python's `logging`.

use tracing_subscriber::{
    EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Names the level, as `debug` or `lantern::client=trace`.
pub const LOG_VARIABLE: &str = "LANTERN_LOG";

/// A further place for events.
pub type Extra = Box<dyn Layer<Registry> + Send + Sync>;

/// Sets the process's subscriber up; one that is set already stays.
pub fn init(extra: Option<Extra>) {
    let printed = std::env::var(LOG_VARIABLE).ok().filter(|text| !text.is_empty()).map(|text| {
        // A bare level is meant for this crate, not for every library below it.
        let bare = text.parse::<tracing::Level>().is_ok();
        let directives = if bare { format!("lantern={text}") } else { text };
        tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_filter(EnvFilter::new(directives))
    });
    if printed.is_some() || extra.is_some() {
        // An `Err` means that the program has a subscriber of its own.
        let _ = tracing_subscriber::registry().with(extra).with(printed).try_init();
    }
}

/// Prints events if `LANTERN_LOG` asks for it.
pub fn init_from_env() {
    init(None);
}
