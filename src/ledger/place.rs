//! The location of a ledger: one absolute path or URL, determined when it is opened, and the form
//! in which it may be shown.

use std::{
    ffi::OsStr,
    path::{Component, Path, PathBuf},
};

use etcetera::base_strategy::{BaseStrategy, Xdg};

use crate::{
    error::{Advice, Error, Result},
    process::private,
};

/// The environment variable for the ledger, used if none is given.
pub const LEDGER_VARIABLE: &str = "LANTERN_LEDGER";
const STATE_VARIABLE: &str = "XDG_STATE_HOME";

/// What the location of a ledger is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    File(PathBuf),
    /// A `postgresql://` URL.
    Postgres(String),
}

const WRITE_A_URL: &str = "write it as postgresql://user:password@host:5432/database";

/// Parses what a user wrote: a path, in which `~` and `$NAME` are expanded, or a URL. White space
/// around it is ignored.
///
/// # Errors
/// If the text would accidentally name a file: a URL of another scheme, a database in memory, a
/// connection string, a variable that is not set, a text in quotes, `None`, or a path with control
/// characters.
pub fn parse(text: &str) -> Result<Place> {
    let refused =
        |happened: String, advice: &'static str| Err(Error::config(happened).hint(advice));
    if text.trim().is_empty() {
        return refused(
            "the ledger's place is empty".to_owned(),
            "name a file, or leave it out for the one in your state folder",
        );
    }
    if text.contains('\0') {
        return refused("the ledger's place contains a NUL character".to_owned(), "name a file");
    }
    let given = text;
    let text = text.trim();
    let quoted = |quote: char| text.starts_with(quote) && text.ends_with(quote);
    if text.len() > 1 && (quoted('"') || quoted('\'')) {
        return refused(
            "the ledger's place is in quotes".to_owned(),
            "leave them out, because not everything that reads a value removes them",
        );
    }
    if ["none", "null"].iter().any(|nothing| text.eq_ignore_ascii_case(nothing)) {
        return refused(
            format!("the ledger's place is {text:?}, which is probably a value that was not set"),
            "name a file, or leave it out for the one in your state folder",
        );
    }
    if text.starts_with(':') {
        return refused(
            format!("the ledger cannot be {text:?}: what is only in memory forgets what was paid"),
            "name a file",
        );
    }
    if let Some((scheme, rest)) = scheme(text) {
        let postgres =
            scheme.eq_ignore_ascii_case("postgresql") || scheme.eq_ignore_ascii_case("postgres");
        if postgres && rest.starts_with("//") {
            return Ok(Place::Postgres(format!("{}:{rest}", scheme.to_ascii_lowercase())));
        }
        if postgres {
            return refused(
                format!("the ledger's URL begins with {scheme}: and lacks the two slashes"),
                WRITE_A_URL,
            );
        }
        if scheme.eq_ignore_ascii_case("file") || scheme.eq_ignore_ascii_case("sqlite") {
            return refused(
                format!("the ledger cannot be at {scheme}:"),
                "name the file by its path alone",
            );
        }
        return refused(
            format!(
                "the ledger cannot be at {scheme}:{}",
                if rest.starts_with("//") { "//" } else { "" }
            ),
            "name a file, or a database as postgresql://user:password@host:5432/database",
        );
    }
    if is_connection_string(text) {
        return refused(
            "the ledger's place is a connection string of PostgreSQL in words".to_owned(),
            WRITE_A_URL,
        );
    }
    if text.contains("://") {
        // As a path, its password would be the name of a folder.
        return refused(
            "the ledger's place holds ://, and begins as no URL does".to_owned(),
            "name a file, or a database as postgresql://user:password@host:5432/database",
        );
    }
    // Earlier versions put the ledger there, and a new one would forget what was paid.
    if given != text && expanded(given).is_ok_and(|path| path.exists()) {
        return refused(
            format!("the ledger's place is {text:?}, and there is a file {given:?}"),
            "if that file is the ledger, rename it and what is beside it, without the white space",
        );
    }
    let path = expanded(text)?;
    if path.to_string_lossy().contains(char::is_control) {
        let shown = path.to_string_lossy();
        return refused(
            format!("the path of the ledger, {shown:?}, contains a control character"),
            "remove it, for example a line break within the path",
        );
    }
    Ok(Place::File(path))
}

