//! What rules and linkage find: pairs of rows with a confidence.

/// A pair of rows that match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    pub left: u32,
    pub right: u32,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// The groups of rules that hold, a bit each.
    pub rules: u64,
    /// How many other right rows are the same record as this one, so that any of them could have
    /// been given in its place.
    pub ties: u32,
}

/// The pairs that were found, ordered by left row and falling confidence.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub all: Vec<Match>,
    /// How many pairs of rows were compared.
    pub compared: u64,
    /// The estimated share of all matches that were compared, where not all pairs were.
    pub recall: Option<f64>,
    /// What the data does not show, in sentences for the user.
    pub warnings: Vec<String>,
    /// The confidence that each labelled pair has without its label; empty where it is not known.
    pub unbound: Vec<f64>,
}

/// Keeps the `top` surest matches of each left row, in their order.
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
