//! Matching by rules, losslessly: the result is that of comparing every pair.
//!
//! Rows with the same values under the rules are one *profile*, so a value that a million rows have
//! costs as much as one. A group of rules with `exact` or `eq` finds its pairs by a hash join on
//! all of them together; one with `contains` and `fuzzy` alone compares every distinct value with
//! every other, past bounds by length and letters that no match can fail (`scan`).

use std::{
    collections::{BTreeMap, HashMap},
    hash::BuildHasher,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::{
    approximate::{self, Trigrams},
    assign,
    fields::Kind,
    linkage::{Options, Watch, check},
    matches::{Match, Matches, Method},
    rules::{FieldRule, Operator},
    scan::Scan,
    table::{FieldSpec, Table},
    values::{NULL, Values},
};
use crate::error::{Error, Result};

/// The most matches that are held at once.
const MOST_MATCHES: u64 = 100_000_000;
/// From how many equal rows on duplicates are not paired each with each, but with the first.
const HOT: usize = 64;
/// How many profiles of the left are matched before their matches are counted.
const BLOCK: usize = 16_384;
/// From how many comparisons on a plan warns.
pub const MANY_COMPARISONS: u64 = 20_000_000_000;

/// A field that rules name.
pub struct RuleField {
    pub name: String,
    pub kind: Kind,
    /// The columns of each side that it is made of.
    pub left: Vec<String>,
    pub right: Vec<String>,
    /// As they are, for `exact`.
    pub raw: Option<Values>,
    /// Normalized, for the other operators.
    pub keys: Option<Values>,
}

/// A rule bound to its field.
pub struct BoundRule {
    pub rule: FieldRule,
    pub field: usize,
    /// How much it says when it holds, 0 to 1.
    pub weight: f64,
}

/// Groups of rules over two tables.
pub struct RuleSet {
    pub fields: Vec<RuleField>,
    pub groups: Vec<Vec<BoundRule>>,
}

/// How a group finds its pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPlan {
    pub rules: Vec<String>,
    /// The rules that the join is on; empty where values are scanned.
    pub join: Vec<String>,
    /// The rule whose distinct values are scanned, where there is no join.
    pub scan: Option<String>,
    /// Pairs of rows that the join finds, or pairs of distinct values that the scan compares.
    pub candidates: u64,
    pub warning: Option<String>,
}

impl RuleSet {
    /// Binds rules to the columns of two tables.
    ///
    /// # Errors
    /// No rules, a field that neither `fields` nor both tables have, a fuzzy rule over a column of
    /// numbers, a weight for no field or beyond 0 to 1.
    pub fn bind(
        left: &Table,
        right: Option<&Table>,
        groups: &[Vec<FieldRule>],
        specs: &[FieldSpec],
        weights: &BTreeMap<String, f64>,
    ) -> Result<Self> {
        if groups.is_empty() || groups.iter().any(Vec::is_empty) {
            return Err(Error::input(
                "a group of rules is empty and would match everything; give at least one, such as 'email:eq'",
            ));
        }
        if groups.len() > 64 {
            return Err(Error::input(format!("{} groups of rules are more than 64", groups.len())));
        }
        let mut fields: Vec<RuleField> = Vec::new();
        for rule in groups.iter().flatten() {
            rule.check().map_err(|error| Error::input(error.to_string()))?;
            let at = match fields.iter().position(|field| field.name == rule.field) {
                Some(at) => at,
                None => {
                    let spec = resolve(left, right, specs, &rule.field)?;
                    let kind = match spec.kind {
                        Some(kind) => kind,
                        None => kind(left, right, &spec),
                    };
                    fields.push(RuleField {
                        name: rule.field.clone(),
                        kind,
                        left: spec.left,
                        right: spec.right,
                        raw: None,
                        keys: None,
                    });
                    fields.len() - 1
                }
            };
            let spec = resolve(left, right, specs, &rule.field)?;
            let exact = rule.op == Operator::Exact;
            let there = if exact { fields[at].raw.is_some() } else { fields[at].keys.is_some() };
            if there {
                continue;
            }
            let left_column = left.joined(&spec.left)?;
            let right_column = right.map(|right| right.joined(&spec.right)).transpose()?;
            let of_text = |column: &[arrow::array::ArrayRef]| {
                column.first().is_none_or(|chunk| {
                    let kind = chunk.data_type();
                    !kind.is_numeric()
                })
            };
            if matches!(rule.op, Operator::Fuzzy(_) | Operator::Contains)
                && !(of_text(&left_column) && right_column.as_deref().is_none_or(of_text))
            {
                return Err(Error::input(format!(
                    "rule '{rule}' compares text, and column '{}' holds numbers; cast it to text, or use {}:eq",
                    spec.left.join(" + "),
                    rule.field
                )));
            }
            if exact {
                fields[at].raw =
                    Some(Values::raw(&rule.field, &left_column, right_column.as_deref())?);
            } else {
                fields[at].keys = Some(Values::keys(
                    fields[at].kind,
                    &rule.field,
                    &left_column,
                    right_column.as_deref(),
                )?);
            }
        }
        for (name, weight) in weights {
            if !fields.iter().any(|field| field.name == *name) {
                return Err(Error::input(format!(
                    "there is a weight for '{name}', which no rule names; rules name {}",
                    fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
                )));
            }
            if !(*weight > 0.0 && *weight <= 1.0) {
                return Err(Error::input(format!(
                    "the weight of '{name}' is {weight}; it is above 0 and at most 1"
                )));
            }
        }
        let groups = groups
            .iter()
            .map(|rules| {
                rules
                    .iter()
                    .map(|rule| {
                        let field =
                            fields.iter().position(|field| field.name == rule.field).unwrap_or(0);
                        let weight = weights
                            .get(&rule.field)
                            .copied()
                            .unwrap_or(fields[field].kind.weight());
                        BoundRule { rule: rule.clone(), field, weight }
                    })
                    .collect()
            })
            .collect();
        Ok(Self { fields, groups })
    }

