//! Answers of the API as Python objects.

mod macros;

pub mod agents;
pub mod credits;
pub mod crm;
pub mod enriched;
pub mod record_match;
pub mod values;
