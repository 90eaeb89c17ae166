//! Attributes of the bindings.
//!
//! `#[documented]` gives a class, its methods or a function the docstrings of their stubs in
//! `python/lantern/*.pyi`. Users read the documentation in the stubs (in editors and in the
//! reference), and its examples are tested there. With this attribute `help()` shows the same text,
//! which is written once: a public name without a docstring in the stubs does not compile, nor does
//! one with a doc comment of its own. It also lets every argument be read by a function that knows its
//! name (`conversion::expected` of the bindings), so that an error names it.
//!
//! `#[two_ways]` defines two classes with the same methods: one blocks, and one is awaited.

mod arguments;
mod documented;
mod stubs;
mod two_ways;

use proc_macro::TokenStream;
use syn::{Item, parse_macro_input};

/// Adds the docstrings of the stubs to a `#[pyclass]`, a `#[pymethods]` block or a `#[pyfunction]`.
///
/// It must be above PyO3's attribute. The class `Client` is the struct `PyClient`. Names that begin
/// with an underscore, and `#[new]`, need no docstring.
#[proc_macro_attribute]
pub fn documented(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as Item);
    documented::document(arguments.into(), item, stubs::of_the_package())
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}

/// Turns `struct PyClient(pub Shared)` into the classes `Client`, which blocks, and `AsyncClient`,
/// which is awaited, and `impl PyClient` into the methods of both. Both are documented by their
/// stubs.
///
/// Methods wait with `Self::drive` (of the trait `TwoWays`), which is all that differs between the
/// two. A method with `#[blocking]` or `#[awaited]` exists only in that class.
#[proc_macro_attribute]
pub fn two_ways(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as Item);
    two_ways::both(arguments.into(), item).unwrap_or_else(|error| error.into_compile_error()).into()
}