/// The two parts of `scheme:rest`, but not of a Windows drive or of a path with a colon further on.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let named = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    // `backup-12:30.sqlite` is a file; only a known scheme, or one with `//`, is a URL.
    let known = ["postgresql", "postgres", "file", "sqlite", "mysql", "jdbc"];
    let scheme_like =
        rest.starts_with("//") || known.iter().any(|k| k.eq_ignore_ascii_case(scheme));
    (named && scheme_like).then_some((scheme, rest))
}

/// Whether a text is a connection string such as `host=db dbname=jobs`: keywords of libpq, each
/// with a value.
fn is_connection_string(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "service",
        "sslmode",
        "options",
        "connect_timeout",
    ];
    let first = text.trim_start().split_once('=').map(|(word, _)| word.trim());
    first.is_some_and(|word| WORDS.contains(&word))
}

/// Expands `~`, `$NAME` and `${NAME}` as a shell would, because environments of containers and
/// configuration files pass them on unexpanded.
fn expanded(text: &str) -> Result<PathBuf> {
    let mut path = String::new();
    let mut rest = text;
    if let Some(below) = text.strip_prefix('~') {
        if !(below.is_empty() || below.starts_with(std::path::is_separator)) {
            return Err(Error::config(format!("the ledger {text:?} is in another user's home"))
                .hint("write the path out"));
        }
        path.push_str(&home()?);
        rest = below;
    }
    while let Some((before, after)) = rest.split_once('$') {
        path.push_str(before);
        let (name, behind) = match after.strip_prefix('{') {
            Some(braced) => braced.split_once('}').ok_or_else(|| {
                Error::config(format!("the ledger {text:?} contains a ${{ without its }}"))
                    .hint("write the path out")
            })?,
            None => {
                let end = after
                    .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .unwrap_or(after.len());
                after.split_at(end)
            }
        };
        if name.is_empty() {
            path.push('$');
        } else if name == "HOME" {
            path.push_str(&home()?);
        } else {
            let value = std::env::var(name).ok().filter(|value| !value.is_empty());
            path.push_str(&value.ok_or_else(|| {
                Error::config(format!(
                    "the ledger is at {text:?}, and the variable {name} is not set"
                ))
                .hint("set the variable, or write the path out")
            })?);
        }
        rest = behind;
    }
    path.push_str(rest);
    Ok(PathBuf::from(path))
}

fn home() -> Result<String> {
    let folder = etcetera::home_dir().map_err(|error| {
        Error::config("there is no home folder for the ledger")
            .advise(Advice::NameLedger)
            .caused_by(error)
    })?;
    folder.into_os_string().into_string().map_err(|_| {
        Error::config("the path of the home folder is not UTF-8").advise(Advice::NameLedger)
    })
}

/// The location that an argument or `LANTERN_LEDGER` names, or else the default in the user's state
/// folder.
///
/// # Errors
/// As for [`parse`], or if there is no home folder.
pub fn resolve(place: Option<&str>) -> Result<Place> {
    if let Some(place) = place {
        return parse(place);
    }
    match std::env::var_os(LEDGER_VARIABLE).filter(|place| !place.is_empty()) {
        Some(place) => parse(utf8(LEDGER_VARIABLE, &place)?),
        None => Ok(Place::File(state_folder()?.join("ledger.sqlite"))),
    }
}

/// Whether the argument or `LANTERN_LEDGER` names a server's URL, even an invalid one.
pub fn is_server(place: Option<&str>) -> bool {
    let named = match place {
        Some(place) => Some(place.to_owned()),
        None => std::env::var_os(LEDGER_VARIABLE).map(|place| place.to_string_lossy().into_owned()),
    };
    named.is_some_and(|place| place.contains("://"))
}

