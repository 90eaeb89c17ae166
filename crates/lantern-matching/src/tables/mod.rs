//! Tables as matching reads them: columns, their kinds, which columns belong together, and their
//! values as numbers.

pub mod amounts;
pub mod column_text;
pub mod dates;
mod derived;
pub mod describe;
mod field_spec;
mod identifiers;
mod interned_texts;
pub mod kind;
mod pair_score;
pub mod pairing;
pub mod phones;
mod placeholders;
mod read;
pub mod recognize;
pub mod table;
pub mod values;

pub use self::{
    describe::{Description, describe, table as description_table},
    field_spec::FieldSpec,
    interned_texts::{NULL, Texts},
    kind::{Comparison, Kind},
    pairing::{own_columns, pair_columns},
    phones::Regions,
    read::SEPARATOR,
    table::Table,
    values::Values,
};
