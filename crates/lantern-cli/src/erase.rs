//! `lantern forget` and `lantern purge`

use clap::Args;
use serde_json::json;

use super::{
    Session,
    failure::{Failure, Result},
    format,
};
use lantern::{
    jobs::erasure::{self, Forget as Whom},
    process::runtime::aside,
};

/// Erase a person from results, ledger and memory on this machine
///
/// What was paid stays counted. The person is suppressed from now on, unless --no-suppress is given.
#[derive(Debug, Args)]
pub struct Forget {
    /// The id of a record; can be given several times
    #[arg(long, value_name = "ID")]
    id: Vec<String>,
    /// An e-mail address; can be given several times
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// Let the person be asked about again
    #[arg(long)]
    no_suppress: bool,
}

impl Forget {
    pub async fn run(self, session: &Session) -> Result<()> {
        if self.id.is_empty() && self.email.is_empty() {
            return Err(Failure::usage("give an --id or an --email"));
        }
        let ledger = session.connection.ledger()?;
        let whom = Whom { ids: self.id, emails: self.email, suppress: !self.no_suppress };
        let done = aside(move || erasure::forget(&ledger, &whom)).await?;
        session.output.print(
            || {
                let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
                format::pairs([
                    ("ids", done.ids.iter().cloned().collect::<Vec<_>>().join(", ")),
                    (
                        "results",
                        format!(
                            "{} rows of {} files",
                            format::count(done.rows),
                            format::count(done.files)
                        ),
                    ),
                    ("ids of jobs", format::count(done.ledger.ids)),
                    ("mapped calls", format::count(done.ledger.calls)),
                    ("unread answers", format::count(done.ledger.unread)),
                    ("errors", format::count(done.ledger.errors)),
                    ("memory", format::count(done.ledger.memory)),
                    ("still under way", format::count(done.ledger.under_way)),
                    ("suppressed", yes(done.suppressed)),
                    ("overwritten", yes(done.overwritten)),
                ])
            },
            || json!(done),
        )
    }
}

/// Delete answers that are old
///
/// The memory keeps that they were paid for, and not what was answered.
#[derive(Debug, Args)]
pub struct Purge {
    /// How old answers may be, as in 180d; by default what --always has set
    #[arg(long, value_name = "AGE")]
    older_than: Option<String>,
    /// Keep to this age from now on: whoever submits a job deletes what is older, once a day. Without
    /// --older-than, answers are kept for ever again
    #[arg(long)]
    always: bool,
}

impl Purge {
    pub async fn run(self, session: &Session) -> Result<()> {
        let ledger = session.connection.ledger()?;
        let done =
            aside(move || erasure::purge(&ledger, self.older_than.as_deref(), self.always)).await?;
        session.output.print(
            || {
                format::pairs([
                    ("batches and calls", format::count(done.units)),
                    ("files", format::count(done.files)),
                    ("leftovers", format::count(done.leftovers)),
                    ("retention", done.retention.clone().unwrap_or_else(|| "none".to_owned())),
                ])
            },
            || json!(done),
        )
    }
}
