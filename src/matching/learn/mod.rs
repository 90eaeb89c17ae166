//! Learning without labels how likely each kind of agreement is among matches.
//!
//! Fellegi and Sunter's model: a pair's odds are multiplied, for each field, by `m / u`, the share
//! of matches that agree so over the share of other pairs that do. `u` is known from how frequent
//! values are; `m` is found by expectation maximisation.

use rayon::prelude::*;

use super::{
    candidates::{Index, Scratch},
    compare::{Words, words},
    field::Field,
    fields::Comparison,
};

/// Compared candidates of some rows of the left.
#[derive(Default)]
pub struct Pairs {
    pub left: Vec<u32>,
    pub right: Vec<u32>,
    /// The level of each field of each pair, pair by pair.
    pub levels: Vec<u8>,
    /// What agreeing values of each field tell by their rarity, in bits, pair by pair.
    pub bits: Vec<f32>,
    /// Where the pairs of each row begin, and the end.
    pub starts: Vec<usize>,
}

impl Pairs {
    pub fn find(fields: &[Field], index: &Index<'_>, rows: &[u32], most: usize) -> Self {
        let parts: Vec<Self> = rows
            .par_chunks(512)
            .map_init(
                || (Scratch::default(), words::Scratch::default()),
                |(scratch, compared), rows| {
                    let mut pairs = Self::default();
                    for &row in rows {
                        pairs.starts.push(pairs.left.len());
                        for &(_, other) in index.candidates(row as usize, most, scratch) {
                            pairs.left.push(row);
                            pairs.right.push(other);
                            for field in fields {
                                let (level, bits) = field.compare(
                                    field.values.left[row as usize],
                                    field.values.right[other as usize],
                                    compared,
                                );
                                pairs.levels.push(level);
                                pairs.bits.push(bits);
                            }
                        }
                    }
                    pairs
                },
            )
            .collect();
        let mut all = Self::default();
        for part in parts {
            let base = all.left.len();
            all.starts.extend(part.starts.iter().map(|start| base + start));
            all.left.extend(part.left);
            all.right.extend(part.right);
            all.levels.extend(part.levels);
            all.bits.extend(part.bits);
        }
        all.starts.push(all.left.len());
        all
    }
}

/// What is learned of a field.
#[derive(Clone, Debug)]
pub struct FieldModel {
    pub name: String,
    pub levels: usize,
    /// The share of matches at each level, among those known.
    pub m: Vec<f64>,
    /// The share of other pairs at each level; for levels whose rarity is counted apart, 1.
    pub u: Vec<f64>,
    pub chance: Vec<f64>,
    /// What was seen of words at each level and bin of bits.
    pub cells: Option<Vec<Cell>>,
}

#[derive(Clone, Debug)]
pub struct Model {
    pub fields: Vec<FieldModel>,
    /// The share of left rows that have a match, or the expected number of earlier duplicates of a row.
    pub matched: f64,
    pub rows: f64,
    pub exclusive: bool,
}

const BINS: usize = 12;

fn prior(field: &Field) -> Vec<f64> {
    match field.kind.comparison() {
        Comparison::Words => vec![0.0, 0.62, 0.03, 0.1, 0.04, 0.04, 0.05, 0.01, 0.02, 0.04, 0.02, 0.03],
        Comparison::Letters => vec![0.0, 0.8, 0.08, 0.04, 0.02, 0.02, 0.04],
        Comparison::Domain => vec![0.0, 0.85, 0.03, 0.04, 0.08],
        Comparison::Digits => vec![0.0, 0.85, 0.07, 0.03, 0.05],
        Comparison::Date => vec![0.0, 0.85, 0.07, 0.02, 0.03, 0.03],
        Comparison::Equality => vec![0.0, 0.95, 0.05],
    }
}

