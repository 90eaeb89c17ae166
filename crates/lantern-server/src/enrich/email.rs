//! E-mail enrichment: by name and website, by name and company, or by LinkedIn profile.

use super::{Enricher, Enrichment, about_a_record};
use crate::billing::Bill;
use lantern::api::{
    Metering,
    enrich::{EmailEnriched, EnrichEmail, Grade},
};

impl Enrichment for EnrichEmail {
    about_a_record!("email");

    fn look_up(&self, enricher: &Enricher, bill: &mut Bill) -> EmailEnriched {
        let directory = &enricher.directory;
        let by_name =
            |company: &str| directory.person_by_name(&self.first_name, &self.last_name, company);
        let found = self
            .domain
            .as_deref()
            .and_then(by_name)
            .map(|row| (row, Grade::High))
            .or_else(|| by_name(&self.company).map(|row| (row, Grade::Medium)))
            .or_else(|| {
                let row = directory.person_by_profile(self.linkedin.as_deref()?)?;
                Some((row, Grade::High))
            });
        let email = found.and_then(|(row, _)| directory.people().text("email", row));
        if email.is_some() {
            bill.add("email", u64::from(enricher.billing.prices.email));
        }
        EmailEnriched {
            success: Some(true),
            record_id: Some(self.record_id.clone()),
            first_name: Some(self.first_name.clone()),
            last_name: Some(self.last_name.clone()),
            company: Some(self.company.clone()),
            email: email.map(str::to_owned),
            confidence: found.filter(|_| email.is_some()).map(|(_, grade)| grade.name().to_owned()),
            metering: Metering::default(),
            extra: serde_json::Map::new(),
        }
    }
}
