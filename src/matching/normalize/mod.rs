//! Normalizers: from the text that people type to keys by which equal things are equal.

mod company;
mod fold;
mod legal_form;
mod tables;
mod words;

pub use company::{
    ACRONYM_VERSION, COMPANY_KEY_VERSION, acronym, company_key, company_tokens, legal_form,
};
pub use legal_form::{LEGAL_FORM_VERSION, LegalForm};
