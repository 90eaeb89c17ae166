//! `lantern credits`

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use clap::Args;
use serde_json::json;

use super::{
    Session,
    failure::{Failure, Result},
    format,
};
use lantern::api::credits::{CreditsRemaining, CreditsUsage};

/// Show the credits that are left, and those used in a period
#[derive(Debug, Args)]
pub struct Credits {
    /// Start of a period whose used credits to show as well: 2026-11-01, or 2026-11-01T08:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// End of the period, by default now; a day is included
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<Moment>,
}

#[derive(Debug, Clone, Copy)]
enum Moment {
    Day(NaiveDate),
    Exact(DateTime<Utc>),
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(day) = text.parse() {
            return Ok(Self::Day(day));
        }
        DateTime::parse_from_rfc3339(text).map(|at| Self::Exact(at.to_utc())).map_err(|_| {
            "write a day, as 2026-11-24, or a time with its zone, as 2026-11-24T08:00:00Z".into()
        })
    }
}

impl Moment {
    fn begin(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN).and_utc(),
            Self::Exact(at) => at,
        }
    }

    fn end(self) -> DateTime<Utc> {
        match self {
            Self::Day(_) => {
                let begin = self.begin();
                begin.checked_add_signed(TimeDelta::days(1)).unwrap_or(begin)
            }
            Self::Exact(at) => at,
        }
    }
}

impl Credits {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let span = match self.from {
            None => None,
            Some(from) => {
                let (start, end) = (from.begin(), self.to.map_or_else(Utc::now, Moment::end));
                if start > end {
                    return Err(Failure::input(format!(
                        "--from {} is after the end of the period, {}; swap them",
                        written(start),
                        written(end)
                    )));
                }
                Some((start, end))
            }
        };
        let client = session.connection.client(&session.connection.ledger()?)?;
        let remaining = session.signals.or(client.call(&CreditsRemaining {})).await?.value;
        let usage = match span {
            None => None,
            Some((start_date, end_date)) => {
                let call = CreditsUsage {
                    start_date,
                    end_date,
                    workflow_id: None,
                    workflow_run_id: None,
                    custom_key: None,
                    custom_value: None,
                };
                let used = session.signals.or(client.call(&call)).await?.value;
                Some((start_date, end_date, used.credits_used))
            }
        };
        session.output.print(
            || {
                let left = format::amount(remaining.remaining_credits);
                let mut rows = vec![(
                    "remaining",
                    match remaining.total_credits {
                        Some(total) => format!("{left} of {} credits", format::amount(total)),
                        None => format!("{left} credits"),
                    },
                )];
                if let Some((start, end, used)) = usage {
                    let used = format::amount(used);
                    rows.push((
                        "used",
                        format!("{used} credits from {} to {}", written(start), written(end)),
                    ));
                }
                format::pairs(rows)
            },
            || {
                let mut value = json!({
                    "remaining_credits": remaining.remaining_credits,
                    "total_credits": remaining.total_credits,
                });
                if let Some((start, end, used)) = usage {
                    value["credits_used"] = used.into();
                    value["start_date"] = written(start).into();
                    value["end_date"] = written(end).into();
                }
                value
            },
        )
    }
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
