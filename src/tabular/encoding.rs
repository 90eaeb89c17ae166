//! Converts files of text that are not in UTF-8: spreadsheets write UTF-16 and Windows-1252.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
};

use encoding_rs::WINDOWS_1252;

use super::error::FileError;

/// The encodings that are read, for errors.
const READ: &str = "UTF-8, UTF-16, UTF-32 and Windows-1252 are read; save the file as UTF-8";
/// How many bytes are checked at once.
const BLOCK: u64 = 1 << 20;
/// The byte order mark of UTF-8.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// The same text in UTF-8, from its beginning; the file itself if it is in UTF-8.
///
/// # Errors
/// If the file cannot be read, or its encoding is not known. The error names the line.
pub(super) fn as_utf8(name: &str, mut file: File) -> Result<File, FileError> {
    let unreadable = |error: io::Error| FileError::unreadable(name, &error);
    let is_utf8 = is_utf8(&mut file).map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    if is_utf8 {
        return Ok(file);
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    let text = decoded(&bytes)
        .map_err(|reason| FileError::not_a_table(name, format!("{reason}; {READ}")))?;
    let mut converted = tempfile::tempfile().map_err(unreadable)?;
    converted.write_all(text.as_bytes()).map_err(unreadable)?;
    converted.rewind().map_err(unreadable)?;
    Ok(converted)
}

fn is_utf8(file: &mut File) -> io::Result<bool> {
    let mut block = Vec::new();
    let mut is_first = true;
    loop {
        let read = Read::by_ref(file).take(BLOCK).read_to_end(&mut block)?;
        if std::mem::take(&mut is_first) && wide(&block).is_some() {
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

/// An encoding whose characters have several bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wide {
    Utf16 { little: bool },
    Utf32 { little: bool },
}

/// The wide encoding of a text, and the length of its byte order mark.
fn wide(begin: &[u8]) -> Option<(Wide, usize)> {
    match *begin {
        [0xff, 0xfe, 0, 0, ..] => Some((Wide::Utf32 { little: true }, 4)),
        [0, 0, 0xfe, 0xff, ..] => Some((Wide::Utf32 { little: false }, 4)),
        [0xff, 0xfe, ..] => Some((Wide::Utf16 { little: true }, 2)),
        [0xfe, 0xff, ..] => Some((Wide::Utf16 { little: false }, 2)),
        // Names of columns begin with letters of ASCII, of which each second byte is zero.
        [1..=255, 0, 1..=255, 0, ..] => Some((Wide::Utf16 { little: true }, 0)),
        [0, 1..=255, 0, 1..=255, ..] => Some((Wide::Utf16 { little: false }, 0)),
        _ => None,
    }
}

fn decoded(bytes: &[u8]) -> Result<String, String> {
    match wide(bytes) {
        Some((Wide::Utf16 { little }, mark)) => {
            let (pairs, rest) = bytes[mark..].as_chunks::<2>();
            let unit = if little { u16::from_le_bytes } else { u16::from_be_bytes };
            let letters = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
            whole(letters.map(Result::ok), rest.is_empty(), "UTF-16")
        }
        Some((Wide::Utf32 { little }, mark)) => {
            let (fours, rest) = bytes[mark..].as_chunks::<4>();
            let unit = if little { u32::from_le_bytes } else { u32::from_be_bytes };
            let letters = fours.iter().map(|four| char::from_u32(unit(*four)));
            whole(letters, rest.is_empty(), "UTF-32")
        }
        None => windows_1252(bytes),
    }
}

fn whole(
    letters: impl Iterator<Item = Option<char>>,
    is_complete: bool,
    encoding: &str,
) -> Result<String, String> {
    let mut text = String::new();
    let line = |text: &str| text.matches('\n').count() + 1;
    for letter in letters {
        match letter {
            Some(letter) => text.push(letter),
            None => {
                return Err(format!("line {} has a character that is no {encoding}", line(&text)));
            }
        }
    }
    if is_complete {
        Ok(text)
    } else {
        let line = line(&text);
        Err(format!("it ends inside of a character of {encoding}, in line {line}"))
    }
}

/// A text that is not in UTF-8 is one in Windows-1252, if all of its bytes can be.
fn windows_1252(bytes: &[u8]) -> Result<String, String> {
    let fault = |at: usize, what: &str| {
        let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
        Err(format!("line {line} has the byte 0x{:02x}, which is {what}", bytes[at]))
    };
    let (mut letters, mut others) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        others += chunk.invalid().len();
    }
    // Characters of several bytes come about by chance in another encoding, but not often.
    if letters > 0 && letters >= others || bytes.starts_with(MARK) {
        let valid = bytes.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
        return fault(valid, "not UTF-8");
    }
    match bytes.iter().position(|byte| !is_windows_1252(*byte)) {
        Some(at) => fault(at, "neither UTF-8 nor Windows-1252"),
        None => Ok(WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()),
    }
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
        let long = "id,name\n1,東京🦀\n".repeat(200_000);
        assert_eq!(read(long.as_bytes()).as_deref(), Ok(&*long), "characters between blocks");
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
