//! Credits used by day: one call of `GET /v1/credits/usage` for each day, as a table.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Date32Array, Float64Array, RecordBatch, TimestampMicrosecondArray},
    datatypes::{DataType, Date32Type, Field, Schema},
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    Client,
    api::credits::CreditsUsage,
    error::{Error, Result},
};

/// Number of days that are requested in parallel; the rate limit spaces the calls.
const AT_ONCE: usize = 8;

/// Maximum length of a period: ten years.
const MOST_DAYS: i64 = 3_660;

/// A day in UTC, or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub day: NaiveDate,
    pub start: DateTime<Utc>,
    /// End of the day, which is not part of it.
    pub end: DateTime<Utc>,
}

impl Day {
    fn whole(day: NaiveDate) -> Self {
        let start = day.and_time(NaiveTime::MIN).and_utc();
        Self { day, start, end: start.checked_add_days(Days::new(1)).unwrap_or(start) }
    }
}

/// The given days as full days in UTC.
///
/// # Errors
/// If a day is given twice, because a sum would count it twice.
pub fn days(given: &[NaiveDate]) -> Result<Vec<Day>> {
    let mut sorted = given.to_vec();
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::input(format!("{} is given twice", twice[0])).hint("leave one out"));
    }
    Ok(given.iter().copied().map(Day::whole).collect())
}

/// The days of a period. The first and the last may be parts of a day.
///
/// # Errors
/// If the start is after the end, or more than ten years before it.
pub fn days_between(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Vec<Day>> {
    if start > end {
        return Err(
            Error::input(format!("start_date {start} is after end_date {end}")).hint("swap them")
        );
    }
    // Each day is a call, and 10 a minute are allowed: with a mistyped year it would take weeks.
    let count = (end - start).num_days();
    if count > MOST_DAYS {
        return Err(Error::input(format!("{start} to {end} is {count} days"))
            .hint(format!("ask for at most {MOST_DAYS} at once")));
    }
    let mut days = Vec::new();
    let mut day = Day::whole(start.date_naive());
    while day.start.max(start) < end {
        days.push(Day { start: day.start.max(start), end: day.end.min(end), ..day });
        day = Day::whole(day.end.date_naive());
    }
    Ok(days)
}

/// Requests each day and returns one row per day, in the given order: `day`, `credits_used`,
/// `start_date`, `end_date`. The dates of `like` are not used.
///
/// # Errors
/// If a call fails. Reading changes nothing, so it is safe to retry.
pub async fn by_day(client: &Client, days: Vec<Day>, like: &CreditsUsage) -> Result<RecordBatch> {
    let asked = days.iter().map(|day| {
        let call = CreditsUsage { start_date: day.start, end_date: day.end, ..like.clone() };
        async move { Ok::<f64, Error>(client.call(&call).await?.value.credits_used) }
    });
    let asked: Vec<_> = asked.collect();
    let used: Vec<f64> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    let times = |of: fn(&Day) -> DateTime<Utc>| -> ArrayRef {
        let micros = days.iter().map(|day| of(day).timestamp_micros());
        Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC"))
    };
    let dates = days.iter().map(|day| Date32Type::from_naive_date(day.day));
    let columns: [(&str, ArrayRef); 4] = [
        ("day", Arc::new(Date32Array::from_iter_values(dates))),
        ("credits_used", Arc::new(Float64Array::from(used))),
        ("start_date", times(|day| day.start)),
        ("end_date", times(|day| day.end)),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, column)| {
            let kind: &DataType = column.data_type();
            Field::new(*name, kind.clone(), false)
        })
        .collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_span_is_cut_at_midnight_without_gap_or_overlap() {
        let (start, end) = (time("2026-11-23T18:00:00Z"), time("2026-11-26T06:00:00Z"));
        let days = days_between(start, end).unwrap();
        assert_eq!(days.len(), 4);
        assert_eq!((days[0].start, days[3].end), (start, end));
        assert!(days.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert!(days.iter().all(|day| day.day == day.start.date_naive()));
        // Midnight belongs to the day that it begins.
        let whole = days_between(time("2026-11-01T00:00:00Z"), time("2026-12-01T00:00:00Z"));
        assert_eq!(whole.unwrap().len(), 30);
        assert_eq!(days_between(start, start).unwrap(), []);
        assert!(days_between(end, start).unwrap_err().to_string().contains("swap them"));
        let long = days_between(time("1026-11-23T18:00:00Z"), end).unwrap_err();
        assert!(long.to_string().contains("at most 3660"), "{long}");
    }

    #[test]
    fn a_day_that_is_given_twice_is_refused() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        assert!(days(&[day, day]).unwrap_err().to_string().contains("2026-11-24"));
        assert_eq!(days(&[day]).unwrap()[0].end, time("2026-11-25T00:00:00Z"));
    }
}
