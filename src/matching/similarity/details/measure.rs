//! From counts to scores: what Jaro, Levenshtein and their kin share.

use super::{
    codes::{Codes, Pattern},
    kernel::{Code, Kernel},
    queue::{Lanes, Queue},
    rows::Instructions,
    strips::Scratch,
    workspace::{self, Workspace},
};

/// What a score is made of beside its count.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lengths {
    pub(crate) a: usize,
    pub(crate) b: usize,
    /// Common characters at the beginning, up to [`Measure::PREFIX`].
    pub(crate) prefix: usize,
}

/// A measure that is a formula over one count and the lengths of the strings. The greater its
/// score, the more alike are the strings.
pub(crate) trait Measure: Copy + Send + Sync + 'static {
    type Kernel: Kernel;

    /// How much of a common beginning the formula looks at.
    const PREFIX: usize = 0;
    /// The score of equal strings.
    const EQUAL: f64 = 1.0;

    /// The greatest score that strings of these lengths can have; neither is empty.
    fn best(self, of: Lengths) -> f64;
    /// The kernel's limit, such that anything beyond it scores below the cut-off.
    fn limit(self, of: Lengths, cutoff: f64) -> usize;
    fn score(self, of: Lengths, count: <Self::Kernel as Kernel>::Count) -> f64;

    /// The score where one string is empty and the other is not.
    fn with_empty(self, _: Lengths) -> f64 {
        0.0
    }

    /// What stands for a score below the cut-off.
    fn rejected(self, _cutoff: f64) -> f64 {
        0.0
    }

    #[inline(always)]
    fn cut(self, score: f64, cutoff: f64) -> f64 {
        if score >= cutoff { score } else { self.rejected(cutoff) }
    }
}

/// What can be said of a pair before anything is counted.
enum Start {
    Score(f64),
    Count(Lengths),
}

#[inline(always)]
fn start<M: Measure, C: Code>(measure: M, a: &[C], b: &[C], cutoff: f64) -> Start {
    let mut of = Lengths { a: a.len(), b: b.len(), prefix: 0 };
    if of.a == 0 || of.b == 0 {
        let score = if of.a == of.b { M::EQUAL } else { measure.with_empty(of) };
        return Start::Score(measure.cut(score, cutoff));
    }
    if M::PREFIX > 0 {
        of.prefix = a.iter().zip(b).take(M::PREFIX).take_while(|(a, b)| a == b).count();
    }
    if measure.best(of) < cutoff {
        return Start::Score(measure.rejected(cutoff));
    }
    Start::Count(of)
}

/// A pair too long for one word.
fn long<M: Measure, C: Code>(
    measure: M,
    (a, b): (&[C], &[C]),
    codes: usize,
    of: Lengths,
    cutoff: f64,
    scratch: &mut Scratch,
) -> f64 {
    let limit = measure.limit(of, cutoff);
    measure.cut(measure.score(of, M::Kernel::long(a, b, codes, limit, scratch)), cutoff)
}

/// The score of one pair.
pub(crate) fn pair<M: Measure>(measure: M, a: &str, b: &str, cutoff: f64) -> f64 {
    if a == b {
        return measure.cut(M::EQUAL, cutoff);
    }
    workspace::with(|Workspace { encoder, scratch, .. }| {
        one(measure, encoder.pair(a, b), cutoff, scratch)
    })
}

/// The score of a pattern and one text.
pub(crate) fn with_pattern<M: Measure>(
    measure: M,
    pattern: &Pattern,
    text: &str,
    cutoff: f64,
) -> f64 {
    if pattern.as_str() == text {
        return measure.cut(M::EQUAL, cutoff);
    }
    workspace::with(|Workspace { encoder, scratch, .. }| {
        one(measure, pattern.with(text, encoder), cutoff, scratch)
    })
}

