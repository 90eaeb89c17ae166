//! What the core uses of `once_cell`, with a turn of shuttle's scheduler before each step.

pub mod race {
    use std::sync::OnceLock;

    use shuttle::thread::yield_now;

    /// A box that is set once. shuttle runs one thread at a time, so that none waits for the lock.
    pub struct OnceBox<T>(OnceLock<Box<T>>);

    impl<T> OnceBox<T> {
        pub const fn new() -> Self {
            Self(OnceLock::new())
        }

        pub fn get(&self) -> Option<&T> {
            yield_now();
            self.0.get().map(Box::as_ref)
        }

        /// # Errors
        /// If there is a value already; the other is given back.
        pub fn set(&self, value: Box<T>) -> Result<(), Box<T>> {
            yield_now();
            self.0.set(value)
        }
    }
}
