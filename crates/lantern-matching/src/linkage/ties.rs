//! Finds candidates of a row that are copies of one record: their shares of the probability add up,
//! and one of them stands for all.

use super::{
    compare::field::Field,
    learn::{Model, Scorer},
};
use crate::tables::NULL;

/// A candidate with less than this share of the best one's probability is not compared with the
/// others. If all matches of a row are wanted, it is a copy of another candidate if it has nothing
/// but values of that one.
pub const LEAST: f64 = 0.02;

/// Returns for each candidate which one stands for its group: the likeliest of the group, which
/// stands for itself.
///
/// `found` holds the shares of the probability and the right rows, by falling share.
pub fn groups(
    fields: &[Field],
    model: &Model,
    scorer: &Scorer,
    found: &[(f64, u32)],
    many: bool,
) -> Vec<usize> {
    let mut leaders: Vec<usize> = (0..found.len()).collect();
    for at in 1..found.len() {
        let is_small = found[at].0 < LEAST * found[0].0;
        if is_small && !many {
            break;
        }
        let same = (0..at).filter(|&other| leaders[other] == other).find(|&other| {
            let of = |row: u32| move |field: usize| fields[field].values.right[row as usize];
            let (one, two) = (of(found[other].1), of(found[at].1));
            if is_small {
                return is_part(fields, two, one);
            }
            let equal = (0..fields.len()).all(|field| one(field) == two(field));
            equal || model.pair(fields, scorer, one, two) >= 0.5
        });
        if let Some(leader) = same {
            leaders[at] = leader;
        }
    }
    leaders
}

/// Whether a row has only values of another row, at least one of which identifies it.
fn is_part(fields: &[Field], part: impl Fn(usize) -> u32, whole: impl Fn(usize) -> u32) -> bool {
    let has = |field: usize| part(field) != NULL;
    let says = |field: &Field| field.role.identifies() || field.names_rows();
    (0..fields.len()).all(|field| !has(field) || part(field) == whole(field))
        && fields.iter().enumerate().any(|(at, field)| has(at) && says(field))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;
    use crate::{
        linkage::compare::role::Role,
        tables::{FieldSpec, Kind, Regions},
    };

    #[test]
    fn a_row_that_lacks_something_is_a_part_of_one_that_has_it() {
        let field = |kind, role, texts: [Option<&str>; 4]| {
            let column = vec![Arc::new(StringArray::from(texts.to_vec())) as ArrayRef];
            let spec = FieldSpec::new("x", Some(kind), "x", "x");
            Field::of(&spec, kind, role, false, &column, None, &Regions::default()).unwrap()
        };
        let names = [Some("Acme"), Some("Acme"), None, Some("Apex")];
        let domains = [Some("acme.com"), None, Some("acme.com"), Some("acme.com")];
        let cities = [Some("Bonn"), Some("Bonn"), Some("Bonn"), Some("Bonn")];
        let fields = [
            field(Kind::Company, Role::Identity(0.15), names),
            field(Kind::Domain, Role::Identity(0.5), domains),
            field(Kind::City, Role::Group, cities),
        ];
        let of = |row: usize| {
            let fields = &fields;
            move |field: usize| fields[field].values.left[row]
        };
        assert!(is_part(&fields, of(1), of(0)) && is_part(&fields, of(2), of(0)));
        assert!(!is_part(&fields, of(0), of(1)), "it has more than the other");
        assert!(!is_part(&fields, of(3), of(0)), "another name");
        // A city alone does not identify a company.
        let city = |field: usize| if field == 2 { of(0)(2) } else { NULL };
        assert!(!is_part(&fields, city, of(0)));
    }
}
