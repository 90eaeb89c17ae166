//! String similarities, over letters: Unicode scalar values after canonical composition, so that it
//! makes no difference whether an accent is a separate character. (The functions in the modules of
//! single measures compare texts as they are.)
//!
//! Each file holds one measure, with a function for two strings, `similarity`, and a type for one
//! string and many. [`Similarity`] names all measures and scores Arrow columns: text, large text,
//! text views and dictionaries of those, in any combination. A similarity is in 0..1, and 1 for
//! equal strings, also for two empty ones (token set and WRatio give 0 if there is nothing to
//! compare). [`Distance`] counts edits instead.
//!
//! A *score cut-off* is the minimum similarity of interest: a lower one is given as 0, and pairs
//! that cannot reach it cost next to nothing. The values of composed texts are those of Python's
//! rapidfuzz, divided by 100 for its ratios in percent.

mod columns;
mod composition;
mod details;
pub mod distance;
pub mod indel;
pub mod jaro;
pub mod jaro_winkler;
pub mod lcs;
pub mod levenshtein;
pub mod names;
pub mod osa;
pub mod partial_ratio;
pub mod partial_token_set;
pub mod partial_token_sort;
pub mod prefix;
mod prepared;
pub mod qgram;
mod strings;
pub mod token_set;
pub mod token_sort;
pub mod wratio;

use std::{borrow::Cow, fmt, str::FromStr};

use arrow::array::{Array, ArrayRef, Float64Array};

pub use self::composition::composed;
use self::{
    details::{measure, text::Text},
    prepared::Prepared,
};
pub use self::{
    distance::Distance,
    indel::Indel,
    jaro::Jaro,
    jaro_winkler::JaroWinkler,
    lcs::Lcs,
    levenshtein::Levenshtein,
    names::Names,
    osa::Osa,
    partial_ratio::PartialRatio,
    partial_token_set::PartialTokenSet,
    partial_token_sort::PartialTokenSort,
    prefix::Prefix,
    qgram::{cosine::QgramCosine, jaccard::QgramJaccard},
    token_set::TokenSet,
    token_sort::TokenSort,
    wratio::WRatio,
};
use crate::error::{Error, Result};

/// A measure of the similarity of two strings, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Similarity {
    Jaro,
    JaroWinkler,
    Levenshtein,
    Osa,
    Indel,
    Lcs,
    TokenSort,
    TokenSet,
    PartialRatio,
    PartialTokenSort,
    PartialTokenSet,
    WRatio,
    Names,
    QgramJaccard,
    QgramCosine,
    Prefix,
}

impl Similarity {
    pub const ALL: [Self; 16] = [
        Self::Jaro,
        Self::JaroWinkler,
        Self::Levenshtein,
        Self::Osa,
        Self::Indel,
        Self::Lcs,
        Self::TokenSort,
        Self::TokenSet,
        Self::PartialRatio,
        Self::PartialTokenSort,
        Self::PartialTokenSet,
        Self::WRatio,
        Self::Names,
        Self::QgramJaccard,
        Self::QgramCosine,
        Self::Prefix,
    ];

