//! The columns of a directory.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

static PEOPLE: LazyLock<SchemaRef> = LazyLock::new(|| {
    let optional = [
        "first_name",
        "last_name",
        "title",
        "company_id",
        "company_name",
        "company_url",
        "email",
        "phone_number",
        "linkedin",
        "country",
        "city",
    ];
    let mut fields = vec![Field::new("id", DataType::Utf8, false)];
    fields.extend(optional.map(|name| Field::new(name, DataType::Utf8, true)));
    Arc::new(Schema::new(fields))
});

static COMPANIES: LazyLock<SchemaRef> = LazyLock::new(|| {
    let optional = [
        ("name", DataType::Utf8),
        ("domain", DataType::Utf8),
        ("linkedin", DataType::Utf8),
        ("country", DataType::Utf8),
        ("city", DataType::Utf8),
        ("state", DataType::Utf8),
        ("postal_code", DataType::Utf8),
        ("industry", DataType::Utf8),
        ("size_range", DataType::Utf8),
        ("founded", DataType::Int32),
        ("lat", DataType::Float64),
        ("lon", DataType::Float64),
    ];
    let mut fields = vec![Field::new("id", DataType::Utf8, false)];
    fields.extend(optional.map(|(name, kind)| Field::new(name, kind, true)));
    Arc::new(Schema::new(fields))
});

/// People: all columns are text, and only `id` is never null.
pub(super) fn people() -> SchemaRef {
    Arc::clone(&PEOPLE)
}

/// Companies: text, except that `founded` is a year and `lat` and `lon` are degrees; only `id` is
/// never null.
pub(super) fn companies() -> SchemaRef {
    Arc::clone(&COMPANIES)
}
