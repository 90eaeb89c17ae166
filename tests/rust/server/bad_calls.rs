//! Invalid input, tested in the same way for every call: a missing field, an unknown word, a wrong
//! type, an oversized body, a body that is not JSON, a wrong key.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::common::{Caller, lifted};

type Names = &'static [&'static str];
type Bad = (Method, &'static str, Value, Names, Names);

/// Every call that takes a body: a valid body, its required fields, and its enumerated strings.
fn calls() -> Vec<Bad> {
    fn post(path: &'static str, body: Value, required: Names, words: Names) -> Bad {
        (Method::POST, path, body, required, words)
    }
    vec![
        post(
            "/v1/enrich/phone",
            json!({"record_id": "1", "email": "a@b.example"}),
            &["record_id"],
            &[],
        ),
        post(
            "/v1/enrich/email",
            json!({"record_id": "1", "first_name": "A", "last_name": "B", "company": "C"}),
            &["record_id", "first_name", "last_name", "company"],
            &[],
        ),
        post(
            "/v1/enrich/company",
            json!({"record_id": "1", "domain": "b.example", "effort": "low"}),
            &["record_id"],
            &["effort"],
        ),
        post(
            "/v1/enrich/person",
            json!({"record_id": "1", "first_name": "A", "last_name": "B", "company_domain": "c.example", "effort": "low"}),
            &["record_id", "first_name", "last_name", "company_domain"],
            &["effort"],
        ),
        post("/v1/enrich/ai", json!({"query": "q", "effort": "low"}), &["query"], &["effort"]),
        post(
            "/v1/enrich/research",
            json!({"query": "q", "agent_type": "general"}),
            &["query"],
            &["agent_type"],
        ),
        post(
            "/v1/match",
            json!({"object": "lead", "candidates": [{"email": "a@b.example"}], "rules": {"mode": "ai"}}),
            &["object", "candidates", "rules"],
            &["object"],
        ),
        post("/v1/salesforce/convert", json!({"lead_sf_id": "00Q"}), &["lead_sf_id"], &[]),
        post(
            "/v1/routing/assign",
            json!({"object": "lead", "sf_id": "00Q", "pool": "p", "exclude_inactive": true}),
            &["object", "sf_id", "pool"],
            &["object"],
        ),
        (Method::PUT, "/v1/routing/pools/p", json!({"users": ["005"]}), &["users"], &[]),
        post(
            "/v1/triggers/salesforce",
            json!({"object": "Lead", "ids": ["00Q"], "event": "after_insert", "org_id": "00D"}),
            &["object", "ids", "event", "org_id"],
            &["object", "event"],
        ),
        (Method::PUT, "/v1/logs/retention", json!({"days": 3}), &["days"], &[]),
        post(
            "/v1/workflows/default/trigger",
            json!({"record_data": {"email": "a@b.example"}}),
            &["record_data"],
            &[],
        ),
        post("/v1/forms/submit", json!({"email": "a@b.example"}), &["email"], &[]),
    ]
}

async fn refused(caller: &Caller, method: &Method, path: &str, body: &Value) -> Value {
    let response = caller.request(method.clone(), path).json(body).send().await.unwrap();
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {body} {answer}");
    answer["detail"][0].clone()
}

#[tokio::test]
async fn a_missing_field_is_422_and_named() {
    let caller = Caller::start(lifted()).await;
    for (method, path, body, required, _) in calls() {
        for field in required {
            let mut without = body.clone();
            without.as_object_mut().unwrap().remove(*field);
            let detail = refused(&caller, &method, path, &without).await;
            assert_eq!(detail["loc"], json!(["body", field]), "{path}");
            assert_eq!(detail["type"], "missing", "{path} {field}");
        }
    }
}

#[tokio::test]
async fn a_wrong_word_or_type_is_422_and_named() {
    let caller = Caller::start(lifted()).await;
    for (method, path, body, required, words) in calls() {
        for field in words {
            let mut wrong = body.clone();
            wrong[*field] = "sideways".into();
            let detail = refused(&caller, &method, path, &wrong).await;
            assert_eq!(
                (&detail["loc"], &detail["type"]),
                (&json!(["body", field]), &json!("enum"))
            );
        }
        for field in required {
            let mut wrong = body.clone();
            // None of the fields can be a list of lists.
            wrong[*field] = json!([["x"]]);
            let detail = refused(&caller, &method, path, &wrong).await;
            assert_eq!(detail["loc"][1], *field, "{path} {detail}");
        }
    }
}

#[tokio::test]
async fn what_is_no_json_object_is_422_and_what_is_too_large_413() {
    let caller = Caller::start(lifted()).await;
    for (method, path, _, _, _) in calls() {
        for text in ["", "{", "[]", "\"x\"", "{\"a\": 1} x", "\u{feff}{}"] {
            let response = caller.request(method.clone(), path).body(text).send().await.unwrap();
            assert_eq!(response.status(), 422, "{path} {text:?}");
        }
        assert!(announced(&caller, &method, path).await.starts_with("HTTP/1.1 413"), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_turns_out_too_large_is_413() {
    let caller = Caller::start(lifted()).await;
    for (method, path, _, _, _) in calls() {
        // It announces no length, because it is sent in chunks.
        let parts = (0..10).map(|_| Ok::<_, std::io::Error>("x".repeat(1 << 20)));
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(
            std::iter::once(Ok("{\"query\": \"".to_owned())).chain(parts),
        ));
        let sent = caller.request(method.clone(), path).body(body).send().await;
        // The server may close the connection before everything is written.
        if let Ok(response) = sent {
            assert_eq!(response.status(), 413, "{path}");
            let answer: Value = response.json().await.unwrap();
            assert_eq!(answer["success"], false, "{path}");
        }
    }
}

/// The answer to a call that announces a body of more than 8 MiB.
async fn announced(caller: &Caller, method: &Method, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let place = caller.server.url().trim_start_matches("http://").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&place).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {place}\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        caller.server.key(),
        (8 << 20) + 1
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_wrong_key_is_401_before_anything_is_read() {
    let caller = Caller::start(lifted()).await;
    for (method, path, body, _, _) in calls() {
        let url = format!("{}{path}", caller.server.url());
        let request = caller.http.request(method, url).json(&body);
        let response = request.bearer_auth("wrong-secret-42").send().await.unwrap();
        assert_eq!(response.status(), 401, "{path}");
        assert!(!response.text().await.unwrap().contains("wrong-secret-42"));
    }
}

#[tokio::test]
async fn what_is_meant_for_sql_or_a_path_is_only_text() {
    let caller = Caller::start(lifted()).await;
    let before = caller.crm("leads").await.len();
    for evil in [
        "x'; DROP TABLE leads; --",
        "\" OR 1=1 --",
        "../../../etc/passwd",
        "%00",
        "=HYPERLINK(\"http://x\")",
        "\u{0}\u{1f}\u{202e}",
        "${jndi:ldap://x}",
    ] {
        for (method, path, body, required, _) in calls() {
            let mut call = body.clone();
            for field in required.iter().filter(|field| body[**field].is_string()) {
                call[*field] = evil.into();
            }
            let response = caller.request(method.clone(), path).json(&call).send().await.unwrap();
            assert!(response.status().as_u16() < 500, "{path} {call}");
        }
        let enriched = json!({"record_id": evil, "company_name": evil, "domain": evil});
        let answer = caller.ask("/v1/enrich/company", &enriched).await;
        assert_eq!(answer["record_id"], evil);
    }
    assert_eq!(caller.crm("leads").await.len(), before);
}

#[tokio::test]
async fn a_path_in_an_id_leads_nowhere() {
    let caller = Caller::start(lifted()).await;
    for evil in [
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e",
        "..%5c..%5cwindows",
        "%00",
        "a%0d%0aSet-Cookie:%20x",
        "%ff%fe",
        "*",
        "x'%20OR%20'1'='1",
        "00QLc0000000001%2f..%2f00QLc0000000002",
    ] {
        for (method, path) in [
            (Method::GET, format!("/v1/agents/runs/{evil}/status")),
            (Method::DELETE, format!("/v1/routing/pools/{evil}")),
            (Method::POST, format!("/v1/workflows/{evil}/trigger")),
            (Method::GET, format!("/_local/crm/{evil}")),
            (Method::GET, format!("/_local/crm/records/{evil}")),
            (Method::PATCH, format!("/_local/crm/records/{evil}")),
            (Method::POST, format!("/_local/workflows/runs/{evil}/replay")),
        ] {
            let body = json!({"record_data": {"email": "a@b.example"}});
            let response = caller.request(method.clone(), &path).json(&body).send().await.unwrap();
            let status = response.status().as_u16();
            assert!(!response.headers().contains_key("set-cookie"), "{path}");
            if method == Method::DELETE && status == 200 {
                // There is no such pool, which is the expected answer.
                let answer: Value = response.json().await.unwrap();
                assert_eq!(answer["deleted"], false, "{path}");
                continue;
            }
            assert!((400..500).contains(&status), "{method} {path} {status}");
        }
    }
    assert_eq!(caller.see("/v1/routing/pools").await["pools"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_formula_is_text_in_every_cell_of_a_csv_and_itself_in_json() {
    let caller = Caller::start(lifted()).await;
    let user = caller.crm("users").await[0]["id"].clone();
    let lead = caller.crm("leads").await[0]["id"].clone();
    for evil in ["=HYPERLINK(\"http://x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"] {
        let encoded: String = evil.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("/v1/routing/pools/{encoded}");
        let made = caller.request(Method::PUT, &path).json(&json!({"users": [user]}));
        assert_eq!(made.send().await.unwrap().status(), StatusCode::OK, "{evil:?}");
        let assign = caller
            .request(Method::POST, "/v1/routing/assign")
            .json(&json!({
                "object": "lead", "sf_id": lead, "pool": evil,
                "reset_rules": {"reason": evil},
            }))
            .header("idempotency-key", evil.trim());
        assert_eq!(assign.send().await.unwrap().status(), StatusCode::OK, "{evil:?}");
    }
    let query = "/v1/logs/routing?from=2026-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
    let csv = caller.get(&format!("{query}&format=csv")).await.bytes().await.unwrap();
    let csv = crate::server::common::Csv::read(&csv);
    let formula = |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    assert!(csv.rows.len() >= 6);
    for cell in csv.rows.iter().flatten() {
        assert!(!formula(cell), "{cell:?}");
    }
    let json = caller.see(query).await;
    let pools: Vec<&str> = json["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["pool"].as_str())
        .collect();
    assert!(pools.contains(&"=HYPERLINK(\"http://x\")"), "{pools:?}");
}

#[tokio::test]
async fn bad_rules_say_what_is_wrong_with_them() {
    let caller = Caller::start(lifted()).await;
    for (rules, says) in [
        (json!({"mode": "simple", "rules": ["company:fuzzy1.2"]}), "must be above 0 and at most 1"),
        (json!({"mode": "simple", "rules": ["company"]}), "no colon"),
        (json!({"mode": "simple", "rules": []}), "rules is empty"),
        (json!({"mode": "grouped", "groups": [{"all": []}]}), "groups[0]"),
        (json!({"mode": "magic"}), "unknown variant"),
        (json!({"mode": "ai", "threshold": 2}), "confidence from 0 to 1"),
        (json!({}), "missing field `mode`"),
    ] {
        let body = json!({"object": "lead", "candidates": [{"a": "b"}], "rules": rules});
        let detail = refused(&caller, &Method::POST, "/v1/match", &body).await;
        let said = format!("{} {}", detail["msg"], detail["loc"]);
        assert!(
            detail["msg"].as_str().unwrap().contains(says) || said.contains("mode"),
            "{detail}"
        );
    }
}
