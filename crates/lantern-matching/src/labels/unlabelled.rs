//! The model's beliefs about unlabelled pairs, as a part of what is learned from labels.
//!
//! Labels are often given to uncertain pairs and say nothing about the others, for which a
//! regression on the labels alone would go wrong. So all other pairs are also learned from, with
//! the weight of a few labels, as the model judges them without labels (Huang, Stein, Rubin and
//! Kou, "Catalytic prior distributions with application to generalized linear models", 2020).

/// Minimum probability of a pair that is taken for a match.
const LIKELY: f64 = 0.5;

/// The weight of each pair in labels. The weights add up to `total`: half for the pairs that are
/// believed to match and half for the others, which are many more.
pub fn worths(shares: &[f64], total: f64) -> Vec<f64> {
    let matches: f64 = shares.iter().sum();
    let others = shares.len() as f64 - matches;
    let part = |of: f64, all: f64| if all > 0.0 { of / all } else { 0.0 };
    let worth = |&share: &f64| (part(share, matches) + part(1.0 - share, others)) * total / 2.0;
    shares.iter().map(worth).collect()
}

/// At most `most` pairs that are likely to match and as many others, spread evenly.
pub fn spread(shares: &[f64], most: usize) -> Vec<usize> {
    let (likely, others): (Vec<usize>, Vec<usize>) =
        (0..shares.len()).partition(|&at| shares[at] >= LIKELY);
    let mut some: Vec<usize> = [likely, others]
        .iter()
        .flat_map(|of| of.iter().step_by(of.len().div_ceil(most.max(1)).max(1)).copied())
        .collect();
    some.sort_unstable();
    some
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_matches_count_as_much_as_many_others() {
        let shares: Vec<f64> = (0..100).map(|at| if at < 10 { 1.0 } else { 0.0 }).collect();
        let worths = worths(&shares, 20.0);
        assert!((worths.iter().sum::<f64>() - 20.0).abs() < 1e-9);
        assert!((worths[..10].iter().sum::<f64>() - 10.0).abs() < 1e-9);
        assert_eq!(super::worths(&[], 20.0), [0.0; 0]);
        assert_eq!(super::worths(&[0.0, 0.0], 20.0), [5.0, 5.0]);
    }

    #[test]
    fn some_of_both_kinds_are_taken() {
        let shares: Vec<f64> = (0..1_000).map(|at| if at < 30 { 0.9 } else { 0.1 }).collect();
        let some = spread(&shares, 100);
        assert_eq!(some.iter().filter(|&&at| at < 30).count(), 30);
        assert_eq!(some.len(), 30 + 97);
        assert!(some.is_sorted() && spread(&[], 5).is_empty());
    }
}
