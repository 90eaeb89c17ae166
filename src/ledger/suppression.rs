//! The suppression list: ids, e-mail addresses, domains and LinkedIn pages that are never sent and
//! never returned.
//!
//! The ledger stores a keyed hash of each entry (HMAC-SHA256, with a random key of the ledger), so
//! that a list can be checked but not read. The ledger's list applies to all its jobs, and a job
//! may have a list of its own in addition.

use std::{collections::HashSet, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    error::{Error, Result},
    matching::normalize::{domain_key, email_domain, email_key, linkedin_slug},
    results::record_id::{canonical, earlier},
};

/// The kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Identifier {
    /// The id of a record. A UUID is the same in every case; other ids are compared exactly.
    Id,
    /// An e-mail address. Addresses of the same mailbox are equal.
    Email,
    /// A domain with its subdomains, in e-mail addresses and as the domain of a company.
    Domain,
    /// A LinkedIn page, by its slug.
    Linkedin,
}

impl Identifier {
    /// Every kind.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The kind of values in a column or field of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        // Salesforce and others write `ContactId`.
        let before = ["Id", "ID", "Ids", "IDs"].into_iter().find_map(|end| name.strip_suffix(end));
        let in_camel_case =
            before.is_some_and(|rest| rest.ends_with(|last: char| last.is_ascii_lowercase()));
        let name = name.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
        if has(&["linkedin"]) {
            return Some(Self::Linkedin);
        }
        if has(&["email", "e-mail", "e_mail"]) || name == "mail" {
            return Some(Self::Email);
        }
        if has(&["domain", "website"]) {
            return Some(Self::Domain);
        }
        // A list of ids is called by their number.
        let one = name.strip_suffix('s').unwrap_or(&name);
        let is_id = in_camel_case || one == "id" || one.ends_with("_id") || one.ends_with(" id");
        is_id.then_some(Self::Id)
    }

    /// The kind of values in a column of a list. Of the columns that are named as ids, only those of
    /// records are: the owner or the campaign of a record is nobody to suppress.
    pub fn of_column(name: &str) -> Option<Self> {
        match Self::of_name(name) {
            Some(Self::Id) if !is_id_of_record(name) => None,
            // `contactId`, which is no name of the API.
            None if is_id_of_record(name) => Some(Self::Id),
            other => other,
        }
    }

    /// The forms by which two spellings of an entry are compared: that of this version's
    /// normalizer, and the plain text, which stays the same in later versions. Empty if the text is
    /// not valid for the kind.
    fn normalized(self, text: &str) -> Vec<String> {
        let key = match self {
            Self::Id if text.trim().is_empty() => None,
            Self::Id => return vec![canonical(text).into_owned()],
            Self::Email => email_key(text),
            Self::Domain => domain_key(text),
            Self::Linkedin => linkedin_slug(text),
        };
        let Some(key) = key else { return Vec::new() };
        let plain = text.trim().to_lowercase();
        let plain = Some(plain).filter(|plain| *plain != key);
        [Some(key.into_owned()), plain].into_iter().flatten().collect()
    }

    /// The forms under which an entry may be in a list: those of this version, and those of earlier
    /// ones.
    fn forms(self, text: &str) -> Vec<String> {
        let mut forms = self.normalized(text);
        if self == Self::Id && !forms.is_empty() {
            forms.extend(earlier(text));
        }
        forms
    }
}

/// What ids of records are called, with `id` at their end.
const RECORDS: &[&str] = &[
    "",
    "record",
    "person",
    "people",
    "contact",
    "lead",
    "account",
    "company",
    "organization",
    "customer",
    "prospect",
    "candidate",
    "crm",
    "sf",
    "salesforce",
    "hubspot",
    "external",
];

/// Whether a name of a column is that of a record's id: `id`, `Contact ID`, `leadId`.
fn is_id_of_record(name: &str) -> bool {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    let name: String = letters.flat_map(char::to_lowercase).collect();
    let one = name.strip_suffix('s').unwrap_or(&name);
    one.strip_suffix("id").is_some_and(|of| RECORDS.contains(&of))
}

impl FromStr for Identifier {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == text).ok_or_else(|| {
            Error::ledger(format!("the ledger holds an identifier {text:?}, which is unknown"))
        })
    }
}

/// One entry of a list, as it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    pub kind: Identifier,
    pub text: String,
}

