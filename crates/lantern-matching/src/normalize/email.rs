//! E-mail addresses: their keys (equal for addresses of one mailbox), their domains, and whether
//! the provider is free or disposable.
//!
//! Each provider decides which differences it ignores. The rules here are those that providers
//! document: Gmail (dots, plus tags, googlemail.com), Outlook and most others (plus tags), Fastmail
//! (plus tags, `tag@user.fastmail.com`), Proton (dots, hyphens, underscores, plus tags, its three
//! domains), iCloud (plus tags, its three domains), Yahoo (tags after a hyphen), Yandex (plus tags,
//! hyphens as dots, its domains). At other providers, dots and hyphens count.

use std::{borrow::Cow, cell::RefCell};

use icu_normalizer::{ComposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed};
use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};

use super::{host, mail_domains};

/// Increases whenever the key of any address changes.
pub const EMAIL_KEY_VERSION: u32 = 3;
/// Increases whenever the domain of any text changes.
pub const EMAIL_DOMAIN_VERSION: u32 = 3;
/// Increases whenever the rule changes; new entries in the list alone do not increase it.
pub const IS_FREE_EMAIL_VERSION: u32 = 3;
/// Increases whenever the rule changes; new entries in the list alone do not increase it.
pub const IS_DISPOSABLE_EMAIL_VERSION: u32 = 3;
/// Increases whenever any text becomes valid or invalid.
pub const IS_VALID_EMAIL_VERSION: u32 = 3;

thread_local! {
    static DOMAIN: RefCell<String> = RefCell::default();
}

/// The key of an e-mail address: `"Ada.Byron+news@GoogleMail.com"` is `"adabyron@gmail.com"`.
///
/// Also accepts `Ada <ada@acme.com>`, `(ada@acme.com)`, quotation marks, `mailto:`, `smtp:` and the
/// like, invisible characters and full-width letters; of several addresses it takes the first.
/// `None` if there is no address.
pub fn email_key(text: &str) -> Option<Cow<'_, str>> {
    let mut key = String::new();
    if !write_email_key(text, &mut key) {
        return None;
    }
    Some(if key == text { Cow::Borrowed(text) } else { Cow::Owned(key) })
}

/// Whether an e-mail address or a domain belongs to a provider of free mailboxes for anyone.
pub fn is_free_email(text: &str) -> bool {
    with_domain(text, mail_domains::is_free)
}

/// Whether an e-mail address or a domain belongs to a provider of disposable mailboxes.
pub fn is_disposable_email(text: &str) -> bool {
    with_domain(text, mail_domains::is_disposable)
}

fn with_domain(text: &str, is_listed: impl Fn(&str) -> bool) -> bool {
    DOMAIN.with_borrow_mut(|domain| {
        domain.clear();
        let text = plain(text);
        let found = match split(&text) {
            Some((_, host)) => host::write_host(host, domain),
            None => !text.contains('@') && host::write_host(text.trim(), domain),
        };
        found && is_listed(domain)
    })
}

/// Whether text is an e-mail address as it stands: a local part of letters, digits and
/// ``!#$%&'*+/=?^_`{|}~-`` (and letters beyond ASCII, with their accents) with single dots inside,
/// an `@`, and a domain of at least two labels that is valid by IDNA. Signs that are not seen make it
/// invalid; accents may be written apart from their letter. Quoted local parts and IP addresses,
/// which no provider gives, are not valid.
pub fn is_valid_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    if local.is_empty() || local.len() > 64 || text.len() > 254 {
        return false;
    }
    if !text.is_ascii() && text.contains(is_invisible) {
        return false;
    }
    is_local_part(local) && is_valid_domain(domain)
}

fn is_local_part(local: &str) -> bool {
    if local.is_ascii() {
        return local.split('.').all(|part| !part.is_empty() && part.chars().all(is_atom));
    }
    let accents = CanonicalCombiningClassMapBorrowed::new();
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(local);
    composed.split('.').all(|part| {
        // An accent follows its letter.
        part.starts_with(is_atom)
            && part.chars().all(|c| is_atom(c) || !c.is_ascii() && accents.get_u8(c) > 0)
    })
}

fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || is_one_of(c, b"!#$%&'*+/=?^_`{|}~-")
        || (!c.is_ascii() && c.is_alphanumeric())
}

/// Whether a character is one of some ASCII signs.
fn is_one_of(c: char, signs: &[u8]) -> bool {
    u8::try_from(c).is_ok_and(|sign| signs.contains(&sign))
}

