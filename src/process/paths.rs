//! Paths as people write them: `~` and `$HOME` mean what they mean in a shell, and a name alone is
//! in the working directory.

use std::{
    ffi::OsString,
    path::{Component, Path, PathBuf},
};

use crate::error::{Error, Result};

/// Replaces `~`, `$NAME` and `${NAME}` wherever one of them is a whole component of the path.
///
/// # Errors
/// If the home folder is unknown, or a variable is not set.
pub fn expanded(path: &Path) -> Result<PathBuf> {
    expand(path, &|name| std::env::var_os(name), &std::env::home_dir)
}

fn expand(
    path: &Path,
    variable: &dyn Fn(&str) -> Option<OsString>,
    home: &dyn Fn() -> Option<PathBuf>,
) -> Result<PathBuf> {
    let unknown = |what: String| {
        Error::config(format!("{} cannot be found: {what}", path.display())).with_path(path)
    };
    let mut whole = PathBuf::new();
    for (at, part) in path.components().enumerate() {
        let Component::Normal(name) = part else {
            whole.push(part);
            continue;
        };
        let text = name.to_str().unwrap_or_default();
        if at == 0 && text == "~" {
            let home = home().filter(|home| !home.as_os_str().is_empty());
            whole.push(home.ok_or_else(|| unknown("there is no home folder".to_owned()))?);
        } else if let Some(name) = named_variable(text) {
            let value = variable(name).filter(|value| !value.is_empty());
            whole.push(value.ok_or_else(|| unknown(format!("{name} is not set")))?);
        } else {
            whole.push(part);
        }
    }
    Ok(whole)
}

/// The name of the variable, if the component of a path is one.
fn named_variable(part: &str) -> Option<&str> {
    let name = part.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    (letters && !name.is_empty()).then_some(name)
}

/// The folder in which a file is: that of its path, or the working directory.
///
/// A file that replaces it must be made there, because a rename cannot leave the file system.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_expanded_as_a_shell_would() {
        let variable = |name: &str| (name == "DATA").then(|| OsString::from("/data"));
        let expand = |text: &str| {
            super::expand(Path::new(text), &variable, &|| Some(PathBuf::from("/home/ada")))
        };
        for (text, whole) in [
            ("~/ca.pem", "/home/ada/ca.pem"),
            ("~", "/home/ada"),
            ("$DATA/ca.pem", "/data/ca.pem"),
            ("${DATA}/ca.pem", "/data/ca.pem"),
            ("/etc/~/ca.pem", "/etc/~/ca.pem"),
            ("certs/ca.pem", "certs/ca.pem"),
            ("/tmp/price-$5.pem", "/tmp/price-$5.pem"),
        ] {
            assert_eq!(expand(text).unwrap(), Path::new(whole), "{text}");
        }
        let error = expand("$MISSING/ca.pem").unwrap_err().to_string();
        assert!(error.contains("MISSING is not set"), "{error}");
    }

    #[test]
    fn a_name_without_a_folder_is_in_the_working_directory() {
        assert_eq!(folder_of(Path::new("result.csv")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/result.csv")), Path::new("a"));
    }
}
