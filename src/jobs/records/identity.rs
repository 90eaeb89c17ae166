//! The identity of a person in a canonical spelling, by which the same person is recognized in
//! another table, and in a result that does not echo ids.
//!
//! Purchases are remembered by this identity, so its rules should hardly ever change: a person
//! whose identity changes is bought again.

use std::borrow::Cow;

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::{
    api::agents::BatchKind,
    matching::normalize::{company_domain_key, company_key, email_key, linkedin_slug},
};

/// Names of the same field, in the order in which they are tried.
pub const FIRST_NAME: &[&str] = &["first_name"];
pub const LAST_NAME: &[&str] = &["last_name"];
const FULL_NAME: &[&str] = &["full_name", "name"];
pub const COMPANY: &[&str] = &["company_name", "company"];
pub const DOMAIN: &[&str] = &["company_domain", "domain", "company_url"];
pub const LINKEDIN: &[&str] = &["linkedin", "linkedin_url", "linkedin_id"];
pub const EMAIL: &[&str] = &["email"];

/// What a record lacks, as bits.
pub type Lacks = u8;

pub const NO_FIRST_NAME: Lacks = 1;
pub const NO_LAST_NAME: Lacks = 2;
pub const NO_COMPANY: Lacks = 4;
/// The field for a LinkedIn profile contains something else.
pub const BAD_LINKEDIN: Lacks = 8;

/// What people enter if there is no LinkedIn profile.
const NO_PROFILE: [&str; 10] =
    ["none", "null", "nil", "nan", "unknown", "missing", "linkedin", "profile", "n-a", "tbd"];

/// Minimum length of a LinkedIn slug.
const SHORTEST_SLUG: usize = 3;

/// Pages of LinkedIn that do not belong to one person.
const NO_PERSON: [&str; 5] = ["/company/", "/school/", "/showcase/", "/organization", "/edu/"];

/// A text without case, accents and punctuation; `None` if nothing is left.
pub fn folded(text: &str) -> Option<String> {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let (mut out, mut gap) = (String::with_capacity(text.len()), false);
    for letter in decomposed.chars().flat_map(char::to_lowercase) {
        // Accents of Latin, Greek and Cyrillic. The vowel signs of other scripts distinguish names
        // and are kept.
        if ('\u{300}'..='\u{36f}').contains(&letter) || matches!(letter, '\'' | '’' | '`' | '.') {
            continue;
        }
        if !is_part_of_word(letter) {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) && !out.is_empty() {
            out.push(' ');
        }
        match letter {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'þ' => out.push_str("th"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ı' => out.push('i'),
            letter => out.push(letter),
        }
    }
    Some(out).filter(|out| !out.is_empty())
}

fn is_part_of_word(letter: char) -> bool {
    letter.is_alphanumeric()
        // Marks such as the virama, which are not letters but belong to words.
        || letter >= '\u{300}'
            && !letter.is_whitespace()
            && !letter.is_control()
            && !matches!(letter, '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{303f}' | '\u{30fb}' | '\u{fe00}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff0f}')
}

/// What a record says about a person, in canonical spelling.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    pub first: Option<String>,
    pub last: Option<String>,
    /// Both names in one field, where the other two are empty.
    full: Option<String>,
    company: Option<String>,
    domain: Option<String>,
    linkedin: Option<String>,
    email: Option<String>,
    bad_linkedin: bool,
}

/// Number of ways in which a person is identified.
pub const FORMS: usize = 4;

impl Person {
    /// Reads the fields that `field` returns.
    pub fn read<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Self {
        let first_of = |names: &[&str]| names.iter().find_map(|name| filled(field(name)));
        let own = |names: &[&str]| first_of(names).and_then(folded);
        let linkedin = first_of(LINKEDIN);
        let profile = linkedin.and_then(profile);
        let employer = first_of(COMPANY);
        // The API accepts a website instead of a company's name.
        let website = employer.filter(|text| is_website(text));
        let named = employer.filter(|_| website.is_none());
        Self {
            first: own(FIRST_NAME),
            last: own(LAST_NAME),
            full: own(FULL_NAME),
            company: named
                .and_then(|name| company_key(name).map(Cow::into_owned).or_else(|| folded(name))),
            domain: first_of(DOMAIN)
                .and_then(company_domain_key)
                .or_else(|| website.and_then(company_domain_key))
                .map(Cow::into_owned),
            bad_linkedin: linkedin.is_some() && profile.is_none(),
            linkedin: profile,
            email: first_of(EMAIL)
                .filter(|text| text.contains('@'))
                .and_then(email_key)
                .map(Cow::into_owned),
        }
    }

