//! The people of each company.

use std::collections::HashMap;

use super::{Directory, person_lookup::host};

/// The people of each company, by the company's row.
pub(super) struct Staff {
    by_company: HashMap<u32, Vec<u32>>,
    company_of: Vec<Option<u32>>,
}

impl Directory {
    fn staff(&self) -> &Staff {
        self.staff.get_or_init(|| {
            let (people, companies) = (self.people(), self.companies());
            let mut by_domain: HashMap<&str, u32> = HashMap::new();
            let mut by_name: HashMap<&str, u32> = HashMap::new();
            for row in 0..companies.len() {
                if let Some(domain) = companies.text("domain", row) {
                    by_domain.entry(host(domain)).or_insert(row as u32);
                }
                if let Some(name) = companies.text("name", row) {
                    by_name.entry(name).or_insert(row as u32);
                }
            }
            let mut by_company: HashMap<u32, Vec<u32>> = HashMap::new();
            let company_of = (0..people.len())
                .map(|row| {
                    let at = |column| people.text(column, row);
                    let company = at("company_id")
                        .and_then(|id| companies.row(id).map(|row| row as u32))
                        .or_else(|| by_domain.get(host(at("company_url")?)).copied())
                        .or_else(|| by_name.get(at("company_name")?).copied())?;
                    by_company.entry(company).or_default().push(row as u32);
                    Some(company)
                })
                .collect();
            Staff { by_company, company_of }
        })
    }

    /// The row of the company that a person works at.
    pub fn company_of(&self, person: usize) -> Option<usize> {
        self.staff().company_of.get(person).copied().flatten().map(|row| row as usize)
    }

    /// The rows of the people who work at a company.
    pub fn people_of(&self, company: usize) -> impl Iterator<Item = usize> + '_ {
        self.staff()
            .by_company
            .get(&(company as u32))
            .into_iter()
            .flatten()
            .map(|&row| row as usize)
    }
}
