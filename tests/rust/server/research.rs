//! Deep research from the directory.

use lantern_server::DirectorySource;
use serde_json::{Value, json};

use crate::server::common::{Caller, lifted, rows, six_people};

#[tokio::test]
async fn companies_are_researched_from_their_facts() {
    let caller = Caller::start(lifted()).await;
    let company = &rows(&caller.server.companies())[41];
    let run = caller
        .submit(
            "deep-research",
            &json!({"ids": ["C000042", "C999999"], "entity_type": "company", "max_credits": 10}),
        )
        .await;
    let results = caller.results(&run).await;
    assert_eq!(
        results.header.join(","),
        "id,entity_type,name,summary,findings,sources,confidence,agent_type"
    );
    assert_eq!(results.column("id"), ["C000042"]);
    assert_eq!(results.column("name"), [company["name"].as_str()]);
    assert!(results.column("summary")[0].contains(&company["city"]));
    let findings: Vec<String> = serde_json::from_str(results.column("findings")[0]).unwrap();
    assert!(findings.contains(&format!("Founded: {}", company["founded"])), "{findings:?}");
    let sources: Value = serde_json::from_str(results.column("sources")[0]).unwrap();
    assert_eq!(sources, json!(["directory:companies/C000042"]));
    assert_eq!(results.column("confidence"), ["1.00"]);
    assert_eq!(caller.server.credits_used(), 10.0);
}

#[tokio::test]
async fn more_effort_finds_more_and_costs_more() {
    let caller = Caller::start(lifted()).await;
    let mut found = Vec::new();
    for (effort, price) in [("low", 5.0), ("medium", 10.0), ("high", 20.0)] {
        let before = caller.server.credits_used();
        let run = caller
            .submit(
                "deep-research",
                &json!({"ids": ["P0000007"], "entity_type": "person", "effort": effort,
                        "max_credits": 50}),
            )
            .await;
        let results = caller.results(&run).await;
        let findings: Vec<String> = serde_json::from_str(results.column("findings")[0]).unwrap();
        found.push(findings.len());
        assert_eq!(caller.server.credits_used() - before, price);
    }
    assert!(found[0] < found[1] && found[1] < found[2], "{found:?}");
}

#[tokio::test]
async fn what_the_directory_does_not_know_is_said_and_lowers_the_confidence() {
    let mut config = lifted();
    config.people = DirectorySource::Path(six_people());
    let caller = Caller::start(config).await;
    let ask = json!({"ids": ["1", "4"], "entity_type": "person", "max_credits": 100,
                     "effort": "low", "agent_type": "funding", "query_hint": "patents in London"});
    let run = caller.submit("deep-research", &ask).await;
    let results = caller.results(&run).await;
    let findings = results.column("findings");
    assert!(findings[0].contains("no funding information"), "{findings:?}");
    assert!(findings[0].contains("nothing about: patents."), "{findings:?}");
    // Alan's record lacks one of six facts, and none of them answers the question.
    assert_eq!(results.column("confidence"), ["0.50", "0.42"]);
}

#[tokio::test]
async fn companies_of_a_brought_directory_come_from_its_people() {
    let mut config = lifted();
    config.people = DirectorySource::Path(six_people());
    let caller = Caller::start(config).await;
    let companies = rows(&caller.server.companies());
    let names: Vec<_> = companies.iter().map(|row| row["name"].as_str()).collect();
    assert_eq!(names[..3], ["Engines Ltd", "Navy Inc.", "Zuse KG"]);
    assert_eq!(companies[0]["domain"], "engines.co.uk");
    let run = caller
        .submit(
            "deep-research",
            &json!({"ids": ["C000003"], "entity_type": "company", "max_credits": 50,
                    "effort": "high"}),
        )
        .await;
    let results = caller.results(&run).await;
    assert!(results.column("findings")[0].contains("People in the directory: 1"));
    assert!(results.column("findings")[0].contains("Owner"));
}
