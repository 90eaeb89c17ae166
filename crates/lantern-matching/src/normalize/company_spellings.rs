//! Words that are spelt in several ways in company names, and their spelling in the key.

use std::{collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

use super::{company_words::lines, legal_form};

/// The spelling in the key of a word of a company's name.
pub(super) struct Spelled {
    pub out: &'static str,
    /// Whether legal forms of several words contain this word, so that it may complete one.
    pub in_legal_form: bool,
}

static SPELLINGS: LazyLock<HashMap<&'static str, Spelled, FixedState>> = LazyLock::new(|| {
    let mut spellings = HashMap::default();
    for (out, variants) in lines() {
        let in_legal_form = legal_form::has_word(out);
        for variant in variants.split_whitespace() {
            spellings.entry(variant).or_insert(Spelled { out, in_legal_form });
        }
    }
    spellings
});

/// Length of the longest spelling: longer words need no look-up.
const LONGEST_SPELLING: usize = 18;

/// The spelling of a word in the key; `None` if it is the word itself.
pub(super) fn spelled_out(word: &str) -> Option<&'static Spelled> {
    if word.len() > LONGEST_SPELLING { None } else { SPELLINGS.get(word) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_lead_to_words_that_are_no_spellings() {
        for spelled in SPELLINGS.values() {
            assert!(!SPELLINGS.contains_key(spelled.out), "{}", spelled.out);
        }
        let longest = SPELLINGS.keys().map(|spelling| spelling.len()).max();
        assert!(longest <= Some(LONGEST_SPELLING), "{longest:?}");
    }
}
