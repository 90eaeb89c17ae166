//! All normalizers by name, with their versions and parameters.

use std::{fmt, str::FromStr};

use super::{
    NormalizeError, PhoneRegion, Phonetic, PostalCountry, company, country, domain, email,
    legal_form, linkedin,
    person::{self, Part},
    phone, phonetic, postal, street,
};

/// A function from text to a key, or to whether the text has a property.
///
/// It is made from its name, followed by a colon and a parameter if it has one: `"company_key"`,
/// `"phone_e164:DE"`, `"postal_code:US"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Normalizer {
    CompanyKey,
    LegalForm,
    LegalFormCountry,
    Acronym,
    PersonKey,
    FirstNameKey,
    LastNameKey,
    GivenNameKey,
    FamilyNameKey,
    EmailKey,
    EmailDomain,
    IsFreeEmail,
    IsDisposableEmail,
    IsValidEmail,
    DomainKey,
    CompanyDomainKey,
    PhoneE164 { default_region: Option<PhoneRegion> },
    PhoneRegion { default_region: Option<PhoneRegion> },
    IsValidPhone { default_region: Option<PhoneRegion> },
    LinkedinSlug,
    CountryCode,
    UsState,
    StreetKey,
    PostalCode { country: Option<PostalCountry> },
    Phonetic(Phonetic),
}

/// The type of a normalizer's results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A text, or null if nothing remains.
    Text,
    /// True or false.
    Boolean,
}

impl Normalizer {
    /// All normalizers, without parameters.
    pub const ALL: [Self; 30] = [
        Self::CompanyKey,
        Self::LegalForm,
        Self::LegalFormCountry,
        Self::Acronym,
        Self::PersonKey,
        Self::FirstNameKey,
        Self::LastNameKey,
        Self::GivenNameKey,
        Self::FamilyNameKey,
        Self::EmailKey,
        Self::EmailDomain,
        Self::IsFreeEmail,
        Self::IsDisposableEmail,
        Self::IsValidEmail,
        Self::DomainKey,
        Self::CompanyDomainKey,
        Self::PhoneE164 { default_region: None },
        Self::PhoneRegion { default_region: None },
        Self::IsValidPhone { default_region: None },
        Self::LinkedinSlug,
        Self::CountryCode,
        Self::UsState,
        Self::StreetKey,
        Self::PostalCode { country: None },
        Self::Phonetic(Phonetic::Soundex),
        Self::Phonetic(Phonetic::Metaphone),
        Self::Phonetic(Phonetic::DoubleMetaphone),
        Self::Phonetic(Phonetic::DoubleMetaphoneAlternate),
        Self::Phonetic(Phonetic::Nysiis),
        Self::Phonetic(Phonetic::Cologne),
    ];

    /// The normalizer with a name, and with a parameter if it takes one.
    ///
    /// # Errors
    /// If there is no such normalizer, region or country, or it takes no parameter.
    pub fn new(name: &str, parameter: Option<&str>) -> Result<Self, NormalizeError> {
        let found = Self::ALL.into_iter().find(|normalizer| normalizer.name() == name);
        let normalizer = found.ok_or_else(|| unknown(name))?;
        let Some(parameter) = parameter else { return Ok(normalizer) };
        match normalizer {
            Self::PhoneE164 { .. } => {
                Ok(Self::PhoneE164 { default_region: Some(parameter.parse()?) })
            }
            Self::PhoneRegion { .. } => {
                Ok(Self::PhoneRegion { default_region: Some(parameter.parse()?) })
            }
            Self::IsValidPhone { .. } => {
                Ok(Self::IsValidPhone { default_region: Some(parameter.parse()?) })
            }
            Self::PostalCode { .. } => Ok(Self::PostalCode { country: Some(parameter.parse()?) }),
            _ => Err(NormalizeError::NoParameter {
                name: normalizer.name(),
                parameter: parameter.to_owned(),
            }),
        }
    }