fn utf8<'a>(variable: &str, value: &'a OsStr) -> Result<&'a str> {
    value.to_str().ok_or_else(|| {
        Error::config(format!("{variable} holds a path that is not UTF-8: {}", value.display()))
            .hint("name a path that is, for example through a symbolic link")
    })
}

/// `$XDG_STATE_HOME/lantern`, which is below `~/.local/state` by default.
///
/// # Errors
/// If there is no home folder, or the variable is a relative path, which would mean another folder
/// in each working directory.
pub fn state_folder() -> Result<PathBuf> {
    if let Some(given) = std::env::var_os(STATE_VARIABLE).filter(|given| !given.is_empty()) {
        let given = Path::new(&given);
        if !given.is_absolute() {
            return Err(Error::config(format!(
                "{STATE_VARIABLE} is {}, which is not an absolute path",
                given.display()
            ))
            .hint("set it to an absolute path, or unset it"));
        }
        utf8(STATE_VARIABLE, given.as_os_str())?;
    }
    // The same on every system, so that the documentation can name one location.
    let folders = Xdg::new().map_err(|error| {
        Error::config("there is no home folder for the ledger")
            .advise(Advice::NameLedger)
            .caused_by(error)
    })?;
    let state = folders.state_dir().unwrap_or_else(|| folders.home_dir().join(".local/state"));
    Ok(state.join("lantern"))
}

/// The absolute path of a file with all symbolic links resolved, whether or not the file exists.
///
/// # Errors
/// If there is no working directory, the path is a folder, a link leads nowhere, or a link is one
/// that [others put there](private::check_way).
pub fn resolved(path: &Path) -> Result<PathBuf> {
    let unusable = |error: std::io::Error| {
        Error::ledger(format!("the ledger {} cannot be opened: {error}", path.display()))
            .with_path(path)
            .caused_by(error)
    };
    let absolute = std::path::absolute(path).map_err(unusable)?;
    if absolute.is_dir() || path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
        return Err(Error::ledger(format!("the ledger {} is a folder", path.display()))
            .with_path(path)
            .hint("name a file in it"));
    }
    private::check_way(&absolute).map_err(unusable)?;
    // Resolves as much of the path as exists, and appends the rest.
    let mut missing = Vec::new();
    let mut there = absolute.as_path();
    loop {
        if there.symlink_metadata().is_ok() {
            let mut found = there.canonicalize().map_err(unusable)?;
            for part in missing.iter().rev() {
                match part {
                    Component::ParentDir => {
                        found.pop();
                    }
                    part => found.push(part),
                }
            }
            return Ok(found);
        }
        match (there.components().next_back(), there.parent()) {
            (Some(last), Some(parent)) => {
                missing.push(last);
                there = parent;
            }
            _ => return Ok(absolute),
        }
    }
}

/// A folder or file next to the ledger: `ledger.owners` for `ledger.sqlite`, and `ledger.v2.owners`
/// for `ledger.v2`, which may be beside `ledger.v1`.
pub fn beside(path: &Path, what: &str) -> PathBuf {
    if path.extension().is_some_and(|extension| extension == "sqlite") {
        return path.with_extension(what);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(what);
    path.with_file_name(name)
}

/// A ledger's location without its password, which may be shown and stored.
///
/// A password should be percent-encoded, but may contain `/`, `?` or `@` unencoded. So the user
/// part is taken to end at the last `@` at which it can end, and what is ambiguous is left out.
pub fn without_password(place: &str) -> String {
    let Some((scheme, rest)) = place.split_once("://") else { return place.to_owned() };
    // Not all of these are valid URLs: the host may be a socket that the query names.
    let (body, query) = match rest.rsplit_once('?') {
        Some((body, query)) if is_query(query) && !is_cut(body, query) => (body, query),
        _ => (rest, ""),
    };
    let (user, address) = match body.rsplit_once('@') {
        Some((user, address)) => (format!("{}@", user.split(':').next().unwrap_or("")), address),
        None => (String::new(), body),
    };
    let open: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.to_ascii_lowercase().starts_with("password="))
        .collect();
    let query = if open.is_empty() { String::new() } else { format!("?{}", open.join("&")) };
    format!("{scheme}://{user}{address}{query}")
}

