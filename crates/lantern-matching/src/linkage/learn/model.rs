//! What is learned: how matches agree, and what follows for a pair.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    super::compare::{
        Words,
        evidence::{self, Agreement},
        field::{BINS, Field},
        words::Scratch,
    },
    pairs::{Pairs, cell},
};
use crate::{
    error::{Error, Result},
    tables::Kind,
};

/// Raised when a model of an earlier version would score otherwise.
pub const MODEL_VERSION: u32 = 2;

/// What was seen at a level and a bin of bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    pub matches: f64,
    pub others: f64,
    /// The mean bits of the others.
    pub bits: f64,
    /// Rows of the left in this context.
    pub left: f64,
    /// Matches in this context.
    pub all_matches: f64,
}

/// What is learned of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldModel {
    pub name: String,
    pub kind: Kind,
    pub levels: usize,
    /// The share of matches at each level of each context, among those that are known.
    pub m: Vec<f64>,
    /// The share of other pairs at each level; 1 where the rarity of values is counted instead.
    pub u: Vec<f64>,
    /// What was seen of words, by level and bin of bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Vec<Cell>>,
}

/// A model of how matches of two tables agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub version: u32,
    pub fields: Vec<FieldModel>,
    /// The share of left rows that have a match; of duplicates, earlier duplicates a row.
    pub matched: f64,
    /// Rows of the right that the model was learned on.
    pub rows: f64,
    /// Whether a row has one match at most.
    pub exclusive: bool,
}

impl Model {
    /// # Errors
    /// No model, or one of another version.
    pub fn from_json(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let version = serde_json::from_str::<Version>(text).map_err(|error| {
            Error::input(format!("this is no matching model ({error}); save one with model.save()"))
        })?;
        if version.version != MODEL_VERSION {
            return Err(Error::input(format!(
                "the model is of version {}, and this lantern reads version {MODEL_VERSION}; learn it again with lantern.learn",
                version.version
            )));
        }
        let model: Self = serde_json::from_str(text).map_err(|error| {
            Error::input(format!(
                "the matching model is damaged ({error}); learn it again with lantern.learn"
            ))
        })?;
        for field in &model.fields {
            let whole = field.levels > 0
                && field.m.len() == field.u.len()
                && field.m.len().is_multiple_of(field.levels)
                && field.cells.as_ref().is_none_or(|cells| cells.len() == field.m.len() * BINS);
            if !whole {
                return Err(Error::input(format!(
                    "the matching model is damaged (field '{}'); learn it again with lantern.learn",
                    field.name
                )));
            }
        }
        Ok(model)
    }

