//! The calls that can be made for each row of a table, and the columns of their answers.

use std::{future::Future, pin::Pin};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::candidates;

use crate::{
    Client,
    api::{
        Call, Effect, LimitClass, Metered,
        enrich::{Ask, EnrichCompany, EnrichEmail, EnrichPerson, EnrichPhone, Research},
        forms::SubmitForm,
        matching::Match,
        routing::Assign,
        salesforce::Convert,
        workflows::TriggerWorkflow,
    },
    client::CallOptions,
    error::{Error, Result},
};

/// What a column of answers holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Text,
    Number,
    Integer,
    Flag,
    /// A list or object, as JSON.
    Json,
}

/// What a call answered.
pub(super) struct Answer {
    /// JSON, one text for each row that was sent.
    pub rows: Vec<String>,
    /// What the call says that it cost.
    pub credits: Option<f64>,
}

pub(super) type Sent = Pin<Box<dyn Future<Output = Result<Answer>> + Send>>;

/// A call that can be made for each row.
pub struct Kind {
    /// `enrich.company` and the like.
    pub name: &'static str,
    pub class: LimitClass,
    pub effect: Effect,
    /// What one row may cost where nobody says otherwise.
    pub(super) price: u64,
    /// How many rows a call takes, where it takes several.
    pub(super) rows_per_call: Option<usize>,
    /// Whether the API takes a bound for each call.
    pub bounded: bool,
    /// The columns of an answer: name, place in the answer, type.
    pub columns: &'static [(&'static str, &'static str, Type)],
    pub(super) check: fn(&Map<String, Value>) -> Result<()>,
    pub(super) send: fn(Client, Map<String, Value>, CallOptions) -> Sent,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Kind {
    /// # Errors
    /// There is no such call, or none for single records.
    pub fn named(name: &str) -> Result<&'static Self> {
        CALLS.iter().find(|kind| kind.name == name).ok_or_else(|| {
            let names: Vec<&str> = CALLS.iter().map(|kind| kind.name).collect();
            Error::Validation {
                field: Some("call".to_owned()),
                message: format!("there is no call {name:?} to map; use {}", names.join(", ")),
                call: None,
            }
        })
    }

    /// `match`, whose rows are candidates.
    pub(super) fn of_candidates() -> &'static Self {
        &MATCH
    }

    /// Whether a call takes several rows, and what they share.
    pub fn takes_several(&self) -> bool {
        self.rows_per_call.is_some()
    }

    /// What one row may cost: some calls have prices by what all rows share.
    pub(super) fn price(&self, shared: &Map<String, Value>) -> u64 {
        if self.takes_several() { candidates::price(shared) } else { self.price }
    }

    /// The request of a call for some rows.
    pub(super) fn request(
        &self,
        shared: &Map<String, Value>,
        rows: &[&Map<String, Value>],
    ) -> Map<String, Value> {
        match (self.rows_per_call, rows) {
            (None, [row]) => (*row).clone(),
            _ => candidates::request(shared, rows),
        }
    }

    /// Checks a row.
    ///
    /// # Errors
    /// What is missing or of another type.
    pub fn check(&self, shared: &Map<String, Value>, row: &Map<String, Value>) -> Result<()> {
        if self.takes_several() {
            return (self.check)(&self.request(shared, &[row]));
        }
        (self.check)(row)
    }
}

/// A call from the fields of a row.
trait FromRow: Call + Sized {
    fn from_row(request: &Map<String, Value>) -> Result<Self>;
}

pub(super) fn parsed<C: DeserializeOwned>(request: &Map<String, Value>) -> Result<C> {
    serde_path_to_error::deserialize(request).map_err(|error| {
        let place = error.path().to_string();
        let message = error.into_inner().to_string();
        let (field, message) = match message.strip_prefix("missing field `") {
            Some(name) => {
                let name = name.trim_end_matches('`');
                (name.to_owned(), format!("{name} is missing or null, and the call needs it"))
            }
            None => (place.clone(), format!("{place}: {message}")),
        };
        Error::Validation { message, field: Some(field), call: None }
    })
}

macro_rules! from_row {
    ($($call:ty),+) => {
        $(impl FromRow for $call {
            fn from_row(request: &Map<String, Value>) -> Result<Self> { parsed(request) }
        })+
    };
}

from_row!(
    EnrichPhone,
    EnrichEmail,
    EnrichCompany,
    EnrichPerson,
    Ask,
    Research,
    Match,
    Convert,
    Assign,
    SubmitForm
);

impl FromRow for TriggerWorkflow {
    fn from_row(request: &Map<String, Value>) -> Result<Self> {
        // The workflow's id is part of the path.
        let workflow_id = request.get("workflow_id").and_then(Value::as_str).unwrap_or_default();
        Ok(Self { workflow_id: workflow_id.to_owned(), ..parsed(request)? })
    }
}

fn check<C: FromRow>(request: &Map<String, Value>) -> Result<()> {
    Ok(C::from_row(request)?.check()?)
}

