//! The tenant's credits: the total, those used, and those reserved for queued batches.

use std::sync::{Mutex, PoisonError};

pub(crate) struct Account {
    total: f64,
    state: Mutex<State>,
}

#[derive(Clone, Copy)]
struct State {
    used: u64,
    reserved: u64,
}

/// The error if too few credits are left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TooFewCredits {
    pub available: f64,
    pub reserved: u64,
}

impl Account {
    pub fn new(total: f64, used: u64, reserved: u64) -> Self {
        Self { total, state: Mutex::new(State { used, reserved }) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reserves credits.
    pub fn reserve(&self, credits: u64) -> Result<(), TooFewCredits> {
        let mut state = self.state();
        let available = self.total - state.used as f64 - state.reserved as f64;
        if (credits as f64) > available || available <= 0.0 {
            return Err(TooFewCredits { available: available.max(0.0), reserved: state.reserved });
        }
        state.reserved += credits;
        Ok(())
    }

    /// Charges credits, and releases those that were reserved for them.
    pub fn settle(&self, reserved: u64, charged: u64) {
        let mut state = self.state();
        state.reserved = state.reserved.saturating_sub(reserved);
        state.used += charged;
    }

    pub fn total(&self) -> f64 {
        self.total
    }

    pub fn used(&self) -> u64 {
        self.state().used
    }

    /// Credits that are not used yet, including reserved ones.
    pub fn remaining(&self) -> f64 {
        (self.total - self.used() as f64).max(0.0)
    }
}
