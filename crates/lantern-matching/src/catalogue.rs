//! Lists every similarity, distance and normalizer with its arguments and a summary.
//!
//! Tests compare this list with Python's functions, Polars' expressions, DuckDB's functions and
//! their stubs, so that none of them is missing or described differently.

use crate::normalize::Normalizer;

/// What a function returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The similarity of two texts, 0 to 1.
    Similarity,
    /// The number of edits between two texts.
    Distance,
    /// A key of a text, or null.
    Key,
    /// Whether a text has some property.
    Question,
}

impl Kind {
    /// `similarity`, `distance`, `key` or `question`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Similarity => "similarity",
            Self::Distance => "distance",
            Self::Key => "key",
            Self::Question => "question",
        }
    }
}

/// One function of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub name: &'static str,
    pub kind: Kind,
    /// Names of the arguments beside the texts: `score_cutoff`, `default_region`, `country`.
    pub option: Option<&'static str>,
    /// The first line of its documentation.
    pub about: &'static str,
}

impl Function {
    const fn new(
        name: &'static str,
        kind: Kind,
        option: Option<&'static str>,
        about: &'static str,
    ) -> Self {
        Self { name, kind, option, about }
    }

    /// The version of a normalizer's rules; `None` for a similarity, whose formula does not change.
    pub fn version(&self) -> Option<u32> {
        Normalizer::new(self.name, None).ok().map(|normalizer| normalizer.version())
    }
}

