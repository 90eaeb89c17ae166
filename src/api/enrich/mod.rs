//! Enrichment: `POST /v1/enrich/*`, one record or question per call.

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
    /// Confidence as a word, as the contract has it for e-mail addresses and phone numbers.
    Grade, "confidence" { High = "high", Medium = "medium", Low = "low" }
}

/// The advice for an empty `record_id`.
const RECORD_ID: &str = "give your own id of the record; the API caches answers by it";