    /// The forms that identify the person, in order of certainty: LinkedIn, name and company, name
    /// and domain, e-mail address.
    pub fn forms(&self) -> [Option<String>; FORMS] {
        let named = |what: &str, of: &Option<String>| {
            let (first, last) = (self.first.as_deref()?, self.last.as_deref()?);
            Some([what, first, last, of.as_deref()?].join("\u{1f}"))
        };
        let alone = |what: &str, of: &Option<String>| Some([what, of.as_deref()?].join("\u{1f}"));
        [
            alone("linkedin", &self.linkedin),
            named("company", &self.company),
            named("domain", &self.domain),
            alone("email", &self.email),
        ]
    }

    /// First and last name together.
    pub fn name(&self) -> Option<String> {
        Some([self.first.as_deref()?, self.last.as_deref()?].join("\u{1f}"))
    }

    /// Whether the record says what the person is called.
    pub fn is_named(&self) -> bool {
        self.first.is_some() || self.last.is_some() || self.full.is_some()
    }

    /// First and last name as one text, also where they are in one field.
    pub fn full_name(&self) -> Option<String> {
        match (&self.first, &self.last) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            _ => self.full.clone(),
        }
    }

    /// The letters of the person's e-mail address before the `@`.
    pub fn mailbox(&self) -> Option<String> {
        let (mailbox, _) = self.email.as_deref()?.split_once('@')?;
        Some(letters(&folded(mailbox)?)).filter(|letters| !letters.is_empty())
    }

    /// What [`Person::mailbox`] is for people of this name: both names in full, and one of them with
    /// the initial of the other.
    pub fn mailboxes(&self) -> Option<([String; 2], [String; 4])> {
        let (first, last) = (letters(self.first.as_deref()?), letters(self.last.as_deref()?));
        let initial = |name: &str| name.chars().take(1).collect::<String>();
        let (of_first, of_last) = (initial(&first), initial(&last));
        let join = |one: &str, other: &str| format!("{one}{other}");
        let short = [
            join(&of_first, &last),
            join(&last, &of_first),
            join(&first, &of_last),
            join(&of_last, &first),
        ];
        Some(([join(&first, &last), join(&last, &first)], short))
    }

    /// Whether the domain of the company is that of another record's e-mail address; `None` if one of
    /// them is unknown.
    pub fn works_at(&self, address: &Self) -> Option<bool> {
        let (_, host) = address.email.as_deref()?.split_once('@')?;
        Some(*self.domain.as_deref()? == *company_domain_key(host)?)
    }

    /// Whether two records cannot be about the same person.
    pub fn contradicts(&self, other: &Self) -> bool {
        let differ = |one: &Option<String>, other: &Option<String>| {
            one.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one != other)
        };
        let named = match (&self.last, &other.last) {
            (Some(one), Some(other)) => one != other,
            _ => differ(&self.full_name(), &other.full_name()),
        };
        named || differ(&self.linkedin, &other.linkedin)
    }

    /// The person's identity, if the record is sufficient for a kind of batch.
    ///
    /// # Errors
    /// What the record lacks.
    pub fn identity(&self, kind: BatchKind) -> Result<String, Lacks> {
        let forms = self.forms();
        // An e-mail address is sufficient to find a phone number, but not to find itself.
        let enough = if kind == BatchKind::Email { FORMS - 1 } else { FORMS };
        if let Some(own) = forms.into_iter().take(enough).flatten().next() {
            return Ok(own);
        }
        let mut lacks = 0;
        for (there, bit) in [
            (self.first.is_some(), NO_FIRST_NAME),
            (self.last.is_some(), NO_LAST_NAME),
            (self.company.is_some() || self.domain.is_some(), NO_COMPANY),
            (!self.bad_linkedin, BAD_LINKEDIN),
        ] {
            if !there {
                lacks |= bit;
            }
        }
        Err(lacks)
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphabetic()).collect()
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Whether the name of a company is its website.
fn is_website(text: &str) -> bool {
    text.contains('.') && !text.contains(char::is_whitespace) && company_domain_key(text).is_some()
}

