//! The contract, operation by operation, from `contract.json`: the local server accepts every
//! example request and refuses what the contract excludes, the client reads every example answer,
//! and the OpenAPI document agrees.

use std::collections::BTreeSet;

use lantern::{
    Client, ClientConfig,
    api::{
        API_VERSION, Call,
        agents::{BatchKind, ContactBatch, DeepResearchBatch, EntityType, RunStatus},
        credits::{CreditsRemaining, CreditsUsage},
        enrich::{Ask, EnrichCompany, EnrichEmail, EnrichPerson, EnrichPhone, Research},
        fields,
        forms::SubmitForm,
        logs::RoutingLogs,
        matching::Match,
        routing::Assign,
        salesforce::Convert,
        triggers::SalesforceTrigger,
        workflows::TriggerWorkflow,
    },
    client::{CallOptions, RateLimits},
    error::{Advice, ErrorKind},
};
use lantern_server::{DirectorySource, ServerConfig};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::server::common::{Caller, lifted, six_people};

/// The examples by operation, such as `POST /v1/match`.
fn contract() -> Map<String, Value> {
    serde_json::from_str(include_str!("contract.json")).unwrap()
}

fn parts(operation: &str) -> (Method, &str) {
    let (method, path) = operation.split_once(' ').unwrap();
    (method.parse().unwrap(), path)
}

fn list<'v>(operation: &'v Value, name: &str) -> &'v [Value] {
    operation[name].as_array().unwrap()
}

/// Records of the server's CRM for `$lead`, `$account` and so on; each is used once.
struct Records(Map<String, Value>);

impl Records {
    async fn of(caller: &Caller) -> Self {
        let mut kinds = Map::new();
        for (name, kind) in [
            ("$lead", "leads"),
            ("$account", "accounts"),
            ("$opportunity", "opportunities"),
            ("$user", "users"),
        ] {
            let ids = caller.crm(kind).await.into_iter().map(|record| record["id"].clone());
            kinds.insert(name.to_owned(), ids.collect());
        }
        Self(kinds)
    }

    fn put_into(&mut self, value: &mut Value) {
        match value {
            Value::String(text) if text.starts_with('$') => {
                *value = self.0[text.as_str()].as_array_mut().unwrap().pop().unwrap();
            }
            Value::Object(fields) => fields.values_mut().for_each(|value| self.put_into(value)),
            Value::Array(items) => items.iter_mut().for_each(|value| self.put_into(value)),
            _ => {}
        }
    }
}

