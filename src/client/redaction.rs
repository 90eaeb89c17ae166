//! Removes secrets from texts of others. Some servers quote the request in their answers, with its
//! key, and nothing that is stored, shown or logged may contain it.
//!
//! A quotation need not look like what was sent. It may be escaped for JSON, a URL or HTML, once or
//! twice, be in lower case, or be encoded as base64 or as hexadecimal digits.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use bytes::Bytes;

/// What replaces a secret.
pub const HIDDEN: &str = "***";
/// Minimum length of a secret that is looked for; anything shorter would occur in ordinary words.
pub const SHORTEST: usize = 8;

/// Removes a secret from a text, in every form in which it is recognized.
pub fn without(text: Bytes, secret: &str) -> Bytes {
    match replaced(&text, secret.as_bytes()) {
        Some(clean) => clean.into(),
        None => text,
    }
}

/// Like [`without`], but `None` if the text does not contain the secret.
pub fn replaced(text: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    if secret.len() < SHORTEST {
        return None;
    }
    let digits = hex::encode(secret);
    let encoded = in_base64(secret);
    let end_at = |at: usize| {
        written_at(text, at, secret).or_else(|| written_at(text, at, digits.as_bytes())).or_else(
            || {
                let form = encoded.iter().find(|form| text[at..].starts_with(form.as_bytes()))?;
                Some(at + form.len())
            },
        )
    };
    // A first check that rules out most positions: no form begins with most of the bytes.
    let mut begins = [false; 256];
    let forms = encoded.iter().map(|form| form.as_bytes()[0]);
    for byte in forms.chain([secret[0], digits.as_bytes()[0], b'\\', b'%', b'&', b'=']) {
        begins[usize::from(byte.to_ascii_lowercase())] = true;
        begins[usize::from(byte.to_ascii_uppercase())] = true;
    }
    let mut clean: Option<Vec<u8>> = None;
    let (mut at, mut kept) = (0, 0);
    while at < text.len() {
        let Some(end) = begins[usize::from(text[at])].then(|| end_at(at)).flatten() else {
            at += 1;
            continue;
        };
        let clean = clean.get_or_insert_default();
        clean.extend_from_slice(&text[kept..at]);
        clean.extend_from_slice(HIDDEN.as_bytes());
        (at, kept) = (end, end);
    }
    clean.map(|mut clean| {
        clean.extend_from_slice(&text[kept..]);
        clean
    })
}

/// The base64 digits of a secret at any offset in the encoded data: the digits that do not depend
/// on neighbouring bytes, for each of the three offsets within a group, in both alphabets.
fn in_base64(secret: &[u8]) -> Vec<String> {
    let mut forms = Vec::with_capacity(6);
    for before in 0..3 {
        let padded = [&[0; 2][..before], secret].concat();
        let text = STANDARD_NO_PAD.encode(&padded);
        let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        let own = text[first..last].to_owned();
        let in_urls = own.replace('+', "-").replace('/', "_");
        if in_urls != own {
            forms.push(in_urls);
        }
        forms.push(own);
    }
    forms
}

/// The end of the secret, if it is written at `at` in some escaped form.
fn written_at(text: &[u8], at: usize, secret: &[u8]) -> Option<usize> {
    let plain = text.get(at..at + secret.len());
    if plain.is_some_and(|plain| plain.eq_ignore_ascii_case(secret)) {
        return Some(at + secret.len());
    }
    secret.iter().try_fold(at, |at, letter| letter_at(text, at, *letter))
}

/// The end of one letter of the secret, if it is written at `at` in some escaped form.
fn letter_at(text: &[u8], at: usize, letter: u8) -> Option<usize> {
    let slashes = slashes(text, at);
    let escapes = slashes > at;
    let at = slashes;
    if escapes {
        let escaped = match text.get(at) {
            Some(b'u' | b'U') => number(text, at + 1, 4, 16),
            Some(b'x') => number(text, at + 1, 2, 16),
            _ => None,
        };
        if let Some((value, end)) = escaped
            && value == u32::from(letter)
        {
            return Some(end);
        }
        if letter == b'\\' {
            return Some(at);
        }
    }
    let escaped = match text.get(at)? {
        b'%' => percent(text, at + 1, letter),
        b'=' => number(text, at + 1, 2, 16)
            .filter(|(value, _)| *value == u32::from(letter))
            .map(|(_, end)| end),
        b'&' => entity(text, at + 1, letter),
        b'+' if letter == b' ' => Some(at + 1),
        _ => None,
    };
    escaped.or_else(|| text[at].eq_ignore_ascii_case(&letter).then_some(at + 1))
}

/// The end of the backslashes at a position. Each layer of JSON escaping doubles the backslashes
/// before a letter.
fn slashes(text: &[u8], mut at: usize) -> usize {
    loop {
        let end = match text.get(at) {
            Some(b'\\') => Some(at + 1),
            Some(b'%') => percent(text, at + 1, b'\\'),
            Some(b'&') => entity(text, at + 1, b'\\'),
            _ => None,
        };
        match end {
            Some(end) => at = end,
            None => return at,
        }
    }
}

