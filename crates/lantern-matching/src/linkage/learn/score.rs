//! The score of a pair: what its fields say, added up in bits, where it says who the rows are.

use super::{
    super::calibrate::BOUND,
    super::compare::{Grade, field::BINS, role::Role},
    model::Model,
};
use crate::tables::Kind;

/// The score of a pair in which nothing that identifies agrees.
pub const UNIDENTIFIED: f32 = -BOUND as f32;
/// How many bits fields that identify add at least for a pair to be identified.
const IDENTIFIED: f32 = 2.5;
/// How far beyond what singles out one row a single field counts, in bits.
const BEYOND: f32 = 12.0;
/// How much less values count at most that are alike and not the same, in bits.
const LESS: f32 = 5.0;

/// A model ready to score.
pub struct Scorer {
    /// What each cell of each field adds.
    pub weights: Vec<Vec<f32>>,
    pub prior: f32,
    roles: Vec<Role>,
    kinds: Vec<Kind>,
    levels: Vec<usize>,
    grades: Vec<Vec<Grade>>,
    most: f32,
    /// Whether no field identifies by its kind, so that all do.
    alone: bool,
}

impl Scorer {
    pub fn of(model: &Model) -> Self {
        let roles: Vec<Role> = model.fields.iter().map(|field| field.role).collect();
        #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
        let most = model.rows.log2() as f32 + BEYOND;
        Self {
            weights: model.weights(),
            prior: model.prior(),
            alone: !roles.iter().any(|role| role.identifies()),
            kinds: model.fields.iter().map(|field| field.kind).collect(),
            levels: model.fields.iter().map(|field| field.levels).collect(),
            grades: model
                .fields
                .iter()
                .map(|field| {
                    let levels = field.kind.comparison().levels();
                    levels.iter().map(|level| level.grade).collect()
                })
                .collect(),
            roles,
            most,
        }
    }

    fn grade(&self, field: usize, cell: u16) -> Option<Grade> {
        let level = usize::from(cell) / BINS % self.levels[field];
        self.grades[field].get(level).copied()
    }

    /// What one field adds, in bits; a single field does not outweigh all others.
    pub fn adds(&self, field: usize, cell: u16, bits: f32) -> f32 {
        let adds = self.weights[field][usize::from(cell)] + bits;
        // Colleagues have the domain of their addresses in common, and relatives their name: what
        // differs is no evidence for a match, however rare the rest.
        match self.grade(field, cell) {
            Some(Grade::Different) => adds.min(0.0),
            Some(Grade::Partly) if self.roles[field].identifies() => adds.min(0.0),
            // What is alike does not count as what is the same.
            Some(Grade::Alike | Grade::Partly) => adds.min(self.most - LESS),
            _ => adds.min(self.most),
        }
    }

    /// The log-odds of a pair, in bits, by the cells of its fields and the bits of their values.
    pub fn score(&self, cells: &[u16], bits: &[f32]) -> f32 {
        let mut all = self.prior;
        let (mut names, mut named) = (0.0_f32, false);
        let (mut identified, mut shared) = (0.0_f32, 0.0_f32);
        let (mut relative, mut handles) = (false, 0.0_f32);
        let (mut places, mut elsewhere, mut other_phone) = (0, 0, 0);
        for (at, (&cell, &bits)) in cells.iter().zip(bits).enumerate() {
            let adds = self.adds(at, cell, bits);
            all += adds;
            let grade = self.grade(at, cell);
            relative |= self.kinds[at] == Kind::FirstName && grade == Some(Grade::Different);
            if self.kinds[at] == Kind::Phone && grade == Some(Grade::Different) {
                other_phone = 1;
            }
            if matches!(self.kinds[at], Kind::Street | Kind::City | Kind::Postal)
                && grade.is_some_and(|grade| grade != Grade::Unknown)
            {
                places += 1;
                elsewhere += u32::from(grade == Some(Grade::Different));
            }
            match self.roles[at] {
                Role::Identity(_) => {
                    named |= !(usize::from(cell) / BINS).is_multiple_of(self.levels[at]);
                    names += adds;
                    identified += adds.max(0.0);
                }
                Role::Handle(_) => {
                    identified += adds.max(0.0);
                    handles += adds.max(0.0);
                }
                Role::Shared(_) => shared += adds.max(0.0),
                Role::Other if self.alone => identified += adds.max(0.0),
                Role::Other if matches!(self.kinds[at], Kind::Code | Kind::Date) => {
                    shared += adds.max(0.0);
                }
                Role::Other | Role::Group => {}
            }
        }
        if !(named && names < 0.0) {
            identified += shared;
        }
        // Relatives have all but the first name in common, branches all but the place: of those,
        // only an address of its own says that two are one.
        if relative || elsewhere > 0 && elsewhere == places && places + other_phone > 1 {
            identified = handles;
        }
        if identified < IDENTIFIED { all.min(UNIDENTIFIED) } else { all }
    }
}