    fn values(&self, rule: &BoundRule) -> Option<&Values> {
        let field = &self.fields[rule.field];
        if rule.rule.op == Operator::Exact { field.raw.as_ref() } else { field.keys.as_ref() }
    }

    /// The values that the rules read, each once, and for every group which of them its rules read.
    pub fn columns(&self) -> (Vec<&Values>, Vec<Vec<usize>>) {
        let mut columns: Vec<(usize, bool)> = Vec::new();
        let slots = self
            .groups
            .iter()
            .map(|group| {
                group
                    .iter()
                    .map(|rule| {
                        let of = (rule.field, rule.rule.op == Operator::Exact);
                        columns.iter().position(|&column| column == of).unwrap_or_else(|| {
                            columns.push(of);
                            columns.len() - 1
                        })
                    })
                    .collect()
            })
            .collect();
        let values = columns
            .iter()
            .filter_map(|&(field, raw)| {
                let field = &self.fields[field];
                if raw { field.raw.as_ref() } else { field.keys.as_ref() }
            })
            .collect();
        (values, slots)
    }

    /// What a rule says of two values: none where it does not hold, or how alike they are.
    pub fn holds(&self, rule: &BoundRule, left: u32, right: u32) -> Option<f64> {
        if left == NULL || right == NULL {
            return None;
        }
        match rule.rule.op {
            Operator::Exact | Operator::Eq => (left == right).then_some(1.0),
            Operator::Contains => {
                let texts = &self.values(rule)?.texts;
                let (a, b) = (texts.get(left), texts.get(right));
                (a.contains(b) || b.contains(a)).then_some(0.9)
            }
            Operator::Fuzzy(least) => {
                if left == right {
                    return Some(1.0);
                }
                let texts = &self.values(rule)?.texts;
                let kind = self.fields[rule.field].kind;
                let similarity =
                    kind.similarity().similarity(texts.get(left), texts.get(right), Some(least));
                (similarity >= least).then_some(similarity)
            }
        }
    }

    /// The confidence of a pair by the rules of a group, if all hold: 1 minus the product of what
    /// each rule leaves open, its weight times its similarity.
    fn confidence(
        &self,
        group: &[BoundRule],
        left: &[u32],
        right: &[u32],
        slots: &[usize],
    ) -> Option<f64> {
        let mut open = 1.0;
        for (rule, &slot) in group.iter().zip(slots) {
            open *= 1.0 - rule.weight * self.holds(rule, left[slot], right[slot])?;
        }
        Some(1.0 - open)
    }

