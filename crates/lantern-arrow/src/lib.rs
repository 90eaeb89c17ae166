//! Arrow memory on its way in: read from the C data interface, and checked once.
//!
//! A producer may hand over anything: PyArrow takes Latin-1 bytes for text without a word, and its
//! `view` and `from_buffers` make arrays of any memory. arrow-rs trusts what it imports, and so do
//! kernels. Here, arrays are [`Unchecked`] until every offset, length, index and text in them was
//! looked at; what is wrong is a [`Fault`] that names the column and the row.
//!
//! One thing cannot be checked: the interface does not say how long most buffers are. Whoever knows
//! the producer can ask it.
//!
//! Columns of many rows are checked on the threads of the rayon pool that the caller is in.

mod check;
mod fault;
mod import;
mod text;
mod unchecked;
mod views;

pub use self::{fault::Fault, unchecked::Unchecked};
