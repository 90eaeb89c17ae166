//! Replays dead letters.

use chrono::Utc;
use rusqlite::{OptionalExtension, params};

use super::{Workflows, run};
use crate::{caller::Caller, refusal::Refusal};
use lantern::api::workflows::{TriggerWorkflow, WorkflowTriggered};

/// Replays a dead letter: a push that failed is sent again, and a run that failed before its push
/// is run again.
pub(crate) fn replay(
    workflows: &Workflows,
    request_id: &str,
) -> Result<WorkflowTriggered, Refusal> {
    let found: Option<(String, Option<String>, Option<String>)> =
        workflows.crm.database().transact(|transaction| {
            let found = transaction
                .prepare_cached(
                    "SELECT workflow_id, raw, push FROM workflow_runs \
                     WHERE request_id = ? AND status = 'dead'",
                )?
                .query_row([request_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            if let Some((_, _, Some(_))) = &found {
                transaction.execute(
                    "UPDATE workflow_runs SET status = 'queued', attempts = 0, error = NULL, \
                     next_at = ? WHERE request_id = ?",
                    params![Utc::now().timestamp_micros(), request_id],
                )?;
            }
            Ok(found)
        })?;
    let (workflow_id, raw, push) = found.ok_or_else(|| {
        Refusal::NotFound(format!("there is no dead letter {request_id:?} to replay"))
    })?;
    if push.is_some() {
        workflows.webhooks.wake();
        return Ok(WorkflowTriggered {
            success: Some(true),
            status: Some("queued".to_owned()),
            request_id: Some(request_id.to_owned()),
            workflow_id: Some(workflow_id),
            ..WorkflowTriggered::default()
        });
    }
    let unreadable =
        |_| Refusal::Internal(format!("the dead letter {request_id:?} cannot be read"));
    let mut call: TriggerWorkflow =
        serde_json::from_str(&raw.unwrap_or_default()).map_err(unreadable)?;
    call.workflow_id = workflow_id;
    let caller = Caller { request_id: request_id.to_owned(), ..Caller::own() };
    run::trigger(workflows, &caller, &call)
}
