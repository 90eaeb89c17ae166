//! Sets fields of requests by their paths.

use serde_json::{Map, Value, json};

/// Adds the mode `simple` if the rules are a list.
pub fn with_mode(mut arguments: Map<String, Value>) -> Map<String, Value> {
    if let Some(rules) = arguments.get_mut("rules")
        && rules.is_array()
    {
        *rules = json!({"mode": "simple", "rules": rules.take()});
    }
    arguments
}

/// Sets a field of a request. `record_data.email` is the field `email` of the object `record_data`.
pub fn set_field(request: &mut Map<String, Value>, field: &str, value: Value) {
    match field.split_once('.') {
        None => {
            request.insert(field.to_owned(), value);
        }
        Some((outer, inner)) => {
            let within = request.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(within) = within {
                set_field(within, inner, value);
            }
        }
    }
}
