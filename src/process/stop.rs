//! A flag that tells work on another thread or task to stop, once nobody awaits its result.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The side that awaits the work, which sets the flag when it is dropped.
#[derive(Debug, Default)]
pub struct StopOnDrop(Arc<AtomicBool>);

impl StopOnDrop {
    /// The flag, for the work to look at.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Sets the flag now.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_nobody_awaits_is_told_to_stop() {
        let awaited = StopOnDrop::default();
        let flag = awaited.flag();
        assert!(!flag.load(Ordering::Relaxed));
        drop(awaited);
        assert!(flag.load(Ordering::Relaxed));
    }
}