impl std::fmt::Debug for Entry {
    /// Leaves out the text, which must not appear in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Entry {
    /// The entries for a text of unknown kind: the id of a record, and any other kind that it looks
    /// like.
    pub fn of_text(text: &str) -> Vec<Self> {
        let entry = |kind| Self { kind, text: text.to_owned() };
        // Lists of CRM systems write domains as `@acme.com`.
        if let Some(domain) = text.trim().strip_prefix('@').filter(|rest| !rest.contains('@')) {
            return vec![
                entry(Identifier::Id),
                Self { kind: Identifier::Domain, text: domain.to_owned() },
            ];
        }
        let form = if text.contains('@') {
            Some(Identifier::Email)
        } else if is_on_linkedin(text) {
            Some(Identifier::Linkedin)
        } else if text.contains('.') && domain_key(text).is_some() {
            Some(Identifier::Domain)
        } else {
            None
        };
        let own = Some(entry(Identifier::Id)).filter(|_| !text.trim().is_empty());
        own.into_iter().chain(form.map(entry)).collect()
    }
}

fn is_on_linkedin(text: &str) -> bool {
    text.to_ascii_lowercase().contains("linkedin.")
}

/// The stored form of an entry.
pub type Mark = [u8; 16];

/// The key of the hashes.
#[derive(Clone)]
pub struct SuppressionKey(Hmac<Sha256>);

impl SuppressionKey {
    /// # Errors
    /// Never in practice, because a key of any length is valid.
    pub fn new(key: &str) -> Result<Self> {
        Hmac::new_from_slice(key.as_bytes())
            .map(Self)
            .map_err(|_| Error::ledger("the key of the ledger's suppression list is damaged"))
    }

    fn hash(&self, kind: Identifier, normalized: &str) -> Mark {
        let mut mac = self.0.clone();
        mac.update(kind.name().as_bytes());
        mac.update(&[0]);
        mac.update(normalized.as_bytes());
        let whole = mac.finalize().into_bytes();
        let mut mark = Mark::default();
        mark.iter_mut().zip(whole.iter()).for_each(|(to, from)| *to = *from);
        mark
    }

    /// The marks of an entry; none if it is invalid, such as an address without an `@`.
    pub fn marks(&self, entry: &Entry) -> Vec<Mark> {
        let forms = entry.kind.normalized(&entry.text);
        forms.iter().map(|form| self.hash(entry.kind, form)).collect()
    }

    /// The marks under which an entry may be in a list, also in one that an earlier version wrote.
    pub fn known_marks(&self, kind: Identifier, text: &str) -> Vec<Mark> {
        kind.forms(text).iter().map(|form| self.hash(kind, form)).collect()
    }
}

/// The entries that apply to a job.
#[derive(Clone)]
pub struct Suppressed {
    key: SuppressionKey,
    marks: HashSet<Mark>,
    kinds: HashSet<Identifier>,
}

impl Suppressed {
    pub fn new(key: SuppressionKey, entries: impl IntoIterator<Item = (Identifier, Mark)>) -> Self {
        let (mut marks, mut kinds) = (HashSet::new(), HashSet::new());
        for (kind, mark) in entries {
            kinds.insert(kind);
            marks.insert(mark);
        }
        Self { key, marks, kinds }
    }

    /// A list with nobody on it.
    ///
    /// # Errors
    /// Never in practice.
    pub fn nobody() -> Result<Self> {
        Ok(Self::new(SuppressionKey::new("")?, []))
    }

