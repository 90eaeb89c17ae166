//! `POST /v1/enrich/*`.

use lantern_server::{DirectorySource, ServerConfig};
use serde_json::{Value, json};

use crate::server::common::{Caller, lifted, six_people};

async fn six() -> Caller {
    let people = DirectorySource::Path(six_people());
    Caller::start(ServerConfig { people, ..lifted() }).await
}

fn metered(answer: &Value, credits: u64, cached: bool) {
    assert_eq!(answer["success"], true, "{answer}");
    assert_eq!(answer["credits_consumed"], credits, "{answer}");
    assert_eq!(answer["cached"], cached, "{answer}");
    assert!(answer["credits_remaining"].is_i64() && answer["processing_time_ms"].is_i64());
}

#[tokio::test]
async fn a_phone_is_found_by_name_then_profile_then_address() {
    let caller = six().await;
    for (at, (known, grade)) in [
        (
            json!({"first_name": "Ada", "last_name": "Byron", "company": "Engines Ltd", "domain": "engines.co.uk"}),
            "high",
        ),
        (json!({"first_name": "Ada", "last_name": "Byron", "company": "Engines Ltd"}), "medium"),
        (json!({"linkedin_id": "ada-byron"}), "high"),
        (json!({"email": "ADA@engines.co.uk"}), "high"),
        // The first match decides, and keys without a match are skipped.
        (
            json!({"first_name": "No", "last_name": "Body", "company": "Engines Ltd", "linkedin_id": "nobody", "email": "ada@engines.co.uk"}),
            "high",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = known;
        body["record_id"] = at.to_string().into();
        let answer = caller.ask("/v1/enrich/phone", &body).await;
        metered(&answer, 5, false);
        assert_eq!(answer["phone_number"], "+447710000001", "{answer}");
        assert_eq!(answer["confidence"], grade, "{body}");
        assert_eq!(answer["record_id"], at.to_string());
        assert!(answer["linkedin_id"].is_string());
    }
    assert_eq!(caller.server.credits_used(), 25.0);
}

#[tokio::test]
async fn what_is_not_found_costs_nothing_and_is_null() {
    let caller = six().await;
    let phone = json!({"record_id": "2", "email": "grace@navy.us"});
    let email = json!({"record_id": "3", "first_name": "Konrad", "last_name": "Zuse", "company": "zuse.de"});
    let company = json!({"record_id": "4", "domain": "nowhere.example"});
    let person = json!({"record_id": "5", "first_name": "No", "last_name": "Body", "company_domain": "zuse.de"});
    for (path, body, field) in [
        ("phone", phone, "phone_number"),
        ("email", email, "email"),
        ("company", company, "company"),
        ("person", person, "person"),
    ] {
        let answer = caller.ask(&format!("/v1/enrich/{path}"), &body).await;
        metered(&answer, 0, false);
        assert_eq!(answer[field], Value::Null);
        assert_eq!(answer["confidence"], Value::Null, "{answer}");
    }
    assert_eq!(caller.server.credits_used(), 0.0);
}

#[tokio::test]
async fn the_same_question_about_a_record_is_paid_once_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig {
        people: DirectorySource::Path(six_people()),
        data: Some(folder.path().into()),
        ..lifted()
    };
    let body = json!({"record_id": "1", "first_name": "Ada", "last_name": "Byron", "company": "Engines Ltd"});
    let first = {
        let caller = Caller::start(config.clone()).await;
        let first = caller.ask("/v1/enrich/email", &body).await;
        metered(&first, 1, false);
        metered(&caller.ask("/v1/enrich/email", &body).await, 0, true);
        first
    };
    let caller = Caller::start(config).await;
    let mut with_cap = body.clone();
    with_cap["max_credits"] = 1.into();
    let again = caller.ask("/v1/enrich/email", &with_cap).await;
    metered(&again, 0, true);
    assert_eq!(again["email"], first["email"]);
    // Another person with the same id is another question.
    let other = json!({"record_id": "1", "first_name": "Grace", "last_name": "Hopper", "company": "navy.us"});
    let answer = caller.ask("/v1/enrich/email", &other).await;
    metered(&answer, 1, false);
    assert_eq!(answer["email"], "grace@navy.us");
    assert_eq!(caller.server.credits_used(), 2.0);
}

#[tokio::test]
async fn many_callers_of_one_record_pay_once() {
    let caller = std::sync::Arc::new(six().await);
    let calls = (0..20).map(|_| {
        let caller = std::sync::Arc::clone(&caller);
        tokio::spawn(async move {
            let body = json!({"record_id": "1", "linkedin_id": "ada-byron"});
            caller.ask("/v1/enrich/phone", &body).await["credits_consumed"].as_u64().unwrap()
        })
    });
    let mut paid = 0;
    for call in calls.collect::<Vec<_>>() {
        paid += call.await.unwrap();
    }
    assert_eq!((paid, caller.server.credits_used()), (5, 5.0));
}

