//! The reference page: the OpenAPI document for people.

use serde_json::{Map, Value};

use super::html::{frame, head, safe, table};

/// Every operation of the document, by tag.
pub(crate) fn page(document: &Value) -> String {
    let mut body = head("reference");
    body += "<p class=\"soft\">Every call takes <code>Authorization: Bearer &lt;key&gt;</code>, and \
             JSON in its body. What is missing in an answer is null.</p>";
    let none = Map::new();
    let object = |value: &'_ Value| value.as_object().cloned().unwrap_or_default();
    let mut tags: Vec<(String, String)> = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap_or(&none) {
        for (method, operation) in &object(methods) {
            let tag = operation["tags"][0].as_str().unwrap_or("other").to_owned();
            let shown = one(document, path, method, operation);
            match tags.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, operations)) => *operations += &shown,
                None => tags.push((tag, shown)),
            }
        }
    }
    for (tag, operations) in tags {
        body += &format!("<h2 id=\"{0}\">{0}</h2>{operations}", safe(&tag));
    }
    frame("lantern: reference", false, &body)
}

fn one(document: &Value, path: &str, method: &str, operation: &Value) -> String {
    let text = |value: &Value| safe(value.as_str().unwrap_or_default());
    let mut out = format!(
        "<details><summary><span class=\"method\">{}</span><code>{}</code> \
         <span class=\"soft\">{}</span></summary>",
        safe(&method.to_uppercase()),
        safe(path),
        text(&operation["summary"])
    );
    if let Some(more) = operation["description"].as_str() {
        out += &format!("<p>{}</p>", safe(more));
    }
    let parameters: Vec<Vec<String>> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|parameter| {
            vec![
                parameter["name"].as_str().unwrap_or_default().to_owned(),
                parameter["in"].as_str().unwrap_or_default().to_owned(),
                if parameter["required"] == true { "required" } else { "" }.to_owned(),
                kind(&parameter["schema"]),
                parameter["description"].as_str().unwrap_or_default().to_owned(),
            ]
        })
        .collect();
    if !parameters.is_empty() {
        out += &table(&["Parameter", "In", "", "Type", ""], &parameters);
    }
    for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(Map::values)
    {
        out += "<p>Body</p>";
        out += &fields(document, &content["schema"]);
    }
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        out += &format!("<p><b>{}</b> {}</p>", safe(status), text(&response["description"]));
        if status == "200" {
            let schema = &response["content"]["application/json"]["schema"];
            out += &fields(document, schema);
        }
    }
    out + "</details>"
}

/// The schema that a reference leads to.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    schema["$ref"]
        .as_str()
        .and_then(|reference| document.pointer(reference.trim_start_matches('#')))
        .unwrap_or(schema)
}

/// A table of an object's fields; what it is put together from counts as its own.
fn fields(document: &Value, schema: &Value) -> String {
    let mut rows = Vec::new();
    collect(document, schema, &mut rows, 0);
    if rows.is_empty() {
        return String::new();
    }
    table(&["Field", "", "Type", ""], &rows)
}

fn collect(document: &Value, schema: &Value, rows: &mut Vec<Vec<String>>, depth: usize) {
    // Deep enough for every schema there is, and an end for one that holds itself.
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
