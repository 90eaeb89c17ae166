//! E-mail addresses: a key by which addresses of one mailbox are equal, the domain, and whether
//! the provider is free or throw-away.
//!
//! What providers ignore is theirs to say; the rules here are those that they document:
//! Gmail (dots, plus tags, googlemail.com), Outlook and most others (plus tags), Fastmail (plus
//! tags, `tag@user.fastmail.com`), Proton (dots, hyphens, underscores, plus tags, its three
//! domains), iCloud (plus tags, its three domains), Yahoo (tags after a hyphen), Yandex (plus tags,
//! hyphens as dots, its domains). Elsewhere dots and hyphens count.

use std::{borrow::Cow, cell::RefCell};

use icu_normalizer::ComposingNormalizerBorrowed;

use super::{host, mail_domains};

/// Bumped whenever any address's key changes.
pub const EMAIL_KEY_VERSION: u32 = 1;
/// Bumped whenever the domain read from any text changes.
pub const EMAIL_DOMAIN_VERSION: u32 = 1;
/// Bumped whenever the rule changes; new entries in the list alone do not bump it.
pub const IS_FREE_EMAIL_VERSION: u32 = 1;
/// Bumped whenever the rule changes; new entries in the list alone do not bump it.
pub const IS_DISPOSABLE_EMAIL_VERSION: u32 = 1;
/// Bumped whenever any text becomes valid or invalid.
pub const IS_VALID_EMAIL_VERSION: u32 = 1;

thread_local! {
    static DOMAIN: RefCell<String> = RefCell::default();
}

/// The key of an e-mail address: `"Ada.Byron+news@GoogleMail.com"` is `"adabyron@gmail.com"`.
///
/// Takes `Ada <ada@acme.com>` and `mailto:` as well; of several addresses the first. None if there
/// is no address.
pub fn email_key(text: &str) -> Option<Cow<'_, str>> {
    let mut key = String::new();
    if !write_email_key(text, &mut key) {
        return None;
    }
    Some(if key == text { Cow::Borrowed(text) } else { Cow::Owned(key) })
}

/// Whether an e-mail address or a domain is of a provider that gives mailboxes to anyone.
pub fn is_free_email(text: &str) -> bool {
    with_domain(text, mail_domains::is_free)
}

/// Whether an e-mail address or a domain is of a provider of throw-away mailboxes.
pub fn is_disposable_email(text: &str) -> bool {
    with_domain(text, mail_domains::is_disposable)
}

fn with_domain(text: &str, is_listed: impl Fn(&str) -> bool) -> bool {
    DOMAIN.with_borrow_mut(|domain| {
        domain.clear();
        let found = match split(text) {
            Some((_, host)) => host::write_host(host, domain),
            None => !text.contains('@') && host::write_host(text.trim(), domain),
        };
        found && is_listed(domain)
    })
}

/// Whether text is an e-mail address as it stands: a local part of letters, digits and
/// ``!#$%&'*+/=?^_`{|}~-`` (and letters beyond ASCII) with single dots inside, an `@`, and a domain
/// of at least two labels. Quoted local parts and IP addresses, which no provider gives, are not.
pub fn is_valid_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    if local.is_empty() || local.len() > 64 || text.len() > 254 {
        return false;
    }
    let atom = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+/=?^_`{|}~-".contains(c)
            || (!c.is_ascii() && c.is_alphanumeric())
    };
    if !local.split('.').all(|part| !part.is_empty() && part.chars().all(atom)) {
        return false;
    }
    let edges = domain.split('.').all(|label| !label.starts_with('-') && !label.ends_with('-'));
    edges
        && !domain.contains('_')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && host::write_host(domain, &mut String::new())
}

/// The local part and the domain of the first address in a text.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = match text.split_once('<') {
        Some((_, address)) if address.contains('@') => address,
        _ => text,
    };
    let text = text.trim_start();
    let text = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => text[7..].trim_start(),
        _ => text,
    };
    if text.starts_with('"') {
        let end = text.rfind("\"@")?;
        return Some((&text[..=end], host_end(&text[end + 2..])));
    }
    let end =
        text.find(|c: char| c.is_whitespace() || ",;<>()\"".contains(c)).unwrap_or(text.len());
    let (local, domain) = text[..end].split_once('@')?;
    let domain = domain.split('?').next().unwrap_or(domain);
    (!local.is_empty() && !domain.contains('@')).then_some((local, domain))
}

fn host_end(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || ",;<>()\"?".contains(c));
    &text[..end.unwrap_or(text.len())]
}

pub(super) fn write_email_domain(text: &str, out: &mut String) -> bool {
    out.clear();
    split(text).is_some_and(|(_, domain)| host::write_host(domain, out))
}

/// How a provider tells its mailboxes apart.
struct Provider {
    /// The one of its domains that stands for all.
    domain: Option<&'static str>,
    /// Where a tag starts.
    tag: char,
    /// Signs of the local part that do not count.
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
    let Some((local, host)) = split(text) else { return false };
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

/// Leaves out of a local part what its provider ignores, unless nothing would be left.
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
