//! What is learned of two tables: how often matches agree in each field, and how often other pairs do.

use serde::{Deserialize, Serialize};

use super::{
    super::claims::EXPECTED,
    super::compare::{
        Grade, Words,
        field::{BINS, Field},
        role::Role,
    },
    pairs::Pairs,
};
use crate::{
    calibration::Calibration,
    error::{Advice, Error, Result},
    labels::weights::Weights,
    normalize::NORMALIZERS_VERSION,
    tables::{FieldSpec, Kind},
};

/// Increases whenever models of an earlier version would score differently.
pub const MODEL_VERSION: u32 = 4;

/// How far the weight of observed pairs may fall below that of single words, in bits: in fields that
/// do not identify, and where identifying names agree in part.
const SEEN_BELOW: f64 = 6.0;
const SEEN_BELOW_OF_RELATIVES: f64 = 2.0;

/// What was observed in a cell: a context, a level and a bin of bits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    pub matches: f64,
    pub others: f64,
    /// The mean bits of the pairs that do not match.
    pub bits: f64,
    /// The number of left rows in this context.
    pub left: f64,
    /// The number of matches in this context.
    pub all_matches: f64,
}

/// What is learned about a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldModel {
    pub name: String,
    pub kind: Kind,
    pub role: Role,
    /// The names of its columns on each side.
    pub left: Vec<String>,
    pub right: Vec<String>,
    pub levels: usize,
    /// The share of matches at each level of each context, among those with both values.
    pub m: Vec<f64>,
    /// The share of other pairs at each level; 1 if the rarity of values is used instead.
    pub u: Vec<f64>,
    /// The share of other pairs at each level among those that agree in another field, if words are
    /// compared and enough such pairs were seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<f64>,
    /// What was observed in each cell, if words are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Vec<Cell>>,
}

/// A model of how matches of two tables agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub version: u32,
    /// The version of the normalizers that it was learned with. Another version gives other values.
    pub normalizers: u32,
    pub fields: Vec<FieldModel>,
    /// The share of left rows that have a match; in one table, the mean number of earlier
    /// duplicates of a row.
    pub matched: f64,
    /// The number of right rows that the model was learned on.
    pub rows: f64,
    /// Whether a left row has at most one match.
    pub exclusive: bool,
    /// How likely a right row has a second left row, compared with the first, if left rows have at
    /// most one match.
    #[serde(default = "as_likely")]
    pub second: f64,
    /// How likely a left row has a second match, compared with the first, if all matches of a row
    /// were wanted.
    #[serde(default = "unknown")]
    pub several: f64,
    /// Turns scores into confidences.
    pub calibration: Calibration,
    /// What labels taught. With it, scores are log-odds and need no calibration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labelled: Option<Weights>,
}

/// Left rows do not compete for a right row unless the model says so.
const fn as_likely() -> f64 {
    1.0
}

/// Before rows are seen, one match and many are both possible.
const fn unknown() -> f64 {
    EXPECTED
}

