//! The pairs of rows that rules or linkage find, each with a confidence.

/// A pair of rows that match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    pub left: u32,
    pub right: u32,
    /// The confidence, 0 to 1.
    pub confidence: f64,
    /// The groups of rules under which the rows match, one bit per group.
    pub rules: u64,
    /// Number of other right rows that are the same record as this one, so that any of them could
    /// have been chosen instead.
    pub ties: u32,
}

/// The pairs that were found, ordered by left row and falling confidence.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub all: Vec<Match>,
    /// Number of pairs of rows that were compared.
    pub compared: u64,
    /// Estimated share of all matches that were compared; `None` if all pairs were.
    pub recall: Option<f64>,
    /// Warnings about what the data does not show, in sentences for the user.
    pub warnings: Vec<String>,
    /// The confidence of each labelled pair without its label; empty if it is not known.
    pub unbound: Vec<f64>,
}

/// Keeps the `top` most confident matches of each left row, in their order.
pub fn keep_top(all: &mut Vec<Match>, top: usize) {
    let mut last = None;
    let mut count = 0;
    all.retain(|found| {
        count = if last == Some(found.left) { count + 1 } else { 1 };
        last = Some(found.left);
        count <= top
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_matches_of_each_left_row_are_kept() {
        let of = |left, right| Match { left, right, confidence: 0.9, rules: 0, ties: 0 };
        let mut all = vec![of(0, 1), of(0, 2), of(3, 1), of(3, 4), of(3, 5)];
        keep_top(&mut all, 2);
        assert_eq!(all, [of(0, 1), of(0, 2), of(3, 1), of(3, 4)]);
    }
}
