//! Values that belong to one process: a forked child makes its own.
//!
//! A connection pool, a runtime or a lock that crosses a `fork` leaves the child waiting for
//! threads that it does not have. A [`PerProcess`] hands every process its own value; what the
//! parent made is neither used nor dropped in the child.

use std::process;

use once_cell::race::OnceBox;

/// One value per process id, made on first use.
///
/// Neither reading nor making takes a lock, so that a fork at any moment, even while another thread
/// is making the value, leaves nothing locked in the child. Threads that ask at the same time may
/// each make a value; all get the first, and the others are dropped.
pub struct PerProcess<T> {
    first: OnceBox<Node<T>>,
}

struct Node<T> {
    pid: u32,
    /// `None` only while it is being dropped.
    value: Option<T>,
    next: OnceBox<Node<T>>,
}

impl<T> PerProcess<T> {
    pub const fn new() -> Self {
        Self { first: OnceBox::new() }
    }

    /// This process's value; `make` is called for the first use in each process.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let pid = process::id();
        let mut made = Some(Box::new(Node { pid, value: Some(make()), next: OnceBox::new() }));
        let mut slot = &self.first;
        loop {
            if let Some(node) = made.take() {
                made = slot.set(node).err();
            }
            if let Some(node) = slot.get() {
                match &node.value {
                    Some(value) if node.pid == pid => return value,
                    _ => slot = &node.next,
                }
            }
        }
    }

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

impl<T> Drop for Node<T> {
    fn drop(&mut self) {
        if self.pid != process::id() {
            std::mem::forget(self.value.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Barrier, mpsc};

    use super::*;

    #[test]
    fn a_process_makes_its_value_once() {
        let cell = PerProcess::new();
        let first: *const String = cell.get_or_init(|| "made".to_owned());
        let second: *const String = cell.get_or_init(|| unreachable!("made twice"));
        assert!(std::ptr::eq(first, second));
    }

    #[test]
    fn threads_that_ask_at_the_same_time_get_the_same_value() {
        let (cell, together) = (PerProcess::new(), Barrier::new(8));
        let places: std::collections::HashSet<usize> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8)
                .map(|n| {
                    let (cell, together) = (&cell, &together);
                    scope.spawn(move || {
                        together.wait();
                        std::ptr::from_ref::<String>(cell.get_or_init(|| n.to_string())) as usize
                    })
                })
                .collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(places.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    #[allow(unsafe_code, reason = "the test forks")]
    fn a_child_that_is_forked_while_the_value_is_being_made_makes_its_own() {
        let cell: PerProcess<u32> = PerProcess::new();
        let (begun, wait_begun) = mpsc::channel();
        let (go_on, wait_go_on) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let cell = &cell;
            scope.spawn(move || {
                cell.get_or_init(|| {
                    begun.send(()).unwrap();
                    wait_go_on.recv().unwrap();
                    1
                });
            });
            wait_begun.recv().unwrap();
            // SAFETY: the child only uses the cell and leaves by `_exit`; the alarm ends one that hangs.
            let pid = unsafe { libc::fork() };
            if pid == 0 {
                unsafe { libc::alarm(20) };
                let own = *cell.get_or_init(|| 2);
                unsafe { libc::_exit(i32::from(own != 2)) };
            }
            let mut status = 0;
            // SAFETY: `pid` is our child.
            unsafe { libc::waitpid(pid, &mut status, 0) };
            go_on.send(()).unwrap();
            assert_eq!(status, 0, "the child hung or got its parent's value");
        });
        assert_eq!(cell.get(), Some(&1));
    }
}
