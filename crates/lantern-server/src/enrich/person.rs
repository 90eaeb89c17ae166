//! Person enrichment: by name and website, by LinkedIn profile, or by e-mail address.

use serde_json::Map;

use super::{Enricher, Enrichment, about_a_record, linkedin_url, now};
use crate::billing::Bill;
use lantern::{
    api::{
        Metering,
        enrich::{EmailStatus, EnrichPerson, EnrichedPerson, PersonEnriched},
    },
    matching::normalize::{is_disposable_email, is_valid_email},
};

impl Enrichment for EnrichPerson {
    about_a_record!("person");

    fn look_up(&self, enricher: &Enricher, bill: &mut Bill) -> PersonEnriched {
        let directory = &enricher.directory;
        let found = directory
            .person_by_name(&self.first_name, &self.last_name, &self.company_domain)
            .map(|row| (row, 0.95))
            .or_else(|| Some((directory.person_by_profile(self.linkedin_id.as_deref()?)?, 0.9)))
            .or_else(|| Some((directory.person_by_email(self.email.as_deref()?)?, 0.9)));
        if found.is_some() {
            bill.add("person", u64::from(enricher.billing.prices.person));
        }
        PersonEnriched {
            success: Some(true),
            record_id: Some(self.record_id.clone()),
            person: found.map(|(row, _)| person(enricher, row)),
            confidence: found.map(|(_, confidence)| confidence),
            metering: Metering::default(),
            extra: Map::new(),
        }
    }
}

fn person(enricher: &Enricher, row: usize) -> EnrichedPerson {
    let people = enricher.directory.people();
    let text = |column| people.text(column, row);
    let name: Vec<&str> = [text("first_name"), text("last_name")].into_iter().flatten().collect();
    let email = text("email");
    let (status, confidence) = match email {
        None => (EmailStatus::Unknown, None),
        Some(email) if !is_valid_email(email) => (EmailStatus::Invalid, Some(0.0)),
        Some(email) if is_disposable_email(email) => (EmailStatus::Risky, Some(0.4)),
        // According to the directory; no mail is sent to verify it.
        Some(_) => (EmailStatus::Valid, Some(0.95)),
    };
    EnrichedPerson {
        full_name: (!name.is_empty()).then(|| name.join(" ")),
        email: email.map(str::to_owned),
        email_confidence: confidence,
        email_status: Some(status.name().to_owned()),
        phone: text("phone_number").map(str::to_owned),
        title: text("title").map(str::to_owned),
        linkedin_url: text("linkedin").map(|slug| linkedin_url("in", slug)),
        job_last_seen_at: text("company_name").map(|_| now()),
        extra: Map::new(),
    }
}
