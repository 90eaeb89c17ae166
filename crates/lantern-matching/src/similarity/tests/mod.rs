//! The measures against textbook definitions, and over every kind of column.

mod columns;
mod edges;
mod reference;
mod values;
