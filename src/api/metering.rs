//! What a call cost: the metering fields that most answers have.

use serde::Serialize;
use serde_json::{Map, Value};

use super::lenient::{self, Field};

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

/// Name of the field with the cost of a call.
const CONSUMED: &str = "credits_consumed";
/// Maximum depth at which a cost is looked for.
const DEEPEST: usize = 8;

/// The cost that an answer gives, whatever else is wrong with it. An answer that reports an error
/// may give it inside of another field, such as `error` or `details`, or in another spelling, such
/// as `creditsConsumed`.
pub fn consumed(answer: &Value) -> Option<f64> {
    within(answer, DEEPEST)
}

fn within(value: &Value, depth: usize) -> Option<f64> {
    let deeper = depth.checked_sub(1)?;
    match value {
        Value::Object(fields) => {
            let cost = |value| lenient::number(value).filter(|credits| *credits >= 0.0);
            let named = fields.get(CONSUMED).and_then(cost).or_else(|| {
                fields
                    .iter()
                    .filter(|(name, _)| is_consumed(name))
                    .find_map(|(_, value)| cost(value))
            });
            // Several fields may give the same cost, so they are not added up.
            named.or_else(|| {
                fields.values().filter_map(|value| within(value, deeper)).reduce(f64::max)
            })
        }
        // Each entry of a list has its own cost.
        Value::Array(all) => {
            all.iter().filter_map(|value| within(value, deeper)).reduce(|sum, cost| sum + cost)
        }
        _ => None,
    }
}

/// Whether a name is that of the cost in another spelling.
fn is_consumed(name: &str) -> bool {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    let expected = CONSUMED.chars().filter(|letter| *letter != '_');
    letters.flat_map(char::to_lowercase).eq(expected)
}

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

    use super::consumed;
    use crate::api::enrich::EmailEnriched;

    #[test]
    fn a_cost_is_found_where_a_refusal_gives_it() {
        for (answer, cost) in [
            (json!({"success": false, "credits_consumed": "2.5"}), Some(2.5)),
            (json!({"creditsConsumed": 3, "error": "no"}), Some(3.0)),
            (json!({"Credits-Consumed": " 4 "}), Some(4.0)),
            (json!({"error": {"message": "no", "credits_consumed": 5}}), Some(5.0)),
            (json!({"detail": [{"credits_consumed": 1}, {"credits_consumed": 2}]}), Some(3.0)),
            (
                json!({"error": {"credits_consumed": 2}, "details": {"credits_consumed": 2}}),
                Some(2.0),
            ),
            (json!({"credits_consumed": 1, "data": {"credits_consumed": 7}}), Some(1.0)),
            (json!({"credits_consumed": null, "data": {"credits_consumed": 7}}), Some(7.0)),
            (json!({"credits_consumed": -1}), None),
            (json!({"credits_consumed": "NaN"}), None),
            (json!({"credits_consumed_today": 9, "credits": 9}), None),
            (json!("credits_consumed"), None),
        ] {
            assert_eq!(consumed(&answer), cost, "{answer}");
        }
    }

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
