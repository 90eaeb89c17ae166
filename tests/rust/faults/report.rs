//! What a matrix found, said at its end: the first fault must not hide the others.

use std::time::Duration;

/// Far beyond every deadline of the matrix.
pub const GUARD: Duration = Duration::from_secs(180);

/// The cells that are tried: all, or every n-th, for a quick look with `LANTERN_FAULTS_EVERY=n`.
pub fn tried<T>(cells: Vec<T>) -> Vec<T> {
    let every = std::env::var("LANTERN_FAULTS_EVERY").ok().and_then(|n| n.parse().ok());
    cells.into_iter().step_by(every.unwrap_or(1)).collect()
}

/// See the module.
pub struct Findings {
    name: &'static str,
    cells: usize,
    begun: std::time::Instant,
    wrong: Vec<String>,
}

impl Findings {
    pub fn new(name: &'static str, cells: usize) -> Self {
        Self { name, cells, begun: std::time::Instant::now(), wrong: Vec::new() }
    }

    pub fn add(&mut self, cell: &str, wrong: Vec<String>) {
        for what in wrong {
            // At once: a matrix that is broken off has said what it knew.
            eprintln!("{cell}: {what}");
            self.wrong.push(format!("{cell}: {what}"));
        }
    }

    /// # Panics
    /// If a cell was wrong.
    pub fn done(self) {
        let seconds = self.begun.elapsed().as_secs_f64();
        println!(
            "{}: {} cells in {seconds:.1} s, {} wrong",
            self.name,
            self.cells,
            self.wrong.len()
        );
        assert!(self.wrong.is_empty(), "{} faults:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}
