//! Decodes files into plain text, whatever form they have: compressed with gzip or Zstandard, in
//! UTF-16, UTF-32 or Latin-1, or with the line breaks of classic Mac OS, in all lines or in some.
//!
//! UTF-8 with LF or CRLF is read as it is. Other forms are recognized by their bytes, because the
//! file's name and its HTTP headers may be lost or wrong. Bytes that could also be damage are not
//! taken for another form: a file that contains multi-byte characters of UTF-8 is not Latin-1.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Cursor, Read},
};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;

use super::lines::Lines;
use crate::{Error, Result};

/// Every compressed file may have at least this decompressed size.
const UNPACKED: u64 = 256 << 20;
/// A larger file may have at most this many times its compressed size; a table does not compress
/// better.
const TIMES: u64 = 200;

/// The decompressed bytes of a file, in UTF-8 or in a form that [`Text`] decodes.
pub enum Source {
    Plain(File),
    Converted(Box<dyn Read + Send>),
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Converted(reader) => reader.read(buffer),
        }
    }
}

impl Source {
    /// Recognizes the form of a file, and opens it.
    ///
    /// # Errors
    /// If the file cannot be read, or is an archive or a table in another format.
    pub fn of(mut file: File) -> io::Result<Self> {
        let mut begin = Vec::with_capacity(4);
        file.by_ref().take(4).read_to_end(&mut begin)?;
        io::Seek::rewind(&mut file)?;
        if form(&begin)? == Form::Plain {
            return Ok(Self::Plain(file));
        }
        let size = file.metadata()?.len();
        Ok(Self::Converted(converted(Box::new(io::BufReader::new(file)), &begin, size)?))
    }
}

/// The bytes of a whole file, decompressed, and converted to UTF-8 if their beginning shows the
/// encoding.
///
/// # Errors
/// If the file is damaged, or is an archive or a table in another format.
pub fn bytes<'a>(bytes: &'a [u8], name: &str) -> Result<Cow<'a, [u8]>> {
    let begin = &bytes[..bytes.len().min(4)];
    let unpack = || -> io::Result<Option<Vec<u8>>> {
        if form(begin)? == Form::Plain {
            return Ok(None);
        }
        let mut all = Vec::new();
        let source = Box::new(Cursor::new(bytes.to_owned()));
        converted(source, begin, bytes.len() as u64)?.read_to_end(&mut all)?;
        Ok(Some(all))
    };
    match unpack() {
        Ok(None) => Ok(Cow::Borrowed(bytes)),
        Ok(Some(all)) => Ok(Cow::Owned(all)),
        Err(error) => {
            Err(Error::results(name, None, format!("{name} cannot be unpacked: {error}"))
                .caused_by(error))
        }
    }
}

/// The text of a whole file, with LF as its line breaks.
///
/// # Errors
/// If the file is damaged, or is an archive or a table in another format.
pub fn text(file: &[u8], lines: &Lines<'_>) -> Result<String> {
    let bytes = bytes(file, lines.name)?;
    let text = Text::default().of(lines, &bytes, true)?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Gzip,
    Zstandard,
    Utf16(&'static encoding_rs::Encoding),
    Utf32 { little: bool },
}

fn form(begin: &[u8]) -> io::Result<Form> {
    let other = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what.to_owned()));
    Ok(match *begin {
        [0x1f, 0x8b, ..] => Form::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Form::Zstandard,
        [0xff, 0xfe, 0, 0] => Form::Utf32 { little: true },
        [0, 0, 0xfe, 0xff] => Form::Utf32 { little: false },
        [0xff, 0xfe, ..] => Form::Utf16(UTF_16LE),
        [0xfe, 0xff, ..] => Form::Utf16(UTF_16BE),
        // A header begins with ASCII letters, in which every second byte of UTF-16 is zero.
        [1..=255, 0, 1..=255, 0] => Form::Utf16(UTF_16LE),
        [0, 1..=255, 0, 1..=255] => Form::Utf16(UTF_16BE),
        [b'P', b'K', 3, 4] => {
            return other("it is a ZIP archive or a workbook, and CSV is expected");
        }
        [b'P', b'A', b'R', b'1'] => return other("it is a Parquet file, and CSV is expected"),
        _ => Form::Plain,
    })
}