fn send<C>(client: Client, request: Map<String, Value>, options: CallOptions) -> Sent
where
    C: FromRow + 'static,
    C::Response: Serialize + Metered,
{
    Box::pin(async move {
        let call = C::from_row(&request)?;
        drop(request);
        let answer = client.call_with(&call, options).await?.value;
        let credits = answer.metering().credits_consumed;
        Ok(Answer { rows: vec![text(&answer)?], credits })
    })
}

pub(super) fn text(answer: &impl Serialize) -> Result<String> {
    serde_json::to_string(answer)
        .map_err(|error| Error::input(format!("the answer cannot be kept: {error}")))
}

const fn kind<C>(
    name: &'static str,
    price: u64,
    bounded: bool,
    columns: &'static [(&'static str, &'static str, Type)],
) -> Kind
where
    C: FromRow + 'static,
    C::Response: Serialize + Metered,
{
    Kind {
        name,
        class: C::CLASS,
        effect: C::EFFECT,
        price,
        rows_per_call: None,
        bounded,
        columns,
        check: check::<C>,
        send: send::<C>,
    }
}

use Type::{Flag, Integer, Json, Number, Text};

const MATCH: Kind = Kind {
    name: "match",
    class: Match::CLASS,
    effect: Match::EFFECT,
    price: 5,
    rows_per_call: Some(candidates::PER_CALL),
    bounded: true,
    columns: &[
        ("sf_id", "/matches/0/sf_id", Text),
        ("confidence", "/matches/0/confidence", Number),
        ("matched_rules", "/matches/0/matched_rules", Json),
        ("explanation", "/matches/0/explanation", Text),
        ("matches", "/matches", Json),
        ("decided_by", "/decided_by", Text),
    ],
    check: check::<Match>,
    send: candidates::send,
};

/// Every call that can be mapped.
pub static CALLS: [Kind; 11] = [
    kind::<EnrichPhone>(
        "enrich.phone",
        5,
        true,
        &[
            ("phone_number", "/phone_number", Text),
            ("email", "/email", Text),
            ("linkedin_id", "/linkedin_id", Text),
            ("confidence", "/confidence", Text),
        ],
    ),
    kind::<EnrichEmail>(
        "enrich.email",
        1,
        true,
        &[("email", "/email", Text), ("confidence", "/confidence", Text)],
    ),
    kind::<EnrichCompany>(
        "enrich.company",
        1,
        true,
        &[
            ("name", "/company/name", Text),
            ("domain", "/company/domain", Text),
            ("linkedin_url", "/company/linkedin_url", Text),
            ("hq_city", "/company/hq/city", Text),
            ("hq_state", "/company/hq/state", Text),
            ("hq_country", "/company/hq/country", Text),
            ("hq_postal_code", "/company/hq/postal_code", Text),
            ("size_range", "/company/size_range", Text),
            ("industry", "/company/industry", Text),
            ("lat", "/company/geo/lat", Number),
            ("lon", "/company/geo/lon", Number),
            ("county", "/company/geo/county", Text),
            ("last_verified_at", "/company/last_verified_at", Text),
            ("confidence", "/confidence", Number),
        ],
    ),
    kind::<EnrichPerson>(
        "enrich.person",
        2,
        true,
        &[
            ("full_name", "/person/full_name", Text),
            ("email", "/person/email", Text),
            ("email_confidence", "/person/email_confidence", Number),
            ("email_status", "/person/email_status", Text),
            ("phone", "/person/phone", Text),
            ("title", "/person/title", Text),
            ("linkedin_url", "/person/linkedin_url", Text),
            ("job_last_seen_at", "/person/job_last_seen_at", Text),
            ("confidence", "/confidence", Number),
        ],
    ),
    kind::<Ask>(
        "enrich.ai",
        4,
        true,
        &[("response", "/response", Text), ("confidence", "/confidence", Number)],
    ),
    kind::<Research>(
        "enrich.research",
        20,
        true,
        &[
            ("response", "/response", Text),
            ("confidence", "/confidence", Number),
            ("agent_used", "/agent_used", Text),
        ],
    ),
    MATCH,
    kind::<Convert>(
        "salesforce.convert",
        1,
        false,
        &[
            ("convert_status", "/status", Text),
            ("account_id", "/account_id", Text),
            ("contact_id", "/contact_id", Text),
            ("owner_id", "/owner_id", Text),
            ("actions", "/actions", Json),
        ],
    ),
    kind::<Assign>(
        "routing.assign",
        2,
        false,
        &[
            ("assigned_to", "/assigned_to", Text),
            ("sequence", "/sequence", Integer),
            ("pool_size", "/pool_size", Integer),
            ("timestamp", "/timestamp", Text),
        ],
    ),
    kind::<TriggerWorkflow>(
        "workflows.trigger",
        4,
        false,
        &[
            ("workflow_status", "/status", Text),
            ("request_id", "/request_id", Text),
            ("enrichment_job_id", "/enrichment_job_id", Text),
        ],
    ),
    kind::<SubmitForm>(
        "forms.submit",
        3,
        false,
        &[
            ("form_status", "/status", Text),
            ("request_id", "/request_id", Text),
            ("push_status", "/push_status", Text),
            ("gdpr_safe", "/gdpr_safe", Flag),
            ("enriched_lead", "/enriched_lead", Json),
        ],
    ),
];
