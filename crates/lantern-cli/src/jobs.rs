//! `lantern jobs`

use clap::Args;
use serde_json::{Value, json};

use super::{
    Session,
    failure::Result,
    format::{self, Column},
};
use lantern::{
    jobs::Progress,
    ledger::{JobRecord, rules::Sums},
};

/// List the jobs in the ledger, newest first
#[derive(Debug, Args)]
pub struct Jobs {
    /// Also list jobs of other base URLs
    #[arg(long)]
    all_accounts: bool,
}

impl Jobs {
    pub async fn run(self, session: &Session) -> Result<()> {
        let ledger = session.connection.ledger()?;
        let place = if self.all_accounts { None } else { Some(session.connection.place()?) };
        let mut jobs = ledger.run(|store| store.jobs(None)).await?;
        jobs.retain(|(job, _)| place.as_ref().is_none_or(|place| place.has(&job.account)));
        session.output.print(
            || match (jobs.is_empty(), &place) {
                (false, _) => table(&jobs, self.all_accounts),
                (true, Some(place)) => format!("no jobs for {place} in {}", ledger.place()),
                (true, None) => format!("no jobs in {}", ledger.place()),
            },
            || jobs.iter().map(|(job, sums)| to_json(job, *sums)).collect(),
        )
    }
}

fn table(jobs: &[(JobRecord, Sums)], all_accounts: bool) -> String {
    let mut columns = vec![
        Column::Left("KEY"),
        Column::Left("KIND"),
        Column::Left("STATE"),
        Column::Right("ROWS"),
        Column::Right("IDS"),
        Column::Right("ANSWERED"),
        Column::Right("BATCHES"),
        Column::Right("CREDITS"),
        Column::Right("BUDGET"),
        Column::Left("SUBMITTED (UTC)"),
    ];
    if all_accounts {
        columns.push(Column::Left("ACCOUNT"));
    }
    let rows = jobs.iter().map(|(job, sums)| {
        let progress = Progress::new(job, *sums);
        let mut row = vec![
            job.key.clone(),
            job.kind.clone(),
            progress.state.name().replace('_', " "),
            format::count(job.rows),
            format::count(job.ids),
            format::count(progress.answered()),
            format!("{}/{}", format::count(sums.loaded), format::count(sums.batches)),
            format::count(sums.spent),
            format::count(job.max_credits),
            format::minute(job.created_at),
        ];
        if all_accounts {
            row.push(job.account.clone());
        }
        row
    });
    format::table(&columns, rows)
}

/// A job as JSON, for programs.
pub fn to_json(job: &JobRecord, sums: Sums) -> Value {
    let mut value = json!(Progress::new(job, sums));
    if let Value::Object(fields) = &mut value {
        // Only a process that works on the job knows when there is something to do next.
        fields.remove("next");
    }
    value["account"] = job.account.clone().into();
    value["base_url"] = job.base_url.clone().into();
    value["id_column"] = job.id_column.clone().into();
    value["created_at"] = format::timestamp(job.created_at).into();
    value
}
