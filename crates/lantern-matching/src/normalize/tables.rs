//! Reads the tables under `data/`: text that people can read and change, parsed at first use.

/// The lines of a table that are neither empty nor comments.
pub(super) fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Lines of the form `name: value`.
pub(super) fn colon_lines(
    table: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    lines(table)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
}
