//! The columns of a result file: which of them are documented, and how a header is read.

use std::collections::HashSet;

use crate::{api::agents::BatchKind, error::printable::beginning};

/// The columns that every file of a person batch has.
const PERSON: [&str; 6] =
    ["id", "first_name", "last_name", "company_name", "company_url", "linkedin"];

pub const EMAIL: [&str; 2] = ["email", "email_found"];
pub const PHONE: [&str; 2] = ["phone_number", "phone_found"];

/// The documented columns of such a batch, in the documented order.
pub fn documented(kind: BatchKind) -> Vec<&'static str> {
    let mut names = PERSON.to_vec();
    match kind {
        BatchKind::Phone => names.extend(PHONE),
        BatchKind::Email => names.extend(EMAIL),
        BatchKind::PhoneEmail => names.extend(EMAIL.into_iter().chain(PHONE)),
        BatchKind::DeepResearch => names.truncate(1),
    }
    names
}

/// Whether a documented column holds `true` and `false`.
pub fn is_flag(name: &str) -> bool {
    matches!(name, "email_found" | "phone_found")
}

/// Whether a documented column holds an address or a number.
pub fn is_value(name: &str) -> bool {
    name == EMAIL[0] || name == PHONE[0]
}

/// The documented name of a column, in whatever spelling a file has it.
pub fn known(name: &str) -> Option<&'static str> {
    let plain = name.trim().to_lowercase().replace([' ', '-'], "_");
    PERSON.into_iter().chain(EMAIL).chain(PHONE).find(|known| *known == plain)
}

/// The names of a header for an error, shortened. What looks like an address or a number is left
/// out: in a file without a header, the first line is about a person.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let is_name = |name: &&String| {
        !name.contains('@') && name.chars().filter(char::is_ascii_digit).count() < 5
    };
    let shown: Vec<String> = names
        .iter()
        .filter(is_name)
        .take(SHOWN)
        .map(|name| format!("{:?}", beginning(name, 30)))
        .collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more if shown.is_empty() => format!("{more} without a name to show"),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The columns of one file in the file's order, with the names that they have in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub names: Vec<String>,
}

impl Header {
    /// Reads a header. Documented names are recognized in any case and with spaces for underscores.
    /// Any other name is kept as it is, and a column without a name is named after its position.
    pub fn read(cells: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut seen = HashSet::new();
        let mut names = Vec::new();
        for (position, cell) in cells.into_iter().enumerate() {
            let name = if let Some(known) = known(&cell) {
                known.to_owned()
            } else if cell.trim().is_empty() {
                format!("column_{}", position + 1)
            } else {
                cell.trim().to_owned()
            };
            if !seen.insert(name.clone()) {
                return Err(format!("the header names the column {name:?} twice"));
            }
            names.push(name);
        }
        if !seen.contains("id") {
            return Err(format!(
                "the header has no column \"id\", so its rows belong to no input; \
                 its columns are {}",
                listed(&names)
            ));
        }
        Ok(Self { names })
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }

    /// The kind of batch that has such columns. Only the `*_found` columns decide, because deep
    /// research may return an e-mail address, too.
    pub fn kind(&self) -> BatchKind {
        match (self.has("phone_found"), self.has("email_found")) {
            (true, true) => BatchKind::PhoneEmail,
            (true, false) => BatchKind::Phone,
            (false, true) => BatchKind::Email,
            (false, false) => BatchKind::DeepResearch,
        }
    }

    /// Refuses a header without any answer that `kind` asks for: a table of nulls would look as if
    /// nothing had been found.
    pub fn answers(&self, kind: BatchKind) -> Result<(), String> {
        let missing = |pair: [&str; 2]| !pair.into_iter().any(|name| self.has(name));
        let pairs: &[[&str; 2]] = match kind {
            BatchKind::Phone => &[PHONE],
            BatchKind::Email => &[EMAIL],
            BatchKind::PhoneEmail => &[EMAIL, PHONE],
            BatchKind::DeepResearch => &[],
        };
        match pairs.iter().find(|pair| missing(**pair)) {
            None => Ok(()),
            Some([answer, found]) => Err(format!(
                "the header has neither {answer} nor {found}, so this is not a result of a {kind} batch"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Result<Header, String> {
        Header::read(text.split(',').map(str::to_owned))
    }

    #[test]
    fn documented_names_are_found_in_any_spelling_and_others_stay() {
        let header = header(" ID,First Name,PHONE_FOUND,Deal Size,").unwrap();
        assert_eq!(header.names, ["id", "first_name", "phone_found", "Deal Size", "column_5"]);
        assert_eq!(header.kind(), BatchKind::Phone);
    }

    #[test]
    fn a_header_needs_an_id_and_each_name_once() {
        let error = header("email,email_found").unwrap_err();
        assert!(error.contains("no column \"id\""), "{error}");
        assert!(error.ends_with("its columns are \"email\", \"email_found\""), "{error}");
        let error = header("Ada,ada@acme.com,+4512345678").unwrap_err();
        assert!(error.ends_with("its columns are \"Ada\" and 2 more"), "{error}");
        let wide = ["x", "y"].map(|name| name.repeat(31)).join(",");
        assert!(header(&wide).unwrap_err().contains("…\""));
        assert!(header("id,email,Email").unwrap_err().contains("\"email\" twice"));
        assert!(header("id,x,x").unwrap_err().contains("\"x\" twice"));
    }

    #[test]
    fn a_file_without_the_answers_is_no_result_of_that_kind() {
        let header = header("id,email,email_found").unwrap();
        assert!(header.answers(BatchKind::Email).is_ok());
        assert!(header.answers(BatchKind::PhoneEmail).unwrap_err().contains("phone_number"));
        assert!(header.answers(BatchKind::DeepResearch).is_ok());
    }
}
