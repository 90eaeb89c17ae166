//! Finds similar texts without comparing all: those that share the most rare trigrams.
//!
//! Unlike a scan, this can miss some texts. The share that it misses is measured by a scan for a
//! sample.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::scan::Scan;

/// Maximum number of occurrences of trigrams that are looked at for a text, the rarest trigrams
/// first.
const MOST_OCCURRENCES: usize = 8_192;
/// Maximum number of texts that are compared with one text.
const MOST_COMPARED: usize = 256;
/// Number of texts for which a scan measures what is missed.
const SAMPLED: usize = 200;

/// The trigrams of the distinct right texts.
pub struct Trigrams<'a> {
    scan: Scan<'a>,
    shift: u32,
    starts: Vec<u32>,
    /// For each occurrence of a trigram, the text of the scan that contains it.
    entries: Vec<u32>,
}

/// Memory that a thread reuses from text to text.
#[derive(Default)]
pub struct Scratch {
    buckets: Vec<(u32, u32)>,
    /// For each text: the round in which it was last found, and what it shares.
    seen: Vec<(u32, f32)>,
    round: u32,
    found: Vec<(f32, u32)>,
}

impl<'a> Trigrams<'a> {
    pub fn new(scan: Scan<'a>) -> Self {
        let hashes: Vec<Vec<u64>> = (0..scan.len())
            .into_par_iter()
            .map(|at| {
                let mut of = Vec::new();
                hashes(scan.text(at), &mut of);
                of
            })
            .collect();
        let total: usize = hashes.iter().map(Vec::len).sum();
        let buckets = total.next_power_of_two().max(2);
        let shift = 64 - buckets.trailing_zeros();
        let mut starts = vec![0_u32; buckets + 1];
        for &hash in hashes.iter().flatten() {
            starts[(hash >> shift) as usize + 1] += 1;
        }
        for bucket in 1..=buckets {
            starts[bucket] += starts[bucket - 1];
        }
        let mut next = starts.clone();
        let mut entries = vec![0_u32; total];
        for (at, of) in (0_u32..).zip(&hashes) {
            for &hash in of {
                let place = &mut next[(hash >> shift) as usize];
                entries[*place as usize] = at;
                *place += 1;
            }
        }
        Self { scan, shift, starts, entries }
    }

    /// Calls `found` for nearly all right values that satisfy the rule.
    pub fn find(&self, value: u32, scratch: &mut Scratch, mut found: impl FnMut(u32)) {
        let Scratch { buckets, seen, round, found: alike } = scratch;
        if seen.len() != self.scan.len() {
            *seen = vec![(0, 0.0); self.scan.len()];
            *round = 0;
        }
        *round += 1;
        let mut own = Vec::new();
        hashes(self.scan.text_of(value), &mut own);
        buckets.clear();
        buckets.extend(own.iter().map(|hash| {
            let bucket = (hash >> self.shift) as usize;
            (self.starts[bucket], self.starts[bucket + 1])
        }));
        buckets.sort_unstable_by_key(|(start, end)| end - start);
        alike.clear();
        let mut occurrences = 0;
        for &(start, end) in buckets.iter() {
            occurrences += (end - start) as usize;
            if occurrences > MOST_OCCURRENCES && !alike.is_empty() {
                break;
            }
            let bits = 1.0 / ((end - start) as f32 + 1.0).sqrt();
            // If nearly all texts contain a trigram, any of them are as good as the others.
            for &other in &self.entries[start as usize..end as usize]
                [..((end - start) as usize).min(MOST_OCCURRENCES)]
            {
                let (last, shared) = &mut seen[other as usize];
                if *last == *round {
                    *shared += bits;
                } else {
                    (*last, *shared) = (*round, bits);
                    alike.push((0.0, other));
                }
            }
        }
        for (shared, other) in alike.iter_mut() {
            *shared = seen[*other as usize].1;
        }
        if alike.len() > MOST_COMPARED {
            alike.select_nth_unstable_by(MOST_COMPARED, |a, b| {
                b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
            });
            alike.truncate(MOST_COMPARED);
        }
        self.scan.find_among(value, alike.iter().map(|&(_, other)| other as usize), &mut found);
    }

    /// The share of what a scan finds that is found here, for a sample of `values`.
    pub fn recall(&self, values: &[u32]) -> f64 {
        let step = values.len().div_ceil(SAMPLED).max(1);
        let sample: Vec<u32> = values.iter().copied().step_by(step).collect();
        let (found, of) = sample
            .par_iter()
            .map_init(Scratch::default, |scratch, &value| {
                let (mut found, mut of) = (0_u64, 0_u64);
                self.find(value, scratch, |_| found += 1);
                self.scan.find(value, |_| of += 1);
                (found, of)
            })
            .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        if of == 0 { 1.0 } else { found as f64 / of as f64 }
    }
}

/// The hashes of the trigrams of a text with a space on either side, without duplicates.
fn hashes(text: &str, out: &mut Vec<u64>) {
    let state = FixedState::default();
    let mut gram = [' '; 3];
    for letter in text.chars().chain([' ']) {
        gram = [gram[1], gram[2], letter];
        out.push(state.hash_one(gram));
    }
    out.sort_unstable();
    out.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        rules::Operator,
        tables::{Kind, Texts},
    };

    #[test]
    fn what_is_alike_is_found_among_many() {
        let mut texts = Texts::default();
        let words = ["harbor", "summit", "maple", "quarry", "falcon", "cedar", "willow", "prairie"];
        for a in words {
            for b in words {
                for c in words {
                    texts.number(&format!("{a} {b} {c} partners"));
                }
            }
        }
        let all: Vec<u32> = (0..texts.len() as u32).collect();
        let wanted = texts.number("harbour sumit maple partner");
        let op = Operator::Fuzzy(0.85);
        let scan = || Scan::new(Some(&texts), &all, Kind::Company, op);
        let mut expected = Vec::new();
        scan().find(wanted, |value| expected.push(value));
        let trigrams = Trigrams::new(scan());
        let mut found = Vec::new();
        trigrams.find(wanted, &mut Scratch::default(), |value| found.push(value));
        expected.sort_unstable();
        found.sort_unstable();
        assert!(!expected.is_empty());
        assert_eq!(found, expected);
        assert!(trigrams.recall(&all) > 0.95, "{}", trigrams.recall(&all));
    }
}
