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
    process::runtime::run_blocking,
};

/// Erase a person from the results, the ledger and the memory of records on this machine
///
/// What was paid stays counted. From now on, the person is never sent or returned, unless
/// --no-suppress is given. Batches in flight are not changed: run the command again when they have
/// ended.
#[derive(Debug, Args)]
pub struct Forget {
    /// Id of a record of the person (repeatable)
    #[arg(long, value_name = "ID")]
    id: Vec<String>,
    /// E-mail address of the person (repeatable); records with this address are erased, too
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// Do not suppress the person from now on
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
        let done = run_blocking(move || erasure::forget(&ledger, &whom)).await?;
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

/// Delete old answers
///
/// The ledger still knows that they were paid for, so they are not bought again.
#[derive(Debug, Args)]
pub struct Purge {
    /// Maximum age of answers, such as 180d; by default the age that --always has set
    #[arg(long, value_name = "AGE")]
    older_than: Option<String>,
    /// Delete older answers from now on, when a job is submitted, at most once a day. Without
    /// --older-than, answers are no longer deleted automatically
    #[arg(long)]
    always: bool,
}

impl Purge {
    pub async fn run(self, session: &Session) -> Result<()> {
        let ledger = session.connection.ledger()?;
        let done =
            run_blocking(move || erasure::purge(&ledger, self.older_than.as_deref(), self.always))
                .await?;
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
