//! Imports Arrow memory: reads it from the C data interface, and checks it once.
//!
//! A producer may export anything: PyArrow accepts Latin-1 bytes as text without an error, and its
//! `view` and `from_buffers` make arrays from arbitrary memory. arrow-rs trusts what it imports,
//! and so do kernels. Here, arrays are [`Unchecked`] until every offset, length, index and text in
//! them was checked. What is wrong is a [`Fault`] that names the column and the row.
//!
//! One thing cannot be checked: the interface does not contain the lengths of most buffers. Callers
//! that know the producer can ask it.
//!
//! Columns with many rows are checked on the threads of the rayon pool that the caller is in.

mod buffers;
mod check;
mod fault;
mod import;
mod text;
mod unchecked;
mod views;

pub use self::{fault::Fault, unchecked::Unchecked};
