//! Where a ledger is, as it may be shown.

/// A ledger's place as it may be shown and kept: a URL loses its password.
pub fn without_password(place: &str) -> String {
    let Some((scheme, rest)) = place.split_once("://") else { return place.to_owned() };
    // Not all of these are URLs by the book: the host may be a socket that the query names.
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => authority.to_owned(),
    };
    let open: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("password="))
        .collect();
    let query = if open.is_empty() { String::new() } else { format!("?{}", open.join("&")) };
    format!("{scheme}://{authority}{path}{query}")
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
        ] {
            assert_eq!(without_password(place), shown);
        }
    }
}