fn is_valid_domain(domain: &str) -> bool {
    // What IDNA asks of a domain of plain letters, which nearly all are, is quickly checked.
    if domain.is_ascii() && !domain.split('.').any(is_encoded) {
        return domain.split('.').all(is_valid_label)
            && host::write_host(domain, &mut String::new());
    }
    let ascii = Uts46::new().to_ascii(
        domain.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::Check,
        DnsLength::Verify,
    );
    ascii.is_ok_and(|ascii| host::write_host(&ascii, &mut String::new()))
}

/// Whether a label of a domain is the ASCII form of other letters: `xn--mller-kva`.
fn is_encoded(label: &str) -> bool {
    label
        .as_bytes()
        .first_chunk()
        .is_some_and(|start: &[u8; 4]| start.eq_ignore_ascii_case(b"xn--"))
}

/// Whether a label in ASCII letters is valid by IDNA, which keeps two hyphens in the third and fourth
/// place for encoded labels.
fn is_valid_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
        && bytes.get(2..4) != Some(b"--".as_slice())
}

/// Signs that are not seen, and that come along when an address is copied from a page.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text without invisible characters, with full-width letters and signs as plain ones, and with
/// an `@` in place of one that was spelt out or encoded: `ada (at) acme (dot) com`,
/// `ada%40acme.com`.
fn plain(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    if text.contains('@') || text.len() > LONGEST_SPELLED_OUT {
        return text;
    }
    match spelled_out(&text) {
        Some(written) => Cow::Owned(written),
        None => text,
    }
}

/// Maximum length of a text that is searched for a spelt-out `@`.
const LONGEST_SPELLED_OUT: usize = 512;

/// A text with `@` and dots in place of the words for them. `None` if there is no word for `@`.
fn spelled_out(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if let Some((before, after)) = lower.split_once("%40") {
        return Some(format!("{before}@{after}"));
    }
    let (before, after) = around_bracketed(&lower, "at")?;
    let mut out = format!("{before}@");
    let mut rest = after;
    while let Some((before, after)) = around_bracketed(rest, "dot") {
        out.push_str(before);
        out.push('.');
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The text before and after `(word)`, `[word]` or `{word}`, without the spaces around it.
fn around_bracketed<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    text.match_indices(['(', '[', '{']).find_map(|(at, _)| {
        let inner = text[at + 1..].trim_start().strip_prefix(word)?.trim_start();
        let rest = inner.strip_prefix([')', ']', '}'])?;
        Some((text[..at].trim_end(), rest.trim_start()))
    })
}

fn visible(text: &str) -> Cow<'_, str> {
    let is_odd = |c: char| is_invisible(c) || matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{fe6b}');
    if text.is_ascii() || !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let plain = text.chars().filter(|c| !is_invisible(*c)).map(|c| match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        0xfe6b => '@',
        _ => c,
    });
    Cow::Owned(plain.collect())
}

/// Characters between an address and the text around it.
fn is_around(c: char) -> bool {
    !c.is_ascii_alphanumeric()
        && (is_one_of(c, b",;<>()[]\"`|")
            || matches!(c, '“' | '”' | '„' | '«' | '»' | '‘')
            || c.is_whitespace())
}

/// The local part and the domain of the first address in a text that [`plain`] returned.
///
/// Brackets, quotation marks and a prefix that ends in a colon (`mailto:`, `smtp:`, `E-mail:`) are
/// not part of the address.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = match text.split_once('<') {
        Some((_, address)) if address.contains('@') => address,
        _ => text,
    };
    let text = text.trim_start();
    // A quoted local part, which may contain any character: "Ada B"@acme.com.
    if let Some(quoted) = text.strip_prefix('"')
        && let Some(end) = quoted.rfind("\"@")
    {
        return Some((&text[..end + 2], host_end(&quoted[end + 2..])));
    }
    let at = text.find('@')?;
    // "ada @ acme.com", if there is nothing else.
    let before = text[..at].trim_end();
    if before.len() < at && !before.is_empty() && !before.contains(char::is_whitespace) {
        return Some((before, host_end(text[at + 1..].trim_start())));
    }
    let start = text[..at]
        .char_indices()
        .rfind(|(_, c)| is_around(*c) || *c == ':')
        .map_or(0, |(at, c)| at + c.len_utf8());
    let mut local = &text[start..at];
    let mut domain = host_end(&text[at + 1..]);
    // An apostrophe is part of a name, unless there is one at both ends.
    for quote in ['\'', '’'] {
        if let Some(inner) = local.strip_prefix(quote) {
            local = inner;
        }
        domain = domain.split(quote).next().unwrap_or(domain);
    }
    // Characters that may be part of a name are quotation marks if they are at both ends:
    // "{ada@acme.com}".
    let after = &text[at + 1 + domain.len()..];
    for (open, close) in [("{", "}"), ("*", "*"), ("**", "**"), ("_", "_"), ("&lt;", "&gt;")] {
        if after.starts_with(close)
            && let Some(inner) = local.strip_prefix(open)
        {
            local = inner;
        }
    }
    (!local.is_empty() && !domain.contains('@')).then_some((local, domain))
}

