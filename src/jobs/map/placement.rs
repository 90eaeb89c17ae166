//! Assigns the results of a match to the candidates.
//!
//! An answer identifies a candidate by its position, by its id, or by the order of the results. An
//! API may count from 1, leave results out, or send an object keyed by ids. A result is assigned to
//! a candidate only if nothing else can be meant, because a wrong match is worse than none.
//! Remaining results are reported, never dropped, and so are matches that cannot be read.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::api::{
    lenient::{Lenient, number},
    matching::{CandidateMatches, Matched, RecordMatch},
};

/// The results of an answer by candidate.
pub(super) struct Placement {
    /// One result for each candidate; `None` if it is unknown which result it has.
    pub parts: Vec<Option<CandidateMatches>>,
    /// Why some results have no candidate.
    pub unassigned: Option<String>,
}

/// The fields of a candidate that may identify it.
const IDS: [&str; 4] = ["id", "Id", "ID", "record_id"];

type Fields = Map<String, Value>;

/// Finds the candidate of each result.
pub(super) fn place(candidates: &[Fields], answer: &Matched) -> Placement {
    let count = candidates.len();
    let Some((results, keyed)) = results(answer) else {
        return unassigned(count, "the answer has no list of results".to_owned());
    };
    let mut parts: Vec<Option<CandidateMatches>> = vec![None; count];
    let in_order = results.len() == count;
    let places = places(candidates, &results, keyed);
    let mut left = Vec::new();
    let mut unread = vec![false; count];
    for (result, place) in results.into_iter().zip(places) {
        match place {
            Some(at) => {
                unread[at] |= is_unread(&result);
                add(&mut parts[at], at, result);
            }
            None => left.push(result),
        }
    }
    let open: Vec<usize> = (0..count).filter(|at| parts[*at].is_none()).collect();
    let silent = left.iter().all(|result| stated_index(result).is_none() && id(result).is_none());
    let only = left.len() == 1 && open.len() == 1;
    // If as many results as candidates remain and none of them identifies a candidate, they are in
    // the same order.
    if count == 1 || only || silent && in_order && left.len() == open.len() {
        let open = if count == 1 { vec![0; left.len()] } else { open };
        for (at, result) in open.into_iter().zip(left.drain(..)) {
            unread[at] |= is_unread(&result);
            add(&mut parts[at], at, result);
        }
    }
    let mut why = None;
    if left.is_empty() {
        // A candidate without a result has no matches.
        for (at, part) in parts.iter_mut().enumerate() {
            part.get_or_insert_with(|| CandidateMatches {
                candidate_index: Some(at),
                ..CandidateMatches::default()
            });
        }
    } else {
        let named: Vec<String> = left
            .iter()
            .filter_map(|result| {
                let index = stated_index(result).map(|index| index.to_string());
                index.or_else(|| id(result).map(|id| format!("{id:?}")))
            })
            .take(3)
            .collect();
        let named = match named.as_slice() {
            [] => String::new(),
            named => format!(" (such as {})", named.join(", ")),
        };
        why = Some(format!(
            "{} of the answer's results name no candidate of the call{named}",
            left.len()
        ));
    }
    for (part, _) in parts.iter_mut().zip(unread).filter(|(_, unread)| *unread) {
        *part = None;
        why.get_or_insert_with(|| "the matches are in a form that cannot be read".to_owned());
    }
    Placement { parts, unassigned: why }
}

/// A placement of an answer whose results belong to no candidate.
pub(super) fn unassigned(count: usize, why: String) -> Placement {
    Placement { parts: vec![None; count], unassigned: Some(why) }
}

/// The results in order, whatever their form, and whether they were keyed by names; `None` if there
/// are none that can be read.
fn results(answer: &Matched) -> Option<(Vec<CandidateMatches>, bool)> {
    let in_a_list = |results| Some((results, false));
    match answer.extra.get("results") {
        None if answer.results.is_empty() && has_matches(&answer.extra) => {
            in_a_list(vec![read(Value::Object(answer.extra.clone()))])
        }
        None => in_a_list(answer.results.iter().cloned().map(tidy).collect()),
        Some(Value::Array(all)) => in_a_list(all.iter().cloned().map(read).collect()),
        Some(Value::Object(one)) if has_matches(one) => {
            in_a_list(vec![read(Value::Object(one.clone()))])
        }
        Some(Value::Object(named)) => {
            let read = |(name, value): (&String, &Value)| {
                let mut result = read(value.clone());
                if result.candidate_index.is_none() && id(&result).is_none() {
                    result.candidate_id = Some(name.clone());
                }
                result
            };
            Some((named.iter().map(read).collect(), true))
        }
        Some(_) => None,
    }
}

