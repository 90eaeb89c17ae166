//! Every word and example of the contract, as Rust types sent by the client.

use lantern::{
    Client, ClientConfig,
    api::{
        agents::{
            AgentType, BatchKind, ContactBatch, DeepResearchBatch, Effort, EntityType, RunStatus,
        },
        credits::{CreditsRemaining, CreditsUsage},
        enrich::{Ask, AskOptions, EnrichCompany, EnrichPerson, Research},
        forms::SubmitForm,
        logs::{LogAction, LogFormat, RoutingLogs},
        matching::{Match, MatchObject},
        routing::{Assign, ResetRules, RoutedObject},
        rules::{FieldRule, MatchRules},
        salesforce::{Convert, MatchBy, MatchPolicy, MergePolicy, OnAccountMatch, OnContactMatch},
        triggers::{SalesforceObject, SalesforceTrigger, TriggerEvent},
        workflows::TriggerWorkflow,
    },
    client::RateLimits,
};
use serde_json::{Map, Value, json};

use crate::server::common::{Caller, lifted, rows};

fn client(caller: &Caller) -> Client {
    let (key, url) = (caller.server.key(), caller.server.url());
    let mut config = ClientConfig::resolve(Some(key), Some(&url), false).unwrap();
    config.limits = RateLimits::LIFTED;
    Client::new(config).unwrap()
}