/// The slug of a person's profile.
fn profile(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if NO_PERSON.iter().any(|part| lower.contains(part)) {
        return None;
    }
    let slug = linkedin_slug(text)?;
    let slug = slug.as_ref();
    let is_one = slug.chars().count() >= SHORTEST_SLUG && !NO_PROFILE.contains(&slug);
    is_one.then(|| slug.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(fields: &[(&str, &'static str)]) -> Person {
        Person::read(|name| fields.iter().find(|(own, _)| *own == name).map(|(_, value)| *value))
    }

    fn of(first: &'static str, last: &'static str, company: &'static str) -> Person {
        person(&[("first_name", first), ("last_name", last), ("company_name", company)])
    }

    #[test]
    fn spellings_of_one_person_are_one_identity() {
        let one = of("Ada", "Byron", "Acme Inc.").identity(BatchKind::Email).unwrap();
        for (first, last, company) in [
            (" ADA ", "byron", "ACME"),
            ("Àda", "BYRON", "Acme, Inc"),
            ("Ada", "Byron.", "acme inc"),
        ] {
            let other = of(first, last, company).identity(BatchKind::Email).unwrap();
            assert_eq!(other, one, "{first} {last} {company}");
        }
        let profiles = ["https://uk.linkedin.com/in/Ada-Byron/?x=1", "in/ada-byron", "ada-byron"];
        let slugs = profiles.map(|text| person(&[("linkedin", text)]).identity(BatchKind::Phone));
        assert!(slugs.iter().all(|slug| *slug == Ok("linkedin\u{1f}ada-byron".to_owned())));
    }

    #[test]
    fn people_who_are_not_the_same_stay_apart() {
        let identity = |person: Person| person.identity(BatchKind::Email).unwrap();
        assert_ne!(identity(of("Ada", "Byron", "Acme")), identity(of("Ada", "Byron", "Zeta")));
        assert_ne!(identity(of("伟", "张", "Acme")), identity(of("伟", "章", "Acme")));
        assert_ne!(identity(of("राम", "क", "Acme")), identity(of("रमा", "क", "Acme")));
        let shared = person(&[("linkedin", "https://www.linkedin.com/company/acme/")]);
        assert_eq!(shared.identity(BatchKind::Phone), Err(7 | BAD_LINKEDIN));
        for text in ["None", "n/a", "-", "unknown"] {
            assert!(person(&[("linkedin", text)]).identity(BatchKind::Phone).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_spells_a_name_and_is_at_a_company() {
        let ada = person(&[
            ("first_name", "Ada"),
            ("last_name", "von Byron"),
            ("company_url", "acme.com"),
        ]);
        let address = |email: &'static str| person(&[("email", email)]);
        let (full, short) = ada.mailboxes().unwrap();
        for email in ["Ada.von-Byron@acme.com", "vonbyron_ada7@x.org"] {
            assert!(full.contains(&address(email).mailbox().unwrap()), "{email}");
        }
        for email in ["a.vonbyron@acme.com", "adav@x.org", "vonByronA@acme.com"] {
            assert!(short.contains(&address(email).mailbox().unwrap()), "{email}");
        }
        assert_eq!(address("7@acme.com").mailbox(), None);
        assert_eq!(ada.works_at(&address("a@acme.com")), Some(true));
        assert_eq!(ada.works_at(&address("a@zeta.com")), Some(false));
        assert_eq!(ada.works_at(&address("a@gmail.com")), None);
        assert!(!ada.contradicts(&address("a@zeta.com")));
        assert!(ada.contradicts(&person(&[("last_name", "Noone")])));
        assert!(ada.contradicts(&person(&[("name", "Bob Noone")])));
        assert!(!ada.contradicts(&person(&[("full_name", "ADA von Byron")])));
    }

    #[test]
    fn what_is_lacking_is_told() {
        let lacks = |fields: &[(&str, &'static str)]| person(fields).identity(BatchKind::Email);
        assert_eq!(lacks(&[("first_name", "Ada"), ("last_name", "Byron")]), Err(NO_COMPANY));
        assert_eq!(lacks(&[("first_name", " - "), ("company", "Acme")]), Err(3));
        assert_eq!(lacks(&[("email", "ada@acme.com")]), Err(7));
        assert!(person(&[("email", "ada@acme.com")]).identity(BatchKind::PhoneEmail).is_ok());
    }

    #[test]
    fn a_website_stands_for_its_company() {
        let by_name = [("first_name", "Ada"), ("last_name", "Byron"), ("company", "acme.com")];
        let by_url = [
            ("first_name", "Ada"),
            ("last_name", "Byron"),
            ("company_url", "https://www.acme.com/about"),
        ];
        let identity =
            |fields: &[(&str, &'static str)]| person(fields).identity(BatchKind::Email).unwrap();
        assert_eq!(identity(&by_name), identity(&by_url));
        let mail = [("first_name", "Ada"), ("last_name", "Byron"), ("domain", "gmail.com")];
        assert_eq!(person(&mail).identity(BatchKind::Email), Err(NO_COMPANY));
    }
}
