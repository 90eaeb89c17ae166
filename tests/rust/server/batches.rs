//! Batches from submission to result file.

use lantern_server::{DirectorySource, ServerConfig};
use serde_json::json;

use crate::server::common::{Caller, lifted, rows, six_people};

fn small() -> ServerConfig {
    ServerConfig { people: DirectorySource::Path(six_people()), ..lifted() }
}

#[tokio::test]
async fn a_phone_email_batch_is_worked_and_its_result_read_by_s3() {
    let caller = Caller::start(small()).await;
    let run = caller.submit_ids("phone-email", &["1", "2", "3", "4"], 100).await;
    let run_id = run["run_id"].as_str().unwrap();
    // The keys of the reference's examples, with the day on which the batch was received.
    let today = chrono::Utc::now().date_naive();
    let days = [today, today.pred_opt().unwrap()].map(|day| day.to_string());
    assert!(
        days.iter().any(|day| {
            let in_bucket = "s3://lantern-results/person/phone-email-enrichment";
            run["result_path"] == format!("{in_bucket}-batch_{day}_{run_id}.csv")
                && run["credits_csv_path"] == format!("{in_bucket}/{day}/{run_id}_credits.csv")
        }),
        "{run}"
    );
    let results = caller.results(&run).await;
    assert_eq!(
        results.header.join(","),
        "company_name,company_url,first_name,id,last_name,linkedin,email,email_found,\
         phone_number,phone_found"
    );
    assert_eq!(results.column("id"), ["1", "2", "3", "4"]);
    assert_eq!(results.column("email"), ["ada@engines.co.uk", "grace@navy.us", "", ""]);
    assert_eq!(results.column("email_found"), ["true", "true", "false", "false"]);
    assert_eq!(results.column("phone_number"), ["+447710000001", "", "+4915100000003", ""]);
    assert_eq!(results.column("phone_found"), ["true", "false", "true", "false"]);
    assert_eq!(results.column("company_name")[3], "Machines, \"Universal\" Ltd");
    // Bare domains, although the directory contains URLs.
    assert_eq!(
        results.column("company_url"),
        ["engines.co.uk", "navy.us", "zuse.de", "machines.uk"]
    );
    assert_eq!(results.column("linkedin"), ["ada-byron", "grace-hopper", "konrad-zuse", ""]);
    assert_eq!(caller.server.credits_used(), 12.0);
    let report = caller.credit_report(&run).await;
    assert_eq!(
        report.rows,
        [
            ["1", "email", "1", "found"],
            ["1", "phone", "5", "found"],
            ["2", "email", "1", "found"],
            ["3", "phone", "5", "found"],
            ["4", "phone-email", "0", "not_found"],
        ]
    );
}

#[tokio::test]
async fn a_batch_stops_at_the_row_that_costs_more_than_is_left() {
    let caller = Caller::start(small()).await;
    let run = caller.submit_ids("phone-email", &["2", "1", "2", "3", "4"], 6).await;
    // 1 is spent on the first row; the second costs 6, and 5 are left.
    let results = caller.results(&run).await;
    assert_eq!(results.column("id"), ["2"]);
    let report = caller.credit_report(&run).await;
    assert_eq!(report.column("status"), ["found", "stopped", "stopped", "stopped", "stopped"]);
    assert_eq!(caller.server.credits_used(), 1.0);
}

#[tokio::test]
async fn unknown_empty_and_repeated_ids_have_no_row_of_their_own() {
    let caller = Caller::start(small()).await;
    let ids = ["1", "", "  ", "nobody", "1", "3", "\u{0}", "../../etc/passwd"];
    let run = caller.submit("phone", &json!({"ids": ids, "max_credits": 50})).await;
    let results = caller.results(&run).await;
    assert_eq!(results.column("id"), ["1", "3"]);
    assert_eq!(
        results.header.join(","),
        "id,first_name,last_name,company_name,company_url,linkedin,phone_number,phone_found"
    );
    assert_eq!(caller.server.credits_used(), 10.0);
    let report = caller.credit_report(&run).await;
    assert_eq!(report.column("status").iter().filter(|&&word| word == "skipped").count(), 6);
}

#[tokio::test]
async fn ids_that_would_break_sql_or_csv_are_ids() {
    let caller = Caller::start(small()).await;
    let strange = ["x'; DROP TABLE runs; --", "=1+1,\"q\""];
    let run = caller.submit_ids("email", &strange, 10).await;
    let results = caller.results(&run).await;
    assert_eq!(results.column("id"), strange);
    assert_eq!(results.column("email"), ["bobby@school.example", "f@cells.example"]);
    assert_eq!(caller.runs().len(), 1);
    // An unknown id is quoted in the report, also if a spreadsheet would take it for a formula.
    let run = caller.submit_ids("email", &["=HYPERLINK(\"x\")", "' OR 1=1 --", "a\nb"], 10).await;
    assert_eq!(caller.results(&run).await.rows.len(), 0);
    let report = caller.credit_report(&run).await;
    assert_eq!(report.column("id"), ["'=HYPERLINK(\"x\")", "' OR 1=1 --", "a\nb"]);
}