/// The share of random pairs at each level.
fn chance(field: &Field, sample: usize) -> Vec<f64> {
    let levels = field.levels();
    if field.kind.comparison() == Comparison::Words {
        let mut u = vec![1.0; levels];
        // How many ways there are to be so.
        u[Words::Rotated as usize] = 1.0;
        u[Words::Misspelled as usize] = 2.0;
        u[Words::Garbled as usize] = 4.0;
        u[Words::Shortened as usize] = 2.0;
        return u;
    }
    let (left, right) = (&field.values.left, &field.values.right);
    let mut counts = vec![0.5; levels];
    let chunks = 64;
    let sampled: Vec<Vec<f64>> = (0..chunks)
        .into_par_iter()
        .map(|chunk| {
            let mut counts = vec![0.0; levels];
            let mut scratch = words::Scratch::default();
            let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ (chunk as u64) << 32;
            let mut next = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state
            };
            if left.is_empty() || right.is_empty() {
                return counts;
            }
            for _ in 0..sample / chunks {
                let a = left[(next() >> 11) as usize % left.len()];
                let b = right[(next() >> 11) as usize % right.len()];
                let (level, _) = field.compare(a, b, &mut scratch);
                if level > 0 {
                    counts[level as usize] += 1.0;
                }
            }
            counts
        })
        .collect();
    for sampled in sampled {
        for (count, more) in counts.iter_mut().zip(sampled) {
            *count += more;
        }
    }
    counts[0] = 0.0;
    let total: f64 = counts.iter().sum();
    let mut u: Vec<f64> = counts.iter().map(|count| count / total).collect();
    u[0] = 1.0;
    u[1] = 1.0;
    u
}

/// The levels of a field repeat in each context.
fn repeated(field: &Field, of: Vec<f64>) -> Vec<f64> {
    of.repeat(field.contexts())
}

impl Model {
    pub fn start(fields: &[Field], rows: usize, exclusive: bool) -> Self {
        Self {
            fields: fields
                .iter()
                .map(|field| {
                    let chance = repeated(field, chance(field, 50_000));
                    FieldModel {
                        name: field.name.clone(),
                        levels: field.levels(),
                        m: repeated(field, prior(field)),
                        u: chance.clone(),
                        chance,
                        cells: None,
                    }
                })
                .collect(),
            matched: if exclusive { 0.5 } else { 0.1 },
            rows: rows as f64,
            exclusive,
        }
    }

    /// What each level (and, for words, each bin of bits) adds to the bits.
    fn weights(&self) -> Vec<Vec<f32>> {
        self.fields
            .iter()
            .map(|field| {
                let codes = field.m.len();
                let mut weights = vec![0.0_f32; codes * BINS];
                for code in (0..codes).filter(|code| code % field.levels != 0) {
                    let plain = (field.m[code].max(1e-9) / field.u[code]).log2();
                    for bin in 0..BINS {
                        let mut weight = plain;
                        if let Some(cells) = &field.cells
                            && code % field.levels != Words::Different as usize
                        {
                            let cell = &cells[code * BINS + bin];
                            if cell.others > 0.0 {
                                let trust = cell.others / (cell.others + 10.0);
                                let seen = ((cell.matches + 0.5 * field.m[code]).max(1e-6) / cell.all_matches.max(1.0)).log2()
                                    - (cell.others / (self.rows * cell.left)).log2()
                                    - cell.bits;
                                weight = (trust * seen + (1.0 - trust) * plain).min(plain + 1.0);
                            }
                        }
                        weights[code * BINS + bin] = weight as f32;
                    }
                }
                weights
            })
            .collect()
    }

    fn bin(&self, bits: f32) -> usize {
        let above = (f64::from(bits) - self.rows.log2()) / 2.0 + (BINS / 2) as f64;
        above.clamp(0.0, (BINS - 1) as f64) as usize
    }

    /// The probability of each pair.
    pub fn probabilities(&self, pairs: &Pairs) -> Vec<f32> {
        let weights = self.weights();
        let fields = self.fields.len();
        let mut out = vec![0.0_f32; pairs.left.len()];
        let prior = if self.exclusive { self.matched / self.rows / (1.0 - self.matched) } else { self.matched / self.rows };
        let prior = prior.log2() as f32;
        for window in pairs.starts.windows(2) {
            let (begin, end) = (window[0], window[1]);
            let mut none = 1.0;
            for pair in begin..end {
                let mut told = prior;
                for field in 0..fields {
                    let at = pair * fields + field;
                    let bits = pairs.bits[at];
                    told += weights[field][usize::from(pairs.levels[at]) * BINS + self.bin(bits)] + bits;
                }
                let odds = told.clamp(-100.0, 100.0).exp2();
                out[pair] = odds;
                none += odds;
            }
            for odds in &mut out[begin..end] {
                *odds = if self.exclusive { *odds / none } else { *odds / (1.0 + *odds) };
            }
        }
        out
    }

