//! Splits an RFC 4180 file into rows and cells, and finds what is wrong with a row.
//! A row is split completely before any cell of it is used, so that a row at the end of a block can
//! simply be split again together with the next block.

use std::borrow::Cow;

use memchr::memchr;

use super::separators::Separators;

/// Maximum number of cells in a row. A cell takes more memory than the separator that it may consist
/// of, so a long line of separators would take all that there is.
pub const MOST_CELLS: usize = 1 << 20;

/// The position of a cell in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub form: Form,
}

/// How a cell is written, which distinguishes a null from an empty text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Nothing between two separators: null.
    Null,
    /// Text that is used as it is, quoted or not.
    Plain,
    /// Quoted text with doubled quotes in it.
    Doubled,
}

impl Span {
    /// The cell's text; `None` is null.
    pub fn text(self, of: &str) -> Option<Cow<'_, str>> {
        let raw = &of[self.start..self.end];
        match self.form {
            Form::Null => None,
            Form::Plain => Some(Cow::Borrowed(raw)),
            Form::Doubled => Some(Cow::Owned(raw.replace("\"\"", "\""))),
        }
    }
}

impl Span {
    /// The start and end of a cell in `text`, including the quotes around it.
    pub fn outer(self, text: &str) -> (usize, usize) {
        let bytes = text.as_bytes();
        let quoted =
            self.start > 0 && bytes[self.start - 1] == b'"' && bytes.get(self.end) == Some(&b'"');
        if quoted { (self.start - 1, self.end + 1) } else { (self.start, self.end) }
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The text ends inside a quoted cell that begins here.
    OpenQuote,
    /// There is text between a closing quote and the next separator.
    AfterQuote,
    /// The row has more than [`MOST_CELLS`] cells.
    TooManyCells,
}

/// The result of a call to [`Rows::next`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A row that begins at this byte. `ended` says whether a line break follows it.
    Row { start: usize, ended: bool },
    /// The text from this byte on is not a complete row, and more text will follow.
    More { rest: usize },
    /// The end of the text.
    End,
    /// The row is malformed at this byte.
    Bad { at: usize, fault: Fault },
}

/// Splits a text into rows. `complete` says that the file ends where the text ends.
pub struct Rows<'a> {
    text: &'a str,
    at: usize,
    complete: bool,
    /// The byte between two cells.
    separator: u8,
    separators: Separators,
}

impl<'a> Rows<'a> {
    pub fn new(text: &'a str, complete: bool) -> Self {
        Self::separated(text, complete, b',', 0)
    }

    /// Splits the text from the byte `at` on, with another separator than the comma.
    pub fn separated(text: &'a str, complete: bool, separator: u8, at: usize) -> Self {
        Self { text, at, complete, separator, separators: Separators::new(separator) }
    }

    /// The byte at which the next row begins.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Stores the cells of the next row in `cells`. Blank lines are skipped.
    #[inline]
    pub fn next(&mut self, cells: &mut Vec<Span>) -> Step {
        cells.clear();
        let bytes = self.text.as_bytes();
        while let Some(length) = line_end(bytes, self.at, self.complete) {
            self.at += length;
        }
        let start = self.at;
        if start == bytes.len() {
            return Step::End;
        }
        let mut at = start;
        loop {
            let (after, ended) = if bytes.get(at) == Some(&b'"') {
                match quoted(bytes, at, cells) {
                    Ok(after) => (after, line_end(bytes, after, self.complete)),
                    Err(Fault::OpenQuote) if !self.complete => return Step::More { rest: start },
                    Err(fault) => return Step::Bad { at, fault },
                }
            } else {
                let stop = match self.separators.next(bytes, at) {
                    Some(stop) => stop,
                    None if self.complete => bytes.len(),
                    None => return Step::More { rest: start },
                };
                let separated = bytes.get(stop) == Some(&self.separator);
                // The CR of a CRLF is not part of the cell.
                let carriage = !separated && stop > at && bytes[stop - 1] == b'\r';
                let end = stop - usize::from(carriage);
                let form = if end == at { Form::Null } else { Form::Plain };
                cells.push(Span { start: at, end, form });
                (end, if separated { None } else { line_end(bytes, end, self.complete) })
            };
            match (ended, bytes.get(after)) {
                (Some(length), _) => {
                    self.at = after + length;
                    return Step::Row { start, ended: true };
                }
                (None, Some(byte)) if *byte == self.separator => {
                    if cells.len() >= MOST_CELLS {
                        return Step::Bad { at: start, fault: Fault::TooManyCells };
                    }
                    at = after + 1;
                }
                (None, None) if self.complete => {
                    self.at = after;
                    return Step::Row { start, ended: false };
                }
                // What follows the closing quote is unknown until the next block is there.
                (None, None) => return Step::More { rest: start },
                (None, Some(b'\r')) if after + 1 == bytes.len() && !self.complete => {
                    return Step::More { rest: start };
                }
                (None, Some(_)) => return Step::Bad { at: after, fault: Fault::AfterQuote },
            }
        }
    }
}

