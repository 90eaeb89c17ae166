//! The line ends of a text: which one it uses, and lines that another program ended differently.

/// The line break that ends the first line.
pub fn first_end(text: &str) -> Option<&'static str> {
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
pub fn with_line_feeds(text: &str) -> String {
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

/// Number of each separator in a line.
pub type Counts = [usize; 4];

/// The separators in the first line that is neither empty nor a comment and does not name the
/// separator; `None` if no such line has ended.
pub fn header(text: &str) -> Option<Counts> {
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
pub fn split(text: &str, header: Counts, complete: bool) -> Option<String> {
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