async fn sent(caller: &Caller, operation: &str, body: &Value) -> (StatusCode, Value) {
    let (method, path) = parts(operation);
    let path = path.replace("{workflow_id}", "default");
    let request = caller.request(method.clone(), &path);
    let request = if method == Method::GET { request.query(body) } else { request.json(body) };
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn server() -> Caller {
    let people = DirectorySource::Path(six_people());
    Caller::start(ServerConfig { people, ..lifted() }).await
}

#[tokio::test]
async fn every_example_request_is_taken_and_answered_with_the_fields_of_the_contract() {
    let caller = server().await;
    let mut records = Records::of(&caller).await;
    for (operation, said) in contract() {
        let answers = list(&said, "answers");
        for request in list(&said, "requests") {
            let mut body = request.clone();
            records.put_into(&mut body);
            let (status, answer) = sent(&caller, &operation, &body).await;
            assert_eq!(status, StatusCode::OK, "{operation} {body}: {answer}");
            for field in answers.iter().flat_map(|answer| answer.as_object().unwrap().keys()) {
                assert!(answer.get(field).is_some(), "{operation} {body}: no {field} in {answer}");
            }
        }
    }
    let run = caller.submit_ids("phone", &["1"], 5).await;
    assert!(["queued", "completed"].contains(&caller.status(&run).await.as_str()));
    let path = |run: &str| format!("/v1/agents/runs/{run}/status");
    assert_eq!(caller.get(&path("no-uuid")).await.status(), StatusCode::BAD_REQUEST);
    let unknown = "00000000-0000-4000-8000-000000000000";
    assert_eq!(caller.get(&path(unknown)).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_the_contract_excludes_is_422_and_costs_nothing() {
    let caller = server().await;
    for (operation, said) in contract() {
        for body in list(&said, "refused") {
            let (status, answer) = sent(&caller, &operation, body).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{operation} {body}: {answer}");
            assert!(answer["detail"][0]["loc"].is_array(), "{operation} {body}: {answer}");
        }
    }
    assert_eq!(caller.server.credits_used(), 0.0);
}

#[tokio::test]
async fn unknown_fields_are_ignored_as_the_api_would() {
    let caller = server().await;
    let mut records = Records::of(&caller).await;
    for (operation, said) in contract() {
        if parts(&operation).0 != Method::POST {
            continue;
        }
        for request in list(&said, "requests") {
            let mut body = request.clone();
            records.put_into(&mut body);
            body["a_field_of_tomorrow"] = json!({"deep": [1]});
            let (status, answer) = sent(&caller, &operation, &body).await;
            assert_eq!(status, StatusCode::OK, "{operation} {body}: {answer}");
        }
    }
}

/// A server that answers every request with the same body.
async fn answering(body: &Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = body.to_string();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        loop {
            stream.read_buf(&mut read).await.unwrap();
            let text = String::from_utf8_lossy(&read);
            let Some((head, rest)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
            });
            if rest.len() >= length.unwrap_or(0) {
                break;
            }
        }
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    url
}

/// What the client reads from an answer to a call.
async fn read<C: Call>(call: C, answer: &Value) -> Value
where
    C::Response: Serialize,
{
    call.check().unwrap();
    let url = answering(answer).await;
    let mut config = ClientConfig::resolve(Some("key"), Some(&url), false).unwrap();
    config.limits = RateLimits::LIFTED;
    let read = Client::new(config).unwrap().call(&call).await.unwrap().value;
    serde_json::to_value(read).unwrap()
}

/// Whether everything in the example was read.
fn holds(read: &Value, example: &Value) -> bool {
    match (read, example) {
        (Value::Object(read), Value::Object(example)) => example
            .iter()
            .all(|(name, value)| read.get(name).map_or(value.is_null(), |read| holds(read, value))),
        (Value::Array(read), Value::Array(example)) => {
            read.len() == example.len() && read.iter().zip(example).all(|(a, b)| holds(a, b))
        }
        (Value::Number(read), Value::Number(example)) => read.as_f64() == example.as_f64(),
        _ => read == example,
    }
}

/// The values of a query, some of which are numbers and flags.
fn typed(query: &Value) -> Value {
    let typed = |(name, value): (&String, &Value)| {
        let text = value.as_str().unwrap();
        let value = match name.as_str() {
            "limit" | "include_diff" => serde_json::from_str(text).unwrap(),
            _ => value.clone(),
        };
        (name.clone(), value)
    };
    query.as_object().unwrap().iter().map(typed).collect()
}

#[tokio::test]
async fn every_example_answer_is_read_whole() {
    for (operation, said) in contract() {
        let answers = list(&said, "answers").to_vec();
        for answer in &answers {
            let request = said["requests"].get(0).cloned().unwrap_or_default();
            macro_rules! sent_as {
                ($call:ty, $request:expr) => {
                    read(fields::read::<$call>("", &$request).unwrap(), answer).await
                };
            }
            let batch = |kind| {
                let batch: ContactBatch = fields::read("", &request).unwrap();
                ContactBatch { kind, ..batch }
            };
            let found = match operation.as_str() {
                "POST /v1/enrich/phone" => sent_as!(EnrichPhone, request),
                "POST /v1/enrich/email" => sent_as!(EnrichEmail, request),
                "POST /v1/enrich/company" => sent_as!(EnrichCompany, request),
                "POST /v1/enrich/person" => sent_as!(EnrichPerson, request),
                "POST /v1/enrich/ai" => sent_as!(Ask, request),
                "POST /v1/enrich/research" => sent_as!(Research, request),
                "POST /v1/match" => {
                    // As many candidates as the answer has results.
                    let mut request = request.clone();
                    let one = request["candidates"][0].clone();
                    let count = answer["results"].as_array().unwrap().len();
                    request["candidates"] = vec![one; count].into();
                    sent_as!(Match, request)
                }
                "POST /v1/salesforce/convert" => sent_as!(Convert, request),
                "POST /v1/routing/assign" => sent_as!(Assign, request),
                "POST /v1/triggers/salesforce" => sent_as!(SalesforceTrigger, request),
                "GET /v1/logs/routing" => sent_as!(RoutingLogs, typed(&request)),
                "GET /v1/credits/usage" => sent_as!(CreditsUsage, request),
                "GET /v1/credits/remaining" => sent_as!(CreditsRemaining, request),
                "POST /v1/workflows/{workflow_id}/trigger" => {
                    let call: TriggerWorkflow = fields::read("", &request).unwrap();
                    read(TriggerWorkflow { workflow_id: "default".into(), ..call }, answer).await
                }
                "POST /v1/forms/submit" => sent_as!(SubmitForm, request),
                "POST /v1/agents/phone" => read(batch(BatchKind::Phone), answer).await,
                "POST /v1/agents/email" => read(batch(BatchKind::Email), answer).await,
                "POST /v1/agents/phone-email" => read(batch(BatchKind::PhoneEmail), answer).await,
                "POST /v1/agents/deep-research" => sent_as!(DeepResearchBatch, request),
                "GET /v1/agents/runs/{run_id}/status" => {
                    let run_id = answer["run_id"].as_str().unwrap().to_owned();
                    read(RunStatus { run_id }, answer).await
                }
                other => panic!("{other} is not tried"),
            };
            assert!(holds(&found, answer), "{operation}: {answer} was read as {found}");
        }
    }
}

/// A schema without its references, and without the null that an optional one allows.
fn resolved<'d>(document: &'d Value, mut schema: &'d Value) -> Vec<&'d Value> {
    let mut all = vec![schema];
    loop {
        let next = if let Some(reference) = schema.get("$ref") {
            document.pointer(reference.as_str().unwrap().strip_prefix('#').unwrap()).unwrap()
        } else if let Some(either) =
            ["oneOf", "anyOf", "allOf"].iter().find_map(|of| schema.get(of)?.as_array())
        {
            let Some(one) = either.iter().find(|one| one["type"] != "null") else { break };
            one
        } else {
            break;
        };
        all.push(next);
        schema = next;
    }
    all
}

/// The schema of a field, found by its dotted path.
fn property<'d>(document: &'d Value, schema: &'d Value, path: &str) -> Vec<&'d Value> {
    path.split('.').fold(resolved(document, schema), |schemas, name| {
        let field = schemas.iter().find_map(|schema| schema["properties"].get(name));
        resolved(document, field.unwrap_or_else(|| panic!("no schema of {path}")))
    })
}

#[tokio::test]
async fn the_document_has_the_bounds_defaults_words_and_version_of_the_contract() {
    let caller = server().await;
    let document = caller.see("/openapi.json").await;
    assert_eq!(document["info"]["version"], API_VERSION);
    assert_eq!(API_VERSION, "1.4.1");
    for (operation, said) in contract() {
        let (method, path) = parts(&operation);
        let own = &document["paths"][path][method.as_str().to_lowercase()];
        assert!(own.is_object(), "{operation} is not in the document");
        let required: BTreeSet<&str> =
            list(&said, "required").iter().map(|name| name.as_str().unwrap()).collect();
        let check = |field: &str, schemas: &[&Value]| {
            for (name, wanted) in said["schema"][field].as_object().unwrap() {
                let found = schemas.iter().find_map(|schema| schema.get(name));
                let equal = match (found, wanted) {
                    (Some(Value::Array(found)), Value::Array(wanted)) => {
                        let words = |all: &[Value]| -> BTreeSet<String> {
                            all.iter().filter(|one| !one.is_null()).map(Value::to_string).collect()
                        };
                        words(found) == words(wanted)
                    }
                    (Some(Value::Number(found)), Value::Number(wanted)) => {
                        found.as_f64() == wanted.as_f64()
                    }
                    (found, wanted) => found == Some(wanted),
                };
                assert!(equal, "{operation}: {field} has {name} {found:?}, not {wanted}");
            }
        };
        if method == Method::GET {
            let parameters = own["parameters"].as_array().cloned().unwrap_or_default();
            let needed: BTreeSet<&str> = parameters
                .iter()
                .filter(|parameter| parameter["required"] == true)
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            assert_eq!(needed, required, "{operation}");
            for field in said["schema"].as_object().unwrap().keys() {
                let parameter = parameters.iter().find(|one| one["name"] == field.as_str());
                let schema =
                    &parameter.unwrap_or_else(|| panic!("{operation}: no {field}"))["schema"];
                check(field, &resolved(&document, schema));
            }
            continue;
        }
        let body = &own["requestBody"]["content"]["application/json"]["schema"];
        let schemas = resolved(&document, body);
        let whole = schemas.last().unwrap();
        let needed: BTreeSet<&str> = whole["required"]
            .as_array()
            .map(|all| all.iter().map(|name| name.as_str().unwrap()).collect())
            .unwrap_or_default();
        assert_eq!(needed, required, "{operation}");
        for field in said["schema"].as_object().unwrap().keys() {
            check(field, &property(&document, body, field));
        }
        if let Some(fields) = said.get("fields") {
            let found: BTreeSet<&str> =
                whole["properties"].as_object().unwrap().keys().map(String::as_str).collect();
            let wanted = fields.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
            assert_eq!(found, wanted.collect(), "{operation}");
        }
    }
}

#[tokio::test]
async fn a_misspelt_field_of_a_record_is_refused_and_an_extra_one_is_sent() {
    let caller = server().await;
    let (key, url) = (caller.server.key(), caller.server.url());
    let client = Client::new(ClientConfig::resolve(Some(key), Some(&url), false).unwrap()).unwrap();
    let batch = |record: Value| ContactBatch {
        kind: BatchKind::Email,
        ids: None,
        records: Some(vec![record.as_object().unwrap().clone()]),
        entity_type: EntityType::Person,
        max_credits: 1,
    };
    let error = client.call(&batch(json!({"id": "1", "frist_name": "Ada"}))).await.unwrap_err();
    assert!(error.is(ErrorKind::Validation));
    assert_eq!(error.facts().field.as_deref(), Some("records[0].frist_name"));
    assert!(
        matches!(error.advice(), Some(Advice::CorrectField { nearest: Some(name), .. }) if name == "first_name"),
        "{error}"
    );
    assert!(error.to_string().contains("CallOptions::extra"), "{error}");
    assert!(caller.runs().is_empty());
    let extra = json!({"priority": "high", "records": [{"nickname": "A"}]});
    let options =
        CallOptions { extra: extra.as_object().unwrap().clone(), ..CallOptions::default() };
    client.call_with(&batch(json!({"id": "1"})), options).await.unwrap();
    assert_eq!(caller.runs().len(), 1);
}