fn one<M: Measure>(measure: M, codes: Codes<'_>, cutoff: f64, scratch: &mut Scratch) -> f64 {
    let (a, b) = match codes {
        Codes::Bytes(a, b) => (a, b),
        Codes::Wide(a, b, codes) => {
            return match start(measure, a, b, cutoff) {
                Start::Score(score) => score,
                Start::Count(of) => long(measure, (a, b), codes, of, cutoff, scratch),
            };
        }
    };
    let of = match start(measure, a, b, cutoff) {
        Start::Score(score) => return score,
        Start::Count(of) => of,
    };
    let [count] = match of.a.max(of.b) {
        ..=32 => {
            let mut lane = Lanes::<u32, 1>::new(Instructions::detect());
            lane.put(a, b);
            lane.run::<M::Kernel>()
        }
        ..=64 => {
            let mut lane = Lanes::<u64, 1>::new(Instructions::detect());
            lane.put(a, b);
            lane.run::<M::Kernel>()
        }
        _ => return long(measure, (a, b), 256, of, cutoff, scratch),
    };
    measure.cut(measure.score(of, count), cutoff)
}

/// Scores of many pairs, several at once where they are short.
#[derive(Debug)]
pub(crate) struct Scores<'o, M: Measure> {
    measure: M,
    cutoff: f64,
    queue: Queue<(usize, Lengths)>,
    out: &'o mut [f64],
}

impl<'o, M: Measure> Scores<'o, M> {
    pub(crate) fn new(measure: M, cutoff: f64, out: &'o mut [f64]) -> Self {
        Self { measure, cutoff, queue: Queue::new(), out }
    }

    /// Takes the pair whose score goes to `row`.
    #[inline(always)]
    pub(crate) fn put(&mut self, row: usize, codes: Codes<'_>, scratch: &mut Scratch) {
        let Self { measure, cutoff, queue, out } = self;
        let (measure, cutoff) = (*measure, *cutoff);
        let (a, b) = match codes {
            Codes::Bytes(a, b) => (a, b),
            Codes::Wide(a, b, codes) => {
                out[row] = match start(measure, a, b, cutoff) {
                    Start::Score(score) => score,
                    Start::Count(of) => long(measure, (a, b), codes, of, cutoff, scratch),
                };
                return;
            }
        };
        let of = match start(measure, a, b, cutoff) {
            Start::Score(score) => {
                out[row] = score;
                return;
            }
            Start::Count(of) => of,
        };
        if of.a.max(of.b) > Queue::<(usize, Lengths)>::MOST {
            out[row] = long(measure, (a, b), 256, of, cutoff, scratch);
            return;
        }
        queue.put::<M::Kernel>(a, b, (row, of), |(row, of), count| {
            out[row] = measure.cut(measure.score(of, count), cutoff);
        });
    }

    /// Takes a pair of equal strings.
    #[inline(always)]
    pub(crate) fn equal(&mut self, row: usize) {
        self.out[row] = self.measure.cut(M::EQUAL, self.cutoff);
    }

    pub(crate) fn finish(self) {
        let Self { measure, cutoff, mut queue, out } = self;
        queue.finish::<M::Kernel>(|(row, of), count| {
            out[row] = measure.cut(measure.score(of, count), cutoff);
        });
    }
}

/// The scores of pairs, row by row; the slices are equally long.
pub(crate) fn pairs<M: Measure>(
    measure: M,
    left: &[&str],
    right: &[&str],
    cutoff: f64,
    out: &mut [f64],
) {
    workspace::with(|Workspace { encoder, scratch, .. }| {
        let mut scores = Scores::new(measure, cutoff, out);
        for (row, (a, b)) in left.iter().zip(right).enumerate() {
            if a == b {
                scores.equal(row);
            } else {
                scores.put(row, encoder.pair(a, b), scratch);
            }
        }
        scores.finish();
    });
}

/// The scores of a pattern and each of the texts.
pub(crate) fn pattern_pairs<M: Measure>(
    measure: M,
    pattern: &Pattern,
    texts: &[&str],
    cutoff: f64,
    out: &mut [f64],
) {
    workspace::with(|Workspace { encoder, scratch, .. }| {
        let mut scores = Scores::new(measure, cutoff, out);
        for (row, text) in texts.iter().enumerate() {
            if pattern.as_str() == *text {
                scores.equal(row);
            } else {
                scores.put(row, pattern.with(text, encoder), scratch);
            }
        }
        scores.finish();
    });
}
