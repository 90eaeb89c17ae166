//! Converts files of text that are not in UTF-8: spreadsheets write UTF-16 and Windows-1252.

use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    mem,
};

use encoding_rs::{DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::FileError;

/// The encodings that are read, for errors.
const READ: &str = "UTF-8, UTF-16, UTF-32 and Windows-1252 are read; save the file as UTF-8";
/// How many bytes are read at once. No character of a wide encoding crosses the end of a block.
const BLOCK: u64 = 1 << 20;
/// The byte order mark of UTF-8.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// The same text in UTF-8, from its beginning; the file itself if it is in UTF-8. Another one is
/// decoded block by block into a temporary file.
///
/// # Errors
/// If the file cannot be read, or its encoding is not known. The error names the line.
pub(super) fn as_utf8(name: &str, file: File) -> Result<File, FileError> {
    converted(file).map_err(|fault| match fault {
        Fault::Unreadable(error) => FileError::unreadable(name, &error),
        Fault::Text(reason) => FileError::not_a_table(name, format!("{reason}; {READ}")),
    })
}

/// Why a text cannot be converted.
enum Fault {
    Unreadable(io::Error),
    /// What is wrong with the text, and where.
    Text(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

fn converted(mut file: File) -> Result<File, Fault> {
    let is_utf8 = is_utf8(&mut file)?;
    file.rewind()?;
    if is_utf8 {
        return Ok(file);
    }
    let mut begin = Vec::new();
    Read::by_ref(&mut file).take(4).read_to_end(&mut begin)?;
    let (encoding, mark) = match wide(&begin) {
        Some(found) => found,
        None => {
            file.rewind()?;
            check_windows_1252(&mut file)?;
            (Encoding::Windows1252, 0)
        }
    };
    let size = file.seek(SeekFrom::End(0))?.saturating_sub(mark);
    file.seek(SeekFrom::Start(mark))?;
    let rest = size % encoding.width();
    let mut source = file.take(size - rest);
    let mut decoder = Decoder::new(encoding);
    let mut out = BufWriter::new(tempfile::tempfile()?);
    let (mut block, mut text, mut line) = (Vec::new(), String::new(), 1);
    loop {
        block.clear();
        text.clear();
        Read::by_ref(&mut source).take(BLOCK).read_to_end(&mut block)?;
        let is_last = source.limit() == 0 || block.is_empty();
        let is_sound = decoder.decode(&block, is_last, &mut text);
        line += lines(text.as_bytes());
        if !is_sound {
            let name = encoding.name();
            return Err(Fault::Text(format!("line {line} has a character that is no {name}")));
        }
        out.write_all(text.as_bytes())?;
        if is_last {
            break;
        }
    }
    if rest > 0 {
        let name = encoding.name();
        let reason = format!("it ends inside of a character of {name}, in line {line}");
        return Err(Fault::Text(reason));
    }
    let mut converted = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    converted.rewind()?;
    Ok(converted)
}

/// Number of line ends.
fn lines(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

fn is_utf8(file: &mut File) -> io::Result<bool> {
    let mut block = Vec::new();
    let mut is_first = true;
    loop {
        let read = Read::by_ref(file).take(BLOCK).read_to_end(&mut block)?;
        if mem::take(&mut is_first) && wide(&block).is_some() {
            return Ok(false);
        }
        match std::str::from_utf8(&block) {
            Ok(_) => block.clear(),
            // The character at the end may continue in the next block.
            Err(error) if error.error_len().is_none() && read > 0 => {
                block.drain(..error.valid_up_to());
            }
            Err(_) => return Ok(false),
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

/// An encoding other than UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf16 { little: bool },
    Utf32 { little: bool },
    Windows1252,
}

impl Encoding {
    const fn name(self) -> &'static str {
        match self {
            Self::Utf16 { .. } => "UTF-16",
            Self::Utf32 { .. } => "UTF-32",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// Number of bytes of a unit.
    const fn width(self) -> u64 {
        match self {
            Self::Utf16 { .. } => 2,
            Self::Utf32 { .. } => 4,
            Self::Windows1252 => 1,
        }
    }
}

/// The encoding of a text whose units have several bytes, and the length of its byte order mark.
fn wide(begin: &[u8]) -> Option<(Encoding, u64)> {
    match *begin {
        [0xff, 0xfe, 0, 0, ..] => Some((Encoding::Utf32 { little: true }, 4)),
        [0, 0, 0xfe, 0xff, ..] => Some((Encoding::Utf32 { little: false }, 4)),
        [0xff, 0xfe, ..] => Some((Encoding::Utf16 { little: true }, 2)),
        [0xfe, 0xff, ..] => Some((Encoding::Utf16 { little: false }, 2)),
        // Names of columns begin with letters of ASCII, of which each second byte is zero.
        [1..=255, 0, 1..=255, 0, ..] => Some((Encoding::Utf16 { little: true }, 0)),
        [0, 1..=255, 0, 1..=255, ..] => Some((Encoding::Utf16 { little: false }, 0)),
        _ => None,
    }
}

enum Decoder {
    /// The standard of the web, which [`encoding_rs`] implements, has no UTF-32.
    Utf32 {
        little: bool,
    },
    Other(encoding_rs::Decoder),
}

impl Decoder {
    fn new(encoding: Encoding) -> Self {
        let other = match encoding {
            Encoding::Utf32 { little } => return Self::Utf32 { little },
            Encoding::Utf16 { little: true } => UTF_16LE,
            Encoding::Utf16 { little: false } => UTF_16BE,
            Encoding::Windows1252 => WINDOWS_1252,
        };
        Self::Other(other.new_decoder_without_bom_handling())
    }

    /// Decodes the next block into `text`. Returns false after the last valid character before one
    /// that is not.
    fn decode(&mut self, block: &[u8], is_last: bool, text: &mut String) -> bool {
        match self {
            Self::Utf32 { little } => {
                let unit = if *little { u32::from_le_bytes } else { u32::from_be_bytes };
                let (fours, _) = block.as_chunks::<4>();
                fours.iter().all(|four| {
                    let letter = char::from_u32(unit(*four));
                    text.extend(letter);
                    letter.is_some()
                })
            }
            Self::Other(decoder) => {
                let mut rest = block;
                loop {
                    let most = decoder.max_utf8_buffer_length_without_replacement(rest.len());
                    text.reserve(most.unwrap_or(rest.len()).max(16));
                    let (result, read) =
                        decoder.decode_to_string_without_replacement(rest, text, is_last);
                    rest = &rest[read..];
                    match result {
                        DecoderResult::InputEmpty => return true,
                        DecoderResult::OutputFull => {}
                        DecoderResult::Malformed(..) => return false,
                    }
                }
            }
        }
    }
}

/// A byte that stands where it cannot, and its line.
#[derive(Clone, Copy)]
struct Odd {
    byte: u8,
    line: usize,
}

impl Odd {
    fn fault(self, what: &str) -> Fault {
        Fault::Text(format!("line {} has the byte 0x{:02x}, which is {what}", self.line, self.byte))
    }
}

/// A text that is not in UTF-8 is one in Windows-1252, if all of its bytes can be.
fn check_windows_1252(file: &mut File) -> Result<(), Fault> {
    let (mut letters, mut others) = (0, 0);
    let (mut not_utf8, mut in_neither): (Option<Odd>, Option<Odd>) = (None, None);
    let mut is_marked = None;
    // The block, after what may be the beginning of a character at the end of the one before.
    let (mut block, mut line) = (Vec::new(), 1);
    loop {
        let is_last = Read::by_ref(file).take(BLOCK).read_to_end(&mut block)? == 0;
        is_marked.get_or_insert_with(|| block.starts_with(MARK));
        let odd = |at: usize| Odd { byte: block[at], line: line + lines(&block[..at]) };
        if in_neither.is_none() {
            in_neither = block.iter().position(|byte| !is_windows_1252(*byte)).map(odd);
        }
        let mut at = 0;
        while at < block.len() {
            let (valid, invalid) = match std::str::from_utf8(&block[at..]) {
                Ok(text) => (text.len(), 0),
                Err(error) => match error.error_len() {
                    Some(length) => (error.valid_up_to(), length),
                    None if is_last => {
                        (error.valid_up_to(), block.len() - at - error.valid_up_to())
                    }
                    None => (error.valid_up_to(), 0),
                },
            };
            // Each character of several bytes begins with one from 0xc0 on.
            letters += block[at..at + valid].iter().filter(|byte| **byte >= 0xc0).count();
            others += invalid;
            if invalid > 0 && not_utf8.is_none() {
                not_utf8 = Some(odd(at + valid));
            }
            at += valid + invalid;
            if invalid == 0 {
                break;
            }
        }
        line += lines(&block[..at]);
        block.drain(..at);
        if is_last {
            break;
        }
    }
    // Characters of several bytes come about by chance in another encoding, but not often.
    if letters > 0 && letters >= others || is_marked == Some(true) {
        return not_utf8.map_or(Ok(()), |odd| Err(odd.fault("not UTF-8")));
    }
    in_neither.map_or(Ok(()), |odd| Err(odd.fault("neither UTF-8 nor Windows-1252")))
}

/// Whether a byte is a character of a text in Windows-1252.
fn is_windows_1252(byte: u8) -> bool {
    match byte {
        b'\t' | b'\n' | b'\r' | 0x20..=0x7e => true,
        0x81 | 0x8d | 0x8f | 0x90 | 0x9d => false,
        0x80.. => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        let mut text = String::new();
        as_utf8("a.csv", file)
            .map_err(|error| error.to_string())?
            .read_to_string(&mut text)
            .unwrap();
        Ok(text.trim_start_matches('\u{feff}').to_owned())
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    fn utf32(text: &str, unit: fn(u32) -> [u8; 4]) -> Vec<u8> {
        text.chars().flat_map(|letter| unit(letter as u32)).collect()
    }

    #[test]
    fn every_encoding_reads_as_the_same_text() {
        let text = "id,Größe\n1,€ 1,5 – “é”\n";
        let marked = format!("\u{feff}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            marked.clone().into_bytes(),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
            utf16(text, u16::to_le_bytes),
            utf16(text, u16::to_be_bytes),
            utf32(&marked, u32::to_le_bytes),
            utf32(&marked, u32::to_be_bytes),
            b"id,Gr\xf6\xdfe\n1,\x80 1,5 \x96 \x93\xe9\x94\n".to_vec(),
        ] {
            assert_eq!(read(&bytes).as_deref(), Ok(text), "{bytes:02x?}");
        }
    }

    #[test]
    fn characters_at_the_ends_of_blocks_are_read() {
        let long = "id,name\n1,東京🦀\n".repeat(200_000);
        assert_eq!(read(long.as_bytes()).as_deref(), Ok(&*long));
        // Pairs of surrogates begin at every second unit.
        for long in [long, format!("a,🦀\n{}", "🦀".repeat(600_000))] {
            assert!(read(&utf16(&long, u16::to_le_bytes)).is_ok_and(|text| text == long));
            assert!(
                read(&utf32(&format!("\u{feff}{long}"), u32::to_be_bytes))
                    .is_ok_and(|text| text == long)
            );
        }
        // In Windows-1252, 0xe9 seems to begin a character of three bytes.
        let block = BLOCK as usize;
        for at in block - 3..=block {
            let mut bytes = vec![b'x'; block + 10];
            bytes[at] = 0xe9;
            let text = read(&bytes).unwrap();
            assert_eq!(text.char_indices().find(|(_, letter)| *letter == 'é').unwrap().0, at);
            bytes[..3].copy_from_slice(b"a\n\n");
            bytes[block + 5] = 0x81;
            assert!(read(&bytes).unwrap_err().contains("line 3 has the byte 0x81"));
        }
    }

    #[test]
    fn a_text_that_cannot_be_read_says_where_and_what_can() {
        let odd = [utf16("\u{feff}id\n1\n", u16::to_le_bytes), vec![0x31]].concat();
        let lone = [utf16("\u{feff}id\n1", u16::to_le_bytes), vec![0, 0xd8, 0x31, 0]].concat();
        for (bytes, said) in [
            (b"id\n1\n\x81\n".to_vec(), "line 3 has the byte 0x81, which is neither UTF-8"),
            (b"id\n\xe9\0\n".to_vec(), "line 2 has the byte 0x00"),
            ("id\né東京\n\u{e9}".bytes().chain([0xff]).collect(), "line 3 has the byte 0xff"),
            (odd, "it ends inside of a character of UTF-16, in line 3"),
            (lone, "line 2 has a character that is no UTF-16"),
        ] {
            let error = read(&bytes).unwrap_err();
            assert!(error.contains(said) && error.ends_with(READ), "{error}");
        }
    }
}
