//! How often matches and other pairs agree at each level of a field: the shares that are expected
//! before learning, those by chance, and what a round of learning makes of them.

use rayon::prelude::*;

use super::{
    super::compare::{
        Grade,
        field::{BINS, Field},
        role::Role,
        words,
    },
    Still,
    model::{Cell, FieldModel},
};

/// Minimum part that remains of the expected share of matches at a level.
const KEPT: f64 = 0.25;
/// Weight of the expected shares, in pairs.
const PRIOR_PAIRS: f64 = 20.0;
/// Maximum of the number of matches that are similar in the only field, as a multiple of the number
/// expected from the equal ones; and the number of equal ones that is assumed before any is seen.
const UNCONFIRMED: f64 = 2.0;
const UNSEEN: f64 = 2.0;
/// Minimum number of pairs at a level, of those that agree in another field, to count that level.
const SEEN: f64 = 5.0;
/// Maximum share of matches that differ in a field that does not identify.
const MOST_DIFFERENT: f64 = 0.5;
/// Number of random pairs that are compared.
const RANDOM_PAIRS: usize = 50_000;

/// The share of matches at each level that is expected before learning.
pub(super) fn expected(field: &Field) -> Vec<f64> {
    field.kind.comparison().levels().iter().map(|level| level.matches).collect()
}

/// The share of random pairs at each level; 1 if the rarity of values is used instead.
pub(super) fn chance(field: &Field) -> Vec<f64> {
    let levels = field.levels();
    if field.kind.comparison().is_by_words() {
        return field.kind.comparison().levels().iter().map(|level| level.ways).collect();
    }
    let (left, right) = (&field.values.left, &field.values.right);
    let tasks = 32_u64;
    let sampled: Vec<f64> = (0..tasks)
        .into_par_iter()
        .map(|task| {
            let mut counts = vec![0.0; levels];
            let mut scratch = words::Scratch::default();
            // Xorshift with a fixed seed, so that the same tables give the same model.
            let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ (task << 32);
            let mut next = |below: usize| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 11) as usize % below.max(1)
            };
            if !left.is_empty() && !right.is_empty() {
                for _ in 0..RANDOM_PAIRS / tasks as usize {
                    let (a, b) = (left[next(left.len())], right[next(right.len())]);
                    let (level, _) = field.compare(a, b, &mut scratch);
                    counts[usize::from(level)] += 1.0;
                }
            }
            counts
        })
        .reduce(
            || vec![0.0; levels],
            |mut all, some| {
                all.iter_mut().zip(some).for_each(|(all, some)| *all += some);
                all
            },
        );
    let known: f64 = sampled[1..].iter().map(|count| count + 0.5).sum();
    let mut u: Vec<f64> = sampled.iter().map(|count| (count + 0.5) / known).collect();
    u[0] = 1.0;
    u[1] = 1.0;
    u
}

/// Limits the number of matches at the levels with a doubted grade to a multiple of what the number
/// of equal matches makes probable.
///
/// If this field is all that is known and a row may have many matches, nothing confirms similar
/// values: most are different names of one family, such as two branches. Titles of which each has
/// words of its own are never confirmed: a shoe in black and one in white have the same price.
pub(super) fn doubt(
    field: &Field,
    doubted: impl Fn(Grade) -> bool,
    matches: &mut [f64],
    bits: &mut [f64],
) {
    let expected = expected(field);
    let levels = field.levels();
    let mut sums = vec![0.0; levels];
    for (cell, &sum) in matches.iter().enumerate() {
        sums[cell / BINS % levels] += sum;
    }
    let same = sums[1] + UNSEEN;
    let grades = field.kind.comparison().levels();
    for (cell, (matches, bits)) in matches.iter_mut().zip(bits).enumerate() {
        let level = cell / BINS % levels;
        let most = UNCONFIRMED * expected[level] / expected[1] * same;
        if level > 1 && doubted(grades[level].grade) && sums[level] > most {
            *matches *= most / sums[level];
            *bits *= most / sums[level];
        }
    }
}