    /// Its name, without a parameter.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CompanyKey => "company_key",
            Self::LegalForm => "legal_form",
            Self::LegalFormCountry => "legal_form_country",
            Self::Acronym => "acronym",
            Self::PersonKey => "person_key",
            Self::FirstNameKey => "first_name_key",
            Self::LastNameKey => "last_name_key",
            Self::GivenNameKey => "given_name_key",
            Self::FamilyNameKey => "family_name_key",
            Self::EmailKey => "email_key",
            Self::EmailDomain => "email_domain",
            Self::IsFreeEmail => "is_free_email",
            Self::IsDisposableEmail => "is_disposable_email",
            Self::IsValidEmail => "is_valid_email",
            Self::DomainKey => "domain_key",
            Self::CompanyDomainKey => "company_domain_key",
            Self::PhoneE164 { .. } => "phone_e164",
            Self::PhoneRegion { .. } => "phone_region",
            Self::IsValidPhone { .. } => "is_valid_phone",
            Self::LinkedinSlug => "linkedin_slug",
            Self::CountryCode => "country_code",
            Self::UsState => "us_state",
            Self::StreetKey => "street_key",
            Self::PostalCode { .. } => "postal_code",
            Self::Phonetic(Phonetic::Soundex) => "soundex",
            Self::Phonetic(Phonetic::Metaphone) => "metaphone",
            Self::Phonetic(Phonetic::DoubleMetaphone) => "double_metaphone",
            Self::Phonetic(Phonetic::DoubleMetaphoneAlternate) => "double_metaphone_alternate",
            Self::Phonetic(Phonetic::Nysiis) => "nysiis",
            Self::Phonetic(Phonetic::Cologne) => "cologne",
        }
    }

    /// The version of its rules: keys of one version may be stored and compared.
    pub fn version(&self) -> u32 {
        match self {
            Self::CompanyKey => company::COMPANY_KEY_VERSION,
            Self::LegalForm | Self::LegalFormCountry => legal_form::LEGAL_FORM_VERSION,
            Self::Acronym => company::ACRONYM_VERSION,
            Self::PersonKey => person::PERSON_KEY_VERSION,
            Self::FirstNameKey => person::FIRST_NAME_KEY_VERSION,
            Self::LastNameKey => person::LAST_NAME_KEY_VERSION,
            Self::GivenNameKey => person::GIVEN_NAME_KEY_VERSION,
            Self::FamilyNameKey => person::FAMILY_NAME_KEY_VERSION,
            Self::EmailKey => email::EMAIL_KEY_VERSION,
            Self::EmailDomain => email::EMAIL_DOMAIN_VERSION,
            Self::IsFreeEmail => email::IS_FREE_EMAIL_VERSION,
            Self::IsDisposableEmail => email::IS_DISPOSABLE_EMAIL_VERSION,
            Self::IsValidEmail => email::IS_VALID_EMAIL_VERSION,
            Self::DomainKey => domain::DOMAIN_KEY_VERSION,
            Self::CompanyDomainKey => domain::COMPANY_DOMAIN_KEY_VERSION,
            Self::PhoneE164 { .. } => phone::PHONE_E164_VERSION,
            Self::PhoneRegion { .. } => phone::PHONE_REGION_VERSION,
            Self::IsValidPhone { .. } => phone::IS_VALID_PHONE_VERSION,
            Self::LinkedinSlug => linkedin::LINKEDIN_SLUG_VERSION,
            Self::CountryCode => country::COUNTRY_CODE_VERSION,
            Self::UsState => country::US_STATE_VERSION,
            Self::StreetKey => street::STREET_KEY_VERSION,
            Self::PostalCode { .. } => postal::POSTAL_CODE_VERSION,
            Self::Phonetic(_) => phonetic::PHONETIC_VERSION,
        }
    }

    /// The type of its results.
    pub fn output(&self) -> Output {
        match self {
            Self::IsFreeEmail
            | Self::IsDisposableEmail
            | Self::IsValidEmail
            | Self::IsValidPhone { .. } => Output::Boolean,
            _ => Output::Text,
        }
    }

    /// Writes the key of a text. Returns false if there is none; `out` is then unspecified. A
    /// normalizer with boolean results writes `true` or `false`.
    pub fn write(&self, text: &str, out: &mut String) -> bool {
        match self {
            Self::CompanyKey => company::write_company_key(text, out),
            Self::LegalForm => replace(out, company::legal_form(text).map(|form| form.name)),
            Self::LegalFormCountry => {
                replace(out, company::legal_form(text).and_then(|form| form.country()))
            }
            Self::Acronym => company::write_acronym(text, out),
            Self::PersonKey => person::write_person_key(text, Part::Whole, out),
            Self::FirstNameKey => person::write_person_key(text, Part::FirstField, out),
            Self::LastNameKey => person::write_person_key(text, Part::LastField, out),
            Self::GivenNameKey => person::write_person_key(text, Part::Given, out),
            Self::FamilyNameKey => person::write_person_key(text, Part::Family, out),
            Self::EmailKey => email::write_email_key(text, out),
            Self::EmailDomain => email::write_email_domain(text, out),
            Self::DomainKey => domain::write_domain_key(text, out),
            Self::CompanyDomainKey => domain::write_company_domain_key(text, out),
            Self::PhoneE164 { default_region } => {
                phone::write_phone_e164(text, *default_region, out)
            }
            Self::PhoneRegion { default_region } => {
                phone::write_phone_region(text, *default_region, out)
            }
            Self::LinkedinSlug => linkedin::write_linkedin_slug(text, out),
            Self::CountryCode => replace(out, country::country_code(text)),
            Self::UsState => replace(out, country::us_state(text)),
            Self::StreetKey => street::write_street_key(text, out),
            Self::PostalCode { country } => postal::write_postal_code(text, *country, out),
            Self::Phonetic(algorithm) => phonetic::write_phonetic_key(text, *algorithm, out),
            Self::IsFreeEmail
            | Self::IsDisposableEmail
            | Self::IsValidEmail
            | Self::IsValidPhone { .. } => {
                replace(out, Some(if self.holds(text) { "true" } else { "false" }))
            }
        }
    }

    /// Whether a text has the property that the normalizer checks; for a normalizer with keys,
    /// whether there is a key.
    pub fn holds(&self, text: &str) -> bool {
        match self {
            Self::IsFreeEmail => email::is_free_email(text),
            Self::IsDisposableEmail => email::is_disposable_email(text),
            Self::IsValidEmail => email::is_valid_email(text),
            Self::IsValidPhone { default_region } => phone::is_valid_phone(text, *default_region),
            _ => self.write(text, &mut String::new()),
        }
    }

    /// Whether a result is worth caching, because a look-up is cheaper than computing it.
    pub(super) fn is_costly(&self) -> bool {
        !matches!(
            self,
            Self::EmailKey
                | Self::EmailDomain
                | Self::IsFreeEmail
                | Self::IsDisposableEmail
                | Self::IsValidEmail
                | Self::DomainKey
                | Self::CompanyDomainKey
                | Self::LinkedinSlug
                | Self::PostalCode { .. }
        )
    }
}

