//! Learns how other candidates of both rows change the confidence of a pair, if a row has at most
//! one match.
//!
//! A pair that is by far the best of its row is more likely a match than its fields alone say, and
//! one that another pair exceeds is less likely. Labels show by how much: in a logistic regression
//! over the pair's own log-odds and its distance to the best rival on either side.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use super::{
    regression::{Believed, PARTS, Row, logistic, newton},
    unlabelled,
};

/// Number of labels from which rivals are learned, and minimum number of them that match and that
/// do not.
const LEAST: usize = 20;
const OF_EACH: usize = 5;
/// Greater distances are not distinguished, in natural log-odds.
const FAR: f64 = 6.0;
/// The distance of a pair without a rival.
const ALONE: f64 = -8.0;
/// The unit of log-odds and distances.
const UNIT: f64 = 5.0;
/// Standard deviations of the weights from their initial values, before labels are seen.
const FREE: f64 = 4.0;
/// The weight, in labels, of all beliefs about unlabelled pairs together.
const WORTH: f64 = 20.0;

/// The weights: a constant, the pair's own log-odds, the distance on the left and on the right, and
/// being the best on the left and on the right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rivals([f64; 6]);

/// A pair of rows with its own log-odds.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    pub left: u32,
    pub right: u32,
    pub odds: f64,
}

/// The best and the second best candidate of each row of one side.
#[derive(Default)]
struct Best(HashMap<u32, (f64, f64), FixedState>);

impl Best {
    fn add(&mut self, row: u32, odds: f64) {
        let (best, second) = self.0.entry(row).or_insert((ALONE, ALONE));
        if odds > *best {
            *second = *best;
            *best = odds;
        } else if odds > *second {
            *second = odds;
        }
    }

    /// The distance by which a pair is ahead of its best rival, or behind it. `counted` says
    /// whether the pair itself is among the candidates.
    fn distance(&self, row: u32, odds: f64, counted: bool) -> f64 {
        let (best, second) = self.0.get(&row).copied().unwrap_or((ALONE, ALONE));
        let rival = if counted && odds >= best { second } else { best };
        (odds - rival).clamp(-FAR, FAR)
    }
}

/// All candidates, for comparison with each other.
pub struct Field {
    left: Best,
    right: Best,
}

impl Field {
    pub fn of(candidates: impl IntoIterator<Item = Candidate>) -> Self {
        let mut field = Self { left: Best::default(), right: Best::default() };
        for Candidate { left, right, odds } in candidates {
            field.left.add(left, odds);
            field.right.add(right, odds);
        }
        field
    }

    /// The values of a pair; `odds` may be another judgement of it than the one that is `counted`.
    fn numbers(&self, pair: Candidate, odds: f64, counted: bool) -> [f64; 6] {
        let left = self.left.distance(pair.left, pair.odds, counted);
        let right = self.right.distance(pair.right, pair.odds, counted);
        let best = |distance: f64| f64::from(u8::from(distance > 0.0));
        [1.0, odds / UNIT, left / UNIT, right / UNIT, best(left), best(right)]
    }
}

/// A labelled pair among the candidates.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    pub pair: Candidate,
    /// Its log-odds without its own label.
    pub unbound: f64,
    /// Whether the pair is among the candidates.
    pub counted: bool,
    pub matches: bool,
}

impl Rivals {
    /// Learns from labelled pairs among all candidates, with the confidence of each without its own
    /// label; `None` if there are too few labels. `believed` are some unlabelled candidates, with
    /// their confidences without labels.
    pub fn learn(
        field: &Field,
        judged: &[Judged],
        believed: &[(Candidate, f64)],
    ) -> Option<(Self, Vec<f64>)> {
        let hits = judged.iter().filter(|of| of.matches).count();
        if judged.len() < LEAST || hits < OF_EACH || judged.len() - hits < OF_EACH {
            return None;
        }
        let rows: Vec<Row> = judged
            .iter()
            .map(|of| {
                let numbers = field.numbers(of.pair, of.unbound, of.counted);
                (numbers.into_iter().enumerate().collect(), f64::from(u8::from(of.matches)))
            })
            .collect();
        let shares: Vec<f64> = believed.iter().map(|&(_, share)| share).collect();
        let believed: Vec<Believed> = believed
            .iter()
            .zip(unlabelled::worths(&shares, WORTH))
            .map(|(&(pair, share), worth)| {
                let numbers = field.numbers(pair, pair.odds, true);
                ((numbers.into_iter().enumerate().collect(), share), worth)
            })
            .collect();
        let mut unbound = vec![0.0; judged.len()];
        for part in 0..PARTS {
            let others: Vec<_> = rows
                .iter()
                .enumerate()
                .filter(|(at, _)| at % PARTS != part)
                .map(|(_, row)| row.clone())
                .collect();
            let weights = Self::fitted(&others, &believed);
            for at in (part..judged.len()).step_by(PARTS) {
                let odds: f64 = rows[at].0.iter().map(|&(at, number)| weights[at] * number).sum();
                unbound[at] = logistic(odds);
            }
        }
        Some((Self(Self::fitted(&rows, &believed)), unbound))
    }