impl FieldModel {
    /// Updates the share of matches at each level. The shares of a context with few matches lean on
    /// those of all contexts.
    pub(super) fn agree(&mut self, field: &Field, matches: &[f64]) {
        let levels = self.levels;
        let expected = expected(field);
        let by_code: Vec<f64> = matches.chunks(BINS).map(|bins| bins.iter().sum()).collect();
        let mut overall: Vec<f64> = expected.iter().map(|share| share * PRIOR_PAIRS).collect();
        for (code, sum) in by_code.iter().enumerate() {
            overall[code % levels] += sum;
        }
        overall[0] = 0.0;
        let all: f64 = overall.iter().sum();
        for (of, m) in by_code.chunks(levels).zip(self.m.chunks_mut(levels)) {
            let context: f64 = of[1..].iter().sum::<f64>() + PRIOR_PAIRS;
            for level in 1..levels {
                m[level] = (of[level] + PRIOR_PAIRS * overall[level] / all) / context;
            }
            // A pair that looks like relatives gets a low probability, so that matches would never
            // be seen at such levels. These keep a part of the expected share.
            let grades = field.kind.comparison().levels();
            for level in 1..levels {
                let grade = grades[level].grade;
                if grade == Grade::Partly || grade == Grade::Different && !field.role.identifies() {
                    m[level] = m[level].max(expected[level] * KEPT);
                }
            }
            // Matches rarely differ in a field that identifies them, whatever the data seems to
            // show.
            let most = match field.role {
                Role::Identity(most) | Role::Handle(most) | Role::Shared(most) => most,
                Role::Group | Role::Other => MOST_DIFFERENT,
            };
            let differs = |level: usize| grades[level].grade == Grade::Different;
            let different: f64 = (1..levels).filter(|&level| differs(level)).map(|l| m[l]).sum();
            if different > most {
                for (level, share) in m.iter_mut().enumerate().skip(1) {
                    *share *= if differs(level) {
                        most / different
                    } else {
                        (1.0 - most) / (1.0 - different).max(1e-9)
                    };
                }
            }
        }
    }

    /// Stores what was observed in each cell of a field that is compared by words.
    pub(super) fn see(&mut self, matches: &[f64], bits: &[f64], still: &Still, at: usize) {
        let context = self.levels * BINS;
        let cells = (0..matches.len())
            .map(|cell| {
                let others = (still.counts[at][cell] - matches[cell]).max(0.0);
                let begin = cell / context * context;
                Cell {
                    matches: matches[cell],
                    others,
                    bits: (still.bits[at][cell] - bits[cell]) / others.max(1e-9),
                    left: still.left[at][cell / context],
                    all_matches: matches[begin + BINS..begin + context].iter().sum(),
                }
            })
            .collect();
        self.cells = Some(cells);
    }

    /// Stores how often words agree by chance in pairs that agree in another field: papers of the
    /// same authors have words of their titles in common.
    pub(super) fn see_with_shared(&mut self, shared: &[f64], matched: &[f64]) {
        let others: Vec<f64> =
            shared.iter().zip(matched).map(|(all, matched)| (all - matched).max(0.0)).collect();
        let all: f64 = others.iter().sum();
        self.shared.clear();
        if all > 100.0 {
            // A few pairs are too few for an estimate.
            let seen = |&others: &f64| if others < SEEN { 0.0 } else { others / all };
            self.shared.extend(others.iter().map(seen));
        }
    }

    /// Raises `u` to the share of candidates at each level that do not match.
    pub(super) fn compare_with_candidates(
        &mut self,
        chance: &[f64],
        counts: &[f64],
        matched: &[f64],
        all: f64,
    ) {
        let by_level = |cells: &[f64], level: usize| -> f64 {
            cells.chunks(BINS).skip(level).step_by(self.levels).flatten().sum()
        };
        for (level, chance) in chance.iter().enumerate().take(self.levels).skip(2) {
            let others = (by_level(counts, level) - by_level(matched, level)).max(0.0);
            self.u[level] = chance.max(others / all);
        }
    }

    /// Raises `u` to the share at each level among pairs that agree in another field and do not
    /// match.
    pub(super) fn compare_with_shared(&mut self, chance: &[f64], shared: &[f64], matched: &[f64]) {
        let others: Vec<f64> =
            shared.iter().zip(matched).map(|(all, matched)| (all - matched).max(0.0)).collect();
        let all: f64 = others.iter().sum();
        if all > 100.0 {
            for level in 2..self.levels {
                self.u[level] = self.u[level].max(chance[level]).max(others[level] / all);
            }
        }
    }
}