    /// How each group would find its pairs, without finding them.
    pub fn plan(&self) -> Vec<GroupPlan> {
        self.groups.iter().map(|group| self.group_plan(group)).collect()
    }

    fn group_plan(&self, group: &[BoundRule]) -> GroupPlan {
        let rules = group.iter().map(|rule| rule.rule.to_string()).collect();
        let joins: Vec<&BoundRule> = group.iter().filter(joins).collect();
        if joins.is_empty() {
            let rule = &group[0];
            let best = group.iter().min_by_key(|rule| self.distinct_pairs(rule)).unwrap_or(rule);
            let candidates = self.distinct_pairs(best);
            let warning = (candidates > MANY_COMPARISONS).then(|| {
                format!(
                    "{} compares {candidates} pairs of distinct values; add a rule with eq or exact, or approximate=True",
                    best.rule
                )
            });
            return GroupPlan {
                rules,
                join: Vec::new(),
                scan: Some(best.rule.to_string()),
                candidates,
                warning,
            };
        }
        let columns: Vec<&Values> = joins.iter().filter_map(|rule| self.values(rule)).collect();
        let mut counts: HashMap<Vec<u32>, u64, FixedState> = HashMap::default();
        for row in 0..columns[0].right.len() {
            let key: Vec<u32> = columns.iter().map(|values| values.right[row]).collect();
            if !key.contains(&NULL) {
                *counts.entry(key).or_default() += 1;
            }
        }
        let mut candidates = 0_u64;
        for row in 0..columns[0].left.len() {
            let key: Vec<u32> = columns.iter().map(|values| values.left[row]).collect();
            candidates = candidates.saturating_add(counts.get(&key).copied().unwrap_or(0));
        }
        let warning = (candidates > MANY_COMPARISONS).then(|| {
            let most = counts.values().max().copied().unwrap_or(0);
            format!("{candidates} pairs of rows agree ({most} right rows have one key); each distinct combination is compared once, give top= to bound what comes back")
        });
        GroupPlan {
            rules,
            join: joins.iter().map(|rule| rule.rule.to_string()).collect(),
            scan: None,
            candidates,
            warning,
        }
    }

    fn distinct_pairs(&self, rule: &BoundRule) -> u64 {
        self.values(rule).map_or(0, |values| {
            let mut left: Vec<u32> =
                values.left.iter().copied().filter(|&value| value != NULL).collect();
            left.sort_unstable();
            left.dedup();
            let right = values.right_counts.iter().filter(|&&count| count > 0).count();
            left.len() as u64 * right as u64
        })
    }
}

/// Whether a group finds its pairs by a hash join on this rule.
pub fn joins(rule: &&BoundRule) -> bool {
    matches!(rule.rule.op, Operator::Exact | Operator::Eq)
}

fn kind(left: &Table, right: Option<&Table>, spec: &FieldSpec) -> Kind {
    if spec.left.len() > 1 || spec.right.len() > 1 {
        return Kind::Text;
    }
    spec.left
        .iter()
        .find_map(|name| left.kind(name))
        .or_else(|| right.and_then(|right| spec.right.iter().find_map(|name| right.kind(name))))
        .unwrap_or(Kind::Text)
}

/// The columns that a rule's field means: as `fields` says, the column of that name, or for
/// `name_company` the columns `name` and `company`.
fn resolve(
    left: &Table,
    right: Option<&Table>,
    specs: &[FieldSpec],
    name: &str,
) -> Result<FieldSpec> {
    if let Some(spec) = specs.iter().find(|spec| spec.name == name) {
        return Ok(spec.clone());
    }
    let right = right.unwrap_or(left);
    let columns = |table: &Table| match parts(name, |part| table.has(part)) {
        Some(parts) => Ok(parts),
        // The error of the whole name, with its nearest column.
        None => table.column(name).map(|_| Vec::new()),
    };
    Ok(FieldSpec {
        name: name.to_owned(),
        kind: None,
        left: columns(left)?,
        right: columns(right)?,
    })
}

