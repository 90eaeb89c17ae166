//! The calls that can be made for each row, with the columns of their answers.

use serde_json::{Map, Value};

use super::{
    candidates,
    kind::{FromRow, Kind, Type, check, kind, parsed},
};
use crate::{
    api::{
        Call,
        enrich::{Ask, EnrichCompany, EnrichEmail, EnrichPerson, EnrichPhone, Research},
        fields,
        forms::SubmitForm,
        matching::Match,
        routing::Assign,
        salesforce::Convert,
        workflows::TriggerWorkflow,
    },
    error::{Advice, Error, Result},
};

impl Kind {
    /// The call with this name.
    ///
    /// # Errors
    /// If there is no such call, or it cannot be made for single records.
    pub fn named(name: &str) -> Result<&'static Self> {
        CALLS.iter().find(|kind| kind.name == name).ok_or_else(|| {
            let names: Vec<&str> = CALLS.iter().map(|kind| kind.name).collect();
            Error::validation("call", format!("there is no call {name:?} to map"))
                .advise(Advice::text(format!("use {}", names.join(", "))))
        })
    }

    /// The call `match`, whose rows are candidates.
    pub(super) fn of_candidates() -> &'static Self {
        &MATCH
    }
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
    TriggerWorkflow,
    SubmitForm
);

use Type::{Flag, Integer, Json, Number, Text};

const MATCH: Kind = Kind {
    name: "match",
    class: Match::CLASS,
    effect: Match::EFFECT,
    price: 5,
    several: Some(candidates::SEVERAL),
    bounded: true,
    columns: &[
        ("sf_id", "/matches/0/sf_id", Text),
        ("confidence", "/matches/0/confidence", Number),
        ("matched_rules", "/matches/0/matched_rules", Json),
        ("explanation", "/matches/0/explanation", Text),
        ("matches", "/matches", Json),
        ("decided_by", "/decided_by", Text),
    ],
    found: Some(&["/matches"]),
    check: check::<Match>,
    names: fields::check::<Match>,
    send: candidates::send,
    read: candidates::read,
    add: fields::add::<Match>,
};

/// Every call that can be mapped.
pub static CALLS: [Kind; 11] = [
    kind::<EnrichPhone>(
        "enrich.phone",
        5,
        true,
        Some(&["/phone_number"]),
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
        Some(&["/email"]),
        &[("email", "/email", Text), ("confidence", "/confidence", Text)],
    ),
    kind::<EnrichCompany>(
        "enrich.company",
        1,
        true,
        Some(&["/company"]),
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
        Some(&["/person"]),
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
        Some(&["/response"]),
        &[("response", "/response", Text), ("confidence", "/confidence", Number)],
    ),
    kind::<Research>(
        "enrich.research",
        20,
        false,
        Some(&["/response"]),
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
        None,
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
        None,
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
        None,
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
        None,
        &[
            ("form_status", "/status", Text),
            ("request_id", "/request_id", Text),
            ("push_status", "/push_status", Text),
            ("gdpr_safe", "/gdpr_safe", Flag),
            ("enriched_lead", "/enriched_lead", Json),
        ],
    ),
];
