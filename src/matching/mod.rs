//! Local matching: pure functions over strings and Arrow arrays that compare records on this
//! machine, without I/O and without credits.

pub mod normalize;