/// The length of the line break at `at`, if there is one: LF, CRLF, or a CR that ends the file.
#[inline]
fn line_end(bytes: &[u8], at: usize, complete: bool) -> Option<usize> {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\n'), _) => Some(1),
        (Some(b'\r'), Some(b'\n')) => Some(2),
        (Some(b'\r'), None) if complete => Some(1),
        _ => None,
    }
}

/// Reads the quoted cell that begins at `open`, and returns the position after its closing quote.
#[inline]
fn quoted(bytes: &[u8], open: usize, cells: &mut Vec<Span>) -> Result<usize, Fault> {
    let start = open + 1;
    let mut at = start;
    let mut form = Form::Plain;
    loop {
        let end = at + memchr(b'"', &bytes[at..]).ok_or(Fault::OpenQuote)?;
        if bytes.get(end + 1) == Some(&b'"') {
            form = Form::Doubled;
            at = end + 2;
        } else {
            cells.push(Span { start, end, form });
            return Ok(end + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<Option<String>>> {
        let mut rows = Rows::new(text, true);
        let mut cells = Vec::new();
        let mut out = Vec::new();
        while let Step::Row { .. } = rows.next(&mut cells) {
            out.push(
                cells.iter().map(|cell| cell.text(text).map(|cell| cell.into_owned())).collect(),
            );
        }
        assert_eq!(rows.next(&mut cells), Step::End);
        out
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn quotes_hold_separators_line_ends_and_doubled_quotes() {
        assert_eq!(
            rows("a,\"b,\r\nc\",\"say \"\"hi\"\"\"\r\nd,e,f"),
            vec![
                vec![some("a"), some("b,\r\nc"), some("say \"hi\"")],
                vec![some("d"), some("e"), some("f")],
            ]
        );
    }

    #[test]
    fn nothing_is_null_and_two_quotes_are_empty() {
        assert_eq!(
            rows("a,,\"\"\n,,\n"),
            vec![vec![some("a"), None, some("")], vec![None, None, None]]
        );
    }

    #[test]
    fn blank_lines_are_no_rows_and_a_separator_at_the_end_is_a_cell() {
        assert_eq!(rows("\n\r\na,\n\n\n"), vec![vec![some("a"), None]]);
        assert_eq!(rows("a,"), vec![vec![some("a"), None]]);
    }

    #[test]
    fn a_carriage_return_at_the_end_of_the_file_is_a_line_end() {
        assert_eq!(rows("a,b\r"), vec![vec![some("a"), some("b")]]);
        assert_eq!(rows("a,\"b\"\r"), vec![vec![some("a"), some("b")]]);
        assert_eq!(rows("a,b\r\n\r"), vec![vec![some("a"), some("b")]]);
    }

    #[test]
    fn a_quote_inside_an_unquoted_cell_stands_for_itself() {
        assert_eq!(rows("Bob \"Bo\" Ng,x\n"), vec![vec![some("Bob \"Bo\" Ng"), some("x")]]);
    }

    #[test]
    fn an_incomplete_row_waits_for_more_text_and_is_a_fault_at_the_end() {
        let mut cells = Vec::new();
        for text in ["a,b", "a,\"b", "a,\"b\"", "a,\"b\"\r", "a,\"b\"\""] {
            let mut open = Rows::new(text, false);
            assert_eq!(open.next(&mut cells), Step::More { rest: 0 }, "{text:?}");
        }
        let mut open = Rows::new("a,\"b\"\"", true);
        assert_eq!(open.next(&mut cells), Step::Bad { at: 2, fault: Fault::OpenQuote });
        let mut after = Rows::new("a,\"b\"c\n", true);
        assert_eq!(after.next(&mut cells), Step::Bad { at: 5, fault: Fault::AfterQuote });
    }

    #[test]
    fn a_row_of_too_many_cells_is_not_split_to_its_end() {
        let mut cells = Vec::new();
        let most = ",".repeat(MOST_CELLS - 1);
        let mut rows = Rows::new(&most, true);
        assert_eq!(rows.next(&mut cells), Step::Row { start: 0, ended: false });
        assert_eq!(cells.len(), MOST_CELLS);
        for complete in [true, false] {
            let text = format!("\n{most},,,");
            let mut rows = Rows::new(&text, complete);
            let bad = Step::Bad { at: 1, fault: Fault::TooManyCells };
            assert_eq!(rows.next(&mut cells), bad);
            assert_eq!(cells.len(), MOST_CELLS);
        }
    }
}