/// Reads a number of the given number of digits at a position, and returns its value and its end.
fn number(text: &[u8], at: usize, digits: usize, radix: u32) -> Option<(u32, usize)> {
    let digits = std::str::from_utf8(text.get(at..at + digits)?).ok()?;
    let value = u32::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))?;
    Some((value, at + digits.len()))
}

/// A percent-encoded letter, which may have been encoded again for another URL.
fn percent(text: &[u8], at: usize, letter: u8) -> Option<usize> {
    let layers = text.get(at..)?.chunks(2).take_while(|pair| *pair == b"25").count();
    let deepest = at + 2 * layers;
    if letter == b'%' {
        return (layers > 0).then_some(deepest);
    }
    number(text, deepest, 2, 16)
        .filter(|(value, _)| *value == u32::from(letter))
        .map(|(_, end)| end)
}

/// An HTML entity, which may have been encoded again for other HTML.
fn entity(text: &[u8], mut at: usize, letter: u8) -> Option<usize> {
    // The longest named entity is `&quot;`; a numeric one may have leading zeros.
    const LONGEST: usize = 12;
    let mut ampersand = None;
    loop {
        let rest = text.get(at..)?;
        let Some(length) = rest.iter().take(LONGEST).position(|byte| *byte == b';') else {
            return ampersand;
        };
        let name = std::str::from_utf8(&rest[..length]).ok()?;
        let value = match (name.strip_prefix("#x").or(name.strip_prefix("#X")), name) {
            (Some(digits), _) => u32::from_str_radix(digits, 16).ok(),
            (_, "quot") => Some(u32::from(b'"')),
            (_, "apos") => Some(u32::from(b'\'')),
            (_, "lt") => Some(u32::from(b'<')),
            (_, "gt") => Some(u32::from(b'>')),
            (_, "amp") => Some(u32::from(b'&')),
            _ => name.strip_prefix('#').and_then(|digits| digits.parse().ok()),
        };
        let end = at + length + 1;
        if name != "amp" {
            return if value == Some(u32::from(letter)) { Some(end) } else { ampersand };
        }
        ampersand = (letter == b'&').then_some(end);
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    const SECRET: &str = "Key/\"7f3a+9\"&\\=%<é";

    fn clean(text: &str) -> String {
        String::from_utf8(without(Bytes::from(text.to_owned()), SECRET).to_vec()).unwrap()
    }

    fn json(text: &str) -> String {
        serde_json::Value::from(text).to_string()
    }

    fn url(text: &str) -> String {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    }

    #[test]
    fn a_secret_goes_however_often_it_was_escaped() {
        let html = |text: &str| {
            text.replace('&', "&amp;")
                .replace('"', "&quot;")
                .replace('<', "&lt;")
                .replace('+', "&#43;")
        };
        let unicode: String =
            SECRET.bytes().map(|byte| format!("\\u{byte:04X}")).collect::<Vec<_>>().concat();
        let forms = [
            SECRET.to_owned(),
            SECRET.to_ascii_lowercase(),
            json(SECRET),
            json(SECRET).replace('/', "\\/"),
            json(&json(SECRET)),
            json(&json(&json(SECRET))),
            url(SECRET),
            url(SECRET).to_lowercase(),
            url(&url(SECRET)),
            url(&json(SECRET)),
            url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
            html(SECRET),
            html(&html(SECRET)),
            SECRET.bytes().map(|byte| format!("&#x{byte:x};")).collect(),
            SECRET.bytes().map(|byte| format!("={byte:02X}")).collect(),
            SECRET.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
            unicode,
            hex::encode(SECRET),
            hex::encode_upper(SECRET),
        ];
        for form in forms {
            let said = clean(&format!("you sent {form}, it seems"));
            assert!(said.starts_with("you sent ") && said.ends_with(", it seems"), "{said}");
            assert!(said.contains(HIDDEN), "{form}: {said}");
            assert!(
                !said.to_lowercase().contains("7f3a") && !said.contains("37"),
                "{form}: {said}"
            );
        }
    }

    #[test]
    fn a_secret_goes_wherever_it_stands_in_base64() {
        for before in ["", "B", "Be", "Bearer ", "user:"] {
            for after in ["", "\n", ", and more"] {
                let text = format!("{before}{SECRET}{after}");
                for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                    let said = clean(&format!("({encoded})"));
                    let (own, other) = (text.len() * 4 / 3, said.len());
                    assert!(said.contains(HIDDEN), "{text}: {said}");
                    assert!(other + SECRET.len() < own + 12, "{text}: {said}");
                }
            }
        }
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        for text in
            ["", "Key", "Key/\"7f3a", "\\\\\\", "%", "%4", "&#x4b", "%25%25%254", "&amp;amp;"]
        {
            assert_eq!(replaced(text.as_bytes(), SECRET.as_bytes()), None, "{text}");
        }
        assert_eq!(replaced(b"a short one", b"short"), None);
    }
}