    fn fitted(rows: &[Row], believed: &[Believed]) -> [f64; 6] {
        let start = [0.0, UNIT, 0.0, 0.0, 0.0, 0.0];
        let held = [1.0 / (FREE * FREE); 6];
        let weights = newton(rows, believed, &start, &held);
        std::array::from_fn(|at| weights[at])
    }

    /// The confidence of a candidate among all.
    pub fn confidence(&self, field: &Field, pair: Candidate) -> f64 {
        let numbers = field.numbers(pair, pair.odds, true);
        logistic(numbers.iter().zip(&self.0).map(|(number, weight)| number * weight).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows whose log-odds alone do not show a match: the best candidate of each matches.
    fn candidates() -> Vec<Candidate> {
        let odds = |left: u32, right: u32| {
            let own = if left == right { 2.0 } else { 0.0 };
            f64::from(left * 7 % 5) + own - 3.0
        };
        (0..40)
            .flat_map(|left| [left, (left + 1) % 40, (left + 2) % 40].map(|right| (left, right)))
            .map(|(left, right)| Candidate { left, right, odds: odds(left, right) })
            .collect()
    }

    #[test]
    fn the_best_of_its_rows_is_a_match_whatever_its_own_odds() {
        let all = candidates();
        let field = Field::of(all.iter().copied());
        let judged: Vec<Judged> = all
            .iter()
            .take(60)
            .map(|&pair| Judged {
                pair,
                unbound: pair.odds,
                counted: true,
                matches: pair.left == pair.right,
            })
            .collect();
        let (rivals, unbound) = Rivals::learn(&field, &judged, &[]).unwrap();
        let wrong = all[60..]
            .iter()
            .filter(|&&pair| (rivals.confidence(&field, pair) > 0.5) != (pair.left == pair.right));
        assert!(wrong.count() <= 3);
        let right = unbound.iter().zip(&judged).filter(|(p, of)| (**p > 0.5) == of.matches);
        assert!(right.count() >= 55);
    }

    #[test]
    fn labels_of_unsure_pairs_leave_sure_ones_sure() {
        let all = candidates();
        let field = Field::of(all.iter().copied());
        let unsure = all.iter().filter(|pair| pair.odds.abs() < 1.5).take(40);
        let judged: Vec<Judged> = unsure
            .enumerate()
            .map(|(at, &pair)| Judged {
                pair,
                unbound: pair.odds,
                counted: true,
                matches: at % 2 == 0,
            })
            .collect();
        // A pair without rivals whose fields all agree. No label is like that.
        let sure = Candidate { left: 900, right: 900, odds: 12.0 };
        let believed = [(sure, 0.999), (Candidate { left: 901, right: 0, odds: -12.0 }, 0.001)];
        let confidence = |believed: &[(Candidate, f64)]| {
            let (rivals, _) = Rivals::learn(&field, &judged, believed).unwrap();
            rivals.confidence(&field, sure)
        };
        let (alone, held_up) = (confidence(&[]), confidence(&believed));
        assert!(held_up > alone && held_up > 0.97, "{alone} {held_up}");
    }

    #[test]
    fn few_labels_say_nothing_of_rivals() {
        let all = candidates();
        let field = Field::of(all.iter().copied());
        let judged = |matches| {
            move |&pair: &Candidate| Judged { pair, unbound: pair.odds, counted: true, matches }
        };
        let all_match: Vec<Judged> = all.iter().map(judged(true)).collect();
        assert!(Rivals::learn(&field, &all_match, &[]).is_none());
        assert!(Rivals::learn(&field, &all_match[..10], &[]).is_none());
    }
}
