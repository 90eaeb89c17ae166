//! The OpenAPI document.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::server::common::{Caller, lifted};

#[tokio::test]
async fn the_document_holds_every_operation_and_every_reference_leads_somewhere() {
    let caller = Caller::start(lifted()).await;
    let document = caller.see("/openapi.json").await;
    let mut operations = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            operations.insert(format!("{method} {path}"));
        }
    }
    let expected = [
        "delete /v1/routing/pools/{pool}",
        "get /v1/agents/runs/{run_id}/status",
        "get /v1/credits/remaining",
        "get /v1/credits/usage",
        "get /v1/logs/retention",
        "get /v1/logs/routing",
        "get /v1/logs/routing/stats",
        "get /v1/routing/pools",
        "post /v1/agents/deep-research",
        "post /v1/agents/email",
        "post /v1/agents/phone",
        "post /v1/agents/phone-email",
        "post /v1/enrich/ai",
        "post /v1/enrich/company",
        "post /v1/enrich/email",
        "post /v1/enrich/person",
        "post /v1/enrich/phone",
        "post /v1/enrich/research",
        "post /v1/forms/submit",
        "post /v1/match",
        "post /v1/oauth/token",
        "post /v1/routing/assign",
        "post /v1/salesforce/convert",
        "post /v1/triggers/salesforce",
        "post /v1/workflows/{workflow_id}/trigger",
        "put /v1/logs/retention",
        "put /v1/routing/pools/{pool}",
    ];
    assert_eq!(operations, expected.iter().map(|&one| one.to_owned()).collect());
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("$ref", Value::String(reference)) => into.push(reference.clone()),
                    _ => collect(value, into),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, into)),
        _ => {}
    }
}
