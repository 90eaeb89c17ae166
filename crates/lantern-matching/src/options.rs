//! Options of matching, and the interface through which a caller follows and stops it.

use crate::{
    error::{Error, Result},
    linkage::learn::Model,
    normalize::PhoneRegion,
    tables::FieldSpec,
};

/// The minimum confidence of a match by default.
pub const THRESHOLD: f64 = 0.5;
/// How two tables are matched.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The fields to match by; if empty, they are recognized from the tables' columns.
    pub fields: Vec<FieldSpec>,
    /// Columns that identify rows. They are not compared.
    pub ids: Vec<String>,
    /// The minimum confidence, 0 to 1; `None` for 0.5.
    pub threshold: Option<f64>,
    /// The precision that the threshold is chosen to reach; if it is set, `threshold` is `None`.
    pub at_precision: Option<f64>,
    /// Maximum number of matches to keep per left row; `None` keeps all.
    pub top: Option<usize>,
    /// Whether a right row is assigned to at most one left row.
    pub one_to_one: bool,
    /// The region of phone numbers without a country code; `None` infers it from the tables.
    pub default_region: Option<PhoneRegion>,
    /// Whether rules that would compare every text with every other look at the most likely pairs
    /// only.
    pub approximate: bool,
    /// Whether matches only have to show which rows belong together. Then many rows that are equal
    /// under the rules are each paired with the first of them only.
    pub spanning: bool,
    /// A model that was learned earlier.
    pub model: Option<Model>,
    /// Pairs of a left and a right row that are known to match or not to match.
    pub labels: Vec<(u32, u32, bool)>,
}

/// Follows long work: it is called with the progress, and decides whether to continue.
pub trait Watch: Sync {
    /// # Errors
    /// If the work has to stop.
    fn look(&self, done: u64, of: u64) -> Result<()>;
}

/// Follows nothing and never stops the work.
pub struct Unwatched;

impl Watch for Unwatched {
    fn look(&self, _: u64, _: u64) -> Result<()> {
        Ok(())
    }
}

/// Checks the options that all kinds of matching share.
///
/// # Errors
/// If the threshold is outside 0 to 1, or `top` is 0.
pub fn check(threshold: Option<f64>, top: Option<usize>) -> Result<()> {
    if let Some(threshold) = threshold
        && !(0.0..=1.0).contains(&threshold)
    {
        return Err(Error::input(format!("threshold is {threshold}"))
            .hint("a confidence is between 0 and 1"));
    }
    if top == Some(0) {
        return Err(Error::input("top is 0 and would give no match")
            .hint("give at least 1, or no limit to keep all"));
    }
    Ok(())
}
