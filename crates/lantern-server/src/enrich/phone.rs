//! Phone enrichment: by name and company, by LinkedIn profile, or by e-mail address.

use super::{Enricher, Enrichment, about_a_record};
use crate::billing::Bill;
use lantern::{
    api::{
        Metering,
        enrich::{EnrichPhone, Grade, PhoneEnriched},
    },
    matching::normalize::phone_e164,
};

impl Enrichment for EnrichPhone {
    about_a_record!("phone");

    fn look_up(&self, enricher: &Enricher, bill: &mut Bill) -> PhoneEnriched {
        let found = self.person(enricher);
        let people = enricher.directory.people();
        let known = |column: &'static str| found.and_then(|(row, _)| people.text(column, row));
        let own = |column: &'static str, sent: &Option<String>| {
            sent.clone().or_else(|| known(column).map(str::to_owned))
        };
        let phone = known("phone_number");
        if phone.is_some() {
            bill.add("phone", u64::from(enricher.billing.prices.phone));
        }
        PhoneEnriched {
            success: Some(true),
            record_id: Some(self.record_id.clone()),
            first_name: own("first_name", &self.first_name),
            last_name: own("last_name", &self.last_name),
            company: own("company_name", &self.company),
            email: own("email", &self.email),
            linkedin_id: own("linkedin", &self.linkedin_id),
            phone_number: phone
                .map(|phone| phone_e164(phone, None).unwrap_or_else(|| phone.to_owned())),
            confidence: found.filter(|_| phone.is_some()).map(|(_, grade)| grade.name().to_owned()),
            metering: Metering::default(),
            extra: serde_json::Map::new(),
        }
    }
}

trait Cascade {
    fn person(&self, enricher: &Enricher) -> Option<(usize, Grade)>;
}

impl Cascade for EnrichPhone {
    /// The person, and how certain the match is.
    fn person(&self, enricher: &Enricher) -> Option<(usize, Grade)> {
        let directory = &enricher.directory;
        let by_name = |company: &Option<String>| {
            directory.person_by_name(
                self.first_name.as_deref()?,
                self.last_name.as_deref()?,
                company.as_deref()?,
            )
        };
        // A website belongs to one company, while a name may belong to several.
        if let Some(row) = by_name(&self.domain) {
            return Some((row, Grade::High));
        }
        if let Some(row) = by_name(&self.company) {
            return Some((row, Grade::Medium));
        }
        if let Some(row) =
            self.linkedin_id.as_deref().and_then(|id| directory.person_by_profile(id))
        {
            return Some((row, Grade::High));
        }
        let row = directory.person_by_email(self.email.as_deref()?)?;
        Some((row, Grade::High))
    }
}
