//! Explains why a pair of rows matches or does not match, including pairs that were never compared.

use std::{cell::OnceCell, sync::Arc};

use super::{
    Contribution, Explanation,
    explain::text,
    matches::{Match, Matches, Method},
};
use crate::{
    error::{Error, Result},
    linkage::{
        learn::{Model, Scorer},
        one_row::OneRow,
    },
    rules::{Operator, RuleSet},
};

impl Matches {
    /// The match of two rows, if they match; rows of one table may be in either order.
    pub fn find(&self, left: u32, right: u32) -> Option<usize> {
        let (left, right) = self.ordered(left, right);
        let begin = self.all.partition_point(|found| found.left < left);
        let of_row = self.all[begin..].iter().take_while(|found| found.left == left);
        of_row.enumerate().find(|(_, found)| found.right == right).map(|(at, _)| begin + at)
    }

    fn ordered(&self, left: u32, right: u32) -> (u32, u32) {
        if self.right.is_some() { (left, right) } else { (left.max(right), left.min(right)) }
    }

    /// Explains match number `at`.
    ///
    /// The contributions of a learned model are bits that add up to the log-odds of the confidence,
    /// unless the confidence is within a millionth of 1. The last two are the prior odds, and what
    /// other candidates take away. The contributions of rules are shares that add up to the
    /// confidence.
    ///
    /// # Errors
    /// If there is no such match.
    pub fn explain(&self, at: usize) -> Result<Explanation> {
        Explainer::of(self).matched(at)
    }

    /// Explains why two rows match, or why they do not.
    ///
    /// # Errors
    /// If there is no such row, or both are the same row of one table.
    pub fn explain_pair(&self, left: u32, right: u32) -> Result<Explanation> {
        Explainer::of(self).pair(left, right)
    }

    fn is_known_to_differ(&self, left: u32, right: u32) -> bool {
        // Checked labels are sorted.
        self.selection.labels.binary_search(&(left, right, false)).is_ok()
    }
}

/// The explanation of a pair that does not match.
const NONE: u32 = u32::MAX;

/// Explains pairs of one result. What it needs is computed once.
pub struct Explainer<'a> {
    matches: &'a Matches,
    scorer: Option<Arc<Scorer>>,
    rows: Option<OneRow<'a>>,
    /// The first match of each right row.
    holders: OnceCell<Vec<u32>>,
}

impl<'a> Explainer<'a> {
    pub fn of(matches: &'a Matches) -> Self {
        let (mut scorer, mut rows) = (None, None);
        if let Method::Learned { fields, model, keys } = &matches.method {
            let made = Arc::new(Scorer::of(model));
            if let Some(keys) = keys {
                let many = matches.selection.top != Some(1) && !matches.selection.one_to_one;
                let (keys, made) = (Arc::clone(keys), Arc::clone(&made));
                rows = Some(OneRow::of(fields, model, keys, made, many));
            }
            scorer = Some(made);
        }
        Self { matches, scorer, rows, holders: OnceCell::new() }
    }

    /// Explains match number `at`.
    ///
    /// # Errors
    /// If there is no such match.
    pub fn matched(&self, at: usize) -> Result<Explanation> {
        let matches = self.matches;
        let found = matches.all.get(at).ok_or_else(|| {
            Error::input(format!("there is no match {at}"))
                .hint(format!("there are {}, counted from 0", matches.all.len()))
        })?;
        let contributions = matches.contributions(found, self.scorer.as_deref());
        let sentence = matches.sentence(found, None, &contributions);
        Ok(Explanation {
            left: found.left,
            right: found.right,
            confidence: found.confidence,
            contributions,
            sentence,
            why_not: None,
        })
    }

