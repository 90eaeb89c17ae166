//! Learning without labels how likely each kind of agreement is among matches.
//!
//! Fellegi and Sunter's model ("A theory for record linkage", 1969): a pair's odds are multiplied,
//! for each field, by `m / u`, the share of matches that agree so over the share of other pairs
//! that do. For equal values and common words `u` follows from how frequent they are; for other
//! levels from random pairs and from candidates that share another field, whichever is more, so
//! that fields that go together are not counted twice. `m` is found by expectation maximisation.
//! Where a row has one match at most, its candidates share one probability with "none of them".

mod apply;
mod model;
mod pairs;
mod score;

pub use self::{
    model::{Cell, FieldModel, MODEL_VERSION, Model},
    pairs::Pairs,
    score::{Scorer, UNIDENTIFIED},
};

use rayon::prelude::*;

use super::{
    calibrate::Calibration,
    claims::{self, Candidates},
    compare::{
        Grade,
        chance::COPIES,
        field::{BINS, Field},
        role::Role,
        words,
    },
};
use crate::normalize::NORMALIZERS_VERSION;

/// The most rounds of learning, and when they change nothing any more.
const MOST_ROUNDS: usize = 20;
const SETTLED: f64 = 1e-3;
/// The shares of rows with a match that learning starts from.
const STARTS: [f64; 3] = [0.5, 0.03, 0.002];
/// Where more of the believed matches than this many times what is plausible differ in a field that
/// says who they are, they are none: learning went astray.
const ASTRAY: f64 = 3.0;
/// Pairs of lower log-odds, in bits, are left out of the last rounds, if no label is on them.
const HOPELESS: f32 = -20.0;
/// In how many rounds each start is tried.
const TRIED_ROUNDS: usize = 7;
/// With how many pairs at most each start is tried.
const TRIED_PAIRS: usize = 16_000;
/// In how many rounds words are scored by single words alone.
const FIRST_ROUNDS: usize = 3;
/// How often claims are weighed against each other in a round.
const CONTESTED: usize = 5;
/// What is left at least of the expected share of matches that differ.
const KEPT: f64 = 0.25;
/// How many pairs the expectation before learning is worth.
const PRIOR_PAIRS: f64 = 20.0;
/// How many times as many matches may be merely alike, of one field alone, as is expected beside
/// those that are equal; and how many equal ones are believed in before any is seen.
const UNCONFIRMED: f64 = 2.0;
const UNSEEN: f64 = 2.0;
/// How often words must be seen to agree in a way, in pairs that share another field.
const SEEN: f64 = 5.0;
/// From how many bits on another field is shared.
pub(super) const SHARED_BITS: f32 = 6.0;
/// The share of matches that may differ in what does not identify.
const MOST_DIFFERENT: f64 = 0.5;
/// How many random pairs are compared.
const RANDOM_PAIRS: usize = 50_000;

/// How matches agree before anything is learned.
fn expected(field: &Field) -> Vec<f64> {
    field.kind.comparison().levels().iter().map(|level| level.matches).collect()
}

/// The share of random pairs at each level; 1 where rarity is counted instead.
fn chance(field: &Field) -> Vec<f64> {
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
            // Xorshift with a fixed beginning: the same tables give the same model.
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

/// What of the pairs does not change from round to round.
struct Still {
    /// Of each field: pairs in each cell, and their bits.
    counts: Vec<Vec<f64>>,
    bits: Vec<Vec<f64>>,
    /// Of each field that is not of words: pairs at each level that share another field.
    shared: Vec<Vec<f64>>,
    /// Of each pair: which fields are there while another field is shared.
    with_shared: Vec<u64>,
    /// Of each field: rows of the left in each context.
    left: Vec<Vec<f64>>,
    /// Of each field: the share of random pairs at each level.
    chance: Vec<Vec<f64>>,
    /// Of each row of the left: what its copies have in common.
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

/// Where nothing but this field is known and a row may have many matches, nothing confirms values
/// that are merely alike: of as many as the equal ones let expect, some times over, all others are
/// names of one family, whatever is believed of them. So are names with words of their own on each
/// side, whatever else is known: a shoe in black and one in white have one price.
fn doubt(field: &Field, doubted: impl Fn(Grade) -> bool, matches: &mut [f64], bits: &mut [f64]) {
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

impl Model {
    /// What is expected before learning.
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

    /// Learns from compared candidates of `rows`, from several starts, and keeps what makes the
    /// tables the likeliest. With `labels` (pairs known to match or not), what is known replaces
    /// what is believed.
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
        // Which start is the best shows in some of the rows; labels count wherever they are.
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
                // Pairs that no round will make likely count as chance, and are scored no more.
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
            // Nothing was learned, so that what is expected holds, of few matches.
            None => self.matched = 1.0 / rows.len().max(1) as f64,
        }
    }

    /// Whether the pairs that are believed to match differ in what identifies them.
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

    /// Expectation maximisation from where the model is; gives the likelihood of the pairs.
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
            // There are no fewer matches than values that come again and are not so by chance.
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

    /// The logarithm of how likely the pairs are, over how likely they are without any match.
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

impl FieldModel {
    /// The share of matches at each level, each context leaning on all.
    fn agree(&mut self, field: &Field, matches: &[f64]) {
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
            // A pair of relatives is not believed to match, and so matches are never seen to agree in
            // that way: such levels keep a part of what is expected.
            let grades = field.kind.comparison().levels();
            for level in 1..levels {
                let grade = grades[level].grade;
                if grade == Grade::Partly || grade == Grade::Different && !field.role.identifies() {
                    m[level] = m[level].max(expected[level] * KEPT);
                }
            }
            // Matches seldom differ in what identifies them, whatever the data seems to show.
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

    /// Keeps what was seen of words.
    fn see(&mut self, matches: &[f64], bits: &[f64], still: &Still, at: usize) {
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

    /// Keeps how often words agree in pairs that share another field and are believed to be no
    /// matches: papers of the same authors have words of their titles in common.
    fn see_with_shared(&mut self, shared: &[f64], matched: &[f64]) {
        let others: Vec<f64> =
            shared.iter().zip(matched).map(|(all, matched)| (all - matched).max(0.0)).collect();
        let all: f64 = others.iter().sum();
        self.shared.clear();
        if all > 100.0 {
            // Of what was hardly seen, nobody knows how often it is.
            let seen = |&others: &f64| if others < SEEN { 0.0 } else { others / all };
            self.shared.extend(others.iter().map(seen));
        }
    }

    /// Chance is at least what the candidates show that are believed to be no matches.
    fn compare_with_candidates(
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

    /// Chance is at least what it is among other pairs that share another field.
    fn compare_with_shared(&mut self, chance: &[f64], shared: &[f64], matched: &[f64]) {
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
