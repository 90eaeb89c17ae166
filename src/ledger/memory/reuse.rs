//! Which known answers a job accepts.

use std::{fmt, str::FromStr, time::Duration};

use crate::error::{Advice, Error, Result, Setting};

/// Which known answers a job accepts. Times are in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reuse {
    /// Maximum age of an answer: `None` accepts any age, `Some(0)` accepts none.
    pub within: Option<i64>,
    /// Age from which records that were not found are asked for again; `None` never asks again.
    pub retry_not_found: Option<i64>,
}

impl Reuse {
    /// Accepts all answers.
    pub const ALWAYS: Self = Self { within: None, retry_not_found: None };
    /// Accepts no answer.
    pub const NEVER: Self = Self { within: Some(0), retry_not_found: None };

    /// Whether no answer is accepted.
    pub const fn is_never(self) -> bool {
        matches!(self.within, Some(0))
    }

    /// Whether an answer of that age is accepted.
    pub const fn takes(self, age: i64, found: bool) -> bool {
        if let Some(within) = self.within
            && (within == 0 || age > within)
        {
            return false;
        }
        match self.retry_not_found {
            Some(after) if !found => age < after,
            _ => true,
        }
    }

    /// Parses `true`, `false` or an age such as `90d`, and an age for records that were not found.
    ///
    /// # Errors
    /// If a text is none of these.
    pub fn parse(reuse: &str, retry_not_found: Option<&str>) -> Result<Self> {
        match reuse {
            "true" => Self::ALWAYS.retrying(retry_not_found),
            "false" => Self::NEVER.retrying(retry_not_found),
            age => Self::up_to(age)?.retrying(retry_not_found),
        }
    }

    /// Accepts answers up to an age such as `90d`.
    ///
    /// # Errors
    /// If the text is not an age.
    pub fn up_to(age: &str) -> Result<Self> {
        Ok(Self { within: Some(micros(Setting::Reuse, age)?), ..Self::ALWAYS })
    }

    /// The same, but records that were not found are asked for again from this age on.
    ///
    /// # Errors
    /// If the text is not an age.
    pub fn retrying(self, not_found: Option<&str>) -> Result<Self> {
        let after = not_found.map(|age| micros(Setting::RetryNotFound, age)).transpose()?;
        Ok(Self { retry_not_found: after, ..self })
    }
}

/// Parses an age such as `90d` into microseconds.
///
/// # Errors
/// If the text is not a duration above 0.
pub fn micros(setting: Setting, text: &str) -> Result<i64> {
    let wrong = || {
        Error::setting(setting, format!("is {text:?}")).advise(Advice::text(
            "give an age such as \"90d\" or \"12h\", or see the documentation for other values",
        ))
    };
    let age: Duration = humantime::parse_duration(text.trim()).map_err(|_| wrong())?;
    let age = i64::try_from(age.as_micros()).map_err(|_| wrong())?;
    if age == 0 { Err(wrong()) } else { Ok(age) }
}

impl fmt::Display for Reuse {
    /// Writes the form that is stored in the ledger.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |age: Option<i64>| age.map(|age| age.to_string()).unwrap_or_default();
        write!(f, "{};{}", number(self.within), number(self.retry_not_found))
    }
}

impl FromStr for Reuse {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let damaged = || {
            Error::ledger(format!("the ledger is damaged: {text:?} is not a stored value of reuse"))
        };
        let number = |text: &str| match text {
            "" => Ok(None),
            number => number.parse().map(Some).map_err(|_| damaged()),
        };
        match text.split_once(';') {
            Some((within, retry)) => {
                Ok(Self { within: number(within)?, retry_not_found: number(retry)? })
            }
            // Jobs of earlier versions accept every known answer.
            None if text.is_empty() => Ok(Self::ALWAYS),
            None => Err(damaged()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    #[test]
    fn ages_are_read_and_kept() {
        assert_eq!(Reuse::parse("true", None).unwrap(), Reuse::ALWAYS);
        assert_eq!(Reuse::parse("false", None).unwrap(), Reuse::NEVER);
        let both = Reuse::parse("90d", Some("12h")).unwrap();
        assert_eq!(both, Reuse { within: Some(90 * DAY), retry_not_found: Some(DAY / 2) });
        for reuse in [Reuse::ALWAYS, Reuse::NEVER, both] {
            assert_eq!(reuse.to_string().parse::<Reuse>().unwrap(), reuse);
        }
        for wrong in ["", "always", "90", "-1d", "0d"] {
            assert!(Reuse::parse(wrong, None).is_err(), "{wrong:?}");
        }
        let word = Reuse::up_to("true").unwrap_err().to_string();
        assert!(word.contains(r#"reuse is "true""#), "{word}");
    }

    #[test]
    fn an_answer_is_taken_until_it_is_too_old() {
        let both = Reuse::parse("90d", Some("30d")).unwrap();
        assert!(both.takes(60 * DAY, true) && !both.takes(91 * DAY, true));
        assert!(both.takes(29 * DAY, false) && !both.takes(30 * DAY, false));
        assert!(Reuse::ALWAYS.takes(i64::MAX, false) && !Reuse::NEVER.takes(0, true));
    }
}
