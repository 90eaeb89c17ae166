//! Budgets above jobs: what all jobs of a team may spend in a day, a week, a month or a year.
//!
//! A budget belongs to the ledger. Spending of a job is counted on the day (UTC) on which it was
//! sent. So a month that begins in the middle of a job is charged with its own part of the job
//! only, and a budget can get another period without losing its counts. The maximum that a unit may
//! cost is reserved in the transaction that claims the unit for sending, which locks the budget.
//! The actual cost is settled in the transaction that changes the unit.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, str::FromStr};

use chrono::{DateTime, Datelike, Days, Months, NaiveDate};
use serde::{Serialize, Serializer};

use super::unit::Unit;
use crate::error::{Advice, Error, Result, Setting};

/// Maximum of any budget, of a job or above jobs, for which sums over any number of batches stay
/// exact.
pub const MOST_CREDITS: u64 = 1_000_000_000_000;
/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;
/// The last day of a budget that never renews: some ten thousand years from now.
const LAST_DAY: i64 = 4_000_000;

/// How often a budget renews. Days, weeks, months and years begin at midnight UTC, weeks on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Per {
    Day,
    Week,
    Month,
    Year,
}

impl Per {
    /// Every period.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The first day of the period that contains a day, and the first day of the next period.
    fn around(self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        Some(match self {
            Self::Day => (day, day.checked_add_days(Days::new(1))?),
            Self::Week => {
                let since = Days::new(day.weekday().num_days_from_monday().into());
                let first = day.checked_sub_days(since)?;
                (first, first.checked_add_days(Days::new(7))?)
            }
            Self::Month => {
                let first = day.with_day(1)?;
                (first, first.checked_add_months(Months::new(1))?)
            }
            Self::Year => {
                let first = NaiveDate::from_ymd_opt(day.year(), 1, 1)?;
                (first, first.checked_add_months(Months::new(12))?)
            }
        })
    }
}

impl FromStr for Per {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|per| per.name() == text).ok_or_else(|| {
            Error::setting(Setting::Per, format!("is {text:?}"))
                .advise(Advice::text("use day, week, month or year"))
        })
    }
}

impl Serialize for Per {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The day of a time, in days since 1970.
pub(super) const fn day(at: i64) -> i64 {
    at.div_euclid(DAY)
}

/// The days of the period that contains a time.
pub(super) fn days(per: Option<Per>, at: i64) -> RangeInclusive<i64> {
    let whole = 0..=LAST_DAY;
    let Some(per) = per else { return whole };
    let date = DateTime::from_timestamp_micros(at).map(|at| at.date_naive());
    let Some((first, next)) = date.and_then(|date| per.around(date)) else { return whole };
    let number = |date: NaiveDate| date.signed_duration_since(NaiveDate::default()).num_days();
    number(first)..=number(next) - 1
}

/// A budget, and what was spent of it in the current period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Budget {
    pub name: String,
    /// Maximum number of credits that may be spent in a period.
    pub max_credits: u64,
    /// How often the budget renews; `None` if it never does.
    pub per: Option<Per>,
    /// Credits that were spent in the current period.
    pub spent: u64,
    /// Credits that units in flight or in doubt may still cost.
    pub reserved: u64,
    /// Credits that are left in the current period.
    pub left: u64,
    /// When the budget renews, in microseconds since 1970.
    #[serde(serialize_with = "as_time")]
    pub renews_at: Option<i64>,
    #[serde(skip)]
    pub removed: bool,
}

fn as_time<S: Serializer>(at: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    let time = at.and_then(DateTime::from_timestamp_micros);
    time.map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string()).serialize(serializer)
}

impl Budget {
    /// A budget at a given time, with the counts of the days of its period.
    pub(super) fn at(
        at: i64,
        (name, max_credits, per, removed): (String, u64, Option<Per>, bool),
        (spent, reserved): (u64, u64),
    ) -> Self {
        let left =
            if removed { 0 } else { max_credits.saturating_sub(spent.saturating_add(reserved)) };
        let renews_at = per.map(|_| (days(per, at).end() + 1).saturating_mul(DAY));
        Self { name, max_credits, per, spent, reserved, left, renews_at, removed }
    }

