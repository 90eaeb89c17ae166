//! The clock that processes share.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970, by the wall clock.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
