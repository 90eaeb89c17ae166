//! Assigns the rows of a result to the ids that were asked for.
//!
//! An id that comes back unchanged is that id, and so is a UUID in another case: it is the same
//! [record](super::record_id). An id that comes back in another [spelling](super::spelling) is
//! assigned if exactly one id of the batch has that spelling. Otherwise nothing is guessed: see
//! [`Unidentified`].

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt,
};

use super::{
    record_id::{canonical, is_uuid},
    spelling::{FORMS, Rounded, whole},
};

/// How many ids an error lists.
const SHOWN: usize = 5;

/// Which id was asked for, for each returned id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// For each returned id, its position among the ids that were asked for; `None` if it was not
    /// asked for.
    pub asked: Vec<Option<usize>>,
    /// Whether an id was returned in another spelling.
    pub respelled: bool,
}

/// A result whose rows cannot be assigned: it has ids that were not asked for and lacks some that
/// were, so that they may be the same, or it has rows that could belong to several ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unidentified {
    /// Returned ids that cannot be assigned, in the order of the result.
    pub strange: Vec<String>,
    /// Ids that were asked for and were not returned, in the order of the batch.
    pub missing: Vec<String>,
}

impl fmt::Display for Unidentified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |ids: &[String]| {
            let shown: Vec<String> = ids.iter().take(SHOWN).map(|id| shown(id)).collect();
            let more = ids.len().saturating_sub(SHOWN);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{rest}", shown.join(", "))
        };
        write!(
            f,
            "it has rows for {}, which cannot be assigned to the batch's ids, and none for {}",
            list(&self.strange),
            list(&self.missing),
        )
    }
}

/// An id in quotes, shortened if it is too long to be read.
fn shown(id: &str) -> String {
    let begin: String = id.chars().take(60).collect();
    let rest = if begin.len() < id.len() { "…" } else { "" };
    format!("{begin:?}{rest}")
}

/// Finds out which returned id is which of `asked`, whose ids are distinct.
///
/// An earlier version could ask for one record in two spellings. Such a record is answered if either
/// of them is.
///
/// # Errors
/// If a returned id cannot be assigned and an id that was asked for has no row.
pub fn identify(asked: &[String], returned: &[&str]) -> Result<Identified, Unidentified> {
    if let Some(asked) = in_order(asked, returned) {
        return Ok(Identified { asked, respelled: false });
    }
    let Assigned { known, strange, missing } = assign(asked, returned);
    if !strange.is_empty() && !missing.is_empty() {
        return Err(Unidentified {
            strange: strange.into_iter().map(str::to_owned).collect(),
            missing: missing.into_iter().map(|at| asked[at].clone()).collect(),
        });
    }
    Ok(Identified {
        respelled: returned.iter().any(|id| known.get(id).is_some_and(|at| asked[*at] != **id)),
        asked: returned.iter().map(|id| known.get(id).copied()).collect(),
    })
}

/// The positions of ids that came back as they were asked for, each at most once and in the same order;
/// otherwise `None`. Most results are like that, and comparing them so costs a fraction of looking up
/// each id.
fn in_order(asked: &[String], returned: &[&str]) -> Option<Vec<Option<usize>>> {
    let mut rest = asked.iter().enumerate();
    returned.iter().map(|id| rest.find(|(_, own)| own == id).map(|(at, _)| Some(at))).collect()
}

/// Like [`identify`], for a result whose rows may also be assigned by something other than ids. An id
/// that cannot be assigned is `None`, and says nothing about the others.
pub fn identify_each(asked: &[String], returned: &[&str]) -> Vec<Option<usize>> {
    let Assigned { known, strange, .. } = assign(asked, returned);
    let strange: HashSet<&str> = strange.into_iter().collect();
    returned.iter().map(|id| known.get(id).copied().filter(|_| !strange.contains(id))).collect()
}

/// What can be said of returned ids.
struct Assigned<'a> {
    /// The position of each id that can be assigned.
    known: HashMap<&'a str, usize>,
    /// The others, and those with several rows of which some may belong to a missing id.
    strange: Vec<&'a str>,
    /// The positions of the ids without a row.
    missing: Vec<usize>,
}

fn assign<'a>(asked: &[String], returned: &[&'a str]) -> Assigned<'a> {
    let places: HashMap<&str, usize> =
        asked.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut open: Vec<&str> = Vec::new();
    let mut seen = HashSet::new();
    for id in returned.iter().copied().filter(|id| seen.insert(*id)) {
        match places.get(id) {
            Some(at) => drop(known.insert(id, *at)),
            None => open.push(id),
        }
    }
    open = by_record(asked, open, &mut known);
    let mut answered: HashSet<usize> = known.values().copied().collect();
    for form in FORMS {
        open = by_form(asked, open, form, &mut known, &mut answered);
    }
    open = by_rounding(asked, open, &mut known, &mut answered);

    let mut missing: Vec<usize> = (0..asked.len()).filter(|at| !answered.contains(at)).collect();
    if !missing.is_empty() {
        let records: HashSet<Cow<'_, str>> =
            answered.iter().map(|at| canonical(&asked[*at])).collect();
        missing.retain(|at| !records.contains(&canonical(&asked[*at])));
    }
    let mut strange: Vec<&str> = open;
    strange.extend(claimed_twice(asked, returned, &missing));
    Assigned { known, strange, missing }
}

