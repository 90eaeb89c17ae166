//! Reads and writes the name of a field in a rule. Most names are written as they are, including
//! spaces and colons (`Account Name:eq`, `crm:Name:eq`), because the operator follows the last
//! colon. A name that would be read as another one is put in quotation marks (`" Name":eq`), in
//! which a quotation mark is doubled.

use std::fmt::{self, Write};

/// Writes a name, in quotation marks if necessary.
pub(crate) fn write(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_plain = !name.is_empty()
        && name.trim() == name
        && !name.starts_with('"')
        && !name.contains(char::is_control);
    if is_plain {
        return f.write_str(name);
    }
    f.write_char('"')?;
    for letter in name.chars() {
        if letter == '"' {
            f.write_char('"')?;
        }
        f.write_char(letter)?;
    }
    f.write_char('"')
}

/// Reads a name that [`write`] wrote, without surrounding spaces. The error says what to write
/// instead.
pub(crate) fn read(text: &str) -> Result<String, String> {
    let text = text.trim();
    let Some(quoted) = text.strip_prefix('"') else {
        return match text.chars().find(|letter| letter.is_control()) {
            Some(sign) => Err(format!(
                "the field's name holds {sign:?}; write such a name in quotation marks, \"...\":eq"
            )),
            None => Ok(text.to_owned()),
        };
    };
    let open = || "a field's name in quotation marks ends with one: write \"...\":eq".to_owned();
    let mut name = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        if letter == '"' {
            match letters.next() {
                Some('"') => {}
                None => return Ok(name),
                Some(_) => return Err(open()),
            }
        }
        name.push(letter);
    }
    Err(open())
}
