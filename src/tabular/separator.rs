//! The line with which spreadsheets name the separator of a file's cells: `sep=;`.

/// The separator that a line such as `sep=;` names.
pub fn declared(line: &str) -> Option<u8> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let line = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(line);
    let (name, separator) = line.split_at_checked(4)?;
    let [separator] = separator.as_bytes() else { return None };
    let usable = separator.is_ascii_punctuation() && *separator != b'"' || *separator == b'\t';
    (name.eq_ignore_ascii_case("sep=") && usable).then_some(*separator)
}
