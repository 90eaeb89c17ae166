//! Collects the findings of a matrix and reports them at its end, so that the first one does not
//! hide the others.

use std::time::Duration;

use futures_util::StreamExt;

/// Far beyond every deadline of the matrix, even on a busy machine. A cell that takes longer hangs.
pub const GUARD: Duration = Duration::from_secs(900);

/// Which cells of a matrix are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// All, or every n-th with `LANTERN_FAULTS_EVERY=n`.
    All,
    /// About this many, evenly spread, without those that wait for a time-out: a sample that takes
    /// seconds.
    Some(usize),
}

impl Tried {
    /// `waits` says which cells wait for a time-out.
    pub fn of<T>(self, mut cells: Vec<T>, waits: impl Fn(&T) -> bool) -> Vec<T> {
        let every = match self {
            Self::All => std::env::var("LANTERN_FAULTS_EVERY").ok().and_then(|n| n.parse().ok()),
            Self::Some(count) => {
                cells.retain(|cell| !waits(cell));
                // An odd step combines with all faults in turn, whatever their number is.
                Some((cells.len() / count) | 1)
            }
        };
        cells.into_iter().step_by(every.unwrap_or(1)).collect()
    }
}

/// Runs the cells of a matrix in parallel. Each returns its name and what is wrong. Cells that wait
/// for a time-out come last and all at once, because they use no CPU and nothing else delays them.
pub async fn run<T, C>(
    name: &'static str,
    cells: Vec<T>,
    at_once: usize,
    waits: impl Fn(&T) -> bool,
    cell: impl Fn(T) -> C,
) -> Findings
where
    C: Future<Output = (String, Vec<String>)> + Send + 'static,
{
    const WAITING_AT_ONCE: usize = 150;
    let mut findings = Findings::new(name, cells.len());
    let (waiting, busy): (Vec<T>, Vec<T>) = cells.into_iter().partition(waits);
    for (cells, at_once) in [(busy, at_once), (waiting, WAITING_AT_ONCE)] {
        let mut running = futures_util::stream::iter(cells)
            .map(|own| tokio::spawn(cell(own)))
            .buffer_unordered(at_once);
        while let Some(done) = running.next().await {
            let (name, wrong) = done.unwrap();
            findings.add(&name, wrong);
        }
    }
    findings
}

/// Findings of a matrix; see the module.
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
            // Printed immediately, so that an interrupted matrix has reported what it found.
            eprintln!("{cell}: {what}");
            self.wrong.push(format!("{cell}: {what}"));
        }
    }

    /// # Panics
    /// If a cell found anything wrong.
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
