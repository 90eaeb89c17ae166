//! Normalizes columns: Arrow arrays of any text type, on all cores.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{
        Array, ArrayAccessor, ArrayRef, AsArray, BooleanArray, BooleanBuilder, StringArray,
        StringBuilder, new_null_array,
    },
    compute::{concat, take},
    datatypes::DataType,
};
use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::{NormalizeError, Normalizer, normalizer::Output};

/// Number of rows from which a column is split among the cores.
const PARALLEL_ROWS: usize = 4_096;
/// Minimum number of rows of a task.
const TASK_ROWS: usize = 1_024;
/// Number of rows in the sample that shows whether values repeat.
const SAMPLED_ROWS: usize = 2_048;

/// Normalizes a column of text: string, large string, string view, or a dictionary of one of them.
///
/// The key of null, and of text without a key, is null. The result is a string array, or a boolean
/// array for a normalizer that asks a question (`is_valid_email`). Values that repeat are computed
/// once if that pays: always in a dictionary, and in other arrays if a sample shows repeats.
pub fn normalize(array: &dyn Array, normalizer: &Normalizer) -> Result<ArrayRef, NormalizeError> {
    match array.data_type() {
        DataType::Utf8 => plain(array.as_string::<i32>(), normalizer),
        DataType::LargeUtf8 => plain(array.as_string::<i64>(), normalizer),
        DataType::Utf8View => plain(array.as_string_view(), normalizer),
        DataType::Null => Ok(new_null_array(&output_type(normalizer), array.len())),
        DataType::Dictionary(_, values) if is_text(values) => dictionary(array, normalizer),
        other => {
            Err(NormalizeError::NotText { normalizer: normalizer.name(), found: other.to_string() })
        }
    }
}

/// The same for a chunked column.
pub fn normalize_chunks(
    chunks: &[ArrayRef],
    normalizer: &Normalizer,
) -> Result<Vec<ArrayRef>, NormalizeError> {
    chunks.par_iter().map(|chunk| normalize(chunk, normalizer)).collect()
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// The Arrow type of a normalizer's result.
pub fn output_type(normalizer: &Normalizer) -> DataType {
    match normalizer.output() {
        Output::Text => DataType::Utf8,
        Output::Boolean => DataType::Boolean,
    }
}

fn dictionary(array: &dyn Array, normalizer: &Normalizer) -> Result<ArrayRef, NormalizeError> {
    let arrow = |error: arrow::error::ArrowError| arrow_error(normalizer, &error);
    let dictionary = array.as_any_dictionary();
    // A slice may use only a few values of a large dictionary.
    if dictionary.values().len() > array.len() {
        let text = take(dictionary.values(), dictionary.keys(), None).map_err(arrow)?;
        return normalize(&text, normalizer);
    }
    let values = normalize(dictionary.values(), normalizer)?;
    take(&values, dictionary.keys(), None).map_err(arrow)
}

fn arrow_error(normalizer: &Normalizer, error: &arrow::error::ArrowError) -> NormalizeError {
    match error {
        arrow::error::ArrowError::OffsetOverflowError(_) => {
            NormalizeError::TooLarge { normalizer: normalizer.name() }
        }
        error => {
            NormalizeError::Arrow { normalizer: normalizer.name(), message: error.to_string() }
        }
    }
}

fn plain<'a, T>(texts: T, normalizer: &Normalizer) -> Result<ArrayRef, NormalizeError>
where
    T: ArrayAccessor<Item = &'a str> + Copy + Sync,
{
    let rows = texts.len();
    let task_rows = if rows < PARALLEL_ROWS {
        rows.max(1)
    } else {
        // There are a few tasks per core, so that a run of long values does not delay the rest.
        rows.div_ceil(4 * rayon::current_num_threads()).max(TASK_ROWS)
    };
    let remember = normalizer.is_costly() && repeats(texts, task_rows);
    let task = |start: usize| {
        let rows = start..(start + task_rows).min(rows);
        match normalizer.output() {
            Output::Text => text_rows(texts, rows, normalizer, remember)
                .map(|array| Arc::new(array) as ArrayRef),
            Output::Boolean => Ok(Arc::new(boolean_rows(texts, rows, normalizer)) as ArrayRef),
        }
    };
    if rows <= task_rows {
        return task(0);
    }
    let starts: Vec<_> = (0..rows).step_by(task_rows).collect();
    let parts = starts.into_par_iter().map(task).collect::<Result<Vec<_>, _>>()?;
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    concat(&parts).map_err(|error| arrow_error(normalizer, &error))
}

/// Whether a sample shows that a value occurs about twice or more among the rows of a task.
///
/// In a sample of n rows with D distinct values about n²/2D rows repeat an earlier one, from which
/// D follows.
fn repeats<'a, T: ArrayAccessor<Item = &'a str> + Copy>(texts: T, task_rows: usize) -> bool {
    let rows = texts.len();
    if rows < 64 {
        return false;
    }
    let step = rows.div_ceil(SAMPLED_ROWS);
    let mut seen = HashMap::with_capacity_and_hasher(SAMPLED_ROWS, FixedState::default());
    let (mut sampled, mut repeated) = (0_usize, 0_usize);
    for row in (0..rows).step_by(step).filter(|row| texts.is_valid(*row)) {
        sampled += 1;
        if seen.insert(texts.value(row), ()).is_some() {
            repeated += 1;
        }
    }
    // Fewer repeats may be a coincidence.
    repeated >= 8 && 2 * repeated * task_rows.max(sampled) >= 2 * sampled * sampled
}

fn text_rows<'a, T: ArrayAccessor<Item = &'a str> + Copy>(
    texts: T,
    rows: std::ops::Range<usize>,
    normalizer: &Normalizer,
    remember: bool,
) -> Result<StringArray, NormalizeError> {
    let mut keys = StringBuilder::with_capacity(rows.len(), 16 * rows.len());
    let mut key = String::new();
    let mut known = Known::default();
    let mut bytes = 0;
    for row in rows {
        if texts.is_null(row) {
            keys.append_null();
            continue;
        }
        let text = texts.value(row);
        let found = if remember {
            known.key(text, normalizer, &mut key)
        } else {
            normalizer.write(text, &mut key).then_some(key.as_str())
        };
        bytes += found.map_or(0, str::len);
        if bytes > i32::MAX as usize {
            return Err(NormalizeError::TooLarge { normalizer: normalizer.name() });
        }
        keys.append_option(found);
    }
    Ok(keys.finish())
}

fn boolean_rows<'a, T: ArrayAccessor<Item = &'a str> + Copy>(
    texts: T,
    rows: std::ops::Range<usize>,
    normalizer: &Normalizer,
) -> BooleanArray {
    let mut answers = BooleanBuilder::with_capacity(rows.len());
    for row in rows {
        answers.append_option(texts.is_valid(row).then(|| normalizer.holds(texts.value(row))));
    }
    answers.finish()
}

/// The keys computed so far.
#[derive(Default)]
struct Known<'a> {
    /// The position of a text's key in `keys`.
    places: HashMap<&'a str, Option<(usize, usize)>, FixedState>,
    keys: String,
}

impl<'a> Known<'a> {
    fn key(
        &mut self,
        text: &'a str,
        normalizer: &Normalizer,
        scratch: &mut String,
    ) -> Option<&str> {
        let place = *self.places.entry(text).or_insert_with(|| {
            normalizer.write(text, scratch).then(|| {
                let start = self.keys.len();
                self.keys.push_str(scratch);
                (start, self.keys.len())
            })
        });
        place.map(|(start, end)| &self.keys[start..end])
    }
}

#[cfg(test)]
mod tests;
