//! The separator of a file's cells. A comma is expected; programs of countries that write decimals
//! with a comma use a semicolon, and others a tab or a bar. A first line such as `sep=;` says so.

use std::borrow::Cow;

use super::{
    columns,
    rows::{Rows, Span, Step},
};
use crate::tabular::declared_separator;

/// Separators that are tried if a header is not understood with a comma.
const OTHERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How a file separates its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub separator: u8,
    /// The byte at which the header begins, after the line that names the separator.
    pub start: usize,
}

/// Recognizes the separator by the header. Another one than the declared separator, or than a
/// comma, is used only if the header has documented columns with it and with no other. Lines of
/// comments before the header, which begin with `#`, are skipped.
pub fn of(text: &str) -> Dialect {
    let (mut declared, mut commented) = (None, None);
    let (mut start, mut at) = (0, 0);
    loop {
        at += text[at..].len() - text[at..].trim_start_matches(['\r', '\n']).len();
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let line = &text[at..end];
        if let Some(separator) = declared_separator(line).filter(|_| declared.is_none()) {
            declared = Some(separator);
        } else if line.starts_with('#') && !numbers_rows(&text[at..]) {
            commented = Some(at);
        } else {
            break;
        }
        at = text.len().min(end + 1);
        start = at;
    }
    // The header itself may be written as a comment: `#id,email`.
    if let Some(line) = commented.filter(|_| !is_header(&text[start..])) {
        let own = text[line..].trim_start_matches(['#', ' ']);
        if is_header(own) {
            start = text.len() - own.len();
        }
    }
    let expected = declared.unwrap_or(b',');
    let header = &text[start..];
    if understood(header, expected) {
        return Dialect { separator: expected, start };
    }
    let mut others = OTHERS
        .into_iter()
        .filter(|separator| *separator != expected && understood(header, *separator));
    let separator = match (others.next(), others.next()) {
        (Some(only), None) => only,
        _ => expected,
    };
    Dialect { separator, start }
}

/// Whether a text begins with a header whose first column is called `#`.
fn numbers_rows(text: &str) -> bool {
    let second = text.as_bytes().get(1);
    second.is_some_and(|second| OTHERS.contains(second)) && is_header(text)
}

/// Whether a text begins with a header that has a documented column.
fn is_header(text: &str) -> bool {
    OTHERS.into_iter().any(|separator| understood(text, separator))
}

/// Whether the header has a documented column with this separator.
fn understood(header: &str, separator: u8) -> bool {
    let mut cells = Vec::new();
    let mut rows = Rows::separated(header, true, separator, 0);
    let Step::Row { .. } = rows.next(&mut cells) else { return false };
    cells.iter().any(|cell| {
        cell.text(header).is_some_and(|name| name.len() < 100 && columns::known(&name).is_some())
    })
}

/// The text with commas as its separators, and without the line that names another one. A text that
/// was cut off, or is malformed, still is.
pub fn with_commas(text: &str) -> Cow<'_, str> {
    let Dialect { separator, start } = of(text);
    if separator == b',' {
        return Cow::Borrowed(&text[start..]);
    }
    let mut out = String::with_capacity(text.len());
    let mut rows = Rows::separated(text, true, separator, start);
    let mut cells: Vec<Span> = Vec::new();
    loop {
        match rows.next(&mut cells) {
            Step::Row { ended, .. } => {
                for (at, cell) in cells.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    let (from, to) = cell.outer(text);
                    let written = &text[from..to];
                    if !written.starts_with('"') && written.contains(',') {
                        out.push('"');
                        out.push_str(&written.replace('"', "\"\""));
                        out.push('"');
                    } else {
                        out.push_str(written);
                    }
                }
                if ended {
                    out.push('\n');
                }
            }
            // Whoever parses the text reports what is wrong with the rest.
            Step::Bad { at, .. } => {
                out.push_str(&text[at..]);
                break;
            }
            Step::More { .. } | Step::End => break,
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_with_which_the_header_is_understood() {
        let cases = [
            ("id,email\n", b',', 0),
            ("id;email\n", b';', 0),
            ("id\temail\r\n", b'\t', 0),
            ("\n\"id\"|\"a,b\"\n", b'|', 0),
            ("sep=;\nid;email\n", b';', 6),
            ("\"SEP=,\"\r\nid,email\n", b',', 9),
            // The header decides against a line that is wrong.
            ("sep=;\nid,email\n", b',', 6),
            // Other columns may have any name.
            ("id,a;b\n", b',', 0),
            ("key;name\n", b',', 0),
            ("id;x|email\n", b',', 0),
            ("sep=ab\nid;email\n", b',', 0),
            ("# by the API\n#\n\nid;email\n", b';', 15),
            ("# a \"b\nsep=;\nid;email\n", b';', 13),
            ("#id,email\n1,a\n", b',', 1),
            ("# x\n# id;email\n1;a\n", b';', 6),
            ("#,id,email\n1,2,a\n", b',', 0),
            ("# x\nkey,name\n", b',', 4),
            ("# x\n", b',', 4),
            ("", b',', 0),
        ];
        for (text, separator, start) in cases {
            assert_eq!(of(text), Dialect { separator, start }, "{text:?}");
        }
    }

    #[test]
    fn a_text_gets_commas_and_stays_cut_off() {
        let text = "sep=;\r\nid;name\r\n1;\"a;\"\"b\"\r\n2;x, \"y\"\r\n3";
        assert_eq!(with_commas(text), "id,name\n1,\"a;\"\"b\"\n2,\"x, \"\"y\"\"\"\n3");
        assert_eq!(with_commas("id;name\n1;\"a"), "id,name\n\"a");
        assert_eq!(with_commas("sep=,\nid,name\n1,"), "id,name\n1,");
    }
}
