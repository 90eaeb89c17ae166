//! Answers of every family: the first byte is the family, the second the status.

use http::{HeaderMap, HeaderValue, StatusCode};
use lantern::{
    api::{
        Call,
        agents::{ContactBatch, RunStatus},
        credits::{CreditsRemaining, CreditsUsage},
        enrich::{Ask, EnrichCompany, EnrichEmail, EnrichPerson, EnrichPhone, Research},
        forms::SubmitForm,
        logs::{LogStats, RoutingLogs, SetRetention},
        matching::Match,
        routing::{Assign, ListPools, PutPool},
        salesforce::Convert,
        triggers::SalesforceTrigger,
        workflows::TriggerWorkflow,
    },
    client::{
        answer::Answer,
        response::{Meaning, interpret},
    },
    error::CallContext,
};

use super::{first, readable};

const STATUSES: [u16; 8] = [200, 202, 400, 402, 422, 429, 500, 303];
const SECRET: &str = "sentinel-key";

fn read<C: Call>(answer: Answer) {
    let answer = answer.without(SECRET);
    assert!(!answer.body.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()));
    let mut read = |value| serde_json::from_value::<C::Response>(value).map(drop);
    match interpret(&answer, CallContext::default(), &mut read) {
        Meaning::Value => assert!(answer.status.is_success()),
        Meaning::Throttled { error, .. } => {
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
            readable(&error);
        }
        Meaning::Gateway(error) | Meaning::Broken(error) | Meaning::Refused(error) => {
            readable(&error);
            // What it cost is not below nothing.
            assert!(error.facts().consumed.is_none_or(|credits| credits >= 0.0));
        }
    }
}

pub fn run(bytes: &[u8]) {
    let (family, rest) = first(bytes);
    let (status, body) = first(rest);
    let status = StatusCode::from_u16(STATUSES[usize::from(status) % STATUSES.len()]);
    let mut headers = HeaderMap::new();
    if family & 0x80 != 0 {
        headers.insert("content-type", HeaderValue::from_static("text/csv"));
    }
    let answer = Answer {
        status: status.expect("they are statuses"),
        headers,
        body: body.to_vec().into(),
        cut: family & 0x40 != 0,
    };
    let families: [fn(Answer); 21] = [
        read::<ContactBatch>,
        read::<RunStatus>,
        read::<CreditsRemaining>,
        read::<CreditsUsage>,
        read::<EnrichPhone>,
        read::<EnrichEmail>,
        read::<EnrichCompany>,
        read::<EnrichPerson>,
        read::<Ask>,
        read::<Research>,
        read::<Match>,
        read::<Convert>,
        read::<Assign>,
        read::<SalesforceTrigger>,
        read::<TriggerWorkflow>,
        read::<SubmitForm>,
        read::<RoutingLogs>,
        read::<LogStats>,
        read::<PutPool>,
        read::<ListPools>,
        read::<SetRetention>,
    ];

    families[usize::from(family & 0x3f) % families.len()](answer);
}
