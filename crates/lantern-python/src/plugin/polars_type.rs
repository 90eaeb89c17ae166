//! Types of columns as Polars exports them, and their names in Polars.

use arrow::{datatypes::DataType, ffi::FFI_ArrowSchema};

use super::failure::Failure;

/// The type of a text column. Any other type is a failure that names the column, its type, and the
/// cast to write.
pub(super) fn text(schema: &FFI_ArrowSchema, function: &str) -> Result<DataType, Failure> {
    let is_text = match schema.dictionary() {
        Some(values) => is_text(values.format()),
        None => is_text(schema.format()) || schema.format() == "n",
    };
    if is_text {
        return Ok(DataType::try_from(schema)?);
    }
    let column = schema.name().unwrap_or_default();
    Err(Failure::new(format!(
        "{function} takes text, and column {column:?} is of type {}; {}",
        name(schema),
        advice(schema, column)
    )))
}

fn is_text(format: &str) -> bool {
    matches!(format, "u" | "U" | "vu")
}

/// Polars' name for a type.
fn name(schema: &FFI_ArrowSchema) -> String {
    let inner = || schema.children().next().map(name).unwrap_or_default();
    let format = schema.format();
    let simple = match format {
        "b" => "Boolean",
        "c" => "Int8",
        "s" => "Int16",
        "i" => "Int32",
        "l" => "Int64",
        "_pli128" => "Int128",
        "C" => "UInt8",
        "S" => "UInt16",
        "I" => "UInt32",
        "L" => "UInt64",
        "_plu128" => "UInt128",
        "e" => "Float16",
        "f" => "Float32",
        "g" => "Float64",
        "z" | "Z" | "vz" => "Binary",
        "u" | "U" | "vu" => "String",
        "n" => "Null",
        "tdD" | "tdm" => "Date",
        "+s" => "Struct",
        "+l" | "+L" | "+vl" | "+vL" => return format!("List({})", inner()),
        _ if format.starts_with("+w:") => return format!("Array({})", inner()),
        _ if format.starts_with("tt") => "Time",
        _ if format.starts_with("ts") => "Datetime",
        _ if format.starts_with("tD") => "Duration",
        _ if format.starts_with("d:") => "Decimal",
        _ => return format!("{format:?}, which is not known here"),
    };
    simple.to_owned()
}

fn advice(schema: &FFI_ArrowSchema, column: &str) -> String {
    let column = format!("pl.col({column:?})");
    let inner = schema.children().next();
    let texts = inner.is_some_and(|inner| is_text(inner.format()));
    let cast = if texts { "" } else { ".cast(pl.String)" };
    match schema.format() {
        "+s" => {
            let field = inner.and_then(FFI_ArrowSchema::name).unwrap_or("name");
            format!("name one of its fields: {column}.struct.field({field:?}){cast}")
        }
        "+l" | "+L" if texts => format!("join it first: {column}.list.join(\" \")"),
        "+l" | "+L" => format!("take one of its values first: {column}.list.first(){cast}"),
        format if format.starts_with("+w:") && texts => {
            format!("join it first: {column}.arr.join(\" \")")
        }
        format if format.starts_with("+w:") => {
            format!("take one of its values first: {column}.arr.first(){cast}")
        }
        format if format.starts_with("tD") => {
            format!("write it out first: {column}.dt.to_string()")
        }
        _ => format!("cast it first: {column}.cast(pl.String)"),
    }
}
