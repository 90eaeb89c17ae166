//! The cost of one call, by service.

use super::Charge;

/// The charges of a call that is being answered.
#[derive(Debug, Default)]
pub(crate) struct Bill {
    charges: Vec<Charge>,
    /// The workflow that uses the credits.
    pub workflow_id: Option<String>,
}

impl Bill {
    /// Adds one record of a service.
    pub fn add(&mut self, service: &'static str, credits: u64) {
        self.add_many(service, 1, credits);
    }

    /// Adds several records of a service. `credits` is their total cost.
    pub fn add_many(&mut self, service: &'static str, records: u64, credits: u64) {
        if credits == 0 {
            return;
        }
        match self.charges.iter_mut().find(|charge| charge.service == service) {
            Some(charge) => {
                charge.records += records;
                charge.credits += credits;
            }
            None => self.charges.push(Charge { service, records, credits }),
        }
    }

    pub fn charges(&self) -> &[Charge] {
        &self.charges
    }

    pub fn into_charges(self) -> Vec<Charge> {
        self.charges
    }

    pub fn total(&self) -> u64 {
        self.charges.iter().map(|charge| charge.credits).sum()
    }
}
