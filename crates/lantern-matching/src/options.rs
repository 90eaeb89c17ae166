//! What every way of matching is told: options, and who watches.

use crate::{
    error::{Error, Result},
    linkage::learn::Model,
    normalize::PhoneRegion,
    tables::FieldSpec,
};

/// The least confidence of a match where none is given.
pub const THRESHOLD: f64 = 0.5;
/// How two tables are matched.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The fields; none for those that the tables' columns show.
    pub fields: Vec<FieldSpec>,
    /// Columns that identify rows and are no evidence.
    pub ids: Vec<String>,
    /// The least confidence, 0 to 1; none for 0.5.
    pub threshold: Option<f64>,
    /// The precision that the threshold is chosen to reach; then `threshold` is none.
    pub at_precision: Option<f64>,
    /// The most matches of a left row; none for all.
    pub top: Option<usize>,
    /// Whether a right row is given to one left row at most.
    pub one_to_one: bool,
    /// The region of phone numbers without a country code; none for what the tables show.
    pub default_region: Option<PhoneRegion>,
    /// Whether rules that would compare every text with every other look at the likeliest alone.
    pub approximate: bool,
    /// Whether matches need only tell what belongs together: many rows that are equal under the
    /// rules are then each paired with the first alone.
    pub spanning: bool,
    /// A model learned before.
    pub model: Option<Model>,
    /// Pairs of a left and a right row that are known to match, or not to.
    pub labels: Vec<(u32, u32, bool)>,
}

/// Long work as others see it: told how far it is, and asked whether to go on.
pub trait Watch: Sync {
    /// # Errors
    /// The work is to stop.
    fn look(&self, done: u64, of: u64) -> Result<()>;
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {
    fn look(&self, _: u64, _: u64) -> Result<()> {
        Ok(())
    }
}

/// Checks what every way of matching is given.
///
/// # Errors
/// A threshold beyond 0 to 1, or no match at all asked for.
pub fn check(threshold: Option<f64>, top: Option<usize>) -> Result<()> {
    if let Some(threshold) = threshold
        && !(0.0..=1.0).contains(&threshold)
    {
        return Err(Error::input(format!("threshold is {threshold}"))
            .hint("a confidence is between 0 and 1"));
    }
    if top == Some(0) {
        return Err(Error::input("top is 0 and would give no match")
            .hint("give at least 1, or None for all"));
    }
    Ok(())
}
