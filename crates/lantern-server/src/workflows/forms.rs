//! Forms: checks their fields, enriches them, and passes them on.
//!
//! `gdpr_safe` says whether the lead may be contacted: with consent (`additional_fields.consent`),
//! or if the person is known to be outside of the countries of the GDPR. Otherwise nothing is
//! looked up about the person, only about the company.

use serde_json::{Map, Value, json};

use super::{
    Workflows,
    audit::{self, Ended},
    definitions::Retry,
};
use crate::{
    caller::Caller,
    crm::{
        Crm, Object,
        enrichment::missing,
        leads,
        record::{self, Record},
    },
    refusal::Refusal,
};
use lantern::{
    api::forms::{FormStatus, FormSubmitted, SubmitForm},
    matching::normalize::{
        PhoneRegion, country_code, email_domain, is_disposable_email, is_free_email,
        is_valid_email, phone_e164, phone_region,
    },
};

/// The name of forms in the audit log.
const AUDITED_AS: &str = "forms/submit";

/// The countries of the EEA, and those with equivalent laws: the United Kingdom and Switzerland.
const GDPR: [&str; 32] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU",
    "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// `POST /v1/forms/submit`. Blocks.
///
/// A person and a company that are found cost as much as with `enrich/person` and `enrich/company`.
pub(crate) fn submit(
    workflows: &Workflows,
    caller: &Caller,
    call: &SubmitForm,
) -> Result<FormSubmitted, Refusal> {
    let typed = Typed::check(call)?;
    let crm = &*workflows.crm;
    crm.ready()?;
    let wish = |map: &Option<Map<String, Value>>, name: &str| {
        map.as_ref().and_then(|map| map.get(name)).cloned().unwrap_or_default()
    };
    let enriches = wish(&call.enrichment_preferences, "enrich").as_bool().unwrap_or(true);
    let answers = wish(&call.output_preferences, "return_data").as_bool().unwrap_or(true);
    let push_to = wish(&call.output_preferences, "push_to").as_str().unwrap_or("none").to_owned();
    let webhook = workflows.webhooks.forms.as_ref().map(ToString::to_string);
    let request = serde_json::to_value(call)
        .map_err(|error| Refusal::Internal(format!("the form cannot be stored: {error}")))?;

    let ((lead, status, push_status), credits) =
        crm.billing.charged(caller, None, |transaction, bill| {
            let mut lead = typed.lead.clone();
            if enriches {
                if typed.gdpr_safe {
                    let found = missing(crm, Object::Lead, &lead);
                    bill.add(found.service, found.price);
                    lead.extend(found.fields);
                }
                if let Some(company) = company(crm, &lead) {
                    bill.add("company", u64::from(crm.billing.prices.company));
                    lead.insert("company_details".to_owned(), company);
                }
            }
            let mut push = None;
            let (status, push_status) = match push_to.as_str() {
                "none" | "" => (FormStatus::Enriched, None),
                "salesforce" | "crm" => {
                    let (id, new) = leads::upsert(transaction, caller, &lead)?;
                    lead.insert("id".to_owned(), id.clone().into());
                    let word = if new { "created" } else { "updated" };
                    (FormStatus::Pushed, Some(format!("{word}:{id}")))
                }
                _ => match &webhook {
                    Some(url) => {
                        push = Some(url.clone());
                        (FormStatus::Pushed, Some("queued".to_owned()))
                    }
                    None => (
                        FormStatus::Failed,
                        Some("the server has no webhook; start it with --webhook".to_owned()),
                    ),
                },
            };
            let answer = Value::Object(lead.clone());
            let body = json!({
                "request_id": caller.request_id, "form_source": call.form_source, "lead": answer,
            });
            audit::write(
                transaction,
                &Ended {
                    request_id: &caller.request_id,
                    workflow_id: AUDITED_AS,
                    request: &request,
                    answer: Some(&answer),
                    error: None,
                    push: push.as_deref().map(|url| (url, &body)),
                    retry: Retry::default(),
                },
            )?;
            Ok((lead, status, push_status))
        })?;
    workflows.webhooks.wake();
    Ok(FormSubmitted {
        success: Some(true),
        status: Some(status.name().to_owned()),
        request_id: Some(caller.request_id.clone()),
        enriched_lead: answers.then_some(lead),
        push_status,
        gdpr_safe: Some(typed.gdpr_safe),
        metering: crm.billing.metering(caller, credits, Some(false)),
        extra: Map::new(),
    })
}

/// The fields of a form, after they were checked.
struct Typed {
    lead: Record,
    gdpr_safe: bool,
}

impl Typed {
    fn check(call: &SubmitForm) -> Result<Self, Refusal> {
        let email = call.email.trim();
        if !is_valid_email(email) {
            return Err(Refusal::field(
                "email",
                "value_error",
                "email is not a valid e-mail address",
            ));
        }
        if is_disposable_email(email) {
            return Err(Refusal::field(
                "email",
                "value_error",
                "email is at a provider of disposable addresses; ask for a permanent one",
            ));
        }
        let more = call.additional_fields.as_ref();
        let said = |names: &[&str]| {
            names.iter().find_map(|name| more?.get(*name)?.as_str()).and_then(country_code)
        };
        let country = said(&["country", "region"]);
        let region = country.and_then(|code| code.parse::<PhoneRegion>().ok());
        let phone = match call.phone.as_deref().map(str::trim).filter(|phone| !phone.is_empty()) {
            None => None,
            Some(phone) => Some(phone_e164(phone, region).ok_or_else(|| {
                Refusal::field(
                    "phone",
                    "value_error",
                    "phone is not a valid number; write it with its country, such as +14155552671",
                )
            })?),
        };
        let country = country
            .map(str::to_owned)
            .or_else(|| phone.as_deref().and_then(|phone| phone_region(phone, None)));
        let consent = more.and_then(|more| more.get("consent"));
        let consent = match consent {
            Some(Value::Bool(yes)) => *yes,
            Some(Value::String(text)) => {
                ["true", "yes", "1", "on"].contains(&text.trim().to_lowercase().as_str())
            }
            _ => false,
        };
        let outside = country.as_deref().is_some_and(|code| !GDPR.contains(&code));
        let mut lead = Record::new();
        let mut put = |field: &str, value: Option<&str>| {
            if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) {
                lead.insert(field.to_owned(), value.into());
            }
        };
        let name = call.name.as_deref().map(str::trim).unwrap_or_default();
        let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
        put("first_name", Some(first));
        put("last_name", Some(last));
        put("email", Some(email));
        put("phone", phone.as_deref());
        put("company", call.company.as_deref());
        put("title", call.title.as_deref());
        put("source", call.form_source.as_deref());
        put("country", country.as_deref());
        if !is_free_email(email) {
            put("domain", email_domain(email).as_deref());
        }
        Ok(Self { lead, gdpr_safe: consent || outside })
    }
}

/// The company of the lead, from the directory.
fn company(crm: &Crm, lead: &Record) -> Option<Value> {
    let own = |field| record::text(lead, field);
    let (row, _) = crm.directory.company(own("domain"), own("company"), own("country"))?;
    let companies = crm.directory.companies();
    let fields = ["name", "domain", "industry", "size_range", "country", "city"];
    Some(
        fields
            .iter()
            .map(|field| ((*field).to_owned(), json!(companies.text(field, row))))
            .collect(),
    )
}
