//! The measures against textbook definitions, and over every kind of column.

use crate::similarity::Similarity;

mod columns;
mod edges;
mod reference;
mod values;
