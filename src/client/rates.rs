//! Rate limits as text, as in `LANTERN_RATE` and on the command line: `off`, `api`, or
//! `batches=60,sync=off`.

use std::{fmt, str::FromStr};

use lantern_rules::suggestion::did_you_mean;

use super::RateLimits;
use crate::{
    api::LimitClass,
    error::{Error, Result},
};

/// The environment variable for the rate limits, used if a client is given none.
pub const RATE_VARIABLE: &str = "LANTERN_RATE";

/// How a client's limits differ from the API's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rates {
    /// The API's own limits.
    Api,
    /// No limits.
    Off,
    /// Limits of these classes. The other classes keep the API's limits.
    Each(Vec<(LimitClass, Option<u32>)>),
}

impl FromStr for Rates {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.trim() {
            "api" => return Ok(Self::Api),
            "off" => return Ok(Self::Off),
            _ => {}
        }
        text.split(',').map(rate).collect::<std::result::Result<_, _>>().map(Self::Each)
    }
}

impl fmt::Display for Rates {
    /// Writes the text that [`Rates`] is parsed from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api => f.write_str("api"),
            Self::Off => f.write_str("off"),
            Self::Each(own) => {
                for (at, (class, rate)) in own.iter().enumerate() {
                    let comma = if at > 0 { "," } else { "" };
                    write!(f, "{comma}{}=", class.name())?;
                    match rate {
                        Some(per_minute) => write!(f, "{per_minute}")?,
                        None => f.write_str("off")?,
                    }
                }
                Ok(())
            }
        }
    }
}

fn rate(pair: &str) -> std::result::Result<(LimitClass, Option<u32>), String> {
    let names = LimitClass::ALL.map(LimitClass::name).join(", ");
    let (name, value) = pair
        .split_once('=')
        .ok_or_else(|| format!("{pair:?} is no limit; write api, off or batches=60,sync=off"))?;
    let class =
        LimitClass::ALL.into_iter().find(|class| class.name() == name.trim()).ok_or_else(|| {
            let meant = did_you_mean(name.trim(), LimitClass::ALL.map(LimitClass::name));
            format!("there is no limit of {name:?}{meant}; limits are of {names}")
        })?;
    let per_minute = match value.trim() {
        "off" => None,
        number => Some(number.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
            format!("{name} is {value:?}; give requests a minute, at least 1, or off")
        })?),
    };
    Ok((class, per_minute))
}

impl Rates {
    fn over(&self, class: LimitClass, usual: Option<u32>) -> Option<u32> {
        match self {
            Self::Api => usual,
            Self::Off => None,
            // If a class is named twice, the last entry counts.
            Self::Each(own) => {
                own.iter().rev().find(|(own, _)| *own == class).map_or(usual, |(_, rate)| *rate)
            }
        }
    }
}

impl From<&Rates> for RateLimits {
    fn from(rates: &Rates) -> Self {
        let usual = Self::default();
        let of = |class| rates.over(class, usual.get(class));
        Self {
            sync: of(LimitClass::Sync),
            batches: of(LimitClass::Batches),
            credits: of(LimitClass::Credits),
            bursts: of(LimitClass::Bursts),
        }
    }
}

impl Rates {
    /// The limits that `LANTERN_RATE` sets, if it is set.
    ///
    /// # Errors
    /// If the variable is not a valid list of limits.
    pub fn from_environment() -> Result<Option<Self>> {
        let Some(text) = std::env::var_os(RATE_VARIABLE).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let rates = text
            .to_str()
            .ok_or_else(|| "it is not valid UTF-8".to_owned())
            .and_then(str::parse)
            .map_err(|error| Error::config(format!("{RATE_VARIABLE}: {error}")))?;
        Ok(Some(rates))
    }

    /// The limits that are named, which hold even if the API grants more.
    pub fn ceilings(&self) -> RateLimits {
        let of = |class| match self {
            Self::Api | Self::Off => None,
            Self::Each(_) => self.over(class, None),
        };
        RateLimits {
            sync: of(LimitClass::Sync),
            batches: of(LimitClass::Batches),
            credits: of(LimitClass::Credits),
            bursts: of(LimitClass::Bursts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_is_not_named_keeps_its_limit() {
        let rates: Rates = "batches=60, sync=off".parse().unwrap();
        let limits = RateLimits::from(&rates);
        assert_eq!((limits.batches, limits.sync, limits.credits), (Some(60), None, Some(10)));
        assert_eq!(rates.ceilings(), RateLimits { batches: Some(60), ..RateLimits::LIFTED });
        assert_eq!(RateLimits::from(&Rates::Off), RateLimits::LIFTED);
        assert_eq!(RateLimits::from(&Rates::Api), RateLimits::default());
        for text in ["api", "off", "batches=60,sync=off"] {
            assert_eq!(text.parse::<Rates>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_limit_is_said() {
        for (text, said) in [
            ("", "\"\" is no limit"),
            ("batch=60", "did you mean \"batches\"?"),
            ("fax=60", "limits are of sync, batches, credits, bursts"),
            ("sync=0", "at least 1"),
            ("sync=-1", "at least 1"),
        ] {
            let error = text.parse::<Rates>().unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
