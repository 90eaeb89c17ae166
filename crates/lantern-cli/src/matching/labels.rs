//! Reviewed pairs in a file.

use super::{
    super::{failure::Result, files},
    arguments::{Matching, Tables},
};
use lantern::{
    error::Error,
    matching::{
        labels::{self, ReadLabels, Rows, table::LabelledTables},
        tables::Table,
    },
};

/// Reads the file of --labels, if there is one.
pub fn read(
    tables: &Tables,
    matching: &Matching,
    left: &Table,
    right: Option<&Table>,
) -> Result<ReadLabels> {
    let Some(path) = &matching.labels else { return Ok(ReadLabels::default()) };
    let given = files::read_table(path, matching.delimiter, "")?;
    let [left_id, right_id] = tables.ids();
    let about = LabelledTables { left, right, left_id, right_id };
    let given = labels::read(&given, &about, None, Rows::OfFile);
    Ok(given.map_err(|error| Error::from(error).within(path.display()))?)
}
