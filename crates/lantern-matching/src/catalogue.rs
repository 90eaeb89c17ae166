//! Every similarity, distance and normalizer with its arguments and what it does, in one list.
//!
//! Python's functions, Polars' expressions, DuckDB's functions and their stubs are tested against it,
//! so that none of them lacks one or says something else of it.

use crate::normalize::Normalizer;

/// What a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number in 0..1 for two texts.
    Similarity,
    /// A count of edits for two texts.
    Distance,
    /// A key of a text, or null.
    Key,
    /// True or false of a text.
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
    /// What may be given beside the texts: `score_cutoff`, `default_region`, `country`.
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

    /// The version of a normalizer's rules; None for a similarity, whose formula does not change.
    pub fn version(&self) -> Option<u32> {
        Normalizer::new(self.name, None).ok().map(|normalizer| normalizer.version())
    }
}

/// All functions, in the order in which the documentation has them.
pub const FUNCTIONS: &[Function] = &[
    Function::new(
        "jaro",
        Kind::Similarity,
        Some("score_cutoff"),
        "Jaro similarity: characters in common within half the longer string's length.",
    ),
    Function::new(
        "jaro_winkler",
        Kind::Similarity,
        Some("score_cutoff"),
        "Jaro-Winkler similarity: Jaro, raised for strings that begin alike.",
    ),
    Function::new(
        "levenshtein",
        Kind::Similarity,
        Some("score_cutoff"),
        "Levenshtein similarity: by insertions, deletions and replacements.",
    ),
    Function::new(
        "osa",
        Kind::Similarity,
        Some("score_cutoff"),
        "Optimal string alignment: Levenshtein's edits, and swaps of two neighbours.",
    ),
    Function::new(
        "indel",
        Kind::Similarity,
        Some("score_cutoff"),
        "Indel ratio: by insertions and deletions alone.",
    ),
    Function::new(
        "lcs",
        Kind::Similarity,
        Some("score_cutoff"),
        "Longest common subsequence: the most characters in the same order in both strings.",
    ),
    Function::new(
        "token_sort",
        Kind::Similarity,
        Some("score_cutoff"),
        "Token sort ratio: the Indel ratio of two texts whose words are put in order first.",
    ),
    Function::new(
        "token_set",
        Kind::Similarity,
        Some("score_cutoff"),
        "Token set ratio: how alike two texts are as sets of words.",
    ),
    Function::new(
        "partial_ratio",
        Kind::Similarity,
        Some("score_cutoff"),
        "Partial ratio: how well the shorter string fits the best place of the longer one.",
    ),
    Function::new(
        "partial_token_sort",
        Kind::Similarity,
        Some("score_cutoff"),
        "Partial token sort ratio: the partial ratio of texts whose words are put in order first.",
    ),
    Function::new(
        "partial_token_set",
        Kind::Similarity,
        Some("score_cutoff"),
        "Partial token set ratio: 1 where a word is shared, else the partial ratio of the words.",
    ),
    Function::new(
        "wratio",
        Kind::Similarity,
        Some("score_cutoff"),
        "WRatio: the best of several ratios, each with a weight for how much it leaves out.",
    ),
    Function::new(
        "names",
        Kind::Similarity,
        Some("score_cutoff"),
        "Names of people and organisations: how well the words of two names pair up.",
    ),
    Function::new(
        "qgram_jaccard",
        Kind::Similarity,
        Some("score_cutoff"),
        "q-gram Jaccard similarity: how many pieces of three characters two strings share.",
    ),
    Function::new(
        "qgram_cosine",
        Kind::Similarity,
        Some("score_cutoff"),
        "q-gram cosine similarity: the same pieces as `qgram_jaccard`, by how often they occur.",
    ),
    Function::new(
        "prefix",
        Kind::Similarity,
        Some("score_cutoff"),
        "Longest common prefix: how much of two strings is the same from their beginning on.",
    ),
    Function::new(
        "levenshtein_distance",
        Kind::Distance,
        Some("score_cutoff"),
        "Levenshtein distance: insertions, deletions and replacements.",
    ),
    Function::new(
        "osa_distance",
        Kind::Distance,
        Some("score_cutoff"),
        "Optimal string alignment distance: Levenshtein's edits, and swaps of neighbours.",
    ),
    Function::new(
        "company_key",
        Kind::Key,
        None,
        "The key of a company name, by which spellings of one company are equal.",
    ),
    Function::new(
        "legal_form",
        Kind::Key,
        None,
        "The legal form in a company's name, in its usual spelling.",
    ),
    Function::new(
        "legal_form_country",
        Kind::Key,
        None,
        "The likeliest country of a company, by the legal form in its name.",
    ),
    Function::new(
        "acronym",
        Kind::Key,
        None,
        "The initials of a company's name, without legal forms and joining words.",
    ),
    Function::new(
        "person_key",
        Kind::Key,
        None,
        "The key of a full name, by which spellings of one person's name are equal.",
    ),
    Function::new("first_name_key", Kind::Key, None, "The key of a field of given names."),
    Function::new("last_name_key", Kind::Key, None, "The key of a field of surnames."),
    Function::new(
        "given_name_key",
        Kind::Key,
        None,
        "The key of the first given name in a full name.",
    ),
    Function::new("family_name_key", Kind::Key, None, "The key of the family name in a full name."),
    Function::new(
        "email_key",
        Kind::Key,
        None,
        "The key of an e-mail address, by which spellings of one mailbox are equal.",
    ),
    Function::new(
        "email_domain",
        Kind::Key,
        None,
        "The domain of an e-mail address, whole and in lower-case ASCII.",
    ),
    Function::new(
        "is_free_email",
        Kind::Question,
        None,
        "Whether an address or a domain is of a provider that gives mailboxes to anyone.",
    ),
    Function::new(
        "is_disposable_email",
        Kind::Question,
        None,
        "Whether an address or a domain is of a provider of throw-away mailboxes.",
    ),
    Function::new(
        "is_valid_email",
        Kind::Question,
        None,
        "Whether text is an e-mail address as it stands.",
    ),
    Function::new(
        "domain_key",
        Kind::Key,
        None,
        "The registrable domain of a URL, an e-mail address or a host name.",
    ),
    Function::new(
        "company_domain_key",
        Kind::Key,
        None,
        "The registrable domain, where it is a company's own.",
    ),
    Function::new("phone_e164", Kind::Key, Some("default_region"), "A phone number in E.164."),
    Function::new(
        "phone_region",
        Kind::Key,
        Some("default_region"),
        "The region that a valid phone number belongs to.",
    ),
    Function::new(
        "is_valid_phone",
        Kind::Question,
        Some("default_region"),
        "Whether text is a valid phone number, by the digits that its region assigns.",
    ),
    Function::new("linkedin_slug", Kind::Key, None, "The slug of a LinkedIn page."),
    Function::new("country_code", Kind::Key, None, "The ISO 3166-1 alpha-2 code of a country."),
    Function::new(
        "us_state",
        Kind::Key,
        None,
        "The code of a state or territory of the United States.",
    ),
    Function::new("street_key", Kind::Key, None, "The key of a street line."),
    Function::new(
        "postal_code",
        Kind::Key,
        Some("country"),
        "A postal code in the form that its country writes.",
    ),
    Function::new(
        "soundex",
        Kind::Key,
        None,
        "The American Soundex of every word: a letter and three digits.",
    ),
    Function::new(
        "metaphone",
        Kind::Key,
        None,
        "The Metaphone of every word: English, up to four letters.",
    ),
    Function::new(
        "double_metaphone",
        Kind::Key,
        None,
        "The Double Metaphone of every word, for the likeliest pronunciation.",
    ),
    Function::new(
        "double_metaphone_alternate",
        Kind::Key,
        None,
        "The Double Metaphone of every word, for the other pronunciation.",
    ),
    Function::new("nysiis", Kind::Key, None, "The NYSIIS code of every word, up to six letters."),
    Function::new(
        "cologne",
        Kind::Key,
        None,
        "The Kölner Phonetik of every word, for German: digits.",
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
