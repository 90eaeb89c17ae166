//! Titles before a name, and degrees, generations and memberships after it.
//!
//! Many of them are also names: Phil Collins, Tan Wei Ling, Jean Mba. Those count only as titles
//! are written: with a dot, after another title, in small letters beside capitalized names or in
//! capitals beside small ones, or before so many words that a name is left.

use crate::normalize::words::{Marks, Word, Words};

/// Titles that are no names.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "mister",
    "dr",
    "drs",
    "doctor",
    "prof",
    "professor",
    "sir",
    "rev",
    "revd",
    "reverend",
    "honorable",
    "honourable",
    "capt",
    "captain",
    "cpt",
    "colonel",
    "lt",
    "sgt",
    "cmdr",
    "gov",
    "pres",
    "herr",
    "frau",
    "dipl",
    "dkfm",
    "dkffr",
    "monsieur",
    "madame",
    "mademoiselle",
    "mme",
    "mmes",
    "mlle",
    "senor",
    "senora",
    "senorita",
    "sr",
    "sra",
    "srta",
    "sres",
    "dra",
    "signor",
    "signora",
    "signorina",
    "sigra",
    "dott",
    "dottssa",
    "dottoressa",
    "avv",
    "geom",
    "senhor",
    "senhora",
    "dhr",
    "mevr",
    "mevrouw",
    "meneer",
    "mgr",
    "judr",
    "mudr",
    "phdr",
    "rndr",
    "mvdr",
    "paeddr",
    "thdr",
    "inz",
    "shri",
    "smt",
    "shrimati",
];
/// Titles that are also names or initials: with a dot, or before another title.
const ABBREVIATED_TITLES: &[&str] = &[
    "hon", "gen", "maj", "col", "adm", "amb", "sen", "rep", "ing", "mag", "eng", "enga", "priv",
    "doz", "univ", "lic", "arq", "abg", "sig", "rag", "cav", "ir", "bc", "me", "fr", "hr", "tun",
    "sri", "br", "ven", "supt", "insp", "rt",
];
/// Faculties and the like, which stand after a title: `Dr. med.`, `Dr. rer. nat.`, `Dr. h.c.`
const FACULTIES: &[&str] = &[
    "med", "phil", "jur", "iur", "rer", "nat", "pol", "oec", "theol", "techn", "vet", "dent",
    "habil", "hc", "mult", "ing", "mont", "agr", "soc", "sc", "disc", "h", "c",
];
/// Titles written out that are also names: before at least two more words.
const RANKS: &[&str] = &[
    "general", "major", "lord", "lady", "dame", "rabbi", "pastor", "father", "sister", "brother",
    "maitre", "sheikh", "sayyid", "haji", "hajj", "datuk", "dato", "puan", "encik", "pani", "dona",
];
/// Titles of two words of which each is a name.
const PAIRS: &[(&str, &str)] =
    &[("tan", "sri"), ("toh", "puan"), ("dato", "sri"), ("dato", "seri"), ("datuk", "seri")];

/// Degrees, generations and memberships that are no names.
const SUFFIXES: &[&str] = &[
    "jr", "sr", "snr", "jnr", "ii", "iii", "iv", "2nd", "3rd", "4th", "phd", "dphil", "md", "emba",
    "cpa", "esq", "esquire", "dds", "dmd", "dvm", "llm", "llb", "msc", "bsc", "mphil", "bcom",
    "mcom", "mph", "mpa", "pmp", "cissp", "sphr", "phr", "shrm", "cbe", "kbe", "dbe", "qc", "facs",
    "facp", "frcs", "mrcp", "cfp", "chfc", "acca", "fcca", "mcips", "pharmd", "psyd", "lcsw",
    "bsn", "msn", "scd", "dsc", "thd", "dmin", "rph", "cfe", "cisa", "cism", "frsc", "mrics",
    "frics", "mieee", "caia", "mmath", "dnp", "crna", "fnp", "facc", "frcp", "frcpc", "frcsc",
    "faap", "faan", "ccrn", "arnp", "aprn", "lmft", "lcpc", "fcma", "acma", "sphri", "cspo",
    "ccna", "ccnp", "ccie", "crisc", "cgeit", "cebs", "cfre", "ncarb", "aicp", "frsa", "frse",
    "mrcgp", "mrcs", "mbbs", "mbchb",
];
/// Those that are names but for their dots: `P.Eng.`
const DOTTED_SUFFIXES: &[&str] = &[
    "peng", "ceng", "barch", "march", "bed", "med", "mdiv", "bphil", "mtech", "btech", "lld",
    "dlitt", "mdes", "bdes",
];
/// Those that are also names or initials: after a comma, with dots, or in their own case.
const NAMED_SUFFIXES: &[&str] = &[
    "ma", "ba", "ms", "bs", "do", "rn", "pe", "pa", "np", "dc", "od", "lp", "mp", "psm", "ret",
    "usa", "usn", "v", "vi", "mba", "meng", "beng", "kc", "jd", "edd", "cfa", "obe", "mbe", "aia",
    "faia", "leed", "clu", "cma", "cia", "fca", "aca", "msw",
];
/// Those among them that no capitals show, for they are common initials or short names.
const AFTER_COMMA_ONLY: &[&str] = &[
    "ma", "ba", "ms", "bs", "do", "rn", "pe", "pa", "np", "dc", "od", "lp", "mp", "psm", "ret",
    "usa", "usn", "v", "vi", "jd", "cia",
];
/// Generations that are also names: after at least two words.
const GENERATIONS: &[&str] = &["junior", "senior", "fils", "pere", "filho", "neto", "hijo"];

