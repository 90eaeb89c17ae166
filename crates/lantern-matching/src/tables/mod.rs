//! Tables as matching reads them: columns, their kinds, which columns belong together, and their
//! values as numbers.

pub mod amounts;
pub mod dates;
mod derived;
pub mod describe;
mod identifiers;
pub mod kind;
pub mod pairing;
pub mod phones;
mod placeholders;
mod read;
pub mod recognize;
pub mod table;
pub mod values;

pub use self::{
    describe::{Description, describe, table as description_table},
    kind::{Comparison, Kind},
    pairing::{FieldSpec, own_columns, pair_columns},
    phones::Regions,
    read::SEPARATOR,
    table::Table,
    values::{NULL, Texts, Values},
};
