//! Applies a model to pairs: their scores and confidences, and what each field adds.

use rayon::prelude::*;

use super::{
    super::compare::{
        evidence::{self, Agreement},
        field::{BINS, Field},
        words::Scratch,
    },
    model::{FieldModel, Model},
    pairs::{Pairs, cell},
    score::Scorer,
};
use crate::labels::weights::Example;

/// Maximum likeness of two rows that agree in no identifying field.
const UNDECIDED: f64 = 0.5;

impl Model {
    /// The log-odds of each pair, in bits.
    pub fn scores(&self, pairs: &Pairs) -> Vec<f32> {
        self.scores_by(&Scorer::of(self), pairs)
    }

    /// The log-odds of each pair, in bits. `scorer` was made from this model.
    pub fn scores_by(&self, scorer: &Scorer, pairs: &Pairs) -> Vec<f32> {
        let fields = self.fields.len().max(1);
        pairs
            .cells
            .par_chunks(fields * 4_096)
            .zip(pairs.bits.par_chunks(fields * 4_096))
            .flat_map_iter(|(cells, bits)| {
                cells
                    .chunks(fields)
                    .zip(bits.chunks(fields))
                    .map(|(cells, bits)| scorer.score(cells, bits))
                    .collect::<Vec<f32>>()
            })
            .collect()
    }

    /// The confidence of one pair, without regard to others.
    pub fn pair(
        &self,
        fields: &[Field],
        scorer: &Scorer,
        left: impl Fn(usize) -> u32,
        right: impl Fn(usize) -> u32,
    ) -> f64 {
        let (cells, bits) = self.cells(fields, left, right);
        self.calibration.confidence(f64::from(scorer.score(&cells, &bits)))
    }

    /// The log-odds of one pair, in bits, without regard to others.
    pub fn score_of(&self, fields: &[Field], scorer: &Scorer, left: u32, right: u32) -> f32 {
        let (_, (cells, bits)) = self.levels_of(fields, left, right);
        scorer.score(&cells, &bits)
    }

    /// Whether two rows may be relatives rather than one, as far as their fields show.
    pub fn are_related(
        &self,
        fields: &[Field],
        scorer: &Scorer,
        (left, right): (u32, u32),
    ) -> bool {
        let (_, (cells, bits)) = self.levels_of(fields, left, right);
        scorer.are_related(&cells, &bits)
    }

    /// How alike two rows are that may belong to one cluster, 0 to 1: the confidence of the pair,
    /// but at most `UNDECIDED` if no identifying field agrees.
    pub fn likeness(
        &self,
        fields: &[Field],
        scorer: &Scorer,
        left: impl Fn(usize) -> u32,
        right: impl Fn(usize) -> u32,
    ) -> f64 {
        let (cells, bits) = self.cells(fields, left, right);
        let (score, identified) = scorer.weigh(&cells, &bits);
        let confidence = self.calibration.confidence(f64::from(score));
        if identified { confidence } else { confidence.min(UNDECIDED) }
    }

    fn cells(
        &self,
        fields: &[Field],
        left: impl Fn(usize) -> u32,
        right: impl Fn(usize) -> u32,
    ) -> (Vec<u16>, Vec<f32>) {
        let mut agreements = Vec::with_capacity(fields.len());
        let values: Vec<u32> = (0..fields.len()).map(left).collect();
        evidence::compare(fields, &values, right, &mut Scratch::default(), &mut agreements);
        agreements
            .iter()
            .map(|&Agreement { code, bits, counted }| (cell(code, bits, self.rows as f32), counted))
            .unzip()
    }

    /// The level of each field of two rows, and their cells and bits.
    pub fn levels_of(
        &self,
        fields: &[Field],
        left: u32,
        right: u32,
    ) -> (Vec<usize>, (Vec<u16>, Vec<f32>)) {
        let (cells, bits) = self.cells(
            fields,
            |at| fields[at].values.left[left as usize],
            |at| fields[at].values.right[right as usize],
        );
        let level = |at: usize| usize::from(cells[at]) / BINS % fields[at].levels();
        ((0..fields.len()).map(level).collect(), (cells, bits))
    }

    /// Two rows as an example for learning from labels, with the evidence before labels.
    pub fn example(
        &self,
        fields: &[Field],
        scorer: &Scorer,
        (left, right): (u32, u32),
        matches: bool,
    ) -> Example {
        let (_, (cells, bits)) = self.levels_of(fields, left, right);
        self.example_of(scorer, &cells, &bits, matches)
    }

    /// A compared pair as an example for learning from labels.
    pub fn example_of(
        &self,
        scorer: &Scorer,
        cells: &[u16],
        bits: &[f32],
        matches: bool,
    ) -> Example {
        let (_, identified) = scorer.weigh(cells, bits);
        let level = |(&cell, field): (&u16, &FieldModel)| usize::from(cell) / BINS % field.levels;
        let levels = cells.iter().zip(&self.fields).map(level).collect();
        Example { levels, bits: scorer.each(cells, bits).collect(), identified, matches }
    }

    /// The level of each field of a pair and the bits that it adds; and the whole score.
    pub fn contributions(
        &self,
        fields: &[Field],
        scorer: &Scorer,
        left: usize,
        right: usize,
    ) -> (Vec<(u8, f32)>, f32) {
        let (cells, bits) = self.cells(
            fields,
            |at| fields[at].values.left[left],
            |at| fields[at].values.right[right],
        );
        let parts = scorer
            .each(&cells, &bits)
            .enumerate()
            .map(|(at, adds)| {
                let level = usize::from(cells[at]) / BINS % fields[at].levels();
                (u8::try_from(level).unwrap_or(u8::MAX), adds)
            })
            .collect();
        (parts, scorer.score(&cells, &bits))
    }
}
