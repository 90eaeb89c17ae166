//! The status page: credits, batches, calls, the routing log and the audit log.
//!
//! It shows ids and counts, but nothing of the contents of records.

use maud::{Markup, html};

use super::{
    CallCounts,
    layout::{
        Column::{Number, Text},
        frame, table,
    },
};
use crate::{
    batches::{Batches, Run},
    billing::Billing,
    crm::{Crm, routing_log},
    directory::Directory,
    refusal::Refusal,
    workflows::Workflows,
};
use lantern::api::logs::LogStats;

/// Maximum number of rows in a table.
const MAX_ROWS: u32 = 20;

/// The parts of the server that the page shows.
pub(crate) struct StatusOf<'a> {
    pub billing: &'a Billing,
    pub batches: &'a Batches,
    pub directory: &'a Directory,
    pub crm: &'a Crm,
    pub workflows: &'a Workflows,
    pub calls: &'a CallCounts,
}

/// The page. Blocks.
pub(crate) fn page(parts: &StatusOf<'_>) -> Result<Markup, Refusal> {
    let runs = parts.batches.runs()?;
    let body = html! {
        div.cards {
            (credits(parts.billing))
            (batches(&runs))
            (card("Directory", &parts.directory.people().len().to_string(), &html! {
                span.soft { "people at " (parts.directory.companies().len()) " companies" }
            }))
            (routing(parts.crm)?)
        }
        h2 { "Calls since the start" }
        (calls(parts.calls))
        h2 { "Batches" }
        (last_batches(&runs))
        h2 { "Routing log" }
        (last_routed(parts.crm)?)
        h2 { "Workflows and forms" }
        (last_workflows(parts.workflows)?)
    };
    Ok(frame("on this machine", true, &body))
}

fn card(name: &str, value: &str, more: &Markup) -> Markup {
    html! { div.card { (name) b { (value) } (more) } }
}

fn credits(billing: &Billing) -> Markup {
    let (used, total) = (billing.account.used() as f64, billing.account.total());
    card(
        "Credits used",
        &used.to_string(),
        &html! {
            span.soft { "of " (total) }
            progress max=(total.max(1.0)) value=(used.min(total)) {}
        },
    )
}

fn batches(runs: &[Run]) -> Markup {
    let count = |status: &str| runs.iter().filter(|run| run.status == status).count();
    card(
        "Batches",
        &runs.len().to_string(),
        &html! {
            span.soft { (count("queued")) " queued, " (count("failed")) " failed" }
        },
    )
}

fn routing(crm: &Crm) -> Result<Markup, Refusal> {
    let filter = LogStats {
        from: chrono::DateTime::UNIX_EPOCH,
        to: chrono::DateTime::<chrono::Utc>::MAX_UTC,
        pool: None,
        object: None,
        action: None,
    };
    let counts = crm.database().with(|connection| routing_log::counts(connection, &filter))?;
    let actions: Vec<String> =
        counts.by_action.iter().map(|(action, count)| format!("{count} {action}")).collect();
    Ok(card(
        "Routing log",
        &counts.total.to_string(),
        &html! {
            span.soft { (actions.join(", ")) }
        },
    ))
}

fn calls(calls: &CallCounts) -> Markup {
    let rows: Vec<Vec<String>> = calls
        .list()
        .into_iter()
        .map(|(call, count)| vec![call, count.all.to_string(), count.refused.to_string()])
        .collect();
    table(&[Text("Call"), Number("Calls"), Number("Refused")], &rows)
}

fn last_batches(runs: &[Run]) -> Markup {
    let rows: Vec<Vec<String>> = runs
        .iter()
        .rev()
        .take(MAX_ROWS as usize)
        .map(|run| {
            vec![
                run.run_id.clone(),
                run.kind.clone(),
                run.status.clone(),
                run.ids.to_string(),
                run.credits.to_string(),
                run.received_at.format("%Y-%m-%d %H:%M:%S").to_string(),
            ]
        })
        .collect();
    let columns = [
        Text("Run"),
        Text("Kind"),
        Text("Status"),
        Number("Ids"),
        Number("Credits"),
        Text("Received (UTC)"),
    ];
    table(&columns, &rows)
}

fn last_routed(crm: &Crm) -> Result<Markup, Refusal> {
    let last = crm.database().with(|connection| routing_log::latest(connection, MAX_ROWS))?;
    let rows: Vec<Vec<String>> = last
        .into_iter()
        .map(|entry| {
            let text = |value: Option<String>| value.unwrap_or_default();
            vec![
                text(entry.timestamp),
                text(entry.action),
                format!("{} {}", text(entry.object), text(entry.object_id)),
                text(entry.pool),
                text(entry.assigned_to),
                text(entry.reason),
            ]
        })
        .collect();
    let columns = ["Time (UTC)", "Action", "Record", "Pool", "Assigned to", "Reason"].map(Text);
    Ok(table(&columns, &rows))
}

fn last_workflows(workflows: &Workflows) -> Result<Markup, Refusal> {
    let rows: Vec<Vec<String>> = workflows
        .runs(None, MAX_ROWS)?
        .into_iter()
        .map(|run| {
            vec![
                run.request_id,
                run.workflow_id,
                run.status,
                run.attempts.to_string(),
                run.error.unwrap_or_default(),
                run.received_at,
            ]
        })
        .collect();
    let columns = [
        Text("Request"),
        Text("Workflow"),
        Text("Status"),
        Number("Attempts"),
        Text("Error"),
        Text("Received (UTC)"),
    ];
    Ok(table(&columns, &rows))
}
