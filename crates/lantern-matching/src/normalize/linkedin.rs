//! LinkedIn pages: the slug of a person, company or school, from any form of its URL.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use percent_encoding::percent_decode_str;

use super::host;

/// Increases whenever the slug of any text changes.
pub const LINKEDIN_SLUG_VERSION: u32 = 1;

/// The slug of a LinkedIn page: `"https://uk.linkedin.com/in/Ada-Byron-1815/?trk=x"` is
/// `"ada-byron-1815"`.
///
/// Accepts URLs of people (`in/`, the old `pub/`), companies, schools, showcases and organizations
/// on the host of any country or the mobile host, paths without a host (`in/ada`), and bare slugs.
/// `None` for everything else, including LinkedIn URLs with an internal id (Sales Navigator,
/// `view?id=`).
pub fn linkedin_slug(text: &str) -> Option<Cow<'_, str>> {
    let mut slug = String::new();
    if !write_linkedin_slug(text, &mut slug) {
        return None;
    }
    Some(if slug == text { Cow::Borrowed(text) } else { Cow::Owned(slug) })
}

pub(super) fn write_linkedin_slug(text: &str, out: &mut String) -> bool {
    out.clear();
    let text = unquoted(text);
    let Some(path) = path_on_linkedin(text) else { return write_slug(text, out) };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut parts = path.split(['/', '\\']).filter(|part| !part.is_empty());
    while let Some(part) = parts.next() {
        let is = |name: &str| part.eq_ignore_ascii_case(name);
        if is("pub") {
            return write_old_profile(parts, out);
        }
        if is("in")
            || is("company")
            || is("school")
            || is("showcase")
            || is("organization")
            || is("company-beta")
            || is("edu")
        {
            return parts.next().is_some_and(|slug| write_slug(slug, out));
        }
        // Prefixes of the path: the mobile site, the administration of a company.
        if !(is("mwlite") || is("m") || is("touch")) {
            return false;
        }
    }
    false
}

/// Removes punctuation of the surrounding text from the ends of a URL.
fn unquoted(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '(' | ')')
    })
}

/// The path of a URL on LinkedIn, or a path that can only be one of LinkedIn. `None` for a bare
/// slug.
fn path_on_linkedin(text: &str) -> Option<&str> {
    const NAME: &[u8] = b"linkedin.com";
    let host = host::host_of(text);
    let bytes = host.as_bytes();
    let on_linkedin = bytes.len() >= NAME.len()
        && bytes[bytes.len() - NAME.len()..].eq_ignore_ascii_case(NAME)
        && matches!(
            bytes.len().checked_sub(NAME.len() + 1).map(|dot| bytes[dot]),
            None | Some(b'.')
        );
    if on_linkedin {
        return Some(host::path_of(text));
    }
    if host.contains('.') || text.contains("://") {
        // This is another site: a bare slug has no dot or slash.
        return Some("");
    }
    text.contains('/').then_some(text)
}

/// `pub/ada-byron/1/234/567` has become `in/ada-byron-5672341`.
fn write_old_profile<'a>(mut parts: impl Iterator<Item = &'a str>, out: &mut String) -> bool {
    if !parts.next().is_some_and(|name| name != "dir" && write_slug(name, out)) {
        return false;
    }
    let (Some(first), Some(second), Some(third)) = (parts.next(), parts.next(), parts.next())
    else {
        return true;
    };
    let is_id = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if is_id(first) && is_id(second) && is_id(third) {
        let start = out.len();
        out.push('-');
        for part in [third, second] {
            out.extend(std::iter::repeat_n('0', 3 - part.len()));
            out.push_str(part);
        }
        out.push_str(first);
        out[start..].make_ascii_lowercase();
    }
    true
}