#[tokio::test]
async fn records_are_looked_up_by_what_they_say() {
    let caller = Caller::start(small()).await;
    let run = caller
        .submit(
            "phone-email",
            &json!({"max_credits": 100, "records": [
                {"id": "1"},
                {"id": 2},
                {"first_name": "konrad", "last_name": "ZUSE", "company": "Zuse"},
                {"id": "mine", "first_name": "Alan", "last_name": "Turing", "company": "machines.uk"},
                {"record_id": "x", "email": "Bobby@School.example"},
                {"id": "new", "first_name": "No", "last_name": "Body", "company": "Nowhere"},
                {"first_name": "Ada"},
                {"linkedin": "https://www.linkedin.com/in/ada-byron/"},
                {},
            ]}),
        )
        .await;
    let results = caller.results(&run).await;
    // Ada occurs once, by her id; two records have too few fields.
    assert_eq!(results.column("id"), ["1", "2", "3", "mine", "x", "new"]);
    assert_eq!(
        results.column("last_name"),
        ["Byron", "Hopper", "Zuse", "Turing", "Tables", "Body"]
    );
    assert_eq!(results.column("phone_found"), ["true", "false", "true", "false", "true", "false"]);
    assert_eq!(caller.server.credits_used(), 6.0 + 1.0 + 5.0 + 6.0);
}

#[tokio::test]
async fn a_directory_brought_as_a_table_is_looked_up() {
    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;
    let columns: [(&str, ArrayRef); 2] = [
        ("id", Arc::new(Int64Array::from(vec![70, 71]))),
        ("email", Arc::new(StringArray::from(vec!["a@b.example", "c@d.example"]))),
    ];
    let table = RecordBatch::try_from_iter(columns).unwrap();
    let people = DirectorySource::Table(vec![table]);
    let caller = Caller::start(ServerConfig { people, ..lifted() }).await;
    let run = caller.submit_ids("email", &["71"], 10).await;
    assert_eq!(caller.results(&run).await.column("email"), ["c@d.example"]);
}

#[tokio::test]
async fn prices_are_what_they_are_set_to() {
    let mut config = small();
    config.prices.email = 3;
    config.prices.phone = 0;
    let caller = Caller::start(config).await;
    let run = caller.submit_ids("phone-email", &["1", "2"], 5).await;
    assert_eq!(caller.results(&run).await.column("id"), ["1"]);
    assert_eq!(caller.server.credits_used(), 3.0);
}

#[tokio::test]
async fn a_hundred_submits_at_once_are_each_accepted_once_and_charged_exactly() {
    let config = ServerConfig { people: DirectorySource::default(), ..lifted() };
    let caller = std::sync::Arc::new(Caller::start(config).await);
    let people = crate::server::common::rows(&caller.server.people());
    let price = |row: &std::collections::HashMap<String, String>| {
        u64::from(!row["email"].is_empty()) + 5 * u64::from(!row["phone_number"].is_empty())
    };
    let expected: u64 = people.iter().take(5_000).map(price).sum();
    let tasks: Vec<_> = people
        .chunks(50)
        .take(100)
        .map(|chunk| chunk.iter().map(|row| row["id"].clone()).collect::<Vec<_>>())
        .map(|ids| {
            let caller = caller.clone();
            tokio::spawn(async move {
                caller.submit("phone-email", &json!({"ids": ids, "max_credits": 1000})).await
            })
        })
        .collect();
    let mut runs = std::collections::HashSet::new();
    for task in tasks {
        runs.insert(task.await.unwrap()["run_id"].as_str().unwrap().to_owned());
    }
    caller.server.idle().await;
    assert_eq!(runs.len(), 100);
    assert_eq!(caller.server.credits_used(), expected as f64);
    let known = caller.runs();
    assert_eq!(known.len(), 100);
    assert!(known.iter().all(|run| run["status"] == "completed" && run["ids"] == "50"));
    let sum: u64 = known.iter().map(|run| run["credits"].parse::<u64>().unwrap()).sum();
    assert_eq!(sum, expected);
}

#[tokio::test]
async fn an_idempotency_key_is_noted_and_changes_nothing() {
    let caller = Caller::start(small()).await;
    for _ in 0..2 {
        let response = caller
            .request(reqwest::Method::POST, "/v1/agents/email")
            .header("Idempotency-Key", "job-1/batch-1")
            .json(&json!({"ids": ["1"], "max_credits": 1}))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
    }
    caller.server.idle().await;
    let runs = caller.runs();
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|run| run["idempotency_key"] == "job-1/batch-1"));
    assert_eq!(caller.server.credits_used(), 2.0);
}

#[tokio::test]
async fn people_join_companies_on_what_a_result_says() {
    let caller = Caller::start(lifted()).await;
    let ids: Vec<String> = (1..=50).map(|number| format!("P{number:07}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let run = caller.submit_ids("email", &ids, 50).await;
    let results = caller.results(&run).await;
    let companies = rows(&caller.server.companies());
    let domains: std::collections::HashSet<&str> =
        companies.iter().map(|company| company["domain"].as_str()).collect();
    let urls: Vec<&str> =
        results.column("company_url").into_iter().filter(|url| !url.is_empty()).collect();
    assert!(urls.len() > 40);
    assert!(urls.iter().all(|url| domains.contains(url)), "{urls:?}");
    let people = rows(&caller.server.people());
    assert!(people.iter().all(|person| !person["company_url"].contains('/')));
}
