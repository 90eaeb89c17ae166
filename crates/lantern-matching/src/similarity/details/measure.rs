//! Converts counts to scores, for Jaro, Levenshtein and similar measures.

use super::{
    codes::{Code, Codes, Pattern},
    kernel::Kernel,
    queue::{self, Queue, Registers},
    strips::Scratch,
    text::{Latin1, ROOM, Text},
    workspace::{self, Workspace},
};

/// The parts of a score other than its count.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lengths {
    pub(crate) a: usize,
    pub(crate) b: usize,
    /// Number of common characters at the beginning, up to four, if [`Measure::PREFIX`] is set.
    pub(crate) prefix: usize,
}

/// A measure that is a formula over one count and the lengths of the strings. The higher its score,
/// the more similar are the strings.
pub(crate) trait Measure: Copy + Send + Sync + 'static {
    type Kernel: Kernel;

    /// Whether the formula uses the first four characters.
    const PREFIX: bool = false;
    /// The lowest possible score.
    const LEAST: f64 = 0.0;
    /// The score of equal strings.
    const EQUAL: f64 = 1.0;

    /// The highest score that strings of these lengths can have; neither is empty.
    fn best(self, of: Lengths) -> f64;
    /// The kernel's limit, beyond which any score is below the cut-off.
    fn limit(self, of: Lengths, cutoff: f64) -> usize;
    fn score(self, of: Lengths, count: <Self::Kernel as Kernel>::Count) -> f64;

    /// The score if one string is empty and the other is not.
    fn with_empty(self, _: Lengths) -> f64 {
        0.0
    }

    /// The value that replaces a score below the cut-off.
    fn rejected(self, _cutoff: f64) -> f64 {
        0.0
    }

    #[inline(always)]
    fn cut(self, score: f64, cutoff: f64) -> f64 {
        if score >= cutoff { score } else { self.rejected(cutoff) }
    }
}

/// What is known about a pair before anything is counted.
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
    if M::PREFIX {
        of.prefix = C::common_start(a, b);
    }
    if cutoff > M::LEAST && measure.best(of) < cutoff {
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
    let mut out = [0.0];
    pairs(measure, &[a.into()], &[b.into()], cutoff, &mut out);
    out[0]
}

/// What the queue stores about a pair.
#[derive(Debug, Clone, Copy, Default)]
struct About {
    row: u32,
    a: u8,
    b: u8,
    prefix: u8,
}

impl About {
    #[inline(always)]
    fn lengths(self) -> Lengths {
        Lengths { a: self.a.into(), b: self.b.into(), prefix: self.prefix.into() }
    }
}

/// Scores many pairs, several at once if they are short.
#[derive(Debug)]
pub(crate) struct Scores<'o, M: Measure> {
    measure: M,
    cutoff: f64,
    queue: Queue<'o, About>,
    out: &'o mut [f64],
}

impl<'o, M: Measure> Scores<'o, M> {
    pub(crate) fn new(
        measure: M,
        cutoff: f64,
        registers: &'o mut Registers,
        out: &'o mut [f64],
    ) -> Self {
        Self { measure, cutoff, queue: Queue::new(registers), out }
    }

    /// Adds the pair whose score belongs to `row`, if it is short and ASCII.
    #[inline(always)]
    fn put_ascii(&mut self, row: usize, a: Text<'_>, b: Text<'_>) -> bool {
        if !self.queue.stage_ascii(a, b) {
            return false;
        }
        match start(self.measure, a.as_bytes(), b.as_bytes(), self.cutoff) {
            Start::Score(score) => self.out[row] = score,
            Start::Count(of) => self.take(row, of),
        }
        true
    }

    /// Adds the pair whose score belongs to `row`, if it is short and has no character beyond
    /// Latin-1.
    #[inline(always)]
    pub(crate) fn put_short(
        &mut self,
        row: usize,
        a: Text<'_>,
        b: Text<'_>,
        [latin1_a, latin1_b]: &mut [Latin1; 2],
    ) -> bool {
        if self.put_ascii(row, a, b) {
            return true;
        }
        if !latin1_a.read(a) || !latin1_b.read(b) {
            return false;
        }
        self.put_rooms(row, latin1_a.room(), latin1_b.room());
        true
    }

