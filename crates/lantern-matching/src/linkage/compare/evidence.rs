//! How all fields of a pair agree, with what goes together counted once.

use super::{Grade, field::Field, letters, words::Scratch};
use crate::tables::{Comparison, Kind};

/// What a field tells of the person or the company that a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Role {
    /// Something of the row.
    #[default]
    Other,
    /// Who it is: matches differ in it in at most this share.
    Identity(f64),
    /// An address or a profile made of its name: matches differ in it in at most this share, and
    /// where two are merely alike, the names say so already.
    Handle(f64),
    /// Where it belongs: others of the same employer or place have it in common as well.
    Group,
}

/// How one field of a pair agrees.
#[derive(Clone, Copy, Debug)]
pub struct Agreement {
    /// The level in its context.
    pub code: u8,
    /// What the agreeing values tell by how rare they are, in bits.
    pub bits: f32,
    /// What of it other fields do not tell already, in bits.
    pub counted: f32,
}

/// Whether a profile or an address is merely alike: its first letter may be a first name.
///
/// The levels of e-mail addresses tell apart what is alike in them, and count.
fn is_merely_alike(field: &Field, code: u8) -> bool {
    let comparison = field.kind.comparison();
    comparison == Comparison::Letters
        && comparison
            .levels()
            .get(usize::from(code))
            .is_some_and(|level| matches!(level.grade, Grade::Alike | Grade::Partly))
}

/// Says what each field tells, where the fields show whether rows are people or companies.
///
/// Without it, learning finds the groups that the data shows best, and where there are few
/// duplicates these are employers and cities: all colleagues would be one person.
pub fn assign_roles(fields: &mut [Field]) {
    let any = |kinds: &[Kind]| fields.iter().any(|field| kinds.contains(&field.kind));
    let people = any(&[Kind::Person, Kind::FirstName, Kind::LastName]);
    let companies = any(&[Kind::Company]);
    let employed = companies || any(&[Kind::Domain]);
    for field in fields {
        field.role = if people {
            of_people(field.kind, &field.name, employed)
        } else if companies {
            of_companies(field.kind)
        } else {
            Role::Other
        };
    }
}

fn of_people(kind: Kind, name: &str, employed: bool) -> Role {
    let name = name.to_lowercase();
    let of_company = ["company", "account", "organization", "organisation", "employer"]
        .iter()
        .any(|word| name.contains(word));
    match kind {
        Kind::Company | Kind::Domain => Role::Group,
        _ if of_company => Role::Group,
        Kind::Country | Kind::Category | Kind::Postal | Kind::City | Kind::Place => Role::Group,
        // A street is where an employer is, or where few people live.
        Kind::Street if employed => Role::Group,
        // Names change and are misspelled, but seldom beyond recognition.
        Kind::Person | Kind::FirstName | Kind::LastName => Role::Identity(0.15),
        // People have several addresses and numbers, and one profile.
        Kind::Phone => Role::Identity(0.5),
        Kind::Email => Role::Handle(0.5),
        Kind::Linkedin => Role::Handle(0.2),
        Kind::Street | Kind::Date | Kind::Code | Kind::Amount | Kind::List | Kind::Text => {
            Role::Other
        }
    }
}

fn of_companies(kind: Kind) -> Role {
    match kind {
        Kind::Company => Role::Identity(0.15),
        Kind::Domain | Kind::Phone => Role::Identity(0.5),
        Kind::Email => Role::Handle(0.5),
        Kind::Linkedin => Role::Handle(0.2),
        Kind::Country | Kind::Category | Kind::Postal | Kind::City | Kind::Street | Kind::Place => {
            Role::Group
        }
        _ => Role::Other,
    }
}

/// Compares all fields of a left and a right row. Of what tells where it belongs, the most telling
/// counts.
pub fn compare(
    fields: &[Field],
    left: usize,
    right: usize,
    scratch: &mut Scratch,
    out: &mut Vec<Agreement>,
) {
    out.clear();
    let mut group: Option<(usize, f32)> = None;
    for (at, field) in fields.iter().enumerate() {
        let (mut code, bits) =
            field.compare(field.values.left[left], field.values.right[right], scratch);
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
}
