//! Working a job: sending what the limits allow, looking at what is in flight, and loading what is
//! finished, all at the same time.

mod look;
mod send;
mod settle;
mod wait;
mod worker;

pub use look::RUN_FAILED;
pub(super) use look::{Clock, Habits, Seen};
pub use settle::OnFailed;
pub use wait::{POLL, WaitOptions};
