//! Authentication, validation, headers, and the forms of errors.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::common::{Caller, client, lifted};

async fn body(response: reqwest::Response) -> Value {
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_missing_empty_or_wrong_key_is_401_and_never_echoed() {
    let caller = Caller::start(lifted()).await;
    let url = format!("{}/v1/credits/remaining", caller.server.url());
    let bad = [
        None,
        Some("Bearer "),
        Some("Bearer"),
        Some("Bearer wrong-secret-42"),
        Some("Basic bGFudGVybi1sb2NhbC1rZXk="),
        Some("lantern-local-key"),
    ];
    for value in bad {
        let mut request = caller.http.get(&url);
        if let Some(value) = value {
            request = request.header("authorization", value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{value:?}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert!(!response.headers().contains_key("x-credits-remaining"), "{value:?}");
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let body = body(response).await;
        assert_eq!(body["success"], false);
        assert_eq!(body["request_id"], Value::String(id));
        assert!(!body.to_string().contains("wrong-secret-42"), "{body}");
    }
    assert_eq!(caller.get("/v1/credits/remaining").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_body_that_does_not_validate_is_422_with_its_place() {
    let caller = Caller::start(lifted()).await;
    let many = vec!["1"; 1001];
    for (path, sent, place, kind) in [
        ("phone", json!({"ids": ["1"]}), json!(["body", "max_credits"]), "missing"),
        ("phone", json!({"max_credits": 1}), json!(["body", "ids"]), "missing"),
        ("phone", json!({"ids": [], "max_credits": 1}), json!(["body", "ids"]), "too_short"),
        ("phone", json!({"ids": many, "max_credits": 1}), json!(["body", "ids"]), "too_long"),
        (
            "phone",
            json!({"ids": ["1", 2], "max_credits": 1}),
            json!(["body", "ids", 1]),
            "type_error",
        ),
        ("phone", json!({"ids": "1", "max_credits": 1}), json!(["body", "ids"]), "type_error"),
        (
            "phone",
            json!({"ids": ["1"], "max_credits": 0}),
            json!(["body", "max_credits"]),
            "greater_than",
        ),
        (
            "phone",
            json!({"ids": ["1"], "max_credits": -5}),
            json!(["body", "max_credits"]),
            "value_error",
        ),
        (
            "phone",
            json!({"ids": ["1"], "max_credits": 1.5}),
            json!(["body", "max_credits"]),
            "type_error",
        ),
        (
            "email",
            json!({"ids": ["1"], "max_credits": 1, "entity_type": "robot"}),
            json!(["body", "entity_type"]),
            "enum",
        ),
        (
            "email",
            json!({"ids": ["1"], "max_credits": 1, "entity_type": "company"}),
            json!(["body", "entity_type"]),
            "enum",
        ),
        (
            "email",
            json!({"ids": ["1"], "records": [{"id": "1"}], "max_credits": 1}),
            json!(["body", "records"]),
            "value_error",
        ),
        (
            "phone-email",
            json!({"records": ["1"], "max_credits": 1}),
            json!(["body", "records", 0]),
            "type_error",
        ),
        (
            "deep-research",
            json!({"ids": ["1"], "max_credits": 1}),
            json!(["body", "entity_type"]),
            "missing",
        ),
        (
            "deep-research",
            json!({"ids": ["1"], "max_credits": 1, "entity_type": "person", "effort": "max"}),
            json!(["body", "effort"]),
            "enum",
        ),
        ("phone", json!([["1"], null, "person", 5]), json!(["body"]), "type_error"),
        ("phone", json!("text"), json!(["body"]), "type_error"),
    ] {
        let response = caller.post(&format!("/v1/agents/{path}"), &sent).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{place} {kind}");
        let detail = &body(response).await["detail"][0];
        assert_eq!((&detail["loc"], &detail["type"]), (&place, &json!(kind)), "{detail}");
        assert!(detail["msg"].as_str().unwrap().len() > 5);
    }
    for text in
        ["", "{", "not json", "{\"ids\": [\"1\"], \"max_credits\": 1} and more", "\u{feff}{}"]
    {
        let request = caller.request(Method::POST, "/v1/agents/phone").body(text);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{text:?}");
        let detail = &body(response).await["detail"][0];
        assert_eq!(detail["type"], "json_invalid", "{text:?} {detail}");
    }
    assert!(caller.runs().is_empty());
}

#[tokio::test]
async fn an_oversized_body_is_413_whether_announced_or_streamed() {
    let caller = Caller::start(lifted()).await;
    let huge = format!("{{\"ids\": [\"{}\"], \"max_credits\": 1}}", "x".repeat(9 << 20));
    let announced =
        caller.request(Method::POST, "/v1/agents/phone").body(huge.clone()).send().await;
    let chunks: Vec<Result<Vec<u8>, std::io::Error>> =
        huge.as_bytes().chunks(1 << 20).map(|chunk| Ok(chunk.to_vec())).collect();
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let streamed = caller.request(Method::POST, "/v1/agents/phone").body(stream).send().await;
    for response in [announced, streamed] {
        // A server may answer and close before it has read everything.
        let Ok(response) = response else { continue };
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert!(body(response).await["error"].as_str().unwrap().contains("8 MiB"));
    }
    assert!(caller.runs().is_empty());
}

#[tokio::test]
async fn runs_are_400_for_no_uuid_and_404_for_an_unknown_one() {
    let caller = Caller::start(lifted()).await;
    for (run_id, status) in [
        ("abc", 400),
        ("..%2f..%2fetc", 400),
        ("%ff%fe", 400),
        ("'%20OR%201=1", 400),
        ("8f2d1c4e-6b1a-4c8e-9a41-000000000000", 404),
    ] {
        let response = caller.get(&format!("/v1/agents/runs/{run_id}/status")).await;
        assert_eq!(response.status().as_u16(), status, "{run_id}");
        assert_eq!(body(response).await["success"], false);
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_in_the_error_form() {
    let caller = Caller::start(lifted()).await;
    let unknown = caller.get("/v1/agents/fax").await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert!(unknown.headers().contains_key("x-request-id"));
    let answer = body(unknown).await;
    assert!(answer["error"].as_str().unwrap().contains("/v1/agents/fax"), "{answer}");
    let wrong = caller.get("/v1/agents/phone").await;
    assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong.headers()["allow"], "POST");
    let answer = body(wrong).await;
    assert!(answer["error"].as_str().unwrap().contains("GET"), "{answer}");
    assert!(answer["request_id"].is_string());
}

#[tokio::test]
async fn an_error_quotes_the_beginning_of_a_request_only() {
    let caller = Caller::start(lifted()).await;
    let long = "A".repeat(40_000);
    let method = Method::from_bytes(long.as_bytes()).unwrap();
    for (method, path) in [(method, "/v1/match".to_owned()), (Method::GET, format!("/{long}"))] {
        let response = caller.request(method, &path).send().await.unwrap();
        let status = response.status();
        let said = body(response).await["error"].as_str().unwrap().to_owned();
        assert!(status.is_client_error() && said.len() < 600, "{status}: {} bytes", said.len());
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_the_contract() {
    let mut config = lifted();
    config.limits.credits = Some(10);
    config.credits = 500.0;
    let caller = Caller::start(config).await;
    let run = caller.submit_ids("email", &["P0000001", "P0000002", "P0000003"], 3).await;
    caller.server.idle().await;
    let left = (500.0 - caller.server.credits_used()).to_string();
    let status = format!("/v1/agents/runs/{}/status", run["run_id"].as_str().unwrap());
    for (path, limit) in [
        ("/v1/credits/remaining", "10"),
        (status.as_str(), "1000000"),
        ("/v1/agents/runs/x/status", "1000000"),
        ("/nowhere", "1000000"),
        ("/openapi.json", "1000000"),
    ] {
        let response = caller.get(path).await;
        assert_eq!(response.headers()["x-ratelimit-limit"], limit, "{path}");
        assert_eq!(response.headers()["x-credits-remaining"], left.as_str(), "{path}");
        assert!(response.headers().contains_key("x-request-id"), "{path}");
    }
    let unknown = caller.http.get(format!("{}/v1/credits/usage", caller.server.url()));
    let refused = unknown.send().await.unwrap();
    assert_eq!(refused.headers()["x-ratelimit-limit"], "10");
}

#[tokio::test]
async fn http_1_and_http_2_are_spoken_on_one_port_and_large_answers_compressed() {
    let caller = Caller::start(lifted()).await;
    let url = format!("{}/openapi.json", caller.server.url());
    let plain = caller.http.get(&url).header("accept-encoding", "identity").send().await.unwrap();
    assert_eq!(plain.version(), reqwest::Version::HTTP_11);
    assert!(!plain.headers().contains_key("content-encoding"));
    let plain = plain.bytes().await.unwrap();
    let packed = reqwest::Client::builder().no_proxy().no_gzip().http2_prior_knowledge();
    let packed = packed.build().unwrap().get(&url).header("accept-encoding", "gzip");
    let packed = packed.send().await.unwrap();
    assert_eq!(packed.version(), reqwest::Version::HTTP_2);
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.unwrap().len() * 2 < plain.len());
    assert_eq!(client().get(&url).send().await.unwrap().bytes().await.unwrap(), plain);
}

#[tokio::test]
async fn the_openapi_document_names_every_call_and_resolves() {
    let caller = Caller::start(lifted()).await;
    let document = body(caller.get("/openapi.json").await).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, method) in [
        ("/v1/agents/phone", "post"),
        ("/v1/agents/email", "post"),
        ("/v1/agents/phone-email", "post"),
        ("/v1/agents/deep-research", "post"),
        ("/v1/agents/runs/{run_id}/status", "get"),
        ("/v1/credits/usage", "get"),
        ("/v1/credits/remaining", "get"),
    ] {
        let call = &document["paths"][path][method];
        assert!(call["responses"]["200"].is_object(), "{path}");
        assert!(call["responses"]["429"].is_object(), "{path}");
    }
    assert_eq!(document["components"]["securitySchemes"]["key"]["scheme"], "bearer");
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let place = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{reference}");
    }
}

fn collect_references(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                match value {
                    Value::String(reference) if name == "$ref" => into.push(reference.clone()),
                    other => collect_references(other, into),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect_references(value, into)),
        _ => {}
    }
}

#[tokio::test]
async fn no_web_page_of_another_origin_is_let_in() {
    let caller = Caller::start(lifted()).await;
    for path in ["/v1/match", "/_local/faults", "/openapi.json", "/"] {
        let preflight = caller
            .http
            .request(Method::OPTIONS, format!("{}{path}", caller.server.url()))
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
            .send()
            .await
            .unwrap();
        let plain = caller.request(Method::GET, path).header("origin", "https://evil.example");
        for response in [preflight, plain.send().await.unwrap()] {
            let allowed =
                response.headers().keys().any(|name| name.as_str().starts_with("access-control-"));
            assert!(!allowed, "{path}: {:?}", response.headers());
        }
    }
}
