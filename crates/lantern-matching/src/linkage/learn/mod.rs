//! Learns without labels how often matches agree in each way.
//!
//! The model is Fellegi and Sunter's ("A theory for record linkage", 1969): for each field, the
//! odds of a pair are multiplied by `m / u`, the share of matches that agree at its level divided
//! by the share of other pairs that do. If 90 % of matches and 1 % of other pairs have the same
//! city, the same city multiplies the odds by 90. `u` of equal values and common words follows from
//! their frequency. `u` of other levels is their share among random pairs or, if that is more,
//! among candidates that agree in another field, so that fields that go together do not count
//! twice. `m` is found by expectation maximisation. If a row has at most one match, the
//! probabilities of its candidates and of "no match" add up to 1.

mod apply;
mod model;
mod pairs;
mod score;
mod shares;

pub use self::{
    model::{Cell, FieldModel, MODEL_VERSION, Model},
    pairs::Pairs,
    score::{Scorer, UNIDENTIFIED},
};

use self::shares::{chance, doubt, expected};
use super::{
    claims::{self, Candidates},
    compare::{
        Grade,
        chance::COPIES,
        field::{BINS, Field},
        role::Role,
    },
};
use crate::{calibration::Calibration, normalize::NORMALIZERS_VERSION};

/// Maximum number of rounds of learning, and the relative change of `matched` below which they end.
const MOST_ROUNDS: usize = 20;
const SETTLED: f64 = 1e-3;
/// The shares of rows with a match that learning starts from.
const STARTS: [f64; 3] = [0.5, 0.03, 0.002];
/// Learning went astray if the share of matches that differ in an identifying field is this many
/// times the plausible one.
const ASTRAY: f64 = 3.0;
/// Pairs with lower log-odds, in bits, are left out of the last rounds, unless they have a label.
const HOPELESS: f32 = -20.0;
/// Number of rounds in which each start is tried.
const TRIED_ROUNDS: usize = 7;
/// Maximum number of pairs with which each start is tried.
const TRIED_PAIRS: usize = 16_000;
/// Number of rounds in which words are scored by their rarity alone.
const FIRST_ROUNDS: usize = 3;
/// Number of times that the claims to right rows are weighed against each other in a round.
const CONTESTED: usize = 5;
/// Bits above which two rows agree in another field.
pub(super) const SHARED_BITS: f32 = 6.0;

/// Counts of the pairs that do not change from round to round.
struct Still {
    /// For each field, the number of pairs in each cell, and the sum of their bits.
    counts: Vec<Vec<f64>>,
    bits: Vec<Vec<f64>>,
    /// For each field, the number of pairs at each level that agree in another field.
    shared: Vec<Vec<f64>>,
    /// For each pair, the fields with both values while another field agrees, one bit each.
    with_shared: Vec<u64>,
    /// For each field, the number of left rows in each context.
    left: Vec<Vec<f64>>,
    /// For each field, the share of random pairs at each level.
    chance: Vec<Vec<f64>>,
    /// For each left row, a hash of its values, which its copies have in common.
    copies: Vec<u64>,
}

impl Still {
    fn of(fields: &[Field], rows: &[u32], pairs: &Pairs, chance: Vec<Vec<f64>>) -> Self {
        let count = fields.len();
        let mut still = Self {
            counts: fields.iter().map(|field| vec![0.0; field.cells()]).collect(),
            bits: fields.iter().map(|field| vec![0.0; field.cells()]).collect(),
            shared: fields.iter().map(|field| vec![0.0; field.levels()]).collect(),
            with_shared: vec![0; pairs.len()],
            left: fields.iter().map(|field| vec![0.0; field.contexts()]).collect(),
            chance,
            copies: claims::copies(fields, rows.iter().copied()),
        };
        for (pair, with_shared) in still.with_shared.iter_mut().enumerate() {
            let cells = &pairs.cells[pair * count..(pair + 1) * count];
            let bits = &pairs.bits[pair * count..(pair + 1) * count];
            let sharing = bits.iter().filter(|&&bits| bits > SHARED_BITS).count();
            for (at, field) in fields.iter().enumerate() {
                let cell = usize::from(cells[at]);
                still.counts[at][cell] += 1.0;
                still.bits[at][cell] += f64::from(bits[at]);
                let level = cell / BINS % field.levels();
                if level > 0 && sharing > usize::from(bits[at] > SHARED_BITS) {
                    *with_shared |= 1 << (at % 64);
                    still.shared[at][level] += 1.0;
                }
            }
        }
        for (field, left) in fields.iter().zip(&mut still.left) {
            for &row in rows {
                left[field.context(field.values.left[row as usize])] += 1.0;
            }
        }
        still
    }