fn converted(
    source: Box<dyn Read + Send>,
    begin: &[u8],
    size: u64,
) -> io::Result<Box<dyn Read + Send>> {
    let unpacked: Box<dyn Read + Send> = match form(begin)? {
        Form::Plain => return Ok(source),
        Form::Utf16(encoding) => {
            return Ok(Box::new(Utf16 {
                source,
                decoder: encoding.new_decoder_with_bom_removal(),
                read: Vec::new(),
                decoded: String::new(),
                given: 0,
                ended: false,
            }));
        }
        Form::Utf32 { little } => {
            return Ok(Box::new(Utf32 {
                source,
                little,
                read: Vec::new(),
                decoded: String::new(),
                given: 0,
                ended: false,
            }));
        }
        Form::Gzip => Box::new(MultiGzDecoder::new(source)),
        Form::Zstandard => Box::new(zstd::stream::read::Decoder::new(source)?),
    };
    let most = UNPACKED.max(size.saturating_mul(TIMES));
    let mut unpacked = Bounded { source: unpacked, left: most };
    let mut begin = Vec::with_capacity(4);
    unpacked.by_ref().take(4).read_to_end(&mut begin)?;
    let all = Box::new(Cursor::new(begin.clone()).chain(unpacked));
    // A file may be compressed twice: by the writer and again for the transfer.
    match form(&begin)? {
        Form::Plain => Ok(all),
        _ => converted(all, &begin, most / TIMES),
    }
}

/// A reader that fails if its source is longer than allowed.
struct Bounded {
    source: Box<dyn Read + Send>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other("it unpacks to more than 200 times its size, which no table does")
        })?;
        Ok(read)
    }
}

/// A reader that converts UTF-16 to UTF-8.
struct Utf16 {
    source: Box<dyn Read + Send>,
    decoder: Decoder,
    read: Vec<u8>,
    decoded: String,
    given: usize,
    ended: bool,
}

impl Read for Utf16 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let rest = &self.decoded.as_bytes()[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

impl Utf16 {
    fn fill(&mut self) -> io::Result<()> {
        const BLOCK: u64 = 64 << 10;
        self.read.clear();
        self.ended = self.source.by_ref().take(BLOCK).read_to_end(&mut self.read)? == 0;
        (self.given, self.decoded) = (0, String::new());
        let room = self.decoder.max_utf8_buffer_length(self.read.len()).unwrap_or(1 << 20);
        self.decoded.reserve(room);
        let (result, _, damaged) =
            self.decoder.decode_to_string(&self.read, &mut self.decoded, self.ended);
        if damaged || result == CoderResult::OutputFull {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is damaged: it is not whole UTF-16",
            ));
        }
        Ok(())
    }
}

/// A reader that converts UTF-32 to UTF-8. The byte order mark stays in the text.
struct Utf32 {
    source: Box<dyn Read + Send>,
    little: bool,
    /// Bytes that are not decoded yet.
    read: Vec<u8>,
    decoded: String,
    given: usize,
    ended: bool,
}

impl Read for Utf32 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let rest = &self.decoded.as_bytes()[self.given..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.given += length;
        Ok(length)
    }
}

impl Utf32 {
    fn fill(&mut self) -> io::Result<()> {
        const BLOCK: u64 = 64 << 10;
        let damaged =
            || io::Error::new(io::ErrorKind::InvalidData, "it is damaged: it is not whole UTF-32");
        self.ended = self.source.by_ref().take(BLOCK).read_to_end(&mut self.read)? == 0;
        (self.given, self.decoded) = (0, String::new());
        let (fours, rest) = self.read.as_chunks::<4>();
        for four in fours {
            let number =
                if self.little { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) };
            self.decoded.push(char::from_u32(number).ok_or_else(damaged)?);
        }
        if self.ended && !rest.is_empty() {
            return Err(damaged());
        }
        let used = self.read.len() - rest.len();
        self.read.drain(..used);
        Ok(())
    }
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
            return Ok(Cow::Owned(fed(&text)));
        }
        if self.header.is_none() {
            self.header = header(&text);
        }
        match self.header.and_then(|header| split(&text, header, complete)) {
            Some(split) => Ok(Cow::Owned(split)),
            None => Ok(text),
        }
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

/// The line break that ends the first line.
fn first_end(text: &str) -> Option<&'static str> {
    let mut quoted = false;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => return Some("\n"),
            b'\r' if !quoted => {
                return Some(if bytes.get(at + 1) == Some(&b'\n') { "\r\n" } else { "\r" });
            }
            _ => {}
        }
    }
    None
}

/// Replaces the CRs that end lines with LF; CRs within quotes are kept.
fn fed(text: &str) -> String {
    let mut quoted = false;
    let letter = |letter| match letter {
        '"' => {
            quoted = !quoted;
            '"'
        }
        '\r' if !quoted => '\n',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// Bytes that may separate cells.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Number of each of these in a line.
type Counts = [usize; 4];

/// The separators in the first line that is neither empty nor a comment and does not name the
/// separator; `None` if no such line has ended.
fn header(text: &str) -> Option<Counts> {
    let (complete, _) = text.trim_start_matches('\u{feff}').rsplit_once('\n')?;
    let is_header = |line: &&str| {
        let begin = line.trim_start_matches('"').as_bytes();
        let declares = begin.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"sep="));
        !line.trim().is_empty() && !line.starts_with('#') && !declares
    };
    let line = complete.split('\n').find(is_header)?;
    Some(SEPARATORS.map(|separator| memchr::memchr_iter(separator, line.as_bytes()).count()))
}

