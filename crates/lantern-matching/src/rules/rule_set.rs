//! Rules that are bound to the columns of tables, and the plan of how their pairs are found.
//!
//! Rows with the same values under the rules are one *profile*, so a value that a million rows have
//! costs as much as one. A group of rules with `exact` or `eq` finds its pairs by a hash join on
//! all of them together; one with `contains` and `fuzzy` alone compares every distinct value with
//! every other, past bounds by length and letters that no match can fail (`scan`).

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use crate::{
    error::{Error, Result},
    tables::{FieldSpec, Kind, NULL, Table, Values},
};
use lantern_rules::{FieldRule, Operator};

/// Number of comparisons from which a plan contains a warning.
pub const MANY_COMPARISONS: u64 = 20_000_000_000;

/// A field that rules use.
pub struct RuleField {
    pub name: String,
    pub kind: Kind,
    /// The columns of each side that form the field.
    pub left: Vec<String>,
    pub right: Vec<String>,
    /// The values as they are, for `exact`.
    pub raw: Option<Values>,
    /// The normalized values, for the other operators.
    pub keys: Option<Values>,
}

/// A rule bound to its field.
pub struct BoundRule {
    pub rule: FieldRule,
    pub field: usize,
    /// The confidence that it gives if it holds, 0 to 1.
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
    /// The rules that the join uses; empty if values are scanned.
    pub join: Vec<String>,
    /// The rule whose distinct values are scanned; `None` if there is a join.
    pub scan: Option<String>,
    /// Number of pairs of rows that the join finds, or of pairs of distinct values that the scan
    /// compares.
    pub candidates: u64,
    pub warning: Option<String>,
}

impl RuleSet {
    /// Binds rules to the columns of two tables.
    ///
    /// # Errors
    /// If there are no rules, a field is neither in `fields` nor in both tables, a fuzzy rule is
    /// about a column of numbers, or a weight is outside 0 to 1 or for a field that no rule uses.
    pub fn bind(
        left: &Table,
        right: Option<&Table>,
        groups: &[Vec<FieldRule>],
        specs: &[FieldSpec],
        weights: &BTreeMap<String, f64>,
    ) -> Result<Self> {
        if groups.is_empty() || groups.iter().any(Vec::is_empty) {
            return Err(Error::input("a group of rules is empty and would match everything")
                .hint("give at least one, such as 'email:eq'"));
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
                    "rule '{rule}' compares text, and column '{}' holds numbers",
                    spec.left.join(" + ")
                ))
                .hint(format!("cast it to text, or use {}:eq", rule.field)));
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
                let known: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
                let error = format!("there is a weight for '{name}', which no rule names");
                return Err(Error::input(error).hint(format!("rules name {}", known.join(", "))));
            }
            if !(*weight > 0.0 && *weight <= 1.0) {
                return Err(Error::input(format!("the weight of '{name}' is {weight}"))
                    .hint("give one above 0 and at most 1"));
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

    pub(super) fn values(&self, rule: &BoundRule) -> Option<&Values> {
        let field = &self.fields[rule.field];
        if rule.rule.op == Operator::Exact { field.raw.as_ref() } else { field.keys.as_ref() }
    }

    /// The values that the rules read, without duplicates, and for each group those that its rules
    /// read.
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

    /// The similarity of two values under a rule; `None` if the rule does not hold.
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

    /// The confidence of a pair by the rules of a group, if all of them hold: 1 minus the product
    /// of 1 minus weight times similarity over all rules.
    pub(super) fn confidence(
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

    /// Whether a rule measures similarity instead of equality.
    pub fn compares_likeness(&self) -> bool {
        let likeness =
            |rule: &BoundRule| matches!(rule.rule.op, Operator::Contains | Operator::Fuzzy(_));
        self.groups.iter().flatten().any(likeness)
    }

    /// Whether two rows match, which they do if a group of rules holds.
    pub fn hold(&self, left: usize, right: usize) -> bool {
        self.groups.iter().any(|group| {
            group.iter().all(|rule| {
                self.values(rule).is_some_and(|values| {
                    self.holds(rule, values.left[left], values.right[right]).is_some()
                })
            })
        })
    }

    /// How each group would find its pairs. Nothing is matched.
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
                    "{} compares {candidates} pairs of distinct values; add a rule with eq or exact, or match approximately",
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
            format!("{candidates} pairs of rows agree ({most} right rows have one key); each distinct combination is compared once; to bound the result, keep a few matches per left row (top)")
        });
        GroupPlan {
            rules,
            join: joins.iter().map(|rule| rule.rule.to_string()).collect(),
            scan: None,
            candidates,
            warning,
        }
    }

    pub(super) fn distinct_pairs(&self, rule: &BoundRule) -> u64 {
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

/// The columns that a rule's field refers to: those of `fields`, the column of that name, or for
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
        // This error names the whole field and suggests the most similar column.
        None => table.column(name).map(|_| Vec::new()),
    };
    Ok(FieldSpec {
        name: name.to_owned(),
        kind: None,
        left: columns(left)?,
        right: columns(right)?,
    })
}

/// The fields that a field's name refers to: itself, or the longest runs of its words that are
/// fields (`first_name_company` is `first_name` and `company`). `None` if words remain.
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