/// Assigns ids that are the same record. Returns those that remain unassigned.
fn by_record<'a>(
    asked: &[String],
    open: Vec<&'a str>,
    known: &mut HashMap<&'a str, usize>,
) -> Vec<&'a str> {
    if !open.iter().any(|id| is_uuid(id)) {
        return open;
    }
    let mut places: HashMap<Cow<'_, str>, usize> = HashMap::new();
    for (at, id) in asked.iter().enumerate() {
        places.entry(canonical(id)).or_insert(at);
    }
    let mut left = Vec::new();
    for id in open {
        match places.get(&canonical(id)) {
            Some(at) => drop(known.insert(id, *at)),
            None => left.push(id),
        }
    }
    left
}

/// Assigns ids that have the same form, if exactly one id that was asked for and exactly one
/// returned id has it. Returns those that remain unassigned.
fn by_form<'a>(
    asked: &[String],
    open: Vec<&'a str>,
    form: fn(&str) -> String,
    known: &mut HashMap<&'a str, usize>,
    answered: &mut HashSet<usize>,
) -> Vec<&'a str> {
    if open.is_empty() {
        return open;
    }
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, id) in asked.iter().enumerate() {
        places.entry(form(id)).or_default().push(at);
    }
    let mut claims: HashMap<String, usize> = HashMap::new();
    for id in &open {
        *claims.entry(form(id)).or_default() += 1;
    }
    let mut left = Vec::new();
    for id in open {
        let form = form(id);
        match places.get(&form).map(Vec::as_slice) {
            Some([at]) if claims.get(&form) == Some(&1) && answered.insert(*at) => {
                known.insert(id, *at);
            }
            _ => left.push(id),
        }
    }
    left
}