/// The text with LF in place of the bare CRs outside of quotes, of each line in which every part
/// between them has as many separators as the header: a program wrote the rows of this file with
/// another line end than its header. `None` if there is no such line.
fn split(text: &str, header: Counts, complete: bool) -> Option<String> {
    let bytes = text.as_bytes();
    let is_bare = |at: usize| match bytes.get(at + 1) {
        Some(next) => *next != b'\n',
        None => complete,
    };
    memchr::memchr_iter(b'\r', bytes).find(|at| is_bare(*at))?;
    let mut ends: Vec<usize> = Vec::new();
    let (mut parts, mut carriages): (Vec<Part>, Vec<usize>) = (Vec::new(), Vec::new());
    let (mut part, mut quoted) = (Part::default(), false);
    let mut decide = |parts: &mut Vec<Part>, carriages: &mut Vec<usize>, whole: bool| {
        // More may follow the last part of a block.
        let known = if whole { &parts[..] } else { &parts[..parts.len() - 1] };
        let fits = (0..header.len()).any(|at| {
            header[at] > 0 && known.iter().all(|part| part.empty || part.counts[at] == header[at])
        });
        if fits {
            ends.append(carriages);
        }
        parts.clear();
        carriages.clear();
    };
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'\n' => {
                parts.push(std::mem::take(&mut part));
                decide(&mut parts, &mut carriages, true);
                continue;
            }
            b'\r' if is_bare(at) => {
                parts.push(std::mem::take(&mut part));
                carriages.push(at);
                continue;
            }
            b'\r' => continue,
            _ => {
                if let Some(separator) = SEPARATORS.iter().position(|known| known == byte) {
                    part.counts[separator] += 1;
                }
            }
        }
        part.empty = false;
    }
    parts.push(part);
    decide(&mut parts, &mut carriages, complete);
    if ends.is_empty() {
        return None;
    }
    let mut split = bytes.to_vec();
    for end in ends {
        split[end] = b'\n';
    }
    String::from_utf8(split).ok()
}

/// A part of a line.
#[derive(Debug, Clone, Copy)]
struct Part {
    counts: Counts,
    empty: bool,
}

impl Default for Part {
    fn default() -> Self {
        Self { counts: Counts::default(), empty: true }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        let units = text.encode_utf16();
        units
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    fn utf32(text: &str, little: bool) -> Vec<u8> {
        let letters = format!("\u{feff}{text}");
        let number = |letter: char| letter as u32;
        letters
            .chars()
            .flat_map(|letter| {
                let number = number(letter);
                if little { number.to_le_bytes() } else { number.to_be_bytes() }
            })
            .collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn every_form_reads_as_the_same_text() {
        let text = "id,name\n1,Müller 東京 🦀\n";
        let bom = format!("\u{feff}{text}");
        let forms = [
            utf16(&bom, true),
            utf16(&bom, false),
            utf16(text, true),
            utf16(text, false),
            utf32(text, true),
            utf32(text, false),
            gzip(&utf32(text, true)),
            gzip(text.as_bytes()),
            gzip(&gzip(text.as_bytes())),
            gzip(&utf16(&bom, true)),
            [gzip(&text.as_bytes()[..9]), gzip(&text.as_bytes()[9..])].concat(),
            zstd::encode_all(text.as_bytes(), 3).unwrap(),
            text.as_bytes().to_vec(),
        ];
        for form in forms {
            let read = String::from_utf8(bytes(&form, "x").unwrap().into_owned()).unwrap();
            assert_eq!(read.trim_start_matches('\u{feff}'), text, "{:x?}", &form[..4]);
        }
    }

    #[test]
    fn what_is_cut_off_or_something_else_is_an_error() {
        let long: String = (0..9_000).map(|n| format!("{n},é\n")).collect();
        let said = |packed: &[u8]| bytes(packed, "a.csv").unwrap_err().to_string();
        let whole = gzip(long.as_bytes());
        for cut in [20, whole.len() / 2, whole.len() - 1] {
            assert!(said(&whole[..cut]).contains("cannot be unpacked"));
        }
        let wide = utf16(&long, true);
        assert!(said(&wide[..wide.len() - 1]).contains("not whole UTF-16"));
        let wide = utf32(&long, false);
        assert!(said(&wide[..wide.len() - 1]).contains("not whole UTF-32"));
        assert!(said(b"PK\x03\x04....").contains("ZIP archive"));
        assert!(said(b"PAR1....").contains("Parquet"));
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..400 {
            packed.write_all(&vec![b'a'; 1 << 20]).unwrap();
        }
        let error = bytes(&packed.finish().unwrap(), "a.csv").unwrap_err().to_string();
        assert!(error.contains("200 times its size"), "{error}");
    }

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
