//! Runs a workflow on a record.

use rusqlite::Transaction;
use serde_json::{Map, Value, json};

use super::{
    Workflows,
    audit::{Ended, write},
    definitions::{Step, Target, Workflow},
};
use crate::{
    billing::Stop,
    caller::Caller,
    crm::{
        Crm, Object, convert,
        enrichment::missing,
        ids, leads, pools,
        record::{self, Record, text},
        search::{by_rules, cannot_match},
    },
    refusal::Refusal,
};
use lantern::api::{
    routing::{Assign, RoutedObject},
    salesforce::Convert,
    workflows::{TriggerStatus, TriggerWorkflow, WorkflowTriggered},
};

/// `POST /v1/workflows/{workflow_id}/trigger`. Blocks.
///
/// A record costs 1 credit, 2 more with enrichment and 1 more with routing. If a step cannot
/// process the record, the answer is `failed` with an `error`, nothing is charged, and the record
/// is kept as a dead letter.
pub(crate) fn trigger(
    workflows: &Workflows,
    caller: &Caller,
    call: &TriggerWorkflow,
) -> Result<WorkflowTriggered, Refusal> {
    let crm = &*workflows.crm;
    crm.ready()?;
    let workflow = workflows
        .definitions
        .get(&call.workflow_id)
        .ok_or_else(|| Refusal::NotFound(format!("there is no workflow {:?}", call.workflow_id)))?;
    let request = serde_json::to_value(call)
        .map_err(|error| Refusal::Internal(format!("the request cannot be stored: {error}")))?;
    let done = crm.billing.charged(caller, None, |transaction, bill| {
        let passage = Passage::new(crm, transaction, caller, workflow, call);
        let passed = passage.run()?;
        bill.workflow_id = Some(call.workflow_id.clone());
        bill.add("workflow", 1);
        bill.add("workflow_enrichment", if passed.job.is_some() { 2 } else { 0 });
        bill.add("workflow_routing", if passed.routed { 1 } else { 0 });
        let record = Value::Object(passed.record.clone());
        let push = json!({
            "request_id": caller.request_id, "workflow_id": call.workflow_id, "record": record,
        });
        write(
            transaction,
            &Ended {
                request_id: &caller.request_id,
                workflow_id: &call.workflow_id,
                request: &request,
                answer: Some(&record),
                error: None,
                push: passed.url.as_deref().map(|url| (url, &push)),
                retry: workflow.retry,
            },
        )?;
        Ok(passed)
    });
    let (passed, credits) = match done {
        Ok(done) => done,
        Err(refusal @ (Refusal::Credits { .. } | Refusal::Internal(_))) => return Err(refusal),
        Err(refusal) => return dead(crm, caller, call, &request, workflow, &refusal),
    };
    let status = if passed.url.is_some() {
        workflows.webhooks.wake();
        TriggerStatus::Queued
    } else {
        TriggerStatus::Triggered
    };
    Ok(WorkflowTriggered {
        success: Some(true),
        status: Some(status.name().to_owned()),
        request_id: Some(caller.request_id.clone()),
        workflow_id: Some(call.workflow_id.clone()),
        enrichment_job_id: passed.job,
        metering: crm.billing.metering(caller, credits, Some(false)),
        extra: Map::from_iter([("record".to_owned(), Value::Object(passed.record))]),
    })
}

fn dead(
    crm: &Crm,
    caller: &Caller,
    call: &TriggerWorkflow,
    request: &Value,
    workflow: &Workflow,
    refusal: &Refusal,
) -> Result<WorkflowTriggered, Refusal> {
    let error = refusal.message();
    crm.database().transact(|transaction| {
        write(
            transaction,
            &Ended {
                request_id: &caller.request_id,
                workflow_id: &call.workflow_id,
                request,
                answer: None,
                error: Some(&error),
                push: None,
                retry: workflow.retry,
            },
        )
    })?;
    Ok(WorkflowTriggered {
        success: Some(true),
        status: Some(TriggerStatus::Failed.name().to_owned()),
        request_id: Some(caller.request_id.clone()),
        workflow_id: Some(call.workflow_id.clone()),
        enrichment_job_id: None,
        metering: crm.billing.metering(caller, 0, Some(false)),
        extra: Map::from_iter([("error".to_owned(), error.into())]),
    })
}

