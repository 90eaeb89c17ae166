//! Parses the text of result files into typed columns. An error names the file and the line at
//! fault.

use super::{
    columns::{self, Header},
    dialect::{self, Dialect},
    lines::{End, Lines},
    rows::{Form, Rows, Span, Step},
    table::{self, Holds, Piece, Table},
    text::Text,
};
use crate::{Error, Result, api::agents::BatchKind};

/// Bytes of text after which rows are passed on as a chunk, well below the limit of 32-bit offsets.
const CHUNK: usize = 64 << 20;

/// Size of the block of a file that is parsed at once; it grows only for a row that is longer.
pub struct Block(usize);

impl Default for Block {
    fn default() -> Self {
        Self(Self::USUAL)
    }
}

impl Block {
    const USUAL: usize = 8 << 20;
    const LONGEST: usize = 1 << 30;

    pub fn size(&self) -> usize {
        self.0
    }

    /// Records how much of the block was used. Nothing is used if the block holds no complete row.
    pub fn used(&mut self, used: usize, name: &str) -> Result<()> {
        self.0 = if used > 0 { Self::USUAL } else { self.0 * 2 };
        if self.0 <= Self::LONGEST {
            return Ok(());
        }
        Err(Error::results(
            name,
            None,
            format!("a row of {name} is longer than 1 GiB, perhaps because a quote never ends"),
        )
        .hint("fetch it again"))
    }
}

/// Reads the files of one group, in order.
pub struct Reader {
    kind: Option<BatchKind>,
    table: Table,
    /// Bytes of text that became the rows of `table`.
    held: usize,
    reserved: bool,
    cells: Vec<Span>,
    pub pieces: Vec<Piece>,
    pub guesses: Guesses,
}

/// For each kind of answers, the first file whose header has them.
#[derive(Debug, Default, Clone)]
pub struct Guesses {
    pub phone: Option<String>,
    pub email: Option<String>,
    pub research: Option<String>,
}

/// A file that is being read.
pub struct Open<'a> {
    lines: Lines<'a>,
    text: Text,
    begun: bool,
    /// Position of each column in the table; empty until the header is read.
    targets: Vec<usize>,
    separator: u8,
    /// Position of the id in a row.
    id: usize,
    rows: u64,
    /// Number of rows that lack cells at their end.
    short: u64,
    /// Number of flags that are neither true nor false.
    unread: u64,
    /// Unusual flags in the last column.
    words: Vec<String>,
}

/// How many unusual flags of a file are remembered.
const WORDS: usize = 16;

impl Reader {
    pub fn new(kind: Option<BatchKind>) -> Self {
        Self {
            kind,
            table: Table::default(),
            held: 0,
            reserved: false,
            cells: Vec::new(),
            pieces: Vec::new(),
            guesses: Guesses::default(),
        }
    }

