//! Logistic regression in which each weight has a Gaussian prior around its initial value, solved
//! by Newton's method.

/// Maximum number of steps of Newton's method, the longest step, and the step that ends it.
const STEPS: usize = 60;
const LONGEST: f64 = 2.0;
const SHORTEST: f64 = 1e-6;
/// The change of a weight below which the weights of labels are final.
const SETTLED: f64 = 1e-3;
/// Number of parts into which labels are split, so that each is judged by the others.
pub(super) const PARTS: usize = 5;

/// A row of a regression: its values for some weights, and 1 if it matches, 0 if it does not, or
/// the probability if there is no label.
pub(super) type Row = (Vec<(usize, f64)>, f64);
/// A row about which the model has a belief, and the weight of that belief in labels.
pub(super) type Believed = (Row, f64);

/// The share of labels that say nothing about other pairs: a mistake, or two rows that a person
/// knows to be the same although they look different.
const EXCEPTIONS: f64 = 0.02;
/// Maximum number of times that labels are weighed again.
const WEIGHED: usize = 8;

/// The most likely weights of a logistic regression. `held` ties each weight to its initial value
/// (by the inverse of its variance), and rows without labels count by what is `believed` about
/// them.
pub(super) fn newton(rows: &[Row], believed: &[Believed], start: &[f64], held: &[f64]) -> Vec<f64> {
    let (all, trust) = together(rows, believed);
    weighted(&all, &trust, start, held, start.to_vec())
}

/// The labelled rows and then the believed ones, each with its weight.
fn together(rows: &[Row], believed: &[Believed]) -> (Vec<Row>, Vec<f64>) {
    let all = rows.iter().chain(believed.iter().map(|(row, _)| row)).cloned().collect();
    let of_labels = rows.iter().map(|_| 1.0);
    (all, of_labels.chain(believed.iter().map(|(_, worth)| *worth)).collect())
}

/// The same if some of the rows are exceptions (Copas, "Binary regression models for contaminated
/// data", 1988): a single label against everything known does not change other pairs, and many of a
/// kind do.
///
/// Surprising labels can be exceptions, or show that the weights are different. Both
/// interpretations are computed, and the more likely one is used.
pub(super) fn robust(rows: &[Row], believed: &[Believed], start: &[f64], held: &[f64]) -> Vec<f64> {
    let (all, plain) = together(rows, believed);
    let settled = |mut weights: Vec<f64>| {
        for _ in 0..WEIGHED {
            let of_labels = rows.iter().map(|row| {
                let meant = (1.0 - EXCEPTIONS) * likelihood(row, &weights);
                meant / (meant + EXCEPTIONS / 2.0)
            });
            let trust: Vec<f64> = of_labels.chain(plain.iter().skip(rows.len()).copied()).collect();
            let next = weighted(&all, &trust, start, held, weights.clone());
            let change = next.iter().zip(&weights).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            weights = next;
            if change < SETTLED {
                break;
            }
        }
        weights
    };
    let posterior = |weights: &[f64]| -> f64 {
        let told = |row| ((1.0 - EXCEPTIONS) * likelihood(row, weights) + EXCEPTIONS / 2.0).ln();
        let agrees = |((numbers, share), worth): &Believed| {
            let odds = odds(numbers, weights);
            worth * (share * logistic(odds).ln() + (1.0 - share) * logistic(-odds).ln())
        };
        let moved = weights.iter().zip(start).zip(held);
        rows.iter().map(told).sum::<f64>() + believed.iter().map(agrees).sum::<f64>()
            - moved.map(|((now, start), held)| held * (now - start).powi(2) / 2.0).sum::<f64>()
    };
    let (kept, moved) = (settled(start.to_vec()), settled(newton(rows, believed, start, held)));
    if posterior(&kept) >= posterior(&moved) { kept } else { moved }
}

/// The likelihood of a row.
fn likelihood((numbers, is): &Row, weights: &[f64]) -> f64 {
    let odds = odds(numbers, weights);
    logistic(if *is > 0.5 { odds } else { -odds })
}

fn odds(numbers: &[(usize, f64)], weights: &[f64]) -> f64 {
    numbers.iter().map(|&(at, number)| weights[at] * number).sum()
}

/// Newton's method, in which each row is weighted by its `trust`.
fn weighted(
    rows: &[Row],
    trust: &[f64],
    start: &[f64],
    held: &[f64],
    mut weights: Vec<f64>,
) -> Vec<f64> {
    // A weight for which no row has a value keeps its initial value.
    let mut places = vec![usize::MAX; start.len()];
    let mut used: Vec<usize> = rows.iter().flat_map(|row| row.0.iter().map(|of| of.0)).collect();
    used.sort_unstable();
    used.dedup();
    used.iter().enumerate().for_each(|(place, &at)| places[at] = place);
    let count = used.len();
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> =
            used.iter().map(|&at| held[at] * (start[at] - weights[at])).collect();
        let mut curvature = vec![vec![0.0; count]; count];
        used.iter().enumerate().for_each(|(place, &at)| curvature[place][place] = held[at]);
        for ((numbers, is), &trust) in rows.iter().zip(trust) {
            let p = logistic(odds(numbers, &weights));
            let certain = trust * p * (1.0 - p);
            for &(at, number) in numbers {
                gradient[places[at]] += trust * number * (is - p);
                for &(other, by) in numbers.iter().filter(|&&(other, _)| other <= at) {
                    curvature[places[at]][places[other]] += number * by * certain;
                }
            }
        }
        let Some(mut step) = solve(curvature, gradient) else { break };
        let longest = step.iter().fold(0.0_f64, |most, by| most.max(by.abs()));
        if longest > LONGEST {
            step.iter_mut().for_each(|by| *by *= LONGEST / longest);
        }
        used.iter().zip(&step).for_each(|(&at, by)| weights[at] += by);
        if longest < SHORTEST {
            break;
        }
    }
    weights
}