    /// Explains why two rows match, or why they do not.
    ///
    /// # Errors
    /// If there is no such row, or both are the same row of one table.
    pub fn pair(&self, left: u32, right: u32) -> Result<Explanation> {
        let matches = self.matches;
        let rows = (matches.left.rows, matches.right_table().rows);
        if left as usize >= rows.0 || right as usize >= rows.1 {
            let (side, row, rows) = if left as usize >= rows.0 {
                ("left", left, rows.0)
            } else {
                ("right", right, rows.1)
            };
            return Err(Error::input(format!(
                "there is no row {row} in the {side} table; it has {rows}, counted from 0"
            ))
            .hint("number rows from 0, or name the column of ids and give the id as a text"));
        }
        let (left, right) = matches.ordered(left, right);
        if matches.right.is_none() && left == right {
            return Err(Error::input(format!("row {left} is one row; name two rows")));
        }
        if let Some(at) = matches.find(left, right) {
            return self.matched(at);
        }
        Ok(match &matches.method {
            Method::Learned { fields, model, .. } => {
                let of_row = self.candidates(left);
                let compared = of_row.iter().find(|found| found.right == right).copied();
                let pair = compared.unwrap_or_else(|| Match {
                    left,
                    right,
                    confidence: if fields.is_empty() { 0.0 } else { self.confidence(left, right) },
                    rules: 0,
                    ties: 0,
                });
                let why_not = match compared {
                    Some(_) => self.why_not(model, &pair),
                    None if matches.is_known_to_differ(left, right) => LABELLED.to_owned(),
                    None if of_row.is_empty() => format!(
                        "they were never compared, because row {left} has no rare value or word in \
                         common with any row"
                    ),
                    None => format!(
                        "they were never compared, because {} other rows have more in common with row \
                         {left}",
                        of_row.len()
                    ),
                };
                self.other(&pair, why_not)
            }
            Method::Rules(rules) => {
                let (pair, contributions, why_not) = self.by_rules(rules, left, right);
                explained(matches, &pair, contributions, why_not)
            }
        })
    }

    /// Explains a pair that was compared, with its confidence.
    ///
    /// # Errors
    /// If there is no such row.
    pub fn compared(&self, pair: &Match) -> Result<Explanation> {
        match &self.matches.method {
            Method::Learned { model, .. } if self.matches.find(pair.left, pair.right).is_none() => {
                Ok(self.other(pair, self.why_not(model, pair)))
            }
            _ => self.pair(pair.left, pair.right),
        }
    }

    /// Explains a pair that does not match by a learned model.
    fn other(&self, pair: &Match, why_not: String) -> Explanation {
        let contributions = self.matches.contributions(pair, self.scorer.as_deref());
        explained(self.matches, pair, contributions, why_not)
    }

    /// The confidence of two rows, regardless of other candidates.
    pub fn confidence(&self, left: u32, right: u32) -> f64 {
        match (&self.matches.method, &self.scorer) {
            (Method::Learned { fields, model, .. }, Some(scorer)) => model.pair(
                fields,
                scorer,
                |at| fields[at].values.left[left as usize],
                |at| fields[at].values.right[right as usize],
            ),
            (Method::Rules(rules), _) => self.by_rules(rules, left, right).0.confidence,
            _ => 0.0,
        }
    }

    fn candidates(&self, left: u32) -> Vec<Match> {
        self.rows.as_ref().map_or_else(Vec::new, |rows| rows.candidates(left))
    }

    /// All candidates of some left rows, each with the number of the pattern in which its fields
    /// agree.
    pub fn all_candidates(&self, lefts: &[u32]) -> Vec<(Match, u64)> {
        self.rows.as_ref().map_or_else(Vec::new, |rows| rows.all(lefts))
    }