/// Whether a result, or the answer to a single candidate, has matches, of whatever form.
pub(super) fn has_matches(fields: &Fields) -> bool {
    ["matches", "match"].iter().any(|name| fields.get(*name).is_some_and(|given| !given.is_null()))
}

/// Reads a result, which may also be a list of matches. A null stands for no matches.
fn read(value: Value) -> CandidateMatches {
    let value = match value {
        Value::Object(_) | Value::Null => value,
        Value::Array(matches) => serde_json::json!({"matches": matches}),
        other => serde_json::json!({"match": other}),
    };
    tidy(CandidateMatches::read(value).unwrap_or_default())
}

/// Reads matches that are not in a list, or not objects. What cannot be read stays in `extra`.
fn tidy(result: CandidateMatches) -> CandidateMatches {
    let mut result = flat(result);
    if let Some(matches) = result.extra.get("matches").and_then(matches) {
        result.extra.shift_remove("matches");
        result.matches = matches;
    }
    if result.matches.is_empty()
        && let Some(matches) = result.extra.get("match").and_then(matches)
    {
        result.extra.shift_remove("match");
        result.matches = matches;
    }
    result
}

/// The matches in a list, of which some may be ids alone, or a single match; `None` for any other
/// value.
fn matches(value: &Value) -> Option<Vec<RecordMatch>> {
    match value {
        Value::Array(all) => all.iter().filter(|found| !found.is_null()).map(one_match).collect(),
        Value::Object(fields) if fields.get("sf_id").is_some_and(Value::is_string) => {
            Some(vec![one_match(value)?])
        }
        Value::Object(fields) if fields.is_empty() => Some(Vec::new()),
        Value::Null | Value::Bool(false) => Some(Vec::new()),
        _ => None,
    }
}

fn one_match(value: &Value) -> Option<RecordMatch> {
    match value {
        Value::String(id) if !id.trim().is_empty() => {
            Some(RecordMatch { sf_id: Some(id.clone()), ..RecordMatch::default() })
        }
        value => RecordMatch::read(value.clone()),
    }
}

/// Whether a result has matches that could not be read.
fn is_unread(result: &CandidateMatches) -> bool {
    result.matches.is_empty() && has_matches(&result.extra)
}

/// Some APIs send each match as a result of its own.
fn flat(mut result: CandidateMatches) -> CandidateMatches {
    if result.matches.is_empty() && result.extra.get("sf_id").is_some_and(Value::is_string) {
        let fields = Value::Object(std::mem::take(&mut result.extra));
        if let Some(mut found) = RecordMatch::read(fields) {
            result.extra = std::mem::take(&mut found.extra);
            result.matches.push(found);
        }
    }
    result
}

/// Adds a result to those of a candidate.
fn add(part: &mut Option<CandidateMatches>, at: usize, mut result: CandidateMatches) {
    if let Some(first) = part {
        first.matches.append(&mut result.matches);
        // In order of descending confidence, with unknown confidences last.
        first.matches.sort_by(|a, b| {
            let confidence = |one: &RecordMatch| one.confidence.unwrap_or(f64::NEG_INFINITY);
            confidence(b).total_cmp(&confidence(a))
        });
        return;
    }
    result.candidate_index = Some(at);
    *part = Some(result);
}

