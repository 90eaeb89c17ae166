//! The switch that stops all spending of a process: `LANTERN_SPEND=off`.

use crate::{
    error::{Advice, Error, ErrorKind, Result},
    process::under_way,
};

/// The environment variable that stops all spending.
pub const SPEND_VARIABLE: &str = "LANTERN_SPEND";

/// Whether calls that spend credits may leave now.
///
/// # Errors
/// If `LANTERN_SPEND` forbids them or has an unknown value, or if the process is about to end and
/// only waits for calls in flight.
pub fn allowed() -> Result<()> {
    if under_way::is_ending() {
        return Err(Error::interrupted());
    }
    decide(std::env::var_os(SPEND_VARIABLE).as_deref())
}

fn decide(value: Option<&std::ffi::OsStr>) -> Result<()> {
    let Some(value) = value else { return Ok(()) };
    let text = value.to_string_lossy().trim().to_ascii_lowercase();
    match text.as_str() {
        "" | "on" | "1" | "true" | "yes" => Ok(()),
        "off" | "0" | "false" | "no" => Err(Error::new(
            ErrorKind::CreditLimit,
            format!("{SPEND_VARIABLE}={text} stops all spending, so nothing was sent"),
        )
        .advise(Advice::text(format!(
            "unset {SPEND_VARIABLE} to spend credits, or ask for known answers only"
        )))),
        _ => Err(Error::config(format!("{SPEND_VARIABLE} is {value:?}, so nothing was sent"))
            .advise(Advice::text("set it to on or off"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spending_stops_where_the_switch_is_off_or_not_understood() {
        for text in ["off", " OFF ", "0", "false", "no"] {
            let error = decide(Some(text.as_ref())).unwrap_err();
            assert!(error.is(ErrorKind::CreditLimit), "{text}: {error}");
        }
        assert!(decide(Some("of".as_ref())).unwrap_err().is(ErrorKind::Config));
        for text in ["", "on", "1"] {
            assert!(decide(Some(text.as_ref())).is_ok(), "{text}");
        }
        assert!(decide(None).is_ok());
    }
}
