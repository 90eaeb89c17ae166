//! Compared candidates: how each field of each pair agrees, in a form that is cheap to score.

use rayon::prelude::*;

use super::super::{
    candidates::{Index, Scratch},
    compare::{
        evidence::{self, Agreement},
        field::{BINS, Field},
        words,
    },
};

/// Candidates of some rows of the left, compared.
#[derive(Default)]
pub struct Pairs {
    pub left: Vec<u32>,
    pub right: Vec<u32>,
    /// The cell (level, and bin of bits for words) of each field of each pair, pair by pair.
    pub cells: Vec<u16>,
    /// What agreeing values tell by their rarity, of all fields together, in bits.
    pub bits: Vec<f32>,
    /// What agreeing values of each field tell, pair by pair; kept where it is asked for.
    pub field_bits: Vec<f32>,
    /// Where the pairs of each row begin, and the end.
    pub starts: Vec<usize>,
}

/// The cell of a level and bits.
pub fn cell(code: u8, bits: f32, rows: f32) -> u16 {
    let above = (bits - rows.log2()) / 2.0 + (BINS / 2) as f32;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let bin = above.clamp(0.0, (BINS - 1) as f32) as u16;
    u16::from(code) * BINS as u16 + bin
}

impl Pairs {
    /// Finds and compares the candidates of `rows`, at most `most` a row.
    pub fn find(
        fields: &[Field],
        index: &Index<'_>,
        rows: &[u32],
        most: usize,
        keep_bits: bool,
    ) -> Self {
        let total = index.rows() as f32;
        let parts: Vec<Self> = rows
            .par_chunks(256)
            .map_init(
                || (Scratch::default(), words::Scratch::default(), Vec::new()),
                |(scratch, compared, agreements), rows| {
                    let mut pairs = Self::default();
                    for &row in rows {
                        pairs.starts.push(pairs.left.len());
                        for &(_, other) in index.candidates(row as usize, most, scratch) {
                            pairs.left.push(row);
                            pairs.right.push(other);
                            evidence::compare(
                                fields,
                                row as usize,
                                other as usize,
                                compared,
                                agreements,
                            );
                            let mut told = 0.0;
                            for &Agreement { code, bits, counted } in agreements.iter() {
                                pairs.cells.push(cell(code, bits, total));
                                told += counted;
                                if keep_bits {
                                    pairs.field_bits.push(counted);
                                }
                            }
                            pairs.bits.push(told);
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
            all.field_bits.extend(part.field_bits);
        }
        all.starts.push(all.left.len());
        all
    }

    pub fn len(&self) -> usize {
        self.left.len()
    }

    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }
}
