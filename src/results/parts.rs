//! Divides a large result file into parts, so that several threads read it.
//!
//! A part begins after a line break, which may also lie within a quoted cell. Only the reader of the
//! part before can tell: if its last row does not end where the part ends, the division is wrong.
//! What a file says about later rows (its encoding, flags that it has written before) is not known
//! in its other parts either. In all these cases the whole file is read again by one thread, and the
//! outcome is the same as if it had never been divided.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
};

use super::decode::Source;

/// Minimum size of a part.
const LEAST: u64 = 8 << 20;
/// Within this many bytes, the header and the row at the beginning of each part must end.
const LINE: u64 = 64 << 10;

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub bytes: Range<u64>,
    /// Length of the file's header.
    pub header: u64,
    /// Whether the file ends with it.
    pub last: bool,
}

/// The parts of a file of `size` bytes, each of about `target` bytes; none if it is read as a whole.
///
/// # Errors
/// If the file cannot be read.
pub fn of(path: &Path, size: u64, target: u64) -> io::Result<Vec<Part>> {
    let target = target.max(LEAST);
    if size < 2 * target {
        return Ok(Vec::new());
    }
    let Source::Plain(mut file) = Source::of(File::open(path)?)? else { return Ok(Vec::new()) };
    let Some(header) = line_end(&mut file, 0)? else { return Ok(Vec::new()) };
    let mut parts = Vec::new();
    let mut start = 0;
    while size - start >= 2 * target {
        let Some(end) = line_end(&mut file, start + target)? else { return Ok(Vec::new()) };
        parts.push(Part { bytes: start..end, header, last: false });
        start = end;
    }
    parts.push(Part { bytes: start..size, header, last: true });
    Ok(parts)
}

/// Where the line ends that contains a byte of the file.
fn line_end(file: &mut File, at: u64) -> io::Result<Option<u64>> {
    let mut line = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.by_ref().take(LINE).read_to_end(&mut line)?;
    Ok(memchr::memchr(b'\n', &line).map(|end| at + end as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_begin_with_lines_and_cover_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.csv");
        let row = format!("1,{}\n", "x".repeat(1_000));
        let text = format!("id,text\n{}", row.repeat(40_000));
        std::fs::write(&path, &text).unwrap();
        let size = text.len() as u64;
        let parts = of(&path, size, 10 << 20).unwrap();
        assert_eq!(parts.len(), 3, "{parts:?}");
        assert_eq!(parts[0].bytes.start, 0);
        assert_eq!(parts[2].bytes.end, size);
        for (part, next) in parts.iter().zip(&parts[1..]) {
            assert_eq!(part.bytes.end, next.bytes.start);
            assert_eq!(text.as_bytes()[next.bytes.start as usize - 1], b'\n');
        }
        assert!(parts.iter().all(|part| part.header == 8));
        assert!(of(&path, size, 30 << 20).unwrap().is_empty(), "it is not that large");
    }

    #[test]
    fn a_file_without_lines_has_no_parts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.csv");
        std::fs::write(&path, "id,text\r1,a\r".repeat(2 << 20)).unwrap();
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(of(&path, size, 1).unwrap().is_empty());
    }
}
