//! Decompresses files (gzip, Zstandard), and converts UTF-16 and UTF-32 to UTF-8.
//!
//! The form of a file is recognized by its bytes, because its name and its HTTP headers may be lost
//! or wrong. Latin-1 and the ends of lines are recognized later, in blocks of text (`text`).

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Cursor, Read},
};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

use crate::{Error, Result};

/// Every compressed file may have at least this decompressed size.
const UNPACKED: u64 = 256 << 20;
/// A larger file may have at most this many times its compressed size; a table does not compress
/// better.
const TIMES: u64 = 200;

/// The decompressed bytes of a file, in UTF-8 or in a form that [`Text`](super::text::Text) decodes.
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Gzip,
    Zstandard,
    Utf16(&'static Encoding),
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
            let decoder = Utf16(encoding.new_decoder_with_bom_removal());
            return Ok(Box::new(Converted::new(source, decoder)));
        }
        Form::Utf32 { little } => {
            return Ok(Box::new(Converted::new(source, Utf32 { little })));
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

/// An encoding that is converted to UTF-8 block by block.
trait Encoded {
    /// Appends what the bytes spell to `text`. Bytes that it leaves in `read` are given again with
    /// the next block. `ended` says that no more bytes follow.
    ///
    /// # Errors
    /// If the bytes are damaged.
    fn decode(&mut self, read: &mut Vec<u8>, ended: bool, text: &mut String) -> io::Result<()>;
}

/// A reader that converts its source to UTF-8.
struct Converted<E> {
    source: Box<dyn Read + Send>,
    encoding: E,
    /// Bytes that are not decoded yet.
    read: Vec<u8>,
    decoded: String,
    given: usize,
    ended: bool,
}

impl<E: Encoded> Converted<E> {
    fn new(source: Box<dyn Read + Send>, encoding: E) -> Self {
        let (read, decoded) = (Vec::new(), String::new());
        Self { source, encoding, read, decoded, given: 0, ended: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        const BLOCK: u64 = 64 << 10;
        self.ended = self.source.by_ref().take(BLOCK).read_to_end(&mut self.read)? == 0;
        (self.given, self.decoded) = (0, String::new());
        self.encoding.decode(&mut self.read, self.ended, &mut self.decoded)
    }
}

impl<E: Encoded> Read for Converted<E> {
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

struct Utf16(Decoder);

impl Encoded for Utf16 {
    fn decode(&mut self, read: &mut Vec<u8>, ended: bool, text: &mut String) -> io::Result<()> {
        text.reserve(self.0.max_utf8_buffer_length(read.len()).unwrap_or(1 << 20));
        let (result, _, damaged) = self.0.decode_to_string(read, text, ended);
        read.clear();
        if damaged || result == CoderResult::OutputFull {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is damaged: it is not whole UTF-16",
            ));
        }
        Ok(())
    }
}

/// UTF-32, whose byte order mark stays in the text.
struct Utf32 {
    little: bool,
}

impl Encoded for Utf32 {
    fn decode(&mut self, read: &mut Vec<u8>, ended: bool, text: &mut String) -> io::Result<()> {
        let damaged =
            || io::Error::new(io::ErrorKind::InvalidData, "it is damaged: it is not whole UTF-32");
        let (fours, rest) = read.as_chunks::<4>();
        for four in fours {
            let number =
                if self.little { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) };
            text.push(char::from_u32(number).ok_or_else(damaged)?);
        }
        if ended && !rest.is_empty() {
            return Err(damaged());
        }
        let used = read.len() - rest.len();
        read.drain(..used);
        Ok(())
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
}
