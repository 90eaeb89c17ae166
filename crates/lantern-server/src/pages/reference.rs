//! The reference page: the OpenAPI document, rendered for people.

use maud::{Markup, html};
use serde_json::{Map, Value};

use super::layout::{Column::Text, frame, table};

/// Every operation of the document, by tag.
pub(crate) fn page(document: &Value) -> Markup {
    let mut tags: Vec<(&str, Vec<Markup>)> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let tag = operation["tags"][0].as_str().unwrap_or("other");
            let shown = one(document, path, method, operation);
            match tags.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, operations)) => operations.push(shown),
                None => tags.push((tag, vec![shown])),
            }
        }
    }
    let body = html! {
        p.soft {
            "Every call takes " code { "Authorization: Bearer <key>" } ", and JSON in its body. \
             Fields that are missing in an answer are null."
        }
        @for (tag, operations) in &tags {
            h2 id=(tag) { (tag) }
            @for operation in operations { (operation) }
        }
    };
    frame("reference", false, &body)
}

fn one(document: &Value, path: &str, method: &str, operation: &Value) -> Markup {
    let text = |value: &'_ Value| value.as_str().unwrap_or_default().to_owned();
    let parameters: Vec<Vec<String>> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| {
            vec![
                text(&parameter["name"]),
                text(&parameter["in"]),
                if parameter["required"] == true { "required" } else { "" }.to_owned(),
                kind(&parameter["schema"]),
                text(&parameter["description"]),
            ]
        })
        .collect();
    let bodies = operation["requestBody"]["content"].as_object().into_iter().flat_map(Map::values);
    html! {
        details {
            summary {
                span.method { (method.to_uppercase()) } code { (path) }
                " " span.soft { (text(&operation["summary"])) }
            }
            @if let Some(more) = operation["description"].as_str() {
                p { (more) }
            }
            @if !parameters.is_empty() {
                (table(&["Parameter", "In", "", "Type", ""].map(Text), &parameters))
            }
            @for content in bodies {
                p { "Body" }
                (fields(document, &content["schema"]))
            }
            @for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                p { b { (status) } " " (text(&response["description"])) }
                @if status == "200" {
                    (fields(document, &response["content"]["application/json"]["schema"]))
                }
            }
        }
    }
}

/// The schema that a `$ref` refers to.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    schema["$ref"]
        .as_str()
        .and_then(|reference| document.pointer(reference.trim_start_matches('#')))
        .unwrap_or(schema)
}

/// A table of an object's fields, including those of the schemas that it is composed of.
fn fields(document: &Value, schema: &Value) -> Markup {
    let mut rows = Vec::new();
    collect(document, schema, &mut rows, 0);
    html! {
        @if !rows.is_empty() {
            (table(&["Field", "", "Type", ""].map(Text), &rows))
        }
    }
}

fn collect(document: &Value, schema: &Value, rows: &mut Vec<Vec<String>>, depth: usize) {
    // Deep enough for every existing schema, and a limit for one that contains itself.
    if depth > 4 {
        return;
    }
    let schema = resolved(document, schema);
    for part in ["allOf", "oneOf"].iter().flat_map(|name| schema[*name].as_array()).flatten() {
        collect(document, part, rows, depth + 1);
    }
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        rows.push(vec![
            name.clone(),
            if required.contains(&name.as_str()) { "required" } else { "" }.to_owned(),
            kind(field),
            field["description"].as_str().unwrap_or_default().to_owned(),
        ]);
    }
}

/// A type in words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or(reference).to_owned();
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    let parts = |name: &str| -> Option<String> {
        let kinds: Vec<String> = schema[name].as_array()?.iter().map(kind).collect();
        Some(kinds.join(" | "))
    };
    if let Some(kinds) = parts("oneOf").or_else(|| parts("anyOf")).or_else(|| parts("allOf")) {
        return kinds;
    }
    let name = match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ")
        }
        _ => "any".to_owned(),
    };
    if name.starts_with("array") {
        return name.replacen("array", &format!("list of {}", kind(&schema["items"])), 1);
    }
    name
}