/// Writes a slug decoded and in lower case. Returns false if it has characters that no slug has.
fn write_slug(slug: &str, out: &mut String) -> bool {
    /// LinkedIn allows 100 characters, of which each takes at least three bytes if it is
    /// percent-encoded.
    const LONGEST: usize = 1_200;
    let slug = unquoted(slug);
    if slug.is_empty() || slug.len() > LONGEST {
        return false;
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if slug.bytes().all(plain) {
        out.push_str(slug);
        out.make_ascii_lowercase();
    } else {
        let Ok(decoded) = percent_decode_str(slug).decode_utf8() else { return false };
        let lower = ComposingNormalizerBorrowed::new_nfc().normalize(&decoded).to_lowercase();
        out.push_str(unquoted(&ComposingNormalizerBorrowed::new_nfc().normalize(&lower)));
    }
    let no_slug = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '/' | '\\' | '?' | '#' | '%' | '@' | ':' | '.' | ',' | ';' | '<' | '>' | '"'
            )
    };
    if out.contains(no_slug) || !out.contains(|c: char| !matches!(c, '-' | '_')) {
        out.clear();
        return false;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_url_gives_the_slug() {
        for (text, expected) in [
            ("https://www.linkedin.com/in/ada-byron", "ada-byron"),
            ("https://www.linkedin.com/in/Ada-Byron/", "ada-byron"),
            ("http://linkedin.com/in/ada-byron", "ada-byron"),
            ("www.linkedin.com/in/ada-byron", "ada-byron"),
            ("linkedin.com/in/ada-byron", "ada-byron"),
            ("LINKEDIN.COM/IN/ADA-BYRON", "ada-byron"),
            ("https://uk.linkedin.com/in/ada-byron?trk=people", "ada-byron"),
            ("https://de.linkedin.com/in/ada-byron/de", "ada-byron"),
            ("https://www.linkedin.com/in/ada-byron/?originalSubdomain=uk", "ada-byron"),
            ("https://www.linkedin.com/in/ada-byron#about", "ada-byron"),
            ("https://www.linkedin.com/in/ada-byron/details/experience/", "ada-byron"),
            ("https://m.linkedin.com/in/ada-byron", "ada-byron"),
            ("https://www.linkedin.com/mwlite/in/ada-byron", "ada-byron"),
            ("https://touch.www.linkedin.com/in/ada-byron", "ada-byron"),
            ("//www.linkedin.com/in/ada-byron", "ada-byron"),
            ("https://www.linkedin.com//in//ada-byron", "ada-byron"),
            ("https://www.linkedin.com:443/in/ada-byron", "ada-byron"),
            ("<https://www.linkedin.com/in/ada-byron>", "ada-byron"),
            ("https://www.linkedin.com/in/j%C3%BCrgen-m%C3%BCller", "jürgen-müller"),
            ("https://www.linkedin.com/in/j%c3%bcrgen-m%c3%bcller", "jürgen-müller"),
            ("https://www.linkedin.com/in/jürgen-müller", "jürgen-müller"),
            ("https://www.linkedin.com/in/ju\u{308}rgen-müller", "jürgen-müller"),
            ("https://www.linkedin.com/in/%E7%8E%8B-%E5%B0%8F", "王-小"),
            ("https://www.linkedin.com/company/acme-inc", "acme-inc"),
            ("https://www.linkedin.com/company/acme-inc/about/", "acme-inc"),
            ("https://www.linkedin.com/company/1234567", "1234567"),
            ("https://www.linkedin.com/company-beta/1234567/", "1234567"),
            ("https://www.linkedin.com/school/mit/people", "mit"),
            ("https://www.linkedin.com/showcase/acme-labs", "acme-labs"),
            ("https://www.linkedin.com/organization/1234", "1234"),
            ("https://www.linkedin.com/pub/ada-byron/1/234/567", "ada-byron-5672341"),
            (
                "https://sy.linkedin.com/pub/krzysztof-marzec/a7/576/b50?trk=biz",
                "krzysztof-marzec-b50576a7",
            ),
            ("https://www.linkedin.com/pub/ada-byron/10/8/B23", "ada-byron-b2300810"),
            ("https://www.linkedin.com/pub/ada-byron", "ada-byron"),
            ("in/ada-byron", "ada-byron"),
            ("/in/ada-byron/", "ada-byron"),
            ("company/acme", "acme"),
            ("https://www.linkedin.com/company/l'or%C3%A9al/", "l'oréal"),
            ("ada-byron", "ada-byron"),
            (" Ada-Byron-1815 ", "ada-byron-1815"),
        ] {
            assert_eq!(linkedin_slug(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_urls_and_text_have_no_slug() {
        for text in [
            "",
            " ",
            "https://www.linkedin.com",
            "https://www.linkedin.com/",
            "https://www.linkedin.com/in/",
            "https://www.linkedin.com/feed/",
            "https://www.linkedin.com/sales/lead/ACwAAA,NAME",
            "https://www.linkedin.com/profile/view?id=123",
            "https://lnkd.in/abc",
            "https://acme.com/in/ada",
            "https://notlinkedin.com/in/ada",
            "https://linkedin.com.evil.com/in/ada",
            "acme.com",
            "Ada Byron",
            "ada@acme.com",
            "n/a",
            "-",
            "https://www.linkedin.com/jobs/view/1",
            "https://www.linkedin.com/pub/dir/Ada/Byron",
            "https://www.linkedin.com/in/%FF",
            "https://www.linkedin.com/posts/ada_activity-1",
        ] {
            assert_eq!(linkedin_slug(text), None, "{text}");
        }
    }
}
