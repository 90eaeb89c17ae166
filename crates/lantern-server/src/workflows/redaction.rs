//! Removes secrets from entries of the audit log.

use serde_json::Value;

/// Replacement of a secret.
const REDACTED: &str = "[redacted]";

/// Parts of names whose values are secrets.
const SECRET: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "authorization",
    "credential",
    "private_key",
];

/// The value without secrets: values whose names indicate a secret, and bearer tokens anywhere.
pub(super) fn redacted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| {
                    let lower = name.to_lowercase().replace(['-', ' '], "_");
                    let secret = SECRET.iter().any(|part| lower.contains(part));
                    (name.clone(), if secret { REDACTED.into() } else { redacted(value) })
                })
                .collect(),
        ),
        Value::Array(values) => Value::Array(values.iter().map(redacted).collect()),
        Value::String(text) if text.to_lowercase().contains("bearer ") => REDACTED.into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_taken_out_at_any_depth() {
        let value = json!({
            "email": "ada@acme.com", "Api-Key": "k", "nested": [{"userPassword": {"a": 1}}],
            "note": "send Bearer abc",
        });
        assert_eq!(
            redacted(&value),
            json!({
                "email": "ada@acme.com", "Api-Key": "[redacted]",
                "nested": [{"userPassword": "[redacted]"}], "note": "[redacted]",
            })
        );
    }
}
