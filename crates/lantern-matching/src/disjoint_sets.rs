//! Disjoint sets that are joined step by step (union-find).

/// Disjoint sets of numbers.
pub struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    pub fn new(count: usize) -> Self {
        Self { parents: (0..count).collect() }
    }

    pub fn find(&mut self, mut one: usize) -> usize {
        while self.parents[one] != one {
            self.parents[one] = self.parents[self.parents[one]];
            one = self.parents[one];
        }
        one
    }

    pub fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        // The smaller number represents the set, so that the result does not depend on the order.
        let (low, high) = (one.min(other), one.max(other));
        self.parents[high] = low;
    }
}
