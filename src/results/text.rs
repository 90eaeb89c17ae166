//! Decodes blocks of a file into text with LF as its line breaks, whether they are in UTF-8 or
//! Latin-1, and whichever line breaks they have.
//!
//! UTF-8 with LF or CRLF is read as it is. Bytes that could also be damage are not taken for another
//! encoding: a file that contains multi-byte characters of UTF-8 is not Latin-1.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

use super::{
    decode,
    line_ends::{Counts, first_end, header, split, with_line_feeds},
    lines::Lines,
};
use crate::Result;

/// The text of a whole file, with LF as its line breaks.
///
/// # Errors
/// If the file is damaged, or is an archive or a table in another format.
pub fn of_file(file: &[u8], lines: &Lines<'_>) -> Result<String> {
    let bytes = decode::bytes(file, lines.name)?;
    let text = Text::default().of(lines, &bytes, true)?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// How the text of one file is encoded, as far as the blocks so far have shown.
#[derive(Debug, Default)]
pub struct Text {
    /// Number of each separator in the header; `None` before its end.
    header: Option<Counts>,
    /// Whether a block so far had anything but ASCII.
    other: bool,
    latin: bool,
    /// Whether lines end with a bare CR; `None` before the end of the first line.
    carriage: Option<bool>,
}

impl Text {
    /// A block as text with LF as its line breaks, without an incomplete character at its end. The
    /// block must begin with a row.
    ///
    /// # Errors
    /// If the block is damaged.
    pub fn of<'b>(
        &mut self,
        lines: &Lines<'_>,
        block: &'b [u8],
        complete: bool,
    ) -> Result<Cow<'b, str>> {
        let block = if complete { ended(block) } else { block };
        let text = match lines.text(block, complete) {
            Ok(text) if !self.latin || text.is_ascii() => {
                self.other |= !text.is_ascii();
                Cow::Borrowed(text)
            }
            Ok(text) => return Err(lines.damaged(text, 0, "it mixes Latin-1 with UTF-8")),
            Err(error) => {
                let header = self.carriage.is_none();
                // A text that ends within a character was cut off.
                let cut = std::str::from_utf8(block).is_err_and(|end| end.error_len().is_none());
                self.latin = !self.other && !cut && is_latin(block, header);
                let decoded =
                    WINDOWS_1252.decode_without_bom_handling_and_without_replacement(block);
                match decoded.filter(|_| self.latin) {
                    Some(text) => text,
                    None => return Err(error),
                }
            }
        };
        if self.carriage.is_none() {
            self.carriage = first_end(&text).map(|end| end == "\r");
        }
        if self.carriage == Some(true) {
            return Ok(Cow::Owned(with_line_feeds(&text)));
        }
        if self.header.is_none() {
            self.header = header(&text);
        }
        match self.header.and_then(|header| split(&text, header, complete)) {
            Some(split) => Ok(Cow::Owned(split)),
            None => Ok(text),
        }
    }

    /// Whether the file is in Latin-1, as far as is known.
    pub fn is_latin(&self) -> bool {
        self.latin
    }

    /// How many bytes of the file correspond to a text that [`Text::of`] returned.
    pub fn length(&self, text: &str) -> usize {
        if self.latin { text.chars().count() } else { text.len() }
    }
}

/// A file without the byte by which some programs mark its end: a NUL or Ctrl-Z. Several NULs are
/// kept, because they are what a crash leaves of a file.
fn ended(file: &[u8]) -> &[u8] {
    match file {
        [rest @ .., 0 | 0x1a] if !rest.ends_with(&[0]) => rest,
        _ => file,
    }
}

/// Whether bytes that are not UTF-8 are text in Windows-1252, a superset of Latin-1: the header is
/// ASCII, there are no multi-byte characters of UTF-8, and all other bytes are printable
/// characters.
fn is_latin(block: &[u8], header: bool) -> bool {
    let first = block.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(block.len());
    let utf8 = block.windows(2).any(|two| matches!(two, [0xc3..=0xf4, 0x80..=0xbf]));
    let sign = |byte: &u8| {
        matches!(byte, 0x09 | 0x0a | 0x0d | 0x20..=0x7e | 0xa0..=0xfe)
            || matches!(byte, 0x80 | 0x82..=0x8c | 0x8e | 0x91..=0x9c | 0x9e | 0x9f)
    };
    (!header || block[..first].is_ascii()) && !utf8 && block.iter().all(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_at_the_end_of_a_file_is_no_text() {
        for (file, text) in [("a\n\0", "a\n"), ("a\n\u{1a}", "a\n"), ("a\0\0", "a\0\0")] {
            let of = Text::default().of(&Lines::new("x"), file.as_bytes(), true).unwrap();
            assert_eq!(of, text, "{file:?}");
        }
        let middle = Text::default().of(&Lines::new("x"), b"a\n\0", false).unwrap().into_owned();
        assert_eq!(middle, "a\n\0");
    }

    #[test]
    fn latin_is_told_from_damage() {
        assert!(is_latin(b"id,name\n1,M\xfcller\n2,\x93A\x94 \x96 B\n", true));
        assert!(!is_latin(b"id,n\xe4me\n1,a\n", true), "a header is ASCII");
        assert!(!is_latin("id,name\n1,Mü\n2,\u{e9}".as_bytes(), true), "this is UTF-8");
        assert!(!is_latin(b"id,name\n1,\x81\n", true), "this byte is no letter");
    }

    #[test]
    fn a_carriage_return_is_a_line_end_where_the_first_line_ends_with_it() {
        let of = |text: &'static str| {
            Text::default().of(&Lines::new("x"), text.as_bytes(), true).unwrap()
        };
        assert_eq!(of("a,b\r\"c\rd\",e\r"), "a,b\n\"c\rd\",e\n");
        assert_eq!(of("a,b\r\nc\rd,e\r\n"), "a,b\r\nc\rd,e\r\n");
        assert_eq!(of("a,b\nc\rd,e\n"), "a,b\nc\rd,e\n");
        // Other rows than the header have another line end.
        assert_eq!(of("a,b\nc,d\re,f\r"), "a,b\nc,d\ne,f\n");
        assert_eq!(of("a,b\r\nc,d\r\"e\rf\",g\n"), "a,b\r\nc,d\n\"e\rf\",g\n");
        assert_eq!(of("a;b\nc,;d\re;f"), "a;b\nc,;d\ne;f");
        assert_eq!(of("a,b\n\rc,d\n\r"), "a,b\n\nc,d\n\n");
        assert_eq!(of("a,b\nc,d\r\r\n"), "a,b\nc,d\n\r\n");
        assert_eq!(of("# x\na,b\nc,d\re,f\n"), "# x\na,b\nc,d\ne,f\n");
        assert_eq!(of("a\nb\rc\n"), "a\nb\rc\n", "a single column shows nothing");
        // Neither NEL nor a line separator ends a line.
        assert_eq!(of("a,b\nc\u{85}d,e\u{2028}f\n"), "a,b\nc\u{85}d,e\u{2028}f\n");
        assert_eq!(of("\"a\rb\",c\nd,e\n"), "\"a\rb\",c\nd,e\n");
    }
}
