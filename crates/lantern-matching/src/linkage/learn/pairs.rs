//! Compared candidates: how each field of each pair agrees, in a form that is cheap to score.

use rayon::prelude::*;

use super::super::{
    candidates::{Index, Limits, Scratch},
    compare::{
        evidence::{self, Agreement},
        field::{BINS, Field},
        words,
    },
};

/// Candidates of some rows, compared.
#[derive(Default)]
pub struct Pairs {
    /// For each pair, the left row or the number of the decoy.
    pub left: Vec<u32>,
    pub right: Vec<u32>,
    /// The cell of each field of each pair, pair by pair: a level and a bin of bits.
    pub cells: Vec<u16>,
    /// The evidence of agreeing values by their rarity, in bits: for each field of each pair, pair
    /// by pair.
    pub bits: Vec<f32>,
    /// The position of the first pair of each row, and the number of pairs.
    pub starts: Vec<usize>,
}

/// The cell of a level and a number of bits. A bin is two bits wide, and the middle one begins at the
/// bits that single out one row.
pub fn cell(code: u8, bits: f32, rows: f32) -> u16 {
    let above = (bits - rows.log2()) / 2.0 + (BINS / 2) as f32;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let bin = above.clamp(0.0, (BINS - 1) as f32) as u16;
    u16::from(code) * BINS as u16 + bin
}

impl Pairs {
    /// Finds and compares the candidates of `rows` of the left.
    pub fn find(fields: &[Field], index: &Index<'_>, rows: &[u32], limits: Limits) -> Self {
        Self::of(fields, index, rows, limits, |row, out| {
            evidence::left_row(fields, row as usize, out);
            row
        })
    }

    /// Finds and compares the candidates of the decoys, numbered from 0.
    pub fn of_decoys(
        fields: &[Field],
        index: &Index<'_>,
        left_rows: usize,
        limits: Limits,
    ) -> Self {
        let count = fields.first().map_or(0, |field| field.decoys.len());
        let numbers: Vec<u32> = (0..count).filter_map(|at| u32::try_from(at).ok()).collect();
        Self::of(fields, index, &numbers, limits, |decoy, out| {
            out.clear();
            out.extend(fields.iter().map(|field| field.decoys[decoy as usize]));
            u32::try_from(decoy as usize * left_rows / count.max(1)).unwrap_or(u32::MAX)
        })
    }

    /// `row` writes the values of a row. In one table, only the rows before the one that it returns
    /// are candidates.
    fn of(
        fields: &[Field],
        index: &Index<'_>,
        rows: &[u32],
        limits: Limits,
        row: impl Fn(u32, &mut Vec<u32>) -> u32 + Sync,
    ) -> Self {
        let total = index.rows() as f32;
        let parts: Vec<Self> = rows
            .par_chunks(256)
            .map_init(
                || (Scratch::default(), words::Scratch::of_many(), Vec::new(), Vec::new()),
                |(scratch, compared, agreements, values), rows| {
                    let mut pairs = Self::default();
                    for &number in rows {
                        pairs.starts.push(pairs.left.len());
                        let before = row(number, values);
                        for &(_, other) in index.candidates(values, before, limits, scratch) {
                            pairs.left.push(number);
                            pairs.right.push(other);
                            let right = |at: usize| fields[at].values.right[other as usize];
                            evidence::compare(fields, values, right, compared, agreements);
                            for &Agreement { code, bits, counted } in agreements.iter() {
                                pairs.cells.push(cell(code, bits, total));
                                pairs.bits.push(counted);
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
            all.cells.extend(part.cells);
            all.bits.extend(part.bits);
        }
        all.starts.push(all.left.len());
        all
    }

    /// The pairs for which `keep` is true, and their positions.
    pub fn keep(&self, keep: impl Fn(usize) -> bool, fields: usize) -> (Self, Vec<usize>) {
        let (mut some, mut kept) = (Self::default(), Vec::new());
        for window in self.starts.windows(2) {
            some.starts.push(kept.len());
            kept.extend((window[0]..window[1]).filter(|&pair| keep(pair)));
        }
        some.starts.push(kept.len());
        for &pair in &kept {
            some.left.push(self.left[pair]);
            some.right.push(self.right[pair]);
            some.cells.extend(&self.cells[pair * fields..(pair + 1) * fields]);
            some.bits.extend(&self.bits[pair * fields..(pair + 1) * fields]);
        }
        (some, kept)
    }

    /// The pairs of every `step`th row, and those of `rows` to which they belong.
    pub fn every(&self, step: usize, rows: &[u32], fields: usize) -> (Vec<u32>, Self) {
        let mut some = Self::default();
        for window in self.starts.windows(2).step_by(step) {
            let (begin, end) = (window[0], window[1]);
            some.starts.push(some.left.len());
            some.left.extend(&self.left[begin..end]);
            some.right.extend(&self.right[begin..end]);
            some.cells.extend(&self.cells[begin * fields..end * fields]);
            some.bits.extend(&self.bits[begin * fields..end * fields]);
        }
        some.starts.push(some.left.len());
        (rows.iter().step_by(step).copied().collect(), some)
    }

    /// The cells and bits of a pair, one for each of its `fields`.
    pub fn of_pair(&self, pair: usize, fields: usize) -> (&[u16], &[f32]) {
        let range = pair * fields..(pair + 1) * fields;
        (&self.cells[range.clone()], &self.bits[range])
    }

    pub fn len(&self) -> usize {
        self.left.len()
    }

    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }
}

#[cfg(test)]
mod tests;
