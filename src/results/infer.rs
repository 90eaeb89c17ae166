//! Infers types for the columns of deep research, whose names and contents are not documented.
//!
//! A column gets a type only if no value changes by it: it becomes boolean, integer or float if
//! every cell of every file is a value that the type holds exactly, and its name does not say that
//! it holds identifiers. Leading zeros, leading plus signs, exponents, empty texts and mixed
//! columns stay text.

use std::{collections::HashMap, sync::Arc};

use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray};

use super::table::Piece;

/// Words in a column's name by which its cells are identifiers and not numbers.
const IDENTIFIERS: [&str; 33] = [
    "id",
    "ids",
    "uuid",
    "guid",
    "key",
    "code",
    "codes",
    "number",
    "no",
    "nr",
    "phone",
    "mobile",
    "cell",
    "fax",
    "tel",
    "telephone",
    "zip",
    "zipcode",
    "postal",
    "postcode",
    "plz",
    "duns",
    "naics",
    "sic",
    "siren",
    "siret",
    "vat",
    "ein",
    "tin",
    "cik",
    "isin",
    "lei",
    "version",
];

/// The types that a column's cells allow, from narrow to wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Only nulls so far.
    Unknown,
    Flag,
    /// Whole numbers that a float holds exactly.
    Integer,
    /// Whole numbers that a float would round.
    Long,
    Float,
    Text,
}

/// Gives every column the type that all pieces together allow.
pub fn types(pieces: &mut [Piece]) {
    let mut shapes: HashMap<Arc<str>, Shape> = HashMap::new();
    for (name, values) in pieces.iter().flat_map(|piece| &piece.columns) {
        let shape = shapes
            .entry(name.clone())
            .or_insert_with(|| if is_identifier(name) { Shape::Text } else { Shape::Unknown });
        if let Some(values) = values.as_string_opt::<i32>() {
            *shape = shape_of(values, *shape);
        }
    }
    for (name, values) in pieces.iter_mut().flat_map(|piece| &mut piece.columns) {
        let shape = shapes.get(name).copied().unwrap_or(Shape::Text);
        if let Some(typed) = values.as_string_opt::<i32>().and_then(|text| convert(text, shape)) {
            *values = typed;
        }
    }
}

fn is_identifier(name: &str) -> bool {
    let mut word = String::new();
    let mut previous = None;
    let mut words = Vec::new();
    for letter in name.chars() {
        let hump = letter.is_uppercase() && previous.is_some_and(char::is_lowercase);
        if hump || !letter.is_alphabetic() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphabetic() {
            word.extend(letter.to_lowercase());
        }
        previous = Some(letter);
    }
    words.push(word);
    // "number_of_employees" is a count, while "account_number" is an identifier.
    let counts = words.iter().any(|word| word == "of");
    words.iter().any(|word| {
        IDENTIFIERS.contains(&word.as_str())
            && !(counts && matches!(word.as_str(), "number" | "no"))
    })
}

fn shape_of(values: &StringArray, so_far: Shape) -> Shape {
    let mut shape = so_far;
    for cell in values.iter().flatten() {
        if shape == Shape::Text {
            break;
        }
        shape = match (shape, cell_shape(cell)) {
            (Shape::Unknown, cell) => cell,
            (shape, cell) if shape == cell => shape,
            (Shape::Integer | Shape::Float, Shape::Integer | Shape::Float) => Shape::Float,
            (Shape::Integer | Shape::Long, Shape::Integer | Shape::Long) => Shape::Long,
            _ => Shape::Text,
        };
    }
    shape
}

fn cell_shape(cell: &str) -> Shape {
    if cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false") {
        return Shape::Flag;
    }
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number type would lose leading zeros and the sign of a zero, and a float keeps 15 digits.
    if !all_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return Shape::Text;
    }
    match fraction {
        None if cell == "-0" || whole.len() > 18 => Shape::Text,
        None if whole.len() > 15 => Shape::Long,
        None => Shape::Integer,
        Some(fraction) if all_digits(fraction) && whole.len() + fraction.len() <= 15 => {
            Shape::Float
        }
        Some(_) => Shape::Text,
    }
}

/// Converts a column; `None` if it stays as it is.
fn convert(values: &StringArray, shape: Shape) -> Option<ArrayRef> {
    match shape {
        Shape::Unknown | Shape::Text => None,
        Shape::Flag => Some(Arc::new(
            values
                .iter()
                .map(|cell| cell.map(|cell| cell.eq_ignore_ascii_case("true")))
                .collect::<BooleanArray>(),
        )),
        Shape::Integer | Shape::Long => Some(Arc::new(
            values
                .iter()
                .map(|cell| cell.and_then(|cell| cell.parse().ok()))
                .collect::<Int64Array>(),
        )),
        Shape::Float => Some(Arc::new(
            values
                .iter()
                .map(|cell| cell.and_then(|cell| cell.parse().ok()))
                .collect::<Float64Array>(),
        )),
    }
}
