//! A page that works offline: it shows one pair at a time, takes decisions by keys, and saves them
//! as a file.
//!
//! The page contains its data as JSON without any `<`, and shows it only as text. A policy allows
//! only the page's own script and style, by their hashes.

use arrow::array::{Array, LargeStringArray, UInt64Array};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    selection::PairToReview,
    table::{shown, values},
};
use crate::{error::Result, results::Matches, tables::column_text::as_text, text};

const SCRIPT: &str = include_str!("assets/page.js");
const STYLE: &str = include_str!("assets/page.css");
/// Maximum numbers of characters of a value that are shown; the highest with which the page is not
/// [too large](LARGEST) is used.
const LONGEST: [usize; 4] = [300, 120, 60, 30];
/// Maximum size of the data of a page in bytes.
const LARGEST: usize = 900_000;

/// The page with these pairs.
///
/// # Errors
/// If a column is missing or cannot be read.
pub fn page(
    matches: &Matches,
    pairs: &[PairToReview],
    ids: (Option<&str>, Option<&str>),
) -> Result<String> {
    let (lefts, rights) = (rows(pairs, |pair| pair.left), rows(pairs, |pair| pair.right));
    let right_id = if matches.right.is_some() { ids.1 } else { ids.0 };
    let id = |table, name: Option<&str>, rows| -> Result<Option<LargeStringArray>> {
        let Some(name) = name else { return Ok(None) };
        let column = crate::results::table::picked(table, name, rows)?;
        Ok(Some(text::of(&as_text(name, &column)?)?))
    };
    let left_ids = id(&matches.left, ids.0, &lefts)?;
    let right_ids = id(matches.right_table(), right_id, &rights)?;
    let mut columns = Vec::new();
    for (name, left, right) in shown(matches, ids) {
        let left = text::of(&values(&matches.left, &left, &lefts)?)?;
        let right = text::of(&values(matches.right_table(), &right, &rights)?)?;
        columns.push((name, left, right));
    }
    let page = |longest: usize| {
        let all: Vec<Value> = pairs
            .iter()
            .enumerate()
            .map(|(at, pair)| {
                let fields: Vec<Value> = columns
                    .iter()
                    .map(|(name, left, right)| {
                        let parts = &pair.explanation.contributions;
                        let said = parts.iter().find(|part| part.field == *name);
                        let said = said.map_or("", |part| part.agreement.as_str());
                        json!([name, short(left, at, longest), short(right, at, longest), said])
                    })
                    .collect();
                json!({
                    "left": pair.left,
                    "right": pair.right,
                    "left_id": left_ids.as_ref().and_then(|ids| known(ids, at)),
                    "right_id": right_ids.as_ref().and_then(|ids| known(ids, at)),
                    "confidence": (pair.confidence * 1e4).round() / 1e4,
                    "sentence": cut(&pair.explanation.sentence, 3 * longest),
                    "fields": fields,
                })
            })
            .collect();
        let has_ids = left_ids.is_some() && right_ids.is_some();
        let all = Value::from(all);
        let key = hash(&all.to_string());
        filled(&json!({ "key": key, "ids": has_ids, "pairs": all }).to_string())
    };
    let mut shown = String::new();
    for longest in LONGEST {
        shown = page(longest);
        if shown.len() <= LARGEST {
            break;
        }
    }
    Ok(shown)
}

/// The page with its data.
fn filled(data: &str) -> String {
    // In JSON these stand in texts alone, where they may be written so.
    let data = data.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let data = data.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    let (script, style) = (hash(SCRIPT), hash(STYLE));
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Are these the same?</title>
<style>{STYLE}</style>
</head>
<body>
<header><h1>Are these the same?</h1><span id="decided"></span><progress id="done" value="0"></progress></header>
<p id="count"></p>
<table><thead><tr><th scope="col">field</th><th scope="col">left</th><th scope="col">right</th><th scope="col" class="agreement">agreement</th></tr></thead><tbody id="fields"></tbody></table>
<p id="sentence"></p>
<footer>
<button id="yes" class="yes">Same<kbd>y</kbd></button>
<button id="no" class="no">Different<kbd>n</kbd></button>
<button id="unsure">Not sure<kbd>u</kbd></button>
<button id="undo">Undo<kbd>z</kbd></button>
<button id="save">Save decisions<kbd>s</kbd></button>
<span>Back and forth<kbd>←</kbd><kbd>→</kbd></span>
</footer>
<div id="strip"></div>
<noscript>This page needs its script, which it brings along; allow scripts for it.</noscript>
<script type="application/json" id="data">{data}</script>
<script>{SCRIPT}</script>
</body>
</html>
"#
    )
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

fn rows(pairs: &[PairToReview], of: fn(&PairToReview) -> u32) -> UInt64Array {
    UInt64Array::from_iter_values(pairs.iter().map(|pair| u64::from(of(pair))))
}

fn known(texts: &LargeStringArray, at: usize) -> Option<&str> {
    texts.is_valid(at).then(|| texts.value(at))
}

fn short(texts: &LargeStringArray, at: usize, longest: usize) -> Option<String> {
    known(texts, at).map(|text| cut(text, longest))
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_leave_its_place() {
        let data = json!(["</script><script>alert(1)</script>", "<!--", "&amp;", "\u{2028}"]);
        let page = filled(&data.to_string());
        assert!(!page.contains("alert(1)</script>"), "{page}");
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script>").count(), 2);
        let begin = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
        let end = begin + page[begin..].find("</script>").unwrap();
        assert_eq!(serde_json::from_str::<Value>(&page[begin..end]).unwrap(), data);
    }

    #[test]
    fn the_policy_allows_the_own_script_and_no_other() {
        let page = filled("[]");
        assert!(page.contains(&format!("script-src 'sha256-{}'", hash(SCRIPT))));
        assert!(!page.contains("unsafe-inline") && !page.contains("http:"));
        assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("</"));
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let long = "ä".repeat(305);
        assert_eq!(cut(&long, 300).chars().count(), 301);
        assert_eq!(cut("short", 300), "short");
    }
}