    /// Adds the pair whose score belongs to `row`, as codes with room after them.
    #[inline(always)]
    pub(crate) fn put_rooms(
        &mut self,
        row: usize,
        a: (&[u8; ROOM], usize),
        b: (&[u8; ROOM], usize),
    ) {
        match start(self.measure, &a.0[..a.1.min(ROOM)], &b.0[..b.1.min(ROOM)], self.cutoff) {
            Start::Score(score) => self.out[row] = score,
            Start::Count(of) => {
                self.queue.stage_rooms(a, b);
                self.take(row, of);
            }
        }
    }

    /// Adds the pair whose score belongs to `row`.
    pub(crate) fn put(&mut self, row: usize, codes: Codes<'_>, scratch: &mut Scratch) {
        let (measure, cutoff) = (self.measure, self.cutoff);
        let (a, b) = match codes {
            Codes::Bytes(a, b) => (a, b),
            Codes::Wide(a, b, codes) => {
                self.out[row] = match start(measure, a, b, cutoff) {
                    Start::Score(score) => score,
                    Start::Count(of) => long(measure, (a, b), codes, of, cutoff, scratch),
                };
                return;
            }
        };
        match start(measure, a, b, cutoff) {
            Start::Score(score) => self.out[row] = score,
            Start::Count(of) if of.a.max(of.b) > queue::MOST => {
                self.out[row] = long(measure, (a, b), 256, of, cutoff, scratch);
            }
            Start::Count(of) => {
                self.queue.stage(a, b);
                self.take(row, of);
            }
        }
    }

    /// Adds the pair that was staged.
    #[inline(always)]
    fn take(&mut self, row: usize, of: Lengths) {
        let Self { measure, cutoff, queue, out } = self;
        let about =
            About { row: row as u32, a: of.a as u8, b: of.b as u8, prefix: of.prefix as u8 };
        queue.take::<M::Kernel>(about, |about, counts| {
            write_scores(*measure, *cutoff, about, counts, out);
        });
    }

    /// Adds a pair of equal strings.
    #[inline(always)]
    pub(crate) fn equal(&mut self, row: usize) {
        self.out[row] = self.measure.cut(M::EQUAL, self.cutoff);
    }

    pub(crate) fn finish(self) {
        let Self { measure, cutoff, queue, out } = self;
        queue.finish::<M::Kernel>(|about, counts| {
            write_scores(measure, cutoff, about, counts, out);
        });
    }
}

#[inline(always)]
fn write_scores<M: Measure>(
    measure: M,
    cutoff: f64,
    about: &[About],
    counts: &[<M::Kernel as Kernel>::Count],
    out: &mut [f64],
) {
    // All formulas are computed first, so that their divisions run in parallel.
    let mut scores = [0.0; queue::SHORT];
    for ((score, about), &count) in scores.iter_mut().zip(about).zip(counts) {
        *score = measure.score(about.lengths(), count);
    }
    for (score, about) in scores.into_iter().zip(about) {
        out[about.row as usize] = measure.cut(score, cutoff);
    }
}

/// The scores of pairs, row by row; the slices have equal lengths.
pub(crate) fn pairs<M: Measure>(
    measure: M,
    left: &[Text],
    right: &[Text],
    cutoff: f64,
    out: &mut [f64],
) {
    workspace::with(|Workspace { encoder, scratch, registers, latin1, .. }| {
        let mut scores = Scores::new(measure, cutoff, registers, out);
        for (row, (&a, &b)) in left.iter().zip(right).enumerate() {
            if scores.put_short(row, a, b, latin1) {
                continue;
            }
            if a.as_str() == b.as_str() {
                scores.equal(row);
            } else {
                scores.put(row, encoder.pair(a.as_str(), b.as_str()), scratch);
            }
        }
        scores.finish();
    });
}

/// The scores of a pattern and each of the texts.
pub(crate) fn pattern_pairs<M: Measure>(
    measure: M,
    pattern: &Pattern,
    texts: &[Text],
    cutoff: f64,
    out: &mut [f64],
) {
    workspace::with(|Workspace { encoder, scratch, registers, latin1, .. }| {
        let mut scores = Scores::new(measure, cutoff, registers, out);
        for (row, &text) in texts.iter().enumerate() {
            if scores.put_short(row, pattern.text(), text, latin1) {
                continue;
            }
            if pattern.as_str() == text.as_str() {
                scores.equal(row);
            } else {
                scores.put(row, pattern.with(text.as_str(), encoder), scratch);
            }
        }
        scores.finish();
    });
}