    /// # Errors
    /// The model holds a number that JSON cannot.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|error| Error::input(format!("the model cannot be written as JSON: {error}")))
    }

    /// # Errors
    /// The model is of other fields.
    pub fn check(&self, fields: &[Field]) -> Result<()> {
        let own: Vec<String> =
            self.fields.iter().map(|field| format!("{} ({})", field.name, field.kind)).collect();
        let given: Vec<String> =
            fields.iter().map(|field| format!("{} ({})", field.name, field.kind)).collect();
        if own == given
            && self
                .fields
                .iter()
                .zip(fields)
                .all(|(own, field)| own.m.len() == field.levels() * field.contexts())
        {
            return Ok(());
        }
        Err(Error::input(format!(
            "the model was learned on the fields {}, and these are {}; name the same with fields=, or learn again",
            own.join(", "),
            given.join(", ")
        )))
    }

    /// What each cell of each field adds to the bits of a pair.
    pub(crate) fn weights(&self) -> Vec<Vec<f32>> {
        self.fields.iter().map(|field| self.field_weights(field)).collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "weights are small")]
    fn field_weights(&self, field: &FieldModel) -> Vec<f32> {
        let codes = field.m.len();
        let mut weights = vec![0.0_f32; codes * BINS];
        for code in (0..codes).filter(|code| code % field.levels != 0) {
            let plain = (field.m[code].max(1e-9) / field.u[code]).log2();
            for bin in 0..BINS {
                let at = code * BINS + bin;
                let mut weight = plain;
                if let Some(cells) = &field.cells
                    && code % field.levels != Words::Different as usize
                    && cells[at].others > 0.0
                {
                    // Where many such pairs were seen, they tell better than single words how
                    // often chance makes one; but never for a match.
                    let cell = &cells[at];
                    let trust = cell.others / (cell.others + 10.0);
                    let m =
                        (cell.matches + 0.5 * field.m[code]).max(1e-6) / cell.all_matches.max(1.0);
                    let u = cell.others / (self.rows * cell.left.max(1.0));
                    let seen = (m / u).log2() - cell.bits;
                    weight = (trust * seen + (1.0 - trust) * plain).min(plain + 1.0);
                }
                weights[at] = weight as f32;
            }
        }
        weights
    }

    /// What is known of a pair before it is compared, in bits.
    #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
    pub fn prior(&self) -> f32 {
        let odds = self.matched / self.rows.max(1.0);
        (if self.exclusive { odds / (1.0 - self.matched) } else { odds }).log2() as f32
    }

    /// The probability of each pair.
    pub fn probabilities(&self, pairs: &Pairs) -> Vec<f32> {
        let weights = self.weights();
        let fields = self.fields.len();
        let prior = self.prior();
        let mut out: Vec<f32> = pairs
            .cells
            .par_chunks(fields.max(1) * 4_096)
            .zip(pairs.bits.par_chunks(4_096))
            .flat_map_iter(|(cells, bits)| {
                cells
                    .chunks(fields)
                    .zip(bits)
                    .map(|(cells, bits)| {
                        let told: f32 = cells
                            .iter()
                            .zip(&weights)
                            .map(|(&cell, weights)| weights[usize::from(cell)])
                            .sum();
                        (prior + told + bits).clamp(-100.0, 100.0).exp2()
                    })
                    .collect::<Vec<f32>>()
            })
            .collect();
        for window in pairs.starts.windows(2) {
            let of = &mut out[window[0]..window[1]];
            let all: f32 = 1.0 + of.iter().sum::<f32>();
            for odds in of {
                *odds /= if self.exclusive { all } else { 1.0 + *odds };
            }
        }
        out
    }

    /// The probability of one pair by itself.
    pub fn pair(&self, fields: &[Field], weights: &[Vec<f32>], left: usize, right: usize) -> f64 {
        let mut agreements = Vec::with_capacity(fields.len());
        evidence::compare(fields, left, right, &mut Scratch::default(), &mut agreements);
        let told: f32 = agreements
            .iter()
            .zip(weights)
            .map(|(agreement, weights)| self.told(*agreement, weights))
            .sum();
        let odds = f64::from((self.prior() + told).clamp(-100.0, 100.0)).exp2();
        odds / (1.0 + odds)
    }

    /// The same model for a right side of another size.
    #[must_use]
    pub fn for_rows(&self, rows: usize) -> Self {
        Self { rows: rows.max(1) as f64, ..self.clone() }
    }

    /// What each field adds for a pair, in bits: the level, and the bits.
    pub fn contributions(&self, fields: &[Field], left: usize, right: usize) -> Vec<(u8, f32)> {
        let weights = self.weights();
        let mut agreements = Vec::with_capacity(fields.len());
        evidence::compare(fields, left, right, &mut Scratch::default(), &mut agreements);
        agreements
            .iter()
            .zip(fields)
            .zip(&weights)
            .map(|((agreement, field), weights)| {
                let levels = u8::try_from(field.levels()).unwrap_or(u8::MAX);
                (agreement.code % levels, self.told(*agreement, weights))
            })
            .collect()
    }

    /// What one field adds, in bits.
    fn told(&self, Agreement { code, bits, counted }: Agreement, weights: &[f32]) -> f32 {
        weights[usize::from(cell(code, bits, self.rows as f32))] + counted
    }
}
