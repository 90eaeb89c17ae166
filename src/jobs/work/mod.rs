//! Works on a job: sends what the limits allow, polls what is in flight, and loads what has
//! finished, all at the same time.

mod outage;
mod run_status;
mod send;
mod settle;
mod wait;
mod worker;

pub use run_status::RUN_FAILED;
pub use settle::OnFailed;
pub use wait::{POLL, WaitOptions};
