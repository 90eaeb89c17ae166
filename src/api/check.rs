//! Checks that several requests share: what is missing, in one sentence.

use super::Invalid;

/// A required text.
pub(super) fn required(field: &'static str, text: &str, hint: &str) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new(field, format!("{field} is empty; {hint}")));
    }
    Ok(())
}

/// `max_credits` is above 0 where it is given, and a number that every database can hold.
pub(super) fn max_credits(max_credits: Option<u64>) -> Result<(), Invalid> {
    if max_credits == Some(0) {
        return Err(Invalid::new(
            "max_credits",
            "max_credits is 0; give a number above 0, or leave it out",
        ));
    }
    if let Some(credits) = max_credits.filter(|credits| i64::try_from(*credits).is_err()) {
        return Err(Invalid::new(
            "max_credits",
            format!("max_credits is {credits}, more than anybody has; leave it out for no limit"),
        ));
    }
    Ok(())
}

/// A confidence between 0 and 1.
pub(super) fn threshold(threshold: Option<f64>) -> Result<(), Invalid> {
    match threshold {
        Some(value) if !(0.0..=1.0).contains(&value) => Err(Invalid::new(
            "threshold",
            format!("threshold is {value}; it is a confidence from 0 to 1"),
        )),
        _ => Ok(()),
    }
}

/// Whether an optional text says something.
pub(super) fn given(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(|text| !text.trim().is_empty())
}

/// A part of a path: whatever would lead elsewhere is written as `%xx`.
pub(super) fn path_part(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEEP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEEP).to_string()
}

/// A name that can be a part of a path.
pub(super) fn name_in_path(field: &'static str, text: &str) -> Result<(), Invalid> {
    required(field, text, "give its name")?;
    // URLs resolve dots as steps, even where they are written as %2e.
    if text == "." || text == ".." {
        return Err(Invalid::new(field, format!("{field} {text:?} is a step in a path, no name")));
    }
    Ok(())
}
