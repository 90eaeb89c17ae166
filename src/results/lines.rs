//! Finds the line of a file that is at fault, and words the error.

use super::rows::{Fault, MOST_CELLS};
use crate::{Error, Result};

/// Counts the lines of a file, block by block; line 1 is the header.
pub struct Lines<'a> {
    pub name: &'a str,
    /// Number of lines before the current block.
    before: usize,
}

/// What follows a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Another row.
    Row,
    /// The end of the file, after a line break.
    File,
    /// The end of the file in the middle of a line.
    Abrupt,
}

impl<'a> Lines<'a> {
    pub fn new(name: &'a str) -> Self {
        Self { name, before: 0 }
    }

    /// Counts the lines of a text that was processed.
    pub fn pass(&mut self, text: &str) {
        self.before += newlines(text);
    }

    /// An error at a byte of the current block.
    pub fn fault(&self, text: &str, at: usize, what: &str) -> Error {
        let line = self.before + newlines(&text[..at]) + 1;
        let name = self.name;
        Error::results(name, Some(line as u64), format!("{name}, line {line}: {what}"))
    }

    /// Like [`Lines::fault`], for a fault that an intact file cannot have.
    pub fn damaged(&self, text: &str, at: usize, what: &str) -> Error {
        self.fault(text, at, what).hint("the file is damaged, fetch it again")
    }

    pub fn malformed(&self, text: &str, at: usize, fault: Fault) -> Error {
        let what = match fault {
            Fault::OpenQuote => "it ends inside the quoted cell that begins here",
            Fault::AfterQuote => "text follows a closing quote",
            Fault::TooManyCells => &format!("this row has more than {MOST_CELLS} cells"),
        };
        self.damaged(text, at, what)
    }

    /// The error for a row with another number of cells than the header.
    pub fn miscounted(
        &self,
        text: &str,
        at: usize,
        cells: usize,
        columns: usize,
        end: End,
    ) -> Error {
        let noun = if cells == 1 { "cell" } else { "cells" };
        let what = if end != End::Row && cells < columns {
            format!("it ends in the middle of this row, after {cells} {noun} of {columns}")
        } else {
            format!("this row has {cells} {noun}, but the header has {columns}")
        };
        self.damaged(text, at, &what)
    }

    pub fn empty(&self) -> Error {
        let name = self.name;
        let message = format!("{name} is empty, without even a header");
        Error::results(name, None, message).hint("fetch it again")
    }

    /// The block as text, without an incomplete character at its end.
    pub fn text<'b>(&self, block: &'b [u8], complete: bool) -> Result<&'b str> {
        if let Ok(text) = simdutf8::basic::from_utf8(block) {
            return Ok(text);
        }
        let error = match simdutf8::compat::from_utf8(block) {
            Ok(text) => return Ok(text),
            Err(error) => error,
        };
        let valid = simdutf8::compat::from_utf8(&block[..error.valid_up_to()]).unwrap_or_default();
        let end = valid.len();
        match error.error_len() {
            None if !complete => Ok(valid),
            None => Err(self.damaged(valid, end, "it ends inside a character of UTF-8")),
            Some(_) => {
                let what = format!("the byte 0x{:02x} is not UTF-8", block[end]);
                Err(self.damaged(valid, end, &what))
            }
        }
    }
}

fn newlines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}
