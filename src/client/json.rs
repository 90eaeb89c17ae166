//! Reads the JSON that APIs write, which is not always valid: with a byte order mark, in Latin-1 or
//! UTF-16, with NaN, lone surrogates, or bare line breaks in strings.
//!
//! Valid JSON is read as it is. Any other body is repaired once, and only where a single reading
//! makes sense. If the repair does not help, the error describes the original body.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

/// Maximum nesting of values, which is what serde_json reads; deeper values are kept as text.
const DEEPEST: usize = 100;

/// Reads a body.
///
/// # Errors
/// If the body is not JSON, even after repairs.
pub fn read(body: &[u8]) -> serde_json::Result<Value> {
    let error = match serde_json::from_slice(body) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let text = decoded(body);
    // A prefix that keeps browsers from running the answer as a script.
    let guard = text.strip_prefix(")]}'").and_then(|rest| rest.split_once('\n'));
    let repaired = repaired(guard.map_or(&*text, |(_, rest)| rest));
    // If the first value is an object, whatever follows it is ignored.
    let mut values = serde_json::Deserializer::from_str(&repaired);
    match Value::deserialize(&mut values) {
        Ok(value) if value.is_object() || values.end().is_ok() => Ok(value),
        _ => Err(error),
    }
}

/// The number after the first `"name":` of a body that is not valid JSON.
pub fn named_number(body: &[u8], name: &str) -> Option<f64> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once(&format!("\"{name}\""))?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start_matches([' ', '"']);
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+' | 'e' | 'E'))?;
    rest[..end].parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)
}

fn decoded(body: &[u8]) -> Cow<'_, str> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|two| unit(*two)).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match body {
        [0xef, 0xbb, 0xbf, rest @ ..] => decoded(rest),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match std::str::from_utf8(body) {
            Ok(text) => Cow::Borrowed(text),
            // Without a single multi-byte character of UTF-8 the body is Latin-1, in which each
            // byte is a character.
            Err(_) if !body.windows(2).any(|two| matches!(two, [0xc3..=0xf4, 0x80..=0xbf])) => {
                Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect())
            }
            Err(_) => String::from_utf8_lossy(body),
        },
    }
}

/// Words for numbers and for null that are not JSON, such as Python's.
const WORDS: [(&str, &str); 8] = [
    ("-Infinity", "\"-Infinity\""),
    ("Infinity", "\"Infinity\""),
    ("NaN", "\"NaN\""),
    ("nan", "\"NaN\""),
    ("None", "null"),
    ("undefined", "null"),
    ("True", "true"),
    ("False", "false"),
];

fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0;
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        match letter {
            '"' => {
                let length = string(rest);
                restrung(&rest[..length], &mut out);
                at += length;
                continue;
            }
            '[' | '{' if depth == DEEPEST => {
                let length = nested(rest);
                out.push_str(&Value::from(&rest[..length]).to_string());
                at += length;
                continue;
            }
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            '0'..='9' | '-' | '+' | 'A'..='Z' | 'a'..='z' => {
                let length = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')))
                    .unwrap_or(rest.len());
                let word = &rest[..length];
                match WORDS.iter().find(|(known, _)| *known == word) {
                    Some((_, value)) => out.push_str(value),
                    // The number is too large for a float.
                    None if serde_json::from_str::<Value>(word).is_err() => {
                        out.push_str(&Value::from(word).to_string());
                    }
                    None => out.push_str(word),
                }
                at += length;
                continue;
            }
            _ => {}
        }
        out.push(letter);
        at += letter.len_utf8();
    }
    out
}