/// All functions, in the order of the documentation.
pub const FUNCTIONS: &[Function] = &[
    Function::new(
        "jaro",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the Jaro similarity, based on characters that both strings have in near positions.",
    ),
    Function::new(
        "jaro_winkler",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the Jaro-Winkler similarity: Jaro, raised for strings with a common prefix.",
    ),
    Function::new(
        "levenshtein",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the Levenshtein similarity, based on insertions, deletions and replacements.",
    ),
    Function::new(
        "osa",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the optimal string alignment similarity: Levenshtein, with swaps of neighbours.",
    ),
    Function::new(
        "indel",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the Indel ratio, based on insertions and deletions only.",
    ),
    Function::new(
        "lcs",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the length of the longest common subsequence, relative to the longer string.",
    ),
    Function::new(
        "token_sort",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the token sort ratio: the Indel ratio of two texts after sorting their words.",
    ),
    Function::new(
        "token_set",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the token set ratio: the similarity of two texts as sets of words.",
    ),
    Function::new(
        "partial_ratio",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the partial ratio: the best Indel ratio of the shorter string within the longer.",
    ),
    Function::new(
        "partial_token_sort",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the partial token sort ratio: the partial ratio after sorting the words.",
    ),
    Function::new(
        "partial_token_set",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the partial token set ratio: 1 if a word is in both texts, else the partial ratio.",
    ),
    Function::new(
        "wratio",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the WRatio: the greatest of several ratios, each with a weight.",
    ),
    Function::new(
        "names",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return how well the words of two names of people or organisations pair up, 0 to 1.",
    ),
    Function::new(
        "qgram_jaccard",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the q-gram Jaccard similarity: the share of common pieces of three characters.",
    ),
    Function::new(
        "qgram_cosine",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the q-gram cosine similarity: like `qgram_jaccard`, weighted by frequency.",
    ),
    Function::new(
        "prefix",
        Kind::Similarity,
        Some("score_cutoff"),
        "Return the length of the longest common prefix, relative to the longer string.",
    ),
    Function::new(
        "levenshtein_distance",
        Kind::Distance,
        Some("score_cutoff"),
        "Return the Levenshtein distance: the number of insertions, deletions and replacements.",
    ),
    Function::new(
        "osa_distance",
        Kind::Distance,
        Some("score_cutoff"),
        "Return the optimal string alignment distance: Levenshtein, with swaps of neighbours.",
    ),
    Function::new(
        "company_key",
        Kind::Key,
        None,
        "Return the key of a company name, equal for all spellings of the same company.",
    ),
    Function::new(
        "legal_form",
        Kind::Key,
        None,
        "Return the legal form in a company name, in its usual spelling.",
    ),
    Function::new(
        "legal_form_country",
        Kind::Key,
        None,
        "Return the most likely country of a company, based on the legal form in its name.",
    ),
    Function::new(
        "acronym",
        Kind::Key,
        None,
        "Return the initials of a company name, without legal forms and joining words.",
    ),
    Function::new(
        "person_key",
        Kind::Key,
        None,
        "Return the key of a full name, equal for all spellings of the same name.",
    ),
    Function::new(
        "first_name_key",
        Kind::Key,
        None,
        "Return the key of one or several given names.",
    ),
    Function::new("last_name_key", Kind::Key, None, "Return the key of a surname."),
    Function::new(
        "given_name_key",
        Kind::Key,
        None,
        "Return the key of the first given name in a full name.",
    ),
    Function::new(
        "family_name_key",
        Kind::Key,
        None,
        "Return the key of the family name in a full name.",
    ),
    Function::new(
        "email_key",
        Kind::Key,
        None,
        "Return the key of an e-mail address, equal for all spellings of the same mailbox.",
    ),
    Function::new(
        "email_domain",
        Kind::Key,
        None,
        "Return the domain of an e-mail address, in full and in lower-case ASCII.",
    ),
    Function::new(
        "is_free_email",
        Kind::Question,
        None,
        "Return whether an address or a domain belongs to a public mail provider.",
    ),
    Function::new(
        "is_disposable_email",
        Kind::Question,
        None,
        "Return whether an address or a domain belongs to a provider of disposable mailboxes.",
    ),
    Function::new(
        "is_valid_email",
        Kind::Question,
        None,
        "Return whether a text is a valid e-mail address as it stands.",
    ),
    Function::new(
        "domain_key",
        Kind::Key,
        None,
        "Return the registrable domain of a URL, an e-mail address or a host name.",
    ),
    Function::new(
        "company_domain_key",
        Kind::Key,
        None,
        "Return the registrable domain, if it is a company's own.",
    ),
    Function::new(
        "phone_e164",
        Kind::Key,
        Some("default_region"),
        "Return a phone number in E.164 format.",
    ),
    Function::new(
        "phone_region",
        Kind::Key,
        Some("default_region"),
        "Return the region of a valid phone number.",
    ),
    Function::new(
        "is_valid_phone",
        Kind::Question,
        Some("default_region"),
        "Return whether a text is a valid phone number in the numbering plan of its region.",
    ),
    Function::new("linkedin_slug", Kind::Key, None, "Return the slug of a LinkedIn page."),
    Function::new(
        "country_code",
        Kind::Key,
        None,
        "Return the ISO 3166-1 alpha-2 code of a country.",
    ),
    Function::new(
        "us_state",
        Kind::Key,
        None,
        "Return the code of a state or territory of the United States.",
    ),
    Function::new("street_key", Kind::Key, None, "Return the key of a street address line."),
    Function::new(
        "postal_code",
        Kind::Key,
        Some("country"),
        "Return a postal code in the form that its country uses.",
    ),
    Function::new(
        "soundex",
        Kind::Key,
        None,
        "Return the American Soundex of each word: a letter and three digits.",
    ),
    Function::new(
        "metaphone",
        Kind::Key,
        None,
        "Return the Metaphone of each word, for English: up to four letters.",
    ),
    Function::new(
        "double_metaphone",
        Kind::Key,
        None,
        "Return the Double Metaphone of each word, for the most likely pronunciation.",
    ),
    Function::new(
        "double_metaphone_alternate",
        Kind::Key,
        None,
        "Return the Double Metaphone of each word, for the second most likely pronunciation.",
    ),
    Function::new(
        "nysiis",
        Kind::Key,
        None,
        "Return the NYSIIS code of each word, up to six letters.",
    ),
    Function::new(
        "cologne",
        Kind::Key,
        None,
        "Return the Kölner Phonetik of each word, for German: digits.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::similarity::{Distance, Similarity};

    #[test]
    fn every_measure_and_normalizer_is_in_the_list_once() {
        let of_kind = |kinds: &[Kind]| -> Vec<&str> {
            FUNCTIONS.iter().filter(|f| kinds.contains(&f.kind)).map(|f| f.name).collect()
        };
        let sorted = |mut names: Vec<&'static str>| {
            names.sort_unstable();
            names
        };
        assert_eq!(
            sorted(of_kind(&[Kind::Similarity])),
            sorted(Similarity::ALL.map(Similarity::name).to_vec())
        );
        assert_eq!(
            sorted(of_kind(&[Kind::Distance])),
            sorted(Distance::ALL.map(Distance::name).to_vec())
        );
        assert_eq!(
            sorted(of_kind(&[Kind::Key, Kind::Question])),
            sorted(Normalizer::ALL.iter().map(Normalizer::name).collect())
        );
        let abouts: BTreeSet<_> = FUNCTIONS.iter().map(|f| f.about).collect();
        assert_eq!(abouts.len(), FUNCTIONS.len());
    }

    #[test]
    fn options_are_those_that_the_functions_take() {
        for function in FUNCTIONS {
            let takes_parameter = Normalizer::new(function.name, Some("US")).is_ok();
            match function.kind {
                Kind::Similarity | Kind::Distance => {
                    assert_eq!(function.option, Some("score_cutoff"), "{}", function.name);
                    assert_eq!(function.version(), None, "{}", function.name);
                }
                Kind::Key | Kind::Question => {
                    assert_eq!(function.option.is_some(), takes_parameter, "{}", function.name);
                    assert!(function.version().is_some(), "{}", function.name);
                }
            }
        }
    }
}
