//! Reads host names as people type them: in URLs, in e-mail addresses, with ports and stray
//! characters.

use std::borrow::Cow;

/// Maximum length of a host name in the domain name system.
const LONGEST: usize = 253;

/// Writes a host name in lower-case ASCII (IDN as punycode) without dots at its ends. Returns false
/// and writes nothing if it does not consist of at least two labels of letters, digits, hyphens and
/// underscores, or if it is an IP address.
pub(super) fn write_host(host: &str, out: &mut String) -> bool {
    let start = out.len();
    let host = host.trim_matches('.');
    let ascii: Cow<'_, str> = if host.is_ascii() {
        Cow::Borrowed(host)
    } else if host.len() > 4 * LONGEST {
        return false;
    } else {
        match idna::domain_to_ascii_cow(host.as_bytes(), idna::AsciiDenyList::EMPTY) {
            Ok(ascii) => Cow::Owned(ascii.trim_matches('.').to_owned()),
            Err(_) => return false,
        }
    };
    if ascii.len() > LONGEST || !is_host(ascii.as_bytes()) {
        return false;
    }
    out.push_str(&ascii);
    out[start..].make_ascii_lowercase();
    true
}

fn is_host(host: &[u8]) -> bool {
    let (mut label, mut labels, mut digits) = (0, 0, true);
    for &byte in host {
        match byte {
            b'.' if label == 0 || label > 63 => return false,
            b'.' => {
                labels += 1;
                label = 0;
                digits = true;
                continue;
            }
            b'0'..=b'9' => {}
            b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => digits = false,
            _ => return false,
        }
        label += 1;
    }
    // A last label of digits is the end of an IP address.
    labels > 0 && (2..=63).contains(&label) && !digits
}

/// The host of a URL, a bare domain, or an e-mail address, as it stands in the text.
pub(super) fn host_of(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || "<(\"'[".contains(c));
    let rest = after_scheme(text);
    // Only after the scheme is removed, whose slashes do not end the host.
    let authority = match rest.find(['/', '\\', '?', '#']) {
        Some(end) => &rest[..end],
        None => rest,
    };
    let host = match authority.rfind('@') {
        Some(at) => &authority[at + 1..],
        None => authority,
    };
    let host = host.trim_start();
    match host.find(|c: char| c == ':' || c.is_whitespace() || ",;<>()[]\"'|".contains(c)) {
        Some(end) => &host[..end],
        None => host,
    }
}

/// The part after `https://`, `//`, `mailto:` and their commonest misspellings (`http:/`,
/// `https//`, `http:\\`).
fn after_scheme(text: &str) -> &str {
    let bytes = text.as_bytes();
    let letters = bytes.iter().take(12).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let rest = match &bytes[letters..] {
        [b':', b'/' | b'\\', ..] => &text[letters + 1..],
        [b'/' | b'\\', b'/' | b'\\', ..] => &text[letters..],
        [b':', ..] if text[..letters].eq_ignore_ascii_case("mailto") => {
            return &text[letters + 1..];
        }
        _ => return text,
    };
    rest.trim_start_matches(['/', '\\'])
}

/// What stands after the host of a URL: its path, without the slash.
pub(super) fn path_of(text: &str) -> &str {
    let rest = after_scheme(text.trim());
    match rest.split_once(['/', '\\']) {
        Some((_, path)) => path,
        None => "",
    }
}
