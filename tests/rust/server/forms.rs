//! `POST /v1/forms/submit`.

use lantern_server::{DirectorySource, ServerConfig};
use serde_json::{Value, json};

use crate::server::common::{Caller, lifted, six_people};

const PATH: &str = "/v1/forms/submit";

async fn six() -> Caller {
    let people = DirectorySource::Path(six_people());
    Caller::start(ServerConfig { people, ..lifted() }).await
}

#[tokio::test]
async fn a_form_is_enriched_where_the_person_agreed() {
    let caller = six().await;
    let body = json!({
        "name": "Ada Byron", "email": "ada@engines.co.uk", "company": "Engines Ltd",
        "phone": "020 7946 0018", "title": "Reader", "form_source": "pricing",
        "additional_fields": {"country": "United Kingdom", "consent": true},
    });
    let answer = caller.ask(PATH, &body).await;
    assert_eq!((&answer["status"], &answer["gdpr_safe"]), (&json!("enriched"), &json!(true)));
    let lead = &answer["enriched_lead"];
    assert_eq!(lead["phone"], "+442079460018");
    // Typed values are kept, and missing ones are filled in.
    assert_eq!((&lead["title"], &lead["linkedin"]), (&json!("Reader"), &json!("ada-byron")));
    assert_eq!(lead["company_details"]["name"], "Engines Ltd");
    assert_eq!(answer["credits_consumed"], 3);
    assert_eq!(answer["push_status"], Value::Null);
    assert!(answer["processing_time_ms"].as_u64().unwrap() < 5000);
}

#[tokio::test]
async fn without_consent_nothing_is_looked_up_about_a_person_of_the_gdpr() {
    let caller = six().await;
    for (more, safe) in [
        (json!({"country": "DE"}), false),
        (json!({"country": "DE", "consent": false}), false),
        (json!({"country": "DE", "consent": "yes"}), true),
        (json!({"country": "US"}), true),
        // The person's country is unknown.
        (json!({}), false),
    ] {
        let body =
            json!({"name": "Ada Byron", "email": "ada@engines.co.uk", "additional_fields": more});
        let answer = caller.ask(PATH, &body).await;
        assert_eq!(answer["gdpr_safe"], safe, "{more}");
        assert_eq!(answer["enriched_lead"]["linkedin"].is_string(), safe, "{answer}");
        assert_eq!(answer["enriched_lead"]["company_details"]["domain"], "engines.co.uk");
    }
}

#[tokio::test]
async fn addresses_and_numbers_are_checked() {
    let caller = six().await;
    for (field, value) in [
        ("email", "ada@"),
        ("email", "ada@nodot@x.example"),
        ("email", "ada@mailinator.com"),
        ("phone", "12345"),
        ("phone", "+1 555"),
    ] {
        let mut body = json!({"email": "ada@engines.co.uk"});
        body[field] = value.into();
        let response = caller.post(PATH, &body).await;
        assert_eq!(response.status(), 422, "{value}");
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["detail"][0]["loc"], json!(["body", field]));
        assert!(!answer.to_string().contains(value), "{answer}");
    }
}

#[tokio::test]
async fn a_form_is_pushed_to_the_crm_once() {
    let caller = six().await;
    let body = json!({
        "name": "Jean Bartik", "email": "jean@navy.us",
        "output_preferences": {"push_to": "salesforce", "return_data": false},
    });
    let answer = caller.ask(PATH, &body).await;
    assert_eq!((&answer["status"], &answer["enriched_lead"]), (&json!("pushed"), &Value::Null));
    let id = answer["push_status"].as_str().unwrap().strip_prefix("created:").unwrap().to_owned();
    let lead = caller.see(&format!("/_local/crm/records/{id}")).await;
    assert_eq!((&lead["last_name"], &lead["company"]), (&json!("Bartik"), &Value::Null));
    let again = json!({
        "name": "J Bartik", "email": "JEAN@navy.us", "company": "Navy Inc.",
        "output_preferences": {"push_to": "salesforce"},
    });
    let answer = caller.ask(PATH, &again).await;
    assert_eq!(answer["push_status"], format!("updated:{id}"));
    let lead = caller.see(&format!("/_local/crm/records/{id}")).await;
    assert_eq!((&lead["first_name"], &lead["company"]), (&json!("Jean"), &json!("Navy Inc.")));
}

#[tokio::test]
async fn a_webhook_that_is_not_there_is_an_honest_failure() {
    let caller = six().await;
    let body = json!({"email": "grace@navy.us", "output_preferences": {"push_to": "webhook"}});
    let answer = caller.ask(PATH, &body).await;
    assert_eq!(answer["status"], "failed");
    assert!(answer["push_status"].as_str().unwrap().contains("no webhook"));
}