    /// Number of some pairs that were compared. Pairs of one table have the later row first.
    pub fn count_compared(&self, pairs: &[(u32, u32)]) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.compared(pairs))
    }

    /// The most confident match of a left row, and the first match of a right row.
    fn given(&self, left: u32) -> Option<&'a Match> {
        let all = &self.matches.all;
        all.get(all.partition_point(|found| found.left < left)).filter(|found| found.left == left)
    }

    fn holder(&self, right: u32) -> Option<&'a Match> {
        let all = &self.matches.all;
        let holders = self.holders.get_or_init(|| {
            let mut holders = vec![NONE; self.matches.right_table().rows];
            for (at, found) in all.iter().enumerate().rev() {
                holders[found.right as usize] = u32::try_from(at).unwrap_or(NONE);
            }
            holders
        });
        all.get(holders[right as usize] as usize)
    }

    /// Why a pair that was compared by a learned model does not match.
    fn why_not(&self, model: &Model, pair: &Match) -> String {
        let matches = self.matches;
        let Match { left, right, confidence, .. } = *pair;
        if matches.is_known_to_differ(left, right) {
            LABELLED.to_owned()
        } else if confidence < matches.threshold {
            format!("the confidence is below the threshold of {:.3}", matches.threshold)
        } else if let (Some(given), Some(_)) = (self.given(left), matches.selection.top) {
            format!(
                "row {left} keeps its surest match, row {} with confidence {:.3}",
                given.right, given.confidence
            )
        } else if let Some(holder) = self.holder(right) {
            format!(
                "row {right} is matched with left row {}, with confidence {:.3}",
                holder.left, holder.confidence
            )
        } else if model.exclusive {
            "other rows claim the same row more strongly".to_owned()
        } else {
            "it was not kept".to_owned()
        }
    }
}

/// Why a pair with a label against it does not match.
const LABELLED: &str = "a label says that they are not";

fn explained(
    matches: &Matches,
    pair: &Match,
    contributions: Vec<Contribution>,
    why_not: String,
) -> Explanation {
    Explanation {
        left: pair.left,
        right: pair.right,
        confidence: pair.confidence,
        sentence: matches.sentence(pair, Some(&why_not), &contributions),
        contributions,
        why_not: Some(why_not),
    }
}

