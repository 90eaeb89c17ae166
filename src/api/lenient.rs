//! Reads answers leniently: a field of an unexpected type becomes null and its value stays in
//! `extra`, while the rest of the answer is kept.
//!
//! By the time an answer is read it has cost credits, and the contract does not fix every type. So
//! no field may make an answer unreadable, except one without which the answer is useless (the id
//! of a run that was accepted, an amount that was asked for).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A type of values in answers.
pub trait Lenient: Sized {
    /// Whether a value is of this type, or expresses it in another one (`"12"` for 12).
    fn fits(value: &Value) -> bool;

    /// Reads a value that fits.
    fn read(value: Value) -> Option<Self>;
}

/// A field of an answer.
pub trait Field: Sized {
    /// Takes the field out of an answer. A value that does not fit stays in `fields`.
    fn take(fields: &mut Map<String, Value>, name: &str) -> Self;
}

impl Lenient for bool {
    fn fits(value: &Value) -> bool {
        match value {
            Value::Bool(_) => true,
            Value::String(text) => {
                ["true", "false"].iter().any(|word| text.trim().eq_ignore_ascii_case(word))
            }
            _ => false,
        }
    }

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(flag),
            Value::String(text) => Some(text.trim().eq_ignore_ascii_case("true")),
            _ => None,
        }
    }
}

/// A number, or a text that holds one.
pub fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

impl Lenient for f64 {
    fn fits(value: &Value) -> bool {
        number(value).is_some()
    }

    fn read(value: Value) -> Option<Self> {
        number(&value)
    }
}

/// A whole number, if the value is one that a float holds exactly or JSON holds as an integer.
fn whole(value: &Value) -> Option<i128> {
    if let Value::Number(number) = value
        && let Some(whole) = number.as_i128()
    {
        return Some(whole);
    }
    let number = number(value)?;
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i128)
}

macro_rules! whole_numbers {
    ($($type:ty),+) => {
        $(impl Lenient for $type {
            fn fits(value: &Value) -> bool {
                whole(value).is_some_and(|number| Self::try_from(number).is_ok())
            }

            fn read(value: Value) -> Option<Self> {
                whole(&value).and_then(|number| number.try_into().ok())
            }
        })+
    };
}

whole_numbers!(i64, u32, u64, usize);