    /// The error of a job that can send nothing under this budget. `price` is what one record can
    /// cost.
    pub fn refused(&self, price: u64) -> Error {
        Error::new(
            crate::error::ErrorKind::CreditLimit,
            format!("{self}, and one record can cost {price}, so nothing is sent"),
        )
        .with_credits(Some(price as f64), Some(self.left as f64))
        .advise(Advice::RaiseTeamBudget { budget: self.name.clone() })
    }
}

impl fmt::Display for Budget {
    /// Writes what is left, and when the budget renews.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.removed {
            return write!(f, "the budget {:?} was removed", self.name);
        }
        write!(
            f,
            "the budget {:?} has {} of {} credits left",
            self.name, self.left, self.max_credits
        )?;
        if self.reserved > 0 {
            write!(f, " ({} are reserved for what is in flight or in doubt)", self.reserved)?;
        }
        match self.renews_at.and_then(DateTime::from_timestamp_micros) {
            Some(time) => write!(f, " and renews at {} UTC", time.format("%Y-%m-%d %H:%M")),
            None => write!(f, " and does not renew"),
        }
    }
}

/// The budget above a job, while units of the job are claimed.
#[derive(Debug, Clone)]
pub(super) struct Above {
    pub id: i64,
    /// The days of its current period.
    pub days: RangeInclusive<i64>,
    pub left: u64,
}

/// Changes to what is spent and what is reserved on the days of budgets.
#[derive(Debug, Default)]
pub(super) struct Counted(BTreeMap<(i64, i64), (i64, i64)>);

impl Counted {
    /// Counts the change of a unit on the day on which it was sent. Returns the changes of that
    /// day.
    pub fn note(&mut self, before: &Unit, after: &Unit) -> Option<(i64, i64, i64)> {
        let budget = after.budget?;
        // If a sending was reverted, its cost is taken from the day on which it began.
        let at = after.sent_at.or(before.sent_at)?;
        let change = |pick: fn(&Unit) -> u64| {
            let number = |unit| i64::try_from(pick(unit)).unwrap_or(i64::MAX);
            number(after).saturating_sub(number(before))
        };
        let (spent, committed) = (change(Unit::spent), change(Unit::committed));
        if spent == 0 && committed == 0 {
            return None;
        }
        let sums = self.0.entry((budget, day(at))).or_default();
        sums.0 = sums.0.saturating_add(spent);
        sums.1 = sums.1.saturating_add(committed);
        Some((budget, day(at), spent.saturating_add(committed)))
    }