/// The number of words at the start of a name that are titles. At least one word is left.
pub(super) fn titles(words: &Words, list: &[Word]) -> usize {
    let text = |at: usize| list.get(at).map_or("", |word| words.of(*word));
    let is_any = |at: usize| TITLES.contains(&text(at)) || ABBREVIATED_TITLES.contains(&text(at));
    // "The Hon. Ada Byron", "The Rt Hon Ada Byron".
    if text(0) == "the" && is_any(1) && list.len() > 3 {
        let rest = (1..list.len() - 2).take_while(|at| is_any(*at)).count();
        return 1 + rest;
    }
    let mut at = 0;
    while at + 1 < list.len() {
        if PAIRS.contains(&(text(at), text(at + 1))) && at + 2 < list.len() {
            at += 2;
            continue;
        }
        let marks = list[at].marks;
        // Beside capitals, small letters are no name.
        let is_small = words.has_upper && !is_capital(marks);
        let is_title = TITLES.contains(&text(at)) && !marks.contains(Marks::HYPHENATED)
            || ABBREVIATED_TITLES.contains(&text(at))
                && (marks.contains(Marks::ABBREVIATED) || TITLES.contains(&text(at + 1)))
            || at > 0
                && FACULTIES.contains(&text(at))
                && (marks.intersects(Marks::ABBREVIATED | Marks::DOTTED) || is_small)
            || RANKS.contains(&text(at)) && at + 2 < list.len();
        if !is_title {
            break;
        }
        at += 1;
    }
    at
}

fn is_capital(marks: Marks) -> bool {
    marks.intersects(Marks::UPPER | Marks::CAPITALIZED | Marks::MIXED)
}

/// The number of words before the suffixes at the end; at least one.
pub(super) fn end_without_suffixes(words: &Words, list: &[Word]) -> usize {
    let mut end = list.len();
    while end > 1 {
        let taken = suffix_words(words, &list[..end], 1);
        if taken == 0 {
            break;
        }
        end -= taken;
    }
    end
}

/// How many words at the end are one suffix, such that `left` words are left.
fn suffix_words(words: &Words, list: &[Word], left: usize) -> usize {
    let [before @ .., last] = list else { return 0 };
    if let [.., first] = before
        && list.len() > left + 1
        && last.end - last.start == 1
        && first.end == last.start
    {
        // `Ph. D.`, which is read as two words.
        let degree = &words.text[first.start..last.end];
        let dotted = first.marks.contains(Marks::ABBREVIATED);
        if SUFFIXES.contains(&degree) || dotted && NAMED_SUFFIXES.contains(&degree) {
            return 2;
        }
    }
    usize::from(list.len() > left && is_suffix(words, *last, before.len() > 1))
}

/// Whether a word is a suffix where it stands; `is_long` says whether two words stand before it.
fn is_suffix(words: &Words, word: Word, is_long: bool) -> bool {
    let (text, marks) = (words.of(word), word.marks);
    let after_comma = marks.contains(Marks::AFTER_COMMA);
    SUFFIXES.contains(&text)
        || DOTTED_SUFFIXES.contains(&text) && marks.contains(Marks::DOTTED)
        || GENERATIONS.contains(&text) && (is_long || after_comma)
        || NAMED_SUFFIXES.contains(&text)
            && (marks.contains(Marks::DOTTED)
                || after_comma && !marks.contains(Marks::CAPITALIZED)
                || words.has_lower
                    && marks.intersects(Marks::UPPER | Marks::MIXED)
                    && !AFTER_COMMA_ONLY.contains(&text))
}

/// Whether what follows a comma is titles and suffixes alone; `is_long` says whether two words stand
/// before it, so that what follows need not be the given name.
pub(super) fn are_honorifics(words: &Words, list: &[Word], is_long: bool) -> bool {
    let mut end = list.len();
    while end > 0 {
        let word = list[end - 1];
        let (text, marks) = (words.of(word), word.marks);
        let taken = suffix_words(words, &list[..end], 0);
        if taken > 0 {
            end -= taken;
        } else if TITLES.contains(&text)
            || ABBREVIATED_TITLES.contains(&text) && marks.contains(Marks::ABBREVIATED)
            // Further degrees of a list without commas: "Smith, MD MBA".
            || NAMED_SUFFIXES.contains(&text) && !marks.contains(Marks::CAPITALIZED)
            || is_long && looks_like_degree(words, word)
        {
            end -= 1;
        } else {
            return false;
        }
    }
    true
}

/// Whether a word is written as degrees are: a few capitals beside small letters, or what a hyphen
/// joins to them (`SHRM-CP`).
fn looks_like_degree(words: &Words, word: Word) -> bool {
    let (text, marks) = (words.of(word), word.marks);
    let is_upper =
        words.has_lower && marks.contains(Marks::UPPER) && !marks.contains(Marks::FOREIGN);
    let length = text.len();
    is_upper
        && (marks.contains(Marks::HYPHENATED) && length <= 4
            || (3..=4).contains(&length) && !super::is_given_name(text))
}

/// Whether a word is a title or a suffix wherever it stands.
#[cfg(test)]
pub(super) fn is_always_honorific(word: &str) -> bool {
    TITLES.contains(&word) || SUFFIXES.contains(&word)
}