/// The length of the string at the beginning of a text, including its quotes.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the list or object at the beginning of a text.
fn nested(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += string(&text[at..]);
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Rewrites a string with its line breaks and tabs escaped, and its lone surrogates replaced.
fn restrung(string: &str, out: &mut String) {
    let mut rest = string;
    while let Some(letter) = rest.chars().next() {
        if letter == '\\' {
            let unit = |text: &str| {
                let digits = text.strip_prefix("\\u")?.get(..4)?;
                u32::from_str_radix(digits, 16).ok()
            };
            let length = match (unit(rest), rest.get(6..).and_then(unit)) {
                (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => {
                    out.push_str(&rest[..12]);
                    12
                }
                (Some(0xd800..=0xdfff), _) => {
                    out.push_str("\\ufffd");
                    6
                }
                _ => {
                    let next = rest[1..].chars().next();
                    // A backslash before any other character stands for itself.
                    if next.is_none_or(|next| !"\"\\/bfnrtu".contains(next)) {
                        out.push('\\');
                    }
                    out.push('\\');
                    out.extend(next);
                    1 + next.map_or(0, char::len_utf8)
                }
            };
            rest = &rest[length..];
            continue;
        }
        if (letter as u32) < 0x20 {
            out.push_str(&format!("\\u{:04x}", letter as u32));
        } else {
            out.push(letter);
        }
        rest = &rest[letter.len_utf8()..];
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_other_languages_write_is_read() {
        let expected = json!({"a": "x", "b": 1});
        let plain = r#"{"a": "x", "b": 1}"#;
        let bom = format!("\u{feff}{plain}");
        let wide = |little: bool| -> Vec<u8> {
            let units = bom.encode_utf16();
            units.flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
        };
        let bodies = [
            bom.clone().into_bytes(),
            wide(true),
            wide(false),
            format!("{plain}\n<!-- -->").into(),
            format!(")]}}',\n{plain}").into(),
        ];
        for body in bodies {
            assert_eq!(read(&body).unwrap(), expected, "{body:?}");
        }
        let values = [
            ("NaN", json!("NaN")),
            ("-Infinity", json!("-Infinity")),
            ("1e999", json!("1e999")),
            ("None", json!(null)),
            ("True", json!(true)),
            ("\"a\nb\tc\"", json!("a\nb\tc")),
            ("\"\\ud800x\"", json!("\u{fffd}x")),
            ("\"\\udc00\\ud83e\\udd80\"", json!("\u{fffd}🦀")),
            ("\"\\x41\\'\"", json!("\\x41\\'")),
            ("\"NaN \\\" [\"", json!("NaN \" [")),
        ];
        for (written, value) in values {
            let body =
                format!("{{\"a\": {written}, \"credits_consumed\": 5, \"l\": [NaN, {written}]}}");
            let read = read(body.as_bytes()).unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(
                (&read["a"], &read["credits_consumed"], &read["l"][1]),
                (&value, &json!(5), &value)
            );
        }
    }

    #[test]
    fn latin_and_broken_utf8_are_read_as_far_as_they_go() {
        assert_eq!(read(b"{\"a\": \"M\xfcller\"}").unwrap()["a"], "Müller");
        let mixed = [b"{\"a\": \"".as_slice(), "é".as_bytes(), b"\xff\"}"].concat();
        assert_eq!(read(&mixed).unwrap()["a"], "é\u{fffd}");
    }

    #[test]
    fn of_two_values_under_one_name_the_last_counts() {
        assert_eq!(read(br#"{"a": 1, "b": NaN, "a": 2}"#).unwrap()["a"], 2);
    }

    #[test]
    fn what_is_nested_too_deep_becomes_text() {
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        let read = read(format!("{{\"a\": {deep}, \"b\": 1}}").as_bytes()).unwrap();
        assert_eq!(read["b"], 1);
    }

    #[test]
    fn what_is_no_json_stays_none() {
        for body in ["", "<html>", "{\"a\": ", "{\"a\": \"x", "{'a': 1}", "nothing here"] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_cost_is_found_in_what_cannot_be_read() {
        assert_eq!(named_number(br#"{"credits_consumed": 5, "a"#, "credits_consumed"), Some(5.0));
        assert_eq!(named_number(br#"{"credits_consumed":"2.5","#, "credits_consumed"), Some(2.5));
        assert_eq!(
            named_number(br#"{"credits_consumed": 5"#, "credits_consumed"),
            None,
            "it may go on"
        );
        assert_eq!(named_number(br#"{"credits_consumed": -5,"#, "credits_consumed"), None);
    }

    proptest::proptest! {
        #[test]
        fn repairs_never_panic_and_leave_json_alone(text in ".{0,60}", bytes: Vec<u8>) {
            let _ = read(&bytes);
            let _ = read(format!("{{\"a\": {text}").as_bytes());
            let value = json!({"a": text, "b": [1.5, null, true, {"c": -7}]});
            proptest::prop_assert_eq!(
                serde_json::from_str::<Value>(&repaired(&value.to_string())).unwrap(), value
            );
        }
    }
}