    /// `jaro_winkler`, `token_sort` and so on.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jaro => "jaro",
            Self::JaroWinkler => "jaro_winkler",
            Self::Levenshtein => "levenshtein",
            Self::Osa => "osa",
            Self::Indel => "indel",
            Self::Lcs => "lcs",
            Self::TokenSort => "token_sort",
            Self::TokenSet => "token_set",
            Self::PartialRatio => "partial_ratio",
            Self::PartialTokenSort => "partial_token_sort",
            Self::PartialTokenSet => "partial_token_set",
            Self::WRatio => "wratio",
            Self::Names => "names",
            Self::QgramJaccard => "qgram_jaccard",
            Self::QgramCosine => "qgram_cosine",
            Self::Prefix => "prefix",
        }
    }

    /// The similarity of two strings; 0 if it is below `score_cutoff`.
    pub fn similarity(self, a: &str, b: &str, score_cutoff: Option<f64>) -> f64 {
        let (a, b) = (&*composed(a), &*composed(b));
        match self {
            Self::Jaro => jaro::similarity(a, b, score_cutoff),
            Self::JaroWinkler => jaro_winkler::similarity(a, b, score_cutoff),
            Self::Levenshtein => levenshtein::similarity(a, b, score_cutoff),
            Self::Osa => osa::similarity(a, b, score_cutoff),
            Self::Indel => indel::similarity(a, b, score_cutoff),
            Self::Lcs => lcs::similarity(a, b, score_cutoff),
            Self::TokenSort => token_sort::similarity(a, b, score_cutoff),
            Self::TokenSet => token_set::similarity(a, b, score_cutoff),
            Self::PartialRatio => partial_ratio::similarity(a, b, score_cutoff),
            Self::PartialTokenSort => partial_token_sort::similarity(a, b, score_cutoff),
            Self::PartialTokenSet => partial_token_set::similarity(a, b, score_cutoff),
            Self::WRatio => wratio::similarity(a, b, score_cutoff),
            Self::Names => names::similarity(a, b, score_cutoff),
            Self::QgramJaccard => qgram::jaccard::similarity(a, b, score_cutoff),
            Self::QgramCosine => qgram::cosine::similarity(a, b, score_cutoff),
            Self::Prefix => prefix::similarity(a, b, score_cutoff),
        }
    }

    /// The similarities of two lists of strings, pair by pair, up to the length of the shortest of
    /// the three slices.
    pub fn pairs(self, left: &[&str], right: &[&str], score_cutoff: Option<f64>, out: &mut [f64]) {
        let cutoff = score_cutoff.unwrap_or(0.0);
        let chunks = left.chunks(columns::CHUNK).zip(right.chunks(columns::CHUNK));
        for ((left, right), out) in chunks.zip(out.chunks_mut(columns::CHUNK)) {
            let pairs = left.len().min(right.len()).min(out.len());
            let left: Vec<_> = left[..pairs].iter().map(|text| composed(text)).collect();
            let right: Vec<_> = right[..pairs].iter().map(|text| composed(text)).collect();
            self.texts(&texts(&left), &texts(&right), cutoff, &mut out[..pairs]);
        }
    }

    fn texts(self, left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
        match self {
            Self::Jaro => measure::pairs(jaro::FORMULA, left, right, cutoff, out),
            Self::JaroWinkler => measure::pairs(jaro_winkler::FORMULA, left, right, cutoff, out),
            Self::Levenshtein => measure::pairs(levenshtein::FORMULA, left, right, cutoff, out),
            Self::Osa => measure::pairs(osa::FORMULA, left, right, cutoff, out),
            Self::Indel => measure::pairs(indel::FORMULA, left, right, cutoff, out),
            Self::Lcs => measure::pairs(lcs::FORMULA, left, right, cutoff, out),
            Self::TokenSort => token_sort::pairs(left, right, cutoff, out),
            Self::TokenSet => token_set::pairs(left, right, cutoff, out),
            Self::PartialRatio => partial_ratio::pairs(left, right, cutoff, out),
            Self::PartialTokenSort => partial_token_sort::pairs(left, right, cutoff, out),
            Self::PartialTokenSet => partial_token_set::pairs(left, right, cutoff, out),
            Self::WRatio => wratio::pairs(left, right, cutoff, out),
            Self::Names => names::pairs(left, right, cutoff, out),
            Self::QgramJaccard => qgram::jaccard::pairs(left, right, cutoff, out),
            Self::QgramCosine => qgram::cosine::pairs(left, right, cutoff, out),
            Self::Prefix => prefix::pairs(left, right, cutoff, out),
        }
    }

    /// Prepares a string for comparison with many others.
    pub fn prepare(self, pattern: &str) -> Pattern {
        let pattern = &*composed(pattern);
        Pattern {
            similarity: self,
            prepared: match self {
                Self::Jaro => jaro::prepare(pattern),
                Self::JaroWinkler => jaro_winkler::prepare(pattern),
                Self::Levenshtein => levenshtein::prepare(pattern),
                Self::Osa => osa::prepare(pattern),
                Self::Indel => indel::prepare(pattern),
                Self::Lcs => lcs::prepare(pattern),
                Self::TokenSort => token_sort::prepare(pattern),
                Self::TokenSet => token_set::prepare(pattern),
                Self::PartialRatio => partial_ratio::prepare(pattern),
                Self::PartialTokenSort => partial_token_sort::prepare(pattern),
                Self::PartialTokenSet => partial_token_set::prepare(pattern),
                Self::WRatio => wratio::prepare(pattern),
                Self::Names => names::prepare(pattern),
                Self::QgramJaccard => qgram::jaccard::prepare(pattern),
                Self::QgramCosine => qgram::cosine::prepare(pattern),
                Self::Prefix => prefix::prepare(pattern),
            },
        }
    }

    /// The similarities of two text columns of equal length, row by row; null if either value is
    /// null.
    pub fn columns(
        self,
        left: &dyn Array,
        right: &dyn Array,
        score_cutoff: Option<f64>,
    ) -> Result<Float64Array> {
        let cutoff = checked(score_cutoff)?;
        columns::columns(left, right, &|a, b, out| self.texts(a, b, cutoff, out))
    }

    /// The same for chunked columns, whose chunks may have different lengths.
    pub fn chunked(
        self,
        left: &[ArrayRef],
        right: &[ArrayRef],
        score_cutoff: Option<f64>,
    ) -> Result<Vec<Float64Array>> {
        let cutoff = checked(score_cutoff)?;
        columns::chunked(left, right, &|a, b, out| self.texts(a, b, cutoff, out))
    }

    /// The similarities of a text column and one value; null in rows that are null, and in all rows
    /// if there is no value.
    pub fn column_with(
        self,
        column: &dyn Array,
        value: Option<&str>,
        score_cutoff: Option<f64>,
    ) -> Result<Float64Array> {
        let cutoff = checked(score_cutoff)?;
        let pattern = value.map(|value| self.prepare(value).prepared);
        columns::column_with(column, pattern.as_deref(), cutoff)
    }

    /// The same for a chunked column. The value is prepared once.
    pub fn chunked_with(
        self,
        column: &[ArrayRef],
        value: Option<&str>,
        score_cutoff: Option<f64>,
    ) -> Result<Vec<Float64Array>> {
        let cutoff = checked(score_cutoff)?;
        let pattern = value.map(|value| self.prepare(value).prepared);
        columns::chunked_with(column, pattern.as_deref(), cutoff)
    }

    /// The similarities of pairs of rows of two text columns, such as the candidates of a match.
    pub fn rows(
        self,
        left: &dyn Array,
        right: &dyn Array,
        pairs: &[(u32, u32)],
        score_cutoff: Option<f64>,
    ) -> Result<Float64Array> {
        let cutoff = checked(score_cutoff)?;
        columns::rows(left, right, pairs, &|a, b, out| self.texts(a, b, cutoff, out))
    }
}

