//! Which columns of two tables are compared with each other, and as what.

use super::kind::Kind;

/// A field to be compared: its name, its kind, and its columns on each side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    pub name: String,
    pub kind: Option<Kind>,
    pub left: Vec<String>,
    pub right: Vec<String>,
}

impl FieldSpec {
    pub fn new(name: &str, kind: Option<Kind>, left: &str, right: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            left: vec![left.to_owned()],
            right: vec![right.to_owned()],
        }
    }
}
