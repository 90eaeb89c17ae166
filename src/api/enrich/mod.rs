//! Enrichment: `POST /v1/enrich/*`, one record or question a call.

pub mod ask;
pub mod company;
pub mod email;
pub mod person;
pub mod phone;

pub use ask::{Ask, AskOptions, Asked, Research, Researched, TokenUsage};
pub use company::{CompanyEnriched, EnrichCompany, EnrichedCompany, Geo, Headquarters};
pub use email::{EmailEnriched, EnrichEmail};
pub use person::{EmailStatus, EnrichPerson, EnrichedPerson, PersonEnriched};
pub use phone::{EnrichPhone, PhoneEnriched};

use super::string_enum::string_enum;

string_enum! {
    /// How sure an answer is, in words.
    Grade, "confidence" { High = "high", Medium = "medium", Low = "low" }
}

/// The hint for an empty `record_id`.
const RECORD_ID: &str = "give the id under which you know the record, by which answers are kept";