    /// The changes, in the same order in every transaction so that none deadlock: budget, day,
    /// spent, committed.
    pub fn changes(&self) -> impl Iterator<Item = (i64, i64, i64, i64)> {
        self.0.iter().map(|((budget, day), (spent, committed))| (*budget, *day, *spent, *committed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()
    }

    /// The first and the last day of a period as dates.
    fn period(per: Per, moment: &str) -> (String, String) {
        let days = days(Some(per), at(moment));
        let date =
            |day: i64| DateTime::from_timestamp_micros(day * DAY).unwrap().date_naive().to_string();
        (date(*days.start()), date(*days.end()))
    }

    #[test]
    fn a_period_ends_with_its_last_microsecond() {
        let of = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        for (per, moment, days) in [
            (Per::Month, "2026-11-30T23:59:59.999999Z", of("2026-11-01", "2026-11-30")),
            (Per::Month, "2026-12-01T00:00:00Z", of("2026-12-01", "2026-12-31")),
            (Per::Month, "2028-02-29T12:00:00Z", of("2028-02-01", "2028-02-29")),
            (Per::Month, "2026-12-31T23:59:59Z", of("2026-12-01", "2026-12-31")),
            (Per::Year, "2026-12-31T23:59:59.999999Z", of("2026-01-01", "2026-12-31")),
            (Per::Year, "2027-01-01T00:00:00Z", of("2027-01-01", "2027-12-31")),
            (Per::Week, "2026-11-29T23:59:59Z", of("2026-11-23", "2026-11-29")),
            (Per::Week, "2026-11-30T00:00:00Z", of("2026-11-30", "2026-12-06")),
            (Per::Week, "2027-01-01T00:00:00Z", of("2026-12-28", "2027-01-03")),
            (Per::Day, "2026-03-29T01:30:00Z", of("2026-03-29", "2026-03-29")),
            // The time zone of the text does not matter: days are in UTC.
            (Per::Day, "2026-03-29T01:30:00+02:00", of("2026-03-28", "2026-03-28")),
        ] {
            assert_eq!(period(per, moment), days, "{per:?} {moment}");
        }
        assert_eq!(day(-1), -1);
        assert!(days(None, at("2026-11-30T00:00:00Z")).contains(&day(at("2999-01-01T00:00:00Z"))));
    }

    #[test]
    fn a_budget_says_what_is_left_and_when_it_renews() {
        let row = |per| ("marketing".to_owned(), 100, per, false);
        let budget = Budget::at(at("2026-11-30T23:00:00Z"), row(Some(Per::Month)), (90, 8));
        assert_eq!(
            budget.to_string(),
            "the budget \"marketing\" has 2 of 100 credits left (8 are reserved for what is in flight \
             or in doubt) and renews at 2026-12-01 00:00 UTC"
        );
        let error = budget.refused(5);
        assert_eq!(error.facts().remaining, Some(2.0));
        // Nothing is left of a budget that was lowered below what is spent.
        assert_eq!(Budget::at(0, row(None), (250, 0)).left, 0);
        assert!(Budget::at(0, row(None), (0, 0)).to_string().ends_with("does not renew"));
        let removed = Budget::at(0, ("marketing".to_owned(), 100, None, true), (0, 0));
        assert_eq!(
            (removed.left, removed.to_string()),
            (0, "the budget \"marketing\" was removed".into())
        );
    }

    #[test]
    fn a_sending_is_counted_on_its_day_whatever_becomes_of_it_later() {
        use super::super::{Decision, Event, Step};
        let night = at("2026-11-30T23:59:59Z");
        let step = |unit: &Unit, event, at, counted: &mut Counted| {
            let step = Step { number: 1, sending: None, event };
            let after = unit.step(&step, at).unwrap();
            counted.note(unit, &after);
            after
        };
        let claim = |credits| Event::Claim { owner: "me".into(), until: i64::MAX, credits };
        let mut counted = Counted::default();
        let unit = Unit { budget: Some(7), ..Unit::planned(1, 0, 10, 0, "key".into()) };
        let sending = step(&unit, claim(60), night, &mut counted);
        let doubt = Event::Doubt { error: "?".into(), run_id: None, body: None };
        let doubtful = step(&sending, doubt, night + DAY, &mut counted);
        let again = step(&doubtful, Event::Decide(Decision::Resend), night + DAY, &mut counted);
        let (first, second) = (day(night), day(night + DAY));
        assert_eq!(counted.changes().collect::<Vec<_>>(), [(7, first, 60, 0)], "it stays spent");
        let sending = step(&again, claim(50), night + DAY, &mut counted);
        let released =
            step(&sending, Event::Release { error: "no".into() }, night + 9 * DAY, &mut counted);
        assert_eq!(
            counted.changes().collect::<Vec<_>>(),
            [(7, first, 60, 0), (7, second, 0, 0)],
            "what was not sent is given back to the day on which it was reserved"
        );
        let other = Unit { budget: Some(8), ..released };
        step(&other, claim(40), night + 9 * DAY, &mut counted);
        assert_eq!(counted.changes().last(), Some((8, day(night + 9 * DAY), 0, 40)));
    }
}
