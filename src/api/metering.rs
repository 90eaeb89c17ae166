//! What a call cost: the metering fields that most answers have.

use serde::Serialize;
use serde_json::{Map, Value};

use super::lenient::Field;

/// What a call cost and how long it took. An answer from the API's cache costs nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
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
    /// Whether the answer came from the API's cache of earlier calls with the same `record_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<bool>,
}

impl Field for Metering {
    /// Metering fields are not nested: they stand among the fields of the answer itself.
    fn take(fields: &mut Map<String, Value>, _: &str) -> Self {
        Self {
            credits_consumed: Field::take(fields, "credits_consumed"),
            credits_remaining: Field::take(fields, "credits_remaining"),
            processing_time_ms: Field::take(fields, "processing_time_ms"),
            cached: Field::take(fields, "cached"),
        }
    }
}

/// An answer that can say what its call cost.
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

/// Writes whole numbers as integers, for `serde(with)`.
pub mod number {
    use serde::Serializer;

    /// # Errors
    /// If the serializer fails.
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
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::api::enrich::EmailEnriched;

    #[test]
    fn what_a_call_cost_counts_whatever_else_is_wrong_with_its_answer() {
        let body = json!({
            "record_id": [], "email": 7, "confidence": 0.9, "cached": "?",
            "credits_consumed": 1.0, "credits_remaining": "12.5", "processing_time_ms": null,
        });
        let read: EmailEnriched = serde_json::from_value(body).unwrap();
        let metering = &read.metering;
        assert_eq!(
            (metering.credits_consumed, metering.credits_remaining),
            (Some(1.0), Some(12.5))
        );
        assert_eq!((metering.processing_time_ms, metering.cached), (None, None));
        let written = serde_json::to_string(metering).unwrap();
        assert_eq!(written, r#"{"credits_consumed":1,"credits_remaining":12.5}"#);
    }
}
