//! Selects the matches among the compared pairs, and computes the confidence of each.

use std::{
    collections::{BTreeMap, HashMap},
    hash::BuildHasher,
    sync::Arc,
};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::{
    claims::{self, Candidates},
    compare::{
        field::{BINS, Field},
        role::Role,
    },
    learn::{Model, Pairs, Scorer},
    several_matches::SeveralMatches,
    ties,
    transitive::{self, Compared},
};
use crate::{
    calibration::{BOUND, of_relatives},
    found_pairs::{Found, Match, keep_top},
    labels::rivals::{self, Candidate, Rivals},
};

/// The score of a pair that is known to match.
const SURE: f32 = BOUND as f32;
/// Minimum confidence of a candidate that lowers the confidence of others.
const RIVAL: f64 = 1e-3;
/// The score of a row without a candidate.
const NONE: f64 = -BOUND;

/// The log-odds, in bits, that each row has a match: those of all its candidates together if it has
/// at most one match, otherwise those of the best candidate.
pub fn row_scores(model: &Model, starts: &[usize], scores: &[f32]) -> Vec<f64> {
    starts
        .windows(2)
        .map(|window| total(&scores[window[0]..window[1]], model.exclusive).max(NONE))
        .collect()
}

fn total(scores: &[f32], exclusive: bool) -> f64 {
    let best = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !exclusive || !best.is_finite() {
        return f64::from(best);
    }
    let sum: f64 = scores.iter().map(|score| f64::from(score - best).exp2()).sum();
    f64::from(best) + sum.log2()
}

/// A candidate is kept if its confidence is at least this share of the threshold or of `LOW`,
/// whichever is lower.
const HELD: f64 = 0.1;
const LOW: f64 = 0.01;

/// Pairs of one table with lower log-odds, in bits, do not match, whatever third rows show.
const HOPELESS: f32 = -20.0;

/// Pairs with less confidence are not checked for relatives, because it makes no difference to
/// them.
const UNLIKELY: f64 = 0.1;

/// Candidates of rows that have at most one match, kept until all rows were added.
#[derive(Default)]
struct Held {
    lefts: Vec<u32>,
    rights: Vec<u32>,
    scores: Vec<f32>,
    starts: Vec<usize>,
    /// The fields in which each candidate agrees, one bit each; empty unless all matches are
    /// wanted.
    agreeing: Vec<u64>,
    /// Whether each candidate may be a relative rather than a match.
    related: Vec<bool>,
}

/// Selects matches from the pairs that are added.
pub struct Selection<'a> {
    fields: &'a [Field],
    model: &'a Model,
    scorer: Arc<Scorer>,
    threshold: f64,
    pub top: Option<usize>,
    /// Labelled pairs, and whether each matches. A label overrides the score.
    pub known: HashMap<(u32, u32), bool>,
    /// Whether each right row is given to at most one left row, even if the tables show that
    /// several left rows match it.
    pub one_to_one: bool,
    /// Whether all matches of a row are wanted rather than the best.
    pub many: bool,
    /// Whether the confidence of a pair is limited if its rows may be relatives.
    pub doubts_relatives: bool,
    all: Vec<Match>,
    held: Held,
    /// Pairs of one table, kept until all rows were added, because any of them may be a third row.
    compared_pairs: Vec<Compared>,
    compared: u64,
    /// For each field, the number of selected pairs that agree in it, in another field, and in
    /// both.
    agreed: Vec<[f64; 3]>,
}

impl<'a> Selection<'a> {
    pub fn of(fields: &'a [Field], model: &'a Model, threshold: f64) -> Self {
        Self::with(fields, model, Arc::new(Scorer::of(model)), threshold)
    }

    /// Like [`Selection::of`], with a scorer that was already made from the model.
    pub fn with(
        fields: &'a [Field],
        model: &'a Model,
        scorer: Arc<Scorer>,
        threshold: f64,
    ) -> Self {
        Self {
            fields,
            model,
            scorer,
            threshold,
            top: None,
            known: HashMap::new(),
            one_to_one: false,
            many: false,
            doubts_relatives: true,
            all: Vec::new(),
            held: Held::default(),
            compared_pairs: Vec::new(),
            compared: 0,
            agreed: vec![[0.0; 3]; fields.len()],
        }
    }

