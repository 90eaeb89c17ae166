//! Finds the pairs that match by rules, losslessly: the result is that of comparing every pair.
//!
//! Rows with the same values under the rules form one *profile*, so a value that a million rows
//! share costs as much as a value of one row. A group of rules with `exact` or `eq` finds its pairs
//! by a hash join on all of these rules together. A group with only `contains` and `fuzzy` compares
//! every distinct value with every other, after bounds by length and letters that no match can fail
//! (`scan`).

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::{
    profiles::{ByKey, Lists, Profiles},
    rule_set::{BoundRule, RuleSet, joins},
    scan::Scan,
    trigrams::{self, Trigrams},
};
use crate::{
    error::{Error, Result},
    found_pairs::{Found, Match},
    options::{Options, Watch},
    tables::{NULL, Table, Texts},
};

/// Maximum number of matches that are held at once.
const MOST_MATCHES: u64 = 100_000_000;
/// If a table is matched with itself, up to this many equal rows are all paired with each other. Of
/// more rows, if that would give more than `MOST_EQUAL` pairs in total, each is paired with the
/// first only.
const ALWAYS_PAIRED: usize = 64;
const MOST_EQUAL: usize = 5_000_000;
/// Number of left profiles that are matched before their matches are put together.
const BLOCK: usize = 16_384;
/// Maximum number of matches after which a thread reports its count.
const COUNTED: u64 = 4_096;

/// A right profile that matches a left one: its confidence, and the groups of rules under which
/// they match.
type Held = (u32, f64, u64);

/// What a thread keeps between profiles.
#[derive(Default)]
struct Scratch {
    trigrams: trigrams::Scratch,
    found: Vec<Held>,
    surest: Vec<Held>,
}

/// Number of rows that are equal under the rules, for all profiles of more than one row that match
/// themselves (a profile without a value matches nothing).
fn equal_rows(profiles: &Profiles, slots: &[Vec<usize>]) -> Vec<usize> {
    let has_all = |values: &[u32], group: &[usize]| group.iter().all(|&at| values[at] != NULL);
    let matches = |number: &usize| {
        profiles.rows(*number).len() > 1
            && slots.iter().any(|group| has_all(profiles.get(*number), group))
    };
    (0..profiles.len()).filter(matches).map(|number| profiles.rows(number).len()).collect()
}

/// Maximum number of equal rows that are all paired with each other.
fn most_paired(mut sizes: Vec<usize>) -> usize {
    sizes.sort_unstable();
    let (mut pairs, mut most) = (0_usize, ALWAYS_PAIRED);
    for size in sizes {
        pairs = pairs.saturating_add(size * size.saturating_sub(1) / 2);
        if pairs > MOST_EQUAL {
            break;
        }
        most = most.max(size);
    }
    most
}

/// How the candidates of a group are found.
enum Finder<'a> {
    /// By the values in these slots: looks up right profiles by the hash of these values.
    Join { slots: Vec<usize>, by_key: ByKey },
    /// By the values in one slot: scans the distinct values, and looks up right profiles by value.
    Scan { slot: usize, texts: Finding<'a>, by_value: Lists },
}

/// How similar texts are found.
enum Finding<'a> {
    All(Scan<'a>),
    Most(Trigrams<'a>),
}

/// Finds the pairs that match under rules that are bound to these tables.
///
/// # Errors
/// If there are too many matches to hold, or `watch` stops the work.
pub fn find(
    left: &Table,
    right: Option<&Table>,
    rules: &RuleSet,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Found> {
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
        .map(|(group, slots)| finder(rules, group, slots, rights, options.approximate))
        .collect();
    let recall = options.approximate.then(|| recall(&finders, &lefts));
    let search = Search { rules, slots: &slots, finders: &finders, lefts: &lefts, rights, options };
    let itself = right.is_none();
    let equal = if options.spanning { equal_rows(&lefts, &slots) } else { Vec::new() };
    let mut paired = if options.spanning { most_paired(equal.clone()) } else { usize::MAX };
    let held = AtomicU64::new(0);
    let emission =
        Emission { lefts: &lefts, rights, itself, top: options.top, paired, held: &held };
    let (mut all, compared) = match search.run(&emission, watch) {
        // Equal rows that are similar to other equal rows give more pairs than estimated.
        Err(_) if paired > ALWAYS_PAIRED && emission.is_full() && options.spanning => {
            held.store(0, Ordering::Relaxed);
            paired = ALWAYS_PAIRED;
            search.run(&Emission { paired, ..emission }, watch)?
        }
        found => found?,
    };
    all.par_sort_by(|a, b| {
        a.left.cmp(&b.left).then(b.confidence.total_cmp(&a.confidence)).then(a.right.cmp(&b.right))
    });
    watch.look(1, 1)?;
    let hot = equal.iter().filter(|size| **size > paired).count();
    let warnings = (hot > 0)
        .then(|| {
            format!(
                "{hot} groups of more than {paired} rows that are equal under the rules: each row is paired with the first of its group only. The clusters are complete."
            )
        })
        .into_iter()
        .collect();
    Ok(Found { all, compared, recall, warnings, ..Found::default() })
}

/// What is searched for, and how.
struct Search<'a> {
    rules: &'a RuleSet,
    slots: &'a [Vec<usize>],
    finders: &'a [Finder<'a>],
    lefts: &'a Profiles,
    rights: &'a Profiles,
    options: &'a Options,
}