    /// Adds entries, for as long as this lives.
    pub fn add(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.kinds.insert(entry.kind);
            self.marks.extend(self.key.marks(entry));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    fn has(&self, kind: Identifier, text: &str) -> bool {
        self.kinds.contains(&kind)
            && self.key.known_marks(kind, text).iter().any(|mark| self.marks.contains(mark))
    }

    /// Whether an id is suppressed.
    pub fn has_id(&self, id: &str) -> bool {
        self.has(Identifier::Id, id)
    }

    /// Whether a domain, or one that it is below, is suppressed.
    fn has_domain(&self, host: &str) -> bool {
        let mut rest = Some(host).filter(|_| self.kinds.contains(&Identifier::Domain));
        while let Some(host) = rest {
            if self.marks.contains(&self.key.hash(Identifier::Domain, host)) {
                return true;
            }
            rest = host.split_once('.').map(|(_, parent)| parent).filter(|rest| rest.contains('.'));
        }
        false
    }

    /// Whether a value of a request or an answer is suppressed. `name` is the name of its field or
    /// column.
    pub fn has_value(&self, name: &str, text: &str) -> bool {
        if self.is_empty() {
            return false;
        }
        let kind = Identifier::of_name(name);
        if text.contains('@') {
            return self.has(Identifier::Email, text)
                || email_domain(text).is_some_and(|domain| self.has_domain(&domain));
        }
        if kind == Some(Identifier::Linkedin) || is_on_linkedin(text) {
            return self.has(Identifier::Linkedin, text);
        }
        match kind {
            Some(Identifier::Id) => self.has_id(text),
            Some(Identifier::Domain) => domain_key(text).is_some_and(|host| self.has_domain(&host)),
            _ => false,
        }
    }

    /// Whether a text of unknown kind is suppressed, as an id or as any other kind that it looks
    /// like.
    pub fn has_text(&self, text: &str) -> bool {
        self.has_id(text)
            || self.has_value("", text)
            || domain_key(text).is_some_and(|host| self.has_domain(&host))
    }

    /// Like [`Suppressed::has_value`], for everything in a JSON value.
    pub fn has_json(&self, name: &str, value: &serde_json::Value) -> bool {
        use serde_json::Value;
        match value {
            Value::String(text) => self.has_value(name, text),
            Value::Number(number) => self.has_value(name, &number.to_string()),
            Value::Array(items) => items.iter().any(|item| self.has_json(name, item)),
            Value::Object(fields) => fields.iter().any(|(name, value)| self.has_json(name, value)),
            Value::Null | Value::Bool(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Suppressed {
        let key = SuppressionKey::new("key").unwrap();
        let entries = texts.iter().flat_map(|text| Entry::of_text(text));
        let marks: Vec<_> = entries
            .flat_map(|entry| key.marks(&entry).into_iter().map(move |mark| (entry.kind, mark)))
            .collect();
        Suppressed::new(key, marks)
    }

    #[test]
    fn every_spelling_of_somebody_is_suppressed() {
        let list = list(&[
            "Ada.Byron+x@GoogleMail.com",
            "acme.com",
            "https://www.linkedin.com/in/Grace-Hopper/?trk=1",
            "P7",
        ]);
        for (name, text) in [
            ("email", "adabyron@gmail.com"),
            ("anything", "Ada <a.dabyron@gmail.com>"),
            ("work_email", "bob@acme.com"),
            ("work_email", "bob@mail.acme.com"),
            ("domain", "WWW.ACME.COM"),
            ("company_domain", "https://shop.acme.com/x"),
            ("linkedin_url", "linkedin.com/in/grace-hopper"),
            ("linkedin_id", "grace-hopper"),
            ("record_id", "P7"),
            ("ContactID", "P7"),
        ] {
            assert!(list.has_value(name, text), "{name}: {text}");
        }
        for (name, text) in [
            ("email", "ada@gmail.com"),
            ("email", "bob@notacme.com"),
            ("domain", "notacme.com"),
            ("domain", "com"),
            ("linkedin_url", "linkedin.com/in/grace"),
            ("record_id", "P77"),
            ("first_name", "P7"),
            ("Paid", "P7"),
        ] {
            assert!(!list.has_value(name, text), "{name}: {text}");
        }
        assert!(self::list(&["@acme.com"]).has_value("work_email", "bob@mail.acme.com"));
        let answer =
            serde_json::json!({"person": {"full_name": "Bob", "emails": ["bob@acme.com"]}});
        assert!(list.has_json("", &answer));
    }

    #[test]
    fn a_uuid_is_suppressed_in_every_case_and_every_other_id_as_it_is_spelled() {
        let lower = "8c6f2a10-0b1d-4e5f-9abc-def012345678";
        let upper = lower.to_uppercase();
        let texts = [lower, upper.as_str()];
        for (given, asked) in texts.iter().flat_map(|one| texts.map(|other| (*one, other))) {
            assert!(list(&[given]).has_id(asked) && list(&[given]).has_value("record_id", asked));
        }
        assert!(!list(&["P7"]).has_id("p7"));
        // An earlier version stored the mark of the id as it was spelled.
        let key = SuppressionKey::new("key").unwrap();
        let mark = key.hash(Identifier::Id, &upper);
        let earlier = Suppressed::new(key, [(Identifier::Id, mark)]);
        assert!(earlier.has_id(lower) && earlier.has_id(&upper));
    }

    #[test]
    fn the_hash_is_hmac_sha256_of_kind_and_normal_form() {
        // echo -n "email\0ada@acme.com" | openssl dgst -sha256 -hmac key
        let entry = Entry { kind: Identifier::Email, text: "Ada@ACME.com".into() };
        let marks = SuppressionKey::new("key").unwrap().marks(&entry);
        assert_eq!(hex::encode(marks[0]), "43b5b69051fe9c4ea60b20d0d1fc5d8b");
        assert_ne!(SuppressionKey::new("other").unwrap().marks(&entry), marks);
        assert!(!format!("{entry:?}").contains("ACME"));
    }
}
