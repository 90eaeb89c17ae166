//! The answer to one record of a unit, as the memory of records keeps it.

/// The parts of a question, and what was found of them, as bits. The bit after that of a part says
/// that something was found.
pub type Parts = u8;

/// The answer to one record of a unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Answer {
    /// The parts that were answered, and what was found; 0 if the record is not in the result.
    pub flags: Parts,
    /// Cost of the record; `None` if no credit report gives it.
    pub credits: Option<u16>,
}