    /// Adds the compared candidates of some rows.
    pub fn add(&mut self, pairs: &Pairs) {
        self.compared += pairs.len() as u64;
        let mut scores = self.model.scores_by(&self.scorer, pairs);
        if !self.known.is_empty() {
            // A label also changes the confidence of the other candidates of the row, which
            // compete.
            for (score, pair) in scores.iter_mut().zip(pairs.left.iter().zip(&pairs.right)) {
                match self.known.get(&(*pair.0, *pair.1)) {
                    Some(true) => *score = SURE,
                    Some(false) => *score = -SURE,
                    None => {}
                }
            }
        }
        let rivals = self.rivals().is_some();
        if self.model.exclusive && !rivals {
            self.hold(pairs, &scores);
            return;
        }
        // Rivals are weighed after all rows were added.
        let (least, top) = if rivals { (RIVAL, None) } else { (self.threshold, self.top) };
        if self.asks_third_rows() {
            self.compare_with_third_rows(pairs, &scores);
            return;
        }
        for window in pairs.starts.windows(2) {
            let before = self.all.len();
            let of_row = scores.iter().enumerate().take(window[1]).skip(window[0]);
            for (pair, score) in of_row {
                let score = f64::from(*score);
                // The doubt that labels cast is applied after the rivals were weighed.
                let confidence = if rivals {
                    self.model.calibration.plain(score)
                } else {
                    self.model.calibration.confidence(score)
                };
                let confidence = if confidence >= least && self.are_related(pairs, pair, confidence)
                {
                    of_relatives(confidence)
                } else {
                    confidence
                };
                if confidence >= least {
                    let (left, right) = (pairs.left[pair], pairs.right[pair]);
                    self.all.push(Match { left, right, confidence, rules: 0, ties: 0 });
                    let count = self.fields.len();
                    self.count(self.agreeing(&pairs.cells[pair * count..][..count]));
                }
            }
            best(&mut self.all, before, top);
        }
    }

    /// Whether third rows raise the confidence of pairs: in one table, if there are no labels.
    fn asks_third_rows(&self) -> bool {
        !self.model.exclusive && self.model.labelled.is_none() && self.known.is_empty()
    }

    /// Keeps the pairs that may match until all rows were added.
    fn compare_with_third_rows(&mut self, pairs: &Pairs, scores: &[f32]) {
        let count = self.fields.len();
        let state = FixedState::default();
        let of = |pair: usize| -> Option<(Compared, u64)> {
            let (cells, bits) = pairs.of_pair(pair, count);
            let score = f64::from(scores[pair]);
            let plain = self.model.calibration.confidence(score);
            let confidence =
                if self.are_related(pairs, pair, plain) { of_relatives(plain) } else { plain };
            let (told, identified) = self.scorer.weigh(cells, bits);
            if told < HOPELESS && confidence < self.threshold {
                return None;
            }
            let levels = || {
                let level =
                    |(&cell, field): (&u16, &Field)| usize::from(cell) / BINS % field.levels();
                cells.iter().zip(self.fields).map(level)
            };
            let grades = levels()
                .zip(self.fields)
                .map(|(level, field)| field.kind.comparison().levels()[level].grade as u8);
            #[expect(clippy::cast_possible_truncation, reason = "half of a hash is one")]
            let short = |hash: u64| hash as u32;
            let compared = Compared {
                left: pairs.left[pair],
                right: pairs.right[pair],
                confidence,
                against: self.scorer.against(cells, bits),
                identified,
                levels: short(state.hash_one(levels().collect::<Vec<_>>())),
                grades: short(state.hash_one(grades.collect::<Vec<_>>())),
            };
            let agreeing = if confidence >= self.threshold { self.agreeing(cells) } else { 0 };
            Some((compared, agreeing))
        };
        let found: Vec<(Compared, u64)> = (0..pairs.len()).into_par_iter().filter_map(of).collect();
        for (compared, agreeing) in found {
            if compared.confidence >= self.threshold {
                self.count(agreeing);
            }
            self.compared_pairs.push(compared);
        }
    }

