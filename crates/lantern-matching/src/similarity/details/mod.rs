//! The parts that the measures share: strings as codes, bit-vector kernels over one word and over
//! many, the queue that fills the lanes of a vector register with pairs, and the words of a text.
//!
//! The kernels use neither UTF-8 nor Arrow. They use codes, small numbers that are equal if the
//! characters are equal ([`codes`]), and *rows*: for a character of the text, a bit for every
//! position of the pattern with the same character ([`rows`]).

pub(crate) mod affix;
pub(crate) mod codes;
pub(crate) mod grams;
pub(crate) mod kernel;
pub(crate) mod lanes;
pub(crate) mod measure;
pub(crate) mod queue;
pub(crate) mod rows;
pub(crate) mod short_words;
pub(crate) mod strips;
pub(crate) mod text;
pub(crate) mod tokens;
pub(crate) mod vector;
pub(crate) mod windows;
pub(crate) mod word;
pub(crate) mod workspace;
