//! Counts how often each call was made, and how often it was refused.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use http::{Method, StatusCode};

/// Counts by path and method since the server started.
#[derive(Default)]
pub(crate) struct CallCounts(Mutex<BTreeMap<(String, String), Count>>);

/// The count of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub all: u64,
    pub refused: u64,
}

impl CallCounts {
    pub fn count(&self, method: &Method, path: &str, status: StatusCode) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = calls.entry((path.to_owned(), method.to_string())).or_default();
        count.all += 1;
        count.refused += u64::from(!status.is_success());
    }

    /// Every call that was made, as method and path, in the order of the paths.
    pub fn list(&self) -> Vec<(String, Count)> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().map(|((path, method), count)| (format!("{method} {path}"), *count)).collect()
    }
}
