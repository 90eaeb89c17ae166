//! Reads docstrings from stubs.
//!
//! Stubs are a small subset of Python: classes, functions and methods at two levels, whose bodies
//! are a docstring or `...`. A parser for the whole language would be the largest build dependency
//! of the bindings. Instead, this reads what formatted stubs contain, and refuses everything else.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// A docstring, and the file that it comes from.
#[derive(Debug, PartialEq, Eq)]
pub struct Docstring {
    pub text: String,
    pub file: PathBuf,
}

/// Docstrings by qualified name: `match`, `Client`, `Client.submit`.
pub type Docstrings = BTreeMap<String, Docstring>;

/// The docstrings in `python/lantern/*.pyi`, read once per compilation.
pub fn of_the_package() -> &'static Result<Docstrings, String> {
    static READ: OnceLock<Result<Docstrings, String>> = OnceLock::new();
    READ.get_or_init(|| {
        // The folder of the crate that is being compiled, `crates/lantern-python`.
        let crate_folder = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names no folder")?;
        read_folder(&Path::new(&crate_folder).join("../../python/lantern"))
    })
}

fn read_folder(folder: &Path) -> Result<Docstrings, String> {
    let explain = |error: std::io::Error| format!("{}: {error}", folder.display());
    let folder = folder.canonicalize().map_err(explain)?;
    let mut docstrings = Docstrings::new();
    for entry in fs::read_dir(&folder).map_err(explain)? {
        let file = entry.map_err(explain)?.path();
        if file.extension().is_none_or(|extension| extension != "pyi") {
            continue;
        }
        let source = fs::read_to_string(&file).map_err(explain)?;
        let found = read(&source).map_err(|error| format!("{}:{error}", file.display()))?;
        for (name, text) in found {
            let docstring = Docstring { text, file: file.clone() };
            if let Some(other) = docstrings.insert(name.clone(), docstring) {
                let (one, two) = (other.file.display(), file.display());
                return Err(format!("`{name}` has a docstring in {one} and in {two}"));
            }
        }
    }
    Ok(docstrings)
}

/// What the reader expects next.
enum State {
    /// Any definition.
    Between,
    /// More of the header of a definition, which ends with a colon.
    Header(String),
    /// The first line of a definition's body.
    Body(String),
    /// More of a docstring.
    Docstring { name: String, text: String, raw: bool, begun: usize },
}

/// The docstrings of one file. Errors begin with the line.
fn read(source: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    let mut class = String::new();
    let mut state = State::Between;
    for (number, line) in source.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        let refused = |why: &str| Err(format!("{number}: {why}: {line}"));
        let code = line.trim();
        state = match state {
            State::Docstring { name, mut text, raw, begun } => match line.split_once(QUOTES) {
                None => {
                    text.push('\n');
                    text.push_str(line);
                    State::Docstring { name, text, raw, begun }
                }
                Some((last, after)) => {
                    if !after.is_empty() {
                        return refused("code follows a docstring");
                    }
                    text.push('\n');
                    text.push_str(last);
                    keep(&mut found, name, &text, raw, number)?;
                    State::Between
                }
            },
            State::Header(name) => after_header(name, code),
            State::Body(name) if code.starts_with(QUOTES) || code.starts_with(RAW_QUOTES) => {
                let raw = code.starts_with(RAW_QUOTES);
                let opened = code.trim_start_matches('r').trim_start_matches(QUOTES);
                match opened.split_once(QUOTES) {
                    None => State::Docstring { name, text: opened.to_owned(), raw, begun: number },
                    Some((text, "")) => {
                        keep(&mut found, name, text, raw, number)?;
                        State::Between
                    }
                    Some(_) => return refused("code follows a docstring"),
                }
            }
            State::Between | State::Body(_) => {
                let depth = line.len() - line.trim_start().len();
                match definition(code) {
                    None => State::Between,
                    Some((keyword, own)) => {
                        let name = match depth {
                            0 => own.to_owned(),
                            4 if !class.is_empty() && keyword != "class" => {
                                format!("{class}.{own}")
                            }
                            _ => return refused("definitions are at the top or in a class"),
                        };
                        if depth == 0 {
                            class = if keyword == "class" { name.clone() } else { String::new() };
                        }
                        after_header(name, code)
                    }
                }
            }
        };
    }
    match state {
        State::Docstring { begun, .. } => Err(format!("{begun}: the docstring does not end")),
        _ => Ok(found),
    }
}

const QUOTES: &str = "\"\"\"";
const RAW_QUOTES: &str = "r\"\"\"";

/// The keyword and the name of a definition that begins on this line.
fn definition(code: &str) -> Option<(&'static str, &str)> {
    let code = code.strip_prefix("async ").unwrap_or(code);
    let (keyword, rest) = match code.strip_prefix("class ") {
        Some(rest) => ("class", rest),
        None => ("def", code.strip_prefix("def ")?),
    };
    let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_')?;
    Some((keyword, &rest[..end]))
}

/// The state after a line of a header: more of it, the body, or nothing if the body is `...`.
fn after_header(name: String, code: &str) -> State {
    if code.ends_with(": ...") {
        State::Between
    } else if code.ends_with(':') {
        State::Body(name)
    } else {
        State::Header(name)
    }
}

fn keep(
    found: &mut BTreeMap<String, String>,
    name: String,
    text: &str,
    raw: bool,
    line: usize,
) -> Result<(), String> {
    let text =
        if raw { text.to_owned() } else { unescaped(text).map_err(|e| format!("{line}: {e}"))? };
    match found.insert(name.clone(), dedented(&text)) {
        None => Ok(()),
        Some(_) => Err(format!("{line}: `{name}` has two docstrings")),
    }
}

/// Replaces the escapes of a string literal as Python does.
fn unescaped(literal: &str) -> Result<String, String> {
    let mut text = String::with_capacity(literal.len());
    let mut characters = literal.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('\n') => {}
            Some('n') => text.push('\n'),
            Some(same @ ('\\' | '"' | '\'')) => text.push(same),
            other => return Err(format!("this escape is not read: \\{}", other.unwrap_or(' '))),
        }
    }
    Ok(text)
}

/// Removes common indentation and surrounding blank lines, as `inspect.cleandoc` does.
fn dedented(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let rest = lines.get(1..).unwrap_or_default();
    let common = rest.iter().filter(|line| !line.trim().is_empty()).map(indentation).min();
    if let Some(first) = lines.first_mut() {
        *first = first.trim_start();
    }
    for line in lines.iter_mut().skip(1) {
        *line = line.get(common.unwrap_or(0)..).unwrap_or("");
    }
    let begin = lines.iter().position(|line| !line.is_empty()).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !line.is_empty()).map_or(begin, |last| last + 1);
    lines[begin..end].join("\n")
}

#[cfg(test)]
mod tests;
