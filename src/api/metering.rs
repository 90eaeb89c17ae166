//! What a call cost: the metering fields that most answers carry, and numbers as they come.

use serde::{Deserialize, Serialize};

/// What a call cost and how long it took. A cached answer costs nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metering {
    #[serde(default, with = "number", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub credits_consumed: Option<f64>,
    #[serde(default, with = "number", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub credits_remaining: Option<f64>,
    #[serde(default, with = "number", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub processing_time_ms: Option<f64>,
    /// Whether the answer was kept from an earlier call with the same `record_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<bool>,
}

/// An answer that says what its call cost.
pub trait Metered {
    fn metering(&self) -> &Metering;
    fn metering_mut(&mut self) -> &mut Metering;
}

macro_rules! metered {
    ($name:ident) => {
        impl $crate::api::metering::Metered for $name {
            fn metering(&self) -> &$crate::api::metering::Metering {
                &self.metering
            }
            fn metering_mut(&mut self) -> &mut $crate::api::metering::Metering {
                &mut self.metering
            }
        }
    };
}

pub(crate) use metered;

/// Numbers that may come as integers, floats or text; whole ones are written as integers.
pub mod number {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use serde_json::Value;

    /// # Errors
    /// What the serializer fails with.
    pub fn serialize<S: Serializer>(
        number: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match *number {
            None => serializer.serialize_none(),
            Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                serializer.serialize_i64(number as i64)
            }
            Some(number) => serializer.serialize_f64(number),
        }
    }

    /// # Errors
    /// What is neither a number nor null.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(None),
            Value::Number(number) => Ok(number.as_f64()),
            Value::String(text) => text
                .trim()
                .parse()
                .map(Some)
                .map_err(|_| D::Error::custom(format!("{text:?} is no number"))),
            other => Err(D::Error::custom(format!("{other} is no number"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_as_integers_floats_and_text() {
        let read: Metering = serde_json::from_str(
            r#"{"credits_consumed": 1.0, "credits_remaining": "12.5", "processing_time_ms": null}"#,
        )
        .unwrap();
        assert_eq!((read.credits_consumed, read.credits_remaining), (Some(1.0), Some(12.5)));
        assert_eq!((read.processing_time_ms, read.cached), (None, None));
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(written, r#"{"credits_consumed":1,"credits_remaining":12.5}"#);
        assert!(serde_json::from_str::<Metering>(r#"{"credits_consumed": []}"#).is_err());
    }
}
