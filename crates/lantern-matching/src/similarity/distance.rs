//! Edit distances as counts, over columns. For two strings see [`super::levenshtein::distance`] and
//! [`super::osa::distance`].

use std::{fmt, str::FromStr};

use arrow::{
    array::{Array, ArrayRef, Float64Array, UInt32Array},
    datatypes::UInt32Type,
};

use super::{
    columns,
    composition::composed,
    details::{measure, text::Text},
    levenshtein::{self, count, least_score},
    osa,
    prepared::{Counted, Prepared},
};
use crate::error::{Error, Result};

/// A count of edits. A count above the cut-off is given as the cut-off plus one, as in rapidfuzz.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distance {
    /// Counts insertions, deletions and replacements.
    Levenshtein,
    /// Also counts a swap of two neighbours as one edit.
    Osa,
}

impl Distance {
    pub const ALL: [Self; 2] = [Self::Levenshtein, Self::Osa];

    /// `levenshtein_distance` or `osa_distance`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Levenshtein => "levenshtein_distance",
            Self::Osa => "osa_distance",
        }
    }

    /// The distance of two strings.
    pub fn distance(self, a: &str, b: &str, score_cutoff: Option<u32>) -> u32 {
        let (a, b) = (&*composed(a), &*composed(b));
        match self {
            Self::Levenshtein => levenshtein::distance(a, b, score_cutoff),
            Self::Osa => osa::distance(a, b, score_cutoff),
        }
    }

    fn texts(self, left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
        match self {
            Self::Levenshtein => measure::pairs(levenshtein::DISTANCE, left, right, cutoff, out),
            Self::Osa => measure::pairs(osa::DISTANCE, left, right, cutoff, out),
        }
    }

    /// The distances of two text columns of equal length, row by row; null if either value is null.
    pub fn columns(
        self,
        left: &dyn Array,
        right: &dyn Array,
        score_cutoff: Option<u32>,
    ) -> Result<UInt32Array> {
        let cutoff = least_score(score_cutoff);
        columns::columns(left, right, &|a, b, out| self.texts(a, b, cutoff, out)).map(counts)
    }

    /// The same for chunked columns, whose chunks may have different lengths.
    pub fn chunked(
        self,
        left: &[ArrayRef],
        right: &[ArrayRef],
        score_cutoff: Option<u32>,
    ) -> Result<Vec<UInt32Array>> {
        let cutoff = least_score(score_cutoff);
        let chunks = columns::chunked(left, right, &|a, b, out| self.texts(a, b, cutoff, out))?;
        Ok(chunks.into_iter().map(counts).collect())
    }

    /// The distances of a text column and one value; null in rows that are null, and in all rows if
    /// there is no value.
    pub fn column_with(
        self,
        column: &dyn Array,
        value: Option<&str>,
        score_cutoff: Option<u32>,
    ) -> Result<UInt32Array> {
        let pattern = self.prepare(value);
        columns::column_with(column, pattern.as_deref(), least_score(score_cutoff)).map(counts)
    }

    /// The same for a chunked column. The value is prepared once.
    pub fn chunked_with(
        self,
        column: &[ArrayRef],
        value: Option<&str>,
        score_cutoff: Option<u32>,
    ) -> Result<Vec<UInt32Array>> {
        let pattern = self.prepare(value);
        let cutoff = least_score(score_cutoff);
        let chunks = columns::chunked_with(column, pattern.as_deref(), cutoff)?;
        Ok(chunks.into_iter().map(counts).collect())
    }

    fn prepare(self, value: Option<&str>) -> Option<Box<dyn Prepared>> {
        value.map(|value| -> Box<dyn Prepared> {
            let value = &*composed(value);
            match self {
                Self::Levenshtein => Box::new(Counted::new(levenshtein::DISTANCE, value)),
                Self::Osa => Box::new(Counted::new(osa::DISTANCE, value)),
            }
        })
    }
}

fn counts(scores: Float64Array) -> UInt32Array {
    scores.unary::<_, UInt32Type>(count)
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Distance {
    type Err = Error;

    /// Reads a name; case is ignored, and `-` may replace `_`.
    fn from_str(name: &str) -> Result<Self> {
        let wanted = name.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|distance| distance.name() == wanted).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::input(format!("there is no distance called '{name}'"))
                .hint(format!("use one of {names}"))
        })
    }
}