/// The fields that a field's name means: itself, or the longest runs of its words that are fields
/// (`first_name_company` is `first_name` and `company`). None where words are left over.
pub fn parts(name: &str, has: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    if has(name) {
        return Some(vec![name.to_owned()]);
    }
    let words: Vec<&str> = name.split('_').collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (end, part) = (at + 1..=words.len())
            .rev()
            .map(|end| (end, words[at..end].join("_")))
            .find(|(_, part)| has(part))?;
        parts.push(part);
        at = end;
    }
    Some(parts)
}

/// Rows of one side with the same values under all rules.
struct Profiles {
    /// The values of each profile, one after another.
    values: Vec<u32>,
    width: usize,
    /// The rows of each profile.
    rows: Vec<Vec<u32>>,
}

impl Profiles {
    fn of(columns: &[&Arc<[u32]>], rows: usize) -> Self {
        let width = columns.len();
        let mut numbers: HashMap<Vec<u32>, usize, FixedState> = HashMap::default();
        let mut profiles = Self { values: Vec::new(), width, rows: Vec::new() };
        let mut key = vec![0; width];
        for row in 0..rows {
            for (slot, column) in key.iter_mut().zip(columns) {
                *slot = column[row];
            }
            let number = match numbers.get(&key) {
                Some(&number) => number,
                None => {
                    let number = profiles.rows.len();
                    numbers.insert(key.clone(), number);
                    profiles.values.extend(&key);
                    profiles.rows.push(Vec::new());
                    number
                }
            };
            profiles.rows[number].push(u32::try_from(row).unwrap_or(u32::MAX));
        }
        profiles
    }

    fn get(&self, number: usize) -> &[u32] {
        &self.values[number * self.width..(number + 1) * self.width]
    }

    fn len(&self) -> usize {
        self.rows.len()
    }
}

/// How a group's candidates are found.
enum Finder<'a> {
    /// By the values in these slots: right profiles by the hash of them.
    Join { slots: Vec<usize>, by_key: HashMap<u64, Vec<u32>, FixedState> },
    /// By the values in one slot: a scan, and right profiles by value.
    Scan { slot: usize, texts: Finding<'a>, by_value: HashMap<u32, Vec<u32>, FixedState> },
}

