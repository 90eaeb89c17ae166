//! The prices of records.

/// Price of each kind of record that is found, in credits. A record that is not found costs
/// nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// A phone number (default 5).
    pub phone: u32,
    /// An e-mail address (default 1). A phone-email record costs the sum of what is found.
    pub email: u32,
    /// A company (default 1).
    pub company: u32,
    /// A person (default 2).
    pub person: u32,
    /// An answer, by low, medium and high effort (default 1, 2 and 4).
    pub ai: [u32; 3],
    /// Research, by low, medium and high effort (default 5, 10 and 20).
    pub research: [u32; 3],
}

impl Default for Prices {
    fn default() -> Self {
        Self { phone: 5, email: 1, company: 1, person: 2, ai: [1, 2, 4], research: [5, 10, 20] }
    }
}

impl Prices {
    /// Price of research on one record.
    pub const fn research_by(&self, effort: lantern::api::agents::Effort) -> u32 {
        self.research[effort as usize]
    }
}
