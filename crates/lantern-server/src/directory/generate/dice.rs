//! Random numbers from a seed. It uses SplitMix64 (Steele, Lea, Flood 2014) and not a generator of
//! the `rand` crate, whose streams may change between versions: a seed must always give the same
//! directory.

use std::fmt::Write;

pub(crate) struct Dice(u64);

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Dice {
    /// The stream for one row of one table.
    pub fn of(seed: u64, table: u64, row: usize) -> Self {
        Self(mixed(mixed(seed ^ table.wrapping_mul(GAMMA)).wrapping_add(row as u64)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mixed(self.0)
    }

    /// A number from 0 up to but excluding `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// A number from 0 up to but excluding 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// A weighted choice.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: u32 = weights.clone().sum();
        let mut left = self.below(total as usize) as u32;
        for (at, weight) in weights.enumerate() {
            if left < weight {
                return at;
            }
            left -= weight;
        }
        0
    }

    /// Fills in a pattern: `#` is any digit, `N` is 2 to 9, `H` is 6 to 9.
    pub fn fill_number(&mut self, pattern: &str, into: &mut String) {
        for sign in pattern.chars() {
            let (lowest, count) = match sign {
                '#' => (0, 10),
                'N' => (2, 8),
                'H' => (6, 4),
                other => {
                    into.push(other);
                    continue;
                }
            };
            into.push(char::from(b'0' + lowest + self.below(count) as u8));
        }
    }

    /// Fills in a pattern in which only `#` is replaced, by any digit.
    pub fn fill_digits(&mut self, pattern: &str, into: &mut String) {
        for sign in pattern.chars() {
            if sign == '#' {
                into.push(char::from(b'0' + self.below(10) as u8));
            } else {
                into.push(sign);
            }
        }
    }

    /// Eight hexadecimal digits, which LinkedIn appends to a name that is taken.
    pub fn hex(&mut self, into: &mut String) {
        // Writing to a String cannot fail.
        let _ = write!(into, "{:08x}", self.next() as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The first outputs for seed 0, from the authors' reference implementation.
        let mut dice = Dice(0);
        assert_eq!(dice.next(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(dice.next(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn a_stream_never_changes() {
        let mut dice = Dice::of(7, 1, 0);
        let drawn: Vec<usize> = (0..5).map(|_| dice.below(1000)).collect();
        assert_eq!(drawn, [920, 800, 574, 470, 223]);
    }
}
