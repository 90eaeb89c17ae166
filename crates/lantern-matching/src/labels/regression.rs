//! Logistic regression, where each weight is held near to where it starts (a Gaussian prior). Found by
//! Newton's method; the posterior has one mode.

/// The most steps of Newton's method, the longest step, and the one that ends it.
const STEPS: usize = 60;
const LONGEST: f64 = 2.0;
const SHORTEST: f64 = 1e-6;
/// How many parts labels are split into, so that each is judged by the others.
pub(super) const PARTS: usize = 5;

/// The likeliest weights of a logistic regression, where each row has numbers for some weights and
/// whether it matches, and each weight is `held` to where it starts (by one over its variance).
pub(super) fn newton(rows: &[(Vec<(usize, f64)>, f64)], start: &[f64], held: &[f64]) -> Vec<f64> {
    let count = start.len();
    let mut weights = start.to_vec();
    for _ in 0..STEPS {
        let mut gradient: Vec<f64> =
            (0..count).map(|at| held[at] * (start[at] - weights[at])).collect();
        let mut curvature = vec![vec![0.0; count]; count];
        (0..count).for_each(|at| curvature[at][at] = held[at]);
        for (numbers, is) in rows {
            let odds: f64 = numbers.iter().map(|&(at, number)| weights[at] * number).sum();
            let p = logistic(odds);
            let certain = p * (1.0 - p);
            for &(at, number) in numbers {
                gradient[at] += number * (is - p);
                for &(other, by) in numbers.iter().filter(|&&(other, _)| other <= at) {
                    curvature[at][other] += number * by * certain;
                }
            }
        }
        let Some(mut step) = solve(curvature, gradient) else { break };
        let longest = step.iter().fold(0.0_f64, |most, by| most.max(by.abs()));
        if longest > LONGEST {
            step.iter_mut().for_each(|by| *by *= LONGEST / longest);
        }
        weights.iter_mut().zip(&step).for_each(|(weight, by)| *weight += by);
        if longest < SHORTEST {
            break;
        }
    }
    weights
}

pub(super) fn logistic(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds.clamp(-40.0, 40.0)).exp())
}

/// Solves `a x = b` by Cholesky's factors, where the lower half of `a` is that of a positive definite
/// matrix; none where it is not.
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

    #[test]
    fn equations_are_solved() {
        let a = vec![vec![4.0, 0.0], vec![2.0, 3.0]];
        let x = solve(a, vec![10.0, 8.0]).unwrap();
        assert!((4.0 * x[0] + 2.0 * x[1] - 10.0).abs() < 1e-9);
        assert!((2.0 * x[0] + 3.0 * x[1] - 8.0).abs() < 1e-9);
        assert_eq!(solve(vec![vec![-1.0]], vec![1.0]), None);
    }
}