    fn candidates<'a>(&'a self, pairs: &'a Pairs) -> Candidates<'a> {
        Candidates { starts: &pairs.starts, rights: &pairs.right, copies: &self.copies }
    }
}

impl Model {
    /// The model before learning, with the expected shares.
    pub fn start(fields: &[Field], rows: usize, exclusive: bool) -> Self {
        Self {
            version: MODEL_VERSION,
            normalizers: NORMALIZERS_VERSION,
            fields: fields
                .iter()
                .map(|field| FieldModel {
                    name: field.name.clone(),
                    kind: field.kind,
                    role: field.role,
                    left: field.columns.0.clone(),
                    right: field.columns.1.clone(),
                    levels: field.levels(),
                    m: expected(field).repeat(field.contexts()),
                    u: chance(field).repeat(field.contexts()),
                    shared: Vec::new(),
                    cells: None,
                })
                .collect(),
            matched: if exclusive { 0.5 } else { 0.1 },
            rows: rows.max(1) as f64,
            exclusive,
            second: 1.0,
            several: claims::EXPECTED,
            calibration: Calibration::default(),
            labelled: None,
        }
    }

    /// Learns from the compared candidates of `rows`. It tries several starts, and keeps the model
    /// under which the tables are most likely. `labels` holds pairs, and whether each matches; they
    /// replace the model's own probabilities.
    pub fn learn(
        &mut self,
        fields: &[Field],
        rows: &[u32],
        pairs: &Pairs,
        labels: &[(usize, bool)],
    ) {
        if pairs.is_empty() {
            return;
        }
        let chance = self.fields.iter().map(|field| field.u.clone()).collect();
        let still = Still::of(fields, rows, pairs, chance);
        // A part of the rows is enough to choose a start, unless labels are in the others.
        let step = if labels.is_empty() { pairs.len().div_ceil(TRIED_PAIRS) } else { 1 };
        let some = (step > 1).then(|| {
            let (some_rows, some) = pairs.every(step, rows, fields.len());
            let still = Still::of(fields, &some_rows, &some, still.chance.clone());
            (some_rows, some, still)
        });
        let (some_rows, some, some_still) = some
            .as_ref()
            .map_or((rows, pairs, &still), |(rows, some, still)| (rows.as_slice(), some, still));
        let mut best: Option<(f64, Self)> = None;
        for share in STARTS {
            let mut model = Self { matched: share, ..self.clone() };
            let likelihood =
                model.settle(fields, some_rows, some, labels, some_still, 0..TRIED_ROUNDS);
            if model.is_astray(fields, some) {
                continue;
            }
            if best.as_ref().is_none_or(|(most, _)| likelihood > *most) {
                best = Some((likelihood, model));
            }
        }
        match best {
            Some((_, model)) => {
                let tried = model.clone();
                *self = model;
                if self.exclusive {
                    let scores = self.scores(pairs);
                    let of = still.candidates(pairs);
                    self.second = claims::second_claims(&of, &scores, claims::EXPECTED);
                }
                let mut known: Vec<usize> = labels.iter().map(|&(pair, _)| pair).collect();
                known.sort_unstable();
                let is_labelled = |pair: usize| known.binary_search(&pair).is_ok();
                // Hopeless pairs still count as chance, but are no longer scored.
                let scores = self.scores(pairs);
                let (likely, kept) =
                    pairs.keep(|pair| scores[pair] > HOPELESS || is_labelled(pair), fields.len());
                let labels: Vec<(usize, bool)> = labels
                    .iter()
                    .filter_map(|&(pair, is)| Some((kept.binary_search(&pair).ok()?, is)))
                    .collect();
                let still = Still {
                    with_shared: kept.iter().map(|&pair| still.with_shared[pair]).collect(),
                    ..still
                };
                self.settle(fields, rows, &likely, &labels, &still, TRIED_ROUNDS..MOST_ROUNDS);
                if self.is_astray(fields, pairs) {
                    *self = tried;
                }
            }
            // Every start went astray. The expected shares remain, and few matches are assumed.
            None => self.matched = 1.0 / rows.len().max(1) as f64,
        }
    }

