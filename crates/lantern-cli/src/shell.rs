//! Quotes words for a POSIX shell.

/// A word for a POSIX shell, quoted if necessary.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Lines that set environment variables.
pub fn exports<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let lines =
        variables.into_iter().map(|(name, value)| format!("export {name}={}\n", word(value)));
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_a_word_as_it_was() {
        assert_eq!(word("2026-11-24"), "2026-11-24");
        assert_eq!(word(""), "''");
        assert_eq!(word("a b"), "'a b'");
        assert_eq!(word("$(rm -rf /)"), "'$(rm -rf /)'");
        assert_eq!(exports([("A", "it's")]), "export A='it'\\''s'\n");
    }
}
