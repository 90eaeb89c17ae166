//! Looks up companies of the directory.

use std::sync::OnceLock;

use super::{
    Directory,
    person_lookup::indexed,
    table::{Index, Table},
};
use lantern::matching::normalize::{company_key, country_code, domain_key};

/// Indexes that are built on first use.
#[derive(Default)]
pub(super) struct Lookups {
    domain: OnceLock<Index>,
    name: OnceLock<Index>,
}

/// By which field a company was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoundBy {
    Domain,
    /// By name, and whether it is the only company with this name.
    Name {
        only: bool,
    },
}

impl Directory {
    /// Finds a company by domain, or else by name. The country decides between companies with the
    /// same name.
    pub fn company(
        &self,
        domain: Option<&str>,
        name: Option<&str>,
        country: Option<&str>,
    ) -> Option<(usize, FoundBy)> {
        if let Some(row) = domain.and_then(|domain| self.company_by_domain(domain)) {
            return Some((row, FoundBy::Domain));
        }
        let named = self.companies_called(name?);
        let country = country.and_then(country_code);
        let here = |row: &&usize| {
            let own = self.companies().text("country", **row).and_then(country_code);
            country.is_none_or(|wanted| own.is_none_or(|own| own == wanted))
        };
        let fitting: Vec<&usize> = named.iter().filter(here).collect();
        let row = **fitting.first()?;
        Some((row, FoundBy::Name { only: fitting.len() == 1 }))
    }

    /// The company with this website, host or domain.
    pub fn company_by_domain(&self, domain: &str) -> Option<usize> {
        let wanted = domain_key(domain)?;
        let companies = self.companies();
        let key = |row| site(companies, row);
        let index = self.firms.domain.get_or_init(|| indexed(companies, key));
        index.rows(&wanted).filter(|&row| key(row).as_deref() == Some(&*wanted)).min()
    }

    /// All companies with this name, ignoring legal forms.
    pub fn companies_called(&self, name: &str) -> Vec<usize> {
        let Some(wanted) = company_key(name) else { return Vec::new() };
        let companies = self.companies();
        let key = |row| brand(companies, row);
        let index = self.firms.name.get_or_init(|| indexed(companies, key));
        let mut rows: Vec<usize> =
            index.rows(&wanted).filter(|&row| key(row).as_deref() == Some(&*wanted)).collect();
        rows.sort_unstable();
        rows
    }
}

fn site(companies: &Table, row: usize) -> Option<String> {
    domain_key(companies.text("domain", row)?).map(Into::into)
}

fn brand(companies: &Table, row: usize) -> Option<String> {
    company_key(companies.text("name", row)?).map(Into::into)
}