/// Assigns numbers that lost their last digits, if exactly one id that was asked for and exactly
/// one returned id begins with the remaining digits.
fn by_rounding<'a>(
    asked: &[String],
    open: Vec<&'a str>,
    known: &mut HashMap<&'a str, usize>,
    answered: &mut HashSet<usize>,
) -> Vec<&'a str> {
    let rounded: Vec<(&'a str, Option<Rounded>)> =
        open.into_iter().map(|id| (id, Rounded::read(id))).collect();
    if rounded.iter().all(|(_, rounded)| rounded.is_none()) {
        return rounded.into_iter().map(|(id, _)| id).collect();
    }
    let numbers: Vec<Option<String>> = asked.iter().map(|id| whole(id)).collect();
    let candidates = |rounded: &Rounded| -> Vec<usize> {
        let is_it = |at: &usize| numbers[*at].as_ref().is_some_and(|number| rounded.is_of(number));
        (0..asked.len()).filter(is_it).collect()
    };
    let found: Vec<(&'a str, Vec<usize>)> = rounded
        .into_iter()
        .map(|(id, rounded)| (id, rounded.as_ref().map(candidates).unwrap_or_default()))
        .collect();
    let mut claims: HashMap<usize, usize> = HashMap::new();
    for at in found.iter().flat_map(|(_, places)| places) {
        *claims.entry(*at).or_default() += 1;
    }
    let mut left = Vec::new();
    for (id, places) in found {
        match places.as_slice() {
            [at] if claims.get(at) == Some(&1) && answered.insert(*at) => {
                known.insert(id, *at);
            }
            _ => left.push(id),
        }
    }
    left
}

/// Ids with several rows, some of which may belong to a missing id that has the same form.
fn claimed_twice<'a>(asked: &[String], returned: &[&'a str], missing: &[usize]) -> Vec<&'a str> {
    let mut rows: HashMap<&str, usize> = HashMap::new();
    for id in returned {
        *rows.entry(id).or_default() += 1;
    }
    if missing.is_empty() || rows.len() == returned.len() {
        return Vec::new();
    }
    let forms = FORMS
        .map(|form| -> HashSet<String> { missing.iter().map(|at| form(&asked[*at])).collect() });
    let mut twice = HashSet::new();
    let alike = |id: &str| FORMS.iter().zip(&forms).any(|(form, all)| all.contains(&form(id)));
    returned
        .iter()
        .copied()
        .filter(|id| rows.get(id).is_some_and(|count| *count > 1) && twice.insert(*id))
        .filter(|id| alike(id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(asked: &[&str], returned: &[&str]) -> Result<Vec<Option<usize>>, Unidentified> {
        let asked: Vec<String> = asked.iter().map(|id| (*id).to_owned()).collect();
        identify(&asked, returned).map(|identified| identified.asked)
    }

    #[test]
    fn ids_in_their_order_need_no_look_up() {
        let asked = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(in_order(&asked, &["a", "c"]), Some(vec![Some(0), Some(2)]));
        assert_eq!(in_order(&asked, &[]), Some(Vec::new()));
        for other in [&["c", "a"][..], &["a", "a"], &["A"], &["a", "b", "c", "d"]] {
            assert_eq!(in_order(&asked, other), None, "{other:?}");
        }
        assert_eq!(told(&["a", "b"], &["b", "a", "a"]).unwrap(), [Some(1), Some(0), Some(0)]);
    }

    #[test]
    fn an_id_in_another_spelling_is_told_if_only_one_has_it() {
        let asked = ["A-1", "007", "Mu\u{308}ller ", "123456789012345678", "x y"];
        let returned = ["x%20y", "1.23457E+17", "Müller", "7", "a-1"];
        assert_eq!(told(&asked, &returned).unwrap(), [Some(4), Some(3), Some(2), Some(1), Some(0)]);
        let exact = told(&["a", "A"], &["A", "a"]).unwrap();
        assert_eq!(exact, [Some(1), Some(0)], "an id as it was sent needs no form");
    }

    #[test]
    fn a_uuid_in_another_case_is_the_same_record() {
        let lower = "8c6f2a10-0b1d-4e5f-9abc-def012345678";
        let upper = lower.to_uppercase();
        assert_eq!(told(&["a", &upper], &[lower, "a"]).unwrap(), [Some(1), Some(0)]);
        assert_eq!(told(&[lower], &[&upper, lower]).unwrap(), [Some(0), Some(0)]);
        // An earlier version asked for both, and the API may echo one of them for both.
        let both = told(&[&upper, lower], &[lower, lower]).unwrap();
        assert_eq!(both, [Some(1), Some(1)]);
        let mixed = format!("{}{}", &upper[..8], &lower[8..]);
        assert_eq!(told(&[&upper, lower], &[&mixed]).unwrap(), [Some(0)]);
        assert_eq!(told(&[&upper, lower], &[lower, &upper]).unwrap(), [Some(1), Some(0)]);
        assert!(told(&[&upper, lower, "b"], &[lower, "c"]).is_err());
    }

    #[test]
    fn the_mildest_form_that_tells_is_taken() {
        assert_eq!(told(&["a", "A"], &[" A", "a"]).unwrap(), [Some(1), Some(0)]);
        assert_eq!(told(&["7", "07"], &["7 ", "07 "]).unwrap(), [Some(0), Some(1)]);
    }

    #[test]
    fn what_two_ids_may_be_is_not_guessed() {
        let error = told(&["007", "7"], &["7", "07"]).unwrap_err();
        assert_eq!((error.strange, error.missing), (vec!["07".into()], vec!["007".into()]));
        // Both spellings were merged into one, so it is unknown to which of them each row belongs.
        let error = told(&["AB", "ab"], &["ab", "ab"]).unwrap_err();
        assert_eq!((error.strange, error.missing), (vec!["ab".into()], vec!["AB".into()]));
        let error = told(&["a"], &["A", "\u{ff41}"]).unwrap_err();
        assert_eq!(error.strange, ["A", "\u{ff41}"].map(str::to_owned));
        assert_eq!(told(&["a"], &["A", "a "]).unwrap(), [None, Some(0)], "the milder one");
        assert!(
            told(&["9007199254740992", "9007199254740993"], &["9.007199254740992e15 x"]).is_err()
        );
    }

    #[test]
    fn an_id_that_cannot_be_assigned_says_nothing_about_the_others() {
        let asked = ["A-1", "AB", "ab", "7"].map(str::to_owned);
        let each = identify_each(&asked, &["a-1", "ab", "ab", "z", "007"]);
        assert_eq!(each, [Some(0), None, None, None, Some(3)]);
        assert_eq!(identify_each(&asked[..1], &["A-1", "z"]), [Some(0), None]);
    }

    #[test]
    fn unrequested_ids_beside_a_full_result_and_ids_left_out_are_no_doubt() {
        assert_eq!(
            told(&["a", "b"], &["a", "z", "b", "a"]).unwrap(),
            [Some(0), None, Some(1), Some(0)]
        );
        assert_eq!(told(&["a", "b"], &["a"]).unwrap(), [Some(0)]);
        assert_eq!(told(&["a", "b"], &[]).unwrap(), []);
    }

    #[test]
    fn the_ids_are_named_and_a_thousand_of_them_are_counted() {
        let asked: Vec<String> = (0..1000).map(|n| format!("a{n}")).collect();
        let returned: Vec<String> = (0..1000).map(|n| format!("b{n}")).collect();
        let returned: Vec<&str> = returned.iter().map(String::as_str).collect();
        let text = identify(&asked, &returned).unwrap_err().to_string();
        assert!(text.contains("\"b0\", \"b1\"") && text.contains("\"a4\" and 995 more"), "{text}");
        assert!(text.len() < 300, "{text}");
    }
}
