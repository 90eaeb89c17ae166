//! Reports failures of expressions to Polars.

use std::{
    any::Any,
    cell::RefCell,
    ffi::{CString, c_char},
    panic::{AssertUnwindSafe, catch_unwind},
};

use arrow::error::ArrowError;
use lantern_arrow::Fault;

use lantern::{error::Error, matching::normalize::NormalizeError};

/// A message for the user.
pub(super) struct Failure(String);

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl From<lantern::matching::error::Error> for Failure {
    fn from(error: lantern::matching::error::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<NormalizeError> for Failure {
    fn from(error: NormalizeError) -> Self {
        Self(error.to_string())
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self(match fault.hint() {
            Some(hint) => format!("{fault}; {hint}"),
            None => fault.to_string(),
        })
    }
}

impl From<ArrowError> for Failure {
    fn from(error: ArrowError) -> Self {
        Self(format!("the column cannot be passed on: {error}"))
    }
}

thread_local! {
    static LAST: RefCell<CString> = RefCell::default();
}

/// The last failure in this thread.
pub(super) fn last() -> *const c_char {
    LAST.with_borrow(|message| message.as_ptr())
}

/// Runs `work`. A failure or a panic is stored for [`last`].
pub(super) fn guard(work: impl FnOnce() -> Result<(), Failure>) {
    let message = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => return,
        Ok(Err(Failure(message))) => message,
        Err(panic) => format!(
            "lantern failed in a way that it should not ({}); please report this",
            of_panic(panic.as_ref())
        ),
    };
    let mut message = message.into_bytes();
    message.retain(|&byte| byte != 0);
    LAST.set(CString::new(message).unwrap_or_default());
}

fn of_panic(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