impl Lenient for String {
    fn fits(value: &Value) -> bool {
        value.is_string()
    }

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl Lenient for Value {
    fn fits(_: &Value) -> bool {
        true
    }

    fn read(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl Lenient for Map<String, Value> {
    fn fits(value: &Value) -> bool {
        value.is_object()
    }

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Object(fields) => Some(fields),
            _ => None,
        }
    }
}

impl<T: Lenient> Field for Option<T> {
    fn take(fields: &mut Map<String, Value>, name: &str) -> Self {
        drop_null(fields, name);
        match fields.get(name) {
            Some(value) if T::fits(value) => T::read(fields.shift_remove(name)?),
            _ => None,
        }
    }
}

/// Entries that do not fit are skipped; if there are any, the whole list also stays in the answer.
impl<T: Lenient> Field for Vec<T> {
    fn take(fields: &mut Map<String, Value>, name: &str) -> Self {
        drop_null(fields, name);
        match fields.get(name) {
            Some(Value::Array(all)) if all.iter().all(T::fits) => match fields.shift_remove(name) {
                Some(Value::Array(all)) => all.into_iter().filter_map(T::read).collect(),
                _ => Vec::new(),
            },
            Some(Value::Array(all)) => {
                all.iter().filter(|value| T::fits(value)).cloned().filter_map(T::read).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Entries that do not fit are skipped, as in lists.
impl<T: Lenient> Field for BTreeMap<String, T> {
    fn take(fields: &mut Map<String, Value>, name: &str) -> Self {
        let Some(Value::Object(all)) = fields.get(name) else {
            drop_null(fields, name);
            return Self::new();
        };
        let whole = all.values().all(T::fits);
        let read = all
            .iter()
            .filter(|(_, value)| T::fits(value))
            .filter_map(|(name, value)| Some((name.clone(), T::read(value.clone())?)))
            .collect();
        if whole {
            fields.shift_remove(name);
        }
        read
    }
}

/// Removes a field that is null, so that it does not appear in `extra`.
fn drop_null(fields: &mut Map<String, Value>, name: &str) {
    if fields.get(name).is_some_and(Value::is_null) {
        fields.shift_remove(name);
    }
}

impl Field for Value {
    fn take(fields: &mut Map<String, Value>, name: &str) -> Self {
        fields.shift_remove(name).unwrap_or_default()
    }
}

impl Field for bool {
    fn take(fields: &mut Map<String, Value>, name: &str) -> Self {
        <Option<Self> as Field>::take(fields, name).unwrap_or_default()
    }
}

impl Field for u64 {
    fn take(fields: &mut Map<String, Value>, name: &str) -> Self {
        <Option<Self> as Field>::take(fields, name).unwrap_or_default()
    }
}

impl Field for f64 {
    fn take(fields: &mut Map<String, Value>, name: &str) -> Self {
        <Option<Self> as Field>::take(fields, name).unwrap_or_default()
    }
}

/// A required text: a number becomes its digits, and a missing field becomes an empty text.
impl Field for String {
    fn take(fields: &mut Map<String, Value>, name: &str) -> Self {
        if let Some(Value::Number(number)) = fields.get(name) {
            let text = number.to_string();
            fields.shift_remove(name);
            return text;
        }
        <Option<Self> as Field>::take(fields, name).unwrap_or_default()
    }
}

/// Says that an answer cannot be used because the field `name`, which it needs, is missing or
/// empty.
pub fn lacking(fields: &Map<String, Value>, name: &str) -> Option<String> {
    match fields.get(name) {
        None | Some(Value::Null) => Some(format!("{name} is missing")),
        Some(Value::String(text)) if text.trim().is_empty() => Some(format!("{name} is empty")),
        Some(_) => None,
    }
}

/// Defines an answer, or a part of one, that is read leniently. Fields that the contract does not
/// name, and values that do not fit, are in `extra`.
///
/// `field or "name"` reads a field under a second name if it has no value under its own. The fields
/// after `needs` are those without which the answer is useless.
macro_rules! answer {
    (
        $(#[$about:meta])*
        pub struct $name:ident {
            $($(#[$attribute:meta])* pub $field:ident $(or $other:literal)?: $type:ty),+ $(,)?
        }
        $(needs $($needed:ident),+;)?
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name {
            $($(#[$attribute])* pub $field: $type,)+
            /// Fields that the contract does not name, and values of another type than it names.
            #[serde(flatten)]
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            fn of(mut fields: serde_json::Map<String, serde_json::Value>) -> Self {
                $(
                    #[allow(unused_mut, reason = "only a field with a second name is assigned twice")]
                    let mut $field =
                        <$type as $crate::api::lenient::Field>::take(&mut fields, stringify!($field));
                    $(
                        if $field.is_none() {
                            $field = $crate::api::lenient::Field::take(&mut fields, $other);
                        }
                    )?
                )+
                Self { $($field,)+ extra: fields }
            }
        }

        impl $crate::api::lenient::Lenient for $name {
            fn fits(value: &serde_json::Value) -> bool {
                value.is_object()
            }

            fn read(value: serde_json::Value) -> Option<Self> {
                match value {
                    serde_json::Value::Object(fields) => Some(Self::of(fields)),
                    _ => None,
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let fields = serde_json::Map::deserialize(deserializer)?;
                $($(
                    if let Some(why) = $crate::api::lenient::lacking(&fields, stringify!($needed)) {
                        return Err(serde::de::Error::custom(why));
                    }
                )+)?
                let answer = Self::of(fields);
                $($(
                    if let Some(value) = answer.extra.get(stringify!($needed)) {
                        let name = stringify!($needed);
                        return Err(serde::de::Error::custom(format!("{name} is {value}")));
                    }
                )+)?
                Ok(answer)
            }
        }
    };
}

pub(crate) use answer;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    answer! {
        /// A part.
        #[derive(Default)]
        pub struct Part {
            pub city: Option<String>,
        }
    }

    answer! {
        /// An answer with a field of each kind.
        #[derive(Default)]
        pub struct Whole {
            pub run_id: String,
            pub text or "words": Option<String>,
            pub share: Option<f64>,
            pub count: Option<u32>,
            pub flag: Option<bool>,
            pub part: Option<Part>,
            pub list: Vec<String>,
            pub parts: Vec<Part>,
            pub any: Value,
            pub sums: BTreeMap<String, u64>,
        }
        needs run_id;
    }

    #[test]
    fn what_fits_is_read_and_what_does_not_stays_in_extra() {
        let body = json!({
            "run_id": 7, "text": 0.9, "share": "high", "count": -1, "flag": 1, "part": "Berlin",
            "list": ["a", {"b": 1}], "parts": [{"city": 5}, 3], "any": [1], "sums": {"x": 1, "y": "?"},
            "new": true,
        });
        let read: Whole = serde_json::from_value(body.clone()).unwrap();
        assert_eq!((read.run_id.as_str(), &read.text, read.share), ("7", &None, None));
        assert_eq!((read.count, read.flag, &read.part), (None, None, &None));
        assert_eq!((read.list.len(), read.parts.len(), &read.any), (1, 1, &json!([1])));
        assert_eq!(read.parts[0].extra["city"], 5);
        assert_eq!(read.sums, BTreeMap::from([("x".into(), 1)]));
        for name in ["text", "share", "count", "flag", "part", "list", "parts", "sums", "new"] {
            assert_eq!(read.extra[name], body[name], "{name}");
        }
        assert_eq!(read.extra.len(), 9);
    }

    #[test]
    fn nulls_and_absent_fields_are_the_same_and_values_in_other_clothes_are_read() {
        let names = ["text", "share", "count", "flag", "part", "list", "parts", "any", "sums"];
        let nulls: Map<String, Value> =
            names.map(|name| (name.into(), Value::Null)).into_iter().collect();
        let read = |mut body: Map<String, Value>| -> Whole {
            body.insert("run_id".into(), "r".into());
            serde_json::from_value(body.into()).unwrap()
        };
        assert_eq!(read(nulls), read(Map::new()));
        let body =
            json!({"share": " 12.5 ", "count": 3.0, "flag": "TRUE", "words": "w", "text": null});
        let read = read(body.as_object().unwrap().clone());
        assert_eq!((read.share, read.count, read.flag), (Some(12.5), Some(3), Some(true)));
        assert_eq!((read.text.as_deref(), read.extra.len()), (Some("w"), 0));
    }

    #[test]
    fn only_what_an_answer_cannot_do_without_makes_it_unreadable() {
        for body in [
            json!({}),
            json!({"run_id": null}),
            json!({"run_id": " "}),
            json!({"run_id": []}),
            json!([]),
        ] {
            assert!(serde_json::from_value::<Whole>(body.clone()).is_err(), "{body}");
        }
    }
}
