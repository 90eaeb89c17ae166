//! Suggestions for misspelt names: the known names that are most similar.

/// Minimum Jaro-Winkler similarity for a suggestion.
const ALIKE: f64 = 0.8;

/// How similar two names are, ignoring case; `None` if too little for a suggestion.
pub fn likeness(name: &str, known: &str) -> Option<f64> {
    let likeness = strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase());
    (likeness > ALIKE).then_some(likeness)
}

/// The known name that is most similar to a misspelt one; the first of several.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        let Some(likeness) = likeness(name, candidate) else { continue };
        if best.is_none_or(|(highest, _)| likeness > highest) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// ` (did you mean "company"?)` for a message about an unknown name; empty if no known name is
/// similar.
pub fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(name, known).map(|near| format!(" (did you mean {near:?}?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_suggests_the_nearest() {
        let known = ["name", "Company", "company_id", "domain"];
        assert_eq!(nearest("compny", known), Some("Company"));
        assert_eq!(nearest("company_ids", known), Some("company_id"));
        assert_eq!(nearest("DOMAINE", known), Some("domain"));
    }

    #[test]
    fn an_unlike_name_suggests_nothing() {
        assert_eq!(nearest("zzz", ["name", "person"]), None);
        assert_eq!(nearest("nr", ["name", "domain"]), None);
        assert_eq!(nearest("x", []), None);
    }
}
