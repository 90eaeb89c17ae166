//! Finds labels that contradict each other.

use std::collections::{HashMap, VecDeque};

use foldhash::fast::FixedState;

use super::Label;
use crate::{disjoint_sets::Sets, error::Error};

/// Labels that contradict each other, by their positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// A pair is labelled as matching and as not matching.
    Pair { one: usize, other: usize },
    /// `differ` says that two rows of one table differ, and `same` that they are the same, step by
    /// step.
    Chain { differ: usize, same: Vec<usize> },
}

impl Contradiction {
    /// The first contradiction among labels. `rows` is the number of rows of one table, in which
    /// rows that are the same as a third row are the same.
    pub fn find(labels: &[Label], rows: Option<usize>) -> Option<Self> {
        let key = |&(left, right, _): &Label| {
            let (one, other) =
                if rows.is_some() { (left.max(right), left.min(right)) } else { (left, right) };
            u64::from(one) << 32 | u64::from(other)
        };
        let mut order: Vec<(u64, usize)> =
            labels.iter().enumerate().map(|(at, label)| (key(label), at)).collect();
        order.sort_unstable();
        let apart = order
            .windows(2)
            .find(|pair| pair[0].0 == pair[1].0 && labels[pair[0].1].2 != labels[pair[1].1].2);
        if let Some(pair) = apart {
            return Some(Self::Pair { one: pair[0].1, other: pair[1].1 });
        }
        let mut sets = Sets::new(rows?);
        for &(one, other, _) in labels.iter().filter(|&&(.., is)| is) {
            sets.join(one as usize, other as usize);
        }
        let differ = labels.iter().position(|&(one, other, is)| {
            !is && sets.find(one as usize) == sets.find(other as usize)
        })?;
        Some(Self::Chain { differ, same: path(labels, labels[differ].0, labels[differ].1) })
    }

    /// Describes the contradiction; `name` gives the name of the label at a position.
    pub fn error(
        &self,
        labels: &[Label],
        rows: Option<usize>,
        name: &dyn Fn(usize) -> String,
    ) -> Error {
        let pair = |at: usize| {
            let (left, right, _) = labels[at];
            if rows.is_some() {
                format!("rows {} and {}", left.min(right), left.max(right))
            } else {
                format!("left row {left} and right row {right}")
            }
        };
        let said = match self {
            Self::Pair { one, other } => {
                let (yes, no) = if labels[*one].2 { (one, other) } else { (other, one) };
                format!(
                    "{} says that {} match, and {} that they do not",
                    name(*yes),
                    pair(*yes),
                    name(*no)
                )
            }
            Self::Chain { differ, same } => {
                let chain: Vec<String> = same.iter().map(|&at| name(at)).collect();
                let last = if chain.len() == 1 { "says" } else { "together say" };
                format!(
                    "{} says that {} differ, and {} {last} that they are the same",
                    name(*differ),
                    pair(*differ),
                    chain.join(", ")
                )
            }
        };
        Error::input(format!("labels contradict each other: {said}"))
            .hint("correct one of them, or leave it out")
    }
}

/// The shortest sequence of labels by which one row is the same as another.
fn path(labels: &[Label], from: u32, to: u32) -> Vec<usize> {
    let mut next: HashMap<u32, Vec<(u32, usize)>, FixedState> = HashMap::default();
    for (at, &(one, other, is)) in labels.iter().enumerate() {
        if is {
            next.entry(one).or_default().push((other, at));
            next.entry(other).or_default().push((one, at));
        }
    }
    let mut came: HashMap<u32, (u32, usize), FixedState> = HashMap::default();
    let mut open = VecDeque::from([from]);
    while let Some(row) = open.pop_front() {
        if row == to {
            break;
        }
        for &(other, at) in next.get(&row).into_iter().flatten() {
            if other != from && !came.contains_key(&other) {
                came.insert(other, (row, at));
                open.push_back(other);
            }
        }
    }
    let mut path = Vec::new();
    let mut row = to;
    while let Some(&(before, at)) = came.get(&row) {
        path.push(at);
        row = before;
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(labels: &[Label], rows: Option<usize>) -> Option<String> {
        let found = Contradiction::find(labels, rows)?;
        Some(found.error(labels, rows, &|at| format!("label {at}")).to_string())
    }

    #[test]
    fn a_pair_with_two_decisions_is_named() {
        let labels = [(0, 1, true), (4, 2, false), (3, 3, true), (4, 2, true)];
        let text = said(&labels, None).unwrap();
        assert!(text.contains("label 3 says that left row 4 and right row 2 match"), "{text}");
        assert!(text.contains("label 1 that they do not"), "{text}");
        // In one table the order of the rows does not matter; in two tables it does.
        let turned = [(1, 2, true), (2, 1, false)];
        assert!(said(&turned, Some(3)).is_some() && said(&turned, None).is_none());
        assert_eq!(said(&[(0, 1, true), (0, 1, true)], None), None);
    }

    #[test]
    fn a_chain_that_a_label_denies_is_named_whole() {
        let labels = [(0, 1, true), (5, 6, true), (2, 1, true), (2, 3, true), (3, 0, false)];
        let text = said(&labels, Some(7)).unwrap();
        assert!(text.contains("label 4 says that rows 0 and 3 differ"), "{text}");
        assert!(text.contains("label 3, label 2, label 0 together say"), "{text}");
        // In two tables, several left rows may match one right row.
        assert_eq!(said(&labels, None), None);
    }
}
