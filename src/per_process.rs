//! Values that belong to one process: a forked child makes its own.
//!
//! A connection pool, a runtime or a lock that crosses a `fork` leaves the child waiting for
//! threads that it does not have. A [`PerProcess`] hands every process its own value; what the
//! parent made is neither used nor dropped in the child.

use std::{process, sync::OnceLock};

/// One value per process id, made on first use.
///
/// Reading takes no lock, so that a fork at any moment leaves nothing locked in the child.
pub struct PerProcess<T> {
    first: OnceLock<Box<Node<T>>>,
}

struct Node<T> {
    pid: u32,
    value: Option<T>,
    next: OnceLock<Box<Node<T>>>,
}

impl<T> PerProcess<T> {
    pub const fn new() -> Self {
        Self { first: OnceLock::new() }
    }

    /// This process's value; `make` is called for the first use in each process.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let pid = process::id();
        let mut make = Some(make);
        let mut slot = &self.first;
        loop {
            let node = slot.get_or_init(|| {
                Box::new(Node { pid, value: make.take().map(|make| make()), next: OnceLock::new() })
            });
            match &node.value {
                Some(value) if node.pid == pid => return value,
                _ => slot = &node.next,
            }
        }
    }
}

impl<T> PerProcess<T> {
    /// This process's value, if it was made.
    pub fn get(&self) -> Option<&T> {
        let pid = process::id();
        let mut slot = &self.first;
        while let Some(node) = slot.get() {
            match &node.value {
                Some(value) if node.pid == pid => return Some(value),
                _ => slot = &node.next,
            }
        }
        None
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let pid = process::id();
        let mut slot = self.first.take();
        while let Some(mut node) = slot {
            slot = node.next.take();
            if node.pid != pid {
                std::mem::forget(node.value.take());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_makes_its_value_once() {
        let cell = PerProcess::new();
        let first: *const String = cell.get_or_init(|| "made".to_owned());
        let second: *const String = cell.get_or_init(|| unreachable!("made twice"));
        assert!(std::ptr::eq(first, second));
    }
}