/// The outcome of the steps for a record.
struct Passed {
    record: Record,
    /// The enrichment's id, if there was one.
    job: Option<String>,
    routed: bool,
    /// The URL to which the record is pushed.
    url: Option<String>,
}

struct Passage<'a> {
    crm: &'a Crm,
    transaction: &'a Transaction<'a>,
    caller: &'a Caller,
    workflow: &'a Workflow,
    /// Whether the caller wants enrichment; `None` if the workflow decides.
    enrich: Option<bool>,
    passed: Passed,
}

impl<'a> Passage<'a> {
    fn new(
        crm: &'a Crm,
        transaction: &'a Transaction<'a>,
        caller: &'a Caller,
        workflow: &'a Workflow,
        call: &TriggerWorkflow,
    ) -> Self {
        let wish = call.enrichment_preferences.as_ref().and_then(|wish| wish.get("enrich"));
        let mut record = call.record_data.clone();
        if let Some(source) = &call.source_system {
            record.entry("source").or_insert_with(|| source.clone().into());
        }
        Self {
            crm,
            transaction,
            caller,
            workflow,
            enrich: wish.and_then(Value::as_bool),
            passed: Passed { record, job: None, routed: false, url: None },
        }
    }

    fn run(mut self) -> Result<Passed, Stop> {
        let enriches = |step: &Step| matches!(step, Step::Enrich);
        if self.enrich == Some(true) && !self.workflow.steps.iter().any(enriches) {
            self.enrich();
        }
        for step in &self.workflow.steps {
            match step {
                Step::Enrich if self.enrich == Some(false) => {}
                Step::Enrich => self.enrich(),
                Step::Match { object, rules } => {
                    let object = Object::from(*object);
                    let records = record::list(self.transaction, object, "", usize::MAX)?;
                    let best = by_rules::best(object, &records, &self.passed.record, rules)
                        .map_err(cannot_match)?;
                    let matched = best.as_ref().and_then(|record| text(record, "id"));
                    self.passed.record.insert("matched_id".to_owned(), json!(matched));
                }
                Step::Convert { merge_policy } => {
                    let call = Convert {
                        lead_sf_id: self.own_id("convert")?,
                        merge_policy: Some(*merge_policy),
                        ..Convert::default()
                    };
                    let (done, _) = convert::within(self.transaction, self.caller, &call)?;
                    for (field, value) in
                        [("account_id", done.account_id), ("contact_id", done.contact_id)]
                    {
                        self.passed.record.insert(field.to_owned(), json!(value));
                    }
                }
                Step::Route { pool } => self.route(pool)?,
                Step::Push { to: Target::Crm, .. } => {
                    let (id, _) =
                        leads::upsert(self.transaction, self.caller, &self.passed.record)?;
                    self.passed.record.insert("id".to_owned(), id.into());
                }
                Step::Push { to: Target::Webhook, url } => {
                    self.passed.url.clone_from(url);
                }
            }
        }
        Ok(self.passed)
    }

    fn enrich(&mut self) {
        let found = missing(self.crm, Object::Lead, &self.passed.record);
        self.passed.record.extend(found.fields);
        self.passed.job.get_or_insert_with(|| uuid::Uuid::new_v4().to_string());
    }

    /// The record's id in the CRM.
    fn own_id(&self, step: &str) -> Result<String, Stop> {
        ["id", "sf_id", "Id"]
            .iter()
            .find_map(|field| ids::normal(text(&self.passed.record, field)?))
            .ok_or_else(|| {
                Refusal::BadRequest(format!(
                    "step {step} needs a record of the CRM: give its id, or push it to the CRM \
                     first"
                ))
                .into()
            })
    }

    fn route(&mut self, pool: &str) -> Result<(), Stop> {
        let id = self.own_id("route")?;
        let object = match ids::object_of(&id) {
            Some(Object::Contact) => RoutedObject::Contact,
            Some(Object::Opportunity) => RoutedObject::Opportunity,
            Some(Object::Account) => RoutedObject::Account,
            _ => RoutedObject::Lead,
        };
        let call = Assign {
            object,
            sf_id: id,
            pool: pool.to_owned(),
            exclude_inactive: true,
            reset_rules: None,
        };
        let (turn, _) = pools::within(self.transaction, self.caller, &call)?;
        self.passed.record.insert("owner_id".to_owned(), turn.user.into());
        self.passed.routed = true;
        Ok(())
    }
}