impl Search<'_> {
    /// The matches, and the number of pairs of profiles that were compared.
    fn run(&self, emission: &Emission<'_>, watch: &dyn Watch) -> Result<(Vec<Match>, u64)> {
        let Self { rules, slots, finders, lefts, rights, options } = *self;
        let threshold = options.threshold.unwrap_or(0.0);
        let numbers: Vec<usize> = (0..lefts.len()).collect();
        let mut all: Vec<Match> = Vec::new();
        let mut compared = 0;
        let done = AtomicU64::new(0);
        for numbers in numbers.chunks(BLOCK) {
            let parts: Vec<(Vec<Match>, u64)> = numbers
                .par_chunks(16)
                .map_init(Scratch::default, |scratch, numbers| {
                    let Scratch { trigrams: scratch, found, surest } = scratch;
                    let before = done.fetch_add(numbers.len() as u64, Ordering::Relaxed);
                    watch.look(before, lefts.len() as u64)?;
                    let mut out = Vec::new();
                    let mut compared = 0;
                    for &number in numbers {
                        let own = lefts.get(number);
                        found.clear();
                        for (at, finder) in finders.iter().enumerate() {
                            let mut consider = |other: u32| {
                                compared += 1;
                                let theirs = rights.get(other as usize);
                                // It was emitted for the first group that holds, and the other
                                // groups were checked then.
                                let earlier = (0..at).any(|group| {
                                    rules
                                        .confidence(
                                            &rules.groups[group],
                                            own,
                                            theirs,
                                            &slots[group],
                                        )
                                        .is_some()
                                });
                                if earlier {
                                    return;
                                }
                                let mut held = 0_u64;
                                let mut confidence = 0.0_f64;
                                let later = rules.groups.iter().zip(slots).enumerate().skip(at);
                                for (group, (bound, slots)) in later {
                                    if let Some(sure) = rules.confidence(bound, own, theirs, slots)
                                    {
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
                                    by_key.get(own, slots).iter().copied().for_each(consider);
                                }
                                Finder::Scan { slot, texts, by_value } if own[*slot] != NULL => {
                                    let found = |value: u32| {
                                        let others = by_value.get(value as usize);
                                        others.iter().for_each(|&other| consider(other));
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
                        emission.emit(number, found, surest, &mut out)?;
                    }
                    Ok((out, compared))
                })
                .collect::<Result<_>>()?;
            for (part, count) in parts {
                all.extend(part);
                compared += count;
            }
        }
        Ok((all, compared))
    }
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
        let by_key = rights.by_key(&joined);
        return Finder::Join { slots: joined, by_key };
    }
    let at = (0..group.len()).min_by_key(|&at| rules.distinct_pairs(&group[at])).unwrap_or(0);
    let slot = slots[at];
    let rule = &group[at];
    let texts = rules.values(rule).map(|values| &values.texts);
    let of: Vec<u32> = (0..rights.len()).map(|number| rights.get(number)[slot]).collect();
    let by_value = Lists::of(&of, texts.map_or(0, Texts::len));
    let values: Vec<u32> = (0_u32..)
        .zip(0..by_value.len())
        .filter(|&(_, value)| !by_value.get(value).is_empty())
        .map(|(value, _)| value)
        .collect();
    let scan = Scan::new(texts, &values, rules.fields[rule.field].kind, rule.rule.op);
    let texts = if approximate { Finding::Most(Trigrams::new(scan)) } else { Finding::All(scan) };
    Finder::Scan { slot, texts, by_value }
}

/// The lowest recall of any of the finders.
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

/// Turns pairs of profiles into matches of rows.
struct Emission<'a> {
    lefts: &'a Profiles,
    rights: &'a Profiles,
    itself: bool,
    top: Option<usize>,
    /// Maximum number of equal rows that are all paired with each other.
    paired: usize,
    /// Number of matches so far, on all threads.
    held: &'a AtomicU64,
}

impl Emission<'_> {
    /// Whether there are too many matches to hold.
    fn is_full(&self) -> bool {
        self.held.load(Ordering::Relaxed) > MOST_MATCHES
    }

    /// Emits the matches of the rows of a left profile: the most confident right rows up to `top`,
    /// and of equally confident ones the first.
    fn emit(
        &self,
        profile: usize,
        found: &mut [Held],
        surest: &mut Vec<Held>,
        out: &mut Vec<Match>,
    ) -> Result<()> {
        if found.is_empty() {
            return Ok(());
        }
        let mut counted = out.len();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let most = self.top.unwrap_or(usize::MAX);
        // In a table that is matched with itself, a row is paired with earlier rows only, so `top`
        // is counted for each row separately.
        let kept = if self.itself { usize::MAX } else { most };
        surest.clear();
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
        let rows = self.lefts.rows(profile);
        let own = found.iter().find(|&&(other, ..)| other as usize == profile);
        for &left in rows {
            if rows.len() > self.paired && left != rows[0] {
                // Of many equal rows, the first represents all: the others are paired with it.
                out.extend(own.map(|&(_, confidence, rules_held)| Match {
                    left,
                    right: rows[0],
                    confidence,
                    rules: rules_held,
                    ties: 0,
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
                            ties: 0,
                        }),
                );
            }
            // A profile of many rows may give too many matches to hold.
            let given = (out.len() - counted) as u64;
            if given >= COUNTED {
                counted = out.len();
                self.count(given)?;
            }
        }
        self.count((out.len() - counted) as u64)
    }

    /// Adds to the number of matches on all threads.
    fn count(&self, given: u64) -> Result<()> {
        if self.held.fetch_add(given, Ordering::Relaxed) + given > MOST_MATCHES {
            return Err(Error::input(format!("these rules give more than {MOST_MATCHES} matches"))
                .hint(
                    "keep a few matches per left row (top), or use rules that match fewer rows",
                ));
        }
        Ok(())
    }

    fn shown(&self, profile: usize) -> &[u32] {
        let rows = self.rights.rows(profile);
        if rows.len() > self.paired { &rows[..1] } else { rows }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;
    use crate::{options::Unwatched, pipeline::match_by_rules, results::Matches};

    fn deduped(texts: impl Iterator<Item = Option<String>>) -> Matches {
        let column: ArrayRef = Arc::new(texts.collect::<StringArray>());
        let batch = RecordBatch::try_from_iter([("text", column)]).unwrap();
        let table = Table::new(batch.schema(), vec![batch], "").unwrap();
        let groups = [vec!["text:eq".parse().unwrap()]];
        let options = Options { spanning: true, ..Options::default() };
        match_by_rules(&table, None, &groups, &BTreeMap::new(), &options, &Unwatched).unwrap()
    }

    #[test]
    fn equal_rows_are_paired_each_with_each() {
        let found = deduped((0..400).map(|row| (row % 2 == 0).then(|| "same".to_owned())));
        assert_eq!(found.all.len(), 200 * 199 / 2);
        assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    }

    #[test]
    fn very_many_equal_rows_are_paired_with_the_first_and_that_is_said() {
        let found = deduped((0..5_000).map(|row| Some(format!("v{}", row.min(4_000)))));
        assert!(found.all.len() == 1_000 * 999 / 2, "{}", found.all.len());
        let found = deduped((0..5_000).map(|_| Some("same".to_owned())));
        assert_eq!(found.all.len(), 4_999);
        assert!(found.warnings[0].contains("more than 64 rows"), "{:?}", found.warnings);
        let clusters = crate::results::cluster::clusters(&found);
        assert!(clusters.iter().all(|cluster| *cluster == 0));
    }
}