fn host_end(text: &str) -> &str {
    let ends = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !is_one_of(c, b".-_@\"'");
    let end = text.find(|c: char| is_around(c) || ends(c));
    &text[..end.unwrap_or(text.len())]
}

pub(super) fn write_email_domain(text: &str, out: &mut String) -> bool {
    out.clear();
    split(&plain(text)).is_some_and(|(_, domain)| host::write_host(domain, out))
}

/// How a provider distinguishes its mailboxes.
struct Provider {
    /// The one of its domains that represents all.
    domain: Option<&'static str>,
    /// The character at which a tag starts.
    tag: char,
    /// Characters of the local part that are ignored.
    ignored: &'static [char],
}

const PLAIN: Provider = Provider { domain: None, tag: '+', ignored: &[] };
const GMAIL: Provider = Provider { domain: Some("gmail.com"), tag: '+', ignored: &['.'] };
const PROTON: Provider =
    Provider { domain: Some("proton.me"), tag: '+', ignored: &['.', '-', '_'] };
const ICLOUD: Provider = Provider { domain: Some("icloud.com"), tag: '+', ignored: &[] };
const YANDEX: Provider = Provider { domain: Some("yandex.ru"), tag: '+', ignored: &[] };
const YAHOO: Provider = Provider { domain: None, tag: '-', ignored: &[] };

fn provider(domain: &str) -> Provider {
    match domain {
        "gmail.com" | "googlemail.com" => GMAIL,
        "icloud.com" | "me.com" | "mac.com" => ICLOUD,
        "proton.me" | "protonmail.com" | "pm.me" | "protonmail.ch" => PROTON,
        "ymail.com" | "rocketmail.com" => YAHOO,
        "yandex.ru" | "yandex.com" | "yandex.by" | "yandex.kz" | "yandex.ua" | "yandex.com.tr"
        | "yandex.uz" | "ya.ru" | "narod.ru" => YANDEX,
        _ if domain.starts_with("yahoo.") && mail_domains::is_free(domain) => YAHOO,
        _ => PLAIN,
    }
}

pub(super) fn write_email_key(text: &str, key: &mut String) -> bool {
    key.clear();
    let text = plain(text);
    let Some((local, host)) = split(&text) else { return false };
    DOMAIN.with_borrow_mut(|domain| {
        domain.clear();
        if !host::write_host(host, domain) || !local.contains(|c: char| c.is_alphanumeric()) {
            return false;
        }
        if local.is_ascii() {
            key.push_str(local);
            key.make_ascii_lowercase();
        } else {
            let lower = local.to_lowercase();
            key.push_str(&ComposingNormalizerBorrowed::new_nfc().normalize(&lower));
        }
        if let Some(user) = fastmail_user(domain) {
            key.clear();
            key.push_str(user);
            key.push_str("@fastmail.com");
            return true;
        }
        let provider = provider(domain);
        if !key.starts_with('"') {
            reduce(key, &provider);
        }
        key.push('@');
        key.push_str(provider.domain.unwrap_or(domain));
        true
    })
}

/// Removes from a local part what its provider ignores, unless nothing would remain.
fn reduce(local: &mut String, provider: &Provider) {
    let tag = match provider.tag {
        '-' => local.find(['-', '+']),
        tag => local.find(tag),
    };
    if let Some(at) = tag.filter(|at| local[..*at].contains(char::is_alphanumeric)) {
        local.truncate(at);
    }
    if !provider.ignored.is_empty() && local.contains(provider.ignored) {
        if local.contains(|c| !provider.ignored.contains(&c)) {
            local.retain(|c| !provider.ignored.contains(&c));
        }
    } else if provider.domain == YANDEX.domain && local.contains('-') {
        *local = local.replace('-', ".");
    }
}

/// The user of a Fastmail address with the tag before the `@`: `tag@user.fastmail.com`.
fn fastmail_user(domain: &str) -> Option<&str> {
    domain.strip_suffix(".fastmail.com").filter(|user| !user.contains('.') && *user != "www")
}

#[cfg(test)]
mod tests;