    pub fn open<'a>(&self, name: &'a str) -> Open<'a> {
        Open {
            lines: Lines::new(name),
            text: Text::default(),
            begun: false,
            targets: Vec::new(),
            separator: b',',
            id: 0,
            rows: 0,
            short: 0,
            unread: 0,
            words: Vec::new(),
        }
    }

    /// Parses a block of the file, which is the last one if `complete`. Returns how many of its
    /// bytes were used. `expected` is the total size of the files that this reader will get.
    pub fn feed(
        &mut self,
        open: &mut Open<'_>,
        block: &[u8],
        complete: bool,
        expected: u64,
    ) -> Result<usize> {
        if self.held + block.len() > CHUNK && self.table.rows() > 0 {
            self.flush();
        }
        let text = open.text.of(&open.lines, block, complete)?;
        // Editors and spreadsheets write a byte order mark before the header.
        let text = if open.begun { &*text } else { text.trim_start_matches('\u{feff}') };
        let mark = if open.begun { 0 } else { mark(block) };
        let mut begin = 0;
        if open.targets.is_empty() {
            let Dialect { separator, start } = dialect::of(text);
            (open.separator, begin) = (separator, start);
        }
        let mut rows = Rows::separated(text, complete, open.separator, begin);
        let used = loop {
            match rows.next(&mut self.cells) {
                Step::Row { start, ended } => {
                    let last = complete && rows.position() == text.len();
                    if open.targets.is_empty() {
                        self.header(open, text, start)?;
                    } else {
                        let end = match (last, ended) {
                            (true, true) => End::File,
                            (true, false) => End::Abrupt,
                            (false, _) => End::Row,
                        };
                        self.row(open, text, start, end)?;
                    }
                }
                Step::End => break text.len(),
                // The line that names the separator is read again with the whole header.
                Step::More { .. } if open.targets.is_empty() => break 0,
                Step::More { rest } => break rest,
                Step::Bad { at, fault } => return Err(open.lines.malformed(text, at, fault)),
            }
        };
        open.begun |= used > 0;
        if !complete {
            open.lines.pass(&text[..used]);
        }
        let used = if used > 0 { open.text.length(&text[..used]) + mark } else { 0 };
        self.held += used;
        self.reserve(expected)?;
        Ok(used)
    }

    /// Ends a file. `rows` is the number of rows that it must have, if that is known.
    pub fn close(&mut self, open: Open<'_>, rows: Option<u64>) -> Result<()> {
        self.table.pad();
        if open.targets.is_empty() {
            return Err(open.lines.empty());
        }
        if open.unread > 0 {
            tracing::warn!(
                file = open.lines.name,
                cells = open.unread,
                "cells of email_found or phone_found are neither true nor false, and count as null"
            );
        }
        match rows {
            Some(rows) if rows != open.rows => Err(Error::results(
                open.lines.name,
                None,
                format!("{} holds {} rows and held {rows} before", open.lines.name, open.rows),
            )
            .hint("fetch it again")),
            _ => Ok(()),
        }
    }

    /// Ends the group.
    pub fn end(&mut self) {
        self.flush();
    }

    fn flush(&mut self) {
        self.pieces.push(self.table.finish());
        self.held = 0;
    }

    /// Reserves memory for the remaining rows, once some rows show how long the columns' texts are.
    fn reserve(&mut self, expected: u64) -> Result<()> {
        if self.reserved || self.table.rows() == 0 {
            return Ok(());
        }
        self.reserved = true;
        let times = expected.min(CHUNK as u64) as f64 / self.held as f64;
        if times < 1.5 {
            return Ok(());
        }
        self.table
            .reserve(times * 1.02)
            .map_err(|error| Error::results("", None, error.to_string()))
    }

    fn header(&mut self, open: &mut Open<'_>, text: &str, start: usize) -> Result<()> {
        let names = self.cells.iter().map(|cell| cell.text(text).unwrap_or_default().into_owned());
        let header = Header::read(names).map_err(|what| {
            open.lines.fault(text, start, &what).hint("check that the file is a result")
        })?;
        if let Some(kind) = self.kind {
            header.answers(kind).map_err(|what| open.lines.fault(text, start, &what))?;
        }
        let kind = self.kind.unwrap_or_else(|| header.kind());
        self.guesses.note(kind, open.lines.name);
        let typed = kind != BatchKind::DeepResearch;
        open.targets = header
            .names
            .iter()
            .map(|name| {
                let holds = match typed {
                    true if columns::is_flag(name) => Holds::Flag,
                    true if columns::is_value(name) => Holds::Value,
                    _ => Holds::Text,
                };
                self.table.column(name, holds)
            })
            .collect();
        open.id = header.names.iter().position(|name| name == "id").unwrap_or(0);
        Ok(())
    }

    #[inline]
    fn row(&mut self, open: &mut Open<'_>, text: &str, start: usize, end: End) -> Result<()> {
        // A cell that is followed by a separator is whole, and so is a quoted one.
        let surplus = self.cells.len() > open.targets.len();
        if self.cells.len() != open.targets.len() {
            self.fit(open, text, start, end)?;
        }
        let is_flag = open.targets.last().is_some_and(|target| self.table.is_flag(*target));
        if is_flag && let Some(cell) = self.cells.get(open.targets.len() - 1) {
            let word = &text[cell.start..cell.end];
            let usual = matches!(word, "true" | "false" | "1" | "0");
            let open_end = end == End::Abrupt && !surplus && cell.outer(text).0 == cell.start;
            if open_end && !usual && !open.is_whole(word) {
                // The API writes true or false in the last column, so another cell without a line
                // break was cut off.
                return Err(open.lines.damaged(
                    text,
                    start,
                    "it ends before the last cell of this row",
                ));
            }
            if !usual {
                open.note(word);
            }
        }
        open.unread += self.table.push(text, &self.cells, &open.targets);
        open.rows += 1;
        Ok(())
    }

    /// Accepts a row that lacks cells at its end, or has empty ones too many, and refuses any other
    /// that does not have as many cells as the header.
    #[cold]
    fn fit(&mut self, open: &mut Open<'_>, text: &str, start: usize, end: End) -> Result<()> {
        let (cells, columns) = (self.cells.len(), open.targets.len());
        let fits = match self.cells.get(columns..) {
            Some(surplus) => surplus.iter().all(|cell| cell.form == Form::Null),
            None => self.is_short(open, text, end),
        };
        if !fits {
            return Err(open.lines.miscounted(text, start, cells, columns, end));
        }
        open.short += u64::from(cells < columns);
        self.cells.truncate(columns);
        Ok(())
    }

    /// Whether a row lacks cells only at its end. A row that the file ends in was cut off, and a
    /// last row of one cell may be what a failing server wrote below the others. If an address is
    /// where a flag belongs, the missing cell is another one.
    fn is_short(&self, open: &Open<'_>, text: &str, end: End) -> bool {
        let alone = self.cells.len() == 1 && end != End::Row && open.short == 0;
        let fits =
            |(cell, target): (&Span, &usize)| self.table.fits(&text[cell.start..cell.end], *target);
        end != End::Abrupt
            && !alone
            && open.id < self.cells.len()
            && self.cells.iter().zip(&open.targets).all(fits)
    }
}

