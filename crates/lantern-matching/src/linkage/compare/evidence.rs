//! How all fields of a pair agree. Fields that go together, such as an employer and its city, count
//! once.

use super::{
    Grade,
    field::Field,
    letters::{self, Letters},
    role::Role,
    swapped,
    words::Scratch,
};
use crate::tables::Comparison;

/// How one field of a pair agrees.
#[derive(Clone, Copy, Debug)]
pub struct Agreement {
    /// The level, numbered over all contexts.
    pub code: u8,
    /// The rarity of what the values have in common, in bits.
    pub bits: f32,
    /// The part of `bits` that counts, because no other field contains it, in bits.
    pub counted: f32,
}

/// Whether a profile is similar but not equal to another one. It consists of the name, so the
/// similarity is that of the names and must not count twice.
///
/// E-mail addresses have levels of their own for this, which count.
fn is_merely_alike(field: &Field, code: u8) -> bool {
    let comparison = field.kind.comparison();
    comparison == Comparison::Letters
        && comparison
            .levels()
            .get(usize::from(code))
            .is_some_and(|level| matches!(level.grade, Grade::Alike | Grade::Partly))
}

/// The values of a row of the left, field by field.
pub fn left_row(fields: &[Field], row: usize, out: &mut Vec<u32>) {
    out.clear();
    out.extend(fields.iter().map(|field| field.values.left[row]));
}

/// The values of a row of the right, field by field.
pub fn right_row(fields: &[Field], row: usize, out: &mut Vec<u32>) {
    out.clear();
    out.extend(fields.iter().map(|field| field.values.right[row]));
}

/// Compares all fields of two rows, given by their values. Of the fields that describe a group
/// (employer, place), only the strongest counts as evidence.
pub fn compare(
    fields: &[Field],
    left: &[u32],
    right: impl Fn(usize) -> u32,
    scratch: &mut Scratch,
    out: &mut Vec<Agreement>,
) {
    out.clear();
    let mut group: Option<(usize, f32)> = None;
    for (at, field) in fields.iter().enumerate() {
        let (mut code, bits) = field.compare_once(at, left[at], right(at), scratch);
        let mut counted = bits;
        if matches!(field.role, Role::Handle(_)) && is_merely_alike(field, code) {
            code = letters::UNKNOWN;
        }
        if field.role == Role::Group {
            match group {
                Some((_, most)) if most >= bits => counted = bits.min(0.0),
                _ => {
                    if let Some((before, most)) = group.replace((at, bits)) {
                        out[before].counted = most.min(0.0);
                    }
                }
            }
        }
        out.push(Agreement { code, bits, counted });
    }
    for at in 0..fields.len() {
        let swapped = swapped::are_swapped(fields, at, left, &right, |at| out[at].code);
        if let Some(last) = swapped {
            for at in [at, last] {
                out[at].code = Letters::Swapped as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests;