impl Model {
    /// # Errors
    /// If the text is not a model, or the model has another version.
    pub fn from_json(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
            #[serde(default)]
            normalizers: u32,
        }
        let version = serde_json::from_str::<Version>(text).map_err(|error| {
            Error::input(format!("this is no matching model ({error})")).hint("save a model first")
        })?;
        if version.version != MODEL_VERSION {
            return Err(Error::input(format!(
                "the model is of version {}, and this lantern reads version {MODEL_VERSION}",
                version.version
            ))
            .advise(Advice::LearnAgain));
        }
        if version.normalizers != NORMALIZERS_VERSION {
            return Err(Error::input(format!(
                "the model was learned with version {} of the normalizers, and this lantern has version \
                 {NORMALIZERS_VERSION}",
                version.normalizers
            ))
            .advise(Advice::LearnAgain));
        }
        let model: Self = serde_json::from_str(text).map_err(|error| {
            Error::input(format!("the matching model is damaged ({error})"))
                .advise(Advice::LearnAgain)
        })?;
        for field in &model.fields {
            let whole = field.levels > 0
                && field.m.len() == field.u.len()
                && field.m.len().is_multiple_of(field.levels)
                && (field.shared.is_empty() || field.shared.len() == field.levels)
                && field.cells.as_ref().is_none_or(|cells| cells.len() == field.m.len() * BINS);
            if !whole {
                return Err(Error::input(format!(
                    "the matching model is damaged (field '{}')",
                    field.name
                ))
                .advise(Advice::LearnAgain));
            }
        }
        if model.labelled.as_ref().is_some_and(|weights| !weights.fits(&model.levels())) {
            return Err(Error::input("the matching model is damaged (weights of labels)")
                .advise(Advice::LearnAgain));
        }
        Ok(model)
    }

    /// The number of levels of each field.
    pub fn levels(&self) -> Vec<usize> {
        self.fields.iter().map(|field| field.levels).collect()
    }

    /// # Errors
    /// If the model contains a number that JSON cannot represent.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self)
            .map_err(|error| Error::input(format!("the model cannot be written as JSON: {error}")))
    }

    /// # Errors
    /// If the model was learned on other fields.
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
            "the model was learned on the fields {}, and these are {}",
            own.join(", "),
            given.join(", ")
        ))
        .hint("name the same fields, or learn again"))
    }

    /// The fields that the model was learned on, with their columns and kinds.
    pub fn specs(&self) -> Vec<FieldSpec> {
        self.fields
            .iter()
            .map(|field| FieldSpec {
                name: field.name.clone(),
                kind: Some(field.kind),
                left: field.left.clone(),
                right: field.right.clone(),
            })
            .collect()
    }

    /// The weight of each cell of each field: what it adds to the score of a pair, in bits.
    pub(crate) fn weights(&self) -> Vec<Vec<f32>> {
        self.fields.iter().map(|field| self.field_weights(field)).collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "weights are small")]
    fn field_weights(&self, field: &FieldModel) -> Vec<f32> {
        let codes = field.m.len();
        let grades = field.kind.comparison().levels();
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
                    // Many observed pairs of this kind show better than single words how often
                    // chance makes one. They never add more than a bit.
                    let cell = &cells[at];
                    let trust = cell.others / (cell.others + 10.0);
                    let m =
                        (cell.matches + 0.5 * field.m[code]).max(1e-6) / cell.all_matches.max(1.0);
                    let u = cell.others / (self.rows * cell.left.max(1.0));
                    let seen = (m / u).log2() - cell.bits;
                    weight = (trust * seen + (1.0 - trust) * plain).min(plain + 1.0);
                    // The model itself decided that these pairs do not match, so they do not prove
                    // that matches never agree in this way.
                    if !field.role.identifies() {
                        weight = weight.max(plain - SEEN_BELOW);
                    } else if grades[code % field.levels].grade == Grade::Partly {
                        weight = weight.max(plain - SEEN_BELOW_OF_RELATIVES);
                    }
                }
                weights[at] = weight as f32;
            }
        }
        weights
    }

    /// The log-odds of a pair before it is compared, in bits.
    #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
    pub fn prior(&self) -> f32 {
        if let Some(weights) = &self.labelled {
            return weights.prior() as f32;
        }
        let odds = self.matched / self.rows.max(1.0);
        (if self.exclusive { odds / (1.0 - self.matched) } else { odds }).log2() as f32
    }

    /// The probability that each pair matches, before calibration.
    pub fn probabilities(&self, scores: &[f32], pairs: &Pairs) -> Vec<f32> {
        let mut out: Vec<f32> =
            scores.iter().map(|score| score.clamp(-100.0, 100.0).exp2()).collect();
        for window in pairs.starts.windows(2) {
            let of = &mut out[window[0]..window[1]];
            let all: f32 = 1.0 + of.iter().sum::<f32>();
            for odds in of {
                *odds /= if self.exclusive { all } else { 1.0 + *odds };
            }
        }
        out
    }

    /// The same model for a right side of another size.
    #[must_use]
    pub fn for_rows(&self, rows: usize) -> Self {
        Self { rows: rows.max(1) as f64, ..self.clone() }
    }
}
