//! Learns from labels how a learned model has to change: a logistic regression over how the fields
//! agree, whose prior is what was learned without labels.
//!
//! The score of a pair is replaced by an intercept and, for each field, a slope over the bits that
//! the model gives it and a weight of its level. With few labels these stay close to the model;
//! with many they follow the labels. A single label that is an exception changes no other pair.

use serde::{Deserialize, Serialize};

use super::{
    regression::{Believed, PARTS, Row, logistic, robust},
    rivals::Rivals,
    unlabelled,
};
use crate::calibration::Calibration;

/// Standard deviations of the intercept, and of the weight of pairs that nothing identifies, from
/// the model before labels are seen, in natural log-odds.
const FREE: f64 = 3.0;
/// The same for the weight of a level, and for a slope over [`UNIT`] bits; and if unlabelled pairs
/// are learned from as well.
const HELD: f64 = 1.0;
const HELD_BESIDE_BELIEFS: f64 = 0.5;
/// The weight of these beliefs together, in labels.
const WORTH: f64 = 40.0;
/// With fewer labels, weights are tied more closely to the model.
const FEW: f64 = 30.0;
/// The unit of slopes in bits, which gives them the size of the other weights.
const UNIT: f64 = 5.0;
/// Minimum and maximum number of bits of a field; bits beyond these add no evidence.
const BITS: (f64, f64) = (-10.0, 20.0);
/// The log-odds (natural) that a pair loses if nothing identifies its rows, before labels say
/// otherwise.
const UNIDENTIFIED: f64 = -6.0;
/// Number of labels from which each is judged by the others.
pub const JUDGED: usize = 10;
/// Minimum confidence of a sure pair; the number of sure pairs, none of them wrong, that is assumed
/// before labels are seen; and this number if rivals are weighed, because fewer pairs are sure
/// then.
const SURE: f64 = 0.9;
const BELIEVED: f64 = 34.0;
const BELIEVED_AMONG_RIVALS: f64 = 100.0;
/// Number of labels from which on missing sure pairs count in full. A single decision is no reason
/// to doubt all others.
const HEARD: f64 = 100.0;

/// The probability that a sure pair is wrong, by Laplace's rule of succession: after any number of
/// right ones, the next may be wrong. `unbound` are the confidences of labelled pairs, each judged
/// by the others, and `rivals` says whether rivals were weighed.
pub fn doubt(unbound: &[f64], rivals: bool) -> f64 {
    let sure = unbound.iter().filter(|&&confidence| confidence >= SURE).count();
    let heard = (unbound.len() as f64 / HEARD).min(1.0);
    heard / (if rivals { BELIEVED_AMONG_RIVALS } else { BELIEVED } + sure as f64)
}

/// What was learned from labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Number of labels from which it was learned.
    pub labels: usize,
    intercept: f64,
    unidentified: f64,
    fields: Vec<FieldWeights>,
    /// How rivals change a pair, if a row has at most one match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rivals: Option<Rivals>,
}

/// The weights of a field, in natural log-odds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FieldWeights {
    slope: f64,
    levels: Vec<f64>,
}

/// A pair as an example: the level of each field, the bits that the model gives it, and whether an
/// identifying field agrees. For unlabelled pairs, `matches` has no meaning.
#[derive(Clone, Debug)]
pub struct Example {
    pub levels: Vec<usize>,
    pub bits: Vec<f32>,
    pub identified: bool,
    pub matches: bool,
}

impl Weights {
    /// The model's judgement without labels: `prior` is its bits before comparing.
    fn of_model(levels: &[usize], prior: f64, calibration: Calibration) -> Self {
        let Calibration { shift, scale, .. } = calibration;
        let ln2 = std::f64::consts::LN_2;
        Self {
            labels: 0,
            intercept: ln2 * (shift + scale * prior),
            unidentified: UNIDENTIFIED,
            fields: levels
                .iter()
                .map(|&levels| FieldWeights { slope: ln2 * scale, levels: vec![0.0; levels] })
                .collect(),
            rivals: None,
        }
    }