/// Whether a text is `name=value&name=value`.
fn is_query(text: &str) -> bool {
    text.split('&').all(|pair| {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        pair.is_empty()
            || pair.contains('=') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Whether the question mark between `body` and `query` is part of a password: the user part has
/// not ended before it, and ends after it.
fn is_cut(body: &str, query: &str) -> bool {
    let first = body.split('/').next().unwrap_or_default();
    let port = first.rsplit_once(':').map_or("", |(_, port)| port);
    let in_brackets = first.ends_with(']');
    !body.contains('@')
        && query.contains('@')
        && !in_brackets
        && !port.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_without_its_password() {
        for (place, shown) in [
            ("/home/ada/ledger.sqlite", "/home/ada/ledger.sqlite"),
            ("postgresql://ada:s%40cret@db:5432/jobs", "postgresql://ada@db:5432/jobs"),
            (
                "postgresql://ada:a@b@db/jobs?sslmode=require",
                "postgresql://ada@db/jobs?sslmode=require",
            ),
            ("postgresql://ada:x@/jobs?host=/run&password=y", "postgresql://ada@/jobs?host=/run"),
            ("postgresql://db/jobs?password=y", "postgresql://db/jobs"),
            ("postgresql://db/jobs?user=ada&PASSWORD=y", "postgresql://db/jobs?user=ada"),
            ("postgresql://db/jobs?options=a@b", "postgresql://db/jobs?options=a@b"),
            ("postgresql://db:5432/jobs?options=a@b", "postgresql://db:5432/jobs?options=a@b"),
            (
                "postgresql://[::1]:5432/jobs?options=a@b",
                "postgresql://[::1]:5432/jobs?options=a@b",
            ),
            // Passwords that are not percent-encoded.
            ("postgresql://ada:s/cret@db:5432/jobs", "postgresql://ada@db:5432/jobs"),
            ("postgresql://ada:s/c?r#et@db/jobs", "postgresql://ada@db/jobs"),
            ("postgresql://ada:s@c/r@et@db/jobs", "postgresql://ada@db/jobs"),
            ("postgresql://ada:s?c=ret@db/jobs", "postgresql://ada@db/jobs"),
            (
                "postgresql://ada:s/c?r=et@db/jobs?sslmode=require",
                "postgresql://ada@db/jobs?sslmode=require",
            ),
        ] {
            assert_eq!(without_password(place), shown);
        }
    }

    #[test]
    fn what_would_be_a_file_by_accident_is_refused() {
        for (place, said) in [
            ("", "is empty"),
            ("  ", "is empty"),
            (":memory:", "in memory"),
            (":memory", "in memory"),
            ("file:ledger.sqlite", "file:"),
            ("file::memory:?cache=shared", "file:"),
            ("sqlite:///ledger.sqlite", "sqlite:"),
            ("postgresql:ada@db/jobs", "two slashes"),
            ("Postgres:db", "two slashes"),
            ("postgresql+psycopg://db/jobs", "postgresql+psycopg:"),
            ("mysql://db/jobs", "mysql:"),
            ("s3://bucket/ledger", "s3:"),
            ("host=db dbname=jobs", "in words"),
            ("dbname = jobs", "in words"),
            ("service=jobs", "in words"),
            ("~ada/ledger.sqlite", "another user's home"),
            ("${HOME/ledger.sqlite", "without its }"),
            ("$LANTERN_NO_SUCH_VARIABLE/ledger.sqlite", "is not set"),
            ("a\0b", "NUL"),
            ("'postgresql://ada:s@db/jobs'", "in quotes"),
            ("\"postgresql://ada:s@db/jobs\"\n", "in quotes"),
            ("\"/l/ledger.sqlite\"", "in quotes"),
            ("'~/ledger.sqlite'", "in quotes"),
            ("None", "not set"),
            ("null\n", "not set"),
            ("/l/ledger\n.sqlite", "control character"),
            ("/l\t/ledger.sqlite", "control character"),
            ("url=postgresql://ada:s@db/jobs", "as no URL does"),
        ] {
            let error = parse(place).unwrap_err().to_string();
            assert!(error.contains(said), "{place:?}: {error}");
        }
        for text in ["PostgreSQL://db/jobs", " postgresql://db/jobs", "postgresql://db/jobs\n"] {
            let url = parse(text).unwrap();
            assert_eq!(url, Place::Postgres("postgresql://db/jobs".into()));
        }
        for file in ["ledger.sqlite", "./a b/l.db", "backup-12:30.sqlite", "a=b.sqlite", "x$"] {
            assert_eq!(parse(file).unwrap(), Place::File(file.into()));
        }
    }

    #[test]
    fn white_space_around_a_path_names_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite");
        let text = path.to_str().unwrap();
        for given in [format!("{text}\n"), format!("{text} "), format!(" \t{text}\r\n")] {
            assert_eq!(parse(&given).unwrap(), Place::File(path.clone()), "{given:?}");
        }
        // Quotes that are part of a name are not around it.
        for name in ["\"a\".sqlite", "'", "None.sqlite", "./null"] {
            assert_eq!(parse(name).unwrap(), Place::File(name.into()));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_ledger_with_white_space_in_its_name_is_not_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let given = format!("{}\n", folder.path().join("ledger.sqlite").display());
        std::fs::write(&given, "").unwrap();
        let said = parse(&given).unwrap_err().to_string();
        assert!(said.contains("there is a file") && said.contains("rename it"), "{said}");
    }

    #[test]
    fn home_is_expanded_as_a_shell_does() {
        let home = PathBuf::from(home().unwrap());
        for place in ["~/l.sqlite", "$HOME/l.sqlite", "${HOME}/l.sqlite"] {
            assert_eq!(parse(place).unwrap(), Place::File(home.join("l.sqlite")), "{place}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_absolute_and_free_of_links() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap().join("real");
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, folder.path().join("link")).unwrap();
        let through = folder.path().join("link/new/../ledger.sqlite");
        assert_eq!(resolved(&through).unwrap(), real.join("ledger.sqlite"));
        std::fs::write(real.join("a.sqlite"), "").unwrap();
        std::os::unix::fs::symlink("a.sqlite", real.join("b.sqlite")).unwrap();
        assert_eq!(resolved(&real.join("b.sqlite")).unwrap(), real.join("a.sqlite"));
        assert!(resolved(Path::new("l.sqlite")).unwrap().is_absolute());
        assert!(resolved(&real).unwrap_err().to_string().contains("is a folder"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_of_another_user_in_a_shared_folder_is_not_followed() {
        use std::os::unix::fs::{PermissionsExt, lchown, symlink};
        let shared = tempfile::tempdir().unwrap();
        let anybody = std::fs::Permissions::from_mode(0o1777);
        std::fs::set_permissions(shared.path(), anybody).unwrap();
        let link = shared.path().join("ledger.sqlite");
        let own = tempfile::NamedTempFile::new().unwrap();
        symlink(own.path(), &link).unwrap();
        assert_eq!(resolved(&link).unwrap(), own.path().canonicalize().unwrap());
        // Only root can give a link to another user.
        if lchown(&link, Some(1001), None).is_ok() {
            let said = resolved(&link).unwrap_err().to_string();
            assert!(said.contains("by another user (uid 1001)"), "{said}");
        }
    }

    #[test]
    fn ledgers_side_by_side_share_nothing() {
        let owners = |name| beside(Path::new(name), "owners");
        assert_eq!(owners("/l/ledger.sqlite"), Path::new("/l/ledger.owners"));
        assert_ne!(owners("/l/l.v1"), owners("/l/l.v2"));
        assert_ne!(owners("/l/l"), owners("/l/l.v2"));
    }
}