fn texts<'a>(composed: &'a [Cow<'_, str>]) -> Vec<Text<'a>> {
    composed.iter().map(|text| Text::from(&**text)).collect()
}

impl fmt::Display for Similarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Similarity {
    type Err = Error;

    /// Reads a name; case is ignored, and `-` may replace `_`.
    fn from_str(name: &str) -> Result<Self> {
        let wanted = name.trim().to_ascii_lowercase().replace('-', "_");
        Self::ALL.into_iter().find(|similarity| similarity.name() == wanted).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::input(format!("there is no similarity called '{name}'"))
                .hint(format!("use one of {names}"))
        })
    }
}

/// A string that is prepared for comparison with many others by one measure.
pub struct Pattern {
    similarity: Similarity,
    prepared: Box<dyn Prepared>,
}

impl Pattern {
    /// The measure.
    pub fn measure(&self) -> Similarity {
        self.similarity
    }

    /// The similarity of the prepared string and `text`; 0 if it is below `score_cutoff`.
    pub fn similarity(&self, text: &str, score_cutoff: Option<f64>) -> f64 {
        self.prepared.score(&composed(text), score_cutoff.unwrap_or(0.0))
    }

    /// The similarities of the prepared string and each of `texts`, up to the length of the shorter
    /// slice.
    pub fn similarities(&self, texts: &[&str], score_cutoff: Option<f64>, out: &mut [f64]) {
        for (chunk, out) in texts.chunks(columns::CHUNK).zip(out.chunks_mut(columns::CHUNK)) {
            let chunk: Vec<_> = chunk.iter().take(out.len()).map(|text| composed(text)).collect();
            let out = &mut out[..chunk.len()];
            self.prepared.scores(&self::texts(&chunk), score_cutoff.unwrap_or(0.0), out);
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pattern").field("similarity", &self.similarity).finish_non_exhaustive()
    }
}

/// The cut-off; 0 if there is none.
///
/// # Errors
/// If it is outside 0 to 1.
pub fn checked(score_cutoff: Option<f64>) -> Result<f64> {
    let cutoff = score_cutoff.unwrap_or(0.0);
    if (0.0..=1.0).contains(&cutoff) {
        return Ok(cutoff);
    }
    Err(Error::input(format!("the score cut-off is {cutoff}"))
        .hint("a similarity is between 0 and 1"))
}

#[cfg(test)]
mod tests;