    /// Whether implausibly many of the probable matches differ in a field that identifies them.
    fn is_astray(&self, fields: &[Field], pairs: &Pairs) -> bool {
        let p = self.probabilities(&self.scores(pairs), pairs);
        let count = fields.len();
        fields.iter().enumerate().any(|(at, field)| {
            let Role::Identity(plausible) = field.role else { return false };
            let grades = field.kind.comparison().levels();
            let (mut known, mut differ) = (0.0, 0.0);
            for (pair, &p) in p.iter().enumerate().filter(|(_, p)| **p > 0.01) {
                let level = usize::from(pairs.cells[pair * count + at]) / BINS % field.levels();
                let p = f64::from(p);
                match grades[level].grade {
                    Grade::Unknown => {}
                    Grade::Different | Grade::Partly => {
                        known += p;
                        differ += p;
                    }
                    Grade::Same | Grade::Alike => known += p,
                }
            }
            known > 5.0 && differ > (ASTRAY * plausible).min(0.6) * known
        })
    }

    /// Runs rounds of expectation maximisation. Returns the log-likelihood of the pairs.
    fn settle(
        &mut self,
        fields: &[Field],
        rows: &[u32],
        pairs: &Pairs,
        labels: &[(usize, bool)],
        still: &Still,
        rounds: std::ops::Range<usize>,
    ) -> f64 {
        let chance = &still.chance;
        let count = fields.len();
        for round in rounds {
            let before = self.matched;
            let mut scores = self.scores(pairs);
            if self.exclusive {
                claims::contest(&still.candidates(pairs), &mut scores, self.second, CONTESTED);
            }
            let mut p = self.probabilities(&scores, pairs);
            for &(pair, is) in labels {
                p[pair] = if is { 1.0 } else { 0.0 };
            }
            let total: f64 = p.iter().map(|&p| f64::from(p)).sum();
            let most = if self.exclusive { 0.999 } else { 1e3 };
            // There are at least as many matches as values that occur again, apart from those that
            // do so by chance.
            let least = match fields {
                [field] if !self.exclusive => (field.copies + COPIES) / self.rows,
                _ => 1e-6,
            };
            self.matched = (total / rows.len().max(1) as f64).max(least).min(most);
            let likely: Vec<(usize, f64)> = p
                .iter()
                .enumerate()
                .filter(|&(_, &p)| p > 1e-4)
                .map(|(pair, &p)| (pair, f64::from(p)))
                .collect();
            for (at, (field, model)) in fields.iter().zip(&mut self.fields).enumerate() {
                let mut matches = vec![0.0; field.cells()];
                let mut bits = vec![0.0; field.cells()];
                let mut shared = vec![0.0; field.levels()];
                for &(pair, p) in &likely {
                    let cell = usize::from(pairs.cells[pair * count + at]);
                    matches[cell] += p;
                    bits[cell] += p * f64::from(pairs.bits[pair * count + at]);
                    if still.with_shared[pair] & 1 << (at % 64) != 0 {
                        shared[cell / BINS % field.levels()] += p;
                    }
                }
                if !self.exclusive && count == 1 {
                    doubt(field, |_| true, &mut matches, &mut bits);
                } else if !self.exclusive && field.is_title() {
                    doubt(field, |grade| grade == Grade::Partly, &mut matches, &mut bits);
                }
                model.agree(field, &matches);
                if round < FIRST_ROUNDS {
                    continue;
                }
                if field.kind.comparison().is_by_words() {
                    model.see(&matches, &bits, still, at);
                    model.see_with_shared(&still.shared[at], &shared);
                } else {
                    let all = self.rows * rows.len() as f64;
                    model.compare_with_candidates(&chance[at], &still.counts[at], &matches, all);
                    model.compare_with_shared(&chance[at], &still.shared[at], &shared);
                }
            }
            if round > FIRST_ROUNDS + 2 && (self.matched - before).abs() < SETTLED * self.matched {
                break;
            }
        }
        self.likelihood(pairs, rows.len())
    }

    /// The log-likelihood of the pairs, relative to that without any match.
    fn likelihood(&self, pairs: &Pairs, rows: usize) -> f64 {
        let scores = self.scores(pairs);
        let none = if self.exclusive { (1.0 - self.matched).max(1e-9).ln() } else { 0.0 };
        let told: f64 = pairs
            .starts
            .windows(2)
            .map(|window| {
                let odds = |score: &f32| f64::from(score.clamp(-100.0, 100.0)).exp2();
                let of = &scores[window[0]..window[1]];
                if self.exclusive {
                    of.iter().map(odds).sum::<f64>().ln_1p()
                } else {
                    of.iter().map(|score| odds(score).ln_1p()).sum()
                }
            })
            .sum();
        let pairs = if self.exclusive { none * rows as f64 } else { -self.matched * rows as f64 };
        told + pairs
    }
}
