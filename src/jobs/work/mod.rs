//! Works on a job: sends what the limits allow, polls what is in flight, and loads what has
//! finished, all at the same time.

mod look;
mod outage;
mod send;
mod settle;
mod wait;
mod worker;

pub use look::RUN_FAILED;
pub use settle::OnFailed;
pub use wait::{POLL, WaitOptions};