    /// Learns from labelled pairs, and from others according to whether they are `believed` to
    /// match. `levels` gives the number of levels of each field.
    pub fn learn(
        levels: &[usize],
        prior: f64,
        calibration: Calibration,
        examples: &[Example],
        believed: &[(Example, f64)],
    ) -> Self {
        Self::of_model(levels, prior, calibration).fitted(examples, believed)
    }

    /// The confidence of each example by weights that were learned from others.
    pub fn judge(
        levels: &[usize],
        prior: f64,
        calibration: Calibration,
        examples: &[Example],
        believed: &[(Example, f64)],
    ) -> Vec<f64> {
        let start = Self::of_model(levels, prior, calibration);
        let mut judged = vec![0.0; examples.len()];
        for part in 0..PARTS.min(examples.len()) {
            let others: Vec<Example> = examples
                .iter()
                .enumerate()
                .filter(|(at, _)| at % PARTS != part)
                .map(|(_, example)| example.clone())
                .collect();
            let fitted = start.fitted(&others, believed);
            for (at, example) in examples.iter().enumerate().filter(|(at, _)| at % PARTS == part) {
                judged[at] = logistic(fitted.log_odds(example));
            }
        }
        judged
    }

    /// The prior, in bits.
    pub fn prior(&self) -> f64 {
        self.intercept / std::f64::consts::LN_2
    }

    /// The evidence of nothing identifying the rows, in bits.
    pub fn unidentified(&self) -> f64 {
        self.unidentified / std::f64::consts::LN_2
    }

    /// The contribution of a field at a level to which the model gives this many bits, in bits.
    pub fn adds(&self, field: usize, level: usize, bits: f32) -> f64 {
        if level == 0 {
            return 0.0;
        }
        let of = &self.fields[field];
        let weight = of.levels.get(level).copied().unwrap_or(0.0);
        (of.slope * clipped(bits) + weight) / std::f64::consts::LN_2
    }

    /// Whether it has weights for fields with these numbers of levels.
    pub fn fits(&self, levels: &[usize]) -> bool {
        self.fields.len() == levels.len()
            && self.fields.iter().zip(levels).all(|(own, &levels)| own.levels.len() == levels)
    }

    fn log_odds(&self, example: &Example) -> f64 {
        let fields: f64 = (0..self.fields.len())
            .map(|at| self.adds(at, example.levels[at], example.bits[at]))
            .sum();
        let odds = self.intercept + fields * std::f64::consts::LN_2;
        if example.identified { odds } else { odds + self.unidentified }
    }

    /// The position of each field's weights, and their number: the slope, then the levels.
    fn places(&self) -> (Vec<usize>, usize) {
        let mut begin = 2;
        let places = self.fields.iter().map(|field| {
            let place = begin;
            begin += 1 + field.levels.len();
            place
        });
        let places = places.collect();
        (places, begin)
    }

    /// The values of an example for each weight, unless they are 0.
    fn numbers(&self, places: &[usize], example: &Example) -> Vec<(usize, f64)> {
        let mut numbers = vec![(0, 1.0)];
        if !example.identified {
            numbers.push((1, 1.0));
        }
        for (at, &place) in places.iter().enumerate() {
            let level = example.levels[at];
            if level > 0 {
                numbers.push((place, clipped(example.bits[at]) / UNIT));
                numbers.push((place + 1 + level, 1.0));
            }
        }
        numbers
    }

