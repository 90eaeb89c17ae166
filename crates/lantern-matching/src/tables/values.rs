//! Numbers the values of a field of two tables: each distinct normalized value has a number, and
//! each row has the number of its value.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::DataType,
};
use rayon::prelude::*;

use super::{
    column_text::as_text,
    interned_texts::{NULL, Texts},
    kind::Kind,
    phones::Regions,
    read::Reader,
};
use crate::{error::Result, normalize::Normalizer};

/// The normalized values of a field on one or two sides.
pub struct Values {
    pub texts: Texts,
    pub left: Arc<[u32]>,
    pub right: Arc<[u32]>,
    /// The number of each value's other spelling (Bob is Robert), for kinds with such spellings.
    pub aliases: Option<Vec<u32>>,
    /// Number of right rows with each value.
    pub right_counts: Vec<u32>,
    /// Number of right rows with any value.
    pub right_known: u32,
}

impl Values {
    /// Normalizes and numbers a pair of columns. If there is only one column, it is both sides.
    /// Placeholders for missing values have no number.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub fn of(
        kind: Kind,
        name: &str,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
    ) -> Result<Self> {
        Self::made(&|spellings| Reader::of_column(kind, spellings), name, left, right)
            .map(|values| values.with_aliases(kind))
    }

    /// Normalizes phone numbers, each by the country of its row if it is known.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub fn of_phones(
        name: &str,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
        regions: &Regions<'_>,
    ) -> Result<Self> {
        let (left, right) = regions.tell(name, left, right)?;
        let default_region = regions.usual(&left, right.as_deref());
        let reader = |_: &Texts| Reader::of_phones(default_region);
        Self::made(&reader, name, &left, right.as_deref())
    }

    /// Normalizes as rules do: by the kind's normalizer only.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub fn keys(
        kind: Kind,
        name: &str,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
    ) -> Result<Self> {
        Self::made(&|_| Reader::of_rules(kind), name, left, right)
    }

    /// Numbers the texts of a pair of columns as they are; an empty text counts as null.
    ///
    /// # Errors
    /// If a column cannot be read as text.
    pub fn raw(name: &str, left: &[ArrayRef], right: Option<&[ArrayRef]>) -> Result<Self> {
        Self::made(&|_| Reader::AsItIs, name, left, right)
    }

    fn made(
        reader: &dyn Fn(&Texts) -> Reader,
        name: &str,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
    ) -> Result<Self> {
        let mut texts = Texts::default();
        let left: Arc<[u32]> = numbers(reader, name, left, &mut texts)?.into();
        let right: Arc<[u32]> = match right {
            Some(right) => numbers(reader, name, right, &mut texts)?.into(),
            None => left.clone(),
        };
        let mut right_counts = vec![0_u32; texts.len()];
        let mut right_known = 0;
        for &number in right.iter().filter(|&&number| number != NULL) {
            right_counts[number as usize] += 1;
            right_known += 1;
        }
        Ok(Self { texts, left, right, aliases: None, right_counts, right_known })
    }

    /// Given names keep their spelling, so that typing errors show; nicknames are their aliases.
    fn with_aliases(mut self, kind: Kind) -> Self {
        if kind == Kind::FirstName {
            let mut names = Texts::default();
            let mut alias = String::new();
            let alias_of = |value: usize| {
                let text = self.texts.get(u32::try_from(value).unwrap_or(NULL));
                let written = Normalizer::FirstNameKey.write(text, &mut alias);
                names.number(if written { &alias } else { text })
            };
            self.aliases = Some((0..self.texts.len()).map(alias_of).collect());
        }
        self
    }
}

/// The key of a text that rules compare, by the kind's normalizer.
pub fn key(kind: Kind, text: &str) -> Option<String> {
    let mut key = String::new();
    Reader::of_rules(kind).write(text, &mut key);
    (!key.is_empty()).then_some(key)
}

/// The number of the value of each row of a chunked column.
fn numbers(
    reader: &dyn Fn(&Texts) -> Reader,
    name: &str,
    chunks: &[ArrayRef],
    texts: &mut Texts,
) -> Result<Vec<u32>> {
    let mut numbers = Vec::with_capacity(chunks.iter().map(|chunk| chunk.len()).sum());
    // Each distinct spelling is normalized once, on all cores.
    let mut spellings = Texts::default();
    for chunk in chunks {
        let chunk = as_text(name, chunk)?;
        match chunk.data_type() {
            DataType::Utf8 => numbers.extend(
                chunk
                    .as_string::<i32>()
                    .iter()
                    .map(|text| text.map_or(NULL, |t| spellings.number(t))),
            ),
            DataType::LargeUtf8 => numbers.extend(
                chunk
                    .as_string::<i64>()
                    .iter()
                    .map(|text| text.map_or(NULL, |t| spellings.number(t))),
            ),
            _ => numbers.extend(
                chunk
                    .as_string_view()
                    .iter()
                    .map(|text| text.map_or(NULL, |t| spellings.number(t))),
            ),
        }
    }
    let reader = reader(&spellings);
    let batch = 2_048;
    let batches = spellings.len().div_ceil(batch);
    let keys: Vec<(String, Vec<u32>)> = (0..batches)
        .into_par_iter()
        .map(|index| {
            let (mut all, mut ends) = (String::new(), Vec::with_capacity(batch));
            let mut key = String::new();
            for number in index * batch..((index + 1) * batch).min(spellings.len()) {
                #[expect(clippy::cast_possible_truncation, reason = "numbers of texts fit")]
                reader.write(spellings.get(number as u32), &mut key);
                all.push_str(&key);
                ends.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
            }
            (all, ends)
        })
        .collect();
    let mut of_spelling = Vec::with_capacity(spellings.len());
    for (all, ends) in &keys {
        let mut begin = 0;
        for &end in ends {
            let key = &all[begin..end as usize];
            begin = end as usize;
            of_spelling.push(if key.is_empty() { NULL } else { texts.number(key) });
        }
    }
    for number in &mut numbers {
        if *number != NULL {
            *number = of_spelling[*number as usize];
        }
    }
    Ok(numbers)
}