impl Explainer<'_> {
    /// The similarity that each rule gives a pair that does not match, for the group of which most
    /// rules hold.
    fn by_rules(
        &self,
        rules: &RuleSet,
        left: u32,
        right: u32,
    ) -> (Match, Vec<Contribution>, String) {
        let (row, other) = (left as usize, right as usize);
        let mut best: Option<(usize, f64, Vec<Contribution>, Vec<String>)> = None;
        let mut held = 0_u64;
        let mut confidence: f64 = 0.0;
        for (number, group) in rules.groups.iter().enumerate() {
            let (mut open, mut holding) = (1.0, 0);
            let (mut parts, mut failing) = (Vec::new(), Vec::new());
            for rule in group {
                let field = &rules.fields[rule.field];
                let exact = rule.rule.op == Operator::Exact;
                let Some(values) = (if exact { &field.raw } else { &field.keys }) else { continue };
                let (a, b) = (values.left[row], values.right[other]);
                let (one, two) = (text(&values.texts, a), text(&values.texts, b));
                let alike = rules.holds(rule, a, b);
                let agreement = match (rule.rule.op, alike, &one, &two) {
                    (_, _, None, _) | (_, _, _, None) => "missing".to_owned(),
                    (Operator::Exact, Some(_), ..) => "exactly the same".to_owned(),
                    (Operator::Eq, Some(_), ..) => "the same".to_owned(),
                    (Operator::Exact | Operator::Eq, None, ..) => "not the same".to_owned(),
                    (Operator::Contains, Some(_), ..) => "one holds the other".to_owned(),
                    (Operator::Contains, None, ..) => "neither holds the other".to_owned(),
                    (Operator::Fuzzy(_), Some(alike), ..) => format!("{alike:.3} alike"),
                    (Operator::Fuzzy(least), None, Some(one), Some(two)) => {
                        let alike = field.kind.similarity().similarity(one, two, None);
                        format!("only {alike:.3} alike, below {least}")
                    }
                };
                let mut weight = 0.0;
                if let Some(alike) = alike {
                    weight = open * rule.weight * alike;
                    open -= weight;
                    holding += 1;
                } else {
                    failing.push(format!("'{}' ({} is {agreement})", rule.rule, field.name));
                }
                parts.push(Contribution {
                    field: field.name.clone(),
                    left: one,
                    right: two,
                    agreement,
                    weight,
                });
            }
            if failing.is_empty() {
                held |= 1 << number;
                confidence = confidence.max(1.0 - open);
            }
            // A group that holds explains more than a group that nearly holds.
            let rank = if failing.is_empty() { usize::MAX } else { holding };
            if best.as_ref().is_none_or(|(most, sure, ..)| (rank, 1.0 - open) > (*most, *sure)) {
                best = Some((rank, 1.0 - open, parts, failing));
            }
        }
        let (_, _, parts, failing) = best.unwrap_or_default();
        let pair = Match { left, right, confidence, rules: held, ties: 0 };
        let matches = self.matches;
        let why_not = if matches.is_known_to_differ(left, right) {
            LABELLED.to_owned()
        } else if held == 0 && failing.is_empty() {
            "there are no rules".to_owned()
        } else if held == 0 {
            format!("no group of rules holds; the nearest fails at {}", failing.join(" and "))
        } else if confidence < matches.threshold {
            format!("the confidence is below the threshold of {:.3}", matches.threshold)
        } else if let Some(given) = self.given(left) {
            format!(
                "row {left} keeps its surest matches, such as row {} with confidence {:.3}",
                given.right, given.confidence
            )
        } else if let Some(holder) = self.holder(right) {
            format!(
                "row {right} is matched with left row {}, with confidence {:.3}",
                holder.left, holder.confidence
            )
        } else {
            "equal rows are each paired with the first alone, or the pair was not compared"
                .to_owned()
        };
        (pair, parts, why_not)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use arrow::array::{ArrayRef, RecordBatch, StringArray};

    use crate::{
        options::{Options, Unwatched},
        pipeline::{link, match_by_rules},
        tables::Table,
    };

    fn table(columns: &[(&str, &[&str])]) -> Table {
        let columns = columns
            .iter()
            .map(|(name, texts)| (*name, Arc::new(StringArray::from(texts.to_vec())) as ArrayRef));
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        Table::new(batch.schema(), vec![batch], "").unwrap()
    }

    #[test]
    fn a_pair_that_rules_refuse_says_which_rule_fails() {
        let left =
            table(&[("domain", &["acme.com", "globex.com"]), ("company", &["Acme", "Globex"])]);
        let right = table(&[("domain", &["acme.com"]), ("company", &["Initech"])]);
        let rules = [vec!["domain:eq".parse().unwrap(), "company:fuzzy0.85".parse().unwrap()]];
        let found = match_by_rules(
            &left,
            Some(&right),
            &rules,
            &BTreeMap::new(),
            &Options::default(),
            &Unwatched,
        )
        .unwrap();
        assert!(found.all.is_empty());
        let explained = found.explain_pair(0, 0).unwrap();
        let why = explained.why_not.unwrap();
        assert!(why.contains("'company:fuzzy0.85'") && why.contains("below 0.85"), "{why}");
        assert!(!why.contains("domain"), "{why}");
        assert!(explained.sentence.starts_with("Left row 0 and right row 0 do not match"));
        assert_eq!(explained.contributions.len(), 2);
        assert!(found.explain_pair(2, 0).is_err());
    }

    #[test]
    fn a_learned_pair_says_whether_it_was_compared() {
        let names = ["ada byron", "carl gauss", "emmy noether", "kurt goedel", "alan turing"];
        let (left, right) = (table(&[("name", &names)]), table(&[("name", &names)]));
        let options = Options { top: Some(1), ..Options::default() };
        let found = link(&left, Some(&right), &options, &Unwatched).unwrap();
        let explained = found.explain_pair(0, 1).unwrap();
        let why = explained.why_not.unwrap();
        assert!(why.starts_with("they were never compared"), "{why}");
        assert!(explained.confidence < 0.5);
        let given = found.explain_pair(0, 0).unwrap();
        assert_eq!(given.why_not, None);
        assert_eq!(given, found.explain(0).unwrap());
        let options = Options { labels: vec![(0, 0, false)], ..options };
        let found = link(&left, Some(&right), &options, &Unwatched).unwrap();
        let why = found.explain_pair(0, 0).unwrap().why_not.unwrap();
        assert_eq!(why, "a label says that they are not");
    }
}
