//! Batches from submission to result file.

use lantern::server::{DirectorySource, ServerConfig};
use serde_json::json;

use crate::common::{Caller, lifted, six_people};

fn small() -> ServerConfig {
    ServerConfig { people: DirectorySource::Path(six_people()), ..lifted() }
}

#[tokio::test]
async fn a_phone_email_batch_is_worked_and_its_result_read_by_s3() {
    let caller = Caller::start(small()).await;
    let run = caller.submit_ids("phone-email", &["1", "2", "3", "4"], 100).await;
    let run_id = run["run_id"].as_str().unwrap();
    assert_eq!(
        run["result_path"],
        format!("s3://lantern-results/1/phone-email/{run_id}/results.csv")
    );
    let results = caller.results(&run).await;
    assert_eq!(
        results.header.join(","),
        "id,first_name,last_name,company_name,company_url,linkedin,email,email_found,\
         phone_number,phone_found"
    );
    assert_eq!(results.column("id"), ["1", "2", "3", "4"]);
    assert_eq!(results.column("email"), ["ada@engines.co.uk", "grace@navy.us", "", ""]);
    assert_eq!(results.column("email_found"), ["true", "true", "false", "false"]);
    assert_eq!(results.column("phone_number"), ["+447710000001", "", "+4915100000003", ""]);
    assert_eq!(results.column("phone_found"), ["true", "false", "true", "false"]);
    assert_eq!(results.rows[3][3], "Machines, \"Universal\" Ltd");
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
    // 1 is spent on the first row, the second costs 6 and 5 are left.
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