fn replace(out: &mut String, text: Option<&str>) -> bool {
    out.clear();
    out.push_str(text.unwrap_or_default());
    text.is_some()
}

impl fmt::Display for Normalizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::PhoneE164 { default_region: Some(region) }
            | Self::PhoneRegion { default_region: Some(region) }
            | Self::IsValidPhone { default_region: Some(region) } => {
                write!(f, ":{}", region.code())
            }
            Self::PostalCode { country: Some(country) } => write!(f, ":{}", country.code()),
            _ => Ok(()),
        }
    }
}

impl FromStr for Normalizer {
    type Err = NormalizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((name, parameter)) => Self::new(name, Some(parameter)),
            None => Self::new(text, None),
        }
    }
}

fn unknown(name: &str) -> NormalizeError {
    let names = Normalizer::ALL.iter().map(Normalizer::name);
    let wanted = name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let alike = |known: &&'static str| {
        let shared =
            known.bytes().zip(wanted.bytes()).take_while(|(known, wanted)| known == wanted).count();
        known.contains(&wanted) && wanted.len() > 2 || wanted.contains(known) || shared >= 4
    };
    NormalizeError::UnknownNormalizer {
        name: name.to_owned(),
        suggestion: names.clone().find(alike),
        known: names.collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_all_is_not_behind_that_of_any() {
        let greatest = Normalizer::ALL.iter().map(Normalizer::version).max();
        assert!(Some(crate::normalize::NORMALIZERS_VERSION) >= greatest);
    }

    #[test]
    fn every_normalizer_is_found_by_the_name_it_prints() {
        for normalizer in Normalizer::ALL {
            assert_eq!(normalizer.to_string().parse(), Ok(normalizer));
            assert!(normalizer.version() > 0);
        }
        for text in ["phone_e164:US", "phone_region:DE", "is_valid_phone:GB", "postal_code:NL"] {
            let normalizer: Result<Normalizer, _> = text.parse();
            assert_eq!(normalizer.map(|normalizer| normalizer.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_unknown_name_is_an_error_that_suggests_and_lists() {
        for (name, like) in [
            ("company", Some("company_key")),
            ("company_keys", Some("company_key")),
            ("email", Some("email_key")),
            ("Phone", Some("phone_e164")),
            ("zzz", None),
        ] {
            match name.parse::<Normalizer>() {
                Err(error @ NormalizeError::UnknownNormalizer { suggestion, .. }) => {
                    assert_eq!(suggestion, like, "{name}");
                    let text = error.to_string();
                    assert!(
                        text.contains(&format!("{name:?}")) && text.contains("linkedin_slug"),
                        "{text}"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_wrong_parameter_is_an_error_that_says_what_to_write() {
        for (text, said) in [
            ("company_key:US", "takes no parameter"),
            ("phone_e164:ZZ", "\"ZZ\" is not a region"),
            ("postal_code:Atlantis", "\"Atlantis\" is not a country"),
            ("phone_e164:", "\"\" is not a region"),
        ] {
            let error = text.parse::<Normalizer>().map_err(|error| error.to_string());
            assert!(matches!(&error, Err(error) if error.contains(said)), "{error:?}");
        }
    }

    #[test]
    fn a_boolean_normalizer_writes_what_it_holds() {
        let mut out = String::new();
        assert!(Normalizer::IsFreeEmail.write("ada@gmail.com", &mut out));
        assert_eq!(out, "true");
        assert!(Normalizer::CompanyKey.holds("Acme") && !Normalizer::CompanyKey.holds("-"));
    }
}
