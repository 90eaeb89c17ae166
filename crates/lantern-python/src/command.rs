//! The command line, for the script that `pip` installs.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command line with the given arguments and returns its exit code.
#[pyfunction]
#[pyo3(name = "_main")]
pub fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    lantern::error::set_face(&lantern_cli::face::ShellFace);
    py.detach(|| lantern_cli::main(arguments))
}
