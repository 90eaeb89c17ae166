//! What is learned of two tables: how often matches agree in each field, and how often other pairs do.

use serde::{Deserialize, Serialize};

use super::{
    super::calibrate::Calibration,
    super::claims::EXPECTED,
    super::compare::{
        Grade, Words,
        field::{BINS, Field},
        role::Role,
    },
    pairs::Pairs,
};
use crate::{
    error::{Advice, Error, Result},
    labels::weigh::Weights,
    normalize::NORMALIZERS_VERSION,
    tables::{FieldSpec, Kind},
};

/// Raised when a model of an earlier version would score otherwise.
pub const MODEL_VERSION: u32 = 4;

/// How far below what single words say the weight of what was seen may be, in bits.
const SEEN_BELOW: f64 = 6.0;
const SEEN_BELOW_OF_RELATIVES: f64 = 2.0;

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
    pub role: Role,
    /// The columns of each side that it is made of.
    pub left: Vec<String>,
    pub right: Vec<String>,
    pub levels: usize,
    /// The share of matches at each level of each context, among those that are known.
    pub m: Vec<f64>,
    /// The share of other pairs at each level; 1 where the rarity of values is counted instead.
    pub u: Vec<f64>,
    /// The share of other pairs at each level among those that share another field, where words are
    /// compared and enough such pairs were seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<f64>,
    /// What was seen of words, by level and bin of bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Vec<Cell>>,
}

/// A model of how matches of two tables agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    pub version: u32,
    /// The version of the normalizers that it was learned with: others give other values.
    pub normalizers: u32,
    pub fields: Vec<FieldModel>,
    /// The share of left rows that have a match; of duplicates, earlier duplicates a row.
    pub matched: f64,
    /// Rows of the right that the model was learned on.
    pub rows: f64,
    /// Whether a row has one match at most.
    pub exclusive: bool,
    /// How likely a second left row of one right row is beside the first, where rows have one match
    /// at most.
    #[serde(default = "as_likely")]
    pub second: f64,
    /// How likely a second right row of one left row is beside the first, where all matches of a row
    /// were asked for.
    #[serde(default = "unknown")]
    pub several: f64,
    /// How scores become confidence.
    pub calibration: Calibration,
    /// What labels taught; then scores are log-odds as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labelled: Option<Weights>,
}

/// Without a word about it, rows do not compete.
const fn as_likely() -> f64 {
    1.0
}

/// Before rows are seen, nobody knows whether they have one match or many.
const fn unknown() -> f64 {
    EXPECTED
}

impl Model {
    /// # Errors
    /// No model, or one of another version.
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

    /// How many levels each field has.
    pub fn levels(&self) -> Vec<usize> {
        self.fields.iter().map(|field| field.levels).collect()
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

    /// What each cell of each field adds to the bits of a pair.
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
                    // Where many such pairs were seen, they tell better than single words how
                    // often chance makes one; but never for a match.
                    let cell = &cells[at];
                    let trust = cell.others / (cell.others + 10.0);
                    let m =
                        (cell.matches + 0.5 * field.m[code]).max(1e-6) / cell.all_matches.max(1.0);
                    let u = cell.others / (self.rows * cell.left.max(1.0));
                    let seen = (m / u).log2() - cell.bits;
                    weight = (trust * seen + (1.0 - trust) * plain).min(plain + 1.0);
                    // Pairs that the model itself takes for strangers are no proof that matches are
                    // never alike in that way.
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

    /// What is known of a pair before it is compared, in bits.
    #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
    pub fn prior(&self) -> f32 {
        if let Some(weights) = &self.labelled {
            return weights.prior() as f32;
        }
        let odds = self.matched / self.rows.max(1.0);
        (if self.exclusive { odds / (1.0 - self.matched) } else { odds }).log2() as f32
    }

    /// The probability of each pair as learning believes, before calibration.
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