#[tokio::test]
async fn a_company_has_every_field_of_the_contract() {
    let caller = Caller::start(lifted()).await;
    let companies = crate::server::common::rows(&caller.server.companies());
    let own = companies.iter().find(|own| !own["lat"].is_empty()).unwrap();
    let body = json!({
        "record_id": "a", "domain": format!("https://www.{}/about", own["domain"]),
        "external_ids": {"sf_account_id": "001"}, "effort": "high", "country": "x",
    });
    let answer = caller.ask("/v1/enrich/company", &body).await;
    metered(&answer, 1, false);
    let company = &answer["company"];
    assert_eq!(company["name"], own["name"]);
    assert_eq!(company["domain"], own["domain"]);
    assert_eq!(company["hq"]["city"], own["city"]);
    assert_eq!(company["hq"]["country"], own["country"]);
    assert_eq!(company["geo"]["lat"].as_f64().unwrap(), own["lat"].parse::<f64>().unwrap());
    assert!(company["linkedin_url"].as_str().unwrap().contains("linkedin.com/company/"));
    assert!(company["last_verified_at"].as_str().unwrap().ends_with('Z'));
    assert!(company["industry"].is_string() && company["size_range"].is_string());
    assert!(answer["confidence"].as_f64().unwrap() > 0.9);
    // A match by name is less certain, and the legal form is ignored.
    let by_name = json!({"record_id": "b", "company_name": own["name"].to_uppercase()});
    let answer = caller.ask("/v1/enrich/company", &by_name).await;
    assert_eq!(answer["company"]["domain"], own["domain"]);
    assert!(answer["confidence"].as_f64().unwrap() < 0.9);
}

#[tokio::test]
async fn a_person_has_every_field_of_the_contract() {
    let caller = six().await;
    let body = json!({
        "record_id": "1", "first_name": "ada", "last_name": "BYRON",
        "company_domain": "engines.co.uk", "effort": "medium",
        "linkedin_id": "https://linkedin.com/in/ada-byron",
    });
    let answer = caller.ask("/v1/enrich/person", &body).await;
    metered(&answer, 2, false);
    let person = &answer["person"];
    assert_eq!(person["full_name"], "Ada Byron");
    assert_eq!(person["email"], "ada@engines.co.uk");
    assert_eq!(person["email_status"], "valid");
    assert_eq!(person["phone"], "+447710000001");
    assert_eq!(person["title"], "Analyst");
    assert_eq!(person["linkedin_url"], "https://www.linkedin.com/in/ada-byron");
    assert!(
        person["email_confidence"].as_f64().is_some() && person["job_last_seen_at"].is_string()
    );
}

#[tokio::test]
async fn a_question_is_answered_from_the_directory_and_says_so() {
    let caller = six().await;
    let asked = json!({"query": "What is the title of Ada Byron?"});
    let answer = caller.ask("/v1/enrich/ai", &asked).await;
    assert_eq!(answer["credits_consumed"], 1);
    assert!(answer["response"].as_str().unwrap().contains("Title: Analyst"), "{answer}");
    assert!(answer["answered_by"].as_str().unwrap().contains("without a language model"));
    assert!(answer.get("cached").is_none());
    assert_eq!(answer["token_usage"]["total_tokens"], 0);
    assert!((0.0..=1.0).contains(&answer["confidence"].as_f64().unwrap()));
    assert_eq!(answer["query"], asked["query"]);

    let asked = json!({"query": "Who is grace@navy.us?", "options": {"format_json": true}, "effort": "high"});
    let answer = caller.ask("/v1/enrich/ai", &asked).await;
    assert_eq!(answer["credits_consumed"], 4);
    assert_eq!(answer["response"]["subjects"][0]["name"], "Grace Hopper", "{answer}");

    let answer = caller.ask("/v1/enrich/ai", &json!({"query": "How is the weather?"})).await;
    assert_eq!(
        (&answer["credits_consumed"], answer["confidence"].as_f64()),
        (&json!(0), Some(0.0))
    );
}

#[tokio::test]
async fn research_names_its_agent_and_ignores_an_effort_and_a_bound() {
    let caller = six().await;
    for agent in ["general", "funding", "legal"] {
        // The API has neither parameter, and would ignore them.
        for more in [json!({}), json!({"effort": "high"}), json!({"effort": 7, "max_credits": 1})] {
            let mut asked = json!({"query": "Konrad Zuse", "agent_type": agent});
            asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let answer = caller.ask("/v1/enrich/research", &asked).await;
            assert_eq!(answer["credits_consumed"], 5);
            assert_eq!(answer["agent_used"], agent);
        }
    }
    let plain = caller.ask("/v1/enrich/research", &json!({"query": "Konrad Zuse"})).await;
    let funding = json!({"query": "Konrad Zuse", "agent_type": "funding"});
    let funding = caller.ask("/v1/enrich/research", &funding).await;
    assert!(funding["confidence"].as_f64() < plain["confidence"].as_f64());
    assert!(funding["response"].as_str().unwrap().contains("says nothing about: funding"));
}

#[tokio::test]
async fn a_call_that_costs_more_than_it_may_is_402_and_costs_nothing() {
    let caller = six().await;
    let body = json!({"record_id": "1", "linkedin_id": "ada-byron", "max_credits": 4});
    let response = caller.post("/v1/enrich/phone", &body).await;
    assert_eq!(response.status(), 402);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["credits_required"], 5);
    assert!(answer["error"].as_str().unwrap().contains("max_credits is 4"), "{answer}");
    assert_eq!(caller.server.credits_used(), 0.0);
    let poor = Caller::start(ServerConfig {
        credits: 3.0,
        people: DirectorySource::Path(six_people()),
        ..lifted()
    })
    .await;
    let body = json!({"record_id": "1", "linkedin_id": "ada-byron"});
    assert_eq!(poor.post("/v1/enrich/phone", &body).await.status(), 402);
    assert_eq!(poor.server.credits_used(), 0.0);
}
