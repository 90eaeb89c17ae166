//! The error for a column that a table does not have.

use lantern_matching::suggestion::nearest;

use crate::error::Error;

/// Maximum number of columns that the error lists.
const LISTED: usize = 20;

/// The error for a column that a table does not have. It lists the existing columns, and suggests
/// the one that was probably meant. `table` is the name that the error uses for the table.
pub fn no_column(table: &str, name: &str, columns: &[&str]) -> Error {
    let listed: Vec<_> = columns.iter().take(LISTED).map(|name| format!("{name:?}")).collect();
    let more = if columns.len() > LISTED { ", ..." } else { "" };
    let listed = if listed.is_empty() { "none".to_owned() } else { listed.join(", ") };
    let happened = format!("{table} has no column {name:?} (its columns: {listed}{more})");
    let error = Error::input(happened).with_column(name);
    match nearest(name, columns.iter().copied()) {
        Some(near) => error.hint(format!("did you mean {near:?}?")),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_listed_and_the_nearest_is_suggested() {
        let error = no_column("the table", "compny", &["id", "company"]);
        assert_eq!(error.facts().column.as_deref(), Some("compny"));
        assert_eq!(
            error.to_string(),
            r#"the table has no column "compny" (its columns: "id", "company"); did you mean "company"?"#
        );
        let many: Vec<String> = (0..30).map(|number| format!("column {number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let error = no_column("the table", "zzz", &many).to_string();
        assert!(error.ends_with(r#""column 19", ...)"#), "{error}");
    }
}
