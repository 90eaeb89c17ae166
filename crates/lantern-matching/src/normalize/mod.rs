//! Normalizers: they convert text that people type into keys, which are equal for equal things.
//!
//! Each is a pure function with a version. Keys of one version may be stored and compared. The
//! version increases with every change of rules or of a table by which the key of any text changes.
//! Lists that grow on their own (public suffixes, phone metadata, mail domains) do not count.
//!
//! | normalizer | `"text"` | key |
//! |---|---|---|
//! | [`company_key`] | `The Müller & Söhne GmbH & Co. KG` | `muller sohne` |
//! | [`person_key`] | `Dr. Byron, Bob J.` | `robert byron` |
//! | [`email_key`] | `Ada.Byron+x@GoogleMail.com` | `adabyron@gmail.com` |
//! | [`domain_key`] | `https://www.shop.acme.co.uk/x` | `acme.co.uk` |
//! | [`phone_e164`] | `(415) 555-2671 x12` | `+14155552671` |
//! | [`linkedin_slug`] | `https://uk.linkedin.com/in/Ada-Byron/` | `ada-byron` |
//! | [`country_code`] | `Deutschland` | `DE` |
//! | [`street_key`] | `123 N. Main St., Suite 4` | `123 north main street` |
//! | [`postal_code`] | `02138-1234` | `02138` |
//! | [`phonetic_key`] | `Robert Smith` | `R163 S530` |
//!
//! [`normalize`] runs any of them, by its [`Normalizer`], on an Arrow array.

/// One number for all normalizers, for what is saved with keys in it (a learned model, the result of
/// rules): it goes up whenever the version of any of them does.
pub const NORMALIZERS_VERSION: u32 = 4;

mod column;
mod company;
mod company_spellings;
mod company_words;
mod country;
mod domain;
mod email;
mod error;
mod fold;
mod host;
mod legal_form;
mod linkedin;
mod mail_domains;
mod normalizer;
mod person;
mod phone;
mod phonetic;
mod postal;
#[cfg(test)]
mod properties;
mod street;
mod tables;
mod words;

pub use column::{normalize, normalize_chunks, output_type};
pub use company::{
    ACRONYM_VERSION, COMPANY_KEY_VERSION, acronym, company_key, company_tokens, legal_form,
};
pub use country::{COUNTRY_CODE_VERSION, US_STATE_VERSION, country_code, us_state};
pub use domain::{
    COMPANY_DOMAIN_KEY_VERSION, DOMAIN_KEY_VERSION, DomainKind, company_domain_key, domain_key,
    domain_kind, email_domain,
};
pub use email::{
    EMAIL_DOMAIN_VERSION, EMAIL_KEY_VERSION, IS_DISPOSABLE_EMAIL_VERSION, IS_FREE_EMAIL_VERSION,
    IS_VALID_EMAIL_VERSION, email_key, is_disposable_email, is_free_email, is_valid_email,
};
pub use error::NormalizeError;
pub use legal_form::{LEGAL_FORM_VERSION, LegalForm};
pub use linkedin::{LINKEDIN_SLUG_VERSION, linkedin_slug};
pub use normalizer::{Normalizer, Output};
pub(crate) use person::full_given_name;
pub use person::{
    FAMILY_NAME_KEY_VERSION, FIRST_NAME_KEY_VERSION, GIVEN_NAME_KEY_VERSION, LAST_NAME_KEY_VERSION,
    PERSON_KEY_VERSION, family_name_key, first_name_key, given_name_key, last_name_key, person_key,
};
pub use phone::{
    IS_VALID_PHONE_VERSION, PHONE_E164_VERSION, PHONE_REGION_VERSION, PhoneRegion, is_valid_phone,
    phone_e164, phone_region,
};
pub use phonetic::{
    PHONETIC_VERSION, Phonetic, cologne, double_metaphone, metaphone, nysiis, phonetic_key, soundex,
};
pub use postal::{POSTAL_CODE_VERSION, PostalCountry, postal_code};
pub use street::{STREET_KEY_VERSION, street_key};
pub(crate) use words::write_words;
