//! Restricts the module to one interpreter per process, because its classes and threads exist only
//! once.

// PyO3 has no safe function for the id of the current interpreter.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicI64, Ordering};

use pyo3::{exceptions::PyImportError, ffi, prelude::*};

/// The interpreter that imported the module first.
static OWNER: AtomicI64 = AtomicI64::new(NOBODY);
const NOBODY: i64 = -1;

/// Refuses to be imported by a second interpreter. PyO3 checks this only for modules that it
/// creates itself. Without the check a subinterpreter would get classes of another interpreter,
/// which may have ended.
///
/// # Errors
/// If another interpreter of this process has imported the module.
pub fn claim(_: Python<'_>) -> PyResult<()> {
    // Safety: the interpreter is attached, as the token says.
    let current = unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) };
    match OWNER.compare_exchange(NOBODY, current, Ordering::SeqCst, Ordering::SeqCst) {
        Ok(_) => Ok(()),
        Err(owner) if owner == current => Ok(()),
        Err(_) => Err(PyImportError::new_err(
            "lantern works in one interpreter per process, and another one has imported it already; \
             use threads or processes instead of subinterpreters",
        )),
    }
}
