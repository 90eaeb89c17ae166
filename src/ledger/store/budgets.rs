//! The statements for budgets above jobs.

use std::fmt::Write;

use super::{
    super::{
        budgets::{Above, Budget, MOST_CREDITS, Per, days},
        sql::{Database, Reader, Row, Statement, sql},
    },
    SqlLedger,
    rows::Totals,
};
use crate::{
    error::{Advice, Error, Result, Setting},
    process::clock::now,
    tabular::suggestion::nearest,
};

/// Maximum length of a budget's name, in bytes.
const LONGEST_NAME: usize = 200;

/// A condition for the days in the current period of the budget `b`. It covers every kind of
/// period, so that a budget is read in one statement whatever its period is.
fn in_period(at: i64) -> String {
    let mut text = "d.day BETWEEN CASE b.per".to_owned();
    let mut bound = |pick: fn(&std::ops::RangeInclusive<i64>) -> i64| {
        for per in Per::ALL {
            // Writing to a string cannot fail.
            let _ = write!(text, " WHEN '{}' THEN {}", per.name(), pick(&days(Some(*per), at)));
        }
        let _ = write!(text, " ELSE {} END", pick(&days(None, at)));
        text.push_str(" AND CASE b.per");
    };
    bound(|days| *days.start());
    bound(|days| *days.end());
    text.truncate(text.len() - " AND CASE b.per".len());
    text
}

/// The columns of the budget `b` at a given time.
fn columns(at: i64) -> String {
    let sum = |column: &str| {
        format!(
            "(SELECT CAST(coalesce(sum(d.{column}), 0) AS BIGINT) FROM lantern_budget_days d \
             WHERE d.budget = b.id AND {})",
            in_period(at)
        )
    };
    format!(
        "b.name, b.max_credits, b.per, CASE WHEN b.removed_at IS NULL THEN 0 ELSE 1 END, {}, {}",
        sum("spent"),
        sum("committed")
    )
}

fn read(row: &mut Reader, at: i64) -> Result<Budget> {
    let (name, max_credits) = (row.next()?, row.next()?);
    let per = row.next::<String>()?;
    let per = Some(per).filter(|per| !per.is_empty()).map(|per| per.parse()).transpose()?;
    let removed = row.next()?;
    // The sums can be below 0 after a person has counted a cost twice or attached a wrong run; that
    // counts as 0.
    let (spent, committed): (i64, i64) = (row.next()?, row.next()?);
    let whole = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Budget::at(at, (name, max_credits, per, removed), (whole(spent), whole(committed))))
}

/// Selects the budgets above some jobs. `condition` selects the jobs, as `j`.
pub(super) fn select_above(condition: &str, at: i64) -> String {
    format!(
        "SELECT j.id, {} FROM lantern_jobs j JOIN lantern_budgets b ON b.id = j.budget \
         WHERE {condition}",
        columns(at)
    )
}

/// Reads the results of [`select_above`], with the ids of the jobs.
pub(super) fn above_of(rows: Vec<Row>, at: i64) -> Result<Vec<(i64, Budget)>> {
    let own = |row: Row| {
        let mut row = row.read();
        Ok((row.next()?, read(&mut row, at)?))
    };
    rows.into_iter().map(own).collect()
}

const OWN: &str =
    "FROM lantern_budgets b WHERE b.id = (SELECT budget FROM lantern_jobs WHERE id = ?1)";

/// Locks the budget above a job, so that claims of all jobs below it run one after another.
pub(super) fn lock_above(job: i64, lock: &str) -> Statement {
    sql!(format!("SELECT b.id {OWN}{lock}"), job)
}

/// Selects the budget above a job. In a claim it must follow [`lock_above`] as a separate
/// statement, so that it sees what earlier claims have reserved.
pub(super) fn select_claimed(job: i64, at: i64) -> Statement {
    sql!(format!("SELECT b.id, {} {OWN}", columns(at)), job)
}

/// Reads the results of [`select_claimed`].
pub(super) fn above(rows: Vec<Row>, at: i64) -> Result<Option<Above>> {
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut row = row.read();
    let id = row.next()?;
    let budget = read(&mut row, at)?;
    Ok(Some(Above { id, days: days(budget.per, at), left: budget.left }))
}

