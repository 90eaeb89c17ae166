//! The time that paid calls in flight have when their process ends.

use std::time::Duration;

use tokio::sync::watch;

use crate::process::per_process::PerProcess;

/// How long the end of a process waits for the answers of paid calls in flight.
pub const AT_EXIT: Duration = Duration::from_secs(10);
/// How long it then waits for calls without an answer to be recorded as in doubt.
pub const TO_WRITE: Duration = Duration::from_secs(2);

/// Whether this process no longer waits for answers before it ends.
static GIVEN_UP: PerProcess<watch::Sender<bool>> = PerProcess::new();

/// Makes calls in flight stop waiting for their answers, because the process is ending.
pub fn give_up() {
    GIVEN_UP.get_or_init(|| watch::Sender::new(false)).send_replace(true);
}

/// Waits until [`give_up`] is called.
pub async fn given_up() {
    let mut given_up = GIVEN_UP.get_or_init(|| watch::Sender::new(false)).subscribe();
    if given_up.wait_for(|given_up| *given_up).await.is_err() {
        std::future::pending().await
    }
}
