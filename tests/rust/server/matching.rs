//! `POST /v1/match`.

use serde_json::{Value, json};

use crate::server::common::{Caller, lifted};

async fn with_contacts() -> (Caller, Value, Value) {
    let caller = Caller::start(lifted()).await;
    let ada = json!({
        "first_name": "Ada", "last_name": "Byron", "email": "ada@engines.example",
        "company": "Engines Ltd", "domain": "engines.example", "phone": "+442079460000",
    });
    let ada = caller.make("contacts", &ada).await;
    let other = json!({
        "first_name": "Adam", "last_name": "Bryon", "email": "adam@engines.example",
        "company": "Engines Ltd",
    });
    let other = caller.make("contacts", &other).await;
    (caller, ada, other)
}

fn ask(rules: Value, candidate: Value) -> Value {
    json!({"object": "contact", "candidates": [candidate], "rules": rules})
}

#[tokio::test]
async fn every_operator_decides_as_the_contract_says() {
    let (caller, ada, _) = with_contacts().await;
    for (rule, candidate, matches) in [
        ("email:exact", json!({"email": "ada@engines.example"}), true),
        ("email:exact", json!({"email": "Ada@engines.example"}), false),
        ("email:eq", json!({"Email": " ADA@Engines.example "}), true),
        ("company:eq", json!({"company_name": "ENGINES LIMITED"}), true),
        ("name:eq", json!({"first_name": "Ada", "last_name": "Byron"}), true),
        ("name:eq", json!({"name": "Dr. Byron, Ada"}), true),
        ("phone:eq", json!({"phone": "+44 20 7946 0000"}), true),
        ("domain:contains", json!({"website": "https://www.engines.example/x"}), true),
        ("name:fuzzy0.85", json!({"name": "Ada Biron"}), true),
        ("name:fuzzy0.99", json!({"name": "Ada Biron"}), false),
        ("name_company:fuzzy0.8", json!({"name": "Ada Byron", "company": "Engines"}), true),
        ("email:eq", json!({"email": ""}), false),
        ("email:eq", json!({"email": null}), false),
        ("nonsense:eq", json!({"nonsense": "x"}), false),
    ] {
        let body = ask(json!({"mode": "simple", "rules": [rule]}), candidate.clone());
        let answer = caller.ask("/v1/match", &body).await;
        let found = answer["results"][0]["matches"].as_array().unwrap();
        let hit = found.iter().find(|hit| hit["sf_id"] == ada["id"]);
        assert_eq!(hit.is_some(), matches, "{rule} {candidate} {answer}");
        if let Some(hit) = hit {
            assert_eq!(hit["matched_rules"], json!([rule]));
            assert!((0.0..=1.0).contains(&hit["confidence"].as_f64().unwrap()));
            assert!(!hit["explanation"].as_str().unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn all_rules_must_hold_and_the_most_confident_comes_first() {
    let (caller, ada, other) = with_contacts().await;
    let candidate =
        json!({"id": 7, "name": "Ada Byron", "company": "Engines", "email": "ada@engines.example"});
    let fuzzy = json!({"mode": "simple", "rules": ["name:fuzzy0.8", "company:eq"]});
    let answer = caller.ask("/v1/match", &ask(fuzzy, candidate.clone())).await;
    let result = &answer["results"][0];
    assert_eq!((&result["candidate_index"], &result["candidate_id"]), (&json!(0), &json!("7")));
    let ids: Vec<&Value> =
        result["matches"].as_array().unwrap().iter().map(|hit| &hit["sf_id"]).collect();
    assert_eq!(ids, [&ada["id"], &other["id"]], "{answer}");
    let both = json!({"mode": "simple", "rules": ["name:fuzzy0.8", "email:eq"]});
    let answer = caller.ask("/v1/match", &ask(both, candidate)).await;
    assert_eq!(answer["results"][0]["matches"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn groups_are_enough_alone_or_needed_together() {
    let (caller, _, _) = with_contacts().await;
    let candidate = json!({"email": "ada@engines.example", "name": "Somebody Else"});
    let groups = json!([{"all": ["email:eq"]}, {"all": ["name:fuzzy0.9", "company:fuzzy0.85"]}]);
    for (any, threshold, expected) in [(true, 0.8, 1), (false, 0.8, 0), (true, 0.99, 0)] {
        let rules =
            json!({"mode": "grouped", "groups": groups, "any": any, "threshold": threshold});
        let answer = caller.ask("/v1/match", &ask(rules, candidate.clone())).await;
        let found = answer["results"][0]["matches"].as_array().unwrap().len();
        assert_eq!(found, expected, "{any} {threshold}");
        assert_eq!(answer["credits_consumed"], 2);
    }
}

#[tokio::test]
async fn a_candidate_costs_by_mode_and_the_ai_mode_says_who_decided() {
    let (caller, ada, _) = with_contacts().await;
    for (rules, price) in [
        (json!({"mode": "simple", "rules": ["email:eq"]}), 1),
        (json!({"mode": "grouped", "groups": [{"all": ["email:eq"]}]}), 2),
        (json!({"mode": "ai"}), 5),
    ] {
        let mut body = ask(
            rules,
            json!({
                "email": "ada@engines.example", "name": "Ada Byron", "phone": "+442079460000",
            }),
        );
        let candidates = body["candidates"].as_array_mut().unwrap();
        candidates.push(json!({"email": "nobody@nowhere.example"}));
        let answer = caller.ask("/v1/match", &body).await;
        assert_eq!(answer["credits_consumed"], 2 * price);
        assert_eq!(answer["results"][0]["matches"][0]["sf_id"], ada["id"], "{answer}");
        assert_eq!(answer["results"][1]["matches"], json!([]));
        body["max_credits"] = (2 * price - 1).into();
        assert_eq!(caller.post("/v1/match", &body).await.status(), 402);
        if body["rules"]["mode"] == "ai" {
            assert!(answer["decided_by"].as_str().unwrap().contains("without a language model"));
        }
    }
}

#[tokio::test]
async fn accounts_and_leads_are_matched_too() {
    let caller = Caller::start(lifted()).await;
    for (object, table, rule, field) in
        [("account", "accounts", "company:eq", "name"), ("lead", "leads", "email:eq", "email")]
    {
        let records = caller.crm(table).await;
        let one = records.iter().find(|record| record[field].is_string()).unwrap();
        let body = json!({
            "object": object, "candidates": [{"company": one["name"], "email": one["email"]}],
            "rules": {"mode": "simple", "rules": [rule]}, "context": {"org_id": "00D"},
        });
        let answer = caller.ask("/v1/match", &body).await;
        let found = answer["results"][0]["matches"].as_array().unwrap();
        assert!(found.iter().any(|hit| hit["sf_id"] == one["id"]), "{answer}");
    }
}