    /// Selects from the pairs of all rows of one table.
    fn select_compared(&mut self) {
        let mut pairs = std::mem::take(&mut self.compared_pairs);
        transitive::raise(&mut pairs);
        let threshold = self.threshold;
        self.all = pairs
            .into_iter()
            .filter(|pair| pair.confidence >= threshold)
            .map(|Compared { left, right, confidence, .. }| Match {
                left,
                right,
                confidence,
                rules: 0,
                ties: 0,
            })
            .collect();
        self.all.sort_by(|a, b| a.left.cmp(&b.left).then(surest(a, b)));
        if let Some(top) = self.top {
            keep_top(&mut self.all, top);
        }
    }

    /// Keeps the pairs that may match until all rows were added, because other rows may claim the
    /// same right row.
    fn hold(&mut self, pairs: &Pairs, scores: &[f32]) {
        let least = self.threshold.min(LOW) * HELD;
        for window in pairs.starts.windows(2) {
            let begin = self.held.rights.len();
            let of_row = scores.iter().enumerate().take(window[1]).skip(window[0]);
            for (pair, score) in of_row {
                let confidence = self.model.calibration.confidence(f64::from(*score));
                if confidence >= least {
                    self.held.related.push(self.are_related(pairs, pair, confidence));
                    self.held.lefts.push(pairs.left[pair]);
                    self.held.rights.push(pairs.right[pair]);
                    self.held.scores.push(*score);
                    if self.many {
                        let count = self.fields.len();
                        let agreeing = self.agreeing(&pairs.cells[pair * count..][..count]);
                        self.held.agreeing.push(agreeing);
                    }
                }
            }
            if self.held.rights.len() > begin {
                self.held.starts.push(begin);
            }
        }
    }

    /// Whether a pair may be two relatives, such as branches of a bank. Unlikely and labelled pairs
    /// are not checked.
    fn are_related(&self, pairs: &Pairs, pair: usize, confidence: f64) -> bool {
        let count = self.fields.len();
        self.doubts_relatives
            && confidence > UNLIKELY
            && !self.known.contains_key(&(pairs.left[pair], pairs.right[pair]))
            && self.scorer.are_related(
                &pairs.cells[pair * count..][..count],
                &pairs.bits[pair * count..][..count],
            )
    }