/// Records the changes on the days of budgets.
pub(super) fn put_counted(totals: &Totals) -> impl Iterator<Item = Statement> {
    totals.counted.changes().map(|(budget, day, spent, committed)| {
        sql!(
            "INSERT INTO lantern_budget_days (budget, day, spent, committed) \
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (budget, day) DO UPDATE SET \
             spent = lantern_budget_days.spent + excluded.spent, \
             committed = lantern_budget_days.committed + excluded.committed",
            budget,
            day,
            spent,
            committed
        )
    })
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.trim() != name || name.len() > LONGEST_NAME {
        return Err(Error::setting(Setting::Budget, format!("is {name:?}")).advise(Advice::text(
            format!("give a name of 1 to {LONGEST_NAME} letters, without spaces around it"),
        )));
    }
    Ok(())
}

impl<D: Database> SqlLedger<D> {
    /// All budgets, by name.
    pub(super) fn all_budgets(&self) -> Result<Vec<Budget>> {
        let at = now();
        let found = self.read(sql!(format!(
            "SELECT {} FROM lantern_budgets b WHERE b.removed_at IS NULL ORDER BY b.name",
            columns(at)
        )))?;
        found.into_iter().map(|row| read(&mut row.read(), at)).collect()
    }

    /// A budget by its name.
    ///
    /// # Errors
    /// If there is no such budget.
    pub(super) fn find_budget(&self, name: &str) -> Result<Budget> {
        let budgets = self.all_budgets()?;
        budgets.iter().find(|budget| budget.name == name).cloned().ok_or_else(|| {
            let names: Vec<&str> = budgets.iter().map(|budget| budget.name.as_str()).collect();
            let nearest = nearest(name, names.iter().copied()).map(str::to_owned);
            Error::setting(
                Setting::Budget,
                format!("is {name:?}, which is not a budget of the ledger"),
            )
            .advise(Advice::SetTeamBudget { budget: name.to_owned(), nearest })
        })
    }

    /// Creates or changes a budget. Its counts are kept, even if it was removed before.
    pub(super) fn put_budget(
        &self,
        name: &str,
        max_credits: u64,
        per: Option<Per>,
    ) -> Result<Budget> {
        check_name(name)?;
        if max_credits > MOST_CREDITS {
            return Err(Error::setting(Setting::MaxCredits, format!("is {max_credits}"))
                .advise(Advice::text(format!("give at most {MOST_CREDITS}"))));
        }
        self.transact(|session| {
            session.commit(vec![sql!(
                "INSERT INTO lantern_budgets (name, max_credits, per) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (name) DO UPDATE SET max_credits = excluded.max_credits, \
                 per = excluded.per, removed_at = NULL",
                name,
                max_credits,
                per.map_or("", Per::name)
            )])?;
            Ok(())
        })?;
        self.find_budget(name)
    }

    /// Renames a budget. Its jobs and its counts stay with it.
    pub(super) fn name_budget(&self, name: &str, new: &str) -> Result<Budget> {
        check_name(new)?;
        self.find_budget(name)?;
        let taken = self.transact(|session| {
            let known = sql!("SELECT 1 FROM lantern_budgets WHERE name = ?1", new);
            let taken = session.run(vec![known])?.iter().any(|rows| !rows.is_empty());
            if !taken {
                session.commit(vec![sql!(
                    "UPDATE lantern_budgets SET name = ?2 WHERE name = ?1",
                    name,
                    new
                )])?;
            }
            Ok(taken)
        })?;
        if taken && name != new {
            let happened = format!("is {new:?}, which another budget has or had");
            return Err(Error::setting(Setting::Budget, happened)
                .advise(Advice::text("choose another name")));
        }
        self.find_budget(new)
    }

    /// Removes a budget. Its jobs send nothing more until they get another one, or it is created
    /// again.
    pub(super) fn drop_budget(&self, name: &str) -> Result<()> {
        self.find_budget(name)?;
        self.transact(|session| {
            session.commit(vec![sql!(
                "UPDATE lantern_budgets SET removed_at = ?2 WHERE name = ?1",
                name,
                now()
            )])?;
            Ok(())
        })
    }
}
