//! Every call as its Rust type, sent by the client and received by the server.

use arrow::array::AsArray;
use chrono::{TimeDelta, Utc};
use lantern::{
    Client, ClientConfig, Error,
    api::{
        Metered,
        agents::{AgentType, Effort},
        enrich::{
            Ask, AskOptions, EnrichCompany, EnrichEmail, EnrichPerson, EnrichPhone, Research,
        },
        forms::SubmitForm,
        logs::{GetRetention, LogFormat, LogStats, RoutingLogs, SetRetention},
        matching::{Match, MatchObject},
        routing::{Assign, DeletePool, ListPools, PutPool, RoutedObject},
        rules::{FieldRule, MatchRules},
        salesforce::{Convert, MergePolicy, OnAccountMatch, OnContactMatch},
        triggers::{SalesforceObject, SalesforceTrigger, TriggerEvent},
        workflows::TriggerWorkflow,
    },
    client::RateLimits,
    reports::routing_log,
};
use serde_json::{Map, json};

use crate::server::common::{Caller, lifted, rows};

fn client(caller: &Caller) -> Client {
    let mut config =
        ClientConfig::resolve(Some(caller.server.key()), Some(&caller.server.url()), false)
            .unwrap();
    config.limits = RateLimits::LIFTED;
    Client::new(config).unwrap()
}

#[tokio::test]
async fn every_call_is_sent_and_its_answer_read() {
    let caller = Caller::start(lifted()).await;
    let client = client(&caller);
    let people = rows(&caller.server.people());
    let one = people
        .iter()
        .find(|one| !one["email"].is_empty() && !one["phone_number"].is_empty())
        .unwrap();
    let own = |field: &str| one[field].clone();
    let some = |field: &str| Some(one[field].clone());

    let phone = EnrichPhone {
        record_id: "1".into(),
        first_name: some("first_name"),
        last_name: some("last_name"),
        company: some("company_name"),
        domain: some("company_url"),
        ..EnrichPhone::default()
    };
    let answer = client.call(&phone).await.unwrap();
    assert_eq!(answer.value.phone_number, some("phone_number"));
    assert_eq!(answer.value.metering().credits_consumed, Some(5.0));
    assert_eq!(answer.credits_remaining, answer.value.metering().credits_remaining);
    assert!(answer.request_id.is_some());

    let email = EnrichEmail {
        record_id: "1".into(),
        first_name: own("first_name"),
        last_name: own("last_name"),
        company: own("company_name"),
        ..EnrichEmail::default()
    };
    assert_eq!(client.call(&email).await.unwrap().value.email, some("email"));
    let person = EnrichPerson {
        record_id: "1".into(),
        first_name: own("first_name"),
        last_name: own("last_name"),
        company_domain: own("company_url"),
        effort: Some(Effort::High),
        ..EnrichPerson::default()
    };
    let found = client.call(&person).await.unwrap().value.person.unwrap();
    assert_eq!(found.email, some("email"));
    let company = EnrichCompany {
        record_id: "1".into(),
        domain: some("company_url"),
        ..EnrichCompany::default()
    };
    assert!(client.call(&company).await.unwrap().value.company.unwrap().hq.is_some());
    let ask = Ask {
        query: own("email"),
        options: Some(AskOptions { format_json: true }),
        ..Ask::default()
    };
    let answer = client.call(&ask).await.unwrap().value;
    assert_eq!(answer.response["subjects"][0]["id"], one["id"]);
    for agent_type in AgentType::ALL {
        let research =
            Research { query: own("email"), agent_type: Some(*agent_type), ..Research::default() };
        let used = client.call(&research).await.unwrap().value.agent_used;
        assert_eq!(used.as_deref(), Some(agent_type.name()));
    }

    let crm = caller.server.crm("contacts").unwrap();
    let address = crm.column_by_name("email").unwrap().as_string::<i32>();
    let address = address.iter().flatten().next().unwrap();
    for object in MatchObject::ALL {
        let call = Match {
            object: *object,
            candidates: vec![Map::from_iter([("email".to_owned(), json!(address))])],
            rules: MatchRules::simple([FieldRule::eq("email").unwrap()]).with_threshold(0.8),
            context: None,
            max_credits: Some(1),
        };
        let matched = client.call(&call).await.unwrap().value;
        assert_eq!(matched.results.len(), 1);
        if *object == MatchObject::Contact {
            assert_eq!(matched.results[0].matches[0].matched_rules, ["email:eq"]);
        }
    }
}