pub(super) fn logistic(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds.clamp(-40.0, 40.0)).exp())
}

/// Solves `a x = b` by Cholesky decomposition, where the lower half of `a` is that of a positive
/// definite matrix; `None` if it is not.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let count = b.len();
    for row in 0..count {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| a[row][k] * a[column][k]).sum();
            let rest = a[row][column] - known;
            if row > column {
                a[row][column] = rest / a[column][column];
            } else if rest > 0.0 {
                a[row][row] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    for row in 0..count {
        let known: f64 = (0..row).map(|k| a[row][k] * b[k]).sum();
        b[row] = (b[row] - known) / a[row][row];
    }
    for row in (0..count).rev() {
        let known: f64 = (row + 1..count).map(|k| a[k][row] * b[k]).sum();
        b[row] = (b[row] - known) / a[row][row];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows with one value each, which match or not.
    fn rows(of: &[(f64, bool)]) -> Vec<Row> {
        of.iter().map(|&(x, is)| (vec![(0, 1.0), (1, x)], f64::from(u8::from(is)))).collect()
    }

    #[test]
    fn one_label_against_all_that_is_known_is_an_exception() {
        let (start, held) = ([-2.0, 6.0], [0.4, 0.4]);
        let odds = |weights: &[f64], x: f64| weights[0] + weights[1] * x;
        let alone = rows(&[(-3.0, true)]);
        assert!(odds(&newton(&alone, &[], &start, &held), -3.0) > -2.0);
        let kept = robust(&alone, &[], &start, &held);
        assert!(odds(&kept, -3.0) < -19.0 && odds(&kept, -1.0) < -7.0, "{kept:?}");
        let kept = robust(&rows(&[(3.0, false)]), &[], &start, &held);
        assert!(odds(&kept, 3.0) > 15.0, "{kept:?}");
        // Many of a kind are not exceptions.
        let many = rows(&[(-3.0, true); 12]);
        assert!(odds(&robust(&many, &[], &start, &held), -3.0) > 0.0);
        // A label that is hardly surprising counts in full.
        let some = rows(&[(0.25, true), (0.25, true)]);
        assert!(odds(&robust(&some, &[], &start, &held), 0.25) > 0.0);
    }

    #[test]
    fn labels_of_one_region_leave_what_is_believed_of_another() {
        // Near 0 the number has no effect, and far from 0 there are no labels.
        let near = |at: usize| (if at % 4 < 2 { -1.0 } else { 1.0 }, at.is_multiple_of(2));
        let labels = rows(&(0..60).map(near).collect::<Vec<_>>());
        let (start, held) = ([0.0, 6.0], [0.1, 1.0]);
        let believe = |(x, share): (f64, f64)| ((vec![(0, 1.0), (1, x)], share), 10.0);
        let believed: Vec<Believed> = [(-2.0, 0.0), (2.0, 1.0)].map(believe).into();
        let far = |weights: &[f64]| logistic(odds(&[(0, 1.0), (1, 2.0)], weights));
        let (alone, held_up) =
            (robust(&labels, &[], &start, &held), robust(&labels, &believed, &start, &held));
        assert!(far(&alone) < 0.75 && far(&held_up) > 0.8, "{alone:?} {held_up:?}");
        // Labels of the same pairs override beliefs.
        let others = rows(&[(2.0, false); 60]);
        assert!(far(&robust(&others, &believed, &start, &held)) < 0.5);
    }

    #[test]
    fn a_weight_that_no_row_has_stays() {
        let rows = vec![(vec![(0, 1.0), (2, 1.0)], 1.0)];
        let weights = newton(&rows, &[], &[0.0, 7.0, 0.0], &[1.0; 3]);
        assert_eq!(weights[1], 7.0);
        assert!(weights[0] > 0.0 && weights[2] > 0.0);
    }

    #[test]
    fn equations_are_solved() {
        let a = vec![vec![4.0, 0.0], vec![2.0, 3.0]];
        let x = solve(a, vec![10.0, 8.0]).unwrap();
        assert!((4.0 * x[0] + 2.0 * x[1] - 10.0).abs() < 1e-9);
        assert!((2.0 * x[0] + 3.0 * x[1] - 8.0).abs() < 1e-9);
        assert_eq!(solve(vec![vec![-1.0]], vec![1.0]), None);
    }
}
