//! Company enrichment: by domain, or else by name, with the country to decide between several.

use arrow::{
    array::{Array, AsArray},
    datatypes::Float64Type,
};
use serde_json::Map;

use super::{Enricher, Enrichment, about_a_record, linkedin_url, now};
use crate::{billing::Bill, directory::FoundBy};
use lantern::api::{
    Metering,
    enrich::{CompanyEnriched, EnrichCompany, EnrichedCompany, Geo, Headquarters},
};

impl Enrichment for EnrichCompany {
    about_a_record!("company");

    fn look_up(&self, enricher: &Enricher, bill: &mut Bill) -> CompanyEnriched {
        let found = enricher.directory.company(
            self.domain.as_deref(),
            self.company_name.as_deref(),
            self.country.as_deref(),
        );
        if found.is_some() {
            bill.add("company", u64::from(enricher.billing.prices.company));
        }
        CompanyEnriched {
            success: Some(true),
            record_id: Some(self.record_id.clone()),
            company: found.map(|(row, _)| company(enricher, row)),
            confidence: found.map(|(_, by)| match by {
                FoundBy::Domain => 0.98,
                FoundBy::Name { only: true } => 0.85,
                FoundBy::Name { only: false } => 0.5,
            }),
            metering: Metering::default(),
            extra: Map::new(),
        }
    }
}

fn company(enricher: &Enricher, row: usize) -> EnrichedCompany {
    let companies = enricher.directory.companies();
    let text = |column| companies.text(column, row).map(str::to_owned);
    let degrees = |column| {
        let column = companies.batch().column_by_name(column)?.as_primitive_opt::<Float64Type>()?;
        column.is_valid(row).then(|| column.value(row))
    };
    let (lat, lon) = (degrees("lat"), degrees("lon"));
    EnrichedCompany {
        name: text("name"),
        domain: text("domain"),
        linkedin_url: text("linkedin").map(|slug| linkedin_url("company", &slug)),
        hq: Some(Headquarters {
            city: text("city"),
            state: text("state"),
            country: text("country"),
            postal_code: text("postal_code"),
            extra: Map::new(),
        }),
        size_range: text("size_range"),
        industry: text("industry"),
        // The directory does not contain counties.
        geo: (lat.is_some() || lon.is_some()).then(|| Geo {
            lat,
            lon,
            county: None,
            extra: Map::new(),
        }),
        last_verified_at: Some(now()),
        extra: Map::new(),
    }
}
