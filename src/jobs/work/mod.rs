//! Works on a job: sends what the limits allow, polls what is in flight, and loads what has
//! finished, all at the same time.

mod in_doubt;
mod outage;
mod run_status;
mod send;
mod wait;
mod worker;

pub use in_doubt::OnFailed;
pub use run_status::RUN_FAILED;
pub use wait::{POLL, WaitOptions};