    pub fn learn(&mut self, fields: &[Field], rows: &[u32], pairs: &Pairs, rounds: usize) {
        let count = self.fields.len();
        let left: Vec<Vec<f64>> = fields
            .iter()
            .map(|field| {
                let mut left = vec![0.0; field.contexts()];
                for &row in rows {
                    left[field.context(field.values.left[row as usize])] += 1.0;
                }
                left
            })
            .collect();
        for round in 0..rounds {
            let p = self.probabilities(pairs);
            let total: f64 = p.iter().map(|&p| f64::from(p)).sum();
            self.matched = (total / rows.len() as f64).clamp(1e-6, if self.exclusive { 0.999 } else { 1e3 });
            for (at, (field, model)) in fields.iter().zip(&mut self.fields).enumerate() {
                let levels = model.levels;
                let mut sums = vec![0.0; model.m.len()];
                for (pair, &p) in p.iter().enumerate() {
                    sums[usize::from(pairs.levels[pair * count + at])] += f64::from(p);
                }
                let mut overall: Vec<f64> = prior(field).iter().map(|p| p * 20.0).collect();
                for (code, sum) in sums.iter().enumerate() {
                    overall[code % levels] += sum;
                }
                overall[0] = 0.0;
                let all: f64 = overall.iter().sum();
                for (of, m) in sums.chunks(levels).zip(model.m.chunks_mut(levels)) {
                    let context: f64 = of[1..].iter().sum::<f64>() + 20.0;
                    for level in 1..levels {
                        m[level] = (of[level] + 20.0 * overall[level] / all) / context;
                    }
                }
            }
            if round < 3 {
                continue;
            }
            for (at, field) in fields.iter().enumerate() {
                if field.kind.comparison() != Comparison::Words {
                    let mut sums = vec![0.0; field.levels()];
                    for (pair, &p) in p.iter().enumerate() {
                        let of = pair * count..(pair + 1) * count;
                        let level = pairs.levels[pair * count + at];
                        let other = pairs.bits[of].iter().enumerate().any(|(other, &bits)| other != at && bits > 6.0);
                        if level > 0 && other {
                            sums[level as usize] += f64::from(1.0 - p);
                        }
                    }
                    let all: f64 = sums.iter().sum();
                    if all > 100.0 {
                        for (level, sum) in sums.iter().enumerate().skip(2) {
                            self.fields[at].u[level] = self.fields[at].chance[level].max(sum / all);
                        }
                    }
                    continue;
                }
                let codes = self.fields[at].m.len();
                let levels = self.fields[at].levels;
                let mut cells = vec![Cell::default(); codes * BINS];
                for (pair, &p) in p.iter().enumerate() {
                    let at = pair * count + at;
                    let bits = pairs.bits[at];
                    let cell = &mut cells[usize::from(pairs.levels[at]) * BINS + self.bin(bits)];
                    cell.matches += f64::from(p);
                    cell.others += f64::from(1.0 - p);
                    cell.bits += f64::from((1.0 - p) * bits);
                }
                for (context, cells) in cells.chunks_mut(levels * BINS).enumerate() {
                    let all_matches = cells[BINS..].iter().map(|cell| cell.matches).sum();
                    for cell in cells {
                        cell.bits /= cell.others.max(1e-9);
                        cell.left = left[at][context];
                        cell.all_matches = all_matches;
                    }
                }
                self.fields[at].cells = Some(cells);
            }
        }
    }
}

/// What was seen at a level and a bin of bits.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    matches: f64,
    others: f64,
    /// The mean bits of the others.
    bits: f64,
    /// Rows of the left in this context.
    left: f64,
    /// Matches in this context.
    all_matches: f64,
}
