//! A field's name as a rule writes it. Most names stand as they are, also with spaces and colons
//! inside (`Account Name:eq`, `crm:Name:eq`), because the operator follows the last colon. Quotation
//! marks hold a name that would be read as another one (`" Name":eq`); inside them, a quotation mark
//! is written twice.

use std::fmt::{self, Write};

/// Writes a name, in quotation marks where it needs them.
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

/// Reads a name as [`write`] writes it, without the spaces around it. The error says what to write.
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
