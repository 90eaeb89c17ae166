//! Matching on this machine, and the normalizers and similarities over columns.

pub mod describe;
pub mod functions;
pub mod normalize;
pub mod row_keys;
pub mod similarity;
