//! Attributes of the bindings.
//!
//! `#[documented]` gives a class, its methods or a function the docstrings that their stubs in
//! `python/lantern/*.pyi` have. The stubs are where users read the documentation (in editors and in
//! the reference) and where its examples are tested. With this attribute, `help()` shows the same
//! text, and it is written once: a public name without a docstring in the stubs does not compile, nor
//! does one with a comment of its own.
//!
//! `#[two_ways]` defines two classes with the same methods: one blocks, and one is awaited.

mod documented;
mod stubs;
mod two_ways;

use proc_macro::TokenStream;
use syn::{Item, parse_macro_input};

/// Adds the docstrings of the stubs to a `#[pyclass]`, a `#[pymethods]` block or a `#[pyfunction]`.
///
/// Stands above PyO3's attribute. A class `Client` is the struct `PyClient`. Names that begin with
/// an underscore, and `#[new]`, need no docstring.
#[proc_macro_attribute]
pub fn documented(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as Item);
    documented::document(arguments.into(), item, stubs::of_the_package())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// Makes of `struct PyClient(pub Shared)` the classes `Client`, which blocks, and `AsyncClient`, which
/// is awaited; and of `impl PyClient` the methods of both. Both are documented by their stubs.
///
/// A method waits with `Self::drive` (of the trait `TwoWays`), which is what differs between the two.
/// A method with `#[blocking]` or `#[awaited]` is only in that class.
#[proc_macro_attribute]
pub fn two_ways(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as Item);
    two_ways::both(arguments.into(), item).unwrap_or_else(|error| error.into_compile_error()).into()
}