#[tokio::test]
async fn what_changes_the_crm_is_sent_and_logged() {
    let caller = Caller::start(lifted()).await;
    let client = client(&caller);
    let ids = |objects: &str| -> Vec<String> {
        let records = caller.server.crm(objects).unwrap();
        let ids = records.column_by_name("id").unwrap().as_string::<i32>();
        ids.iter().flatten().map(str::to_owned).collect()
    };
    let (users, leads) = (ids("users"), ids("leads"));
    let put = PutPool { pool: "a b/c".into(), users: users[..2].to_vec() };
    assert_eq!(client.call(&put).await.unwrap().value.users.len(), 2);
    assert_eq!(client.call(&ListPools {}).await.unwrap().value.pools.len(), 4);
    for (object, table) in [
        (RoutedObject::Lead, "leads"),
        (RoutedObject::Contact, "contacts"),
        (RoutedObject::Opportunity, "opportunities"),
        (RoutedObject::Account, "accounts"),
    ] {
        let call = Assign {
            object,
            sf_id: ids(table)[0].clone(),
            pool: "a b/c".into(),
            exclude_inactive: true,
            reset_rules: None,
        };
        assert_eq!(client.call(&call).await.unwrap().value.pool_size, Some(2.0));
    }
    let delete = DeletePool { pool: "a b/c".into() };
    assert_eq!(client.call(&delete).await.unwrap().value.deleted, Some(true));

    let convert = Convert {
        lead_sf_id: leads[1].clone(),
        merge_policy: Some(MergePolicy {
            on_contact_match: Some(OnContactMatch::CreateSeparateContact),
            on_account_match: Some(OnAccountMatch::CreateSeparateAccount),
        }),
        ..Convert::default()
    };
    assert_eq!(client.call(&convert).await.unwrap().value.status.as_deref(), Some("converted"));
    for event in TriggerEvent::ALL {
        let call = SalesforceTrigger {
            object: SalesforceObject::Lead,
            ids: leads[2..4].to_vec(),
            event: *event,
            org_id: "00D".into(),
        };
        assert_eq!(client.call(&call).await.unwrap().value.processed_count, Some(2.0));
    }
    let trigger = TriggerWorkflow {
        workflow_id: "default".into(),
        record_data: Map::from_iter([("email".to_owned(), json!("a@b.example"))]),
        ..TriggerWorkflow::default()
    };
    let answer = client.call(&trigger).await.unwrap();
    assert_eq!(answer.value.request_id, answer.request_id);
    let missing = TriggerWorkflow { workflow_id: "a/../b".into(), ..trigger };
    assert!(matches!(client.call(&missing).await.unwrap_err(), Error::NotFound { .. }));
    let form = SubmitForm { email: "ada@navy.example".into(), ..SubmitForm::default() };
    assert_eq!(client.call(&form).await.unwrap().value.gdpr_safe, Some(false));

    let (from, to) = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::hours(1));
    let stats = LogStats { from, to, pool: None, object: None, action: None };
    let counts = client.call(&stats).await.unwrap().value;
    assert_eq!((counts.by_action["assign"], counts.by_action["convert"]), (4, 1));
    let mut tables = Vec::new();
    for format in LogFormat::ALL {
        let call = RoutingLogs {
            from,
            to,
            pool: None,
            object: None,
            action: None,
            format: Some(*format),
            include_diff: None,
            limit: None,
        };
        let entries = routing_log::read(&client, &call).await.unwrap();
        assert_eq!(entries.len() as u64, counts.total);
        tables.push(routing_log::table(&entries).unwrap());
    }
    assert_eq!(tables[0], tables[1]);
    assert_eq!(client.call(&SetRetention { days: 7 }).await.unwrap().value.days, Some(7));
    assert_eq!(client.call(&GetRetention {}).await.unwrap().value.days, Some(7));
}