    fn fitted(&self, examples: &[Example], believed: &[(Example, f64)]) -> Self {
        let (places, count) = self.places();
        let mut start = vec![0.0; count];
        (start[0], start[1]) = (self.intercept, self.unidentified);
        let near = if believed.is_empty() { HELD } else { HELD_BESIDE_BELIEFS };
        let mut held = vec![1.0 / (near * near); count];
        (held[0], held[1]) = (1.0 / (FREE * FREE), 1.0 / (FREE * FREE));
        for (field, &place) in self.fields.iter().zip(&places) {
            start[place] = field.slope * UNIT;
            start[place + 1..][..field.levels.len()].copy_from_slice(&field.levels);
        }
        // A few labels say little of so many weights.
        let few = (FEW / examples.len().max(1) as f64).max(1.0);
        held.iter_mut().for_each(|held| *held *= few);
        let rows: Vec<Row> = examples
            .iter()
            .map(|example| (self.numbers(&places, example), f64::from(u8::from(example.matches))))
            .collect();
        let shares: Vec<f64> = believed.iter().map(|&(_, share)| share).collect();
        let believed: Vec<Believed> = believed
            .iter()
            .zip(unlabelled::worths(&shares, WORTH))
            .map(|((example, share), worth)| ((self.numbers(&places, example), *share), worth))
            .collect();
        let weights = robust(&rows, &believed, &start, &held);
        Self {
            labels: examples.len(),
            intercept: weights[0],
            unidentified: weights[1],
            fields: self
                .fields
                .iter()
                .zip(&places)
                .map(|(field, &place)| FieldWeights {
                    slope: weights[place] / UNIT,
                    levels: weights[place + 1..][..field.levels.len()].to_vec(),
                })
                .collect(),
            rivals: None,
        }
    }
}

fn clipped(bits: f32) -> f64 {
    f64::from(bits).clamp(BITS.0, BITS.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [usize; 2] = [3, 3];

    fn learn(examples: &[Example]) -> Weights {
        Weights::learn(&LEVELS, -8.0, Calibration::default(), examples, &[])
    }

    fn example(one: usize, other: usize, matches: bool) -> Example {
        let bits = [one, other].map(|level| [0.0, 10.0, -4.0][level]);
        Example { levels: vec![one, other], bits: bits.to_vec(), identified: true, matches }
    }

    #[test]
    fn without_labels_it_says_what_the_model_says() {
        let weights = learn(&[]);
        assert!((weights.prior() + 8.0).abs() < 1e-9);
        assert!((weights.adds(0, 1, 10.0) - 10.0).abs() < 1e-9);
        assert_eq!(weights.adds(0, 0, 0.0), 0.0);
    }

    #[test]
    fn labels_say_which_field_counts() {
        // The second field says nothing, whatever the model believes.
        let examples: Vec<Example> =
            (0..80).map(|at| example(1 + at % 2, 1 + at / 2 % 2, at % 2 == 0)).collect();
        let weights = learn(&examples);
        let odds = |one, other| weights.log_odds(&example(one, other, true));
        assert!(odds(1, 2) > 1.0 && odds(2, 1) < -1.0, "{} {}", odds(1, 2), odds(2, 1));
        let judged = Weights::judge(&LEVELS, -8.0, Calibration::default(), &examples, &[]);
        let right = judged.iter().zip(&examples).filter(|(p, of)| (**p > 0.5) == of.matches);
        assert_eq!(right.count(), 80);
    }

    #[test]
    fn labels_that_contradict_each_other_give_even_odds() {
        let examples: Vec<Example> = (0..200).map(|at| example(1, 2, at % 2 == 0)).collect();
        let p = logistic(learn(&examples).log_odds(&examples[0]));
        assert!((p - 0.5).abs() < 0.02, "{p}");
    }

    #[test]
    fn the_more_sure_pairs_labels_show_the_less_they_are_doubted() {
        assert!((0.025..0.03).contains(&doubt(&[0.1; 300], false)));
        assert!(doubt(&[0.95; 200], false) < 0.005);
        assert!(doubt(&[0.1; 1], false) < 0.001);
        assert!(doubt(&[0.1; 300], true) < doubt(&[0.1; 300], false));
    }
}