fn ids(caller: &Caller, objects: &str) -> Vec<String> {
    rows(&caller.server.crm(objects).unwrap()).iter().map(|row| row["id"].clone()).collect()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn every_effort_and_agent_is_taken_and_priced() {
    let caller = Caller::start(lifted()).await;
    let client = client(&caller);
    let person = &rows(&caller.server.people())[0];
    let company = &rows(&caller.server.companies())[0];
    for (at, effort) in Effort::ALL.iter().enumerate() {
        let call = EnrichCompany {
            record_id: format!("c{at}"),
            company_name: Some(company["name"].clone()),
            country: Some(company["country"].clone()),
            external_ids: Some([("sf_account_id".to_owned(), "001".to_owned())].into()),
            effort: Some(*effort),
            max_credits: Some(1),
            ..EnrichCompany::default()
        };
        let found = client.call(&call).await.unwrap().value;
        assert_eq!(found.metering.credits_consumed, Some(1.0));
        let call = EnrichPerson {
            record_id: format!("p{at}"),
            first_name: person["first_name"].clone(),
            last_name: person["last_name"].clone(),
            company_domain: person["company_url"].clone(),
            effort: Some(*effort),
            ..EnrichPerson::default()
        };
        assert!(client.call(&call).await.unwrap().value.person.is_some());
        let query = format!("Who is {}?", company["domain"]);
        for format_json in [false, true] {
            let call = Ask {
                query: query.clone(),
                options: Some(AskOptions { format_json }),
                effort: Some(*effort),
                max_credits: None,
            };
            let told = client.call(&call).await.unwrap().value;
            assert_eq!(told.response.is_object(), format_json);
            assert_eq!(told.metering.credits_consumed, Some([1.0, 2.0, 4.0][at]));
        }
    }
    for agent in AgentType::ALL {
        let call = Research {
            query: format!("Who is {}?", company["domain"]),
            agent_type: Some(*agent),
            ..Research::default()
        };
        let told = client.call(&call).await.unwrap().value;
        assert_eq!(told.agent_used.as_deref(), Some(agent.name()));
        assert_eq!(told.metering.credits_consumed, Some(5.0));
    }
}

#[tokio::test]
async fn every_kind_of_rule_in_every_mode_is_taken() {
    let caller = Caller::start(lifted()).await;
    let client = client(&caller);
    let rule = |text: &str| text.parse::<FieldRule>().unwrap();
    for (rules, price) in [
        (MatchRules::simple([rule("email:exact")]), 1.0),
        (
            MatchRules::simple([rule("email:eq"), rule("company:fuzzy0.85")]).with_threshold(0.8),
            1.0,
        ),
        (MatchRules::simple([rule("company:contains")]), 1.0),
        (MatchRules::simple([rule("name_company:fuzzy0.8")]), 1.0),
        (
            MatchRules::any_of([
                vec![rule("email:eq")],
                vec![rule("name:fuzzy0.9"), rule("company:fuzzy0.85")],
            ]),
            2.0,
        ),
        (MatchRules::Ai { threshold: Some(0.8), instructions: Some("optional text".into()) }, 5.0),
    ] {
        for of in MatchObject::ALL {
            let kind = format!("{}s", of.name());
            let record = object(caller.crm(&kind).await[0].clone());
            let call = Match {
                object: *of,
                candidates: vec![record],
                rules: rules.clone(),
                context: Some(object(json!({"instance": "x", "org_id": "00D"}))),
                max_credits: Some(10),
            };
            let found = client.call(&call).await.unwrap().value;
            assert_eq!(found.metering.credits_consumed, Some(price), "{rules:?}");
            assert_eq!(found.extra["mode"], rules.mode());
        }
    }
    assert!("company:fuzzy1.2".parse::<FieldRule>().is_err());
}

#[tokio::test]
async fn every_policy_object_and_event_is_taken() {
    let caller = Caller::start(lifted()).await;
    let client = client(&caller);
    let leads = ids(&caller, "leads");
    let mut lead = leads.iter();
    for on_contact in OnContactMatch::ALL {
        for on_account in OnAccountMatch::ALL {
            let by =
                |text: &str| MatchBy { by: vec![text.parse().unwrap()], create_if_no_match: true };
            let call = Convert {
                lead_sf_id: lead.next().unwrap().clone(),
                match_policy: Some(MatchPolicy {
                    contact: Some(by("email:eq")),
                    account: Some(by("company:fuzzy0.9")),
                }),
                merge_policy: Some(MergePolicy {
                    on_contact_match: Some(*on_contact),
                    on_account_match: Some(*on_account),
                }),
                set_owner_round_robin_pool: Some("default".into()),
                logs: None,
            };
            let done = client.call(&call).await.unwrap().value;
            assert_eq!(done.status.as_deref(), Some("converted"), "{on_contact} {on_account}");
        }
    }
    for of in RoutedObject::ALL {
        let kind = if *of == RoutedObject::Opportunity {
            "opportunities".to_owned()
        } else {
            format!("{}s", of.name())
        };
        let sf_id = ids(&caller, &kind).pop().unwrap();
        for reason in [None, Some("bad_fit"), Some("user_request")] {
            let call = Assign {
                object: *of,
                sf_id: sf_id.clone(),
                pool: "default".into(),
                exclude_inactive: true,
                reset_rules: reason
                    .map(|reason| ResetRules { reason: reason.into(), place_user_at_top: None }),
            };
            let done = client.call(&call).await.unwrap().value;
            let price = if reason.is_some() { 2.0 } else { 1.0 };
            assert_eq!(done.metering.credits_consumed, Some(price));
        }
    }
    for of in SalesforceObject::ALL {
        let kind = if *of == SalesforceObject::Opportunity {
            "opportunities".to_owned()
        } else {
            format!("{}s", of.name().to_lowercase())
        };
        for event in TriggerEvent::ALL {
            let call = SalesforceTrigger {
                object: *of,
                ids: vec![ids(&caller, &kind).pop().unwrap()],
                event: *event,
                org_id: "00D".into(),
            };
            let done = client.call(&call).await.unwrap().value;
            assert_eq!(done.processed_count, Some(1.0), "{of} {event}");
        }
        for action in LogAction::ALL {
            for format in LogFormat::ALL {
                for include_diff in [true, false] {
                    let call = RoutingLogs {
                        from: "2026-01-01T00:00:00Z".parse().unwrap(),
                        to: "2100-01-01T00:00:00Z".parse().unwrap(),
                        pool: None,
                        object: Some(*of),
                        action: Some(*action),
                        format: Some(*format),
                        include_diff: Some(include_diff),
                        limit: Some(10_000),
                    };
                    let log = client.call(&call).await.unwrap().value;
                    for entry in log.entries {
                        assert_eq!(entry.object.as_deref(), Some(of.name()));
                        assert_eq!(entry.action.as_deref(), Some(action.name()));
                        assert!(include_diff || entry.diff.is_none());
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn every_batch_workflow_form_and_credit_call_is_taken() {
    let caller = Caller::start(lifted()).await;
    let client = client(&caller);
    for kind in [BatchKind::Phone, BatchKind::Email, BatchKind::PhoneEmail] {
        for records in [false, true] {
            let record = object(json!({"email": "a@b.example"}));
            let call = ContactBatch {
                kind,
                ids: (!records).then(|| vec!["P0000001".into()]),
                records: records.then(|| vec![record]),
                entity_type: EntityType::Person,
                max_credits: 6,
            };
            let run = client.call(&call).await.unwrap().value;
            assert!(run.result_path.starts_with("s3://"));
            let status = RunStatus { run_id: run.run_id.to_string() };
            let status = client.call(&status).await.unwrap().value;
            assert!(["queued", "completed"].contains(&status.status.as_str()));
        }
    }
    for entity_type in EntityType::ALL {
        for agent_type in AgentType::ALL {
            let call = DeepResearchBatch {
                ids: vec!["P0000001".into(), "C000001".into()],
                entity_type: *entity_type,
                query_hint: "funding".into(),
                effort: Effort::Medium,
                agent_type: *agent_type,
                max_credits: 20,
            };
            client.call(&call).await.unwrap();
        }
    }
    for source in ["eloqua", "cdp", "data_lake"] {
        let call = TriggerWorkflow {
            workflow_id: "default".into(),
            record_data: object(json!({"email": "a@b.example", "custom": {"deep": [1, null]}})),
            source_system: Some(source.into()),
            enrichment_preferences: Some(object(json!({"enrich": false}))),
        };
        let done = client.call(&call).await.unwrap().value;
        assert_eq!(done.status.as_deref(), Some("triggered"));
        assert_eq!(done.metering.credits_consumed, Some(1.0));
    }
    for (push, status) in [(json!({}), "enriched"), (json!({"push_to": "salesforce"}), "pushed")] {
        let call = SubmitForm {
            name: Some("Ada Byron".into()),
            email: "ada@navy.example".into(),
            company: Some("Navy".into()),
            phone: Some("+44 20 7946 0958".into()),
            title: Some("Analyst".into()),
            additional_fields: Some(object(json!({"consent": true}))),
            form_source: Some("web".into()),
            enrichment_preferences: Some(object(json!({"enrich": true}))),
            output_preferences: Some(object(push)),
        };
        let done = client.call(&call).await.unwrap().value;
        assert_eq!((done.status.as_deref(), done.gdpr_safe), (Some(status), Some(true)));
    }
    let usage = CreditsUsage {
        start_date: "2026-01-01T00:00:00Z".parse().unwrap(),
        end_date: "2100-01-01T00:00:00Z".parse().unwrap(),
        workflow_id: Some("default".into()),
        workflow_run_id: None,
        custom_key: None,
        custom_value: None,
    };
    assert_eq!(client.call(&usage).await.unwrap().value.credits_used, 3.0);
    let left = client.call(&CreditsRemaining {}).await.unwrap().value;
    assert!(left.remaining_credits < left.total_credits.unwrap());
}