/// The position that a result gives, whatever number the API counts from.
fn stated_index(result: &CandidateMatches) -> Option<i64> {
    match result.candidate_index {
        Some(index) => Some(i64::try_from(index).unwrap_or(i64::MAX)),
        None => result.extra.get("candidate_index").and_then(number).map(|index| index as i64),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn id(result: &CandidateMatches) -> Option<String> {
    let own = result.candidate_id.clone().filter(|id| !id.is_empty());
    own.or_else(|| result.extra.get("candidate_id").and_then(text))
}

/// The candidate that each result identifies, if that is certain.
fn places(candidates: &[Fields], results: &[CandidateMatches], keyed: bool) -> Vec<Option<usize>> {
    let by_id: Vec<Option<usize>> = results
        .iter()
        .map(|result| {
            let id = id(result)?;
            let has_id = |candidate: &Fields| {
                IDS.iter().any(|name| candidate.get(*name).and_then(text).as_ref() == Some(&id))
            };
            let mut found = (0..candidates.len()).filter(|at| has_id(&candidates[*at]));
            found.next().filter(|_| found.next().is_none())
        })
        .collect();
    // The key of a result in an object may be its position.
    let index = |result: &CandidateMatches| {
        stated_index(result).or_else(|| id(result).filter(|_| keyed)?.parse::<i64>().ok())
    };
    let counted: Vec<i64> = results
        .iter()
        .zip(&by_id)
        .filter(|(_, by_id)| by_id.is_none())
        .filter_map(|(result, _)| index(result))
        .collect();
    let Some(first) = first_index(&counted, candidates.len()) else { return by_id };
    by_id
        .into_iter()
        .zip(results)
        .map(|(by_id, result)| by_id.or_else(|| usize::try_from(index(result)? - first).ok()))
        .collect()
}

/// The number from which the given positions are counted: 0 as in the contract, 1 if only that is
/// possible, or `None` if no position can be trusted.
fn first_index(counted: &[i64], candidates: usize) -> Option<i64> {
    let count = i64::try_from(candidates).unwrap_or(i64::MAX);
    let same = counted.windows(2).all(|pair| pair[0] == pair[1]);
    if same && candidates > 1 && counted.len() == candidates {
        // The API writes this number for every result if it does not know the field.
        return None;
    }
    if counted.iter().all(|index| (0..count).contains(index)) {
        return Some(0);
    }
    // Every candidate occurs exactly once, counted from 1.
    let each: HashSet<i64> = counted.iter().copied().collect();
    let all = each.len() == candidates && each.iter().all(|index| (1..=count).contains(index));
    all.then_some(1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The matches of each candidate, as their ids; `None` if they are unknown.
    fn placed(ids: &[&str], answer: Value) -> (Vec<Option<Vec<String>>>, bool) {
        let candidates: Vec<Fields> = ids
            .iter()
            .map(|id| json!({"email": "x", "id": id}).as_object().unwrap().clone())
            .collect();
        let answer: Matched = serde_json::from_value(answer).unwrap();
        let Placement { parts, unassigned } = place(&candidates, &answer);
        let names = |part: CandidateMatches| {
            part.matches.into_iter().map(|found| found.sf_id.unwrap_or_default()).collect()
        };
        (parts.into_iter().map(|part| part.map(names)).collect(), unassigned.is_some())
    }

    fn hit(name: &str) -> Value {
        json!([{"sf_id": name, "confidence": 0.9}])
    }

    fn own(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn results_are_found_by_index_by_id_and_by_order() {
        let expected = (vec![own(&["A"]), own(&["B"]), own(&["C"])], false);
        let (a, b, c) = (hit("A"), hit("B"), hit("C"));
        for results in [
            json!([{"candidate_index": 2, "matches": c}, {"candidate_index": 0, "matches": a},
                   {"candidate_index": 1, "matches": b}]),
            json!([{"candidate_index": "0", "matches": a}, {"candidate_index": 1.0, "matches": b},
                   {"candidate_index": 2, "matches": c}]),
            // Counted from 1: each candidate occurs once.
            json!([{"candidate_index": 1, "matches": a}, {"candidate_index": 2, "matches": b},
                   {"candidate_index": 3, "matches": c}]),
            json!([{"candidate_id": "z", "matches": c}, {"candidate_id": "x", "matches": a},
                   {"candidate_id": "y", "matches": b}]),
            // An id is certain, whatever the index says.
            json!([{"candidate_index": 0, "candidate_id": "x", "matches": a},
                   {"candidate_index": 0, "candidate_id": "y", "matches": b},
                   {"candidate_index": 0, "candidate_id": "z", "matches": c}]),
            json!([{"matches": a}, {"matches": b}, {"matches": c}]),
            json!([{"candidate_index": null, "matches": a}, {"matches": b}, {"matches": c}]),
            // The remaining result belongs to the remaining candidate.
            json!([{"candidate_index": 0, "matches": a}, {"candidate_id": "?", "matches": b},
                   {"candidate_index": 2, "matches": c}]),
            json!({"x": {"matches": a}, "y": {"matches": b}, "z": c}),
            json!({"0": {"matches": a}, "1": {"matches": b}, "2": {"matches": c}}),
            json!([{"candidate_index": 0, "sf_id": "A"}, {"candidate_index": 1, "sf_id": "B"},
                   {"candidate_index": 2, "sf_id": "C"}]),
        ] {
            let answer = json!({"success": true, "results": results});
            assert_eq!(placed(&["x", "y", "z"], answer), expected, "{results}");
        }
    }

    #[test]
    fn matches_in_other_forms_are_read() {
        let found = |name: &str| json!({"sf_id": name, "confidence": 0.9});
        for results in [
            json!([[found("A")], [found("B")]]),
            json!([{"match": found("A")}, {"match": found("B")}]),
            json!([{"matches": found("A")}, {"matches": found("B")}]),
            json!([{"matches": ["A"]}, {"matches": ["B", null]}]),
            json!([{"matches": [], "match": found("A")}, {"match": ["B"]}]),
            json!({"x": {"match": found("A")}, "y": ["B"]}),
        ] {
            let expected = (vec![own(&["A"]), own(&["B"])], false);
            let answer = json!({"results": results});
            assert_eq!(placed(&["x", "y"], answer), expected, "{results}");
        }
        let answer = json!({"results": [{"matches": ["A", found("B")]}, {"match": found("C")}]});
        assert_eq!(placed(&["x", "y"], answer), (vec![own(&["A", "B"]), own(&["C"])], false));
        for none in [json!({"match": null}), json!({"match": false}), json!({"matches": {}})] {
            let answer = json!({"results": [none, {"matches": hit("B")}]});
            let expected = (vec![own(&[]), own(&["B"])], false);
            assert_eq!(placed(&["x", "y"], answer), expected, "{none}");
        }
        for one in [json!({"match": found("A")}), json!({"results": {"match": found("A")}})] {
            assert_eq!(placed(&["x"], one), (vec![own(&["A"])], false));
        }
    }

    #[test]
    fn matches_that_cannot_be_read_are_not_no_matches() {
        for strange in [
            json!({"matches": 3}),
            json!({"matches": "A"}),
            json!({"matches": [7]}),
            json!({"matches": {"A": 0.9}}),
            json!({"match": true}),
            json!({"match": "A"}),
            json!("A"),
            json!(7),
        ] {
            let answer = json!({"results": [strange, {"matches": hit("B")}]});
            let expected = (vec![None, own(&["B"])], true);
            assert_eq!(placed(&["x", "y"], answer), expected, "{strange}");
        }
        // What was read for the same candidate does not hide it.
        let answer = json!({"results": [
            {"candidate_index": 0, "matches": hit("A")},
            {"candidate_index": 0, "matches": 3},
            {"candidate_index": 1, "matches": hit("B")},
        ]});
        assert_eq!(placed(&["x", "y"], answer), (vec![None, own(&["B"])], true));
    }

    #[test]
    fn a_candidate_without_a_result_has_no_matches() {
        let answer = json!({"results": [{"candidate_index": 1, "matches": hit("B")}]});
        let expected = vec![own(&[]), own(&["B"]), own(&[])];
        assert_eq!(placed(&["x", "y", "z"], answer), (expected, false));
        let answer = json!({"results": [null, {"matches": hit("B")}, {"matches": []}]});
        let expected = vec![own(&[]), own(&["B"]), own(&[])];
        assert_eq!(placed(&["x", "y", "z"], answer), (expected, false));
        assert_eq!(placed(&["x", "y"], json!({"results": []})).0, [own(&[]), own(&[])]);
    }

    #[test]
    fn what_may_belong_to_several_candidates_is_assigned_to_none() {
        for (results, known) in [
            // Two results for three candidates, without saying which.
            (json!([{"matches": hit("A")}, {"matches": hit("B")}]), [None, None, None]),
            // One index is not enough: it is unknown whether the others are counted from 0 or 1.
            (
                json!([{"candidate_index": 1, "matches": hit("A")},
                       {"candidate_index": 3, "matches": hit("B")}]),
                [None, None, None],
            ),
            (
                json!([{"candidate_index": -1, "matches": hit("A")},
                       {"candidate_index": 7, "matches": hit("B")}]),
                [None, None, None],
            ),
            (
                json!([{"candidate_id": "y", "matches": hit("B")},
                       {"candidate_id": "?", "matches": hit("A")}]),
                [None, own(&["B"]), None],
            ),
            // As many results as candidates, but all for the first.
            (
                json!([{"candidate_index": 0, "matches": hit("A")},
                       {"candidate_index": 0, "matches": hit("B")},
                       {"candidate_index": 0, "matches": []}]),
                [None, None, None],
            ),
            (json!("all matched"), [None, None, None]),
        ] {
            let (parts, unassigned) = placed(&["x", "y", "z"], json!({"results": results.clone()}));
            assert_eq!((parts, unassigned), (known.to_vec(), true), "{results}");
        }
    }

    #[test]
    fn a_single_candidate_has_whatever_was_found() {
        for answer in [
            json!({"results": [{"candidate_index": 7, "matches": hit("A")}]}),
            json!({"results": {"candidate_index": 1, "matches": hit("A")}}),
            json!({"results": [{"candidate_id": "other", "matches": hit("A")}]}),
            json!({"matches": hit("A")}),
        ] {
            assert_eq!(placed(&["x"], answer), (vec![own(&["A"])], false));
        }
    }

    #[test]
    fn several_results_of_a_candidate_are_one_with_the_most_confident_first() {
        let answer = json!({"results": [
            {"candidate_index": 1, "matches": [{"sf_id": "low", "confidence": 0.2}]},
            {"candidate_index": 1, "matches": [{"sf_id": "high", "confidence": 0.8}]},
        ]});
        let expected = vec![own(&[]), own(&["high", "low"]), own(&[])];
        assert_eq!(placed(&["x", "y", "z"], answer), (expected, false));
    }
}