/// How texts that are alike are found.
enum Finding<'a> {
    All(Scan<'a>),
    Most(Trigrams<'a>),
}

/// Matches by rules.
///
/// # Errors
/// What [`RuleSet::bind`] refuses, more matches than can be held, or the watch says stop.
pub fn match_by_rules(
    left: &Table,
    right: Option<&Table>,
    groups: &[Vec<FieldRule>],
    weights: &BTreeMap<String, f64>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Matches> {
    check(options.threshold, options.top)?;
    let rules = RuleSet::bind(left, right, groups, &options.fields, weights)?;
    match_bound(left, right, rules, options, watch)
}

/// Matches by rules that are bound to these tables.
///
/// # Errors
/// A threshold beyond 0 to 1, more matches than can be held, or the watch says stop.
pub fn match_bound(
    left: &Table,
    right: Option<&Table>,
    rules: RuleSet,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Matches> {
    check(options.threshold, options.top)?;
    let threshold = options.threshold.unwrap_or(0.0);
    let top = options.top;
    watch.look(0, 1)?;
    let (values, slots) = rules.columns();
    let lefts =
        Profiles::of(&values.iter().map(|values| &values.left).collect::<Vec<_>>(), left.rows);
    let rights = right.map(|right| {
        Profiles::of(&values.iter().map(|values| &values.right).collect::<Vec<_>>(), right.rows)
    });
    let rights = rights.as_ref().unwrap_or(&lefts);
    let finders: Vec<Finder<'_>> = rules
        .groups
        .iter()
        .zip(&slots)
        .map(|(group, slots)| finder(&rules, group, slots, rights, options.approximate))
        .collect();
    let recall = options.approximate.then(|| recall(&finders, &lefts));
    let itself = right.is_none();
    let numbers: Vec<usize> = (0..lefts.len()).collect();
    let mut all: Vec<Match> = Vec::new();
    let mut compared = 0;
    let (done, held) = (AtomicU64::new(0), AtomicU64::new(0));
    let emission =
        Emission { lefts: &lefts, rights, itself, top, spanning: options.spanning, held: &held };
    for numbers in numbers.chunks(BLOCK) {
        let parts: Vec<(Vec<Match>, u64)> = numbers
            .par_chunks(16)
            .map_init(approximate::Scratch::default, |scratch, numbers| {
                let before = done.fetch_add(numbers.len() as u64, Ordering::Relaxed);
                watch.look(before, lefts.len() as u64)?;
                let mut out = Vec::new();
                let mut compared = 0;
                for &number in numbers {
                    let own = lefts.get(number);
                    let mut found: Vec<(u32, f64, u64)> = Vec::new();
                    for (at, finder) in finders.iter().enumerate() {
                        let mut consider = |other: u32| {
                            compared += 1;
                            let theirs = rights.get(other as usize);
                            // By the first group that holds; the others were asked then.
                            let earlier = (0..at).any(|group| {
                                rules
                                    .confidence(&rules.groups[group], own, theirs, &slots[group])
                                    .is_some()
                            });
                            if earlier {
                                return;
                            }
                            let mut held = 0_u64;
                            let mut confidence = 0.0_f64;
                            let later = rules.groups.iter().zip(&slots).enumerate().skip(at);
                            for (group, (bound, slots)) in later {
                                if let Some(sure) = rules.confidence(bound, own, theirs, slots) {
                                    held |= 1 << group;
                                    confidence = confidence.max(sure);
                                } else if group == at {
                                    return;
                                }
                            }
                            if confidence >= threshold {
                                found.push((other, confidence, held));
                            }
                        };
                        match finder {
                            Finder::Join { slots, by_key } => {
                                if let Some(key) = key(own, slots)
                                    && let Some(others) = by_key.get(&key)
                                {
                                    others.iter().for_each(|&other| consider(other));
                                }
                            }
                            Finder::Scan { slot, texts, by_value } if own[*slot] != NULL => {
                                let found = |value| {
                                    by_value
                                        .get(&value)
                                        .into_iter()
                                        .flatten()
                                        .for_each(|&other| consider(other));
                                };
                                match texts {
                                    Finding::All(scan) => scan.find(own[*slot], found),
                                    Finding::Most(trigrams) => {
                                        trigrams.find(own[*slot], scratch, found);
                                    }
                                }
                            }
                            Finder::Scan { .. } => {}
                        }
                    }
                    emission.emit(number, &mut found, &mut out)?;
                }
                Ok((out, compared))
            })
            .collect::<Result<_>>()?;
        for (part, count) in parts {
            all.extend(part);
            compared += count;
        }
    }
    all.par_sort_by(|a, b| {
        a.left.cmp(&b.left).then(b.confidence.total_cmp(&a.confidence)).then(a.right.cmp(&b.right))
    });
    if options.one_to_one {
        all = assign::one_to_one(all);
    }
    watch.look(1, 1)?;
    Ok(Matches {
        all,
        left: left.clone(),
        right: right.cloned(),
        threshold,
        compared,
        recall,
        method: Method::Rules(Arc::new(rules)),
    })
}

fn finder<'a>(
    rules: &'a RuleSet,
    group: &'a [BoundRule],
    slots: &[usize],
    rights: &Profiles,
    approximate: bool,
) -> Finder<'a> {
    let joined: Vec<usize> =
        group.iter().zip(slots).filter(|(rule, _)| joins(rule)).map(|(_, &slot)| slot).collect();
    if !joined.is_empty() {
        let mut by_key: HashMap<u64, Vec<u32>, FixedState> = HashMap::default();
        for number in 0..rights.len() {
            if let Some(key) = key(rights.get(number), &joined) {
                by_key.entry(key).or_default().push(u32::try_from(number).unwrap_or(u32::MAX));
            }
        }
        return Finder::Join { slots: joined, by_key };
    }
    let at = (0..group.len()).min_by_key(|&at| rules.distinct_pairs(&group[at])).unwrap_or(0);
    let slot = slots[at];
    let mut by_value: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
    for number in 0..rights.len() {
        let value = rights.get(number)[slot];
        if value != NULL {
            by_value.entry(value).or_default().push(u32::try_from(number).unwrap_or(u32::MAX));
        }
    }
    let rule = &group[at];
    let mut values: Vec<u32> = by_value.keys().copied().collect();
    values.sort_unstable();
    let texts = rules.values(rule).map(|values| &values.texts);
    let scan = Scan::new(texts, &values, rules.fields[rule.field].kind, rule.rule.op);
    let texts = if approximate { Finding::Most(Trigrams::new(scan)) } else { Finding::All(scan) };
    Finder::Scan { slot, texts, by_value }
}

/// The least share of what there is to find that one of the finders finds.
fn recall(finders: &[Finder<'_>], lefts: &Profiles) -> f64 {
    let of = |finder: &Finder<'_>| match finder {
        Finder::Scan { slot, texts: Finding::Most(trigrams), .. } => {
            let mut values: Vec<u32> = (0..lefts.len())
                .map(|number| lefts.get(number)[*slot])
                .filter(|&value| value != NULL)
                .collect();
            values.sort_unstable();
            values.dedup();
            trigrams.recall(&values)
        }
        _ => 1.0,
    };
    finders.iter().map(of).fold(1.0, f64::min)
}

/// The hash of the values in some slots; none where one is missing. Hashes that collide only cost
/// a comparison: every rule is asked again.
fn key(values: &[u32], slots: &[usize]) -> Option<u64> {
    let mut key = Vec::with_capacity(slots.len());
    for &slot in slots {
        key.push((values[slot] != NULL).then_some(values[slot])?);
    }
    Some(FixedState::default().hash_one(key))
}

/// Turns pairs of profiles into matches of rows.
struct Emission<'a> {
    lefts: &'a Profiles,
    rights: &'a Profiles,
    itself: bool,
    top: Option<usize>,
    spanning: bool,
    /// How many matches there are so far, on all threads.
    held: &'a AtomicU64,
}

