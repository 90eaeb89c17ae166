//! Numbers the values of a field of two tables: each distinct normalized value has a number, and
//! each row has the number of its value.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::DataType,
};
use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::{
    column_text::as_text,
    interned_texts::{NULL, Texts},
    kind::Kind,
    phones::Regions,
    read::Reader,
};
use crate::{
    error::Result,
    normalize::{self, Normalizer},
};

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
        let mut texts = Texts::default();
        let reader = |spellings: &Texts| Reader::of_column(kind, spellings);
        let mut sides = sides(&reader, name, left, right, &mut texts)?;
        if kind == Kind::Company {
            tell_forms_apart(&mut sides, &mut texts);
        }
        Ok(Self::of_sides(sides, texts).with_aliases(kind))
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
        let sides = sides(reader, name, left, right, &mut texts)?;
        Ok(Self::of_sides(sides, texts))
    }

    /// The values of the left, and of the right where there is one.
    fn of_sides((left, right): (Spelled, Option<Spelled>), texts: Texts) -> Self {
        let left: Arc<[u32]> = left.numbers().into();
        let right: Arc<[u32]> = match right {
            Some(right) => right.numbers().into(),
            None => left.clone(),
        };
        let mut right_counts = vec![0_u32; texts.len()];
        let mut right_known = 0;
        for &number in right.iter().filter(|&&number| number != NULL) {
            right_counts[number as usize] += 1;
            right_known += 1;
        }
        Self { texts, left, right, aliases: None, right_counts, right_known }
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

/// A column as it is spelled: the spelling of each row, and the number of the value of each spelling.
struct Spelled {
    rows: Vec<u32>,
    spellings: Texts,
    values: Vec<u32>,
}

impl Spelled {
    /// The number of the value of each row.
    fn numbers(self) -> Vec<u32> {
        let Self { mut rows, values, .. } = self;
        for row in rows.iter_mut().filter(|row| **row != NULL) {
            *row = values[*row as usize];
        }
        rows
    }
}

/// Both columns, or the one that there is, as they are spelled.
fn sides(
    reader: &dyn Fn(&Texts) -> Reader,
    name: &str,
    left: &[ArrayRef],
    right: Option<&[ArrayRef]>,
    texts: &mut Texts,
) -> Result<(Spelled, Option<Spelled>)> {
    let left = spelled(reader, name, left, texts)?;
    let right = right.map(|right| spelled(reader, name, right, texts)).transpose()?;
    Ok((left, right))
}

/// Before the legal form of a company, where it tells two of a name apart.
const FORM: &str = " (";

/// The name of a company without the legal form that tells it apart, and that form.
pub fn name_and_form(text: &str) -> (&str, Option<&str>) {
    text.split_once(FORM).map_or((text, None), |(name, form)| (name, Some(form)))
}

/// Where one table has several legal forms of one name (Volvo AB and Volvo HB), a spelling keeps its
/// form: these are two companies, unless something else says that they are one.
fn tell_forms_apart(sides: &mut (Spelled, Option<Spelled>), texts: &mut Texts) {
    let (left, right) = sides;
    let mut several: HashSet<u32, FixedState> = HashSet::default();
    for side in [Some(&*left), right.as_ref()].into_iter().flatten() {
        let mut counts = vec![0_u32; texts.len()];
        for &value in side.values.iter().filter(|&&value| value != NULL) {
            counts[value as usize] += 1;
        }
        let mut forms: HashMap<u32, &str, FixedState> = HashMap::default();
        for (spelling, &value) in (0_u32..).zip(&side.values) {
            if value != NULL
                && counts[value as usize] > 1
                && let Some(form) = normalize::legal_form(side.spellings.get(spelling))
                && *forms.entry(value).or_insert(form.name) != form.name
            {
                several.insert(value);
            }
        }
    }
    if several.is_empty() {
        return;
    }
    for side in [Some(left), right.as_mut()].into_iter().flatten() {
        for (spelling, value) in (0_u32..).zip(&mut side.values) {
            if several.contains(value)
                && let Some(form) = normalize::legal_form(side.spellings.get(spelling))
            {
                let mut text = texts.get(*value).to_owned();
                text.push_str(FORM);
                text.extend(form.name.chars().filter(|letter| letter.is_alphanumeric()));
                text.push(')');
                *value = texts.number(&text.to_lowercase());
            }
        }
    }
}

/// Reads a chunked column.
fn spelled(
    reader: &dyn Fn(&Texts) -> Reader,
    name: &str,
    chunks: &[ArrayRef],
    texts: &mut Texts,
) -> Result<Spelled> {
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
    let mut values = Vec::with_capacity(spellings.len());
    for (all, ends) in &keys {
        let mut begin = 0;
        for &end in ends {
            let key = &all[begin..end as usize];
            begin = end as usize;
            values.push(if key.is_empty() { NULL } else { texts.number(key) });
        }
    }
    Ok(Spelled { rows: numbers, spellings, values })
}