    /// What labels taught about rivals, if a row has at most one match.
    fn rivals(&self) -> Option<&'a Rivals> {
        let weights = self.model.labelled.as_ref().filter(|_| self.model.exclusive);
        weights.and_then(|weights| weights.rivals.as_ref())
    }

    /// Weighs all candidates against their rivals.
    fn weigh_rivals(&mut self) {
        let Some(rivals) = self.rivals() else { return };
        let candidate = |found: &Match| {
            let p = found.confidence.clamp(1e-15, 1.0 - 1e-15);
            Candidate { left: found.left, right: found.right, odds: (p / (1.0 - p)).ln() }
        };
        let field = rivals::Field::of(self.all.iter().map(candidate));
        for found in &mut self.all {
            let plain = rivals.confidence(&field, candidate(&*found));
            found.confidence = self.model.calibration.doubted(plain);
        }
        let threshold = self.threshold;
        self.all.retain(|found| found.confidence >= threshold);
        self.all.sort_by(|a, b| {
            let surer = b.confidence.total_cmp(&a.confidence);
            a.left.cmp(&b.left).then(surer).then(a.right.cmp(&b.right))
        });
        if let Some(top) = self.top {
            keep_top(&mut self.all, top);
        }
    }

    /// Selects from the kept candidates of all rows, each of which has at most one match.
    fn select_held(&mut self) {
        let mut held = std::mem::take(&mut self.held);
        let rows = held.starts.iter().map(|&start| held.lefts[start]);
        let copies = claims::copies(self.fields, rows);
        held.starts.push(held.rights.len());
        let of = Candidates { starts: &held.starts, rights: &held.rights, copies: &copies };
        let second = if self.one_to_one {
            0.0
        } else {
            claims::second_claims(&of, &held.scores, self.model.second)
        };
        let several = if self.many {
            let Held { lefts, rights, scores, .. } = &held;
            claims::second_of_left(self.fields, lefts, rights, scores, self.model.several)
        } else {
            claims::RAREST
        };
        let likely = (several, second);
        claims::contest_of_many(&of, &mut held.scores, likely, claims::ROUNDS);
        let given: Vec<Vec<(usize, Match)>> = held
            .starts
            .par_windows(2)
            .map(|window| {
                let (begin, end) = (window[0], window[1]);
                let mut all: Vec<(usize, Match)> = self
                    .confidences(&held.rights[begin..end], &held.scores[begin..end], several)
                    .into_iter()
                    .map(|(at, confidence, ties)| {
                        let related = held.related[begin + at];
                        (at, if related { of_relatives(confidence) } else { confidence }, ties)
                    })
                    .filter(|&(_, confidence, _)| confidence >= self.threshold)
                    .map(|(at, confidence, ties)| {
                        let (left, right) = (held.lefts[begin], held.rights[begin + at]);
                        (begin + at, Match { left, right, confidence, rules: 0, ties })
                    })
                    .collect();
                all.sort_by(|(_, a), (_, b)| surest(a, b));
                all.truncate(self.top.unwrap_or(usize::MAX));
                all
            })
            .collect();
        if self.many {
            given.iter().flatten().for_each(|&(at, _)| self.count(held.agreeing[at]));
        }
        self.all = given.into_iter().flatten().map(|(_, found)| found).collect();
    }

    /// Returns for each candidate of a row its position, its confidence, and how many other
    /// candidates are copies of the same record. `several` is how likely a second match is,
    /// compared with the first.
    fn confidences(&self, rights: &[u32], scores: &[f32], several: f64) -> Vec<(usize, f64, u32)> {
        let total = total(scores, true);
        let any = self.model.calibration.confidence(total);
        let mut found: Vec<(f64, u32, usize)> = scores
            .iter()
            .zip(rights)
            .enumerate()
            .map(|(at, (&score, &right))| ((f64::from(score) - total).exp2(), right, at))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let shares: Vec<(f64, u32)> =
            found.iter().map(|&(share, right, _)| (share, right)).collect();
        let is_small = |other: &(f64, u32)| other.0 < ties::LEAST * shares[0].0;
        // If all candidates together stay below the threshold, copies make no difference.
        let alone = shares.get(1).is_none_or(|other| !self.many && is_small(other));
        let leaders = if any < self.threshold || any < LOW || alone {
            (0..shares.len()).collect()
        } else {
            ties::groups(self.fields, self.model, &self.scorer, &shares, self.many)
        };
        let apart =
            SeveralMatches::of(found.iter().map(|&(.., at)| self.odds(scores[at])), several);
        let mut groups: BTreeMap<usize, (f64, u32)> = BTreeMap::new();
        for (place, (&leader, (share, _))) in leaders.iter().zip(&shares).enumerate() {
            let group = groups.entry(leader).or_default();
            group.0 += if self.many { apart.taken[place] } else { *share };
            group.1 += 1;
        }
        leaders
            .iter()
            .zip(&found)
            .enumerate()
            .map(|(place, (leader, &(.., at)))| {
                let (group, count) = groups.get(leader).copied().unwrap_or((0.0, 1));
                let confidence = if self.many {
                    self.model.calibration.doubted(apart.confidence(place, group, several))
                } else {
                    any * group.min(1.0)
                };
                (at, confidence, count - 1)
            })
            .collect()
    }

    /// The calibrated odds of a score.
    fn odds(&self, score: f32) -> f64 {
        let p = self.model.calibration.plain(f64::from(score));
        p / (1.0 - p).max(f64::EPSILON)
    }

    /// The fields in which a pair agrees, one bit each.
    fn agreeing(&self, cells: &[u16]) -> u64 {
        let agrees = |(at, (&cell, field)): (usize, (&u16, &Field))| {
            u64::from(usize::from(cell) / BINS % field.levels() == 1) << (at % 64)
        };
        cells.iter().zip(self.fields).enumerate().map(agrees).fold(0, |all, one| all | one)
    }

    fn count(&mut self, agreeing: u64) {
        let all = agreeing.count_ones();
        for (at, [own, other, both]) in self.agreed.iter_mut().enumerate() {
            let agrees = agreeing >> (at % 64) & 1 != 0;
            let others = all > u32::from(agrees);
            *own += f64::from(u8::from(agrees));
            *other += f64::from(u8::from(others));
            *both += f64::from(u8::from(agrees && others));
        }
    }

    /// The share of all matches that were compared, by capture and recapture (Lincoln and
    /// Petersen): as if pairs were found by the field in which most agree, and again, independently
    /// of it, by all others.
    fn recall(&self) -> Option<f64> {
        let [own, other, both] =
            *self.agreed.iter().max_by(|a, b| a[2].total_cmp(&b[2]).then(a[0].total_cmp(&b[0])))?;
        (both >= 20.0).then(|| ((own + other - both) * both / (own * other)).min(1.0))
    }

    /// The selected matches.
    pub fn selected(mut self) -> Vec<Match> {
        self.settle();
        self.all
    }

    /// Computes the confidences that depend on other rows.
    fn settle(&mut self) {
        if self.rivals().is_some() {
            self.weigh_rivals();
        } else if self.model.exclusive {
            self.select_held();
        } else if self.asks_third_rows() {
            self.select_compared();
        }
    }

    /// The selected matches, with warnings and the estimated recall.
    pub fn finish(mut self) -> Found {
        self.settle();
        let recall = if self.model.exclusive && !self.many { None } else { self.recall() };
        Found {
            warnings: self.warnings(),
            all: self.all,
            compared: self.compared,
            recall,
            unbound: Vec::new(),
        }
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let names: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
        // Values that most rows share do not identify a row.
        let says = |field: &Field| {
            field.role.identifies() || field.role == Role::Other && field.names_rows()
        };
        if !self.fields.iter().any(says) {
            warnings.push(format!(
                "No column says who a row is ({}); rows that agree may be different. Add a name, an e-mail address or an identifier.",
                names.join(", ")
            ));
        }
        let weak = self.model.calibration.confidence(f64::from(self.model.prior()) + 30.0) < 0.5;
        if weak && self.compared > 0 {
            warnings.push(format!(
                "The best pairs are no more alike than rows that cannot match ({}); add columns that tell rows apart, or labels.",
                names.join(", ")
            ));
        }
        let surest = self.model.calibration.doubted(1.0);
        if self.threshold > surest {
            warnings.push(format!(
                "The labels show too few sure pairs for any to be surer than {surest:.3}, and the threshold is {}; lower it, give more labels, or have it chosen by the precision to reach.",
                self.threshold
            ));
        }
        let tied = self.all.iter().filter(|found| found.ties > 0).count();
        if tied > 0 && self.top == Some(1) {
            warnings.push(format!(
                "{tied} left rows match several right rows that are copies of one record; the first of them is given. Deduplicate the right table, or keep all matches of a row (top)."
            ));
        }
        warnings
    }
}

fn surest(a: &Match, b: &Match) -> std::cmp::Ordering {
    b.confidence.total_cmp(&a.confidence).then(a.right.cmp(&b.right))
}

/// Sorts the matches from `before` on by falling confidence, and keeps the first `top` of them.
fn best(all: &mut Vec<Match>, before: usize, top: Option<usize>) {
    all[before..].sort_by(surest);
    if let Some(top) = top {
        all.truncate(before + top.min(all.len() - before));
    }
}
