//! Compares one text with many, after bounds that no match can fail.
//!
//! Texts are ordered by length, and each has a signature of 64 bits: for each of 32 classes of
//! letters, whether the text contains one of them, and whether it contains more. An edit changes
//! the signature in at most two bits (an insertion or a deletion in one), so two texts whose
//! signatures differ in `n` bits are at least `n / 2` edits apart. No text that satisfies a rule is
//! missed.

use crate::{
    similarity::Similarity,
    tables::{Kind, Texts},
};
use lantern_rules::Operator;

/// The distinct texts of the right, ready to be scanned.
pub struct Scan<'a> {
    texts: Option<&'a Texts>,
    op: Operator,
    measure: Similarity,
    /// The lengths of the texts, in ascending order.
    lengths: Vec<u32>,
    signatures: Vec<u64>,
    values: Vec<u32>,
}

impl<'a> Scan<'a> {
    pub fn new(texts: Option<&'a Texts>, values: &[u32], kind: Kind, op: Operator) -> Self {
        let mut all: Vec<(u32, u64, u32)> = texts
            .map(|texts| {
                values
                    .iter()
                    .map(|&value| {
                        let text = texts.get(value);
                        (letters(text), signature(text), value)
                    })
                    .collect()
            })
            .unwrap_or_default();
        all.sort_unstable();
        Self {
            texts,
            op,
            measure: kind.similarity(),
            lengths: all.iter().map(|text| text.0).collect(),
            signatures: all.iter().map(|text| text.1).collect(),
            values: all.iter().map(|text| text.2).collect(),
        }
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The text at a position of the scan.
    pub fn text(&self, at: usize) -> &str {
        self.text_of(self.values[at])
    }

    /// The text of a value of either side.
    pub fn text_of(&self, value: u32) -> &str {
        self.texts.map_or("", |texts| texts.get(value))
    }

    /// Calls `found` for every right value that satisfies the rule.
    pub fn find(&self, value: u32, found: impl FnMut(u32)) {
        let places = match self.op {
            Operator::Fuzzy(least) => {
                let (shortest, longest) = self.lengths_within(letters(self.text_of(value)), least);
                self.lengths.partition_point(|&other| f64::from(other) < shortest)
                    ..self.lengths.partition_point(|&other| f64::from(other) <= longest)
            }
            _ => 0..self.values.len(),
        };
        self.find_among(value, places, found);
    }

    /// Calls `found` for every value at these positions that satisfies the rule.
    pub fn find_among(
        &self,
        value: u32,
        places: impl Iterator<Item = usize>,
        mut found: impl FnMut(u32),
    ) {
        let text = self.text_of(value);
        let own = signature(text);
        match self.op {
            Operator::Exact | Operator::Eq => {
                places.filter(|&at| self.values[at] == value).for_each(|at| found(self.values[at]));
            }
            Operator::Contains => {
                for at in places {
                    let signature = self.signatures[at];
                    let other = self.text(at);
                    // One contains the other, so all letters of the shorter are in the longer.
                    if (signature & !own == 0 || own & !signature == 0)
                        && (other.contains(text) || text.contains(other))
                    {
                        found(self.values[at]);
                    }
                }
            }
            Operator::Fuzzy(least) => {
                let pattern = self.measure.prepare(text);
                let length = letters(text);
                for at in places {
                    let apart = (own ^ self.signatures[at]).count_ones();
                    if apart > self.most_apart(length, self.lengths[at], least) {
                        continue;
                    }
                    let other = self.values[at];
                    if other == value || pattern.similarity(self.text(at), Some(least)) >= least {
                        found(other);
                    }
                }
            }
        }
    }

    /// The range of lengths of texts whose similarity can reach `least`.
    fn lengths_within(&self, length: u32, least: f64) -> (f64, f64) {
        let length = f64::from(length);
        const SLACK: f64 = 1e-9;
        match self.measure {
            // The similarity is 1 - d / max(m, n), and d is at least the difference of the lengths.
            Similarity::Levenshtein => (length * least - SLACK, length / least + SLACK),
            // The similarity is 1 - d / (m + n), and d is at least the difference of the lengths.
            Similarity::TokenSort => {
                let ratio = least / (2.0 - least);
                (length * ratio - SLACK, length / ratio + SLACK)
            }
            _ => (0.0, f64::MAX),
        }
    }

    /// Maximum number of bits in which the signatures of texts with a similarity of `least` can
    /// differ.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small and not negative"
    )]
    fn most_apart(&self, m: u32, n: u32, least: f64) -> u32 {
        let (m, n) = (f64::from(m), f64::from(n));
        const SLACK: f64 = 1e-6;
        match self.measure {
            // A replaced letter changes two bits.
            Similarity::Levenshtein => (2.0 * (1.0 - least) * m.max(n) + SLACK) as u32,
            // Insertions and deletions change one bit. Sorting the words can change the signature
            // only by spaces, whose number is the same except for repeated ones.
            Similarity::TokenSort => ((1.0 - least) * (m + n) + SLACK) as u32 + 2,
            // The bonus for a common prefix gives at most s + 0.4 (1 - s), which must reach
            // `least`. Jaro is at most (c/m + c/n + 1) / 3 with c common letters, and each letter
            // that is not common changes a bit: bits <= m + n - 2 c.
            Similarity::JaroWinkler => {
                let jaro = ((least - 0.4) / 0.6).max(0.0);
                if m == 0.0 || n == 0.0 {
                    return u32::MAX;
                }
                let common = ((3.0 * jaro - 1.0) / (1.0 / m + 1.0 / n)).max(0.0);
                (m + n - 2.0 * common + SLACK) as u32
            }
            _ => u32::MAX,
        }
    }
}

fn letters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// The signature of a text: for each of 32 classes of letters, whether there is one, and whether
/// there are more.
fn signature(text: &str) -> u64 {
    let mut signature = 0_u64;
    for letter in text.chars() {
        let bit = 1_u64 << (u32::from(letter) % 32);
        if signature & bit == 0 {
            signature |= bit;
        } else {
            signature |= bit << 32;
        }
    }
    signature
}
