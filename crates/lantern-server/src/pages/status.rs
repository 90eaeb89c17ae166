//! The status page: credits, batches, calls, the routing log and the audit log.
//!
//! It shows ids and counts, and nothing of what is in a record.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use http::{Method, StatusCode};

use super::html::{frame, head, safe, table};
use crate::{crm::log, refusal::Refusal, shared::Shared, workflows};
use lantern::api::logs::LogStats;

/// The most rows of a table.
const MOST: u32 = 20;

/// How often each call was made, and how often it was refused.
#[derive(Default)]
pub(crate) struct Calls(Mutex<BTreeMap<(String, String), [u64; 2]>>);

impl Calls {
    pub fn count(&self, method: &Method, path: &str, status: StatusCode) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = calls.entry((path.to_owned(), method.to_string())).or_default();
        counts[0] += 1;
        counts[1] += u64::from(!status.is_success());
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls
            .iter()
            .map(|((path, method), [all, refused])| {
                vec![format!("{method} {path}"), all.to_string(), refused.to_string()]
            })
            .collect()
    }
}

/// The page. Blocks.
pub(crate) fn page(shared: &Shared) -> Result<String, Refusal> {
    let runs = shared.store.runs()?;
    let open = runs.iter().filter(|run| run.status == "queued").count();
    let failed = runs.iter().filter(|run| run.status == "failed").count();
    let (used, total) = (shared.account.used() as f64, shared.account.total());
    let part = if total > 0.0 { (used / total * 100.0).min(100.0) } else { 100.0 };
    let card = |name: &str, value: String, more: String| {
        format!("<div class=\"card\">{}<b>{}</b>{more}</div>", safe(name), safe(&value))
    };
    let soft = |text: String| format!("<span class=\"soft\">{}</span>", safe(&text));
    let mut body = head("on this machine");
    body += "<div class=\"cards\">";
    body += &card(
        "Credits used",
        format!("{used}"),
        format!(
            "{}<div class=\"bar\"><i style=\"width:{part:.2}%\"></i></div>",
            soft(format!("of {total}"))
        ),
    );
    body +=
        &card("Batches", runs.len().to_string(), soft(format!("{open} queued, {failed} failed")));
    body += &card(
        "Directory",
        shared.directory.people().len().to_string(),
        soft(format!("people at {} companies", shared.directory.companies().len())),
    );
    let filter = LogStats {
        from: chrono::DateTime::UNIX_EPOCH,
        to: chrono::DateTime::<chrono::Utc>::MAX_UTC,
        pool: None,
        object: None,
        action: None,
    };
    let counts = shared.store.database().with(|connection| log::counts(connection, &filter))?;
    let actions: Vec<String> =
        counts.by_action.iter().map(|(action, count)| format!("{count} {action}")).collect();
    body += &card("Routing log", counts.total.to_string(), soft(actions.join(", ")));
    body += "</div>";

    body += "<h2>Calls since the start</h2>";
    body += &table(&["Call", "#Calls", "#Refused"], &shared.calls.rows());

    body += "<h2>Batches</h2>";
    let rows: Vec<Vec<String>> = runs
        .iter()
        .rev()
        .take(MOST as usize)
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
    body += &table(&["Run", "Kind", "Status", "#Ids", "#Credits", "Received (UTC)"], &rows);

    body += "<h2>Routing log</h2>";
    let last = shared.store.database().with(|connection| log::latest(connection, MOST))?;
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
    body += &table(&["Time (UTC)", "Action", "Record", "Pool", "Assigned to", "Reason"], &rows);

    body += "<h2>Workflows and forms</h2>";
    let rows: Vec<Vec<String>> = workflows::runs(shared, None, MOST)?
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
    body +=
        &table(&["Request", "Workflow", "Status", "#Attempts", "Error", "Received (UTC)"], &rows);
    Ok(frame("lantern: status", true, &body))
}
