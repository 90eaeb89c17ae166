//! The key of a job: its name in the ledger.

use std::borrow::Cow;

use crate::error::{Advice, Error, Result, Setting, printable::beginning};

/// Maximum length of a key, in characters. Messages about a job name its key, and an index of PostgreSQL
/// holds no more than 2,700 bytes.
const LONGEST: usize = 500;

/// How much of a key is shown where a line has to stay readable.
const SHOWN: usize = 100;

/// Checks the key of a new job.
///
/// # Errors
/// If it is empty or too long.
pub(super) fn check(key: &str) -> Result<()> {
    let refused = |happened: String, advice: String| {
        Err(Error::setting(Setting::Key, happened).advise(Advice::text(advice)))
    };
    let length = key.chars().count();
    if key.trim().is_empty() {
        return refused("is empty".to_owned(), "give the job a name, or none at all".to_owned());
    }
    if length > LONGEST {
        return refused(format!("has {length} characters"), format!("give at most {LONGEST}"));
    }
    Ok(())
}

/// A key as it is shown to a person. An earlier version accepted keys of any length.
pub fn shown(key: &str) -> Cow<'_, str> {
    beginning(key, SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_length_that_a_message_can_show() {
        assert!(check("weekly").is_ok() && check(&"ü".repeat(LONGEST)).is_ok());
        let error = check(&"a".repeat(800_000)).unwrap_err().to_string();
        assert_eq!(error, "key has 800000 characters; give at most 500");
        assert!(check(" \n").unwrap_err().to_string().contains("is empty"));
        assert_eq!(shown("weekly"), "weekly");
        assert_eq!(shown(&"a".repeat(800_000)).chars().count(), SHOWN + 1);
    }
}