impl Emission<'_> {
    /// The matches of the rows of a left profile: the surest right rows up to `top`, and of equally
    /// sure ones the first.
    fn emit(
        &self,
        profile: usize,
        found: &mut [(u32, f64, u64)],
        out: &mut Vec<Match>,
    ) -> Result<()> {
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let most = self.top.unwrap_or(usize::MAX);
        // Matched with itself, a row has its own earlier rows only, so `top` counts for each apart.
        let kept = if self.itself { usize::MAX } else { most };
        let mut surest: Vec<(u32, f64, u64)> = Vec::new();
        for alike in found.chunk_by(|a, b| a.1 == b.1) {
            if surest.len() >= kept {
                break;
            }
            let begin = surest.len();
            for &(other, confidence, rules) in alike {
                let rows = self.shown(other as usize).iter().take(kept);
                surest.extend(rows.map(|&right| (right, confidence, rules)));
            }
            if alike.len() > 1 {
                surest[begin..].sort_unstable_by_key(|&(right, ..)| right);
            }
        }
        surest.truncate(kept);
        let rows = &self.lefts.rows[profile];
        let own = found.iter().find(|&&(other, ..)| other as usize == profile);
        for &left in rows {
            let begin = out.len();
            if self.spanning && rows.len() > HOT && left != rows[0] {
                // Of many equal rows, the first stands for all: the others are paired with it.
                out.extend(own.map(|&(_, confidence, rules_held)| Match {
                    left,
                    right: rows[0],
                    confidence,
                    rules: rules_held,
                }));
            } else {
                out.extend(
                    surest
                        .iter()
                        .filter(|&&(right, ..)| !self.itself || right < left)
                        .take(most)
                        .map(|&(right, confidence, rules)| Match {
                            left,
                            right,
                            confidence,
                            rules,
                        }),
                );
            }
            let given = (out.len() - begin) as u64;
            if self.held.fetch_add(given, Ordering::Relaxed) + given > MOST_MATCHES {
                return Err(Error::input(format!(
                    "these rules give more than {MOST_MATCHES} matches; give top=, or a rule that tells more (explain_plan shows the counts)"
                )));
            }
        }
        Ok(())
    }

    fn shown(&self, profile: usize) -> &[u32] {
        let rows = &self.rights.rows[profile];
        if self.spanning && rows.len() > HOT { &rows[..1] } else { rows }
    }
}
