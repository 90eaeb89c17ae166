//! `lantern budget`

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Session,
    failure::Result,
    format::{self, Column},
    submit::words,
};
use lantern::ledger::{Budget, Per};

/// Set, list, rename and remove budgets that several jobs share
///
/// All jobs that are submitted with `--budget NAME` together never spend more than the budget.
#[derive(Debug, Args)]
pub struct Budgets {
    #[command(subcommand)]
    command: Command,
}

const PERIODS: [&str; 4] = ["day", "week", "month", "year"];

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a budget, or change it; what was spent stays counted
    Set {
        /// Name of the budget
        name: String,
        /// Maximum number of credits that its jobs may spend in a period
        #[arg(long, value_name = "N")]
        max_credits: u64,
        /// How often it renews, at midnight UTC (weeks on Monday); by default never
        #[arg(long, value_name = "PERIOD", value_parser = words::<Per>(&PERIODS))]
        per: Option<Per>,
    },
    /// List all budgets, with what is spent and left of each
    List,
    /// Rename a budget; its jobs keep it
    Rename {
        /// Name of the budget
        name: String,
        /// New name
        new: String,
    },
    /// Remove a budget; its jobs send nothing until they are submitted with another one
    Remove {
        /// Name of the budget
        name: String,
    },
}

impl Budgets {
    pub async fn run(self, session: &Session) -> Result<()> {
        let ledger = session.connection.ledger()?;
        match self.command {
            Command::Set { name, max_credits, per } => {
                let set = ledger.run(move |store| store.set_budget(&name, max_credits, per));
                let budget = set.await?;
                session.output.print(|| budget.to_string(), || json!(budget))
            }
            Command::List => {
                let budgets = ledger.run(|store| store.budgets()).await?;
                let none = || format!("no budgets in {}", ledger.place());
                session.output.print(
                    || if budgets.is_empty() { none() } else { table(&budgets) },
                    || json!(budgets),
                )
            }
            Command::Rename { name, new } => {
                let budget = ledger.run(move |store| store.rename_budget(&name, &new)).await?;
                session.output.print(|| budget.to_string(), || json!(budget))
            }
            Command::Remove { name } => {
                let removed = name.clone();
                ledger.run(move |store| store.remove_budget(&name)).await?;
                session.output.print(
                    || format!("the budget {removed:?} was removed; its jobs send nothing more"),
                    || json!({"name": removed, "removed": true}),
                )
            }
        }
    }
}

fn table(budgets: &[Budget]) -> String {
    let columns = [
        Column::Left("NAME"),
        Column::Right("CREDITS"),
        Column::Left("PER"),
        Column::Right("SPENT"),
        Column::Right("RESERVED"),
        Column::Right("LEFT"),
        Column::Left("RENEWS (UTC)"),
    ];
    let rows = budgets.iter().map(|budget| {
        vec![
            budget.name.clone(),
            format::count(budget.max_credits),
            budget.per.map_or("once", Per::name).to_owned(),
            format::count(budget.spent),
            format::count(budget.reserved),
            format::count(budget.left),
            budget.renews_at.map_or_else(|| "never".to_owned(), format::minute),
        ]
    });
    format::table(&columns, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_periods_of_the_help_are_those_of_the_library() {
        let names: Vec<_> = Per::ALL.iter().map(|per| per.name()).collect();
        assert_eq!(PERIODS.to_vec(), names);
    }
}