impl Open<'_> {
    /// Whether only a header was read so far, in a text whose bytes are those of the file.
    pub fn is_at_first_row(&self) -> bool {
        !self.targets.is_empty() && self.rows == 0 && !self.is_latin()
    }

    pub fn is_latin(&self) -> bool {
        self.text.is_latin()
    }

    /// Whether a flag at the end of the file is whole: a known word, or one that the file has
    /// written before.
    fn is_whole(&self, word: &str) -> bool {
        table::is_whole_flag(word) || self.words.iter().any(|known| known == word)
    }

    #[cold]
    fn note(&mut self, word: &str) {
        let known = word.is_empty() || self.words.iter().any(|known| known == word);
        if !known && self.words.len() < WORDS {
            self.words.push(word.to_owned());
        }
    }
}

impl Guesses {
    fn note(&mut self, kind: BatchKind, name: &str) {
        let first = |slot: &mut Option<String>| {
            slot.get_or_insert_with(|| name.to_owned());
        };
        match kind {
            BatchKind::Phone => first(&mut self.phone),
            BatchKind::Email => first(&mut self.email),
            BatchKind::PhoneEmail => {
                first(&mut self.phone);
                first(&mut self.email);
            }
            BatchKind::DeepResearch => first(&mut self.research),
        }
    }
}

/// The length of the byte order marks at the beginning of a block: a program that adds one may not
/// see that there is one.
fn mark(block: &[u8]) -> usize {
    let mark = "\u{feff}".as_bytes();
    block.chunks(mark.len()).take_while(|bytes| *bytes == mark).count() * mark.len()
}
