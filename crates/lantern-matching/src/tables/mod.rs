//! Tables as matching reads them: columns, their kinds, which belong together, and their values as
//! numbers.

pub mod amounts;
pub mod dates;
pub mod kind;
pub mod pairing;
pub mod phones;
mod placeholders;
mod read;
mod recognize;
pub mod table;
pub mod values;

pub use self::{
    kind::{Comparison, Kind},
    pairing::{FieldSpec, own_columns, pair_columns},
    table::Table,
    values::{NULL, Texts, Values},
};
